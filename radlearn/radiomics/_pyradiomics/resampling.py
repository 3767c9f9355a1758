"""PyRadiomics' resampling: its grid around the region, and the interpolators of ITK."""

from math import prod

import numpy as np
from scipy import ndimage
from scipy.special import erf

from radlearn._bounding_box import widened
from radlearn._interpolation import mirrored, spline_neighbors, weighted_sums
from radlearn.exceptions import GeometryError, MaskError
from radlearn.io.limits import MAX_VOXELS
from radlearn.radiomics._gaps import box_of_region
from radlearn.radiomics._pyradiomics.parameters import INTERPOLATORS
from radlearn.radiomics._pyradiomics.scan import Grid

# Pole of the cubic B-spline, and how far ITK looks along a line for where its recursion begins.
POLE, TOLERANCE = np.sqrt(3) - 2, 1e-10

# Voxels further away than this from a point do not count for its value in a spline in double precision.
REACH = 28

# Neighbors on each side that a windowed sinc takes in, and the windows of x / SINC_RADIUS.
SINC_RADIUS = 5
WINDOWS = {
    "sitkHammingWindowedSinc": lambda x: 0.54 + 0.46 * np.cos(np.pi * x),
    "sitkCosineWindowedSinc": lambda x: np.cos(np.pi * x / 2),
    "sitkWelchWindowedSinc": lambda x: 1 - x**2,
    "sitkLanczosWindowedSinc": np.sinc,
    "sitkBlackmanWindowedSinc": lambda x: 0.42 + 0.5 * np.cos(np.pi * x) + 0.08 * np.cos(2 * np.pi * x),
}

# Standard deviation of the Gaussian, and where it is cut off in units of that.
GAUSSIAN_SIGMA, GAUSSIAN_CUTOFF = 0.8, 4.0


def resampled(scan, settings):
    """Image and mask on a new grid that covers the region.

    Parameters
    ----------
    scan : Scan
    settings : dict
        `resampledPixelSpacing` (x, y, z), 0 where the spacing stays; `interpolator`; `padDistance`.

    Returns
    -------
    scan : Scan
        Cropped to the bounding box and `padDistance` voxels around it.

    Raises
    ------
    GeometryError
        If the spacing has another number of axes than the image or makes too many voxels, or the region reaches beyond
        the image.
    """
    wanted = np.array(settings["resampledPixelSpacing"][::-1], float)
    old = np.array(scan.mask_grid.spacing)
    if wanted.size != old.size:
        raise GeometryError(
            f"resampledPixelSpacing={settings['resampledPixelSpacing']} does not fit an image of shape "
            f"{scan.grid.shape}",
            f"give {old.size} numbers in mm, in the order {', '.join('xyz'[: old.size])}; 0 leaves an axis as it is",
        )
    box = box_of_region(scan.mask)
    starts, stops = np.array([[along.start, along.stop] for along in box]).T
    new = np.where((wanted == 0) | (stops - starts == 1), old, wanted)
    check_inside(scan, starts, stops)
    if np.allclose(scan.grid.spacing, new):
        scan = on_image_grid(scan)
        return cropped(scan, box_of_region(scan.mask), settings["padDistance"])

    ratio, pad = old / new, settings["padDistance"]
    lower = np.maximum(np.floor((starts - 0.5) * ratio - pad), 0)
    upper = np.minimum(np.ceil((stops - 0.5) * ratio + pad), np.ceil(np.array(scan.mask_grid.shape) * ratio) - 1)
    first = 0.5 * (new - old) / old + lower / ratio
    grid = Grid(
        tuple((upper - lower + 1).astype(int).tolist()),
        tuple(new.tolist()),
        scan.mask_grid.world(first),
        scan.mask_grid.directions,
    )
    if prod(grid.shape) > MAX_VOXELS:
        raise GeometryError(
            f"a grid of {' x '.join(map(str, grid.shape))} voxels is too large (the limit is {MAX_VOXELS:,})",
            "choose a larger resampledPixelSpacing; it is in mm",
        )
    interpolator = settings["interpolator"]
    name = interpolator if isinstance(interpolator, str) else INTERPOLATORS[interpolator - 1]
    image = values_on_grid(scan.image, scan.grid, grid, name)
    mask = values_on_grid(scan.mask, scan.mask_grid, grid, "sitkNearestNeighbor")
    return scan._replace(image=_as_stored(image, scan), mask=mask > 0, grid=grid, mask_grid=grid)


def on_image_grid(scan):
    """The same scan, its mask brought to the grid of the image by the nearest voxel."""
    if scan.grid.matches(scan.mask_grid, 0):
        return scan._replace(mask_grid=scan.grid)
    mask = values_on_grid(scan.mask, scan.mask_grid, scan.grid, "sitkNearestNeighbor") > 0
    if not mask.any():
        raise MaskError("no voxel of the mask is left on the grid of the image", "check that both belong together")
    return scan._replace(mask=mask, mask_grid=scan.grid)


