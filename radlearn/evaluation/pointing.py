"""pointing_game: how often the maximum of a map lies in the true region."""

import numpy as np
from scipy import ndimage
from sklearn.utils import check_consistent_length

from radlearn._bounding_box import bounding_box
from radlearn._validation import check_number
from radlearn.cohort import check_cohort
from radlearn.exceptions import GeometryError, MaskError


def pointing_game(maps, X, *, tolerance=0.0):
    """Fraction of the cases in which the largest value of a map lies in the mask.

    A case whose map has the largest value in several voxels counts by the share of them that lie in the mask.

    Parameters
    ----------
    maps : sequence of ndarray
        A map of each case, such as those of `radlearn.keras.grad_cam`, in the shape of its image. NaN is never the
        largest value.
    X : Cohort or anything that `check_cohort` takes
        The cases with their masks.
    tolerance : float, default=0.0
        Largest distance from the mask, in mm, at which the place still counts as inside.

    Returns
    -------
    share : float
        From 0 to 1.

    Raises
    ------
    MaskError
        If a case has no mask.
    GeometryError
        If a map has another shape than its image.

    References
    ----------
    J. Zhang et al., Top-down neural attention by excitation backprop, ECCV 2016; its tolerance is 15 pixels.

    Examples
    --------
    >>> from radlearn import Case
    >>> case = Case(np.zeros((3, 3)), mask=np.eye(3, dtype=int))
    >>> pointing_game([np.diag([0, 0, 1])], [case]), pointing_game([np.fliplr(np.diag([0, 0, 1]))], [case])
    (1.0, 0.0)
    """
    check_number("tolerance", tolerance, at_least=0, hint="it is in mm")
    cohort = check_cohort(X)
    check_consistent_length(maps, cohort)
    return float(np.mean([_hit(values, case, tolerance) for values, case in zip(maps, cohort, strict=True)]))


def _hit(values, case, tolerance):
    volume = case.load()
    if volume.mask is None:
        raise MaskError("the case has no mask to point at", "give it one, or leave it out").in_case(case.id)
    if np.shape(values) != volume.shape:
        raise GeometryError(
            f"the map has shape {np.shape(values)}, the image {volume.shape}", "make the map of the same cases"
        ).in_case(case.id)
    if np.isnan(values).all() or not volume.mask.any():
        return 0.0
    # What lies farther away than this box is not near the mask.
    box = bounding_box(volume.mask, margin=int(tolerance / min(volume.spacing)) + 1)
    is_near = np.zeros(volume.shape, bool)
    is_near[box] = ndimage.distance_transform_edt(~volume.mask[box], sampling=volume.spacing) <= tolerance
    return np.mean(is_near[np.asarray(values) == np.nanmax(values)])
