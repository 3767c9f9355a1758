"""Denoise: every method takes noise away and keeps edges, in units of mm and of the noise."""

import sys

import numpy as np
import pytest
from scipy import ndimage

from radlearn import Volume
from radlearn.exceptions import RadlearnWarning
from radlearn.preprocessing import Denoise
from radlearn.preprocessing.denoise import _METHODS, _noise
from steps import apply

pytest.importorskip("SimpleITK", reason="bilateral and anisotropic smoothing need the extra itk")
BY_SCALE = ("median", "gaussian", "bilateral")
EDGE_KEEPING = [method for method in _METHODS if method != "gaussian"]


def noisy_step(shape, sigma=10.0):
    """Two flat halves, 100 and 200, and the same with noise."""
    clean = np.full(shape, 100.0)
    clean[..., shape[-1] // 2 :] = 200
    return clean, clean + np.random.default_rng(0).normal(0, sigma, shape)


@pytest.mark.parametrize("shape", [(48, 48), (8, 24, 24)])
@pytest.mark.parametrize("method", EDGE_KEEPING)
def test_noise_goes_and_the_edge_stays(method, shape):
    clean, noisy = noisy_step(shape)
    image = apply(Denoise(method=method), Volume(noisy)).image
    assert np.std(image - clean) < 0.7 * np.std(noisy - clean)
    middle = shape[-1] // 2
    assert image[..., middle].mean() - image[..., middle - 1].mean() > 80


def test_the_gaussian_blurs_the_edge_by_its_scale():
    clean, _ = noisy_step((4, 40))
    image = apply(Denoise(method="gaussian", scale=2), Volume(clean, spacing=(1, 0.5))).image
    slope = np.diff(image[0])
    np.testing.assert_allclose(slope.max() / 100, 1 / (np.sqrt(2 * np.pi) * 4), rtol=0.01)


@pytest.mark.parametrize("method", _METHODS)
def test_offset_and_scale_of_the_intensities_do_not_matter(method):
    _, noisy = noisy_step((24, 24))
    one, other = (apply(Denoise(method=method), Volume(image)).image for image in (noisy, 1000 + 16 * noisy))
    np.testing.assert_allclose(1000 + 16 * one, other, rtol=1e-6)


@pytest.mark.parametrize("method", BY_SCALE)
def test_the_scale_is_in_mm(method):
    _, noisy = noisy_step((24, 24))
    one, other = (apply(Denoise(method=method, scale=2 * mm), Volume(noisy, spacing=(mm, mm))).image for mm in (1, 0.5))
    np.testing.assert_allclose(one, other, rtol=1e-9)


@pytest.mark.parametrize("unit", [0.05, 20])
@pytest.mark.parametrize("method", sorted(set(_METHODS) - set(BY_SCALE)))
def test_the_other_methods_go_by_voxels(method, unit):
    _, noisy = noisy_step((6, 12, 12))
    one, other = (apply(Denoise(method=method), Volume(noisy, spacing=(3 * mm, mm, mm))).image for mm in (1, unit))
    np.testing.assert_allclose(one, other, rtol=1e-9)


@pytest.mark.parametrize("method", BY_SCALE)
def test_thick_slices_are_smoothed_less_across_than_within(method):
    _, noisy = noisy_step((8, 24, 24))
    thick = apply(Denoise(method=method, noise=10), Volume(noisy, spacing=(9, 1, 1))).image
    alone = np.stack([apply(Denoise(method=method, noise=10), Volume(plane)).image for plane in noisy])
    np.testing.assert_allclose(thick, alone, atol=1)


@pytest.mark.parametrize(("shape", "size"), [((7, 12), (3, 5)), ((2, 3), (9, 11)), ((4, 5, 6), (3, 1, 5))])
def test_medians_are_those_of_scipy(shape, size):
    image = np.random.default_rng(0).normal(size=shape)
    spacing = [2 / (side - 1) if side > 1 else 9 for side in size]  # so that the scale reaches so many voxels
    found = apply(Denoise(method="median", scale=1), Volume(image, spacing=spacing)).image
    np.testing.assert_array_equal(found, ndimage.median_filter(image, size, mode="nearest"))


def test_a_median_that_reaches_no_neighbor_says_so():
    _, noisy = noisy_step((8, 24, 24))
    with pytest.warns(RadlearnWarning, match=r"0.25 voxels reaches no neighbor: .* raise scale"):
        image = apply(Denoise(), Volume(noisy, spacing=(6, 4, 4))).image
    np.testing.assert_array_equal(image, noisy)


@pytest.mark.parametrize("method", ["bilateral", "nlm", "tv", "wavelet", "anisotropic"])
def test_more_strength_is_smoother(method):
    _, noisy = noisy_step((24, 24))
    spreads = [
        apply(Denoise(method=method, strength=strength), Volume(noisy)).image[:, :10].std() for strength in (0.3, 1, 3)
    ]
    assert spreads == sorted(spreads, reverse=True)


def test_more_iterations_are_smoother():
    _, noisy = noisy_step((24, 24))
    few, many = (apply(Denoise(method="anisotropic", n_iterations=n), Volume(noisy)).image for n in (1, 20))
    assert many[:, :10].std() < few[:, :10].std()


def test_the_noise_is_estimated_or_given():
    _, noisy = noisy_step((64, 64), sigma=5)
    assert _noise(noisy) == pytest.approx(5, rel=0.1)
    estimated, same, other = (
        apply(Denoise(method="tv", noise=noise), Volume(noisy)).image for noise in (None, _noise(noisy), 1)
    )
    np.testing.assert_array_equal(estimated, same)
    assert other.std() > same.std()


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("method", ["bilateral", "nlm", "tv", "wavelet"])
def test_the_noise_of_a_single_slice_is_found(method, axis):
    noisy = np.random.default_rng(0).normal(100, 5, (64, 64))
    single = apply(Denoise(method=method), Volume(np.expand_dims(noisy, axis))).image
    assert single.std() < 0.5 * noisy.std()


@pytest.mark.parametrize("method", _METHODS)
def test_a_flat_image_stays(method):
    np.testing.assert_allclose(apply(Denoise(method=method), Volume(np.full((9, 9), 7.0))).image, 7, rtol=1e-12)


@pytest.mark.parametrize("method", _METHODS)
def test_missing_intensities_stay_and_do_not_spread(method):
    _, noisy = noisy_step((16, 16))
    noisy[3, 4], noisy[5, 6] = np.nan, -np.inf
    volume = Volume(noisy.astype(np.float32), mask=noisy > 150)
    result = apply(Denoise(method=method), volume)
    assert np.argwhere(~np.isfinite(result.image)).tolist() == [[3, 4], [5, 6]]
    assert result.mask is volume.mask
    assert result.image.dtype == np.float32


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (2, 3), (1, 1, 5), (3, 1, 4)])
@pytest.mark.parametrize("method", _METHODS)
def test_small_images(method, shape):
    image = np.random.default_rng(0).normal(100, 10, shape)
    result = apply(Denoise(method=method), Volume(image)).image
    assert result.shape == shape
    assert np.isfinite(result).all()


def test_without_simpleitk_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    with pytest.raises(ImportError, match=r'Denoise\(method="bilateral"\) needs SimpleITK.*"radlearn\[itk\]"'):
        apply(Denoise(method="bilateral"), Volume(np.arange(16.0).reshape(4, 4) ** 2))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"method": "mean"}, "did you mean 'median'"),
        ({"scale": 0}, r"scale must be greater than 0.*mm"),
        ({"strength": -1}, "strength must be greater than 0"),
        ({"noise": 0}, r"noise must be greater than 0.*estimates it"),
        ({"n_iterations": 0}, "n_iterations must be at least 1"),
    ],
)
def test_bad_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        Denoise(**parameters).fit([np.eye(3)])
