"""Grey levels: edges of the bins, the highest intensity, too many levels."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from radlearn import Volume
from radlearn.exceptions import MaskError
from radlearn.radiomics.discretize import MAX_GREY_LEVELS, Bins, fixed_bin_number, fixed_bin_size

INTENSITIES = hnp.arrays(np.int32, st.integers(1, 30), elements=st.integers(-1000, 1000)).map(lambda x: x.astype(float))


def test_a_bin_of_fixed_size_begins_at_its_lower_edge():
    levels, counts = fixed_bin_size(np.array([-500.0, -475.1, -475.0, 400.0]), 25, lowest=-500)
    assert levels.tolist() == [1, 1, 2, 37]
    assert counts.tolist() == [2, 1, *[0] * 34, 1]


def test_bins_of_fixed_size_begin_at_the_smallest_intensity_if_nothing_else_is_said():
    levels, _ = fixed_bin_size(np.array([7.0, 11.9, 12.0]), 5)
    assert levels.tolist() == [1, 1, 2]


def test_the_highest_intensity_lies_in_the_last_bin_of_a_fixed_number():
    levels, counts = fixed_bin_number(np.array([0.0, 2.4, 2.5, 9.9, 10.0]), 4)
    assert levels.tolist() == [1, 1, 2, 4, 4]
    assert counts.tolist() == [2, 1, 0, 2]


@pytest.mark.parametrize("bins", [Bins(width=0.1), Bins(count=8)])
def test_one_intensity_has_grey_level_one(bins):
    levels, _ = bins.grey_levels(np.full(5, 0.3))
    assert levels.tolist() == [1] * 5


def test_there_are_32_bins_if_nothing_else_is_said():
    levels, counts = Bins().grey_levels(np.arange(64.0))
    assert len(counts) == levels.max() == 32


@settings(deadline=None)
@given(INTENSITIES, st.integers(1, 100))
def test_levels_keep_the_order_and_lie_between_1_and_the_number_of_bins(intensities, count):
    for levels, counts in (fixed_bin_number(intensities, count), fixed_bin_size(intensities, count)):
        order = np.argsort(intensities)
        assert (np.diff(levels[order]) >= 0).all()
        assert levels.min() == 1
        assert counts.tolist() == np.bincount(levels, minlength=len(counts) + 1)[1:].tolist()


def test_too_many_grey_levels_name_width_range_and_a_width_that_works():
    intensities = np.array([-1000.0, 3071.0])
    with pytest.raises(
        MaskError, match=r"bin_width=0.01 makes 407,101 grey levels of the intensities -1000 to 3071"
    ) as caught:
        fixed_bin_size(intensities, 0.01)
    advised = float(caught.value.remedy.split("at least ")[1].split(",")[0])
    _, counts = fixed_bin_size(intensities, advised)
    assert 0.9 * MAX_GREY_LEVELS < len(counts) <= MAX_GREY_LEVELS


def test_as_many_grey_levels_as_are_allowed_pass():
    levels, counts = fixed_bin_size(np.arange(MAX_GREY_LEVELS, dtype=float), 1)
    assert levels.max() == len(counts) == MAX_GREY_LEVELS


def test_an_intensity_below_the_first_bin_is_refused(feature_values):
    volume = Volume(np.array([[-3.0, 5.0], [7.0, 9.0]]))
    assert feature_values(volume, families="glcm", bin_width=2, lowest_bin_edge=-4)["glcm_joint_average"] > 1
    with pytest.raises(MaskError, match="first bin begins at 0, but intensities in the region go down to -3"):
        feature_values(volume, families="glcm", bin_width=2, lowest_bin_edge=0)


@pytest.mark.parametrize("lowest", [0.7, -1000.1, 1e-3])
def test_an_edge_that_single_precision_rounds_down_holds_its_own_intensity(lowest):
    x = np.array([lowest, lowest + 0.5], np.float32).astype(float)
    levels, counts = fixed_bin_size(x, 0.4, lowest)
    assert levels.tolist() == [1, 2]
    assert counts.tolist() == [1, 1]
