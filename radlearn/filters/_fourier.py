"""Filters that are products in the frequency domain, of real images and of no more frequencies than they pass."""

from functools import lru_cache, wraps
from math import factorial, prod

import numpy as np
from scipy import fft

from radlearn.exceptions import GeometryError
from radlearn.filters.separable import extended, sources_along

# Transfer functions of images of up to 256 voxels along each axis are kept; of larger ones they would fill the memory.
MAX_KEPT = 2**24

# Largest number of voxels of a padded image, or largest factor by which padding may increase it.
MAX_PADDED, MAX_GROWTH = 2**28, 8


def kept(function):
    """Keep the last results of a function that makes a transfer function, whose first argument is the image's shape."""
    remembered = lru_cache(maxsize=4)(function)

    @wraps(function)
    def transfer(shape, *arguments):
        return (remembered if prod(shape) <= MAX_KEPT else function)(shape, *arguments)

    return transfer


def padded(image, axes, pad, boundary):
    """The image with `pad` voxels of what lies beyond it on both sides of each axis.

    Raises
    ------
    GeometryError
        If that would be a multiple of a large image.
    """
    shape = [n + 2 * pad * (axis in axes) for axis, n in enumerate(image.shape)]
    if prod(shape) > max(MAX_PADDED, MAX_GROWTH * image.size):
        raise GeometryError(
            f"with {pad:,} voxels of padding on each side, the image of shape {image.shape} has "
            f"{prod(shape):,} voxels, too many to filter",
            "choose a smaller sigma or level, or boundary='periodic'",
        )
    for axis in axes if pad else ():
        image = extended(image, axis, sources_along(image.shape[axis], pad, pad, boundary))
    return image


def unpadded(image, axes, pad):
    """What `padded` was given."""
    return image[tuple(slice(pad, n - pad) if axis in axes else slice(None) for axis, n in enumerate(image.shape))]


def frequency_indices(n, highest):
    """Places of the frequencies up to the `highest` in a transform of n values.

    Examples
    --------
    >>> frequency_indices(8, 2), frequency_indices(4, 2)
    (array([0, 1, 2, 6, 7]), array([0, 1, 2, 3]))
    """
    if 2 * highest + 1 >= n:
        return np.arange(n)
    return np.concatenate([np.arange(highest + 1), np.arange(n - highest, n)])


def spectrum_of(image, axes, highest):
    """Transform of a real image.

    Parameters
    ----------
    image : ndarray of float32 or float64
    axes : tuple of int
        Consecutive axes, up to the last one, along which it is transformed.
    highest : sequence of int
        For each of them, the highest frequency that is wanted.

    Returns
    -------
    spectrum : ndarray of complex64 or complex128
        Along each of the axes, the frequencies at `frequency_indices`; along the last one, those from 0 up.
    """
    spectrum = fft.rfft(image, axis=-1)[..., : highest[-1] + 1]
    for axis, top in list(zip(axes, highest, strict=True))[-2::-1]:
        spectrum = _low_pass(fft.fft(spectrum, axis=axis, overwrite_x=True), axis, top)
    return spectrum


def low_frequencies(spectrum, axes, highest):
    """The part of a spectrum that `spectrum_of` would have given for lower highest frequencies."""
    for axis, top in zip(axes[:-1], highest, strict=False):
        spectrum = _low_pass(spectrum, axis, top)
    return spectrum[..., : highest[-1] + 1]


def _low_pass(spectrum, axis, top):
    if 2 * top + 1 >= spectrum.shape[axis]:
        return spectrum
    return np.take(spectrum, frequency_indices(spectrum.shape[axis], top), axis)


def image_of(spectrum, shape, axes):
    """Real image of a spectrum as `spectrum_of` gives it, which is overwritten; other frequencies are zero.

    Parameters
    ----------
    spectrum : ndarray of complex64 or complex128
    shape : tuple of int
        Shape of the image.
    axes : tuple of int

    Returns
    -------
    image : ndarray of float32 or float64
    """
    for axis in axes[:-1]:
        n, n_kept = shape[axis], spectrum.shape[axis]
        if n_kept < n:
            wide = np.zeros((*spectrum.shape[:axis], n, *spectrum.shape[axis + 1 :]), spectrum.dtype)
            source, target = np.moveaxis(spectrum, axis, 0), np.moveaxis(wide, axis, 0)
            top = n_kept // 2
            target[: top + 1], target[n - top :] = source[: top + 1], source[top + 1 :]
            spectrum = wide
        spectrum = fft.ifft(spectrum, axis=axis, overwrite_x=True)
    return fft.irfft(spectrum, shape[-1], axis=-1, overwrite_x=True)


def real_transfer(function, shape, axes, highest):
    """Transfer function of the real part of a response.

    The real part of the response to a real image is the response to the mean of the transfer function at a frequency
    and of its conjugate at the opposite one. The two differ where an even number of values has a frequency without an
    opposite.

    Parameters
    ----------
    function : callable
        Takes, for each of the axes, the places of frequencies in the transform, so shaped that they broadcast over the
        image; gives the transfer function there.
    shape : tuple of int
        Shape of the image.
    axes, highest
        As for `spectrum_of`.

    Returns
    -------
    transfer : ndarray
        For a spectrum of `spectrum_of`.
    """
    here, opposite = [], []
    for axis, top in zip(axes, highest, strict=True):
        n = shape[axis]
        places = np.arange(top + 1) if axis == axes[-1] else frequency_indices(n, top)
        along = [-1 if axis == other else 1 for other in range(len(shape))]
        here.append(places.reshape(along))
        opposite.append((-places % n).reshape(along))
    return (function(*here) + np.conj(function(*opposite))) / 2


def product_transfer(taps, shape, axes, highest):
    """Transfer function of a product of kernels, each the same both ways.

    Parameters
    ----------
    taps : sequence of Taps
        One for each of the axes.
    shape : tuple of int
        Shape of the image.
    axes, highest
        As for `spectrum_of`.

    Returns
    -------
    transfer : ndarray of float64
    """

    def transfer(*places):
        return prod(
            np.cos(2 * np.pi / shape[axis] * along[..., np.newaxis] * (np.arange(len(kernel.weights)) - kernel.center))
            @ kernel.weights
            for kernel, axis, along in zip(taps, axes, places, strict=True)
        )

    return real_transfer(transfer, shape, axes, highest)


def riesz_transfer(shape, axes, highest, order):
    r"""Transfer function of a Riesz transform, at the frequencies f of the Fourier transform.

    .. math:: (-i)^{|l|} \sqrt{\frac{|l|!}{\prod_k l_k!}} \prod_k \frac{f_k^{l_k}}{|f|^{l_k}}

    Parameters
    ----------
    shape : tuple of int
        Shape of the image.
    axes, highest
        As for `spectrum_of`.
    order : sequence of int
        The exponents l, one for each of the axes, not all zero.

    Returns
    -------
    transfer : ndarray of complex128
        Zero at frequency zero.
    """
    total = sum(order)
    factor = (-1j) ** total * np.sqrt(factorial(total) / prod(factorial(exponent) for exponent in order))

    def transfer(*places):
        frequencies = [fft.fftfreq(shape[axis])[along] for axis, along in zip(axes, places, strict=True)]
        length = np.sqrt(sum(frequency**2 for frequency in frequencies))
        length[length == 0] = np.inf
        return factor * prod(
            (frequency / length) ** exponent for frequency, exponent in zip(frequencies, order, strict=True)
        )

    return real_transfer(transfer, shape, axes, highest)
