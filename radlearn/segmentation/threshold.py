"""ThresholdSegmenter: the region is what is brighter, or darker, than a threshold."""

import numpy as np
from skimage import filters

from radlearn._validation import check_choice, check_number
from radlearn.segmentation._sides import SIDES, chosen_side, otsu_thresholds
from radlearn.segmentation.base import Segmenter

AUTOMATIC = {
    "otsu": filters.threshold_otsu,
    "li": filters.threshold_li,
    "triangle": filters.threshold_triangle,
    "yen": filters.threshold_yen,
}
"""Methods that find one threshold."""


class ThresholdSegmenter(Segmenter):
    """Segment a region by a threshold of intensity, found in each image or given.

    ============== ===============================================================================
    ``otsu``       The threshold that makes both sides as uniform as possible.
    ``multi_otsu`` The same for `n_classes` classes, of which the brightest or darkest is the region.
    ``li``         Smallest cross-entropy between the image and its two means.
    ``triangle``   Farthest from the line between peak and end of the histogram: small regions.
    ``yen``        Largest correlation of the two sides of the histogram.
    ``fixed``      `threshold` itself, in the unit of the image.
    ============== ===============================================================================

    Parameters
    ----------
    method : {"otsu", "multi_otsu", "li", "triangle", "yen", "fixed"}, default="otsu"
        See the table.
    threshold : float, optional
        For ``method="fixed"``. A voxel with just this intensity is dark.
    n_classes : int, default=3
        For ``method="multi_otsu"``: 2 to 5.
    side : {"auto", "bright", "dark"}, default="auto"
        Whether the region is brighter or darker than the rest; ``"auto"`` takes the side to which fewer voxels of the
        image's border (along y and x) belong.
    sigma : float, default=0.0
        Standard deviation (mm) of the Gaussian that smooths a copy of the image first; the image is not changed.
    background : float, optional
        Standard deviation (mm) of a wider Gaussian. The image smoothed with it is subtracted from that copy, which
        removes slow changes of brightness such as bias or attenuation. Default: nothing is subtracted.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    ImageReadError
        When a case is loaded that has no finite intensity.

    Notes
    -----
    A constant image has no threshold of its own, and its mask is empty. The mask that a case was given is not used;
    `score` compares it with the one that is found.

    References
    ----------
    Otsu N. A threshold selection method from gray-level histograms. IEEE Trans Syst Man Cybern 1979;9:62-66.
    Liao PS, Chen TS, Chung PC. A fast algorithm for multilevel thresholding. J Inf Sci Eng 2001;17:713-727.
    Li CH, Tam PKS. An iterative algorithm for minimum cross entropy thresholding. Pattern Recognit Lett
    1998;18:771-776.
    Zack GW, Rogers WE, Latt SA. Automatic measurement of sister chromatid exchange frequency. J Histochem Cytochem
    1977;25:741-753.
    Yen JC, Chang FJ, Chang S. A new criterion for automatic multilevel thresholding. IEEE Trans Image Process
    1995;4:370-378.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[1.0, 2, 1, 2], [2, 8, 9, 1], [1, 2, 1, 2]])
    >>> ThresholdSegmenter().fit_transform([image])[0].load().mask.astype(int)
    array([[0, 0, 0, 0],
           [0, 1, 1, 0],
           [0, 0, 0, 0]])
    """

    def __init__(
        self, *, method="otsu", threshold=None, n_classes=3, side="auto", sigma=0.0, background=None, image_shape=None
    ):
        self.method = method
        self.threshold = threshold
        self.n_classes = n_classes
        self.side = side
        self.sigma = sigma
        self.background = background
        self.image_shape = image_shape

    def _check_parameters(self):
        super()._check_parameters()
        check_choice("method", self.method, (*AUTOMATIC, "multi_otsu", "fixed"))
        is_fixed = self.method == "fixed"
        check_number("threshold", self.threshold, optional=not is_fixed, hint='it is for method="fixed"')
        check_number("n_classes", self.n_classes, at_least=2, at_most=5, integer=True)
        check_choice("side", self.side, SIDES)

    def _segment(self, volume):
        image, known = volume.image, volume.mask
        thresholds = self._thresholds(image[known])
        if not len(thresholds):
            return np.zeros(image.shape, bool)
        return chosen_side(known & (image > thresholds[-1]), known & (image <= thresholds[0]), self.side)

    def _thresholds(self, intensities):
        """Sorted thresholds; none where a constant image would have to give them."""
        if self.method == "fixed":
            return [self.threshold]
        if self.method == "multi_otsu":
            return otsu_thresholds(intensities, self.n_classes)
        return [AUTOMATIC[self.method](intensities)] if intensities.min() < intensities.max() else []
