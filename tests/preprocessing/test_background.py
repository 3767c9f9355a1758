"""The foreground, and what lies around it."""

import numpy as np
import pytest
from scipy import ndimage

from radlearn import Volume
from radlearn.preprocessing import RemoveBackground
from radlearn.preprocessing.region import THRESHOLDS, foreground
from steps import apply


@pytest.fixture
def radiograph():
    """A noisy body on a dark background, with a letter in a corner."""
    rng = np.random.default_rng(0)
    image = rng.normal(10, 2, (40, 40))
    image[10:34, 12:30] = rng.normal(100, 10, (24, 18))
    image[2:6, 2:4] = 255
    return image


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_every_threshold_finds_the_body(radiograph, threshold):
    found = foreground(radiograph, threshold)
    assert found[10:34, 12:30].mean() > 0.95
    assert found[20:, :10].mean() < 0.5


def test_the_body_stays_and_the_letter_goes(radiograph):
    image = apply(RemoveBackground(), Volume(radiograph)).image
    np.testing.assert_array_equal(image[10:34, 12:30], radiograph[10:34, 12:30])
    assert set(image[:8].ravel()) == {radiograph.min()}


def test_holes_belong_to_the_body():
    image = np.zeros((9, 9, 9))
    image[1:8, 1:8, 1:8] = 100
    image[4, 4, 4] = 3
    assert apply(RemoveBackground(fill_value=-1), Volume(image)).image[4, 4, 4] == 3


def test_the_opening_is_in_mm_and_cuts_bridges():
    image = np.zeros((20, 40))
    image[2:18, 2:18] = 100
    image[9:12, 18:30] = 100
    image[8:13, 30:36] = 100
    for opening, spacing, cut in [(0, 1, False), (2, 1, True), (2, 2, False), (4, 2, True)]:
        result = apply(RemoveBackground(opening=opening), Volume(image, spacing=(spacing,) * 2)).image
        assert bool(result[10, 33] == 0) == cut, (opening, spacing)
        assert result[10, 10] == 100


@pytest.mark.parametrize("n_slices", [1, 4])
def test_a_few_thin_slices_are_opened_as_one_image(n_slices):
    image = np.zeros((30, 40))
    image[5:25, 5:25] = 100
    image[14:16, 25:36] = 100
    slices = np.stack([image] * n_slices)
    opened = apply(RemoveBackground(opening=3), Volume(image)).image
    assert (opened != image).any()
    np.testing.assert_array_equal(apply(RemoveBackground(opening=3), Volume(slices)).image, [opened] * n_slices)


@pytest.mark.parametrize("mm", [0.1, 0.3, 0.7])
def test_rounded_lengths_do_not_matter(mm):
    body = ndimage.binary_dilation(np.random.default_rng(0).random((9, 24, 21)) < 0.01, iterations=4)
    one, other = (
        apply(RemoveBackground(opening=3 * step), Volume(body.astype(float), spacing=(step,) * 3)) for step in (1, mm)
    )
    np.testing.assert_array_equal(one.image, other.image)
    assert 0 < one.image.sum() < body.sum()


def test_a_marker_in_the_strip_takes_the_intensity_around_it():
    body = np.full((30, 30), 50.0)
    body[:, 15:] = 60
    body[14:16, 14:16] = 255
    marked = body.copy()
    marked[:4, :5] = 200
    marked[1:3, 1:4] = 255, 250, 255
    step = RemoveBackground(marker_strip=0.2, fill_value=0)
    np.testing.assert_array_equal(step._without_markers(marked), body)
    np.testing.assert_array_equal(apply(step, Volume(marked)).image, np.where(body > body.mean(), body, 0))


@pytest.mark.parametrize("shape", [(30, 60), (60, 30)])
def test_the_strip_is_a_part_of_the_shorter_side(shape):
    image = np.full(shape, 50.0)
    image[1:3, 1:3] = image[-9:-7, -9:-7] = 255  # 6 pixels from the border, and 9
    cleaned = RemoveBackground(marker_strip=0.2)._without_markers(image)
    assert cleaned[1, 1] == 50
    assert cleaned[-8, -8] == 255


def test_what_is_almost_as_bright_as_the_brightest_belongs_to_a_marker():
    image = np.full((40, 40), 100.0)
    image[1:3, 1:8], image[1:3, 8] = 298, 300
    image[20:23, 20:23] = 280
    cleaned = RemoveBackground(marker_strip=0.3)._without_markers(image)
    np.testing.assert_array_equal(cleaned, np.where(image > 290, 100, image))


def test_a_body_thinner_than_the_opening_stays():
    image = np.zeros((20, 20))
    image[:, 9:11] = 100
    np.testing.assert_array_equal(apply(RemoveBackground(opening=5), Volume(image)).image, image)


def test_a_bright_region_that_reaches_inwards_is_no_marker():
    image = np.full((30, 30), 50.0)
    image[:20, 15] = 255
    step = RemoveBackground(marker_strip=0.2)
    np.testing.assert_array_equal(step._without_markers(image), np.where(image == 255, 255, 50))
    image[6:, 15] = 50
    assert (step._without_markers(image) == 50).all()


def test_masks_stay_and_nan_is_background(radiograph):
    radiograph[15, 15], radiograph[0, 0] = np.nan, np.inf
    volume = Volume(radiograph, mask=radiograph > 200)
    result = apply(RemoveBackground(fill_value=0), volume)
    assert result.mask is volume.mask
    assert result.image[0, 0] == 0
    assert np.isnan(result.image[15, 15])  # a hole in the body, for RepairPixels


@pytest.mark.parametrize("image", [np.full((4, 4), 7.0), np.full((4, 4), np.nan)])
def test_an_image_without_contrast_stays(image):
    np.testing.assert_array_equal(apply(RemoveBackground(), Volume(image)).image, image)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"threshold": "ostu"}, "did you mean 'otsu'"),
        ({"opening": -1}, r"opening must be at least 0.*mm"),
        ({"marker_strip": 0.5}, r"marker_strip must be less than 0\.5.*part of the side"),
    ],
)
def test_bad_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        RemoveBackground(**parameters).fit([np.ones((3, 3))])


@pytest.mark.parametrize("seed", range(8))
def test_the_body_has_no_holes(seed):
    image = (np.random.default_rng(seed).random((30, 30)) > 0.35).astype(float)
    body = apply(RemoveBackground(threshold="otsu", fill_value=-1), Volume(image)).image >= 0
    np.testing.assert_array_equal(ndimage.binary_fill_holes(body), body)
    assert (image[body] == 0).any()  # there were some
