"""ResizeImage: what shrinking and stretching keep, and what scikit-image gives."""

import numpy as np
import pytest
from skimage.transform import resize

from radlearn import Case, Volume
from radlearn.exceptions import GeometryError, ImageReadError, MaskError
from radlearn.preprocessing import ResizeImage, resize_image
from steps import apply

NOISE = np.random.default_rng(0).normal(size=(60, 40))


@pytest.mark.parametrize("interpolation", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("shape", [(2, 3), (7, 9), (4, 6)])
def test_a_constant_stays_constant(interpolation, shape):
    np.testing.assert_allclose(resize_image(np.full((4, 6), 5.0), shape, interpolation=interpolation), 5)


@pytest.mark.parametrize("shape", [(96, 96), (20, 13), (31, 64)])
def test_linear_resizing_is_that_of_scikit_image(shape):
    expected = resize(NOISE, shape, order=1, mode="edge", anti_aliasing=True)
    np.testing.assert_allclose(resize_image(NOISE, shape), expected, atol=1e-6)


def test_a_ramp_stays_a_ramp_inside():
    small = resize_image(np.tile(np.arange(32.0), (4, 1)), (4, 16))
    np.testing.assert_allclose(small[:, 2:-2], np.tile(np.arange(16) * 2 + 0.5, (4, 1))[:, 2:-2], atol=1e-9)


def test_shrinking_blurs_fine_stripes_away():
    stripes = np.tile([0.0, 1.0], (8, 32))
    assert np.ptp(resize_image(stripes, (2, 8))[:, 1:-1]) < 0.01
    assert np.ptp(resize_image(stripes, (2, 15), interpolation="nearest")) == 1


def test_the_same_shape_changes_nothing():
    np.testing.assert_array_equal(resize_image(NOISE, (60, 40), keep_aspect=True), NOISE)


@pytest.mark.parametrize(("dtype", "expected"), [(np.float32, np.float32), (np.uint8, np.float64)])
def test_the_type_of_floats_stays(dtype, expected):
    assert resize_image(np.ones((4, 4), dtype), (2, 2)).dtype == expected


@pytest.mark.parametrize(
    ("image", "parameters", "kind", "message"),
    [
        (NOISE, {"shape": (0, 5)}, ValueError, "shape must be at least 1"),
        (NOISE, {"shape": (2.5, 5)}, TypeError, "shape must be a whole number"),
        (NOISE, {"interpolation": "liner"}, ValueError, "did you mean 'linear'"),
        (NOISE, {"keep_aspect": "no"}, TypeError, "keep_aspect must be True or False"),
        (NOISE, {"spacing": (1, 0)}, GeometryError, r"spacing \(1.0, 0.0\) does not fit"),
        (NOISE + 1j, {}, ImageReadError, "no real intensities"),
        (np.ones((0, 4)), {}, ImageReadError, r"shape \(0, 4\)"),
    ],
)
def test_what_cannot_be_resized_is_refused(image, parameters, kind, message):
    with pytest.raises(kind, match=message):
        resize_image(image, **{"shape": (4, 4), **parameters})


def test_extent_mask_and_place_stay():
    mask = np.zeros((20, 40), bool)
    mask[4:16, 8:32] = True
    volume = Volume(mask.astype(float), mask=mask, spacing=(2, 1), affine=np.diag([2.0, 1, 1]))
    small = apply(ResizeImage(shape=(10, 10)), volume)
    assert small.spacing == (4, 4)
    assert small.mask.sum() * 4 * 4 == mask.sum() * 2 * 1
    np.testing.assert_allclose(small.affine @ [4.5, 4.5, 1], volume.affine @ [9.5, 19.5, 1])


@pytest.mark.parametrize("shape", [(10, 15), (15, 10), (12, 27)])
@pytest.mark.parametrize("size", [1, 3, 7])
def test_the_rest_is_the_same_on_both_sides(shape, size):
    is_rest = resize_image(np.ones((size, size)), shape, keep_aspect=True, fill_value=0) == 0
    np.testing.assert_array_equal(is_rest, is_rest[::-1, ::-1])


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize(("row", "fill"), [([np.nan, 5.0, -np.inf, 6.0], 5.0), ([np.nan] * 4, np.nan)])
def test_the_rest_is_filled_with_the_smallest_finite_intensity(row, fill):
    padded = apply(ResizeImage(shape=(4, 4), keep_aspect=True), Volume(np.array([row])))
    np.testing.assert_array_equal(padded.image[0], fill)


def test_keeping_the_aspect_fills_the_rest_outside_the_mask():
    image = np.full((10, 20), 3.0)
    image[5, 5] = 1
    volume = Volume(image, mask=np.ones((10, 20)))
    small = apply(ResizeImage(shape=(16, 16), keep_aspect=True), volume)
    assert small.spacing == (1.25, 1.25)
    assert small.mask.sum() == 8 * 16
    np.testing.assert_array_equal(small.mask.any(axis=1), [False] * 4 + [True] * 8 + [False] * 4)
    assert (small.image[~small.mask] == 1).all()


def test_the_image_ends_half_a_voxel_beyond_its_outermost_centers():
    step = ResizeImage(shape=(8, 8), keep_aspect=True, fill_value=-9)
    rows = apply(step, Volume(np.ones((2, 4)))).image.mean(axis=1)
    np.testing.assert_array_equal(rows, [-9, -9, 1, 1, 1, 1, -9, -9])


def test_the_aspect_is_that_in_mm():
    volume = Volume(np.ones((10, 20)), spacing=(2, 1))
    padded = apply(ResizeImage(shape=(16, 16), keep_aspect=True, fill_value=-9), volume)
    assert padded.image.min() == 1


def test_a_volume_may_be_resized_in_three_dimensions():
    assert apply(ResizeImage(shape=(4, 8, 8)), Volume(np.ones((3, 9, 9)))).shape == (4, 8, 8)


def test_an_image_with_another_number_of_axes_is_refused():
    with pytest.raises(GeometryError, match=r"shape=\(96, 96\) does not fit an image of shape \(3, 3, 3\); give 3"):
        apply(ResizeImage(), Volume(np.ones((3, 3, 3))))


def test_a_region_that_vanishes_is_told():
    mask = np.zeros((200, 200))
    mask[100, 100] = 1
    with pytest.raises(MaskError, match=r"case 'US': no pixel is left of 1 .*; put CropToMask in front"):
        ResizeImage(shape=(16, 16)).fit_transform([Case(mask, mask=mask, id="US")])[0].load()


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (ResizeImage(shape=96), r"shape must be two whole numbers \(y, x\) or three"),
        (ResizeImage(shape=(96, 0)), "shape must be at least 1"),
        (ResizeImage(interpolation="lanczos"), "interpolation must be one of"),
        (ResizeImage(fill_value=np.inf), "fill_value must be finite"),
    ],
)
def test_bad_parameters_are_refused(step, message):
    with pytest.raises(ValueError, match=message):
        step.fit([np.ones((3, 3))])
