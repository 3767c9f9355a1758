"""Grey level co-occurrence matrix: 25 features of how often grey levels lie side by side.

Every feature is a sum over the matrix p, and nearly all need only a distribution: of the grey levels i, of their
differences abs(i - j) or of their sums i + j. A kernel makes these sums in one pass over the non-zero entries; the
declarations below give the textbook formula of each.
"""

from typing import NamedTuple

import numpy as np

from radlearn.radiomics import _kernels
from radlearn.radiomics._aggregation import DIRECTIONAL, blocks_of, direction_weights, directions_of, shifts_of
from radlearn.radiomics._bit_planes import PAIRS, suits_bit_planes
from radlearn.radiomics._family import Family
from radlearn.radiomics._ratio import ratio
from radlearn.radiomics._size_matrix import named_sums

# Up to this many grey levels, pairs are counted in a table of all pairs (8 MB a matrix). Beyond, they are listed and
# sorted; also if a table that is not small has so many times more entries than there may be pairs.
TABLE_LEVELS, SMALL_TABLE, ENTRIES_PER_PAIR = 1024, 2**16, 12

# Number of tables that take turns, if there are at most this many grey levels.
N_TURNS, TURN_LEVELS = 4, 128

# What the kernel sums up, in its order.
SUMS = (
    *("count", "largest", "energy", "entropy", "product"),
    *("mean", "variance", "level_entropy", "neighbor_mean", "neighbor_variance", "neighbor_entropy", "covariance"),
    *("difference_mean", "difference_variance", "difference_entropy", "contrast"),
    *("inverse", "normalised_inverse", "inverse_square", "normalised_inverse_square", "inverse_variance"),
    *("sum_variance", "sum_third", "sum_fourth", "sum_entropy", "mutual_information"),
)


class Entries(NamedTuple):
    """Non-zero entries of matrices, sorted by matrix and level; the arrays are of one length."""

    matrices: np.ndarray
    levels: np.ndarray
    neighbors: np.ndarray
    counts: np.ndarray
    n_matrices: int


class GLCM(Family, name="glcm", ibsi="LFYI", aggregations=DIRECTIONAL):
    r"""Grey level co-occurrence matrix: how often grey levels lie side by side.

    Between voxels that are `glcm_distance` steps apart along a direction; symmetric, unless `glcm_symmetric` is False.
    IBSI writes its formulas for symmetric matrices. In others, :math:`2 \mu` is the mean of i + j, and :math:`2 HX` the
    sum of the entropies of i and of j; the correlation is that of i and j.
    A region in which no two voxels are neighbors has no matrix: all features are NaN.
    """

    def measure(self):
        """Count pairs, and sum over the entries."""
        region, options = self.region, self.region.texture
        entries = cooccurrences(region, self.aggregation, options.glcm_distance, symmetric=options.glcm_symmetric)
        self.sums = named_sums(SUMS, _kernels.sum_pairs(*entries, region.n_g))


def cooccurrences(region, aggregation, distance=1, *, symmetric=True):
    """Count pairs of neighboring grey levels, merged as the aggregation asks.

    Parameters
    ----------
    region : Region
    aggregation : str
        A key of `DIRECTIONAL`.
    distance : int, default=1
        Number of steps to the neighbor.
    symmetric : bool, default=True
        Whether each pair counts both ways.

    Returns
    -------
    entries : Entries
        Of matrices (level, level of the neighbor); some may be empty.
    """
    merge = DIRECTIONAL[aggregation]
    directions = directions_of(merge)
    weights = (
        None
        if merge.per_direction
        else direction_weights(distance * directions, region.texture.weighting_norm, region.spacing)
    )
    blocks = blocks_of(region.padded_levels(distance), distance, merge)
    return _concatenated(
        [pair_entries(block, distance * directions, merge, weights, region.n_g, symmetric) for block in blocks]
    )


