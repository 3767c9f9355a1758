r"""Intensity-volume histogram: how much of the region has at least a given intensity.

With :math:`\nu(i)` the part of the intensity mask that has at least the intensity i, and :math:`\gamma(i)` the position
of i in the range of intensities, from 0 to 1.
"""

import numpy as np

from radlearn.radiomics._family import Family
from radlearn.radiomics._ratio import ratio
from radlearn.radiomics.discretize import fixed_bin_number, lowest_edge

# Voxels that are looked at together; the first ones tell mostly whether intensities are whole numbers.
BLOCK = 2**12

# A range that is longer than its bins by so small a part of one has no bin more.
ROUNDING = 1e-9


class VolumeHistogram(Family, name="volume_histogram", ibsi="P88C"):
    """Intensity-volume histogram: which part of the region has at least a given intensity.

    The range of intensities is `ivh_range`, or that of the re-segmentation; where it is open, that of the intensities
    in the region. Whole numbers are discrete intensities in steps of 1, others are continuous. With `ivh_bin_width` the
    centers of bins stand for the intensities; with `ivh_bin_count` the numbers of bins do, and the unit is the bin.
    """

    def measure(self):
        """Intensities, their range, and the step from one to the next (0 if they are continuous)."""
        region = self.region
        low, high = region.ivh_range
        x = region.intensities
        self.dtype = x.dtype
        if region.ivh_bin_count is not None:
            levels, _ = fixed_bin_number(x, region.ivh_bin_count)
            self.x, self.low, self.high, self.step = levels.astype(float), 1.0, float(region.ivh_bin_count), 1.0
        elif region.ivh_bin_width is not None:
            width = region.ivh_bin_width
            low = lowest_edge(x, low)
            if high is None:
                n_bins = np.floor((x.max() - low) / width) + 1
            else:  # from 0 to 1.1 there are 11 bins of 0.1, though the quotient is above 11
                n_bins = max(1, np.ceil((high - low) / width - ROUNDING))
            bins = np.minimum(np.floor((x - low) / width), n_bins - 1)
            self.x, self.low, self.high = low + (bins + 0.5) * width, low + width / 2, low + (n_bins - 0.5) * width
            self.step = width
        else:
            self.dtype = region.image.dtype  # half the memory, and the same numbers
            self.x, self.low = x, x.min() if low is None else low
            self.high = x.max() if high is None else high
            blocks = (x[begin : begin + BLOCK] for begin in range(0, x.size, BLOCK))
            self.step = float(all((block == np.rint(block)).all() for block in blocks))

    def fraction_above(self, position):
        """Part of the voxels whose intensity is at least at this position in the range."""
        threshold = self.low + position * (self.high - self.low)
        return np.count_nonzero(self.x >= threshold - 1e-6 * self.step) / self.x.size

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
