"""How steeply the intensities of an image change, whatever its spacing."""

import numpy as np


def gradient_magnitude(image, spacing):
    """Length of the gradient, per mm.

    Parameters
    ----------
    image : ndarray of float of shape (z, y, x) or (y, x)
    spacing : tuple of float
        Distance of voxel centers in mm, in the order of the axes.

    Returns
    -------
    magnitude : ndarray of float64
        Along an axis with one voxel nothing changes.

    Examples
    --------
    >>> gradient_magnitude(np.array([[0.0, 2.0, 4.0]]), (1.0, 0.5))
    array([[4., 4., 4.]])
    """
    squares = np.zeros(image.shape)
    for axis, step in enumerate(spacing):
        if image.shape[axis] > 1:
            squares += np.gradient(image, step, axis=axis) ** 2
    return np.sqrt(squares)
