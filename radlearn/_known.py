"""Images with missing intensities, NaN and infinity: what stands in their place while others are computed."""

import numpy as np
from scipy import ndimage


def nearest_known(image, known):
    """The image with the nearest known intensity in the place of the others.

    Parameters
    ----------
    image : ndarray of shape (z, y, x) or (y, x)
    known : ndarray of bool of the same shape
        True at one voxel at least.

    Returns
    -------
    filled : ndarray of the same shape and type

    Examples
    --------
    >>> nearest_known(np.array([[1.0, np.nan, np.nan, 4.0]]), np.array([[True, False, False, True]]))
    array([[1., 1., 4., 4.]])
    """
    source = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    return image[tuple(source)]


def on_known(image, function):
    """What `function` makes of an image; NaN and infinity count as the nearest finite intensity, and come back.

    Parameters
    ----------
    image : ndarray of shape (z, y, x) or (y, x)
    function : callable
        Image in, image out; both float64.

    Returns
    -------
    changed : ndarray of the shape and the type of the image
    """
    known = np.isfinite(image)
    if known.all():
        return function(image.astype(float)).astype(image.dtype)
    if not known.any():
        return image
    changed = function(nearest_known(image, known).astype(float))
    return np.where(known, changed, image).astype(image.dtype)
