"""WatershedSegmenter: the outline runs along the steepest edges between sure region and sure background."""

import numpy as np
from scipy import ndimage
from skimage.segmentation import watershed

from radlearn._validation import check_choice, check_number
from radlearn.segmentation._gradient import gradient_magnitude
from radlearn.segmentation._sides import REGION, SIDES, markers
from radlearn.segmentation.base import Segmenter


class WatershedSegmenter(Segmenter):
    """Segment a region by flooding the gradient of the image from inside and outside; the outline is where floods meet.

    Intensities fall into classes (Otsu's method for several thresholds). The brightest or the darkest one surely
    belongs to the region, the class next to it is in doubt, and the rest surely lies around. The edges of the image
    decide where there is doubt.

    Parameters
    ----------
    n_classes : int, default=3
        2 to 5. The class next to that of the region is in doubt, with 2 there is none; those beyond it surely lie
        around.
    side : {"auto", "bright", "dark"}, default="auto"
        Whether the region is the brightest or the darkest class; ``"auto"`` takes the one to which fewer voxels
        of the image's border (along y and x) belong.
    sigma : float, default=1.0
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
    The gradient is per mm, so that thick slices count less. The mask of a constant image is empty.

    References
    ----------
    Beucher S, Meyer F. The morphological approach to segmentation: the watershed transformation. In: Mathematical
    Morphology in Image Processing. Marcel Dekker, 1993; 433-481.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[0.0, 0, 1, 3, 8, 9, 9, 8, 4, 1, 0, 0]])
    >>> WatershedSegmenter(sigma=0).fit_transform([image])[0].load().mask.astype(int)
    array([[0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0]])
    """

    _version = 3

    def __init__(self, *, n_classes=3, side="auto", sigma=1.0, background=None, image_shape=None):
        self.n_classes = n_classes
        self.side = side
        self.sigma = sigma
        self.background = background
        self.image_shape = image_shape

    def _check_parameters(self):
        super()._check_parameters()
        check_number("n_classes", self.n_classes, at_least=2, at_most=5, integer=True)
        check_choice("side", self.side, SIDES)

    def _segment(self, volume):
        edges, labels = gradient_magnitude(volume.image, volume.spacing), markers(volume, self.n_classes, self.side)
        # What is flooded starts beside the doubtful voxels; all others stay what they are.
        near = ndimage.binary_dilation(labels == 0)
        return np.where(near, watershed(edges, labels, mask=near), labels) == REGION
