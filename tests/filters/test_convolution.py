"""Compiled convolution against its definition, and what kernels look like from the other side."""

import numpy as np
import pytest
from scipy import ndimage

from radlearn.filters.separable import BOUNDARIES, Taps, centered, convolved, product_convolved, sources_along

IN_SCIPY = {"mirror": "reflect", "nearest": "nearest", "zero": "constant", "periodic": "wrap"}
KERNELS = [
    Taps((1.0,), 0),
    Taps((1.0, -2.0), 1),
    Taps((1.0, -2.0), 0),
    Taps((3.0, 0.5, -1.0, 2.0, 7.0), 2),
    Taps(tuple(np.linspace(-1, 2, 12)), 6),
    centered(np.hanning(31)),
]


def slow_twin(image, taps, axis, boundary):
    """The definition: response[i] is the sum of weights[m] * image[i - (m - center)]."""
    lines = np.moveaxis(image, axis, -1)
    response = np.zeros(lines.shape)
    reach = len(taps.weights)
    sources = sources_along(lines.shape[-1], reach, reach, boundary)
    for i in range(lines.shape[-1]):
        for m, weight in enumerate(taps.weights):
            source = sources[reach + i - (m - taps.center)]
            response[..., i] += weight * lines[..., source] if source >= 0 else 0
    return np.moveaxis(response, -1, axis)


@pytest.mark.kernel
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("taps", KERNELS, ids=lambda taps: f"{len(taps.weights)} weights")
def test_the_kernel_equals_its_slow_twin(taps, boundary, dtype):
    image = np.random.default_rng(0).normal(size=(4, 5, 300)).astype(dtype)
    for axis in range(3):
        for part in (image, image[1], image[:, :, ::-7]):
            if axis < part.ndim:
                response = convolved(part, taps, axis, boundary)
                assert response.dtype == dtype
                np.testing.assert_allclose(response, slow_twin(part, taps, axis, boundary), atol=1e-4, rtol=1e-5)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_boundaries_are_those_of_scipy(boundary):
    image = np.random.default_rng(0).normal(size=(6, 7))
    expected = ndimage.convolve1d(image, [1.0, 2.0, 4.0], 1, mode=IN_SCIPY[boundary])
    np.testing.assert_allclose(convolved(image, centered([1, 2, 4]), 1, boundary), expected)


@pytest.mark.parametrize("taps", KERNELS, ids=lambda taps: f"{len(taps.weights)} weights")
def test_a_reversed_kernel_sees_the_image_from_the_other_side(taps):
    image = np.random.default_rng(0).normal(size=(6, 40))
    turned = convolved(image[:, ::-1], taps, 1, "mirror")[:, ::-1]
    np.testing.assert_allclose(convolved(image, taps.reversed, 1, "mirror"), turned)
    both = convolved(image, taps.symmetrized, 1, "mirror")
    np.testing.assert_allclose(both, (turned + convolved(image, taps, 1, "mirror")) / 2, atol=1e-12)


def test_a_dilated_kernel_has_zeros_behind_each_weight():
    assert Taps((1.0, 2.0), 1).dilated(3) == Taps((1.0, 0.0, 0.0, 2.0, 0.0, 0.0), 3)


@pytest.mark.kernel
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("axes", [(0, 1, 2), (1, 2), (0, 2)])
def test_a_product_of_kernels_is_one_after_the_other(axes, boundary, dtype):
    image = np.random.default_rng(0).normal(size=(5, 9, 40)).astype(dtype)
    for start in range(len(KERNELS)):  # each is the first one once, the longest, too
        taps = (KERNELS[start:] + KERNELS[:start])[: len(axes)]
        expected = image
        for axis, along in zip(axes, taps, strict=True):
            expected = convolved(expected, along, axis, boundary)
        np.testing.assert_array_equal(product_convolved(image, taps, axes, boundary), expected)


def test_a_single_image_has_a_product_of_kernels_too():
    image = np.random.default_rng(0).normal(size=(9, 40))
    expected = convolved(convolved(image, KERNELS[3], 0, "zero"), KERNELS[4], 1, "zero")
    np.testing.assert_array_equal(product_convolved(image, KERNELS[3:5], (0, 1), "zero"), expected)
