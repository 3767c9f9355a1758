"""WindowIntensity by hand; HistogramEqualize by laws."""

import numpy as np
import pytest

from radlearn import Volume
from radlearn.exceptions import GeometryError
from radlearn.preprocessing import HistogramEqualize, WindowIntensity
from radlearn.preprocessing.window import CT_WINDOWS
from steps import apply


@pytest.fixture
def dull():
    """A dark image whose corner is bright."""
    image = np.random.default_rng(0).normal(20, 3, (48, 48))
    image[:4, :4] = 255
    return image.astype(np.float32)


def test_a_window_by_hand():
    image = apply(WindowIntensity(center=10, width=4), Volume(np.float32([[7, 8, 9, 10, 12, 13]]))).image
    assert image.tolist() == [[0, 0, 0.25, 0.5, 1, 1]]
    assert image.dtype == np.float32


@pytest.mark.parametrize("window", CT_WINDOWS)
def test_a_named_window_is_its_center_and_width(window):
    center, width = CT_WINDOWS[window]
    volume = Volume(np.linspace(-1400, 1500, 100).reshape(10, 10))
    named, given = (
        apply(step, volume) for step in (WindowIntensity(window=window), WindowIntensity(center=center, width=width))
    )
    np.testing.assert_array_equal(named.image, given.image)
    assert (named.image.min(), named.image.max()) == (0, 1)


def test_the_lung_window_tells_air_from_tissue_and_the_brain_window_does_not():
    volume = Volume([[-900.0, -500.0, 30.0, 45.0]])
    lung, brain = (apply(WindowIntensity(window=window), volume).image[0] for window in ("lung", "brain"))
    assert lung[1] - lung[0] > 0.2 > lung[3] - lung[2]
    assert brain[1] == brain[0]
    assert brain[3] - brain[2] > 0.15


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "name no window"),
        ({"center": 40}, r"""window="brain", for instance"""),
        ({"window": "brain", "center": 40, "width": 80}, "or two"),
        ({"window": "lungs"}, "did you mean 'lung'"),
        ({"center": 40, "width": 0}, "width must be greater than 0"),
    ],
)
def test_a_window_is_named_or_given(parameters, message):
    with pytest.raises(ValueError, match=message):
        WindowIntensity(**parameters).fit([np.eye(3)])


def test_equalizing_raises_the_contrast_and_keeps_the_range(dull):
    image = apply(HistogramEqualize(), Volume(dull)).image
    assert image[10:].std() > 3 * dull[10:].std()
    np.testing.assert_allclose((image.min(), image.max()), (dull.min(), dull.max()), atol=1)


def test_more_clipping_is_less_contrast(dull):
    contrasts = [
        apply(HistogramEqualize(clip_limit=limit), Volume(dull)).image[10:].std() for limit in (0.001, 0.01, 0.1)
    ]
    assert contrasts == sorted(contrasts)


def test_scale_and_offset_of_the_intensities_do_not_matter(dull):
    one, other = (apply(HistogramEqualize(), Volume(image)).image for image in (dull, 1000 + 16 * dull))
    np.testing.assert_allclose(1000 + 16 * one, other, rtol=1e-3)


def test_tiles_are_measured_in_mm(dull):
    fine, coarse = (apply(HistogramEqualize(tile=8 * mm), Volume(dull, spacing=(mm, mm))).image for mm in (1, 0.5))
    np.testing.assert_array_equal(fine, coarse)
    assert not np.array_equal(fine, apply(HistogramEqualize(tile=24), Volume(dull)).image)


@pytest.mark.parametrize("shape", [(8, 8), (12, 15), (31, 31), (1, 9, 9), (5, 12, 12)])
def test_what_is_brighter_in_a_small_image_stays_brighter(shape):
    ramp = np.arange(np.prod(shape), dtype=float).reshape(shape)
    image = apply(HistogramEqualize(), Volume(ramp**2)).image
    assert np.corrcoef(image.ravel(), ramp.ravel())[0, 1] > 0.9
    assert (image.min(), image.max()) == (0, ramp.max() ** 2)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_few_voxels_along_the_last_axis_are_no_colors(n):
    image = np.random.default_rng(0).normal(size=(20, 16, n))
    one, other = (apply(HistogramEqualize(), Volume(each)).image for each in (image, np.swapaxes(image, 0, 2)))
    np.testing.assert_allclose(one, np.swapaxes(other, 0, 2), atol=1e-3 * np.ptp(image))


def test_a_tile_ends_with_the_image(dull):
    whole, wider = (apply(HistogramEqualize(tile=tile), Volume(dull)).image for tile in (48, 1e7))
    np.testing.assert_array_equal(whole, wider)


def test_a_volume_is_equalized_with_its_missing_voxels_in_place():
    image = np.random.default_rng(0).normal(size=(8, 16, 16))
    image[2, 3, 4] = np.nan
    changed = apply(HistogramEqualize(), Volume(image, mask=image > 0)).image
    assert np.argwhere(~np.isfinite(changed)).tolist() == [[2, 3, 4]]


def test_tiles_for_other_axes_are_refused(dull):
    with pytest.raises(GeometryError, match=r"shape \(48, 48\): tile must be one number or 2 numbers"):
        apply(HistogramEqualize(tile=(8, 8, 8)), Volume(dull))


def test_an_image_of_one_intensity_stays():
    assert (apply(HistogramEqualize(), Volume(np.full((9, 9), 7.0))).image == 7).all()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"tile": 0}, r"tile must be greater than 0.*mm"),
        ({"clip_limit": 2}, "clip_limit must be at most 1"),
        ({"bin_count": 1}, "bin_count must be at least 2"),
    ],
)
def test_bad_parameters_of_the_equalizer_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        HistogramEqualize(**parameters).fit([np.eye(3)])
