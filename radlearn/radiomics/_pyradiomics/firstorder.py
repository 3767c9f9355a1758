"""First-order statistics of PyRadiomics: kurtosis without -3, entropy and uniformity of grey levels, shifted energy."""

import math
from types import SimpleNamespace

import numpy as np

from radlearn.radiomics._pyradiomics.feature_class import FeatureClass, declared
from radlearn.radiomics.statistics import Statistics


def measure(region, settings):
    """Statistics of the engine, and what it does not have.

    Parameters
    ----------
    region : Region
    settings : dict

    Returns
    -------
    measures : SimpleNamespace
        Those of `Statistics`; `p`, the part of the voxels that each grey level has; `square`, with intensities shifted
        by `voxelArrayShift`; `voxel_volume` in mm^3.
    """
    measures = SimpleNamespace(**vars(Statistics(region)))
    if settings["voxelArrayShift"]:
        measures.square = float(np.mean((region.intensities + settings["voxelArrayShift"]) ** 2))
    counts = region.level_counts
    measures.p = counts[counts > 0] / measures.n
    measures.voxel_volume = math.prod(region.spacing)
    return measures


def _kurtosis(m):
    return m.fourth / m.second**2 if m.second else 0.0


def _standard_deviation(m):
    return np.sqrt(m.second)


def _entropy(m):
    return float(-(m.p * np.log2(m.p)).sum())


def _uniformity(m):
    return float((m.p**2).sum())


def _total_energy(m):
    return m.square * m.n * m.voxel_volume


FIRSTORDER = FeatureClass(
    measure,
    declared(Statistics)
    | {
        "Entropy": _entropy,
        "Kurtosis": _kurtosis,
        "StandardDeviation": _standard_deviation,
        "TotalEnergy": _total_energy,
        "Uniformity": _uniformity,
    },
)
