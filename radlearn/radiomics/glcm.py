"""Grey level co-occurrence matrix: 25 features of how often grey levels lie side by side.

Every feature is a sum over the matrix p, and nearly all need only one of three distributions: of the grey levels i
(`m.levels`), of their differences abs(i - j) (`m.differences`) and of their sums i + j (`m.sums`). A kernel makes these
and four further sums in one pass over the non-zero entries; the declarations below give the textbook formula of each.
"""

import numpy as np

from radlearn.radiomics import _kernels
from radlearn.radiomics._aggregation import DIRECTIONAL, DIRECTIONS_2D, DIRECTIONS_3D
from radlearn.radiomics._distribution import Distributions, ratio
from radlearn.radiomics._family import Family

# Up to this many grey levels, pairs are counted in a table of all pairs (4 MB a matrix); beyond, they are listed and
# sorted.
TABLE_LEVELS = 1024


class GLCM(Family, name="glcm", ibsi="LFYI", aggregations=DIRECTIONAL):
    """Grey level co-occurrence matrix: how often grey levels lie side by side.

    Symmetric, between direct neighbors (Chebyshev distance 1). A region in which no two voxels are neighbors has no
    matrix: all features are NaN.
    """

    def measure(self):
        """Count pairs, and make the distributions."""
        n_g = self.region.n_g
        places, counts, n_matrices = cooccurrences(self.region.levels, n_g, self.aggregation)
        sums = _kernels.sum_pairs(places, counts, n_matrices, n_g)
        has_pairs = ~np.isnan(sums[0][:, 0])
        marginal, difference, total, joint = (array[has_pairs] for array in sums)

        self.n_g = n_g
        self.levels = Distributions(np.arange(1, n_g + 1), marginal)
        self.differences = Distributions(np.arange(n_g), difference)
        self.sums = Distributions(np.arange(2, 2 * n_g + 1), total)
        self.largest_p, self.sum_of_squares, self.joint_entropy, self.mean_product = joint.T


def cooccurrences(levels, n_g, aggregation):
    """Count pairs of neighboring grey levels, merged as the aggregation asks.

    Parameters
    ----------
    levels : ndarray of int16, shape (z, y, x) or (y, x)
        1 to `n_g` inside the region, 0 outside.
    n_g : int
        Number of grey levels.
    aggregation : str
        A key of `DIRECTIONAL`.

    Returns
    -------
    places : ndarray of int64, shape (n_entries,)
        The non-zero entries on and above the diagonals, as flat positions in a table (n_matrices, n_g, n_g).
    counts : ndarray of integers, shape (n_entries,)
        How many pairs each has, in whichever order.
    n_matrices : int
        Some of them may be empty.
    """
    merge = DIRECTIONAL[aggregation]
    padded = np.pad(levels.reshape((-1, *levels.shape[-2:])), 1)
    rows, columns = padded.shape[1:]
    directions = DIRECTIONS_2D if merge.in_plane else DIRECTIONS_3D
    shifts = directions @ np.array([rows * columns, columns, 1])
    matrices = np.arange(len(shifts)) * merge.per_direction

    blocks = padded[1:-1] if merge.per_slice else [padded]
    n_matrices = matrices[-1] + 1  # in each block
    places, counts = zip(*(_count(block.ravel(), shifts, matrices, n_g) for block in blocks), strict=True)
    places = [place + number * n_matrices * n_g**2 for number, place in enumerate(places)]
    return np.concatenate(places), np.concatenate(counts), len(places) * n_matrices


def _count(levels, shifts, matrices, n_g):
    """Places and counts of one block."""
    if n_g > TABLE_LEVELS:
        return np.unique(_kernels.list_pairs(levels, shifts, matrices, n_g), return_counts=True)
    table = _kernels.count_pairs(levels, shifts, matrices, matrices[-1] + 1, n_g).ravel()
    places = np.flatnonzero(table)
    return places, table[places]


@GLCM.feature(ibsi="GYBY", unit="1", formula=r"\max_{i,j} p_{ij}", pyradiomics="MaximumProbability")
def joint_maximum(m):
    """Probability of the most frequent pair of grey levels."""
    return m.largest_p


