"""WhiteStripe: intensities of brain MR images in units of their normal white matter."""

import numpy as np
from scipy import ndimage

from radlearn._validation import check_choice, check_number
from radlearn.base import CohortTransformer
from radlearn.preprocessing.region import REGIONS, intensities

_N_BINS = 256
# Standard deviation of the Gaussian that smooths the histogram, in bins; 2 % of the range of intensities.
_SMOOTHING = 0.02 * _N_BINS


class WhiteStripe(CohortTransformer):
    r"""Shift and scale each image by the mean and the spread of its normal-appearing white matter.

    .. math:: (I - \mu) / \sigma

    with :math:`\mu` and :math:`\sigma` the mean and the standard deviation of the white stripe: the voxels around the
    peak that white matter makes in the histogram. Meant for skull-stripped brains; other tissue works as far as it
    has the largest or the brightest peak. Nothing is learned from other images.

    Parameters
    ----------
    peak : {"last", "largest"}, default="last"
        Which peak is white matter: the brightest one (T1), or the highest one (T2, FLAIR, proton density).
    width : float, default=0.05
        How far the stripe reaches to each side of the peak, as a fraction of all voxels of the region.
    region : {"image", "foreground", "mask"}, default="foreground"
        Whose histogram it is: the image's, that of what is brighter than its background, or the mask's (intensity
        mask, where there is one).
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    MaskError
        When a case without a mask is loaded and ``region="mask"``.
    ImageReadError
        When no voxel of the region has a finite intensity. NaN and infinity do not count and stay.

    Notes
    -----
    The histogram has 256 bins between the 0.1st and the 99.9th percentile, and is smoothed by 2 % of that range. Peaks
    lower than a fifth of its highest value are ignored, and so are those whose prominence is less than a fiftieth of
    it. Where all voxels of the stripe are equal, the divisor is one.

    References
    ----------
    Shinohara RT et al. Statistical normalization techniques for magnetic resonance imaging. NeuroImage: Clinical
    2014;6:9-19.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> brain = np.concatenate([rng.normal(60, 5, 5000), rng.normal(100, 5, 5000)]).reshape(100, 100)
    >>> normalized = WhiteStripe(region="image").fit_transform([brain])[0].load().image
    >>> print(abs(normalized[50:].mean()) < 1 < abs(normalized[:50].mean()))
    True
    """

    _version = 2

    def __init__(self, *, peak="last", width=0.05, region="foreground", image_shape=None):
        self.peak = peak
        self.width = width
        self.region = region
        self.image_shape = image_shape

    def _check_parameters(self):
        check_choice("peak", self.peak, ("last", "largest"))
        check_number("width", self.width, above=0, at_most=0.5, hint="it is a part of all voxels")
        check_choice("region", self.region, REGIONS)

    def _transform_volume(self, volume):
        values = np.sort(intensities(volume, self.region))
        rank = np.searchsorted(values, self._peak(values)) / values.size
        ends = [max(rank - self.width, 0), min(rank + self.width, 1)]
        low, high = np.quantile(values, ends, method="nearest")
        stripe = values[(values >= low) & (values <= high)]
        spread = float(stripe.std()) if stripe[0] < stripe[-1] else 1.0  # that of equal numbers may be a rounding error
        return volume.but(image=(volume.image - float(stripe.mean())) / spread)

    def _peak(self, values):
        """Intensity of white matter."""
        from scipy.signal import find_peaks  # noqa: PLC0415 - slow to import

        low, high = np.percentile(values, (0.1, 99.9))
        counts, edges = np.histogram(np.clip(values, low, high), _N_BINS)
        smooth = np.pad(ndimage.gaussian_filter1d(counts.astype(float), _SMOOTHING, mode="constant"), 1)
        peaks, _ = find_peaks(smooth, height=smooth.max() / 5, prominence=smooth.max() / 50)
        best = peaks[-1] if self.peak == "last" else peaks[np.argmax(smooth[peaks])]
        return (edges[best - 1] + edges[best]) / 2
