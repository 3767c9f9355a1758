"""Gabor filter against a convolution with its kernel."""

import numpy as np
import pytest
from scipy import signal

from radlearn.filters import GaborFilter, _kernels

PAD = {"mirror": "symmetric", "nearest": "edge", "zero": "constant", "periodic": "wrap"}


def slow_twin(image, spacing, theta_deg, sigma, wavelength, gamma, boundary="mirror"):
    """Modulus of the convolution with the sampled kernel, cut off where its Gaussian is next to nothing."""
    reach = [int(np.ceil(6 * sigma * max(1, 1 / gamma) / step)) for step in spacing]
    y, x = (
        step * np.arange(-margin, margin + 1.0).reshape(shape)
        for step, margin, shape in zip(spacing, reach, [(-1, 1), (1, -1)], strict=True)
    )
    theta = np.deg2rad(theta_deg)
    u, v = x * np.cos(theta) + y * np.sin(theta), -x * np.sin(theta) + y * np.cos(theta)
    kernel = np.exp(-(u**2 + gamma**2 * v**2) / (2 * sigma**2)) * np.exp(2j * np.pi * u / wavelength)
    wide = np.pad(image, [(margin, margin) for margin in reach], mode=PAD[boundary])
    return np.abs(signal.fftconvolve(wide, kernel, "valid"))


def response_of(image, spacing, **parameters):
    image_filter = GaborFilter(**parameters)
    [(_, response)] = image_filter.filtered(image, spacing)
    return response


@pytest.mark.parametrize(
    ("spacing", "parameters"),
    [
        ((1.0, 1.0), {"sigma": 3.0, "wavelength": 4.0, "gamma": 1.0, "theta_deg": 30}),
        ((1.0, 1.0), {"sigma": 2.0, "wavelength": 5.0, "gamma": 1.5, "theta_deg": 200, "boundary": "zero"}),
        ((3.0, 1.0), {"sigma": 4.0, "wavelength": 6.0, "gamma": 0.5, "theta_deg": 60, "boundary": "nearest"}),
        ((0.5, 0.7), {"sigma": 3.0, "wavelength": 9.0, "gamma": 2.0, "theta_deg": -45, "boundary": "periodic"}),
        # Waves shorter than two pixels, and a Gaussian of less than a pixel: the samples stand for other waves, too.
        ((1.0, 2.5), {"sigma": 0.8, "wavelength": 1.1, "gamma": 2.0, "theta_deg": 75}),
        ((5.0, 1.0), {"sigma": 2.0, "wavelength": 1.0, "gamma": 1.5, "theta_deg": 90}),
        ((1.0, 1.0), {"sigma": 0.4, "wavelength": 3.0, "gamma": 1.0, "theta_deg": 10}),
    ],
)
def test_the_response_is_the_modulus_of_a_convolution(spacing, parameters, image):
    expected = slow_twin(image[0], spacing, **parameters)
    np.testing.assert_allclose(response_of(image[0], spacing, **parameters), expected, atol=2e-7 * expected.max())


@pytest.mark.parametrize("pooling", ["average", "max"])
def test_directions_are_pooled(pooling, image):
    theta = {"sigma": 3.0, "wavelength": 4.0}
    directions = [response_of(image, (2.0, 1.0, 1.0), theta_deg=degrees, **theta) for degrees in range(0, 360, 60)]
    expected = {"average": np.mean, "max": np.max}[pooling](directions, axis=0)
    pooled = response_of(image, (2.0, 1.0, 1.0), theta_step_deg=60, pooling=pooling, **theta)
    np.testing.assert_allclose(pooled, expected, rtol=1e-9)


def test_orthogonal_planes_keep_the_order_of_x_y_and_z(image, spacing):
    wave = {"sigma": 3.0, "wavelength": 4.0, "gamma": 0.7, "theta_deg": 20}
    axial = response_of(image, spacing, **wave)
    coronal = response_of(image.transpose(1, 0, 2), [spacing[axis] for axis in (1, 0, 2)], **wave).transpose(1, 0, 2)
    sagittal = response_of(image.transpose(2, 0, 1), [spacing[axis] for axis in (2, 0, 1)], **wave).transpose(1, 2, 0)
    planes = response_of(image, spacing, orthogonal_planes=True, **wave)
    np.testing.assert_allclose(planes, (axial + coronal + sagittal) / 3, rtol=1e-9)


def test_an_image_has_one_plane_only(image, spacing):
    planes = response_of(image[0], spacing[1:], orthogonal_planes=True)
    np.testing.assert_array_equal(planes, response_of(image[0], spacing[1:]))


@pytest.mark.kernel
@pytest.mark.parametrize("is_max", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_moduli_are_pooled_like_those_of_numpy(dtype, is_max):
    rng = np.random.default_rng(0)
    response = (rng.normal(size=(2, 3, 7)) + 1j * rng.normal(size=(2, 3, 7))).astype(
        np.result_type(dtype, np.complex64)
    )
    total = rng.uniform(0, 2, (2, 3, 4)).astype(dtype)
    moduli = np.abs(response[:, :, 2:6])
    expected = np.maximum(total, moduli) if is_max else total + moduli
    _kernels.pool_moduli(response, 2, is_max, total)
    np.testing.assert_allclose(total, expected, rtol=1e-6)


@pytest.mark.parametrize("step", [22.5, 360 / 7, 360])
def test_parts_of_a_whole_turn_are_steps(step):
    assert GaborFilter(theta_step_deg=step).fit([np.eye(3)])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"wavelength": 0}, "wavelength must be greater than 0, got 0; wavelength is in mm"),
        ({"theta_step_deg": 50}, r"theta_step_deg must divide 360, such as 22.5 or 45, got 50"),
        ({"pooling": "min"}, "pooling must be one of 'average', 'max'"),
        ({"boundary": "wrap"}, "boundary must be one of"),
    ],
)
def test_nonsense_is_refused(parameters, message, image):
    with pytest.raises(ValueError, match=message):
        GaborFilter(**parameters).fit([image])
