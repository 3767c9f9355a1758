"""SeparableWavelet: bands of detail along each axis."""

from functools import cache
from itertools import product

import pywt

from radlearn._validation import check_choice, check_flag, check_number, check_texts
from radlearn.exceptions import GeometryError
from radlearn.filters._rotations import POOLINGS, pooled
from radlearn.filters.base import ImageFilter
from radlearn.filters.separable import Taps, check_boundary, convolved, filtered_axes, product_convolved, support_along


class SeparableWavelet(ImageFilter):
    """Bands of the undecimated wavelet transform: low-pass (L) or high-pass (H) along each axis.

    Parameters
    ----------
    wavelet : str, default="coif1"
        A discrete wavelet of PyWavelets, such as ``"haar"``, ``"db3"`` or ``"bior2.2"``;
        ``pywt.wavelist(kind="discrete")`` names all.
    bands : str or sequence of str, optional
        Such as ``"LLH"``, the first letter along x; two letters for images and with `slice_wise`. Default: all bands.
        Several bands have columns in a fixed order.
    level : int, default=1
        Level of the decomposition; a level is the transform of the low-pass band of the level before, with kernels
        twice as long.
    rotation_invariant : bool, default=False
        Whether the responses in all orientations by right angles are pooled into one.
    pooling : {"average", "max"}, default="average"
        How they are pooled; ignored without `rotation_invariant`.
    slice_wise : bool, default=False
        Whether to filter each slice ``(y, x)`` by itself.
    boundary : {"mirror", "nearest", "zero", "periodic"}, default="mirror"
        What lies beyond the image, see `MeanFilter`.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    GeometryError
        If the number of letters is not that of the axes.

    References
    ----------
    Image Biomarker Standardisation Initiative, separable wavelets (25BO).

    Notes
    -----
    Low-pass kernels are as PyWavelets has them: each multiplies a constant by the square root of two.

    Examples
    --------
    >>> import numpy as np
    >>> wavelet = SeparableWavelet(wavelet="haar", bands="HL")
    >>> print(wavelet.fit_transform([np.array([[0.0, 0.0, 1.0, 1.0]])])[0].load().image)
    [[ 0. -1.  0.  0.]]
    """

    _version = 2

    def __init__(
        self,
        *,
        wavelet="coif1",
        bands=None,
        level=1,
        rotation_invariant=False,
        pooling="average",
        slice_wise=False,
        boundary="mirror",
        image_shape=None,
    ):
        self.wavelet = wavelet
        self.bands = bands
        self.level = level
        self.rotation_invariant = rotation_invariant
        self.pooling = pooling
        self.slice_wise = slice_wise
        self.boundary = boundary
        self.image_shape = image_shape

    def _check_parameters(self):
        check_choice("wavelet", self.wavelet, pywt.wavelist(kind="discrete"))
        check_number("level", self.level, at_least=1, at_most=10, integer=True)
        check_choice("pooling", self.pooling, POOLINGS)
        for name in ("rotation_invariant", "slice_wise"):
            check_flag(name, getattr(self, name))
        check_boundary(self.boundary)
        for band in self._chosen() or []:
            if not isinstance(band, str) or len(band) not in (2, 3) or set(band) - set("LH"):
                raise ValueError(f"bands must be two or three letters L and H, such as 'LLH', got {band!r}")

    def _chosen(self):
        return check_texts("bands", self.bands, "LLH", optional=True)

    def _bands(self, ndim):
        """Bands to compute, each with its letters in the order of the axes ``(z, y, x)``."""
        n_axes = len(filtered_axes(ndim, self.slice_wise))
        bands = self._chosen()
        if bands is None:
            bands = ["".join(letters) for letters in product("LH", repeat=n_axes)]
            if self.rotation_invariant:  # the others are rotations of these
                bands = [band for band in bands if list(band) == sorted(band, reverse=True)]
        for band in bands:
            if len(band) != n_axes:
                raise GeometryError(
                    f"the band {band!r} has {len(band)} letters, but {n_axes} axes are filtered",
                    "give one letter per axis, or change slice_wise",
                )
        return {band: band[::-1] for band in sorted(set(bands), key=lambda band: band[::-1], reverse=True)}

    def _prefixes(self, ndim):
        level = "" if self.level == 1 else f"_level{self.level}"
        return [f"wavelet_{self.wavelet}{level}_{band.lower()}" for band in self._bands(ndim)]

    def _support(self, spacing):
        ndim = len(spacing)
        length = pywt.Wavelet(self.wavelet).dec_len
        reach = (length * (2**self.level - 1)) // 2 + self.level
        return support_along(filtered_axes(ndim, self.slice_wise), ndim, reach)

    def _responses(self, image, spacing):
        axes = filtered_axes(len(spacing), self.slice_wise)
        bands = self._bands(len(spacing)).values()
        if self.rotation_invariant:
            for letters in bands:
                yield pooled(image, axes, letters, self._along, self.pooling)
            return
        for level in range(1, self.level):
            low_pass = _taps(self.wavelet, "L", level)
            image = product_convolved(image, [low_pass] * len(axes), axes, self.boundary)
        for letters in bands:
            taps = [_taps(self.wavelet, letter, self.level) for letter in letters]
            yield product_convolved(image, taps, axes, self.boundary)

    def _along(self, image, axis, letter, flip):
        """The image after one kernel along an axis, or after the average of the kernel and the reversed one."""
        if flip == "both" and self.level == 1:
            return convolved(image, _taps(self.wavelet, letter, 1).symmetrized, axis, self.boundary)
        if flip == "both":
            both = self._along(image, axis, letter, flip=False)
            both += self._along(image, axis, letter, flip=True)
            both /= 2
            return both
        for level in range(1, self.level + 1):
            taps = _taps(self.wavelet, letter if level == self.level else "L", level)
            image = convolved(image, taps.reversed if flip else taps, axis, self.boundary)
        return image


@cache
def _taps(wavelet, letter, level):
    """Low-pass or high-pass kernel of a level."""
    decomposition = pywt.Wavelet(wavelet)
    weights = decomposition.dec_lo if letter == "L" else decomposition.dec_hi
    return Taps(tuple(weights), len(weights) // 2).dilated(2 ** (level - 1))
