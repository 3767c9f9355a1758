"""Intensity histogram: 23 features of how often each grey level occurs."""

import math

from radlearn.radiomics import _kernels
from radlearn.radiomics._family import Family

# What the kernel measures, in its order.
MEASURES = (
    *("mean", "second", "third", "fourth", "p10", "p25", "p50", "p75", "p90", "minimum", "maximum", "mode"),
    *("from_mean", "from_median", "robust", "entropy", "uniformity"),
    *("maximum_gradient", "maximum_gradient_level", "minimum_gradient", "minimum_gradient_level"),
)


class Histogram(Family, name="histogram", ibsi="ZVCW"):
    """Intensity histogram: the distribution of grey levels in the intensity mask."""

    def measure(self):
        """Measure the number of voxels of each level."""
        measures = _kernels.histogram_measures(self.region.level_counts)
        vars(self).update(zip(MEASURES, measures.tolist(), strict=True))


@Histogram.feature(ibsi="X6K6", unit="bin", formula=r"\mu = \sum_i i\, p_i")
def mean(m):
    """Average grey level."""
    return m.mean


@Histogram.feature(ibsi="CH89", unit="bin^2", formula=r"\sigma^2 = \sum_i (i - \mu)^2 p_i")
def variance(m):
    """Spread of the grey levels around their mean."""
    return m.second


@Histogram.feature(ibsi="88K1", unit="1", formula=r"\frac{1}{\sigma^3} \sum_i (i - \mu)^3 p_i")
def skewness(m):
    """Asymmetry of the histogram: above 0 with a tail of high levels; 0 if all are equal."""
    return 0.0 if m.second == 0 else m.third / m.second**1.5


@Histogram.feature(ibsi="C3I7", unit="1", formula=r"\frac{1}{\sigma^4} \sum_i (i - \mu)^4 p_i - 3")
def kurtosis(m):
    """Weight of the tails, 0 for a normal distribution (excess kurtosis); 0 if all levels are equal."""
    return 0.0 if m.second == 0 else m.fourth / m.second**2 - 3


@Histogram.feature(ibsi="WIFQ", unit="bin", formula="P_{50}")
def median(m):
    """Grey level that half of the voxels do not exceed."""
    return m.p50


@Histogram.feature(ibsi="1PR8", unit="bin", formula=r"\min \{i : p_i > 0\}")
def minimum(m):
    """Lowest grey level that occurs."""
    return m.minimum


@Histogram.feature(ibsi="GPMT", unit="bin", formula="P_{10}")
def percentile_10(m):
    """Grey level below which 10 % lie."""
    return m.p10


@Histogram.feature(ibsi="OZ0C", unit="bin", formula="P_{90}")
def percentile_90(m):
    """Grey level below which 90 % lie."""
    return m.p90


@Histogram.feature(ibsi="3NCY", unit="bin", formula=r"\max \{i : p_i > 0\}")
def maximum(m):
    """Highest grey level that occurs."""
    return m.maximum


@Histogram.feature(ibsi="AMMC", unit="bin", formula=r"\operatorname{arg\,max}_i p_i")
def mode(m):
    """Most frequent grey level; of several the one nearest to the mean, of two as near the lower."""
    return m.mode


@Histogram.feature(ibsi="WR0O", unit="bin", formula="P_{75} - P_{25}")
def interquartile_range(m):
    """Width of the middle half of the grey levels."""
    return m.p75 - m.p25


@Histogram.feature(ibsi="5Z3W", unit="bin", formula=r"\max - \min")
def range_(m):
    """Difference of the highest and the lowest grey level."""
    return m.maximum - m.minimum


@Histogram.feature(ibsi="D2ZX", unit="bin", formula=r"\sum_i |i - \mu|\, p_i")
def mean_absolute_deviation(m):
    """Average distance from the mean."""
    return m.from_mean


@Histogram.feature(
    ibsi="WRZB", unit="bin", formula=r"\frac{1}{N_{10-90}} \sum_{P_{10} \le i \le P_{90}} n_i\, |i - \mu_{10-90}|"
)
def robust_mean_absolute_deviation(m):
    """Average distance from the mean, between the 10th and the 90th percentile; NaN if no level lies there."""
    return m.robust


@Histogram.feature(ibsi="4RNL", unit="bin", formula=r"\sum_i |i - P_{50}|\, p_i")
def median_absolute_deviation(m):
    """Average distance from the median."""
    return m.from_median


@Histogram.feature(ibsi="CWYJ", unit="1", formula=r"\frac{\sigma}{\mu}")
def coefficient_of_variation(m):
    """Standard deviation divided by the mean."""
    return math.sqrt(m.second) / m.mean


@Histogram.feature(ibsi="SLWD", unit="1", formula=r"\frac{P_{75} - P_{25}}{P_{75} + P_{25}}")
def quartile_coefficient_of_dispersion(m):
    """Interquartile range divided by the sum of the quartiles."""
    return (m.p75 - m.p25) / (m.p75 + m.p25)


@Histogram.feature(ibsi="TLU2", unit="bit", formula=r"-\sum_i p_i \log_2 p_i", pyradiomics="Entropy")
def entropy(m):
    """Disorder of the grey levels: 0 if all are equal."""
    return m.entropy


@Histogram.feature(ibsi="BJ5W", unit="1", formula=r"\sum_i p_i^2", pyradiomics="Uniformity")
def uniformity(m):
    """Evenness of the grey levels: 1 if all are equal."""
    return m.uniformity


@Histogram.feature(ibsi="12CE", unit="bin^-1", formula=r"\max_i H'_i,\ H'_i = \frac{n_{i+1} - n_{i-1}}{2}")
def maximum_gradient(m):
    """Steepest rise of the histogram, in voxels per level (one-sided at the ends); 0 if there is one level only."""
    return m.maximum_gradient


@Histogram.feature(ibsi="8E6O", unit="bin", formula=r"\operatorname{arg\,max}_i H'_i")
def maximum_gradient_intensity(m):
    """Grey level of the steepest rise, the lowest of several."""
    return m.maximum_gradient_level


@Histogram.feature(ibsi="VQB3", unit="bin^-1", formula=r"\min_i H'_i")
def minimum_gradient(m):
    """Steepest fall of the histogram, in voxels per level (one-sided at the ends); 0 if there is one level only."""
    return m.minimum_gradient


@Histogram.feature(ibsi="RHQZ", unit="bin", formula=r"\operatorname{arg\,min}_i H'_i")
def minimum_gradient_intensity(m):
    """Grey level of the steepest fall, the lowest of several."""
    return m.minimum_gradient_level