def pair_entries(levels, directions, merge, weights, n_g, symmetric):
    """Count the pairs of one block along any steps.

    Parameters
    ----------
    levels : ndarray of int16, shape (z + 2 d, y + 2 d, x + 2 d)
        1 to n_g inside the region, 0 outside and in the d outermost layers; or a single slice of it.
    directions : ndarray of shape (n_directions, 3)
        Steps (z, y, x) to the neighbors, none longer than d, each later in memory.
    merge : Aggregation
    weights : ndarray of shape (n_directions,) or None
        How much each direction counts in a matrix that merges all; None where all count the same.
    n_g : int
    symmetric : bool
        Whether each pair counts both ways.

    Returns
    -------
    entries : Entries
        Of one matrix, or of one for each direction.
    """
    shifts, numbers = shifts_of(directions, levels.shape), np.arange(len(directions))
    n_matrices = len(directions) if merge.per_direction or weights is not None else 1
    if n_g > TABLE_LEVELS or _nearly_empty(n_matrices * n_g**2, levels, directions):
        places = _kernels.list_pairs(levels, shifts, numbers % n_matrices, n_g)
        return _sorted_pairs(places, n_matrices, n_g, weights, symmetric)
    if suits_bit_planes(levels, n_g**2, PAIRS):
        count, n_tables = _kernels.count_pairs_of_few, n_matrices
    else:
        # Neighbors are alike, and a processor waits where it adds to one entry again and again: some tables take turns.
        count, n_tables = _kernels.count_pairs, max(n_matrices, N_TURNS if n_g <= TURN_LEVELS else 1)
    tables = np.zeros((n_tables, n_g + 1, n_g + 1), np.int64)
    count(levels, shifts, numbers % n_tables, tables)
    if weights is not None:
        tables = np.tensordot(weights, tables, 1)[np.newaxis]
    elif n_matrices == 1:
        tables = tables.sum(axis=0, keepdims=True)
    places, counts = _kernels.list_entries(tables, symmetric)
    return Entries(*places, counts, len(tables))


def _concatenated(blocks):
    """Entries of several blocks as those of one, with the matrices of each after those of the one before."""
    if len(blocks) == 1:
        return blocks[0]
    n_matrices = blocks[0].n_matrices
    matrices = [block.matrices + number * n_matrices for number, block in enumerate(blocks)]
    columns = [np.concatenate(column) for column in list(zip(*blocks, strict=True))[1:4]]
    return Entries(np.concatenate(matrices), *columns, n_matrices * len(blocks))


def _nearly_empty(n_entries, levels, directions):
    """Whether tables of so many entries have few pairs in them."""
    return n_entries > SMALL_TABLE and n_entries > ENTRIES_PER_PAIR * len(directions) * np.count_nonzero(levels)


def _sorted_pairs(places, n_matrices, n_g, weights, symmetric):
    """Entries of pairs that are listed, each as a place in a table of all pairs."""
    if symmetric:
        matrices, pairs = np.divmod(places, n_g**2)
        i, j = np.divmod(pairs, n_g)
        places = np.concatenate([places, (matrices * n_g + j) * n_g + i])
    places, counts = np.unique(places, return_counts=True)
    matrices, pairs = np.divmod(places, n_g**2)
    counts = counts.astype(float)
    if weights is not None:
        pairs, inverse = np.unique(pairs, return_inverse=True)
        counts = np.bincount(inverse, weights=counts * weights[matrices])
        pairs, counts = pairs[counts > 0], counts[counts > 0]  # directions may weigh nothing
        matrices, n_matrices = np.zeros_like(pairs), 1
    i, j = np.divmod(pairs, n_g)
    return Entries(matrices, i + 1, j + 1, counts, n_matrices)


@GLCM.feature(ibsi="GYBY", unit="1", formula=r"\max_{i,j} p_{ij}", pyradiomics="MaximumProbability")
def joint_maximum(m):
    """Probability of the most frequent pair of grey levels."""
    return m.sums["largest"]


