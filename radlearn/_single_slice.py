"""Volumes of one slice, which methods for volumes do not take for the images that they are."""


def without_single_axes(array):
    """The array without axes of one voxel, as far as two axes remain.

    Parameters
    ----------
    array : ndarray of shape (z, y, x) or (y, x)

    Returns
    -------
    array : ndarray
        A view.

    Examples
    --------
    >>> import numpy as np
    >>> [without_single_axes(np.ones(shape)).shape for shape in [(1, 5, 6), (5, 1, 6), (1, 1, 6), (1, 6)]]
    [(5, 6), (5, 6), (1, 6), (1, 6)]
    """
    single = [axis for axis, size in enumerate(array.shape) if size == 1]
    return array.squeeze(tuple(single[: array.ndim - 2]))
