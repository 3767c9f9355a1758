"""Grids that share their axes with another grid, and the values of an image on them."""

import warnings
from math import ceil, floor, prod
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from radlearn._bounding_box import bounding_box
from radlearn._interpolation import mirrored, spline_neighbors, weighted_sums
from radlearn._known import nearest_known
from radlearn.exceptions import GeometryError
from radlearn.io.limits import MAX_VOXELS

# SciPy below 1.16 tells what this did before 0.18. Here for all calls, since threads cannot have filters of their own.
warnings.filterwarnings("ignore", "The behavior of affine_transform with a 1-D array", UserWarning)

INTERPOLATIONS = {"nearest": 0, "linear": 1, "cubic": 3}
"""Degree of the spline behind each name."""

# Spacings come from headers of single precision, so 64.000004 voxels are 64; this is a relative error.
SPACING_ERROR = 1e-6

# So many voxels of the intensity at its edge stand for what lies beyond an image, as in SciPy.
EDGE = 12


class Grid(NamedTuple):
    """A new grid on an old one: new index ``i`` lies at the old index ``scale * i + offset``, axis by axis."""

    shape: tuple[int, ...]
    scale: tuple[float, ...]
    offset: tuple[float, ...]

    def affine(self, affine):
        """Affine of the new grid; None where the old one is unknown.

        Parameters
        ----------
        affine : ndarray of shape (ndim + 1, ndim + 1) or None
            Takes an index of the old grid to world coordinates.

        Returns
        -------
        affine : ndarray of shape (ndim + 1, ndim + 1) or None
        """
        if affine is None:
            return None
        to_old_index = np.diag([*self.scale, 1.0])
        to_old_index[:-1, -1] = self.offset
        return affine @ to_old_index


def check_size(shape, old_shape, remedy):
    """Refuse a grid that would fill the memory.

    Parameters
    ----------
    shape, old_shape : tuple of int
        Number of voxels along each axis, of the new and of the old grid.
    remedy : str
        What to do instead.

    Raises
    ------
    GeometryError
        If the new grid has more than `radlearn.io.limits.MAX_VOXELS` voxels.
    """
    if prod(shape) > MAX_VOXELS:
        raise GeometryError(
            f"a grid of {' x '.join(map(str, shape))} voxels is too large (the old one has {old_shape}, the limit is "
            f"{MAX_VOXELS:,} voxels)",
            remedy,
        )


def centered_grid(old_shape, shape, scale):
    """Grid of a given shape whose center lies on the center of the old grid.

    Parameters
    ----------
    old_shape, shape : tuple of int
        Number of voxels along each axis, before and after.
    scale : tuple of float
        New spacing in units of the old one.

    Returns
    -------
    grid : Grid

    Raises
    ------
    GeometryError
        If the new grid has more than `radlearn.io.limits.MAX_VOXELS` voxels.

    Examples
    --------
    >>> centered_grid((4,), (2,), (2.0,))
    Grid(shape=(2,), scale=(2.0,), offset=(0.5,))
    """
    remedy = "choose a larger spacing or a smaller shape, or crop the image first; spacing is in mm"
    check_size(shape, old_shape, remedy)
    offset = tuple((n - 1) / 2 - s * (m - 1) / 2 for n, m, s in zip(old_shape, shape, scale, strict=True))
    return Grid(tuple(shape), tuple(scale), offset)


def spaced_grid(old_shape, old_spacing, spacing):
    """Smallest centered grid of a given spacing that covers the old one, as the IBSI defines it.

    Parameters
    ----------
    old_shape : tuple of int
    old_spacing, spacing : tuple of float
        Distance of voxel centers in mm, before and after.

    Returns
    -------
    grid : Grid
        With ``ceil(n * old_spacing / spacing)`` voxels along each axis.

    References
    ----------
    Image Biomarker Standardisation Initiative, interpolation, "align grid centers" (3WE3).

    Examples
    --------
    >>> spaced_grid((60, 201, 204), (3, 0.977, 0.977), (2, 2, 2)).shape
    (90, 99, 100)
    """
    scale = tuple(new / old for new, old in zip(spacing, old_spacing, strict=True))
    shape = tuple(max(1, ceil(n / s * (1 - SPACING_ERROR))) for n, s in zip(old_shape, scale, strict=True))
    return centered_grid(old_shape, shape, scale)


def image_on_grid(image, grid, interpolation="linear", *, anti_alias=False, dtype=float):
    """Intensities at the points of a grid; beyond the old image they are those of its edge.

    A missing intensity (NaN or infinite) stays where it is: it takes the nearest known value while its neighbors
    are interpolated, and comes back at the new points that are nearest to it.

    Parameters
    ----------
    image : ndarray of shape (z, y, x) or (y, x)
    grid : Grid
    interpolation : {"nearest", "linear", "cubic"}
        Voxel next to the point, linear along each axis, or the cubic spline through all voxels.
    anti_alias : bool, default=False
        Whether to smooth the image along the axes on which the grid is coarser, with a Gaussian of standard
        deviation ``(scale - 1) / 2`` voxels, so that no detail is skipped. Not for ``"nearest"``.
    dtype : dtype, default=float
        Type of the result; whatever it is, values are computed in double precision.

    Returns
    -------
    values : ndarray with the shape of the grid
    """
    known = np.isfinite(image)
    if known.all():
        return _values(image, grid, interpolation, anti_alias=anti_alias, dtype=dtype)
    nearest = _values(image, grid, "nearest", dtype=dtype)
    if interpolation == "nearest" or not known.any():
        return nearest
    values = _values(nearest_known(image, known), grid, interpolation, anti_alias=anti_alias, dtype=dtype)
    return np.where(np.isfinite(nearest), values, nearest)