@GLCM.feature(ibsi="60VM", unit="bin", formula=r"\mu = \sum_{i,j} i\, p_{ij}", pyradiomics="JointAverage")
def joint_average(m):
    """Average grey level of the pairs."""
    return m.levels.mean


@GLCM.feature(ibsi="UR99", unit="bin^2", formula=r"\sum_{i,j} (i - \mu)^2\, p_{ij}", pyradiomics="SumSquares")
def joint_variance(m):
    """Variance of the grey levels of the pairs."""
    return m.levels.moment(2)


@GLCM.feature(ibsi="TU9B", unit="bit", formula=r"-\sum_{i,j} p_{ij} \log_2 p_{ij}", pyradiomics="JointEntropy")
def joint_entropy(m):
    """Disorder of the pairs: 0 if all are alike."""
    return m.joint_entropy


@GLCM.feature(ibsi="TF7R", unit="bin", formula=r"\sum_k k\, p_{i-j,k}", pyradiomics="DifferenceAverage")
def difference_average(m):
    """Average difference of neighboring grey levels."""
    return m.differences.mean


@GLCM.feature(
    ibsi="D3YU", unit="bin^2", formula=r"\sum_k (k - \mu_{i-j})^2\, p_{i-j,k}", pyradiomics="DifferenceVariance"
)
def difference_variance(m):
    """Variance of the differences of neighboring grey levels."""
    return m.differences.moment(2)


@GLCM.feature(ibsi="NTRS", unit="bit", formula=r"-\sum_k p_{i-j,k} \log_2 p_{i-j,k}", pyradiomics="DifferenceEntropy")
def difference_entropy(m):
    """Disorder of the differences of neighboring grey levels."""
    return m.differences.entropy


@GLCM.feature(ibsi="ZGXS", unit="bin", formula=r"\sum_k k\, p_{i+j,k}", pyradiomics="SumAverage")
def sum_average(m):
    """Average sum of neighboring grey levels; twice the joint average."""
    return m.sums.mean


@GLCM.feature(ibsi="OEEB", unit="bin^2", formula=r"\sum_k (k - \mu_{i+j})^2\, p_{i+j,k}")
def sum_variance(m):
    """Variance of the sums of neighboring grey levels; equal to the cluster tendency."""
    return m.sums.moment(2)


@GLCM.feature(ibsi="P6QZ", unit="bit", formula=r"-\sum_k p_{i+j,k} \log_2 p_{i+j,k}", pyradiomics="SumEntropy")
def sum_entropy(m):
    """Disorder of the sums of neighboring grey levels."""
    return m.sums.entropy


@GLCM.feature(ibsi="8ZQL", unit="1", formula=r"\sum_{i,j} p_{ij}^2", pyradiomics="JointEnergy")
def angular_second_moment(m):
    """Uniformity of the pairs: 1 if all are alike."""
    return m.sum_of_squares


@GLCM.feature(ibsi="ACUI", unit="bin^2", formula=r"\sum_{i,j} (i - j)^2\, p_{ij}", pyradiomics="Contrast")
def contrast(m):
    """Average squared difference of neighboring grey levels."""
    return m.differences.average(m.differences.values**2)


@GLCM.feature(ibsi="8S9J", unit="bin", formula=r"\sum_{i,j} |i - j|\, p_{ij}")
def dissimilarity(m):
    """Average difference of neighboring grey levels; equal to the difference average."""
    return m.differences.mean


@GLCM.feature(ibsi="IB1Z", unit="1", formula=r"\sum_{i,j} \frac{p_{ij}}{1 + |i - j|}", pyradiomics="Id")
def inverse_difference(m):
    """Homogeneity: 1 if neighbors have the same grey level, less the more they differ."""
    return m.differences.average(1 / (1 + m.differences.values))


@GLCM.feature(ibsi="NDRX", unit="1", formula=r"\sum_{i,j} \frac{p_{ij}}{1 + |i - j| / n_g}", pyradiomics="Idn")
def normalised_inverse_difference(m):
    """Homogeneity, with differences in parts of the number of grey levels."""
    return m.differences.average(1 / (1 + m.differences.values / m.n_g))


