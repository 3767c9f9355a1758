"""RandomWalker: a doubtful voxel belongs to what a random walk from it reaches first."""

import numpy as np
from skimage.segmentation import random_walker

from radlearn._validation import check_choice, check_number
from radlearn.segmentation._sides import REGION, SIDES, markers
from radlearn.segmentation.base import Segmenter

# The equations of more voxels in three dimensions are solved by iterations: elimination would fill the memory.
MOST_ELIMINATED = 50_000


class RandomWalker(Segmenter):
    r"""Segment a region by random walks: a doubtful voxel belongs to what a walk from it would reach first.

    Intensities fall into classes (Otsu's method for several thresholds). The brightest or the darkest one surely
    belongs to the region, the class next to it is in doubt, and the rest surely lies around. From each doubtful voxel a
    walker sets out that avoids steps over edges; the voxel belongs to what the walker more likely reaches first. This
    bridges gaps in faint outlines.

    Parameters
    ----------
    beta : float, default=10.0
        How much an edge hinders the walker: a step has the weight :math:`e^{-\beta \delta^2}`, where intensities
        differ by :math:`\delta` standard deviations of the image per unit of length, the smallest spacing.
    n_classes : int, default=3
        2 to 5. The class next to that of the region is in doubt, with 2 there is none; those beyond it surely lie
        around.
    side : {"auto", "bright", "dark"}, default="auto"
        Whether the region is the brightest or the darkest class; ``"auto"`` takes the one to which fewer voxels
        of the image's border (along y and x) belong.
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
    A system of one equation per doubtful voxel is solved: exactly in images, and for up to 50,000 voxels of a volume.
    More of them are solved by iterations, which take minutes and gigabytes, and may not end with the right mask where
    strong edges enclose voxels: crop or resample large volumes first. The mask of a constant image is empty.

    References
    ----------
    Grady L. Random walks for image segmentation. IEEE Trans Pattern Anal Mach Intell 2006;28:1768-1783.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[0.0, 0, 0, 0, 0], [0, 5, 9, 5, 0], [0, 5, 9, 5, 0], [0, 0, 0, 0, 0]])
    >>> RandomWalker().fit_transform([image])[0].load().mask.astype(int)
    array([[0, 0, 0, 0, 0],
           [0, 1, 1, 1, 0],
           [0, 1, 1, 1, 0],
           [0, 0, 0, 0, 0]])
    """

    _version = 3

    def __init__(self, *, beta=10.0, n_classes=3, side="auto", sigma=0.0, background=None, image_shape=None):
        self.beta = beta
        self.n_classes = n_classes
        self.side = side
        self.sigma = sigma
        self.background = background
        self.image_shape = image_shape

    def _check_parameters(self):
        super()._check_parameters()
        check_number("beta", self.beta, above=0)
        check_number("n_classes", self.n_classes, at_least=2, at_most=5, integer=True)
        check_choice("side", self.side, SIDES)

    def _segment(self, volume):
        labels = markers(volume, self.n_classes, self.side)
        if labels.all():  # no voxel is in doubt
            return labels == REGION
        image = volume.image / volume.image[volume.mask].std()
        steps = [step / min(volume.spacing) for step in volume.spacing]
        beta = 10 * self.beta * image.std()  # scikit-image divides it by ten standard deviations
        is_flat = sum(size > 1 for size in volume.shape) <= 2
        mode = "bf" if is_flat or np.count_nonzero(labels == 0) <= MOST_ELIMINATED else "cg_j"
        # Where edges cut a few voxels off, their share in the residual is tiny: a usual tolerance leaves them unsolved.
        return random_walker(image, labels, beta=beta, mode=mode, tol=1e-14, spacing=steps) == REGION
