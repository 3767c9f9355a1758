"""Intensity-based statistics: 18 features of the intensities themselves, without grey levels."""

import math

import numpy as np

from radlearn.radiomics import _kernels
from radlearn.radiomics._family import Family
from radlearn.radiomics._ratio import ratio


class Statistics(Family, name="statistics", ibsi="UHIW"):
    """Intensity-based statistics: the distribution of intensities in the intensity mask."""

    def measure(self):
        """Mean, deviations and percentiles, which several features share."""
        x = self.region.intensities
        self.n = x.size
        # For quantiles, sorting all is faster than selecting a few; and it is fastest in the type of the image.
        ordered = x.astype(self.region.image.dtype)
        ordered.sort()
        self.lowest, self.highest = float(ordered[0]), float(ordered[-1])
        self.p10, self.p25, self.p50, self.p75, self.p90 = (percentile(ordered, p) for p in (10, 25, 50, 75, 90))
        # The rounded mean of equal numbers may differ from them; their deviations are 0 all the same.
        self.mean = self.lowest if self.lowest == self.highest else self.region.mean_intensity
        averages = _kernels.average_deviations(x, self.mean, self.p50, self.p10, self.p90).tolist()
        self.second, self.third, self.fourth, self.from_mean, self.from_median, self.square, self.robust = averages


def percentile(ordered, percent):
    """Percentile with linear interpolation.

    Parameters
    ----------
    ordered : ndarray of shape (n,)
        From the lowest to the highest.
    percent : float

    Returns
    -------
    percentile : float

    Examples
    --------
    >>> percentile(np.array([1.0, 2.0, 3.0]), 75)
    2.5
    """
    place = percent / 100 * (ordered.size - 1)
    below = int(place)
    low, high = float(ordered[below]), float(ordered[math.ceil(place)])
    return low + (place - below) * (high - low)


@Statistics.feature(ibsi="Q4LE", unit="intensity", formula=r"\mu = \frac{1}{N} \sum_k x_k", pyradiomics="Mean")
def mean(m):
    """Average intensity."""
    return m.mean


@Statistics.feature(
    ibsi="ECT3",
    unit="intensity^2",
    formula=r"\sigma^2 = \frac{1}{N} \sum_k (x_k - \mu)^2",
    pyradiomics="Variance",
)
def variance(m):
    """Spread of the intensities around their mean."""
    return m.second


@Statistics.feature(ibsi="KE2A", unit="1", formula=r"\frac{1}{N \sigma^3} \sum_k (x_k - \mu)^3", pyradiomics="Skewness")
def skewness(m):
    """Asymmetry of the distribution: above 0 with a tail of high intensities; 0 if all are equal."""
    return 0.0 if m.second == 0 else ratio(m.third, m.second**1.5)


@Statistics.feature(ibsi="IPH6", unit="1", formula=r"\frac{1}{N \sigma^4} \sum_k (x_k - \mu)^4 - 3")
def kurtosis(m):
    """Weight of the tails, 0 for a normal distribution (excess kurtosis); 0 if all intensities are equal."""
    return 0.0 if m.second == 0 else ratio(m.fourth, m.second**2) - 3


@Statistics.feature(ibsi="Y12H", unit="intensity", formula="P_{50}", pyradiomics="Median")
def median(m):
    """Intensity that half of the voxels do not exceed."""
    return m.p50


@Statistics.feature(ibsi="1GSF", unit="intensity", formula=r"\min_k x_k", pyradiomics="Minimum")
def minimum(m):
    """Lowest intensity."""
    return m.lowest


@Statistics.feature(ibsi="QG58", unit="intensity", formula="P_{10}", pyradiomics="10Percentile")
def percentile_10(m):
    """Intensity below which 10 % lie."""
    return m.p10


@Statistics.feature(ibsi="8DWT", unit="intensity", formula="P_{90}", pyradiomics="90Percentile")
def percentile_90(m):
    """Intensity below which 90 % lie."""
    return m.p90


@Statistics.feature(ibsi="84IY", unit="intensity", formula=r"\max_k x_k", pyradiomics="Maximum")
def maximum(m):
    """Highest intensity."""
    return m.highest


@Statistics.feature(ibsi="SALO", unit="intensity", formula="P_{75} - P_{25}", pyradiomics="InterquartileRange")
def interquartile_range(m):
    """Width of the middle half of the intensities."""
    return m.p75 - m.p25


@Statistics.feature(ibsi="2OJQ", unit="intensity", formula=r"\max_k x_k - \min_k x_k", pyradiomics="Range")
def range_(m):
    """Difference of the highest and the lowest intensity."""
    return m.highest - m.lowest


@Statistics.feature(
    ibsi="4FUA", unit="intensity", formula=r"\frac{1}{N} \sum_k |x_k - \mu|", pyradiomics="MeanAbsoluteDeviation"
)
def mean_absolute_deviation(m):
    """Average distance from the mean."""
    return m.from_mean


@Statistics.feature(
    ibsi="1128",
    unit="intensity",
    formula=r"\frac{1}{N_{10-90}} \sum_{P_{10} \le x_k \le P_{90}} |x_k - \mu_{10-90}|",
    pyradiomics="RobustMeanAbsoluteDeviation",
)
def robust_mean_absolute_deviation(m):
    """Average distance from the mean, between the 10th and the 90th percentile; NaN if no intensity lies there."""
    return m.robust  # NaN: few voxels, with both percentiles between two of them


@Statistics.feature(ibsi="N72L", unit="intensity", formula=r"\frac{1}{N} \sum_k |x_k - P_{50}|")
def median_absolute_deviation(m):
    """Average distance from the median."""
    return m.from_median


@Statistics.feature(ibsi="7TET", unit="1", formula=r"\frac{\sigma}{\mu}")
def coefficient_of_variation(m):
    """Standard deviation divided by the mean; NaN if the mean is 0."""
    return ratio(np.sqrt(m.second), m.mean)


@Statistics.feature(ibsi="9S40", unit="1", formula=r"\frac{P_{75} - P_{25}}{P_{75} + P_{25}}")
def quartile_coefficient_of_dispersion(m):
    """Interquartile range divided by the sum of the quartiles; NaN if the quartiles add up to 0."""
    return ratio(m.p75 - m.p25, m.p75 + m.p25)


@Statistics.feature(ibsi="N8CA", unit="intensity^2", formula=r"\sum_k x_k^2", pyradiomics="Energy")
def energy(m):
    """Sum of the squared intensities; grows with the number of voxels."""
    return m.square * m.n


@Statistics.feature(
    ibsi="5ZWQ",
    unit="intensity",
    formula=r"\sqrt{\frac{1}{N} \sum_k x_k^2}",
    pyradiomics="RootMeanSquared",
)
def root_mean_square(m):
    """Root of the average squared intensity."""
    return np.sqrt(m.square)
