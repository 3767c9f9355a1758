"""GradientStatistics: how strong, how frequent and how well ordered edges are."""

import numpy as np
from scipy.stats import kurtosis, skew

from radlearn._validation import check_number
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import finite_image, resized, unit_range


class GradientStatistics(CaseExtractor):
    r"""Statistics of the gradient and of the edges of the whole image; the mask is ignored.

    The image is resized to `size` and brought to 0 ... 1, so that only its own range counts. Gradients are those of
    `skimage.filters.sobel`: along each axis, the smoothed difference of the two pixels on either side.

    ============================================= ====================================================================
    ``mean``, ``std``, ``skewness``, ``kurtosis`` of the magnitude
    ``p50``, ``p90``, ``p99``                     its percentiles
    ``edge_fraction``                             fraction of pixels that are edges: magnitudes above the Otsu threshold
    ``edge_strength``                             mean magnitude of the edges
    ``anisotropy``                                :math:`(\lambda_1 - \lambda_n) / \sum \lambda` with the largest and
                                                  the smallest eigenvalue of the mean structure tensor: 1 if all
                                                  gradients lie on one line
    ``coherence``                                 the same for the tensors of small neighborhoods (Gaussian, 2
                                                  pixels), averaged over the image
    ``laplacian_mean``, ``laplacian_std``         of the magnitude of the Laplacian
    ============================================= ====================================================================

    Parameters
    ----------
    size : int, default=64
        Number of pixels along each axis to which every image is resized.
    n_jobs, memory, on_error, verbose, image_shape
        As for every extractor, see `radlearn.base.CaseExtractor`.

    Raises
    ------
    ImageReadError
        For an image with NaN or infinity.

    Notes
    -----
    Columns are ``gradient_<statistic>``. A constant image has zeros.

    References
    ----------
    Otsu: A threshold selection method from gray-level histograms. IEEE Transactions on Systems, Man, and Cybernetics 9,
    1979. Bigün and Granlund: Optimal orientation detection of linear symmetry. ICCV 1987 (structure tensor).

    Examples
    --------
    >>> import numpy as np
    >>> edge = np.repeat([[0.0, 1.0]], 8, axis=1).repeat(16, axis=0)
    >>> table = GradientStatistics(size=16).set_output(transform="pandas").fit_transform([edge])
    >>> table[["gradient_edge_fraction", "gradient_anisotropy"]].to_numpy().tolist()
    [[0.125, 1.0]]
    """

    def __init__(
        self,
        *,
        size=64,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.size = size
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_number("size", self.size, at_least=2, integer=True)

    def _names(self):
        return [f"gradient_{statistic}" for statistic in STATISTICS]

    def _row(self, volume):
        from skimage.feature import structure_tensor, structure_tensor_eigenvalues  # noqa: PLC0415 - slow to import
        from skimage.filters import laplace, sobel, threshold_otsu  # noqa: PLC0415

        image = unit_range(resized(finite_image(volume), self.size))
        if not image.any():
            return np.zeros(len(STATISTICS))
        gradient = np.stack([sobel(image, axis=axis).ravel() for axis in range(image.ndim)])
        magnitude = np.linalg.norm(gradient, axis=0)
        edges = magnitude[magnitude > threshold_otsu(magnitude)]
        local = structure_tensor_eigenvalues(structure_tensor(image, sigma=2, mode="nearest"))
        curvature = np.abs(laplace(image))
        return np.array(
            [
                magnitude.mean(),
                magnitude.std(),
                skew(magnitude),
                kurtosis(magnitude),
                *np.percentile(magnitude, (50, 90, 99)),
                edges.size / magnitude.size,
                edges.mean() if edges.size else 0.0,
                _anisotropy(np.linalg.eigvalsh(gradient @ gradient.T)[::-1]),
                _anisotropy(local).mean(),
                curvature.mean(),
                curvature.std(),
            ]
        )


STATISTICS = (
    "mean",
    "std",
    "skewness",
    "kurtosis",
    "p50",
    "p90",
    "p99",
    "edge_fraction",
    "edge_strength",
    "anisotropy",
    "coherence",
    "laplacian_mean",
    "laplacian_std",
)

# Eigenvalues that add up to less are rounding errors of a flat place, whose gradients have no direction.
FLAT = 1e-12


def _anisotropy(eigenvalues):
    """Largest less smallest eigenvalue, of their sum; they decrease along the first axis."""
    total = np.asarray(eigenvalues.sum(axis=0))
    return np.divide(eigenvalues[0] - eigenvalues[-1], total, out=np.zeros(total.shape), where=total > FLAT)
