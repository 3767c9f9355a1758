"""HaralickFeatures: texture by how often grey levels lie side by side."""

import numpy as np

from radlearn._validation import check_number, check_numbers
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import finite_image, planes_of, resized, unit_range


class HaralickFeatures(CaseExtractor):
    """Haralick's 13 texture features of the whole image; the mask is ignored.

    The image is resized to `size` and rounded to `n_grey_levels` levels between its minimum and maximum. For each
    distance and direction, pairs of neighboring grey levels are counted (`skimage.feature.graycomatrix`, symmetric).
    Columns are the mean and the range of a feature over the directions: four in an image, twelve in a volume, whose
    slices across each axis are counted together.

    Parameters
    ----------
    n_grey_levels : int, default=32
        Number of grey levels, 2 to 256.
    distances : sequence of int, default=(1, 3)
        Distances of the neighbors in pixels of the resized image.
    size : int, default=64
        Number of pixels along each axis to which every image is resized.
    n_jobs, memory, on_error, verbose, image_shape
        As for every extractor, see `radlearn.base.CaseExtractor`.

    Raises
    ------
    ImageReadError
        For an image with NaN or infinity.

    See Also
    --------
    radlearn.radiomics.RadiomicsFeatures : The same matrix in the region of interest, as the IBSI has standardized it.

    Notes
    -----
    Columns are ``haralick_d<distance>_<feature>_<mean or range>``. A constant image has correlation 1, as in
    scikit-image, and information measures 0.

    References
    ----------
    Haralick, Shanmugam and Dinstein: Textural features for image classification. IEEE Transactions on Systems, Man, and
    Cybernetics 3, 1973.

    Examples
    --------
    >>> import numpy as np
    >>> haralick = HaralickFeatures(distances=(1,), size=8).set_output(transform="pandas")
    >>> table = haralick.fit_transform([np.indices((8, 8)).sum(axis=0) % 2])
    >>> table[["haralick_d1_correlation_mean", "haralick_d1_correlation_range"]].round(2).to_numpy().tolist()
    [[0.0, 2.0]]
    """

    def __init__(
        self,
        *,
        n_grey_levels=32,
        distances=(1, 3),
        size=64,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.n_grey_levels = n_grey_levels
        self.distances = distances
        self.size = size
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_number("n_grey_levels", self.n_grey_levels, at_least=2, at_most=256, integer=True)
        check_number("size", self.size, at_least=2, integer=True)
        check_numbers("distances", self.distances, at_least=1, below=self.size, integer=True, hint="size is the limit")

    def _names(self):
        return [
            f"haralick_d{distance}_{feature}_{statistic}"
            for distance in self.distances
            for feature in FEATURES
            for statistic in ("mean", "range")
        ]

    def _row(self, volume):
        image = unit_range(resized(finite_image(volume), self.size))
        levels = np.rint(image * (self.n_grey_levels - 1)).astype(np.uint8)
        counts = np.concatenate([self._counts(stack) for stack in planes_of(levels).values()], axis=-1)
        features = haralick_features(counts / counts.sum(axis=(0, 1)))
        return np.stack([features.mean(axis=-1), np.ptp(features, axis=-1)], axis=-1).swapaxes(0, 1).ravel()

    def _counts(self, stack):
        """Pairs in all slices of a stack, shape (n_grey_levels, n_grey_levels, n_distances, 4)."""
        from skimage.feature import graycomatrix  # noqa: PLC0415 - scikit-image is slow to import

        angles = np.arange(4) * np.pi / 4
        counts = (graycomatrix(slice_, self.distances, angles, self.n_grey_levels, symmetric=True) for slice_ in stack)
        return sum(count.astype(float) for count in counts)


FEATURES = (
    "angular_second_moment",
    "contrast",
    "correlation",
    "variance",
    "inverse_difference_moment",
    "sum_average",
    "sum_variance",
    "sum_entropy",
    "entropy",
    "difference_variance",
    "difference_entropy",
    "information_measure_1",
    "information_measure_2",
)


def haralick_features(p):
    """Haralick's features of normalized symmetric co-occurrence matrices.

    Parameters
    ----------
    p : ndarray of shape (n_g, n_g, ...)
        Probability of each pair of grey levels.

    Returns
    -------
    features : ndarray of shape (13, ...)
        In the order of `FEATURES`; entropies in bits.
    """
    n_g = len(p)
    levels = np.arange(n_g)
    i, j = np.indices((n_g, n_g))
    p_x = p.sum(axis=1)
    p_sum = _by_value(p, i + j, 2 * n_g - 1)
    p_difference = _by_value(p, abs(i - j), n_g)
    mean, variance = _mean_and_variance(levels, p_x)
    sum_average, sum_variance = _mean_and_variance(np.arange(2 * n_g - 1), p_sum)
    _, difference_variance = _mean_and_variance(levels, p_difference)
    covariance = np.tensordot((i * j).ravel(), p.reshape(n_g**2, *p.shape[2:]), 1) - mean**2
    hx, hxy = _entropy(p_x), _entropy(p.reshape(n_g**2, *p.shape[2:]))
    mutual = np.maximum(2 * hx - hxy, 0)
    return np.stack(
        [
            (p**2).sum(axis=(0, 1)),
            np.tensordot(levels**2, p_difference, 1),
            np.divide(covariance, variance, out=np.ones_like(mean), where=variance > FLAT),
            variance,
            np.tensordot(1 / (1 + levels**2), p_difference, 1),
            sum_average,
            sum_variance,
            _entropy(p_sum),
            hxy,
            difference_variance,
            _entropy(p_difference),
            -np.divide(mutual, hx, out=np.zeros_like(hx), where=hx > FLAT),
            np.sqrt(1 - np.exp2(-2 * mutual)),
        ]
    )


# Variance and entropy below this are rounding errors of a constant image.
FLAT = 1e-12


def _by_value(p, values, n_values):
    """Probability of each value that a pair of grey levels may have."""
    return np.stack([p[values == value].sum(axis=0) for value in range(n_values)])


def _mean_and_variance(values, p):
    mean = np.tensordot(values, p, 1)
    return mean, np.maximum(np.tensordot(values**2, p, 1) - mean**2, 0)


def _entropy(p):
    return -np.sum(p * np.log2(p, out=np.zeros_like(p), where=p > 0), axis=0)
