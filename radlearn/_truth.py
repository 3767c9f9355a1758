"""The mask that a case was given, beside the one that a segmenter made of it."""

from dataclasses import replace

import numpy as np

from radlearn._overlap import dice
from radlearn.cohort import check_cohort
from radlearn.exceptions import MaskError


def true_and_found(case):
    """Load a segmented case with the mask that it had before.

    The steps up to the first one that makes a mask run on the given mask, so that both masks lie on the same grid.

    Parameters
    ----------
    case : Case
        With a pending step that makes a mask.

    Returns
    -------
    truth : ndarray of bool
        The mask that the case was given.
    volume : Volume
        With the mask that was made.

    Raises
    ------
    MaskError
        If the case was given no mask, or no step makes one.
    """
    makers = [position for position, step in enumerate(case.pending) if getattr(step, "makes_mask", False)]
    if not makers:
        raise MaskError(
            "no step has made a mask for the case", "score a segmenter, or a pipeline that holds one"
        ).in_case(case.id)
    before = replace(case, pending=case.pending[: makers[0]]).load()
    if before.mask is None:
        raise no_true_mask(case)
    # A case keeps no intensity mask; whatever makes the mask anew makes that one, too.
    [loaded] = check_cohort([before.but(mask=before.mask)])
    return before.mask, replace(loaded, pending=case.pending[makers[0] :]).load()


def no_true_mask(case):
    """Error for a case that is to be scored without a true mask."""
    error = MaskError("the case has no true mask to score by", "give it one, or leave it out of what is scored")
    return error.in_case(case.id)


def mean_dice(segmented):
    """Mean Dice coefficient of the masks that were made with those that the cases were given.

    Parameters
    ----------
    segmented : Cohort
        Cases with a pending step that makes a mask.

    Returns
    -------
    mean : float

    Raises
    ------
    MaskError
        If a case was given no mask, or no step makes one.
    """
    pairs = map(true_and_found, segmented)
    return float(np.mean([dice(truth, volume.mask) for truth, volume in pairs]))
