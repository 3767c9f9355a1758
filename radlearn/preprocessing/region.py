"""Which voxels of an image count: all, those of its mask, or those that stand out from the background."""

import numpy as np
from scipy import ndimage

from radlearn.exceptions import ImageReadError, MaskError

REGIONS = ("image", "foreground", "mask")
"""Regions from which a step may take the intensities that it learns from or measures."""

THRESHOLDS = ("mean", "li", "otsu", "triangle")
"""Methods that find the threshold between background and foreground."""

# Differences of this size, relative to the largest intensity, are what interpolation makes of a blank image.
_ROUNDING = 1e-13


def foreground(image, threshold="mean"):
    """Voxels brighter than a threshold, with the holes between them filled.

    Parameters
    ----------
    image : ndarray of shape (z, y, x) or (y, x)
        NaN and infinity are background.
    threshold : {"mean", "li", "otsu", "triangle"}, default="mean"
        The mean intensity, which keeps dark tissue where the background takes up much of the image, or a method of
        scikit-image.

    Returns
    -------
    foreground : ndarray of bool of the same shape
        All True where all finite intensities are equal, but for rounding errors.

    Examples
    --------
    >>> ring = np.array([[0, 0, 0, 0, 0], [0, 9, 9, 9, 0], [0, 9, 0, 9, 0], [0, 9, 9, 9, 0], [0, 0, 0, 0, 1]])
    >>> int(foreground(ring).sum())
    9
    """
    from skimage import filters  # noqa: PLC0415 - scikit-image is slow to import

    finite = _finite(image)
    if finite.size == 0 or finite.min() == finite.max():
        return np.ones(image.shape, bool)
    border = finite.mean() if threshold == "mean" else getattr(filters, f"threshold_{threshold}")(finite)
    return ndimage.binary_fill_holes(np.isfinite(image) & (image > border))


def intensities(volume, region="image"):
    """Finite intensities of a region of a volume.

    Parameters
    ----------
    volume : Volume
    region : {"image", "foreground", "mask"}, default="image"
        The mask is the intensity mask where there is one.

    Returns
    -------
    values : ndarray of float64 of shape (n_voxels,)
        Equal where they differ by rounding errors only.

    Raises
    ------
    MaskError
        If there is no mask and ``region="mask"``.
    ImageReadError
        If no voxel of the region has a finite intensity.
    """
    values = volume.image[region_mask(volume, region)]
    finite = _finite(values)
    if finite.size == 0:
        raise ImageReadError(
            f"none of the {values.size} voxels of the region has a finite intensity (NaN or infinite)",
            "check how the image was made, or leave the case out",
        )
    return finite


def _finite(values):
    """Finite intensities in double precision; all are the lowest one where they differ by rounding errors only."""
    finite = values[np.isfinite(values)].astype(float)
    if finite.size:
        low, high = float(finite.min()), float(finite.max())
        if high - low <= _ROUNDING * max(-low, high):
            finite[:] = low
    return finite


def region_mask(volume, region):
    """Voxels of a region, as a mask.

    Parameters
    ----------
    volume : Volume
    region : {"image", "foreground", "mask"}

    Returns
    -------
    mask : ndarray of bool of the shape of the volume

    Raises
    ------
    MaskError
        If there is no mask and ``region="mask"``.
    """
    if region == "image":
        return np.ones(volume.shape, bool)
    if region == "foreground":
        return foreground(volume.image)
    if volume.mask is None:
        raise MaskError('the case has no mask, and region="mask" asks for one', 'give it one, or take region="image"')
    return volume.intensity_mask
