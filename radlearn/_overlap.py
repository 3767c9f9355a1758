"""How far two masks overlap: Dice and Jaccard coefficients."""

import numpy as np

from radlearn._validation import listed
from radlearn.exceptions import GeometryError, MaskError


def dice(truth, found):
    r"""Dice coefficient of two masks: twice the common part over the sum of both.

    .. math:: D = \frac{2 |A \cap B|}{|A| + |B|}

    It is the F1 score of the voxels.

    Parameters
    ----------
    truth, found : array-like of bool of shape (z, y, x) or (y, x)
        Masks on the same grid.

    Returns
    -------
    coefficient : float
        From 0 (nothing in common) to 1 (the same). 1 if both masks are empty, 0 if only one of them is.

    Raises
    ------
    MaskError
        If a mask holds fractions, such as probabilities, NaN, or several labels.
    GeometryError
        If the masks have different shapes.

    References
    ----------
    Dice LR. Measures of the amount of ecologic association between species. Ecology 1945;26:297-302.

    Examples
    --------
    >>> dice([[1, 1, 0]], [[0, 1, 1]])
    0.5
    """
    truth, found = check_masks(truth, found)
    total = np.count_nonzero(truth) + np.count_nonzero(found)
    return float(2 * np.count_nonzero(truth & found) / total) if total else 1.0


def jaccard(truth, found):
    r"""Jaccard coefficient of two masks: the common part over what belongs to either (intersection over union).

    .. math:: J = \frac{|A \cap B|}{|A \cup B|}

    Parameters
    ----------
    truth, found : array-like of bool of shape (z, y, x) or (y, x)
        Masks on the same grid.

    Returns
    -------
    coefficient : float
        From 0 (nothing in common) to 1 (the same). 1 if both masks are empty, 0 if only one of them is.

    Raises
    ------
    MaskError
        If a mask holds fractions, such as probabilities, NaN, or several labels.
    GeometryError
        If the masks have different shapes.

    References
    ----------
    Jaccard P. The distribution of the flora in the alpine zone. New Phytologist 1912;11:37-50.

    Examples
    --------
    >>> jaccard([[1, 1, 1, 0]], [[0, 1, 1, 1]])
    0.5
    """
    truth, found = check_masks(truth, found)
    either = np.count_nonzero(truth | found)
    return float(np.count_nonzero(truth & found) / either) if either else 1.0


def check_masks(truth, found):
    """Return two masks as arrays of bool.

    Raises
    ------
    MaskError
        If one of them holds fractions, NaN or several labels.
    GeometryError
        If they have different shapes.
    """
    truth, found = (_as_bool(mask, words) for mask, words in ((truth, "true mask"), (found, "mask that was found")))
    if truth.shape != found.shape:
        raise GeometryError(
            f"the true mask has shape {truth.shape}, the one found {found.shape}",
            "change the grid (Resample, ResizeImage) before the segmenter, not after it",
        )
    return truth, found


def _as_bool(mask, words):
    """The mask as bool; of probabilities, all that is not 0 would lie inside, and labels would all be the same."""
    mask = np.asarray(mask)
    if mask.dtype == bool:
        return mask
    if mask.dtype.kind == "f" and (mask != np.floor(mask)).any():
        values = np.unique(mask)
        found = listed([f"{value:.3g}" for value in values[:4]], values.size)
        raise MaskError(f"the {words} holds {found}, not whole numbers", "threshold it first")
    inside = mask != 0
    labels = mask[inside]
    if (labels != labels[:1]).any():
        values = np.unique(labels)
        found = listed([f"{label:g}" for label in values[:6]], values.size)
        raise MaskError(
            f"the {words} holds several labels: {found}",
            "compare one of them, (truth == 1, found == 1), or all of them as one, (truth > 0, found > 0)",
        )
    return inside
