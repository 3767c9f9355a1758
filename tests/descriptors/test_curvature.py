"""Curvature of borders: balls, cylinders, rings and planes by their formulas."""

import numpy as np
import pytest

from radlearn.descriptors import CurvatureFeatures


def features(image, scale=3.0):
    """Columns of one scale of one image at its own size, by name without its beginning."""
    extractor = CurvatureFeatures(scales=(scale,), size=image.shape[0], ndim=image.ndim)
    row = extractor.set_output(transform="pandas").fit_transform([image]).iloc[0]
    return row.rename(lambda name: name.removeprefix(f"curvature_s{scale:g}_"))


def distances(ndim, side=48):
    """Distances along each axis from the middle of an image."""
    return np.indices((side,) * ndim) - (side - 1) / 2


def ball(radius, ndim):
    """Bright ball in the middle of a dark cube."""
    return (np.linalg.norm(distances(ndim), axis=0) < radius).astype(float)


def ellipse(angle):
    """Bright ellipse with half axes of 16 and 8 pixels, turned by an angle."""
    y, x = distances(2)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    return ((along / 16) ** 2 + (across / 8) ** 2 < 1).astype(float)


@pytest.mark.parametrize("radius", [12, 18])
def test_a_ball_has_the_curvature_of_its_radius(radius):
    found = features(ball(radius, 3))
    mean = found[["mean_average", "mean_p50", "curvedness_average"]]
    np.testing.assert_allclose(mean, 1 / radius, rtol=0.015)
    np.testing.assert_allclose(found[["gaussian_average", "gaussian_p50"]], radius**-2, rtol=0.03)
    np.testing.assert_allclose(found[["border", "mean_total"]], 4 * np.pi * np.array([radius**2, radius]), rtol=0.02)
    np.testing.assert_allclose(found[["gaussian_total", "energy"]], 4 * np.pi, rtol=0.02)
    assert found["mean_std"] < 0.05 / radius
    assert found["shape_index_average"] > 0.97
    np.testing.assert_allclose(found[["shape_cap", "share_convex"]], 1)


@pytest.mark.parametrize("radius", [12, 18])
def test_a_disc_has_the_curvature_of_its_radius(radius):
    found = features(ball(radius, 2))
    np.testing.assert_allclose(found[["mean_average", "curvedness_average"]], 1 / radius, rtol=0.015)
    assert found["border"] == pytest.approx(2 * np.pi * radius, rel=0.02)
    assert found["mean_total"] == pytest.approx(2 * np.pi, rel=0.01)  # once around
    assert found["share_convex"] == pytest.approx(1)


@pytest.mark.parametrize("ndim", [2, 3])
def test_what_is_dark_within_bends_the_other_way(ndim):
    bump, hole = features(ball(12, ndim)), features(1 - ball(12, ndim))
    signed = hole.index.str.match("mean_(average|total)|shape_index_average")
    np.testing.assert_allclose(hole[signed], -bump[signed], rtol=1e-5)
    same = hole.index.str.match("curvedness_|gaussian_|border|energy|.*_std")
    np.testing.assert_allclose(hole[same], bump[same], rtol=1e-4)
    assert hole["share_concave"] == pytest.approx(1)
    if ndim == 3:
        assert hole["shape_cup"] == pytest.approx(1)


def test_a_cylinder_bends_one_way_only():
    found = features(np.repeat(ball(12, 2)[np.newaxis], 48, axis=0))
    np.testing.assert_allclose(found[["mean_average", "curvedness_average"]], [1 / 24, np.sqrt(1 / 2) / 12], rtol=0.015)
    np.testing.assert_allclose(found.filter(like="gaussian"), 0, atol=1e-12)
    np.testing.assert_allclose(found[["shape_index_p10", "shape_index_p90"]], 0.5)
    np.testing.assert_allclose(found[["shape_ridge", "share_convex"]], 1)


