"""Gabor energy, wavelet energy and DAISY: what scikit-image and PyWavelets give, waves of known length and place."""

import numpy as np
import pytest
from skimage.feature import daisy
from skimage.filters import gabor

from radlearn.descriptors import DAISYFeatures, GaborEnergy, WaveletEnergy


@pytest.fixture
def image():
    image = np.random.default_rng(0).random((64, 64))
    return (image - image.min()) / np.ptp(image)


@pytest.mark.parametrize("wavelength", [3, 8])
def test_gabor_energy_is_that_of_scikit_image(image, wavelength):
    row = GaborEnergy(wavelengths=(wavelength,), orientations=3, grid=(1, 1)).fit_transform([image])[0]
    for energy, angle in zip(row, np.arange(3) * np.pi / 3, strict=True):
        real, imaginary = gabor(image - image.mean(), 1 / wavelength, angle, mode="reflect")
        assert energy == pytest.approx((real**2 + imaginary**2).mean())


def test_gabor_energy_tells_where_a_wave_is():
    wave = np.zeros((64, 64))
    wave[40:, :24] = np.sin(2 * np.pi * np.arange(40, 64) / 4)[:, np.newaxis]
    table = GaborEnergy(orientations=4).set_output(transform="pandas").fit_transform([wave])
    assert table.iloc[0].idxmax() == "gabor_cell3-0_wavelength4_direction2"


@pytest.mark.parametrize("ndim", [2, 3])
def test_wavelet_bands_hold_the_energy_of_the_image(ndim):
    image = np.random.default_rng(0).random((16,) * ndim)
    unit = (image - image.min()) / np.ptp(image)
    table = WaveletEnergy(levels=2, size=16, ndim=ndim).set_output(transform="pandas").fit_transform([image])
    energies = table.filter(like="energy").iloc[0]
    n_coefficients = [(8 if "level1" in name else 4) ** ndim for name in energies.index]
    assert energies @ n_coefficients == pytest.approx((unit**2).sum())


def test_haar_bands_of_stripes_by_hand():
    stripes = np.tile([0.0, 1.0], (8, 4))
    table = WaveletEnergy(wavelet="haar", levels=1, size=8).set_output(transform="pandas").fit_transform([stripes])
    row = table.iloc[0].rename(lambda name: name.removeprefix("wavelet_level1_"))
    # Each block of 2 by 2 pixels becomes their sum, and the difference along x, halved: 1 and -1.
    expected = {"ad_energy": 1, "da_energy": 0, "dd_energy": 0, "aa_energy": 1}
    np.testing.assert_allclose(row[list(expected)], list(expected.values()), atol=1e-12)
    assert row["aa_entropy"] == pytest.approx(np.log2(16))


@pytest.mark.parametrize(("radius", "last"), [(10, "2-2"), (31, "0-0")])
def test_daisy_is_that_of_scikit_image(image, radius, last):
    extractor = DAISYFeatures(step=20, radius=radius)
    expected = daisy(image, step=20, radius=radius, rings=2, histograms=6, orientations=8)
    np.testing.assert_allclose(extractor.fit_transform([image])[0], expected.ravel())
    assert extractor.get_feature_names_out()[-1] == f"daisy_point{last}_histogram12_direction7"
