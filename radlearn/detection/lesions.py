"""Where the lesions are, from masks, and which candidates are lesions."""

import warnings

import numpy as np
import pandas as pd
from scipy import ndimage

from radlearn._bounding_box import bounding_box, box_in_image
from radlearn._boxes import box_array, box_columns, box_table, center_and_size, check_overlap, check_same_axes, hits
from radlearn.cohort import check_cohort
from radlearn.detection.scores import boxes_of
from radlearn.exceptions import CohortError, RadlearnWarning


def lesions_of_masks(X):
    """Boxes around the lesions of each case, from its mask: one for each connected part.

    Parameters
    ----------
    X : Cohort or anything that `check_cohort` takes
        Cases without a mask have no lesion.

    Returns
    -------
    lesions : DataFrame
        One row per lesion: `case`, center ``(z,) y, x`` and size ``(depth,) height, width`` in voxels.

    Raises
    ------
    CohortError
        If some images are 2-D and others 3-D.

    Examples
    --------
    >>> from radlearn import Case
    >>> mask = np.array([[1, 0, 0, 0], [0, 0, 1, 1]])
    >>> print(lesions_of_masks([Case(np.eye(2, 4), mask=mask, id="a")]).to_string(index=False))
    case   y   x  height  width
       a 0.0 0.0       1      1
       a 1.0 2.5       1      2
    """
    rows, first = [], None
    for case in check_cohort(X):
        volume = case.load()
        ndim = volume.ndim
        first = first or (case.id, ndim)
        if ndim != first[1]:
            raise CohortError(
                f"case '{case.id}' is {ndim}-D, the first, '{first[0]}', {first[1]}-D",
                "make a table of the 2-D images and one of the 3-D images",
            )
        whole = None if volume.mask is None else bounding_box(volume.mask)
        if whole is not None:
            parts, _ = ndimage.label(volume.mask[whole], structure=np.ones((3,) * ndim))
            boxes = (box_in_image(box, whole) for box in ndimage.find_objects(parts))
            rows += [(case.id, *center_and_size(box)) for box in boxes]
    center, size = box_columns(first[1] if first else 2)
    return pd.DataFrame(rows, columns=["case", *center, *size])


def match_candidates(candidates, lesions, *, overlap=None):
    """Labels of candidates: which of them are lesions.

    Parameters
    ----------
    candidates : Cohort
        As `BlobCandidates` gives them.
    lesions : DataFrame
        Boxes of the lesions: `case`, the id of the image; center ``(z,) y, x`` and size ``(depth,) height, width`` in
        voxels.
    overlap : float, optional
        Smallest intersection over union of the two boxes that counts as a hit. Default: a candidate is a hit if its
        center lies in the box of the lesion.

    Returns
    -------
    y : ndarray of int, shape (n_candidates,)
        1 for candidates that hit a lesion, else 0.

    Raises
    ------
    CohortError
        If `lesions` is not such a table, a case is not a candidate, or only one of both is 3-D.

    Warns
    -----
    RadlearnWarning
        If no lesion lies in an image of a candidate: the ids are probably spelled differently.

    Examples
    --------
    >>> from radlearn.detection import BlobCandidates
    >>> image = np.pad(np.ones((3, 3)), 12)
    >>> candidates = BlobCandidates(max_diameter=6).fit_transform([image])
    >>> lesions = lesions_of_masks([(image, image.astype(int))])
    >>> match_candidates(candidates, lesions).tolist()
    [1]
    """
    check_overlap(overlap)
    lesions = box_table(lesions, "lesions")
    boxes = check_same_axes(boxes_of(candidates), lesions, "candidates")
    if len(lesions) and len(boxes) and not set(lesions["case"]) & set(boxes["case"]):
        warnings.warn(
            f"none of the {len(lesions)} lesions lies in an image of a candidate, so that all labels are 0; "
            f"the first case is {lesions['case'].iloc[0]!r} in lesions, {boxes['case'].iloc[0]!r} in candidates",
            RadlearnWarning,
            stacklevel=2,
        )
    y = np.zeros(len(boxes), int)
    there = lesions.groupby("case").indices
    found, true_boxes = box_array(boxes), box_array(lesions)
    for case, candidates_there in boxes.groupby("case").indices.items():
        if case in there:
            quality = hits(found[candidates_there], true_boxes[there[case]], overlap)
            y[candidates_there] = (quality > 0).any(axis=1)
    return y