def test_a_ring_is_a_saddle_on_its_inner_side():
    z, y, x = distances(3)
    ring = np.hypot(np.hypot(y, x) - 14, z) < 6
    found = features(ring.astype(float), scale=2)
    # Pappus; the outer side of a torus has this share of its area.
    outer = 1 / 2 + 6 / (np.pi * 14)
    shares = found[["share_convex", "share_hyperbolic", "share_concave"]]
    np.testing.assert_allclose(shares, [outer, 1 - outer, 0], atol=0.02)
    assert found["border"] == pytest.approx(4 * np.pi**2 * 14 * 6, rel=0.02)
    assert abs(found["gaussian_total"]) < 0.3  # Gauss and Bonnet: one surface, one tunnel


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_plane_across_the_image_is_flat(ndim):
    half = np.zeros((24,) * ndim)
    half[:7] = 1
    found = features(half)
    flat = found.drop(["border", "shape_saddle"], errors="ignore")
    assert not flat.any()
    assert found["border"] == pytest.approx(24 ** (ndim - 1))


def test_a_tilted_plane_has_the_same_border():
    y, x = distances(2)
    tilted = features((x + 0.4 * y > 0).astype(float), scale=2)
    assert tilted["border"] == pytest.approx(48 * np.hypot(1, 0.4), rel=0.02)
    assert abs(tilted["mean_p50"]) < 0.005


@pytest.mark.parametrize("axes", [(0, 1), (1, 2)])
def test_quarter_turns_and_mirrors_change_nothing(axes):
    image = ball(7, 3)
    image[4:10, 20:38, 18:22] = image[20:40, 30:34, 6:22] = 1
    expected = features(image, scale=1.5)
    np.testing.assert_allclose(features(np.rot90(image, axes=axes), scale=1.5), expected, atol=1e-9)
    np.testing.assert_allclose(features(image[..., ::-1], scale=1.5), expected, atol=1e-9)


def test_any_turn_changes_little():
    columns = "average|std|share|border|total|energy"
    upright, turned = (features(ellipse(angle)).filter(regex=columns) for angle in (0, 0.6))
    np.testing.assert_allclose(turned, upright, rtol=0.04, atol=1e-9)


def test_larger_scales_see_less_of_the_pixels():
    spreads = [features(ball(12, 3), scale=scale)["mean_std"] for scale in (1, 2, 3)]
    assert spreads[0] > 2 * spreads[1] > 4 * spreads[2]


@pytest.mark.parametrize("ndim", [2, 3])
def test_no_curvature_is_sharper_than_a_pixel(ndim):
    image = np.random.default_rng(0).normal(size=(16,) * ndim)
    found = features(image, scale=0.5)
    assert np.isfinite(found).all()
    assert found.filter(regex="_p|_average").abs().max() <= 1


def test_one_bright_voxel_bulges():
    dot = np.zeros((16, 16, 16))
    dot[8, 8, 8] = 1
    found = features(dot, scale=1)
    np.testing.assert_allclose(found[["shape_cap", "share_convex"]], 1)


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_constant_image_has_zeros(ndim):
    assert not features(np.full((16,) * ndim, 3.0)).any()


def test_columns_of_scales_stand_side_by_side():
    extractor = CurvatureFeatures(scales=(1, 2.5), size=48).set_output(transform="pandas")
    table = extractor.fit_transform([ellipse(0)])
    assert table.columns[[0, -1]].tolist() == ["curvature_s1_mean_average", "curvature_s2.5_energy"]
    percentiles = [f"curvature_s1_mean_p{percent}" for percent in (10, 25, 50, 75, 90)]
    assert table.filter(like="s1_mean_p").columns.tolist() == percentiles
    np.testing.assert_allclose(table.filter(like="s2.5_").iloc[0], features(ellipse(0), scale=2.5))


def test_scales_are_positive():
    with pytest.raises(ValueError, match=r"scales must be .* pixels of the resized image"):
        CurvatureFeatures(scales=(0,)).fit([np.eye(9)])
    with pytest.raises(ValueError, match="several different numbers"):
        CurvatureFeatures(scales=()).fit([np.eye(9)])
    with pytest.raises(ValueError, match="several different numbers"):  # both columns would be curvature_s3_...
        CurvatureFeatures(scales=(3, 3.0000001)).fit([np.eye(9)])