def cropped(scan, box, margin):
    """The part of a scan in a box with a margin around it, as far as the image reaches.

    Parameters
    ----------
    scan : Scan
        With one grid.
    box : tuple of slices
    margin : int

    Returns
    -------
    scan : Scan
    """
    wide = widened(box, [margin] * len(box), scan.image.shape)
    image = scan.image[wide]
    origin = scan.grid.world([along.start for along in wide])
    grid = scan.grid._replace(shape=image.shape, origin=origin)
    return scan._replace(image=image, mask=scan.mask[wide], grid=grid, mask_grid=grid)


def check_inside(scan, starts, stops):
    """Refuse a region that reaches beyond the image.

    Parameters
    ----------
    scan : Scan
    starts, stops : ndarray of int, shape (ndim,)
        Bounding box of the region, on the grid of the mask.

    Raises
    ------
    GeometryError
        If a corner of it lies outside, by more than a thousandth of a voxel.
    """
    if scan.grid is scan.mask_grid:
        return
    corners = scan.grid.index(scan.mask_grid.world(np.array([starts, stops]) - 0.5))
    if (corners.min(axis=0) < -0.501).any() or (corners.max(axis=0) > np.array(scan.grid.shape) - 0.499).any():
        raise GeometryError(
            f"the region reaches beyond the image: from {corners.min(axis=0).round(2).tolist()} to "
            f"{corners.max(axis=0).round(2).tolist()} in an image of shape {scan.grid.shape}",
            "check that image and mask belong together",
        )


def values_on_grid(array, grid, new_grid, interpolator):
    """Values at the points of another grid; 0 beyond the array.

    Parameters
    ----------
    array : ndarray of shape (z, y, x) or (y, x)
    grid, new_grid : Grid
        Of the array, and of the values.
    interpolator : str
        Name of an interpolator of SimpleITK.

    Returns
    -------
    values : ndarray of float64, of the shape of `new_grid`

    Raises
    ------
    GeometryError
        If the axes of the grids differ, and the interpolator is none of B-spline, linear and nearest neighbor.
    """
    if not np.allclose(grid.directions, new_grid.directions, 0, 1e-6):
        return _on_tilted_grid(array, grid, new_grid, interpolator)
    places = _places(grid, new_grid)
    # Only what lies around the new points is worked on, and each axis is shortened to them before the next one.
    reach = REACH if interpolator == "sitkBSpline" else SINC_RADIUS
    windows = [
        (max(int(np.floor(place.min())) - reach, 0), min(int(np.ceil(place.max())) + reach + 1, n))
        for place, n in zip(places, array.shape, strict=True)
    ]
    values = array[tuple(slice(*window) for window in windows)].astype(float)
    for axis in reversed(range(array.ndim)):
        lines = np.ascontiguousarray(np.moveaxis(values, axis, 0))
        if interpolator == "sitkBSpline":
            make_spline_coefficients(lines)
        lines = _lines(lines, interpolator, places[axis], array.shape[axis], *windows[axis])
        values = np.moveaxis(lines, 0, axis)
    return values


def _places(grid, new_grid):
    """Index in a grid of each point of a new one along each axis, with the rounding errors of ITK.

    Many points lie right between two voxels, and these decide which one is nearest. ITK computes the position of each
    point, but for the axis x, along which it divides the way from the first to the last one.
    """
    places = []
    for axis, n in enumerate(new_grid.shape):
        points = np.zeros((n + 1, len(new_grid.shape)))
        points[:, axis] = np.arange(n + 1)
        place = grid.index(new_grid.world(points))[:, axis]
        places.append(place[:-1])
    places[-1] = place[0] + np.arange(n) / n * (place[-1] - place[0])
    return places


def make_spline_coefficients(lines):
    """Turn values into coefficients of the cubic B-spline through them, along the first axis, by the recursion of ITK.

    Parameters
    ----------
    lines : ndarray of float64, shape (n, ...)
        Overwritten.

    References
    ----------
    Unser M et al. B-spline signal processing, part II. IEEE Transactions on Signal Processing 1993;41:834-848.
    """
    n = len(lines)
    if n == 1:
        return
    lines *= (1 - POLE) * (1 - 1 / POLE)
    powers = POLE ** np.arange(n)
    horizon = int(np.ceil(np.log(TOLERANCE) / np.log(-POLE)))
    if horizon < n:
        lines[0] = np.tensordot(powers[:horizon], lines[:horizon], 1)
    else:  # the whole line and its mirror image
        mirrored = np.concatenate([[1], powers[1:-1] + POLE ** (2 * n - 2 - np.arange(1, n - 1)), powers[-1:]])
        lines[0] = np.tensordot(mirrored, lines, 1) / (1 - POLE ** (2 * n - 2))
    for place in range(1, n):
        lines[place] += POLE * lines[place - 1]
    lines[-1] = POLE / (POLE**2 - 1) * (POLE * lines[-2] + lines[-1])
    for place in reversed(range(n - 1)):
        lines[place] = POLE * (lines[place + 1] - lines[place])


