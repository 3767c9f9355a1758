"""From scores of candidates back to images: tables of detections, and one score per image."""

import pandas as pd
from sklearn.utils.validation import check_array, check_consistent_length, column_or_1d

from radlearn._boxes import box_columns
from radlearn._validation import check_choice
from radlearn.cohort import check_cohort
from radlearn.exceptions import CohortError

HOW = ("max", "noisy_or")


def boxes_of(candidates):
    """Boxes of candidates, one row each, indexed by their ids.

    Parameters
    ----------
    candidates : Cohort
        As `BlobCandidates` gives them.

    Returns
    -------
    boxes : DataFrame
        `case`, the id of the image; center and size in voxels.

    Raises
    ------
    CohortError
        If a case is not a candidate.
    """
    for case in candidates:
        if "parent" not in case.meta:
            raise CohortError(f"case {case.id!r} is not a candidate", "pass what BlobCandidates gives")
    table = pd.DataFrame([dict(case.meta) for case in candidates], index=[case.id for case in candidates])
    center, size = box_columns(3 if "z" in table else 2)
    columns = ["parent", *center, *size]
    return table.reindex(columns=columns).rename(columns={"parent": "case"}).rename_axis("id")


def detections(candidates, scores):
    """Table of detections, for `evaluation.froc` and `evaluation.average_precision`.

    Parameters
    ----------
    candidates : Cohort
        As `BlobCandidates` gives them.
    scores : array-like of shape (n_candidates,)
        Higher for candidates that are more likely to be lesions.

    Returns
    -------
    detections : DataFrame
        One row per candidate, indexed by its id: `case`, the id of the image; center ``(z,) y, x`` and size ``(depth,)
        height, width`` in voxels; `score`.

    Raises
    ------
    ValueError
        If there is not one number for each candidate.

    Examples
    --------
    >>> import numpy as np
    >>> from radlearn import Case
    >>> from radlearn.detection import BlobCandidates
    >>> image = np.zeros((40, 40))
    >>> image[10:15, 20:25] = 1
    >>> candidates = BlobCandidates().fit_transform([Case(image, id="KNEE-003")])
    >>> print(detections(candidates, [0.9])[["case", "y", "x", "score"]].to_string(index=False))
        case    y    x  score
    KNEE-003 12.0 22.0    0.9
    """
    scores = check_array(scores, ensure_2d=False, ensure_min_samples=0, input_name="scores")
    scores = column_or_1d(scores)
    check_consistent_length(candidates, scores)
    return boxes_of(candidates).assign(score=scores)


def to_image_scores(candidates, scores, X, *, how="max"):
    r"""One score per image, from those of its candidates.

    Parameters
    ----------
    candidates : Cohort
        As `BlobCandidates` gives them.
    scores : array-like of shape (n_candidates,)
        Probability that a candidate is a lesion, or for ``"max"`` a decision value.
    X : Cohort or anything that `check_cohort` takes
        The images, in the order in which scores are wanted.
    how : {"max", "noisy_or"}, default="max"
        ``"max"``: the highest score. ``"noisy_or"``: probability :math:`1 - \prod_k (1 - p_k)` that at least one
        candidate is a lesion, assuming independence.

    Returns
    -------
    image_scores : ndarray of shape (n_images,)
        0 for an image without candidates; the lowest score where that is negative, as of decision values.

    Raises
    ------
    CohortError
        If a candidate belongs to none of the images.
    ValueError
        If scores are not probabilities, for ``"noisy_or"``.

    Examples
    --------
    >>> import numpy as np
    >>> from radlearn import Case
    >>> images = [Case(np.eye(2), id="a"), Case(np.eye(2), id="b")]
    >>> position = {"y": 0, "x": 0, "height": 1, "width": 1}
    >>> candidates = [Case(np.eye(2), id=f"a:{k}", meta={"parent": "a", **position}) for k in (1, 2)]
    >>> to_image_scores(candidates, [0.5, 0.8], images).tolist()
    [0.8, 0.0]
    >>> to_image_scores(candidates, [0.5, 0.8], images, how="noisy_or").round(3).tolist()
    [0.9, 0.0]
    """
    check_choice("how", how, HOW)
    table = detections(candidates, scores)
    ids = [case.id for case in check_cohort(X)]
    if strangers := set(table["case"]) - set(ids):
        raise CohortError(f"the image {min(strangers)!r} of some candidates is not in X", "pass all images as X")
    if how == "noisy_or":
        if not table["score"].between(0, 1).all():
            raise ValueError("scores must be probabilities from 0 to 1 for how='noisy_or'; use how='max' otherwise")
        return 1 - (1 - table["score"]).groupby(table["case"]).prod().reindex(ids, fill_value=1.0).to_numpy()
    nothing = min(0.0, table["score"].min()) if len(table) else 0.0  # never above an image with candidates
    return table.groupby("case")["score"].max().reindex(ids, fill_value=nothing).to_numpy(float)
