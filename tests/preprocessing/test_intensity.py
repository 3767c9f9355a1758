"""Clipping and normalizing: by hand, and by laws."""

import numpy as np
import pytest

from radlearn import Case, Volume
from radlearn.exceptions import ImageReadError, MaskError
from radlearn.preprocessing import ClipIntensity, NormalizeIntensity
from steps import apply

IMAGE = np.arange(12.0).reshape(3, 4)
METHODS = ["zscore", "percentile", "minmax"]


@pytest.mark.parametrize(
    ("low", "high", "ends"), [(2, 5, (2, 5)), (None, 5, (0, 5)), (np.float64(2), None, (2, 11)), (None, None, (0, 11))]
)
def test_clipping_sets_the_bounds(low, high, ends):
    image = apply(ClipIntensity(low=low, high=high), Volume(IMAGE.astype(np.float32))).image
    assert (image.min(), image.max()) == ends
    assert image.dtype == np.float32


@pytest.mark.filterwarnings("error")
def test_bounds_beyond_single_precision_clip_nothing():
    image = IMAGE.astype(np.float32)
    np.testing.assert_array_equal(apply(ClipIntensity(low=-1e300, high=1e300), Volume(image)).image, image)


def test_clipping_keeps_masks_and_nan():
    volume = Volume(np.where(IMAGE > 10, np.nan, IMAGE), mask=IMAGE < 5)
    clipped = apply(ClipIntensity(high=3), volume)
    assert clipped.mask is volume.mask
    assert np.isnan(clipped.image[2, 3])


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (NormalizeIntensity(), [-1.0, -1.0, 1.0, 1.0]),
        (NormalizeIntensity(method="minmax"), [0.0, 0.0, 1.0, 1.0]),
        (NormalizeIntensity(method="percentile", percentiles=(0, 100)), [0.0, 0.0, 1.0, 1.0]),
    ],
)
def test_normalizing_by_hand(step, expected):
    assert apply(step, Volume([[2, 2, 6, 6]])).image.tolist() == [expected]


def test_percentiles_become_0_and_1():
    values = np.arange(101.0).reshape(1, -1)
    step = NormalizeIntensity(method="percentile", percentiles=(10, 90))
    np.testing.assert_allclose(apply(step, Volume(values)).image, (values - 10) / 80, atol=1e-12)
    clipped = apply(step.set_params(clip=True), Volume(values)).image
    assert (clipped.min(), clipped.max()) == (0, 1)


@pytest.mark.parametrize("method", METHODS)
def test_brightness_and_contrast_do_not_matter(method):
    image = np.random.default_rng(0).normal(size=(8, 8))
    one, other = (apply(NormalizeIntensity(method=method), Volume(i)).image for i in (image, 1000 + 25 * image))
    np.testing.assert_allclose(one, other, atol=1e-10)


def test_the_region_is_normalized_by_its_own_intensities():
    mask = IMAGE > 4
    volume = apply(NormalizeIntensity(region="mask"), Volume(IMAGE, mask=mask))
    np.testing.assert_allclose((volume.image[mask].mean(), volume.image[mask].std()), (0, 1), atol=1e-12)


def test_the_intensity_mask_decides_what_the_region_holds():
    volume = Volume(IMAGE, mask=IMAGE > 4, intensity_mask=(IMAGE > 4) & (IMAGE < 8))
    assert apply(NormalizeIntensity(region="mask", method="minmax"), volume).image[2, 3] == 3


def test_the_foreground_is_normalized_without_its_background():
    image = np.zeros((20, 20))
    image[4:9, 4:9] = np.arange(100, 125).reshape(5, 5)
    volume = apply(NormalizeIntensity(region="foreground"), Volume(image))
    tissue = volume.image[4:9, 4:9]
    np.testing.assert_allclose((tissue.mean(), tissue.std()), (0, 1), atol=1e-12)
    assert volume.image[0, 0] < tissue.min()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [0.0, 0.1, -1e9])
def test_a_constant_image_becomes_zero(method, value):
    image = np.full((30, 30), value, np.float32)
    assert (apply(NormalizeIntensity(method=method), Volume(image)).image == 0).all()


def test_a_spread_too_small_for_its_square_counts_as_none():
    image = np.array([[0.0, 1e-200]])
    assert np.abs(apply(NormalizeIntensity(), Volume(image)).image).max() < 1e-199


@pytest.mark.parametrize("method", METHODS)
def test_nan_outside_the_region_does_not_matter(method):
    mask = IMAGE > 4
    step = NormalizeIntensity(method=method, region="mask")
    with_nan = apply(step, Volume(np.where(mask, IMAGE, np.nan), mask=mask)).image
    np.testing.assert_array_equal(with_nan[mask], apply(step, Volume(IMAGE, mask=mask)).image[mask])


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_missing_intensities_do_not_count_and_stay(missing):
    image = apply(NormalizeIntensity(method="minmax"), Volume([[0.0, missing, 4.0]])).image
    np.testing.assert_array_equal(image, [[0, missing, 1]])


def test_an_image_of_nan_is_refused():
    with pytest.raises(ImageReadError, match=r"case 'MR': none of the 4 voxels.*NaN"):
        NormalizeIntensity().fit_transform([Case(np.full((2, 2), np.nan), id="MR")])[0].load()


def test_normalizing_by_the_mask_needs_one():
    with pytest.raises(MaskError, match=r"""case 'MR': the case has no mask.*region="image\""""):
        NormalizeIntensity(region="mask").fit_transform([Case(IMAGE, id="MR")])[0].load()


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (ClipIntensity(low=5, high=2), "low must be less than 2, got 5"),
        (ClipIntensity(high=np.nan), "high must be finite"),
        (NormalizeIntensity(method="z"), "method must be one of 'zscore'"),
        (NormalizeIntensity(percentiles=(1, 101)), "at most 100"),
        (NormalizeIntensity(percentiles=(99, 1)), "lower bound below"),
        (NormalizeIntensity(region="lung"), "region must be one of"),
    ],
)
def test_bad_parameters_are_refused(step, message):
    with pytest.raises(ValueError, match=message):
        step.fit([IMAGE])


@pytest.mark.parametrize("step", [ClipIntensity(low=0, high="400"), ClipIntensity(low="0", high=400)])
def test_bounds_are_numbers(step):
    with pytest.raises(TypeError, match=r"must be a number or None, got '(40)?0'"):
        step.fit([IMAGE])