def _lines(values, interpolator, places, n, start, stop):
    """Values at points of the first axis; 0 for points beyond it.

    Parameters
    ----------
    values : ndarray of float64, shape (stop - start, ...)
        The voxels `start` to `stop` of lines of `n` voxels.
    interpolator : str
    places : ndarray of shape (n_points,)
    n, start, stop : int

    Returns
    -------
    values : ndarray of float64, shape (n_points, ...)
    """
    neighbors, weights = _neighbors(interpolator, places)
    if interpolator == "sitkBSpline" and n > 1:
        neighbors = mirrored(neighbors, n)
    elif interpolator == "sitkGaussian":
        weights = weights * ((neighbors >= 0) & (neighbors < n))
        weights = weights / weights.sum(axis=1, keepdims=True)
    neighbors = np.clip(np.clip(neighbors, 0, n - 1) - start, 0, stop - start - 1)
    inside = (places >= -0.5) & (places < n - 0.5)
    if interpolator == "sitkLinear":  # as ITK computes it, to the last digit
        before, behind = values[neighbors[:, 0]], values[neighbors[:, 1]]
        column = (-1,) + (1,) * (values.ndim - 1)
        return np.where(inside.reshape(column), before + (behind - before) * weights[:, 1].reshape(column), 0)
    return weighted_sums(values, neighbors, weights * inside[:, np.newaxis])


def _neighbors(interpolator, places):
    """Numbers of the voxels around each point and their weights, both of shape (n_points, n_neighbors)."""
    if interpolator == "sitkNearestNeighbor":
        return np.floor(places + 0.5).astype(int)[:, np.newaxis], np.ones((len(places), 1))
    if interpolator == "sitkBSpline":
        return spline_neighbors(places)
    before = np.floor(places).astype(int)
    w = places - before
    if interpolator == "sitkLinear":
        return before[:, np.newaxis] + np.arange(2), np.stack([1 - w, w], axis=1)
    if interpolator == "sitkGaussian":
        reach = int(np.ceil(GAUSSIAN_SIGMA * GAUSSIAN_CUTOFF)) + 1
        around = before[:, np.newaxis] + np.arange(-reach, reach + 1)
        distance = around - places[:, np.newaxis]
        cutoff = GAUSSIAN_SIGMA * GAUSSIAN_CUTOFF
        # From the voxel in which the cut-off lies on one side to that on the other.
        first, last = np.floor(places + 0.5 - cutoff), np.ceil(places + 0.5 + cutoff)
        within = (around >= first[:, np.newaxis]) & (around < last[:, np.newaxis])
        scale = np.sqrt(2) * GAUSSIAN_SIGMA
        return around, within * (erf((distance + 0.5) / scale) - erf((distance - 0.5) / scale))
    around = before[:, np.newaxis] + np.arange(1 - SINC_RADIUS, SINC_RADIUS + 1)
    distance = places[:, np.newaxis] - around
    return around, np.sinc(distance) * WINDOWS[interpolator](distance / SINC_RADIUS)


def _on_tilted_grid(array, grid, new_grid, interpolator):
    orders = {"sitkNearestNeighbor": 0, "sitkLinear": 1, "sitkBSpline": 3}
    if interpolator not in orders:
        raise GeometryError(
            f"{interpolator} is for grids with the same axes, but image and mask are tilted against each other",
            f"choose one of {', '.join(orders)}",
        )
    places = grid.index(new_grid.world(np.moveaxis(np.indices(new_grid.shape), 0, -1)))
    inside = ((places >= -0.5) & (places < np.array(array.shape) - 0.5)).all(axis=-1)
    if interpolator == "sitkNearestNeighbor":
        places = np.floor(places + 0.5)
    mode = "mirror" if interpolator == "sitkBSpline" else "nearest"
    values = ndimage.map_coordinates(
        array.astype(float), np.moveaxis(places, -1, 0), order=orders[interpolator], mode=mode
    )
    return np.where(inside, values, 0)


def _as_stored(image, scan):
    """Values as the type of the file holds them: whole numbers are cut off, not rounded, as in ITK."""
    if scan.dtype.kind not in "biu":
        return image.astype(scan.image.dtype)
    limits = np.iinfo(np.uint8 if scan.dtype.kind == "b" else scan.dtype)
    return np.trunc(np.clip(image, limits.min, limits.max))
