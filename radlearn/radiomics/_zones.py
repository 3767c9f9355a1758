"""Zones: connected voxels of one grey level, for the two families that measure them."""

from typing import NamedTuple

import numpy as np

from radlearn.radiomics import _kernels
from radlearn.radiomics._aggregation import UNDIRECTED, directions_of, links_of
from radlearn.radiomics._region import as_volume


class Zones(NamedTuple):
    """Zones of a region in the order of their matrices; arrays of shape (n_zones,), but for the last one."""

    matrices: np.ndarray
    levels: np.ndarray
    sizes: np.ndarray
    distances: np.ndarray
    per_matrix: np.ndarray
    """Number of zones of each matrix."""


def zones_of(region, aggregation):
    """Zones with their size and their distance from the border of the region.

    Parameters
    ----------
    region : Region
        Distances are those from the border of the morphological mask.
    aggregation : str
        A key of `UNDIRECTED`.

    Returns
    -------
    zones : Zones
    """
    return region.once(("zones", aggregation), lambda: _find_zones(region, aggregation))


def _find_zones(region, aggregation):
    merge = UNDIRECTED[aggregation]
    levels = region.padded_levels()
    directions = directions_of(merge)
    per_slice = np.empty(len(levels) - 2, np.int64)
    zone_levels, sizes, distances = _kernels.list_zones(
        levels,
        region.matches(directions),
        region.once_for_masks(("distances", merge.in_plane), lambda: _distances(region, merge.in_plane)),
        directions,
        *links_of(merge, region.texture.zone_connectivity),
        per_slice,
    )
    if not merge.per_slice:
        return Zones(np.zeros(sizes.size, np.int32), zone_levels, sizes, distances, np.array([sizes.size]))
    matrices = np.repeat(np.arange(per_slice.size, dtype=np.int32), per_slice)
    return Zones(matrices, zone_levels, sizes, distances, per_slice)


def _distances(region, in_plane):
    """Distance of each voxel from the border of the morphological mask, with a layer of 0 around it."""
    mask = as_volume(region.mask)
    distances = np.zeros([length + 2 for length in mask.shape], np.uint16)
    _kernels.border_distances(mask, not in_plane, distances)
    return distances
