"""Neighbouring grey level dependence matrix: 17 features of how many neighbors are like a voxel."""

import numpy as np

from radlearn.radiomics import _kernels
from radlearn.radiomics._aggregation import UNDIRECTED, neighbors_within, shifts_of
from radlearn.radiomics._family import Family
from radlearn.radiomics._size_matrix import SizeMatrix, Words, declare_shared, of_all_sizes


class NGLDM(SizeMatrix, Family, name="ngldm", ibsi="REK0", aggregations=UNDIRECTED):
    """Neighbouring grey level dependence matrix: how many neighbors have about the same grey level.

    The dependence of a voxel is one more than the number of neighbors, up to the Chebyshev distance
    `ngldm_distance`, whose levels differ from its own by no more than `ngldm_coarseness`.
    """

    def count(self):
        """Count the voxels of each dependence."""
        merge, options, region = UNDIRECTED[self.aggregation], self.region.texture, self.region
        distance = options.ngldm_distance
        levels = region.padded_levels(distance)
        shifts = shifts_of(neighbors_within(merge, distance), levels.shape)
        coarseness = min(options.ngldm_coarseness, region.n_g)
        n_matrices = len(levels) - 2 * distance if merge.per_slice else 1
        tables = np.zeros((n_matrices, region.n_g + 1, len(shifts) + 2), np.int64)
        _kernels.count_dependences(levels, shifts, coarseness, tables)
        return [of_all_sizes(tables)]

    def potential(self):
        """Number of voxels of each matrix: every one counts."""
        return self.sums["count"]


declare_shared(
    NGLDM,
    Words(
        items="voxels",
        small="voxels with few dependent neighbors",
        large="voxels with many dependent neighbors",
        size="dependence",
    ),
    [
        ("SODN", "low_dependence_emphasis", "SmallDependenceEmphasis"),
        ("IMOQ", "high_dependence_emphasis", "LargeDependenceEmphasis"),
        ("TL9H", "low_grey_level_count_emphasis", "LowGrayLevelEmphasis"),
        ("OAE7", "high_grey_level_count_emphasis", "HighGrayLevelEmphasis"),
        ("EQ3F", "low_dependence_low_grey_level_emphasis", "SmallDependenceLowGrayLevelEmphasis"),
        ("JA6D", "low_dependence_high_grey_level_emphasis", "SmallDependenceHighGrayLevelEmphasis"),
        ("NBZI", "high_dependence_low_grey_level_emphasis", "LargeDependenceLowGrayLevelEmphasis"),
        ("9QMG", "high_dependence_high_grey_level_emphasis", "LargeDependenceHighGrayLevelEmphasis"),
        ("FP8K", "grey_level_non_uniformity", "GrayLevelNonUniformity"),
        ("5SPA", "normalised_grey_level_non_uniformity", None),
        ("Z87G", "dependence_count_non_uniformity", "DependenceNonUniformity"),
        ("OKJI", "normalised_dependence_count_non_uniformity", "DependenceNonUniformityNormalized"),
        ("6XV8", "dependence_count_percentage", None),
        ("1PFV", "grey_level_variance", "GrayLevelVariance"),
        ("DNX2", "dependence_count_variance", "DependenceVariance"),
        ("FCBV", "dependence_count_entropy", "DependenceEntropy"),
    ],
)


@NGLDM.feature(ibsi="CAS9", unit="1", formula=r"\sum_{i,j} p_{ij}^2")
def dependence_count_energy(m):
    """Uniformity of grey levels and dependence: 1 if all voxels are alike."""
    return m.sums["energy"]
