r"""Intensity-volume histogram: how much of the region has at least a given intensity.

The formulas use :math:`\nu(i)`, the part of the intensity mask that has at least the intensity i, and
:math:`\gamma(i)`, the position of i in the range of intensities, from 0 to 1.
"""

import numpy as np

from radlearn.radiomics._family import Family
from radlearn.radiomics._ratio import ratio
from radlearn.radiomics.discretize import fixed_bin_number, lowest_edge

# Intensities are checked for whole numbers in blocks of this size: mostly the first block already holds another number.
BLOCK = 2**12

# The rounding error, in bins, that does not add a bin at the end of the range.
ROUNDING = 1e-9


class VolumeHistogram(Family, name="volume_histogram", ibsi="P88C"):
    """Intensity-volume histogram: which part of the region has at least a given intensity.

    The range of intensities is `ivh_range`, or else `resegment_range`; a side that is open ends at the intensities in
    the region. Intensities that are all whole numbers are discrete, in steps of 1; others are continuous. With
    `ivh_bin_width` the bin centers take the place of the intensities; with `ivh_bin_count` the bin numbers do, and the
    unit is the bin.
    """

    def measure(self):
        """Intensities, their range, and the step from one to the next (0 if they are continuous)."""
        self.dtype = self.region.intensities.dtype
        if self.region.ivh_bin_count is not None:
            self._take_bin_numbers(self.region.ivh_bin_count)
        elif self.region.ivh_bin_width is not None:
            self._take_bin_centers(self.region.ivh_bin_width)
        else:
            self._take_intensities()

    def _take_bin_numbers(self, count):
        levels, _ = fixed_bin_number(self.region.intensities, count)
        self.x, self.low, self.high, self.step = levels.astype(float), 1.0, float(count), 1.0

    def _take_bin_centers(self, width):
        x = self.region.intensities
        low, high = self.region.ivh_range
        low = lowest_edge(x, low)
        if high is None:
            n_bins = np.floor((x.max() - low) / width) + 1
        else:  # from 0 to 1.1 there are 11 bins of 0.1, although the computed quotient is above 11
            n_bins = max(1, np.ceil((high - low) / width - ROUNDING))
        bins = np.minimum(np.floor((x - low) / width), n_bins - 1)
        self.x, self.low, self.high = low + (bins + 0.5) * width, low + width / 2, low + (n_bins - 0.5) * width
        self.step = width

    def _take_intensities(self):
        x = self.region.intensities
        low, high = self.region.ivh_range
        self.dtype = self.region.image.dtype  # the same values; half the memory in single precision
        self.x, self.low, self.high = x, x.min() if low is None else low, x.max() if high is None else high
        blocks = (x[begin : begin + BLOCK] for begin in range(0, x.size, BLOCK))
        self.step = float(all((block == np.rint(block)).all() for block in blocks))

    def fraction_above(self, position):
        """Part of the voxels whose intensity is at least at this position in the range."""
        threshold = self.low + position * (self.high - self.low)
        # Rounding must not decide whether an intensity reaches it: the computed 0.1 * 3 lies above 0.3.
        rounding = 1e-6 * (self.step or self.high - self.low)
        return np.count_nonzero(self.x >= threshold - rounding) / self.x.size

    def intensity_at(self, fraction):
        """Lowest intensity such that no more than this part of the voxels reaches it."""
        rank = self.x.size - 1 - int(fraction * self.x.size + 1e-9)
        ordered = self.x.astype(self.dtype)
        ordered.partition(rank)
        return float(ordered[rank]) + self.step


@VolumeHistogram.feature(ibsi="NK6P", unit="1", formula=r"\nu(i),\ \gamma(i) = 0.1")
def volume_fraction_at_10_intensity(m):
    """Part of the region above the lowest tenth of the intensity range."""
    return m.fraction_above(0.1)


@VolumeHistogram.feature(ibsi="4279", unit="1", formula=r"\nu(i),\ \gamma(i) = 0.9")
def volume_fraction_at_90_intensity(m):
    """Part of the region in the highest tenth of the intensity range."""
    return m.fraction_above(0.9)


@VolumeHistogram.feature(ibsi="PWN1", unit="intensity", formula=r"\min \{i : \nu(i) \le 0.1\}")
def intensity_at_10_volume(m):
    """Lowest intensity that no more than 10 % of the region reach."""
    return m.intensity_at(0.1)


@VolumeHistogram.feature(ibsi="BOHI", unit="intensity", formula=r"\min \{i : \nu(i) \le 0.9\}")
def intensity_at_90_volume(m):
    """Lowest intensity that no more than 90 % of the region reach."""
    return m.intensity_at(0.9)


@VolumeHistogram.feature(ibsi="WITY", unit="1", formula=r"\nu_{10} - \nu_{90}")
def volume_fraction_difference(m):
    """Part of the region between the lowest and the highest tenth of the intensity range."""
    return m.fraction_above(0.1) - m.fraction_above(0.9)


@VolumeHistogram.feature(ibsi="JXJA", unit="intensity", formula=r"I_{10} - I_{90}")
def intensity_difference(m):
    """Difference of the intensities at 10 % and at 90 % of the volume."""
    return m.intensity_at(0.1) - m.intensity_at(0.9)


@VolumeHistogram.feature(ibsi="9CMM", unit="1", formula=r"\int_0^1 \nu(\gamma)\, d\gamma", standardised=False)
def area_under_curve(m):
    """Average position of the intensities in their range, from 0 to 1; NaN if the range is a single intensity."""
    return ratio(np.clip(m.x - m.low, 0, m.high - m.low).mean(), m.high - m.low)