@GLCM.feature(ibsi="WF0Z", unit="1", formula=r"\sum_{i,j} \frac{p_{ij}}{1 + (i - j)^2}", pyradiomics="Idm")
def inverse_difference_moment(m):
    """Homogeneity, with less weight for large differences."""
    return m.differences.average(1 / (1 + m.differences.values**2))


@GLCM.feature(ibsi="1QCO", unit="1", formula=r"\sum_{i,j} \frac{p_{ij}}{1 + (i - j)^2 / n_g^2}", pyradiomics="Idmn")
def normalised_inverse_difference_moment(m):
    """Homogeneity, with squared differences in parts of the squared number of grey levels."""
    return m.differences.average(1 / (1 + (m.differences.values / m.n_g) ** 2))


@GLCM.feature(
    ibsi="E8JP", unit="bin^-2", formula=r"2 \sum_i \sum_{j>i} \frac{p_{ij}}{(i - j)^2}", pyradiomics="InverseVariance"
)
def inverse_variance(m):
    """Weight of small differences among neighbors that differ."""
    weights = np.zeros(m.n_g)
    weights[1:] = m.differences.values[1:] ** -2
    return m.differences.average(weights)


@GLCM.feature(
    ibsi="NI2N",
    unit="1",
    formula=r"\frac{1}{\sigma^2} \left(\sum_{i,j} i j\, p_{ij} - \mu^2\right)",
    pyradiomics="Correlation",
)
def correlation(m):
    """Linear dependence of neighboring grey levels, from -1 to 1; NaN if there is one grey level only."""
    # The same as in the formula, without the difference of two large numbers where grey levels are high.
    covariance = (sum_variance(m) - contrast(m)) / 4
    return ratio(covariance, joint_variance(m))


@GLCM.feature(ibsi="QWB0", unit="bin^2", formula=r"\sum_{i,j} i j\, p_{ij}", pyradiomics="Autocorrelation")
def autocorrelation(m):
    """Average product of neighboring grey levels."""
    return m.mean_product


@GLCM.feature(ibsi="DG8W", unit="bin^2", formula=r"\sum_{i,j} (i + j - 2\mu)^2\, p_{ij}", pyradiomics="ClusterTendency")
def cluster_tendency(m):
    """Variance of the sums of neighboring grey levels."""
    return m.sums.moment(2)


@GLCM.feature(ibsi="7NFM", unit="bin^3", formula=r"\sum_{i,j} (i + j - 2\mu)^3\, p_{ij}", pyradiomics="ClusterShade")
def cluster_shade(m):
    """Asymmetry of the sums of neighboring grey levels."""
    return m.sums.moment(3)


@GLCM.feature(
    ibsi="AE86", unit="bin^4", formula=r"\sum_{i,j} (i + j - 2\mu)^4\, p_{ij}", pyradiomics="ClusterProminence"
)
def cluster_prominence(m):
    """Peakedness and asymmetry of the sums of neighboring grey levels."""
    return m.sums.moment(4)


@GLCM.feature(
    ibsi="R8DG",
    unit="1",
    formula=r"\frac{HXY - HXY_1}{HX},\ HXY_1 = -\sum_{i,j} p_{ij} \log_2(p_{i.}\, p_{.j}) = 2 HX",
    pyradiomics="Imc1",
)
def information_correlation_1(m):
    """Information that neighbors share, from 0 (none) to -1; NaN if there is one grey level only."""
    return ratio(m.joint_entropy - 2 * m.levels.entropy, m.levels.entropy)


@GLCM.feature(
    ibsi="JN9H",
    unit="1",
    formula=r"\sqrt{1 - \exp(-2 (HXY_2 - HXY))},\ HXY_2 = -\sum_{i,j} p_{i.}\, p_{.j} \log_2(p_{i.}\, p_{.j}) = 2 HX",
    pyradiomics="Imc2",
)
def information_correlation_2(m):
    """Information that neighbors share, from 0 (none) to 1."""
    shared = np.maximum(2 * m.levels.entropy - m.joint_entropy, 0)  # below 0 by rounding only
    return np.sqrt(-np.expm1(-2 * shared))
