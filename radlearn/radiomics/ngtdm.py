"""Neighbourhood grey tone difference matrix: 5 features of how much a voxel differs from what surrounds it."""

import math

import numpy as np

from radlearn.radiomics import _kernels
from radlearn.radiomics._aggregation import UNDIRECTED
from radlearn.radiomics._family import Family
from radlearn.radiomics._size_matrix import named_sums

# IBSI's value of the coarseness where no voxel differs from its surroundings.
LARGEST_COARSENESS = 1e6

# What the kernel gives, in its order.
SUMS = ("count", "coarseness", "contrast", "busyness", "complexity", "strength")


class NGTDM(Family, name="ngtdm", ibsi="IPET", aggregations=UNDIRECTED):
    r"""Neighbourhood grey tone difference matrix: the difference of voxels from the average around them.

    For each grey level i, :math:`s_i` adds up the absolute differences between i and the average level of the neighbors
    up to the Chebyshev distance `ngtdm_distance`, over the :math:`n_i` voxels of that level that have a neighbor in the
    region; :math:`p_i = n_i / N`, with N the sum of all :math:`n_i`, and :math:`n_p` of the :math:`p_i` are above 0. A
    region in which no two voxels are neighbors has no matrix: all features are NaN.
    """

    def measure(self):
        """Add up differences, and make features of them."""
        merge, distance = UNDIRECTED[self.aggregation], self.region.texture.ngtdm_distance
        rows = tone_differences(self.region.padded_levels(distance), distance, merge, self.region.n_g)
        self.sums = named_sums(SUMS, _kernels.tone_features(*rows, LARGEST_COARSENESS))


def tone_differences(levels, distance, merge, n_g):
    """Differences of voxels from the average around them.

    Parameters
    ----------
    levels, distance
        As for the kernel `sum_tone_differences`.
    merge : Aggregation
    n_g : int

    Returns
    -------
    n_i : ndarray of int64, shape (n_matrices, n_g)
        Number of voxels of each level that have a neighbor in the region.
    s_i : ndarray of float64, shape (n_matrices, n_g)
        Sum over them of the absolute difference between their level and the average level of their neighbors.
    """
    n_matrices = len(levels) - 2 * distance if merge.per_slice else 1
    n_i, s_i = np.zeros((n_matrices, n_g), np.int64), np.zeros((n_matrices, n_g))
    most = (2 * int(distance) + 1) ** (2 if merge.in_plane else 3)
    number_bits = most.bit_length()
    boxes = np.zeros(math.prod(levels.shape[1:]), np.int32 if n_g * most << number_bits < 2**31 else np.int64)
    _kernels.sum_tone_differences(levels, distance, not merge.in_plane, boxes, number_bits, n_i, s_i)
    return n_i, s_i


@NGTDM.feature(ibsi="QCDE", unit="bin^-1", formula=r"\frac{1}{\sum_i p_i s_i}", pyradiomics="Coarseness")
def coarseness(m):
    """How little voxels differ from their surroundings; 1e6 if none does."""
    return m.sums["coarseness"]


@NGTDM.feature(
    ibsi="65HE",
    unit="bin^3",
    formula=r"\frac{1}{n_p (n_p - 1)} \sum_{i,j} p_i p_j (i - j)^2 \cdot \frac{1}{N} \sum_i s_i",
    pyradiomics="Contrast",
)
def contrast(m):
    """Differences between grey levels, and between voxels and their surroundings; 0 if there is one level only."""
    return m.sums["contrast"]


@NGTDM.feature(
    ibsi="NQ30",
    unit="1",
    formula=r"\frac{\sum_i p_i s_i}{\sum_{i,j} |i p_i - j p_j|},\ p_i, p_j > 0",
    pyradiomics="Busyness",
)
def busyness(m):
    """How quickly grey levels change from voxel to voxel; 0 if there is one level only, NaN if all i p_i are equal."""
    return m.sums["busyness"]


@NGTDM.feature(
    ibsi="HDEZ",
    unit="bin^2",
    formula=r"\frac{1}{N} \sum_{i,j} |i - j| \frac{p_i s_i + p_j s_j}{p_i + p_j},\ p_i, p_j > 0",
    pyradiomics="Complexity",
)
def complexity(m):
    """How many and how large the changes of the grey level are."""
    return m.sums["complexity"]


@NGTDM.feature(
    ibsi="1X9X",
    unit="bin",
    formula=r"\frac{\sum_{i,j} (p_i + p_j) (i - j)^2}{\sum_i s_i},\ p_i, p_j > 0",
    pyradiomics="Strength",
)
def strength(m):
    """How clearly grey levels stand out from each other; 0 if no voxel differs from its surroundings."""
    return m.sums["strength"]
