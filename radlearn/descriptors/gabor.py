"""GaborEnergy: how strong waves of each length and direction are, place by place."""

from functools import lru_cache

import numpy as np
from scipy.fft import fft2, ifft2

from radlearn._validation import check_counts, check_number, check_numbers
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import (
    cell_names,
    cells_of,
    image_2d,
    resized,
    unit_range,
)


class GaborEnergy(CaseExtractor):
    """Energy of the responses to a bank of Gabor filters, over cells of the whole image; the mask is ignored.

    The image is resized to `size`, brought to 0 ... 1, and its mean is subtracted. A filter is a wave under a Gaussian
    window of one octave (`skimage.filters.gabor_kernel`); its energy is the mean squared magnitude of the complex
    response. With a `grid` of 4 by 4 cells this is the GIST of a scene.

    Parameters
    ----------
    wavelengths : sequence of float, default=(4, 8, 16)
        Lengths of the waves in pixels of the resized image, at least 2.
    orientations : int, default=6
        Number of directions over 180 degrees.
    grid : pair of int, default=(4, 4)
        Number of cells ``(y, x)``.
    size : int, default=64
        Number of pixels along each axis to which every image is resized.
    n_jobs, memory, on_error, verbose, image_shape
        As for every extractor, see `radlearn.base.CaseExtractor`.

    Raises
    ------
    GeometryError
        For an image that is not 2-D.
    ImageReadError
        For an image with NaN or infinity.

    Notes
    -----
    Columns are ``gabor_cell<row>-<column>_wavelength<length>_direction<number>``; direction 0 is a wave along x. Beyond
    its border the image is mirrored. A constant image has zeros.

    References
    ----------
    Jain and Farrokhnia: Unsupervised texture segmentation using Gabor filters. Pattern Recognition 24, 1991. Oliva and
    Torralba: Modeling the shape of the scene. International Journal of Computer Vision 42, 2001 (GIST).

    Examples
    --------
    >>> import numpy as np
    >>> wave = np.tile(np.sin(2 * np.pi * np.arange(64) / 8), (64, 1))
    >>> gabor = GaborEnergy(grid=(1, 1)).set_output(transform="pandas")
    >>> print(gabor.fit_transform([wave]).iloc[0].idxmax())
    gabor_cell0-0_wavelength8_direction0
    """

    def __init__(
        self,
        *,
        wavelengths=(4, 8, 16),
        orientations=6,
        grid=(4, 4),
        size=64,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.wavelengths = wavelengths
        self.orientations = orientations
        self.grid = grid
        self.size = size
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_number("size", self.size, at_least=2, integer=True)
        check_numbers("wavelengths", self.wavelengths, at_least=2, at_most=self.size, hint="they are in pixels")
        check_number("orientations", self.orientations, at_least=1, integer=True)
        check_counts("grid", self.grid, ndim=(2,))

    def _names(self):
        return [
            f"gabor_{cell}_wavelength{wavelength:g}_direction{direction}"
            for cell in cell_names(self.grid)
            for wavelength in self.wavelengths
            for direction in range(self.orientations)
        ]

    def _row(self, volume):
        image = unit_range(resized(image_2d(volume, "GaborEnergy"), self.size))
        image -= image.mean()
        margin, spectra = _bank(tuple(self.wavelengths), self.orientations, self.size)
        spectrum = fft2(np.pad(image, margin, mode="symmetric"))
        responses = ifft2(spectrum * spectra)[:, margin:-margin, margin:-margin]
        energy = responses.real**2 + responses.imag**2
        return np.concatenate([energy[:, *cell].mean(axis=(1, 2)) for cell in cells_of(image.shape, self.grid)])


@lru_cache(maxsize=4)
def _bank(wavelengths, orientations, size):
    """Margin that the widest filter needs, and the spectra of all filters on the image with its margins."""
    from skimage.filters import gabor_kernel  # noqa: PLC0415 - scikit-image is slow to import

    angles = np.arange(orientations) * np.pi / orientations
    kernels = [gabor_kernel(1 / wavelength, angle) for wavelength in wavelengths for angle in angles]
    margin = max(max(kernel.shape) for kernel in kernels) // 2
    side = size + 2 * margin
    return margin, np.stack([fft2(_around_origin(kernel, side)) for kernel in kernels])


def _around_origin(kernel, side):
    """The kernel in a square of zeros, its center in the first pixel; what lies before that wraps around."""
    square = np.zeros((side, side), complex)
    square[: kernel.shape[0], : kernel.shape[1]] = kernel
    return np.roll(square, [-(length // 2) for length in kernel.shape], axis=(0, 1))
