"""Intensity histogram: 23 features of how often each grey level occurs."""

import numpy as np

from radlearn.radiomics._family import Family
from radlearn.radiomics._ratio import ratio


class Histogram(Family, name="histogram", ibsi="ZVCW"):
    """Intensity histogram: the distribution of grey levels in the intensity mask."""

    def measure(self):
        """Moments and percentiles, from the number of voxels of each level."""
        self.counts = self.region.level_counts
        self.n = self.counts.sum()
        self.p = self.counts / self.n
        self.levels = np.arange(1.0, len(self.counts) + 1)
        self.occurring = np.flatnonzero(self.counts) + 1.0
        self.mean = float(self.p @ self.levels)
        if len(self.occurring) == 1:  # the rounded mean may differ from the only level
            self.mean = float(self.occurring[0])
        self.deviations = self.levels - self.mean
        self.p10, self.p25, self.p50, self.p75, self.p90 = self.percentiles([10, 25, 50, 75, 90])
        self.gradient = np.gradient(self.counts) if len(self.counts) > 1 else np.zeros(1)
        squares = self.deviations * self.deviations
        self.second = float(self.p @ squares)
        self.third = float(self.p @ (squares * self.deviations))
        self.fourth = float(self.p @ (squares * squares))

    def percentiles(self, percents):
        """Percentiles as of a sorted list of all levels, with linear interpolation in between."""
        places = np.array(percents) / 100 * (self.n - 1)
        ranks = np.concatenate([np.floor(places), np.ceil(places)])
        low, high = self.levels[np.searchsorted(np.cumsum(self.counts), ranks, "right")].reshape(2, -1)
        return (low + (places % 1) * (high - low)).tolist()


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
    """Grey level in the middle of all."""
    return m.p50


@Histogram.feature(ibsi="1PR8", unit="bin", formula=r"\min \{i : p_i > 0\}")
def minimum(m):
    """Lowest grey level that occurs."""
    return m.occurring[0]


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
    return m.occurring[-1]


@Histogram.feature(ibsi="AMMC", unit="bin", formula=r"\operatorname{arg\,max}_i p_i")
def mode(m):
    """Most frequent grey level; of several the one nearest to the mean, of two as near the lower."""
    candidates = m.levels[m.counts == m.counts.max()]
    return candidates[np.abs(candidates - m.mean).argmin()]


@Histogram.feature(ibsi="WR0O", unit="bin", formula="P_{75} - P_{25}")
def interquartile_range(m):
    """Width of the middle half of the grey levels."""
    return m.p75 - m.p25


@Histogram.feature(ibsi="5Z3W", unit="bin", formula=r"\max - \min")
def range_(m):
    """Difference of the highest and the lowest grey level."""
    return m.occurring[-1] - m.occurring[0]


@Histogram.feature(ibsi="D2ZX", unit="bin", formula=r"\sum_i |i - \mu|\, p_i")
def mean_absolute_deviation(m):
    """Average distance from the mean."""
    return float(m.p @ np.abs(m.deviations))


@Histogram.feature(
    ibsi="WRZB", unit="bin", formula=r"\frac{1}{N_{10-90}} \sum_{P_{10} \le i \le P_{90}} n_i\, |i - \mu_{10-90}|"
)
def robust_mean_absolute_deviation(m):
    """Average distance from the mean, between the 10th and the 90th percentile; NaN if no level lies there."""
    is_middle = (m.levels >= m.p10) & (m.levels <= m.p90)
    levels, counts = m.levels[is_middle], m.counts[is_middle]
    middle_mean = ratio(counts @ levels, counts.sum())
    return ratio(counts @ np.abs(levels - middle_mean), counts.sum())


@Histogram.feature(ibsi="4RNL", unit="bin", formula=r"\sum_i |i - P_{50}|\, p_i")
def median_absolute_deviation(m):
    """Average distance from the median."""
    return float(m.p @ np.abs(m.levels - m.p50))


@Histogram.feature(ibsi="CWYJ", unit="1", formula=r"\frac{\sigma}{\mu}")
def coefficient_of_variation(m):
    """Standard deviation in parts of the mean."""
    return np.sqrt(m.second) / m.mean


@Histogram.feature(ibsi="SLWD", unit="1", formula=r"\frac{P_{75} - P_{25}}{P_{75} + P_{25}}")
def quartile_coefficient_of_dispersion(m):
    """Width of the middle half in parts of its position."""
    return (m.p75 - m.p25) / (m.p75 + m.p25)


@Histogram.feature(ibsi="TLU2", unit="bit", formula=r"-\sum_i p_i \log_2 p_i", pyradiomics="Entropy")
def entropy(m):
    """Disorder of the grey levels: 0 if all are equal."""
    p = m.p[m.p > 0]
    return 0.0 - float(p @ np.log2(p))


@Histogram.feature(ibsi="BJ5W", unit="1", formula=r"\sum_i p_i^2", pyradiomics="Uniformity")
def uniformity(m):
    """Evenness of the grey levels: 1 if all are equal."""
    return float(m.p @ m.p)


@Histogram.feature(ibsi="12CE", unit="bin^-1", formula=r"\max_i H'_i,\ H'_i = \frac{n_{i+1} - n_{i-1}}{2}")
def maximum_gradient(m):
    """Steepest rise of the histogram, in voxels per level (one-sided at the ends); 0 if there is one level only."""
    return m.gradient.max()


@Histogram.feature(ibsi="8E6O", unit="bin", formula=r"\operatorname{arg\,max}_i H'_i")
def maximum_gradient_intensity(m):
    """Grey level of the steepest rise, the lowest of several."""
    return m.levels[m.gradient.argmax()]


@Histogram.feature(ibsi="VQB3", unit="bin^-1", formula=r"\min_i H'_i")
def minimum_gradient(m):
    """Steepest fall of the histogram, in voxels per level (one-sided at the ends); 0 if there is one level only."""
    return m.gradient.min()


@Histogram.feature(ibsi="RHQZ", unit="bin", formula=r"\operatorname{arg\,min}_i H'_i")
def minimum_gradient_intensity(m):
    """Grey level of the steepest fall, the lowest of several."""
    return m.levels[m.gradient.argmin()]
