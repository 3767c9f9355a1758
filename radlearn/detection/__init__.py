"""Where in the image: candidates for lesions, their labels, and scores of whole images."""

from radlearn.detection.blobs import BlobCandidates
from radlearn.detection.lesions import lesions_of_masks, match_candidates
from radlearn.detection.scores import detections, to_image_scores

__all__ = ["BlobCandidates", "detections", "lesions_of_masks", "match_candidates", "to_image_scores"]
