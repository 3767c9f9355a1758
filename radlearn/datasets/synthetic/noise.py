"""What a scanner adds to the truth: blur, and the noise of its kind."""

import numpy as np
from scipy import ndimage


def blur(image, sigma=0.6):
    """Image as a scanner with a point spread of `sigma` voxels sees it.

    Parameters
    ----------
    image : ndarray
    sigma : float

    Returns
    -------
    image : ndarray of the same shape
    """
    return ndimage.gaussian_filter(image, sigma, truncate=3)


def rician(rng, image, sigma):
    """Magnitude image of magnetic resonance: Gaussian noise in both channels of the complex signal.

    Parameters
    ----------
    rng : numpy.random.Generator
    image : ndarray
        Signal without noise.
    sigma : float
        Standard deviation of the noise in one channel.

    Returns
    -------
    image : ndarray of the same shape

    References
    ----------
    Gudbjartsson H, Patz S. The Rician distribution of noisy MRI data. Magn Reson Med 1995;34:910-4.
    """
    real, imaginary = sigma * rng.standard_normal((2, *image.shape), dtype=np.float32)
    return np.hypot(image + real, imaginary)


def tomographic(rng, image, sigma):
    """CT image in HU with the grainy, slightly correlated noise of a soft-tissue kernel, rounded as stored in files.

    Parameters
    ----------
    rng : numpy.random.Generator
    image : ndarray
        In HU.
    sigma : float
        Standard deviation of the noise in HU.

    Returns
    -------
    image : int16 ndarray of the same shape
    """
    grain = ndimage.gaussian_filter(rng.standard_normal(image.shape, dtype=np.float32), 0.6, truncate=3)
    return np.clip(np.rint(image + grain * (sigma / grain.std())), -1024, 3071).astype(np.int16)


def photon(rng, attenuation, photons):
    """Radiograph: photons that pass are counted, and bone is shown bright on 12 bits.

    Parameters
    ----------
    rng : numpy.random.Generator
    attenuation : ndarray
        Line integral of the attenuation coefficient, without unit.
    photons : float
        Photons per pixel where nothing is in the way.

    Returns
    -------
    image : uint16 ndarray of the same shape
        0 to 4095, proportional to the measured attenuation.
    """
    counts = rng.poisson(photons * np.exp(-attenuation))
    measured = np.log(photons / np.maximum(counts, 1))
    return np.clip(np.rint(1000 * measured), 0, 4095).astype(np.uint16)
