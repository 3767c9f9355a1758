"""What the families measure: the region of one case, cropped to its bounding box."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from radlearn.exceptions import MaskError
from radlearn.radiomics.discretize import Bins


@dataclass(frozen=True, eq=False)
class Region:
    """Image, masks and grey levels of a region; all arrays have the same shape ``(z, y, x)`` or ``(y, x)``.

    Parameters
    ----------
    image : ndarray
        Intensities; whatever lies outside the mask is not read.
    mask : ndarray of bool
        Morphological mask, with at least one voxel.
    intensity_mask : ndarray of bool
        What re-segmentation left of it, at least one voxel.
    spacing : tuple of float
        Distance of voxel centers in mm, in the order of the axes.
    bins : Bins
        How grey levels are made.
    """

    image: np.ndarray
    mask: np.ndarray
    intensity_mask: np.ndarray
    spacing: tuple[float, ...]
    bins: Bins = field(default_factory=Bins)

    @cached_property
    def intensities(self):
        """Intensities in the intensity mask; float64 of shape (n_voxels,)."""
        return self.image[self.intensity_mask].astype(float)

    @cached_property
    def levels(self):
        """Grey levels from 1, and 0 outside the intensity mask; int16 of the shape of the image."""
        return self._discretised[0]

    @property
    def n_g(self):
        """Number of grey levels."""
        return self._discretised[1]

    @cached_property
    def _discretised(self):
        levels = np.zeros(self.image.shape, np.int16)
        levels[self.intensity_mask], n_g = self.bins.grey_levels(self.intensities)
        return levels, n_g


def region_of(volume, bins, resegment_range=None):
    """Crop a volume to its region, and take out of the intensity mask what lies outside `resegment_range`.

    Parameters
    ----------
    volume : Volume
        A volume without a mask is all region.
    bins : Bins
        How grey levels are made.
    resegment_range : tuple of two floats, optional
        Lowest and highest intensity (both included) that stay in the intensity mask; None leaves a side open. The
        morphological mask stays as it is (IBSI code USB3).

    Returns
    -------
    region : Region

    Raises
    ------
    MaskError
        If the mask is empty, a voxel in it is NaN or infinite, or re-segmentation leaves nothing.
    """
    mask = volume.region
    box = bounding_box(mask)
    image, mask, intensity_mask = volume.image[box], mask[box], volume.intensity_region[box]
    _check_finite(image[mask])
    if resegment_range is not None:
        intensity_mask = intensity_mask & _within(image, resegment_range)
    if not intensity_mask.any():
        found = image[mask]
        raise MaskError(
            f"no voxel is left in the intensity mask after re-segmentation (resegment_range={resegment_range}); the "
            f"intensities in the region go from {found.min():g} to {found.max():g}",
            "check the range and the unit of the image, or the mask",
        )
    return Region(image, mask, intensity_mask, volume.spacing, bins)


def bounding_box(mask):
    """Smallest box around the mask, as a tuple of slices.

    Raises
    ------
    MaskError
        If the mask is empty.

    Examples
    --------
    >>> bounding_box(np.array([[0, 0, 0], [0, 1, 1]], bool))
    (slice(1, 2, None), slice(1, 3, None))
    """
    box = ()
    for axis in range(mask.ndim):
        # What is already known of the box is cropped first: later axes then look at less.
        rest = mask[box].any(axis=tuple(other for other in range(mask.ndim) if other != axis))
        if not rest.any():
            raise MaskError("the mask is empty", "leave the case out, or check mask_label")
        occupied = np.flatnonzero(rest)
        box += (slice(int(occupied[0]), int(occupied[-1]) + 1),)
    return box


def _within(image, resegment_range):
    low, high = resegment_range
    with np.errstate(invalid="ignore"):  # NaN outside the mask, which compares as False
        return (image >= (-np.inf if low is None else low)) & (image <= (np.inf if high is None else high))


def _check_finite(intensities):
    bad = np.count_nonzero(~np.isfinite(intensities))
    if bad:
        raise MaskError(
            f"{bad} of {intensities.size} voxels in the region are NaN or infinite",
            "take them out of the mask, or fill them in a step before (NaN outside the region does no harm)",
        )
