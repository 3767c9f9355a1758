"""WaveletEnergy: how much detail an image has at each scale and in each direction."""

import numpy as np

from radlearn._validation import check_choice, check_ndim, check_number
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import image_of_ndim, resized, unit_range


class WaveletEnergy(CaseExtractor):
    """Energy and entropy of the wavelet bands of the whole image; the mask is ignored.

    The image is resized to `size`, brought to 0 ... 1 and decomposed (`pywt.wavedecn`, periodic at the border). The
    energy of a band is the mean square of its coefficients; its entropy, in bits, says over how many of them the energy
    is spread.

    Parameters
    ----------
    wavelet : str, default="db2"
        One of ``pywt.wavelist(kind="discrete")``.
    levels : int, default=3
        Number of decompositions; each halves the size.
    size : int, default=64
        Number of pixels along each axis to which every image is resized, a multiple of ``2 ** levels``.
    ndim : {2, 3}, default=2
        Number of axes of the images.
    n_jobs, memory, on_error, verbose, image_shape
        As for every extractor, see `radlearn.base.CaseExtractor`.

    Raises
    ------
    GeometryError
        For an image that does not have `ndim` axes.
    ImageReadError
        For an image with NaN or infinity.

    Notes
    -----
    Columns are ``wavelet_level<level>_<band>_<energy or entropy>``. A band has one letter per axis: ``a`` for the
    approximation (low frequencies) along it, ``d`` for the detail. Level 1 is the finest; the approximation along all
    axes is there for the coarsest level only. A constant image has zeros.

    References
    ----------
    Mallat: A theory for multiresolution signal decomposition. IEEE TPAMI 11, 1989.

    Examples
    --------
    >>> import numpy as np
    >>> columns = WaveletEnergy(wavelet="haar").set_output(transform="pandas")
    >>> table = columns.fit_transform([np.tile([0.0, 1.0], (64, 32))])
    >>> print(table.filter(like="energy").iloc[0, :9].idxmax())
    wavelet_level1_ad_energy
    """

    def __init__(
        self,
        *,
        wavelet="db2",
        levels=3,
        size=64,
        ndim=2,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.wavelet = wavelet
        self.levels = levels
        self.size = size
        self.ndim = ndim
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        import pywt  # noqa: PLC0415 - needed by this descriptor only

        check_choice("wavelet", self.wavelet, pywt.wavelist(kind="discrete"))
        check_number("levels", self.levels, at_least=1, integer=True)
        check_number("size", self.size, at_least=2, integer=True)
        if self.size % 2**self.levels:
            raise ValueError(f"size must be a multiple of 2 ** levels = {2**self.levels}, got {self.size}")
        check_ndim(self.ndim)

    def _bands(self):
        """Level and band of each set of coefficients, in the order of the columns."""
        bands = ["".join("ad"[bit] for bit in bits) for bits in np.ndindex(*(2,) * self.ndim)]
        details = [(level, band) for level in range(1, self.levels + 1) for band in bands[1:]]
        return [*details, (self.levels, bands[0])]

    def _names(self):
        return [
            f"wavelet_level{level}_{band}_{measure}"
            for level, band in self._bands()
            for measure in ("energy", "entropy")
        ]

    def _row(self, volume):
        import pywt  # noqa: PLC0415 - needed by this descriptor only

        image = image_of_ndim(volume, self.ndim, f"WaveletEnergy(ndim={self.ndim})", f"set ndim={volume.ndim}")
        image = unit_range(resized(image, self.size))
        approximation, *details = pywt.wavedecn(image, self.wavelet, mode="periodization", level=self.levels)
        of_level = dict(enumerate(reversed(details), start=1))
        of_level[self.levels]["a" * self.ndim] = approximation
        return np.concatenate([_energy_and_entropy(of_level[level][band]) for level, band in self._bands()])


def _energy_and_entropy(coefficients):
    """Mean square, and entropy of the shares of the coefficients in the energy."""
    energies = coefficients.ravel() ** 2
    shares = energies / (energies.sum() or 1.0)
    return [energies.mean(), -np.sum(shares * np.log2(shares, out=np.zeros_like(shares), where=shares > 0))]