@GLCM.feature(ibsi="60VM", unit="bin", formula=r"\mu = \sum_{i,j} i\, p_{ij}", pyradiomics="JointAverage")
def joint_average(m):
    """Average grey level of the pairs."""
    return m.sums["mean"]


@GLCM.feature(ibsi="UR99", unit="bin^2", formula=r"\sum_{i,j} (i - \mu)^2\, p_{ij}", pyradiomics="SumSquares")
def joint_variance(m):
    """Variance of the grey levels of the pairs."""
    return m.sums["variance"]


@GLCM.feature(ibsi="TU9B", unit="bit", formula=r"-\sum_{i,j} p_{ij} \log_2 p_{ij}", pyradiomics="JointEntropy")
def joint_entropy(m):
    """Disorder of the pairs: 0 if all are alike."""
    return m.sums["entropy"]


@GLCM.feature(ibsi="TF7R", unit="bin", formula=r"\sum_k k\, p_{i-j,k}", pyradiomics="DifferenceAverage")
def difference_average(m):
    """Average difference of neighboring grey levels."""
    return m.sums["difference_mean"]


@GLCM.feature(
    ibsi="D3YU", unit="bin^2", formula=r"\sum_k (k - \mu_{i-j})^2\, p_{i-j,k}", pyradiomics="DifferenceVariance"
)
def difference_variance(m):
    """Variance of the differences of neighboring grey levels."""
    return m.sums["difference_variance"]


@GLCM.feature(ibsi="NTRS", unit="bit", formula=r"-\sum_k p_{i-j,k} \log_2 p_{i-j,k}", pyradiomics="DifferenceEntropy")
def difference_entropy(m):
    """Disorder of the differences of neighboring grey levels."""
    return m.sums["difference_entropy"]


@GLCM.feature(ibsi="ZGXS", unit="bin", formula=r"\sum_k k\, p_{i+j,k}", pyradiomics="SumAverage")
def sum_average(m):
    """Average sum of neighboring grey levels; twice the joint average."""
    return m.sums["mean"] + m.sums["neighbor_mean"]


@GLCM.feature(ibsi="OEEB", unit="bin^2", formula=r"\sum_k (k - \mu_{i+j})^2\, p_{i+j,k}")
def sum_variance(m):
    """Variance of the sums of neighboring grey levels; equal to the cluster tendency."""
    return m.sums["sum_variance"]


@GLCM.feature(ibsi="P6QZ", unit="bit", formula=r"-\sum_k p_{i+j,k} \log_2 p_{i+j,k}", pyradiomics="SumEntropy")
def sum_entropy(m):
    """Disorder of the sums of neighboring grey levels."""
    return m.sums["sum_entropy"]


@GLCM.feature(ibsi="8ZQL", unit="1", formula=r"\sum_{i,j} p_{ij}^2", pyradiomics="JointEnergy")
def angular_second_moment(m):
    """Uniformity of the pairs: 1 if all are alike."""
    return m.sums["energy"]


@GLCM.feature(ibsi="ACUI", unit="bin^2", formula=r"\sum_{i,j} (i - j)^2\, p_{ij}", pyradiomics="Contrast")
def contrast(m):
    """Average squared difference of neighboring grey levels."""
    return m.sums["contrast"]


@GLCM.feature(ibsi="8S9J", unit="bin", formula=r"\sum_{i,j} |i - j|\, p_{ij}")
def dissimilarity(m):
    """Average difference of neighboring grey levels; equal to the difference average."""
    return m.sums["difference_mean"]


@GLCM.feature(ibsi="IB1Z", unit="1", formula=r"\sum_{i,j} \frac{p_{ij}}{1 + |i - j|}", pyradiomics="Id")
def inverse_difference(m):
    """Homogeneity: 1 if neighbors have the same grey level, less the more they differ."""
    return m.sums["inverse"]


@GLCM.feature(ibsi="NDRX", unit="1", formula=r"\sum_{i,j} \frac{p_{ij}}{1 + |i - j| / n_g}", pyradiomics="Idn")
def normalised_inverse_difference(m):
    """Homogeneity, with differences divided by the number of grey levels."""
    return m.sums["normalised_inverse"]


