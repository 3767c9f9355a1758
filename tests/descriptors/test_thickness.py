"""Thickness of bright parts: lines, balls and boxes by hand."""

import numpy as np
import pytest

from radlearn.descriptors import ThicknessFeatures


def features(image, **params):
    """Columns of one image at its own size, by name without its beginning."""
    extractor = ThicknessFeatures(size=image.shape[0], ndim=image.ndim, **params).set_output(transform="pandas")
    return extractor.fit_transform([image]).iloc[0].rename(lambda name: name.removeprefix("thickness_"))


def ball(radius, ndim, side=41):
    """Bright ball in the middle of a dark cube."""
    offsets = np.indices((side,) * ndim) - side // 2
    return (np.sum(offsets**2, axis=0) <= radius**2).astype(float)


def box(shape, side=32):
    """Bright box in a corner region of a dark cube."""
    image = np.zeros((side,) * len(shape))
    image[tuple(slice(3, 3 + length) for length in shape)] = 1
    return image


@pytest.mark.parametrize("ndim", [2, 3])
def test_an_opening_leaves_a_ball_that_is_larger_and_nothing_of_one_that_is_smaller(ndim):
    found = features(ball(6, ndim), radii=(2, 8))
    assert found["opened_2"] > 0.9
    assert found["opened_8"] == 0


def test_an_opening_takes_thin_lines_away_and_leaves_wide_ones():
    lines = box((20, 3)) + np.roll(box((20, 9)), 10, axis=1)
    left = features(lines, radii=(3,))["opened_3"]
    assert 0.6 < left <= 9 / (3 + 9)  # corners of the wide one go, too


def test_openings_by_larger_balls_leave_less():
    image = np.random.default_rng(0).normal(size=(48, 48)).cumsum(axis=0).cumsum(axis=1)
    left = features(image).filter(like="opened")
    assert (left.diff().dropna() <= 0).all()


def test_a_closing_fills_what_is_narrow():
    ring = box((12, 12))
    ring[7:10, 7:10] = 0
    found = features(ring, closings=(1, 2))
    assert found["closed_1"] == pytest.approx((135 + 4) / 135)  # the corners of the hole
    assert found["closed_2"] == pytest.approx(144 / 135)


def test_a_closing_leaves_a_box_as_it_is_even_at_the_border():
    assert (features(box((9, 5, 20))).filter(like="closed") == 1).all()
    half = np.zeros((16, 16))
    half[:, :4] = 1
    assert features(half)["closed_8"] == 1


def test_depth_of_a_box_is_half_its_shortest_side():
    depths = features(box((9, 5, 20))).filter(like="depth")
    assert depths.index.tolist() == ["depth_p50", "depth_p75", "depth_p90", "depth_p95", "depth_p99", "depth_max"]
    assert depths["depth_max"] == 3


def test_axes_and_fraction_of_a_box_by_hand():
    sides = np.array([12, 6, 4])
    found = features(box(sides))
    # A uniform row of n voxels has the variance (n^2 - 1) / 12.
    spread = np.sqrt((sides**2 - 1) / 12)
    np.testing.assert_allclose(found[["axis_1", "axis_2", "axis_3"]], spread)
    np.testing.assert_allclose(found[["ratio_2", "ratio_3"]], spread[1:] / spread[0])
    assert found["fraction"] == pytest.approx(sides.prod() / 32**3)


@pytest.mark.parametrize("axes", [(0, 1), (1, 2)])
def test_quarter_turns_and_mirrors_change_nothing(axes):
    image = box((12, 6, 4)) + ball(5, 3, side=32)
    expected = features(image)
    np.testing.assert_allclose(features(np.rot90(image, axes=axes)), expected)
    np.testing.assert_allclose(features(image[..., ::-1]), expected)


def test_a_line_has_one_axis_however_it_runs():
    line = np.zeros((64, 64, 64))
    line[(np.arange(64),) * 3] = 1
    found = features(line)
    assert found["axis_1"] == pytest.approx(np.sqrt(3 * (64**2 - 1) / 12))
    assert found["axis_2"] == found["axis_3"] == found["ratio_2"] == 0


def test_one_bright_pixel_has_a_depth_and_no_extent():
    found = features(box((1, 1)))
    assert found["depth_max"] == 1
    assert not found.filter(regex="axis|ratio|opened").any()


def test_a_part_that_touches_the_border_ends_there():
    half = np.zeros((16, 16))
    half[:, :4] = 1
    assert features(half)["depth_max"] == 2


def test_a_constant_image_has_zeros():
    assert not features(np.full((16, 16), 3.0)).any()


def test_radii_are_positive():
    with pytest.raises(ValueError, match=r"radii must be .* pixels of the resized image"):
        ThicknessFeatures(radii=(0, 1)).fit([np.eye(4)])
