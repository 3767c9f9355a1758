"""RepairPixels: defects put in by hand are found, and nothing else."""

import numpy as np
import pytest

from radlearn import Case, Volume
from radlearn.exceptions import ImageReadError
from radlearn.preprocessing import RepairPixels
from steps import apply


@pytest.fixture
def noise():
    return np.random.default_rng(0).normal(100, 5, (40, 50))


def test_missing_intensities_take_the_mean_of_their_neighbors():
    image = np.arange(25.0).reshape(5, 5)
    expected = image.copy()
    image[2, 2] = np.nan
    image[0, 0] = np.inf
    expected[0, 0] = (1 + 5 + 6) / 3
    np.testing.assert_array_equal(apply(RepairPixels(dead_pixels=None), Volume(image)).image, expected)


def test_a_wide_gap_takes_the_nearest_intensities_inside():
    image = np.ones((9, 20))
    image[:, 10:] = 3
    image[2:7, 2:7] = np.nan
    assert (apply(RepairPixels(), Volume(image)).image[2:7, 2:7] == 1).all()


def test_dead_and_hot_pixels_are_found_in_noise_and_nothing_else_changes(noise):
    broken = noise.copy()
    broken[5, 6], broken[20, 30], broken[38, 1] = 0, 255, 255
    repaired = apply(RepairPixels(), Volume(broken)).image
    assert np.argwhere(repaired != broken).tolist() == [[5, 6], [20, 30], [38, 1]]
    assert np.abs(repaired - noise).max() < 20


@pytest.mark.parametrize("missing", [(19, 29), (19, 30), (19, 31), (20, 29), (20, 31), (21, 29), (21, 30), (21, 31)])
def test_a_hot_pixel_beside_a_missing_one_is_found(noise, missing):
    broken = noise.copy()
    broken[20, 30], broken[missing] = 255, np.nan
    repaired = apply(RepairPixels(), Volume(broken)).image
    assert np.abs(repaired - noise).max() < 20


def test_clean_images_stay_as_they_are(noise):
    edge = np.where(np.arange(50) > 20, 200.0, 0.0) * np.ones((40, 1))
    square = np.zeros((40, 50))
    square[10:20, 10:20] = 9
    levels = np.rint(50 + 40 * np.sin(np.indices((40, 50)).sum(0) / 9))
    for image in (noise, edge, square, levels, edge + noise):
        volume = Volume(image)
        assert apply(RepairPixels(stripes=8), volume) is volume


def test_a_single_pixel_differs_in_a_flat_image():
    image = np.full((9, 9), 7.0)
    image[4, 4] = 8
    assert (apply(RepairPixels(), Volume(image)).image == 7).all()


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("value", [0.0, 130.0])
def test_dead_lines_are_found_along_both_axes(noise, axis, value):
    clean = noise if axis == 0 else noise.T
    broken = clean.copy()
    np.moveaxis(broken, axis, 0)[[7, 22]] = value
    repaired = apply(RepairPixels(stripes=8), Volume(broken)).image
    changed = np.unique(np.argwhere(repaired != broken)[:, axis])
    assert changed.tolist() == [7, 22]
    assert np.abs(repaired - clean).max() < 25
    np.testing.assert_array_equal(apply(RepairPixels(), Volume(broken)).image, broken)


def test_a_faint_stripe_below_the_noise_of_single_pixels_is_found(noise):
    noise[:, 30] += 8
    repaired = apply(RepairPixels(stripes=6), Volume(noise)).image
    assert np.unique(np.argwhere(repaired != noise)[:, 1]).tolist() == [30]


def test_slices_are_repaired_one_by_one():
    image = np.random.default_rng(0).normal(100, 5, (4, 20, 20))
    image[1, 5, 5] = 255
    image[1, 9] = 0
    image[2] += 1000
    repaired = apply(RepairPixels(stripes=8), Volume(image, mask=image > 500)).image
    assert set(map(tuple, np.argwhere(repaired != image))) == {(1, 5, 5), *((1, 9, x) for x in range(20))}
    assert np.abs(repaired[1] - 100).max() < 25


def test_the_type_and_the_mask_stay(noise):
    noise[3, 3] = np.nan
    volume = Volume(noise.astype(np.float32), mask=noise > 100)
    repaired = apply(RepairPixels(), volume)
    assert repaired.image.dtype == np.float32
    assert repaired.mask is volume.mask


def test_an_image_of_nan_is_refused():
    with pytest.raises(ImageReadError, match=r"case 'CT': the image has no finite intensity"):
        RepairPixels().fit_transform([Case(np.full((2, 2), np.nan), id="CT")])[0].load()


@pytest.mark.parametrize("name", ["dead_pixels", "stripes"])
def test_bad_thresholds_are_refused(name):
    with pytest.raises(ValueError, match=rf"{name} must be greater than 0.*standard deviations"):
        RepairPixels(**{name: 0}).fit([np.eye(3)])


def test_a_pixel_without_a_good_neighbor_takes_the_nearest_good_intensity():
    image = np.full((7, 9), 5.0)
    image[:, 6:] = 8
    image[1:6, 1:6] = np.nan
    repaired = apply(RepairPixels(dead_pixels=None), Volume(image)).image
    assert repaired[3, 3] == 5
    assert repaired[1, 5] == pytest.approx((2 * 5 + 3 * 8) / 5)
