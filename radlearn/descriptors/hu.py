"""HuMoments: how intensity is spread over the image, whatever its position, size and rotation."""

import numpy as np

from radlearn._validation import check_ndim
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import image_of_ndim, unit_range


class HuMoments(CaseExtractor):
    r"""Moment invariants of the whole image; the mask is ignored.

    They describe the intensities above the minimum of the image as if they were a mass. In 2-D they are the seven of
    Hu (`skimage.measure.moments_hu`), in 3-D the three of Sadjadi and Hall: trace, sum of the principal minors and
    determinant of the matrix of normalized second moments.

    Parameters
    ----------
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
    Columns are ``hu_1`` to ``hu_7``, in volumes ``hu_trace``, ``hu_minors`` and ``hu_determinant``. Axes are counted in
    voxels: put `Resample` in front where spacing is unequal. A constant image has zeros. To describe a shape, give its
    mask as the image.

    References
    ----------
    Hu: Visual pattern recognition by moment invariants. IRE Transactions on Information Theory 8, 1962. Sadjadi and
    Hall: Three-dimensional moment invariants. IEEE TPAMI 2, 1980.

    Examples
    --------
    >>> import numpy as np
    >>> bar = np.pad(np.ones((2, 6)), 4)
    >>> print(np.ptp(HuMoments().fit_transform([bar, bar.T]), axis=0).max() < 1e-12)
    True
    """

    def __init__(
        self,
        *,
        ndim=2,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.ndim = ndim
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_ndim(self.ndim)

    def _names(self):
        kinds = range(1, 8) if self.ndim == 2 else ("trace", "minors", "determinant")
        return [f"hu_{kind}" for kind in kinds]

    def _row(self, volume):
        from skimage.measure import moments_central, moments_hu, moments_normalized  # noqa: PLC0415 - slow to import

        mass = unit_range(image_of_ndim(volume, self.ndim, f"HuMoments(ndim={self.ndim})", f"set ndim={volume.ndim}"))
        if not mass.any():
            return np.zeros(len(self._names()))
        normalized = moments_normalized(moments_central(mass, order=3), order=3)
        return moments_hu(normalized) if self.ndim == 2 else _invariants(normalized)


def _invariants(moments):
    """Trace, sum of the principal minors and determinant of the matrix of second moments."""
    axes = np.eye(3, dtype=int)
    matrix = np.array([[moments[tuple(one + other)] for other in axes] for one in axes])
    trace = np.trace(matrix)
    return np.array([trace, (trace**2 - np.trace(matrix @ matrix)) / 2, np.linalg.det(matrix)])
