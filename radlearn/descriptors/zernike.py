"""ZernikeMoments: the image as a sum of waves on a disc, whatever its rotation."""

from functools import lru_cache

import numpy as np
from scipy.special import eval_jacobi

from radlearn._validation import check_number
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import image_2d, resized, unit_range


class ZernikeMoments(CaseExtractor):
    r"""Magnitudes of the Zernike moments of the whole image; the mask is ignored.

    The image is resized to `size` and brought to 0 ... 1; the disc touches its borders. With the Zernike polynomials
    :math:`V_{nm}(r, \theta) = R_{nm}(r) e^{i m \theta}` the moments are

    .. math:: A_{nm} = \frac{n + 1}{\pi} \int I\, V_{nm}^* \, dA \Big/ \int I \, dA

    Parameters
    ----------
    degree : int, default=8
        Largest n; m runs over 0 ... n with n - m even.
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
    Columns are ``zernike_n<n>_m<m>``. A magnitude stays the same when the image turns around its center, but for the
    resampling. A constant image has zeros.

    References
    ----------
    Khotanzad and Hong: Invariant image recognition by Zernike moments. IEEE TPAMI 12, 1990.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.arange(12.0).reshape(3, 4)
    >>> print(np.ptp(ZernikeMoments().fit_transform([image, np.rot90(image)]), axis=0).max() < 1e-12)
    True
    """

    def __init__(
        self,
        *,
        degree=8,
        size=64,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.degree = degree
        self.size = size
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_number("degree", self.degree, at_least=0, at_most=40, integer=True)
        check_number("size", self.size, at_least=2, integer=True)

    def _names(self):
        return [f"zernike_n{n}_m{m}" for n, m in _orders(self.degree)]

    def _row(self, volume):
        image = unit_range(resized(image_2d(volume, "ZernikeMoments"), self.size))
        inside, polynomials = _basis(self.degree, self.size)
        intensities = image[inside]
        return np.abs(polynomials @ intensities) / (intensities.sum() or 1.0)


def _orders(degree):
    return [(n, m) for n in range(degree + 1) for m in range(n % 2, n + 1, 2)]


@lru_cache(maxsize=4)
def _basis(degree, size):
    """Pixels of the disc, and the conjugate polynomials there, shape (n_orders, n_pixels), times (n + 1) / pi."""
    y, x = (np.indices((size, size)) + 0.5) * 2 / size - 1
    radius = np.hypot(y, x)
    inside = radius <= 1
    radius, angle = radius[inside], np.arctan2(y, x)[inside]
    polynomials = [
        (n + 1) / np.pi * radius**m * eval_jacobi((n - m) // 2, 0, m, 2 * radius**2 - 1) * np.exp(-1j * m * angle)
        for n, m in _orders(degree)
    ]
    return inside, np.array(polynomials)
