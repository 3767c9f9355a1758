"""Which side of a threshold is the region: the bright one, the dark one, or the one away from the border."""

import numpy as np
from skimage.filters import threshold_multiotsu

SIDES = ("auto", "bright", "dark")
BACKGROUND, REGION = 1, 2
"""Labels of `markers`."""


def chosen_side(bright, dark, side):
    """One of two masks.

    Parameters
    ----------
    bright, dark : ndarray of bool of shape (z, y, x) or (y, x)
    side : {"auto", "bright", "dark"}
        ``"auto"`` takes the mask to which fewer voxels of the border belong, since that is where background lies: the
        outermost voxels along y and x. The bright one, if both have equally many.

    Returns
    -------
    mask : ndarray of bool

    Examples
    --------
    >>> image = np.array([[9, 9, 9], [9, 2, 9], [9, 9, 9]])
    >>> chosen_side(image > 5, image <= 5, "auto").astype(int)
    array([[0, 0, 0],
           [0, 1, 0],
           [0, 0, 0]])
    """
    if side == "auto":
        side = "bright" if _on_border(bright) <= _on_border(dark) else "dark"
    return bright if side == "bright" else dark


def otsu_thresholds(image, n_classes):
    """Thresholds that make classes of intensities as uniform as possible.

    Parameters
    ----------
    image : ndarray
        Finite intensities.
    n_classes : int
        Fewer if the image has fewer levels.

    Returns
    -------
    thresholds : ndarray of shape (n_classes - 1,)
        Sorted; none where the image is constant.

    Examples
    --------
    >>> image = np.array([1.0, 1, 2, 8, 9])
    >>> [float(image[image > threshold].min()) for threshold in otsu_thresholds(image, 2)]
    [8.0]
    """
    n_levels = np.count_nonzero(np.histogram(image, 256)[0])  # as threshold_multiotsu counts them
    return threshold_multiotsu(image, min(n_classes, n_levels)) if n_levels > 1 else np.array([])


def markers(volume, n_classes, side):
    """Voxels that surely belong to the region, and those that surely do not, by classes of intensities.

    Parameters
    ----------
    volume : Volume
        Its mask tells where the intensities are known.
    n_classes : int
        Fewer if the image has fewer levels.
    side : {"auto", "bright", "dark"}

    Returns
    -------
    labels : ndarray of int of shape (z, y, x) or (y, x)
        `REGION` for the brightest or the darkest class, 0 for the doubtful class next to it, `BACKGROUND` for the rest
        and for what is not known.
    """
    known = volume.mask
    thresholds = otsu_thresholds(volume.image[known], n_classes)
    if not thresholds.size:
        return np.full(volume.shape, BACKGROUND)
    classes = np.digitize(volume.image, thresholds, right=True)  # 0 for the darkest
    region = chosen_side(known & (classes == len(thresholds)), known & (classes == 0), side)
    in_doubt = known & (np.abs(classes - classes[region][0]) == 1) & (len(thresholds) > 1)
    return np.where(region, REGION, np.where(in_doubt, 0, BACKGROUND))


def _on_border(mask):
    """Number of voxels of a mask among the outermost ones along y and x."""
    return np.count_nonzero(mask) - np.count_nonzero(mask[..., 1:-1, 1:-1])
