"""ClipIntensity and NormalizeIntensity: other intensities on the same grid."""

import numpy as np

from radlearn._validation import check_choice, check_flag, check_interval, check_number
from radlearn.base import CohortTransformer
from radlearn.preprocessing.region import REGIONS, intensities


class ClipIntensity(CohortTransformer):
    """Replace intensities beyond a bound by the bound, in the whole image.

    The mask stays as it is. To leave such voxels out of the region instead (IBSI: re-segmentation), use
    ``RadiomicsFeatures(resegment_range=...)``.

    Parameters
    ----------
    low, high : float, optional
        Smallest and largest intensity that is kept, in the unit of the image (HU for CT). None leaves a side open.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Examples
    --------
    >>> import numpy as np
    >>> clip = ClipIntensity(low=-1000, high=400)
    >>> clip.fit_transform([np.array([[-2000.0, 0.0, 3000.0]])])[0].load().image.tolist()
    [[-1000.0, 0.0, 400.0]]
    """

    def __init__(self, *, low=None, high=None, image_shape=None):
        self.low = low
        self.high = high
        self.image_shape = image_shape

    def _check_parameters(self):
        check_number("high", self.high, optional=True)
        check_number("low", self.low, below=self.high, optional=True, hint="low is the lower bound, high the upper one")

    def _transform_volume(self, volume):
        low = -np.inf if self.low is None else float(self.low)
        high = np.inf if self.high is None else float(self.high)
        with np.errstate(over="ignore"):  # beyond single precision, a bound is infinite
            return volume.but(image=np.clip(volume.image, low, high))


class NormalizeIntensity(CohortTransformer):
    r"""Shift and scale the intensities of each image by its own mean, percentiles or extremes.

    ============== =====================================================================
    ``zscore``     :math:`(I - \mu) / \sigma` with the mean and the standard deviation
                   (over all n voxels, not n - 1)
    ``percentile`` :math:`(I - P_{low}) / (P_{high} - P_{low})` with two percentiles
    ``minmax``     :math:`(I - \min) / (\max - \min)`
    ============== =====================================================================

    Mean, percentiles and extremes are those of the region; the whole image is changed by them. Where the divisor is
    zero it counts as one, so that a constant image becomes zero. Normalized intensities have no unit: radiomics of
    calibrated images (CT, PET) should do without.

    Parameters
    ----------
    method : {"zscore", "percentile", "minmax"}, default="zscore"
        See the table.
    region : {"image", "foreground", "mask"}, default="image"
        Whose intensities count: those of the image, those of what is brighter than its mean (with holes filled), or
        those of its (intensity) mask.
    percentiles : pair of float, default=(1, 99)
        For ``method="percentile"``: which of them become 0 and 1.
    clip : bool, default=False
        Whether to clip what lies beyond the percentiles, or outside the region, to 0 ... 1; not for ``"zscore"``.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    MaskError
        When a case without a mask is loaded and ``region="mask"``.
    ImageReadError
        When no voxel of the region has a finite intensity. NaN and infinity do not count and stay, but that `clip`
        makes infinity 0 or 1.

    Examples
    --------
    >>> import numpy as np
    >>> NormalizeIntensity().fit_transform([np.array([[1.0, 3.0]])])[0].load().image.tolist()
    [[-1.0, 1.0]]
    """

    _version = 2

    def __init__(self, *, method="zscore", region="image", percentiles=(1, 99), clip=False, image_shape=None):
        self.method = method
        self.region = region
        self.percentiles = percentiles
        self.clip = clip
        self.image_shape = image_shape

    def _check_parameters(self):
        check_choice("method", self.method, ("zscore", "percentile", "minmax"))
        check_choice("region", self.region, REGIONS)
        low, high = check_interval("percentiles", self.percentiles)
        check_number("percentiles[0]", low, at_least=0)
        check_number("percentiles[1]", high, at_most=100)
        check_flag("clip", self.clip)

    def _transform_volume(self, volume):
        center, scale = self._center_and_scale(intensities(volume, self.region))
        image = (volume.image - center) / scale
        if self.clip and self.method != "zscore":
            image = np.clip(image, 0.0, 1.0)
        return volume.but(image=image)

    def _center_and_scale(self, values):
        """Offset that is subtracted, and divisor."""
        low, high = float(values.min()), float(values.max())
        if low == high:
            return low, 1.0
        if self.method == "zscore":
            return float(values.mean()), float(values.std()) or 1.0
        if self.method == "percentile":
            low, high = (float(value) for value in np.percentile(values, self.percentiles))
        return low, (high - low) or 1.0