@GLCM.feature(ibsi="WF0Z", unit="1", formula=r"\sum_{i,j} \frac{p_{ij}}{1 + (i - j)^2}", pyradiomics="Idm")
def inverse_difference_moment(m):
    """Homogeneity, with less weight for large differences."""
    return m.sums["inverse_square"]


@GLCM.feature(ibsi="1QCO", unit="1", formula=r"\sum_{i,j} \frac{p_{ij}}{1 + (i - j)^2 / n_g^2}", pyradiomics="Idmn")
def normalised_inverse_difference_moment(m):
    """Homogeneity, with squared differences divided by the squared number of grey levels."""
    return m.sums["normalised_inverse_square"]


@GLCM.feature(
    ibsi="E8JP", unit="bin^-2", formula=r"2 \sum_i \sum_{j>i} \frac{p_{ij}}{(i - j)^2}", pyradiomics="InverseVariance"
)
def inverse_variance(m):
    """Weight of small differences among neighbors that differ."""
    return m.sums["inverse_variance"]


@GLCM.feature(
    ibsi="NI2N",
    unit="1",
    formula=r"\frac{1}{\sigma^2} \left(\sum_{i,j} i j\, p_{ij} - \mu^2\right)",
    pyradiomics="Correlation",
)
def correlation(m):
    """Linear dependence of neighboring grey levels, from -1 to 1; NaN if there is one grey level only."""
    deviations = np.sqrt(m.sums["variance"] * m.sums["neighbor_variance"])
    return ratio(m.sums["covariance"], deviations)


@GLCM.feature(ibsi="QWB0", unit="bin^2", formula=r"\sum_{i,j} i j\, p_{ij}", pyradiomics="Autocorrelation")
def autocorrelation(m):
    """Average product of neighboring grey levels."""
    return m.sums["product"]


@GLCM.feature(ibsi="DG8W", unit="bin^2", formula=r"\sum_{i,j} (i + j - 2\mu)^2\, p_{ij}", pyradiomics="ClusterTendency")
def cluster_tendency(m):
    """Variance of the sums of neighboring grey levels."""
    return m.sums["sum_variance"]


@GLCM.feature(ibsi="7NFM", unit="bin^3", formula=r"\sum_{i,j} (i + j - 2\mu)^3\, p_{ij}", pyradiomics="ClusterShade")
def cluster_shade(m):
    """Asymmetry of the sums of neighboring grey levels."""
    return m.sums["sum_third"]


@GLCM.feature(
    ibsi="AE86", unit="bin^4", formula=r"\sum_{i,j} (i + j - 2\mu)^4\, p_{ij}", pyradiomics="ClusterProminence"
)
def cluster_prominence(m):
    """Peakedness and asymmetry of the sums of neighboring grey levels."""
    return m.sums["sum_fourth"]


@GLCM.feature(
    ibsi="R8DG",
    unit="1",
    formula=r"\frac{HXY - HXY_1}{HX},\ HXY_1 = -\sum_{i,j} p_{ij} \log_2(p_{i.}\, p_{.j}) = 2 HX",
    pyradiomics="Imc1",
)
def information_correlation_1(m):
    """Information that neighbors share, from 0 (none) to -1; NaN if there is one grey level only."""
    return ratio(-m.sums["mutual_information"], m.sums["level_entropy"])


@GLCM.feature(
    ibsi="JN9H",
    unit="1",
    formula=r"\sqrt{1 - \exp(-2 (HXY_2 - HXY))},\ HXY_2 = -\sum_{i,j} p_{i.}\, p_{.j} \log_2(p_{i.}\, p_{.j}) = 2 HX",
    pyradiomics="Imc2",
)
def information_correlation_2(m):
    """Information that neighbors share, from 0 (none) to 1."""
    return np.sqrt(-np.expm1(-2 * m.sums["mutual_information"]))