def _values(image, grid, interpolation, *, anti_alias=False, dtype=float):
    if anti_alias and interpolation != "nearest":
        sigma = [max(0.0, (scale - 1) / 2) for scale in grid.scale]
        image = ndimage.gaussian_filter(image, sigma, mode="nearest", output=float)
    if grid == centered_grid(image.shape, image.shape, (1.0,) * image.ndim):
        return image.astype(dtype)
    if interpolation == "cubic":
        return _spline_values(image, grid, dtype)
    return ndimage.affine_transform(
        image,
        np.array(grid.scale),
        grid.offset,
        grid.shape,
        output=dtype,
        order=INTERPOLATIONS[interpolation],
        mode="nearest",
    )


def _spline_values(image, grid, dtype):
    """Values of the cubic spline, along one axis after the other: 4 products a voxel for each, and not 64."""
    values = image
    for axis in np.argsort(grid.scale)[::-1]:  # what makes the image smaller comes first
        if (grid.shape[axis], grid.scale[axis], grid.offset[axis]) == (image.shape[axis], 1, 0):
            continue
        lines = np.moveaxis(values, axis, 0)
        lines = np.pad(lines.astype(float, copy=False), [(EDGE, EDGE)] + [(0, 0)] * (image.ndim - 1), "edge")
        ndimage.spline_filter1d(lines, 3, axis=0, mode="mirror", output=lines)
        places = grid.scale[axis] * np.arange(grid.shape[axis]) + (grid.offset[axis] + EDGE)
        neighbors, weights = spline_neighbors(np.clip(places, 0, len(lines) - 1))
        values = weighted_sums(lines, mirrored(neighbors, len(lines)), weights)
        values = np.moveaxis(values, 0, axis)
    return np.ascontiguousarray(values, dtype)


def mask_on_grid(mask, grid, interpolation="linear", *, threshold=0.5, anti_alias=False):
    """Voxels of a grid of which at least `threshold` lies in the mask, interpolated between 0 and 1.

    Parameters
    ----------
    mask : ndarray of bool of shape (z, y, x) or (y, x)
    grid : Grid
    interpolation : {"nearest", "linear", "cubic"}
    threshold : float, default=0.5
        Fraction of a voxel that has to be inside. Values up to 1e-4 below it count as inside.
    anti_alias : bool, default=False
        As for images.

    Returns
    -------
    mask : ndarray of bool with the shape of the grid
    """
    # Halves are common (a new voxel right between two old ones); positions from headers of single precision miss them
    # by up to 1e-4 voxel, and half of the border would depend on rounding.
    if interpolation != "linear":
        return _values(mask.astype(np.float32), grid, interpolation, anti_alias=anti_alias) >= threshold - 1e-4
    # Beyond the neighbors of the mask, interpolated linearly, there is nothing: it is computed only where it may be.
    inside = np.zeros(grid.shape, bool)
    box = bounding_box(mask, margin=1 + (ceil(2 * max(grid.scale)) if anti_alias else 0))  # where the Gaussian ends
    if box is not None:
        part, grid = _part_over(box, mask.shape, grid)
        values = _values(mask[box].astype(np.float32), grid, "linear", anti_alias=anti_alias)
        inside[part] = values >= threshold - 1e-4
    return inside


def _part_over(box, shape, grid):
    """Part of a grid that lies over a box of the old one, and its own grid, which counts from the start of the box."""
    part, offsets = [], []
    for along, size, n, scale, offset in zip(box, shape, *grid, strict=True):
        # At the border of the image, the points beyond it belong to the box as well.
        first = 0 if along.start == 0 else max(0, floor((along.start - offset) / scale))
        stop = n if along.stop == size else min(n, ceil((along.stop - 1 - offset) / scale) + 1)
        part.append(slice(first, stop))
        offsets.append(offset + scale * first - along.start)
    return tuple(part), Grid(tuple(along.stop - along.start for along in part), grid.scale, tuple(offsets))


def changed_masks(volume, function):
    """Both masks of a volume after `function`, as arguments for `Volume.but`.

    Parameters
    ----------
    volume : Volume
    function : callable
        Mask in, mask out.

    Returns
    -------
    changes : dict
        ``mask`` and ``intensity_mask``; the latter is None where the volume has no separate one.
    """
    own = None if volume.intensity_mask is volume.mask else volume.intensity_mask
    masks = {"mask": volume.mask, "intensity_mask": own}
    return {name: None if mask is None else function(mask) for name, mask in masks.items()}
