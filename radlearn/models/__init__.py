"""Ready-made classifiers for feature tables."""

from radlearn.models.classifiers import KINDS, make_classifier
from radlearn.models.encoded_labels import EncodedLabels

__all__ = ["KINDS", "EncodedLabels", "make_classifier"]
