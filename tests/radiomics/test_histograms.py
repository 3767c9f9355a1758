"""Histogram and intensity-volume histogram, against sorted lists of voxels."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from radlearn import Volume
from radlearn.radiomics._region import Region
from radlearn.radiomics.discretize import Bins
from radlearn.radiomics.histogram import Histogram

LEVELS = st.lists(st.integers(1, 6), min_size=1, max_size=30)


def histogram(levels):
    """Values of the histogram of a list of grey levels."""
    image = np.array([levels], float)
    region = Region(image, image > 0, image > 0, (1, 1), Bins(width=1, lowest=1))
    return dict(zip(Histogram.features, Histogram.values(region), strict=True))


@settings(deadline=None)
@given(levels=LEVELS)
def test_percentiles_are_those_of_the_sorted_levels(levels):
    values = histogram(levels)
    for name, percent in (("percentile_10", 10), ("median", 50), ("percentile_90", 90)):
        assert values[name] == pytest.approx(np.percentile(levels, percent))
    p10, p25, p75, p90 = np.percentile(levels, [10, 25, 75, 90])
    middle = np.array([level for level in levels if p10 <= level <= p90])
    assert values["interquartile_range"] == pytest.approx(p75 - p25)
    if middle.size:
        expected = np.abs(middle - middle.mean()).mean()
        assert values["robust_mean_absolute_deviation"] == pytest.approx(expected, abs=1e-12)
    assert values["median_absolute_deviation"] == pytest.approx(np.abs(levels - np.median(levels)).mean())
    assert values["variance"] == pytest.approx(np.var(levels), abs=1e-12)


@pytest.mark.parametrize(("levels", "mode"), [([1, 1, 2, 5, 5], 1), ([1, 1, 5, 5, 5], 5), ([1, 1, 3, 3, 4, 6], 3)])
def test_the_mode_is_the_most_frequent_level_nearest_to_the_mean(levels, mode):
    assert histogram(levels)["mode"] == mode


def test_gradients_are_central_differences():
    values = histogram([1, 2, 2, 2, 2, 2, 3, 4])  # counts 1, 5, 1, 1
    assert values["maximum_gradient"] == 4
    assert values["maximum_gradient_intensity"] == 1
    assert values["minimum_gradient"] == -2
    assert values["minimum_gradient_intensity"] == 3


def volume_histogram(intensities, feature_values, **parameters):
    values = feature_values(
        Volume(np.array([intensities], float)), families="volume_histogram", not_standardised=True, **parameters
    )
    return {name.removeprefix("volume_histogram_"): value for name, value in values.items()}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("scale", [0.1, 0.3, 0.7, 1, 1.1])
def test_rounding_does_not_decide_which_intensities_lie_in_a_tenth_of_their_range(scale, dtype, feature_values):
    values = volume_histogram((scale * np.arange(11)).astype(dtype), feature_values)
    assert values["volume_fraction_at_10_intensity"] == 10 / 11
    assert values["volume_fraction_at_90_intensity"] == 2 / 11


def test_continuous_intensities_are_taken_as_they_are(feature_values):
    values = volume_histogram(np.arange(10) + 0.5, feature_values)
    assert values["volume_fraction_at_10_intensity"] == 0.9  # 1.5 and more reach the position 0.1
    assert values["volume_fraction_at_90_intensity"] == 0.1
    assert values["intensity_at_10_volume"] == 8.5
    assert values["intensity_at_90_volume"] == 0.5
    assert values["area_under_curve"] == pytest.approx(0.5)


def test_whole_numbers_go_in_steps_of_one(feature_values):
    values = volume_histogram(np.arange(10), feature_values)
    assert values["intensity_at_10_volume"] == 9
    assert values["intensity_at_90_volume"] == 1


def test_the_range_of_the_resegmentation_is_that_of_the_histogram(feature_values):
    values = volume_histogram(np.arange(10), feature_values, resegment_range=(0, 90))
    assert values["volume_fraction_at_10_intensity"] == 0.1
    assert values["volume_fraction_at_90_intensity"] == 0


def test_the_histogram_may_have_a_range_of_its_own(feature_values):
    values = volume_histogram(np.arange(10), feature_values, ivh_range=(0, 90))
    assert values == volume_histogram(np.arange(10), feature_values, resegment_range=(0, 90))
    values = volume_histogram(np.arange(10), feature_values, ivh_range=(None, 90), resegment_range=(2, 8))
    assert values["volume_fraction_at_10_intensity"] == 0  # the position 0.1 is 2 + 0.1 * 88
    values = volume_histogram(np.arange(10) + 0.25, feature_values, ivh_bin_width=2, ivh_range=(-1, None))
    assert values["intensity_at_90_volume"] == 0 + 2  # the first of ten lies in the bin around 0


def test_numbers_of_bins_have_no_other_range(feature_values):
    with pytest.raises(ValueError, match=r"ivh_range=\(0, 9\) and ivh_bin_count=10 exclude each other"):
        volume_histogram(np.arange(10), feature_values, ivh_range=(0, 9), ivh_bin_count=10)


@pytest.mark.parametrize("n_bins", range(1, 40))
def test_a_range_has_as_many_bins_as_fit_into_it(feature_values, n_bins):
    x = np.array([0.05, 0.1 * n_bins - 0.05])  # of which one lies in the first bin, the other one in the last
    values = volume_histogram(x, feature_values, ivh_bin_width=0.1, ivh_range=(0, 0.1 * n_bins))
    assert values["volume_fraction_at_90_intensity"] == (0.5 if n_bins > 1 else 1)


def test_centers_of_bins_stand_for_intensities(feature_values):
    values = volume_histogram(np.arange(10) + 0.25, feature_values, ivh_bin_width=2, resegment_range=(0, 10))
    assert values["intensity_at_10_volume"] == 9 + 2  # two of ten reach 9, so the next center is the answer
    assert values["intensity_at_90_volume"] == 1 + 2


def test_numbers_of_bins_stand_for_intensities(feature_values):
    values = volume_histogram(np.arange(10) * 100.0, feature_values, ivh_bin_count=10)
    assert values["intensity_at_10_volume"] == 10
    assert values["intensity_at_90_volume"] == 2
