"""Non-separable wavelets and Riesz transforms against the complex Fourier transform of the whole image, and by laws."""

from itertools import product
from math import factorial, prod

import numpy as np
import pytest
from scipy import fft

from radlearn.exceptions import GeometryError
from radlearn.filters import (
    LaplacianOfGaussian,
    NonSeparableWavelet,
    RieszLaplacianOfGaussian,
    RieszWavelet,
    _fourier,
)

SHAPES = [(12, 15, 16), (13, 18, 10), (8, 11), (1, 9, 9)]
ORDERS_3D = [order for order in product(range(4), repeat=3) if 1 <= sum(order) <= 3]


def noise(shape):
    return np.random.default_rng(0).normal(size=shape)


def response_of(image_filter, image, spacing=None):
    [(_, response)] = image_filter.filtered(image, spacing or (1.0,) * image.ndim)
    return response


def slow_twin(image, transfer, axes=None):
    """Real part of the product with a transfer function of the frequencies from -1 to 1, as IBSI counts them."""
    axes = range(image.ndim) if axes is None else axes
    lines = [fft.ifftshift(np.linspace(-1, 1, n)) if n > 1 else np.zeros(1) for n in image.shape]
    grid = np.meshgrid(*(line if axis in axes else 0 * line for axis, line in enumerate(lines)), indexing="ij")
    radius = np.sqrt(sum(frequency**2 for frequency in grid))
    return fft.ifftn(fft.fftn(image, axes=axes) * transfer(radius), axes=axes).real


def slow_riesz(image, order):
    frequencies = np.meshgrid(*map(fft.fftfreq, image.shape), indexing="ij")
    radius = np.sqrt(sum(frequency**2 for frequency in frequencies))
    radius[radius == 0] = np.inf
    factor = (-1j) ** sum(order) * np.sqrt(factorial(sum(order)) / prod(map(factorial, order)))
    transfer = factor * prod((f / radius) ** exponent for f, exponent in zip(frequencies, order, strict=True))
    return fft.ifftn(fft.fftn(image) * transfer).real


def simoncelli(radius):
    inside = (radius >= 0.25) & (radius <= 1)
    return np.where(inside, np.cos(np.pi / 2 * np.log2(2 * np.where(inside, radius, 1))), 0)


def shannon(radius):
    return ((radius >= 0.5) & (radius <= 1)).astype(float)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("transfer", [simoncelli, shannon], ids=lambda transfer: transfer.__name__)
def test_a_band_is_a_product_of_spectra(transfer, level, shape):
    image = noise(shape)
    expected = slow_twin(image, lambda radius: transfer(2 ** (level - 1) * radius))
    response = response_of(NonSeparableWavelet(wavelet=transfer.__name__, level=level), image)
    np.testing.assert_allclose(response, expected, atol=1e-13)


@pytest.mark.parametrize(("n", "level", "passed"), [(16, 2, 0), (16, 3, 0.98), (15, 3, 0)])
def test_the_average_passes_at_high_levels_of_images_of_even_length(n, level, passed):
    image = np.ones((n, n, n))
    assert response_of(NonSeparableWavelet(level=level), image).mean() == pytest.approx(passed, abs=0.01)


def test_slices_are_filtered_by_themselves():
    image = noise((3, 12, 13))
    expected = slow_twin(image, simoncelli, axes=(1, 2))
    np.testing.assert_allclose(response_of(NonSeparableWavelet(slice_wise=True), image), expected, atol=1e-13)


@pytest.mark.parametrize("boundary", ["periodic", "mirror"])
def test_several_levels_have_the_responses_of_each_of_them(boundary):
    image = noise((12, 15, 16))
    responses = dict(NonSeparableWavelet(level=[3, 1, 2], boundary=boundary).filtered(image, (1, 1, 1)))
    assert list(responses) == ["simoncelli_level3", "simoncelli_level1", "simoncelli_level2"]
    for level in (1, 2, 3):
        alone = response_of(NonSeparableWavelet(level=level, boundary=boundary), image)
        np.testing.assert_allclose(responses[f"simoncelli_level{level}"], alone, atol=1e-13)


def test_a_boundary_that_is_not_periodic_lies_around_the_image():
    image = noise((20, 21))
    wide = np.pad(image, 16, mode="edge")
    expected = response_of(NonSeparableWavelet(), wide)[16:-16, 16:-16]
    np.testing.assert_allclose(response_of(NonSeparableWavelet(boundary="nearest"), image), expected, atol=1e-13)


@pytest.mark.parametrize("shape", SHAPES[:2])
@pytest.mark.parametrize("order", ORDERS_3D)
def test_a_riesz_transform_is_a_product_of_spectra(order, shape):
    image = noise(shape)
    log = LaplacianOfGaussian(boundary="periodic")
    expected = slow_riesz(response_of(log, image), order)
    riesz = RieszLaplacianOfGaussian(order=order, boundary="periodic")
    np.testing.assert_allclose(response_of(riesz, image), expected, atol=1e-13)


