"""NyulNormalizer: intensities of MR images on the scale of the training images."""

import numpy as np

from radlearn._validation import check_choice, check_interval, check_number
from radlearn.base import CohortTransformer
from radlearn.preprocessing.region import REGIONS, intensities


class NyulNormalizer(CohortTransformer):
    """Map landmarks of each histogram to those of a standard histogram, learned from the training images.

    While fitting, the landmarks (percentiles) of each image are shifted and scaled so that the first and the last one
    fall on the ends of the standard scale, and averaged over the images. An image is then mapped piece by piece,
    linearly between its own landmarks and the standard ones; the outermost pieces go on beyond the landmarks.

    Parameters
    ----------
    percentiles : sequence of float, default=(1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99)
        The landmarks, at least two, in increasing order.
    standard_range : pair of float, default=(0, 100)
        Ends of the standard scale.
    region : {"image", "foreground", "mask"}, default="foreground"
        Whose histogram it is: the image's, that of what is brighter than its background, or the mask's.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Attributes
    ----------
    standard_landmarks_ : ndarray of shape (n_percentiles,)
        Where the landmarks lie on the standard scale. Images of one intensity are left out of the average.

    Raises
    ------
    MaskError
        When a case without a mask is loaded and ``region="mask"``.
    ImageReadError
        When no voxel of the region has a finite intensity. NaN and infinity do not count and stay.

    References
    ----------
    Nyúl LG, Udupa JK. On standardizing the MR image intensity scale. Magn Reson Med 1999;42:1072-81.

    Nyúl LG, Udupa JK, Zhang X. New variants of a method of MRI scale standardization. IEEE Trans Med Imaging
    2000;19:143-50.

    Examples
    --------
    >>> import numpy as np
    >>> ramp = np.arange(101.0).reshape(1, -1)
    >>> normalizer = NyulNormalizer(percentiles=(0, 50, 100), region="image").fit([ramp, ramp**2])
    >>> normalizer.standard_landmarks_.tolist()
    [0.0, 37.5, 100.0]
    >>> normalizer.transform([5 * ramp])[0].load().image[0, [0, 25, 50, 100]].tolist()
    [0.0, 18.75, 37.5, 100.0]
    """

    _version = 2

    def __init__(
        self,
        *,
        percentiles=(1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99),
        standard_range=(0, 100),
        region="foreground",
        image_shape=None,
    ):
        self.percentiles = percentiles
        self.standard_range = standard_range
        self.region = region
        self.image_shape = image_shape

    def _check_parameters(self):
        if not np.iterable(self.percentiles):
            raise TypeError(f"percentiles must be at least two increasing numbers, got {self.percentiles!r}")
        percentiles = [check_number("percentiles", each, at_least=0, at_most=100) for each in self.percentiles]
        if len(percentiles) < 2 or min(np.diff(percentiles)) <= 0:
            raise ValueError(f"percentiles must be at least two increasing numbers, got {self.percentiles!r}")
        if None in check_interval("standard_range", self.standard_range):
            raise ValueError(f"standard_range must have two ends, got {self.standard_range!r}")
        check_choice("region", self.region, REGIONS)

    def _fit_volumes(self, volumes):
        landmarks = np.array([self._landmarks(volume) for volume in volumes])
        landmarks = landmarks[landmarks[:, 0] < landmarks[:, -1]]
        if len(landmarks) == 0:
            landmarks = np.array([self.percentiles], float)
        low, high = landmarks[:, :1], landmarks[:, -1:]
        start, stop = self.standard_range
        self.standard_landmarks_ = start + (stop - start) * np.mean((landmarks - low) / (high - low), axis=0)

    def _landmarks(self, volume):
        return np.percentile(intensities(volume, self.region), self.percentiles)

    def _transform_volume(self, volume):
        own, where = np.unique(self._landmarks(volume), return_inverse=True)
        # Landmarks that coincide in this image become one, in the middle of their standard places.
        standard = np.bincount(where, self.standard_landmarks_) / np.bincount(where)
        return volume.but(image=_piecewise_linear(volume.image, own, standard).astype(volume.image.dtype))


def _piecewise_linear(values, x, y):
    """The line through the points (x, y), whose first and last pieces go on; NaN and infinity stay."""
    slope = np.diff(y) / np.diff(x) if len(x) > 1 else np.zeros(1)
    piece = np.clip(np.searchsorted(x, values) - 1, 0, len(slope) - 1)
    known = np.isfinite(values)
    return np.where(known, y[piece] + slope[piece] * (np.where(known, values, 0) - x[piece]), values)
