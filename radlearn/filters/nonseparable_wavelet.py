"""NonSeparableWavelet: bands of frequencies that do not depend on direction."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from scipy import fft

from radlearn._validation import check_choice, check_flag, check_numbers
from radlearn.filters._fourier import (
    image_of,
    kept,
    low_frequencies,
    padded,
    real_transfer,
    spectrum_of,
    unpadded,
)
from radlearn.filters.base import ImageFilter
from radlearn.filters.separable import check_boundary, filtered_axes

# The lowest frequency that each passes, 1 being the highest, and how much of the frequencies between the two.
WAVELETS = {
    "simoncelli": (0.25, lambda frequency: np.cos(np.pi / 2 * np.log2(2 * frequency))),
    "shannon": (0.5, np.ones_like),
}

# What a level may be, for `check_number`.
LEVELS = {"at_least": 1, "at_most": 10, "integer": True}


class NonSeparableWavelet(ImageFilter):
    r"""Band-pass map of a wavelet transform that treats all directions alike.

    For the wavelet of Simoncelli, the transfer function is

    .. math:: \hat{h}(\nu) = \cos\left(\frac{\pi}{2} \log_2 2\nu\right), \quad \tfrac{1}{4} \le \nu \le 1, \quad
        \nu = 2^{j-1} |f|

    with j the level and f the frequency along each axis, 1 being the highest that there is. For that of Shannon it is
    1 between one half and 1. Everything else is zero.

    Parameters
    ----------
    wavelet : {"simoncelli", "shannon"}, default="simoncelli"
        Which wavelet.
    level : int or sequence of int, default=1
        Level of the decomposition, 1 for the finest detail; each of several has its own response.
    slice_wise : bool, default=False
        Whether to filter each slice ``(y, x)`` by itself.
    boundary : {"periodic", "mirror", "nearest", "zero"}, default="periodic"
        What lies beyond the image, see `MeanFilter`.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    References
    ----------
    Image Biomarker Standardisation Initiative, non-separable wavelets (LODD) and Simoncelli wavelet (PRT7).

    Notes
    -----
    A response depends on the whole image. Where the boundary is not periodic, ``8 * 2**level`` voxels are put around
    it.

    As in IBSI's reference maps, n frequencies are spread evenly from -1 to 1. Where the number of voxels along an axis
    is even, none of them is 0: a mirrored image has another response, and from level ``log2(n) - 1`` on, the average of
    the image passes, too.

    Examples
    --------
    >>> waves = np.cos(np.pi / 2 * np.arange(64)) * np.ones((64, 1))
    >>> response = NonSeparableWavelet(level=1).fit_transform([waves])[0].load().image
    >>> print((response[32, [30, 32]] / waves[32, [30, 32]]).round(2))
    [1. 1.]
    """

    def __init__(
        self,
        *,
        wavelet="simoncelli",
        level: int | Sequence[int] = 1,
        slice_wise=False,
        boundary="periodic",
        image_shape=None,
    ):
        self.wavelet = wavelet
        self.level = level
        self.slice_wise = slice_wise
        self.boundary = boundary
        self.image_shape = image_shape

    def _check_parameters(self):
        check_choice("wavelet", self.wavelet, WAVELETS)
        self._levels()
        check_flag("slice_wise", self.slice_wise)
        check_boundary(self.boundary)

    def _levels(self):
        return check_numbers("level", self.level, single=True, **LEVELS)

    def _prefixes(self, ndim):  # noqa: ARG002 - the same for all images
        return [f"{self.wavelet}_level{level}" for level in self._levels()]

    def _responses(self, image, spacing):
        axes = filtered_axes(len(spacing), self.slice_wise)
        for pad, levels in groupby(self._levels(), key=lambda level: padding(level, self.boundary)):
            wide = padded(image, axes, pad, self.boundary)
            for _, spectrum in bands_of(wide, axes, self.wavelet, list(levels)):
                yield unpadded(image_of(spectrum, wide.shape, axes), axes, pad)


def padding(level, boundary):
    """How many voxels are put around an image before it is transformed."""
    return 0 if boundary == "periodic" else 8 * 2**level


def bands_of(image, axes, wavelet, levels):
    """Spectra of what a wavelet passes of an image, from one transform of it.

    Parameters
    ----------
    image : ndarray of float32 or float64
    axes : tuple of int
        Consecutive axes up to the last one.
    wavelet : str
        A key of `WAVELETS`.
    levels : list of int

    Yields
    ------
    highest : tuple of int
        Highest frequency along each axis that the wavelet passes.
    spectrum : ndarray of complex64 or complex128
        As of `spectrum_of`.
    """
    whole = spectrum_of(image, axes, _highest_frequencies(image.shape, axes, min(levels)))
    for number, level in enumerate(levels, start=1):
        highest = _highest_frequencies(image.shape, axes, level)
        transfer = _transfer(image.shape, axes, highest, wavelet, level, image.dtype)
        part = low_frequencies(whole, axes, highest)
        yield highest, np.multiply(part, transfer, out=part if number == len(levels) else None)


def _highest_frequencies(shape, axes, level):
    return tuple(min(shape[axis] // 2, int((shape[axis] - 1) / 2**level + 1)) for axis in axes)


@kept
def _transfer(shape, axes, highest, wavelet, level, dtype):
    """Transfer function; IBSI spreads the n frequencies along an axis evenly from -1 to 1, ends included."""
    lowest, passed = WAVELETS[wavelet]

    def transfer(*places):
        squares = [_frequencies(shape[axis])[along] ** 2 for axis, along in zip(axes, places, strict=True)]
        frequency = 2 ** (level - 1) * np.sqrt(sum(squares))
        inside = (frequency >= lowest) & (frequency <= 1)
        return np.where(inside, passed(np.where(inside, frequency, 1.0)), 0.0)

    return real_transfer(transfer, shape, axes, highest).astype(dtype)


def _frequencies(n):
    return fft.ifftshift(np.linspace(-1, 1, n)) if n > 1 else np.zeros(1)
