"""What maps are computed from: intensities and grey levels of a region with a margin, laid flat."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radlearn._bounding_box import widened
from radlearn.exceptions import MaskError
from radlearn.radiomics._gaps import box_of_region
from radlearn.radiomics._pyradiomics.bins import PyRadiomicsBins
from radlearn.radiomics._region import LARGEST, check_intensities

# The energy of 13^3 voxels of larger intensities is beyond single precision.
LARGEST_SINGLE = 1e16


@dataclass(frozen=True, eq=False)
class MapArrays:
    """Intensities of the voxels that count, with so wide a margin around them that no neighborhood leaves it.

    Parameters
    ----------
    padded : ndarray of float32 or float64, shape (z, y, x)
        Infinite where a voxel does not count.
    centers : ndarray of int64, shape (n_voxels,)
        Flat positions in it of the voxels of the region.
    bins : PyRadiomicsBins
        How grey levels are made.
    voxel_volume : float
        In mm^3.
    """

    padded: np.ndarray
    centers: np.ndarray
    bins: PyRadiomicsBins
    voxel_volume: float

    @property
    def image(self):
        """Intensities, laid flat."""
        return self.padded.ravel()

    @cached_property
    def levels(self):
        """Grey levels from 1, laid flat, and 0 where a voxel does not count; int16."""
        counts = np.isfinite(self.image)
        intensities = self.image[counts].astype(float)
        levels = np.zeros(counts.size, np.int16)
        levels[counts], _ = self.bins.grey_levels(intensities)
        return levels

    @cached_property
    def n_g(self):
        """The highest grey level."""
        return int(self.levels.max())


def map_arrays(volume, around, radius, bins, *, masked):
    """Cut a volume to what maps are computed from.

    Parameters
    ----------
    volume : Volume
        Its intensity mask is the region.
    around : Neighborhood
    radius : int
        In voxels.
    bins : PyRadiomicsBins
    masked : bool
        Whether only voxels of the region count, or all in its bounding box and `radius` voxels around it.

    Returns
    -------
    arrays : MapArrays

    Raises
    ------
    MaskError
        If the mask is empty, or a voxel that counts is NaN or infinite, or so large that the type of the image could
        not hold its energy.
    """
    image, region = (array.reshape((-1, *array.shape[-2:])) for array in (volume.image, volume.intensity_region))
    box = box_of_region(region)
    if not masked:
        box = widened(box, [radius] * 3, region.shape)
    inside = region[box]
    counts = inside if masked else np.ones(inside.shape, bool)
    x = image[box][counts]
    bad = np.count_nonzero(~np.isfinite(x))
    if bad:
        raise MaskError(
            f"{bad} of {x.size} voxels from which maps are computed are NaN or infinite",
            "remove them from the mask, or fill them in an earlier step" + ("" if masked else ", or use masked=True"),
        )
    check_intensities(x, largest=LARGEST if x.dtype == float else LARGEST_SINGLE)
    margins = around.steps.max(axis=0)
    core = tuple(slice(margin, margin + length) for margin, length in zip(margins, inside.shape, strict=True))
    padded = np.full(inside.shape + 2 * margins, np.inf, image.dtype)
    padded[core][counts] = image[box][counts]
    is_center = np.zeros(padded.shape, bool)
    is_center[core] = inside
    return MapArrays(padded, np.flatnonzero(is_center), bins, math.prod(volume.spacing))
