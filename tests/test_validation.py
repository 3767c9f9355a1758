"""Checks of parameters: what passes, and what the messages say."""

import numpy as np
import pytest

from radlearn._optional import import_optional
from radlearn._validation import (
    check_choice,
    check_flag,
    check_interval,
    check_ndim,
    check_number,
    check_numbers,
    check_per_axis,
)
from radlearn.detection import BlobCandidates
from radlearn.io import DicomSource
from radlearn.preprocessing import CropToMask, NormalizeIntensity, Resample, ResizeImage
from radlearn.segmentation import CleanMask


def test_numbers_within_bounds_come_back_unchanged():
    assert check_number("bins", 32, above=0, integer=True) == 32
    assert check_number("bins", None, optional=True) is None


@pytest.mark.parametrize(
    ("value", "bounds", "message"),
    [
        (-25, {"above": 0}, "bin_width must be greater than 0, got -25; use bin_count"),
        (1, {"at_least": 2}, "at least 2, got 1"),
        (3, {"at_most": 2}, "at most 2, got 3"),
        (2, {"below": 2}, "less than 2, got 2"),
        (float("nan"), {}, "finite"),
        (float("inf"), {"above": 0}, "finite"),
    ],
)
def test_a_number_out_of_bounds_is_named(value, bounds, message):
    with pytest.raises(ValueError, match=message):
        check_number("bin_width", value, **bounds, hint="use bin_count")


@pytest.mark.parametrize(("value", "integer"), [("25", False), (True, False), (2.5, True), (None, False)])
def test_what_is_no_number_is_a_type_error(value, integer):
    with pytest.raises(TypeError, match="must be a"):
        check_number("bin_width", value, integer=integer)


def test_a_misspelled_choice_gets_the_nearest_one():
    with pytest.raises(ValueError, match=r"one of 'nearest', 'linear', got 'liner'; did you mean 'linear'"):
        check_choice("interpolation", "liner", ("nearest", "linear"))


@pytest.mark.parametrize(("n_choices", "end"), [(40, "'39'"), (41, "'39' and 1 more")])
def test_of_many_choices_the_first_are_listed(n_choices, end):
    with pytest.raises(ValueError, match=rf", {end}, got 'none'$"):
        check_choice("choice", "none", map(str, range(n_choices)))


def test_only_none_stands_for_what_is_optional():
    assert check_choice("kind", None, ("svm", "tree"), optional=True) is None
    assert check_interval("range", None, optional=True) is None
    with pytest.raises(ValueError, match=r"kind must be one of 'svm', 'tree' or None, got 'forest'"):
        check_choice("kind", "forest", ("svm", "tree"), optional=True)
    with pytest.raises(TypeError, match="range must be a pair"):
        check_interval("range", 3, optional=True)


def test_capitals_do_not_hide_a_choice():
    with pytest.raises(ValueError, match=r"got 'SVM'; did you mean 'svm'"):
        check_choice("kind", "SVM", ("svm", "tree"))


def test_letters_in_another_order_are_the_nearest_choice():
    with pytest.raises(ValueError, match=r"got 'glmc'; did you mean 'glcm'"):
        check_choice("family", "glmc", ("glcm", "gldm", "glrlm"))


def test_an_interval_may_be_open():
    assert check_interval("range", (None, 400)) == (None, 400)


@pytest.mark.parametrize(
    ("value", "error"),
    [((2, 1), ValueError), ((2, 2), ValueError), ((1,), TypeError), ("ab", TypeError), (3, TypeError)],
)
def test_a_wrong_interval_is_refused(value, error):
    with pytest.raises(error, match="range must"):
        check_interval("range", value)


def test_one_number_stands_for_all_axes():
    assert check_per_axis("spacing", 2, 3) == (2.0, 2.0, 2.0)
    assert check_per_axis("spacing", (3, 1), 2) == (3.0, 1.0)


@pytest.mark.parametrize("value", [object(), None, ([1], [2], [3]), "123"])
def test_what_is_no_number_per_axis_is_a_type_error(value):
    with pytest.raises(TypeError, match="spacing"):
        check_per_axis("spacing", value, 3, above=0)


@pytest.mark.parametrize("value", ["no", "false", 0, 1, None, np.nan])
def test_what_only_counts_as_true_or_false_is_refused(value):
    with pytest.raises(TypeError, match=r"square must be True or False, got"):
        check_flag("square", value)
    assert check_flag("square", np.True_)


@pytest.mark.parametrize(
    ("step", "flag"),
    [
        (CropToMask(square="no"), "square"),
        (NormalizeIntensity(clip="no"), "clip"),
        (Resample(spacing=1, round_intensities="no"), "round_intensities"),
        (ResizeImage(keep_aspect="no"), "keep_aspect"),
        (CleanMask(fill_holes="no"), "fill_holes"),
        (BlobCandidates(dark="no"), "dark"),
        (BlobCandidates(within_mask="no"), "within_mask"),
    ],
)
def test_flags_of_steps_are_checked_when_they_are_fitted(step, flag):
    with pytest.raises(TypeError, match=f"{flag} must be True or False, got 'no'"):
        step.fit([np.eye(8)])


@pytest.mark.parametrize("value", [(), (2, 2), (1, 1.0000001), np.zeros((0, 2)), 3, "12", None])
def test_several_numbers_are_different_ones(value):
    with pytest.raises(ValueError, match=r"radii must be several different numbers, such as \(1, 2\), got"):
        check_numbers("radii", value)


@pytest.mark.parametrize("value", [[[1, 2]], [1, "2"], [1, None], [True]])
def test_each_of_several_numbers_is_a_number(value):
    with pytest.raises(TypeError, match="radii must be a number, got"):
        check_numbers("radii", value)


def test_one_number_may_do_for_several():
    assert check_numbers("sigma", 2, single=True) == (2,)
    assert check_numbers("sigma", np.array([1, 3]), single=True, integer=True) == (1, 3)
    with pytest.raises(ValueError, match=r"sigma must be one number or several different ones, got \[1, 1\]"):
        check_numbers("sigma", [1, 1], single=True)
    with pytest.raises(TypeError, match="sigma must be a number, got '2'; it is in mm"):
        check_numbers("sigma", "2", single=True, hint="it is in mm")


@pytest.mark.parametrize("value", [1, 4, 2.0, "3", None, True, np.ones(2)])
def test_numbers_of_axes_that_no_image_has_are_refused(value):
    with pytest.raises(ValueError, match=r"ndim must be 3 \(volumes\) or 2 \(single images\), got"):
        check_ndim(value)
    assert check_ndim(np.int64(3)) == 3


def test_options_of_a_series_are_checked():
    with pytest.raises(TypeError, match="repair must be True or False"):
        DicomSource("P1", repair="no")


@pytest.mark.parametrize("value", [(1, 2), (1, 0, 1)])
def test_wrong_numbers_per_axis_are_refused(value):
    with pytest.raises(ValueError, match="spacing"):
        check_per_axis("spacing", value, 3, above=0)


def test_a_missing_package_names_the_extra():
    with pytest.raises(ImportError, match=r'plotting needs nothing_such; .* extra "report"'):
        import_optional("nothing_such.pyplot", extra="report", purpose="plotting")
