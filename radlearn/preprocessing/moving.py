"""Images and masks on a grid that may lie anywhere on the old one: turned, shifted, scaled."""

from itertools import product

import numpy as np
from scipy import ndimage

from radlearn._bounding_box import bounding_box
from radlearn._known import nearest_known
from radlearn.preprocessing.grid import INTERPOLATIONS

# Positions that a product of affines puts outside by rounding alone, in voxels.
_ROUNDING = 1e-6


def moved_image(image, matrix, shape, interpolation="linear", fill_value=None):
    """Intensities at the points of another grid.

    A missing intensity (NaN or infinite) stays where it is: it takes the nearest known value while its neighbors are
    interpolated, and comes back at the new points that are nearest to it.

    Parameters
    ----------
    image : ndarray of shape (z, y, x) or (y, x)
    matrix : ndarray of shape (ndim + 1, ndim + 1)
        Takes a new index, with a 1 appended, to an old index.
    shape : tuple of int
        Shape of the new grid.
    interpolation : {"nearest", "linear", "cubic"}, default="linear"
    fill_value : float, optional
        Intensity more than half a voxel beyond the old image. Default: that of its edge.

    Returns
    -------
    values : ndarray of float64 of the new shape

    Examples
    --------
    >>> half_a_voxel_to_the_right = np.array([[1, 0, 0], [0, 1, 0.5], [0, 0, 1]])
    >>> moved_image(np.array([[1.0, 3.0, 4.0]]), half_a_voxel_to_the_right, (1, 2))
    array([[2. , 3.5]])
    """
    known = np.isfinite(image)
    if known.all() or not known.any():
        values = _values(image, matrix, shape, interpolation)
    else:
        values = _values(nearest_known(image, known), matrix, shape, interpolation)
        nearest = _values(image, matrix, shape, "nearest")
        values = np.where(np.isfinite(nearest), values, nearest)
    if fill_value is not None:
        values[beyond(matrix, shape, image.shape)] = fill_value
    return values


def moved_mask(mask, matrix, shape):
    """Points of another grid of which at least half lies in the mask, interpolated between 0 and 1.

    Parameters
    ----------
    mask : ndarray of bool of shape (z, y, x) or (y, x)
    matrix, shape
        As for `moved_image`.

    Returns
    -------
    mask : ndarray of bool of the new shape
        False beyond the old grid.
    """
    inside = np.zeros(shape, bool)
    box = bounding_box(mask)
    if box is not None:
        # It is computed only where it may be: up to the neighbors of the outermost voxels of the mask.
        part = _part_over(box, matrix, shape)
        from_its_start = np.eye(len(matrix))
        from_its_start[:-1, -1] = [along.start for along in part]
        matrix, shape = matrix @ from_its_start, inside[part].shape
        values = _values(mask.astype(np.float32), matrix, shape, "linear")
        inside[part] = (values >= 0.5 - 1e-4) & ~beyond(matrix, shape, mask.shape)  # as in `mask_on_grid`
    return inside


def _part_over(box, matrix, shape):
    """Part of the new grid that lies over a box of the old one and the voxels next to it."""
    corners = np.array([(*corner, 1) for corner in product(*((along.start - 1, along.stop) for along in box))])
    places = np.linalg.solve(matrix, corners.T)[:-1]
    first, last = np.floor(places.min(axis=1)).astype(int), np.ceil(places.max(axis=1)).astype(int)
    return tuple(slice(*np.clip((low, high + 1), 0, n)) for low, high, n in zip(first, last, shape, strict=True))


def _values(image, matrix, shape, interpolation):
    return ndimage.affine_transform(
        image,
        matrix[:-1, :-1],
        matrix[:-1, -1],
        tuple(shape),
        output=float,
        order=INTERPOLATIONS[interpolation],
        mode="nearest",
    )


def beyond(matrix, shape, old_shape):
    """Points of the new grid that lie outside of the outermost voxels of the old one.

    Parameters
    ----------
    matrix, shape
        As for `moved_image`.
    old_shape : tuple of int

    Returns
    -------
    beyond : ndarray of bool of the new shape
    """
    axes = np.ogrid[tuple(slice(n) for n in shape)]
    outside = np.zeros(shape, bool)
    for row, size in zip(matrix[:-1], old_shape, strict=True):
        # Where the grids are parallel, a position depends on one index alone.
        position = sum(factor * index for factor, index in zip(row[:-1], axes, strict=True) if factor) + row[-1]
        outside |= (position < -0.5 - _ROUNDING) | (position > size - 0.5 + _ROUNDING)
    return outside