def test_a_riesz_transform_follows_a_wavelet():
    image = noise((12, 15, 16))
    expected = slow_riesz(slow_twin(image, lambda radius: shannon(2 * radius)), (1, 2, 0))
    response = response_of(RieszWavelet(order=(1, 2, 0), wavelet="shannon", level=2), image)
    np.testing.assert_allclose(response, expected, atol=1e-13)


@pytest.mark.parametrize("kind", [RieszLaplacianOfGaussian, RieszWavelet])
def test_all_transforms_of_an_order_keep_the_energy_along_other_axes_too(kind):
    image = noise((10, 12, 11))
    orders = [order for order in ORDERS_3D if sum(order) == 2]
    plain, aligned = (
        sum(response_of(kind(order=order, align_sigma=sigma), image) ** 2 for order in orders) for sigma in (None, 1.5)
    )
    np.testing.assert_allclose(aligned, plain, rtol=1e-8, atol=1e-10 * plain.max())


def test_the_last_axis_is_turned_to_the_direction_of_the_largest_change():
    image = np.ones((8, 1, 1)) * noise((1, 16, 1)) + np.zeros((8, 16, 12))
    along_y = response_of(RieszWavelet(order=(0, 2, 0)), image)
    aligned = response_of(RieszWavelet(order=(0, 0, 2), align_sigma=2), image)
    np.testing.assert_allclose(aligned, along_y, atol=1e-12)


@pytest.mark.parametrize("order", [(0, 0, 1), (0, 1, 2), (1, 0, 1)])
def test_aligned_transforms_turn_with_the_image(order):
    image = noise((9, 13, 11))  # with odd edges, each frequency has an opposite
    riesz = RieszLaplacianOfGaussian(order=order, align_sigma=1.0, boundary="periodic")
    turned = response_of(riesz, image.transpose(2, 0, 1)[:, ::-1]).transpose(1, 2, 0)[::-1]
    np.testing.assert_allclose(turned, response_of(riesz, image), atol=1e-10)


@pytest.mark.parametrize("step", [0.25, 3.0])
def test_the_laplacian_under_a_riesz_transform_is_measured_in_mm(step):
    image = noise((10, 12, 11))
    voxels, mm = (response_of(RieszLaplacianOfGaussian(sigma=sigma), image, (sigma,) * 3) for sigma in (1.0, step))
    np.testing.assert_allclose(mm, voxels, atol=1e-12 * np.abs(voxels).max())


def test_the_window_of_the_structure_tensor_is_measured_in_mm():
    image = noise((10, 12, 11))
    near, far = (
        response_of(RieszWavelet(order=(0, 0, 1), align_sigma=sigma), image, (step,) * 3)
        for sigma, step in ((1.0, 1.0), (2.5, 2.5))
    )
    np.testing.assert_array_equal(near, far)


def test_transfer_functions_of_small_images_alone_are_kept(monkeypatch):
    made = []
    monkeypatch.setattr(_fourier, "MAX_KEPT", 64)
    transfer = _fourier.kept(lambda shape, level: made.append(shape) or np.full(shape, level))
    for _ in range(2):
        assert transfer((8, 8), 3).shape == (8, 8)
        assert transfer((8, 9), 3).shape == (8, 9)
    assert made == [(8, 8), (8, 9), (8, 9)]


@pytest.mark.parametrize(
    ("image_filter", "message"),
    [
        (NonSeparableWavelet(level=0), "level must be at least 1, got 0"),
        (NonSeparableWavelet(wavelet="haar"), "wavelet must be one of 'simoncelli', 'shannon'"),
        (RieszWavelet(order=2), r"order must be two whole numbers \(y, x\) or three whole numbers \(z, y, x\), got 2"),
        (RieszWavelet(order=(0, 0, 0)), "order must be above 0 along an axis"),
        (RieszWavelet(order=(0, -1, 2)), "order must be at least 0"),
        (RieszWavelet(wavelet="db2"), "wavelet must be one of"),
        (RieszLaplacianOfGaussian(sigma=0), "sigma must be greater than 0, got 0; sigma is in mm"),
        (RieszLaplacianOfGaussian(align_sigma=-1), "align_sigma must be greater than 0"),
    ],
)
def test_nonsense_is_refused(image_filter, message):
    with pytest.raises(ValueError, match=message):
        image_filter.fit([noise((4, 4, 4))])


def test_an_order_has_a_number_per_axis():
    with pytest.raises(GeometryError, match="has 3 numbers, an image has 2 axes"):
        RieszWavelet().fit_transform([noise((8, 8))])[0].load()
