"""Edges, dimensions and gaps of images whose answer is known."""

import numpy as np
import pytest
from scipy.stats import kurtosis, skew
from skimage.filters import laplace, sobel

from radlearn.descriptors import FractalFeatures, GradientStatistics


def row_of(extractor, image):
    return extractor.set_output(transform="pandas").fit_transform([image]).iloc[0]


def sierpinski(power):
    """Sierpinski's carpet-like triangle, whose dimension is log2(3)."""
    cell = np.ones((1, 1))
    for _ in range(power):
        cell = np.block([[cell, np.zeros_like(cell)], [cell, cell]])
    return cell


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_ramp_has_one_strength_and_one_direction(ndim):
    ramp = np.broadcast_to(np.arange(16.0), (16,) * ndim)
    row = row_of(GradientStatistics(size=16), ramp)
    assert row["gradient_p50"] == pytest.approx(2 / 15)  # two steps of a range of 15
    assert row["gradient_anisotropy"] == pytest.approx(1)
    assert row["gradient_coherence"] == pytest.approx(1)


@pytest.mark.parametrize("ndim", [2, 3])
def test_statistics_are_those_of_the_sobel_magnitude(ndim):
    image = np.random.default_rng(0).random((16,) * ndim)
    image.flat[:2] = 0, 1
    magnitude = np.sqrt(sum(sobel(image, axis=axis) ** 2 for axis in range(ndim)))
    row = row_of(GradientStatistics(size=16), image)
    percentiles = row[["gradient_p50", "gradient_p90", "gradient_p99"]]
    np.testing.assert_allclose(percentiles, np.percentile(magnitude, (50, 90, 99)))
    np.testing.assert_allclose(row[["gradient_mean", "gradient_std"]], [magnitude.mean(), magnitude.std()])
    np.testing.assert_allclose(
        row[["gradient_skewness", "gradient_kurtosis"]], [skew(magnitude, None), kurtosis(magnitude, None)]
    )
    curvature = np.abs(laplace(image))
    np.testing.assert_allclose(
        row[["gradient_laplacian_mean", "gradient_laplacian_std"]], [curvature.mean(), curvature.std()]
    )


def test_noise_has_no_direction():
    row = row_of(GradientStatistics(), np.random.default_rng(0).normal(size=(64, 64)))
    assert row["gradient_anisotropy"] < 0.1


def test_edges_are_found_where_they_are():
    square = np.pad(np.ones((16, 16)), 24)
    row = row_of(GradientStatistics(), square)
    # An edge is two pixels wide, one on each side of the outline.
    assert row["gradient_edge_fraction"] == pytest.approx((18**2 - 14**2) / 64**2, rel=0.05)


@pytest.mark.parametrize("extractor", [GradientStatistics(), FractalFeatures()])
def test_turning_an_image_changes_nothing(extractor):
    image = np.random.default_rng(0).normal(size=(64, 64))
    np.testing.assert_allclose(*extractor.fit_transform([image, np.rot90(image)]), rtol=1e-6)


def test_a_fractal_has_its_dimension():
    row = row_of(FractalFeatures(), sierpinski(6))
    assert row["fractal_dimension_foreground"] == pytest.approx(np.log2(3))


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_filled_image_has_the_dimension_of_its_space(ndim):
    image = np.zeros((16,) * ndim)
    image[..., 8:] = 1
    row = row_of(FractalFeatures(size=16), image)
    assert row["fractal_dimension_foreground"] == pytest.approx(ndim)
    assert row["fractal_dimension_outline"] == pytest.approx(ndim - 1, abs=0.5)


def test_a_rough_landscape_has_a_larger_dimension_than_a_smooth_one():
    ramp = np.broadcast_to(np.arange(64.0), (64, 64))
    rough = np.random.default_rng(0).random((64, 64))
    dimensions = FractalFeatures().fit_transform([ramp, rough])[:, 0]
    assert dimensions[0] == pytest.approx(2, abs=0.1)
    assert dimensions[1] > 2.5


def test_boxes_that_a_landscape_passes_are_counted_one_by_one():
    image = np.random.default_rng(0).random((16, 16))
    image[0, :2] = 0, 1
    counts = []
    for side in (2, 4):
        cells = [image[y : y + side, x : x + side] * 16 for y in range(0, 16, side) for x in range(0, 16, side)]
        counts.append(sum(cell.max() // side - cell.min() // side + 1 for cell in cells))
    expected = np.log2(counts[0] / counts[1])
    assert row_of(FractalFeatures(size=16), image)["fractal_dimension_intensity"] == pytest.approx(expected)


def test_lacunarity_is_that_of_all_gliding_boxes():
    image = np.random.default_rng(0).random((16, 16))
    image[0, :2] = 0, 1
    masses = np.lib.stride_tricks.sliding_window_view(image, (4, 4)).sum(axis=(2, 3))
    expected = (masses**2).mean() / masses.mean() ** 2
    assert row_of(FractalFeatures(size=16), image)["fractal_lacunarity_4"] == pytest.approx(expected)


def test_a_constant_image_has_neither_edges_nor_gaps():
    image = np.ones((9, 9))
    assert not row_of(GradientStatistics(), image).any()
    assert row_of(FractalFeatures(size=16), image).tolist() == pytest.approx([2, 0, 0, 1, 1])
