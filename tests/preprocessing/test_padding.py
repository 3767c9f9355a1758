"""Padding: found where it is, left alone where it is not."""

import numpy as np
import pytest

from radlearn import Case, Volume
from radlearn.preprocessing import FillPadding, Resample
from radlearn.preprocessing.padding import padding_of
from steps import apply


def scan(ndim=3, *, padding=None, metal=None):
    """A noisy body in air, in HU, measured in a circle, with or without a number in the corners and metal inside."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[-20:20, -20:20] + 0.5
    plane = np.where(y**2 + x**2 < 12**2, 40.0, -1000.0)
    if metal is not None:
        plane[18:20, 18:20] = metal
    image = np.broadcast_to(plane, (4,) * (ndim - 2) + plane.shape) + rng.normal(0, 15, (4,) * (ndim - 2) + plane.shape)
    return image if padding is None else np.where(y**2 + x**2 < 19**2, image, padding)


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("padding", [-2000, -3024, -32768])
@pytest.mark.parametrize("metal", [None, 30000])
def test_the_number_outside_of_the_circle_is_found(ndim, padding, metal):
    assert padding_of(scan(ndim, padding=padding, metal=metal)) == padding


@pytest.mark.parametrize("metal", [None, 30000])
def test_air_is_no_padding(metal):
    assert padding_of(scan(metal=metal)) is None
    assert padding_of(np.clip(scan(metal=metal), -1000, None)) is None


def test_a_dark_spot_inside_is_no_padding():
    image = scan()
    image[2, 20, 20:23] = -3024
    assert padding_of(image) is None


@pytest.mark.parametrize("image", [np.zeros((4, 5)), np.eye(4), np.full((3, 3), np.nan), np.arange(12.0).reshape(3, 4)])
def test_images_of_one_or_two_intensities_or_of_even_ones_have_none(image):
    assert padding_of(image) is None


def test_nan_and_infinity_do_not_count_and_stay():
    image = scan(padding=-3024)
    image[1, 20, 20], image[1, 20, 21] = np.nan, -np.inf
    filled = apply(FillPadding(), Volume(image)).image
    assert np.isnan(filled[1, 20, 20])
    assert filled[1, 20, 21] == -np.inf
    assert filled[np.isfinite(filled)].min() == pytest.approx(-1050, abs=30)


def test_padding_becomes_the_lowest_of_the_others_and_nothing_else_changes():
    image = scan(padding=-2000)
    filled = apply(FillPadding(), Volume(image)).image
    measured = image > -2000
    np.testing.assert_array_equal(filled[measured], image[measured])
    assert set(filled[~measured]) == {image[measured].min()}


def test_value_and_fill_value_can_be_given():
    image = np.array([[0.0, 1, 2], [3, 0, 5]])
    assert apply(FillPadding(value=0, fill_value=-7), Volume(image)).image.tolist() == [[-7, 1, 2], [3, -7, 5]]
    assert apply(FillPadding(value=9), Volume(image)).image.tolist() == image.tolist()
    assert apply(FillPadding(value=0), Volume(np.zeros((2, 2)))).image.tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("value", [-0.1, np.float64(-0.1)])
def test_a_value_of_any_kind_is_that_of_single_precision(value):
    image = np.float32([[-0.1, 1, 2]])
    assert apply(FillPadding(value=value), Volume(image)).image.tolist() == [[1, 1, 2]]


def test_an_image_without_padding_stays_the_same_object():
    volume = Volume(scan())
    assert apply(FillPadding(), volume) is volume


def test_interpolation_no_longer_mixes_padding_into_what_was_measured():
    case = Case(scan(2, padding=-3024), spacing=1, id="scan")
    mixed = Resample(spacing=0.7).fit_transform([case])[0].load().image
    clean = Resample(spacing=0.7).fit_transform(FillPadding().fit_transform([case]))[0].load().image
    assert mixed.min() < -3000
    assert clean.min() > -1100


def test_a_value_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match="value must be"):
        FillPadding(value="low").fit([np.eye(3)])
