"""Texture classes of PyRadiomics beside co-occurrence: run lengths, zones, dependences and tone differences."""

from types import SimpleNamespace

import numpy as np

from radlearn.radiomics import _kernels, ngtdm
from radlearn.radiomics._aggregation import DIRECTIONAL, NORMS, UNDIRECTED, directions_of, shifts_of
from radlearn.radiomics._pyradiomics import glcm
from radlearn.radiomics._pyradiomics.feature_class import MatrixClass, declared
from radlearn.radiomics._pyradiomics.steps import has_neighbors, in_plane, steps_of
from radlearn.radiomics._size_matrix import SUMS, of_all_sizes, summed
from radlearn.radiomics.glrlm import GLRLM, runs
from radlearn.radiomics.glszm import GLSZM, zone_sizes
from radlearn.radiomics.ngldm import NGLDM
from radlearn.radiomics.ngtdm import LARGEST_COARSENESS, NGTDM


def measure_runs(region, settings):
    """Runs along each direction in which any two voxels lie on one line.

    Parameters
    ----------
    region : Region
    settings : dict

    Returns
    -------
    measures : SimpleNamespace
        With the sums of `SizeMatrix`, a row for each matrix.
    """
    aggregation = "2.5d_direction_merged" if in_plane(region, settings) else "3d_averaged"
    directions = directions_of(DIRECTIONAL[aggregation])
    is_valid = region.once_for_masks(
        ("neighbors", len(directions)), lambda: has_neighbors(region.padded_levels(), region.positions, directions)
    )
    blocks = runs(region, aggregation)
    if settings["weightingNorm"] is None:
        return SimpleNamespace(sums=summed(blocks)[is_valid])
    [(tables, sizes)] = blocks
    weights = is_valid * _weights(directions, settings["weightingNorm"], region.spacing)
    merged = (weights.reshape(-1, 1, 1) * tables).sum(axis=0, keepdims=True)
    return SimpleNamespace(sums=_kernels.sum_sizes(merged, sizes))


def measure_zones(region, settings):
    """Zones, in the slices or in space.

    Parameters
    ----------
    region : Region
    settings : dict

    Returns
    -------
    measures : SimpleNamespace
        With the sums of `SizeMatrix`.
    """
    return SimpleNamespace(sums=summed(zone_sizes(region, "2.5d" if in_plane(region, settings) else "3d")))


def measure_dependences(region, settings):
    """Voxels by their level and their number of dependent neighbors.

    Parameters
    ----------
    region : Region
    settings : dict

    Returns
    -------
    measures : SimpleNamespace
        With the sums of `SizeMatrix`, a row for each matrix.
    """
    steps = steps_of(region, settings)
    levels = region.padded_levels(max(settings["distances"]))
    coarseness = min(settings["gldm_a"], region.n_g)
    table = np.zeros((1, region.n_g + 1, len(steps) + 2), np.int64)
    _kernels.count_dependences(levels, shifts_of(steps, levels.shape), coarseness, table)
    return SimpleNamespace(sums=_kernels.sum_sizes(*of_all_sizes(table)))


def measure_tone_differences(region, settings):
    """Differences of voxels from the average around them; a voxel without neighbors counts as one without difference.

    Parameters
    ----------
    region : Region
    settings : dict

    Returns
    -------
    measures : SimpleNamespace
        With the sums of `NGTDM`.
    """
    distance = max(settings["distances"])
    levels = region.padded_levels(distance)
    if set(settings["distances"]) == set(range(1, distance + 1)):  # they fill a box, for which there is a quicker way
        merge = UNDIRECTED["2.5d" if in_plane(region, settings) else "3d"]
        _, differences = ngtdm.tone_differences(levels, distance, merge, region.n_g)
    else:
        shifts = shifts_of(steps_of(region, settings), levels.shape)
        along = _kernels.sum_tone_differences_along(levels, shifts, region.n_g)
        differences = along[np.newaxis]
    rows = region.level_counts[np.newaxis], differences
    return SimpleNamespace(sums=_kernels.tone_features(*rows, LARGEST_COARSENESS))


def _busyness(m):
    return np.nan_to_num(m.sums["busyness"])


def _weights(directions, norm, spacing):
    """Distance of the neighbor along each direction in mm, by which its runs count."""
    if norm == "no_weighting":
        return np.ones(len(directions))
    order = NORMS[glcm.NORMS[norm]]
    return np.linalg.norm(directions * (1.0, *spacing)[-3:], order, axis=1)


GLRLM_CLASS = MatrixClass(measure_runs, SUMS, declared(GLRLM))
GLSZM_CLASS = MatrixClass(measure_zones, SUMS, declared(GLSZM))
GLDM_CLASS = MatrixClass(measure_dependences, SUMS, declared(NGLDM))
NGTDM_CLASS = MatrixClass(measure_tone_differences, ngtdm.SUMS, declared(NGTDM) | {"Busyness": _busyness})
