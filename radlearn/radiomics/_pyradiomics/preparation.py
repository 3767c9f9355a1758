"""What PyRadiomics does to image and mask before it measures: normalize, resample or crop, check, re-segment."""

from typing import NamedTuple

import numpy as np

from radlearn.exceptions import MaskError
from radlearn.radiomics import _kernels
from radlearn.radiomics._gaps import box_of_region, kept_planes, occupied_planes
from radlearn.radiomics._pyradiomics.resampling import check_inside, cropped, on_image_grid, resampled
from radlearn.radiomics._pyradiomics.scan import DEFAULT_TOLERANCE, to_float
from radlearn.radiomics._region import check_intensities

# Sums of squares of larger intensities are beyond single precision.
LARGEST_SINGLE = 1e15


class Prepared(NamedTuple):
    """Image and masks on one grid, ready for filters and features."""

    image: np.ndarray
    dtype: np.dtype
    """Type of the values as PyRadiomics would hold them."""
    mask: np.ndarray
    """Morphological mask, for shape."""
    intensity_mask: np.ndarray
    """What re-segmentation left of it."""
    spacing: tuple[float, ...]
    box: tuple[slice, ...]
    """Bounding box of the intensity mask: nothing outside is measured."""
    kept: tuple[np.ndarray, ...] | None
    """Which planes of the box are measured; see `kept_planes`."""


def prepared(scan, settings, reach=1):
    """Apply the steps in the order of PyRadiomics.

    Parameters
    ----------
    scan : Scan
    settings : dict
    reach : int, default=1
        How far apart two voxels may be that are counted together.

    Returns
    -------
    prepared : Prepared

    Raises
    ------
    GeometryError
        If image and mask lie on different grids, and nothing in the settings brings them together.
    MaskError
        If the region is too small, or holds NaN, infinity or what cannot be computed with.
    """
    if settings["normalize"]:
        scan = _normalized(scan, settings)
    if settings["interpolator"] is not None and settings["resampledPixelSpacing"] is not None:
        scan = resampled(scan, settings)
    else:
        scan = _on_one_grid(scan, settings)
        if settings["preCrop"]:
            scan = cropped(scan, _checked_box(scan.mask, settings), settings["padDistance"])
    box = _checked_box(scan.mask, settings)
    intensity_mask = scan.mask
    check_intensities(scan.image[box][scan.mask[box]])
    if settings["resegmentRange"] is not None:
        intensity_mask = _resegmented(scan.image, scan.mask, settings)
        box = _checked_box(intensity_mask, settings)
    mask = intensity_mask if settings["resegmentShape"] else scan.mask
    kept = kept_planes(occupied_planes(np.ascontiguousarray(mask[box])), reach)
    return Prepared(scan.image, scan.dtype, mask, intensity_mask, scan.grid.spacing, box, kept)


def _normalized(scan, settings):
    """Intensities by the mean and the sample deviation of the whole image, without outliers if asked for."""
    x = scan.image.astype(float, order="C")
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = _mean_and_deviation(x)
    if not 0 < deviation < np.inf:
        raise MaskError(
            f"the image cannot be normalized: its standard deviation is {deviation:g}",
            "check the image, or set 'normalize' to false",
        )
    x -= mean
    x *= 1 / deviation
    if settings["removeOutliers"] is not None:
        np.clip(x, -settings["removeOutliers"], settings["removeOutliers"], out=x)
    x *= settings["normalizeScale"]
    return scan._replace(image=x, dtype=x.dtype)


def _mean_and_deviation(x):
    """By ITK's formula, nearly always to the last digit, which decides where filters cancel out intensities."""
    if x.min() == x.max():
        return float(x.min()), 0.0
    total, squares = _kernels.accurate_sums(x.ravel())
    return total / x.size, max((squares - total * total / x.size) / (x.size - 1), 0.0) ** 0.5


def _on_one_grid(scan, settings):
    if scan.grid.matches(scan.mask_grid, settings["geometryTolerance"] or DEFAULT_TOLERANCE):
        return scan._replace(mask_grid=scan.grid)
    if not settings["correctMask"]:
        raise scan.grid_error()
    box = box_of_region(scan.mask)
    check_inside(scan, *np.array([[along.start, along.stop] for along in box]).T)
    return on_image_grid(scan)


def _checked_box(mask, settings):
    """Bounding box of a region that is large enough."""
    box = box_of_region(mask)
    n_long = sum(along.stop - along.start > 1 for along in box)
    if n_long == 0:
        raise MaskError("the region is a single voxel, which PyRadiomics does not measure", "leave the case out")
    if n_long < settings["minimumROIDimensions"]:
        raise MaskError(
            f"the region extends along {n_long} of its axes only, fewer than minimumROIDimensions="
            f"{settings['minimumROIDimensions']}",
            "leave the case out, or lower minimumROIDimensions",
        )
    smallest = settings["minimumROISize"]
    if smallest is not None and np.count_nonzero(mask) <= smallest:
        raise MaskError(
            f"the region has {np.count_nonzero(mask)} voxels, not more than minimumROISize={smallest}",
            "leave the case out, or lower minimumROISize",
        )
    return box


def _resegmented(image, mask, settings):
    """The voxels of the mask whose intensity lies in the range."""
    x = to_float(image[mask])
    thresholds = sorted(settings["resegmentRange"])
    if settings["resegmentMode"] == "relative":
        thresholds = [x.max() * threshold for threshold in thresholds]
    elif settings["resegmentMode"] == "sigma":
        if x.dtype == np.float32 and np.abs(x).max() > LARGEST_SINGLE:
            x = x.astype(float)
        thresholds = [x.mean() + x.std() * threshold for threshold in thresholds]
    low, high = thresholds if len(thresholds) == 2 else (thresholds[0], np.inf)
    kept = (x >= low) & (x <= high)
    if np.count_nonzero(kept) <= 1:
        raise MaskError(
            f"re-segmentation from {low:g} to {high:g} leaves {np.count_nonzero(kept)} voxels of the region; its "
            f"intensities go from {x.min():g} to {x.max():g}",
            "check resegmentRange and the unit of the image, or the mask",
        )
    result = np.zeros_like(mask)
    result[mask] = kept
    return result
