"""GraphCut: the region of least cost, whose intensities fit and whose outline follows edges."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from radlearn._validation import check_choice, check_number
from radlearn.segmentation._sides import REGION, SIDES, markers
from radlearn.segmentation.base import Segmenter

_N_BINS = 32
# maximum_flow counts in whole numbers; costs are rounded to these parts of one.
_PARTS = 1000


class GraphCut(Segmenter):
    r"""Segment a region by a graph cut: intensities that do not fit and outlines that follow no edge have a cost.

    Intensities fall into classes (Otsu's method for several thresholds). The brightest or the darkest one makes the
    histogram of the region, all others that of its surroundings. The mask :math:`m` minimizes

    .. math:: \sum_i -\ln p(I_i \mid m_i) + \lambda \sum_{i, j} w_{ij} [m_i \ne m_j], \qquad
        w_{ij} = \frac{d_{\min}}{d_{ij}} \exp\left(-\frac{(I_i - I_j)^2}{2 \sigma^2}\right).

    The first sum, over voxels, says how badly intensities fit the histogram of their side; the second one, over pairs
    of voxels that share a face, what the outline between them costs. :math:`\sigma^2` is the mean squared difference of
    such pairs, :math:`d` the distance of their centers.

    Parameters
    ----------
    smoothness : float, default=2.0
        :math:`\lambda`: larger values give shorter outlines and fewer small parts. With 0 each voxel goes by its own
        intensity.
    n_classes : int, default=2
        2 to 5. With more classes, the one that makes the histogram of the region is purer.
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
    The least cost is found exactly, as the smallest cut of a network in which each voxel is a node
    (`scipy.sparse.csgraph.maximum_flow`). An image of 256 by 256 pixels takes some hundredths of a second. The mask of
    a constant image is empty.

    References
    ----------
    Boykov and Jolly: Interactive graph cuts for optimal boundary and region segmentation of objects in N-D images. ICCV
    2001;1:105-112.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.zeros((5, 6))
    >>> image[1:4, 1:5] = 9
    >>> image[2, 2] = 0
    >>> GraphCut(smoothness=5).fit_transform([image])[0].load().mask.astype(int)
    array([[0, 0, 0, 0, 0, 0],
           [0, 1, 1, 1, 1, 0],
           [0, 1, 1, 1, 1, 0],
           [0, 1, 1, 1, 1, 0],
           [0, 0, 0, 0, 0, 0]])
    """

    def __init__(self, *, smoothness=2.0, n_classes=2, side="auto", sigma=0.0, background=None, image_shape=None):
        self.smoothness = smoothness
        self.n_classes = n_classes
        self.side = side
        self.sigma = sigma
        self.background = background
        self.image_shape = image_shape

    def _check_parameters(self):
        super()._check_parameters()
        check_number("smoothness", self.smoothness, at_least=0, at_most=1000)
        check_number("n_classes", self.n_classes, at_least=2, at_most=5, integer=True)
        check_choice("side", self.side, SIDES)

    def _segment(self, volume):
        image, known = volume.image, volume.mask
        region = markers(volume, self.n_classes, self.side) == REGION
        if not region.any():
            return region
        gain = _log_likelihood(image, region) - _log_likelihood(image, known & ~region)
        network = _network(gain, *_outline_costs(np.where(known, image, np.nan), volume.spacing, self.smoothness))
        return _least_cut(network)[: gain.size].reshape(gain.shape)


def _log_likelihood(image, where):
    """Log-likelihood of each intensity by the histogram of a part of the image; one is added to each bin, none is 0."""
    edges = np.linspace(image.min(), image.max(), _N_BINS + 1)
    bins = np.clip(np.digitize(image, edges) - 1, 0, _N_BINS - 1)
    counts = np.bincount(bins[where], minlength=_N_BINS) + 1
    return np.log(counts / counts.sum())[bins]


def _outline_costs(image, spacing, smoothness):
    """First and second voxels of all pairs, as positions in the raveled image, and the costs of separating them.

    Pairs with NaN cost nothing.
    """
    index = np.arange(image.size, dtype=np.int32).reshape(image.shape)
    lines = [np.moveaxis(index, axis, 0) for axis in range(image.ndim)]
    first = np.concatenate([line[:-1].ravel() for line in lines])
    second = np.concatenate([line[1:].ravel() for line in lines])
    distance = np.repeat(spacing, [line[1:].size for line in lines])
    squared = (image.ravel()[first] - image.ravel()[second]) ** 2
    known = np.isfinite(squared)
    mean = squared[known].mean() if squared[known].any() else 1.0
    weight = np.where(known, np.exp(-squared / (2 * mean)), 0) * min(spacing) / distance
    return first, second, smoothness * weight


def _network(gain, first, second, cost):
    """Network whose cuts cost as much as the masks that they stand for.

    Parameters
    ----------
    gain : ndarray of shape (z, y, x) or (y, x)
        How much less it costs to have a voxel in the region than outside.
    first, second, cost : ndarray
        From `_outline_costs`.

    Returns
    -------
    network : csr_array of int32
        Its nodes are the voxels, the source and the sink.
    """
    source, sink = gain.size, gain.size + 1
    # Older versions of SciPy find flows with 32-bit indices only.
    inside, outside = (np.flatnonzero(where).astype(np.int32) for where in (gain > 0, gain < 0))
    start = np.concatenate([first, second, np.full_like(inside, source), outside])
    end = np.concatenate([second, first, inside, np.full_like(outside, sink)])
    capacity = np.concatenate([cost, cost, gain.ravel()[inside], -gain.ravel()[outside]])
    whole = np.rint(capacity * _PARTS).astype(np.int32)
    return coo_array((whole, (start, end)), shape=(sink + 1,) * 2).tocsr()


def _least_cut(network):
    """Nodes on the side of the source, as an array of bool."""
    source, sink = network.shape[0] - 2, network.shape[0] - 1
    left = network - maximum_flow(network, source, sink).flow
    left.eliminate_zeros()
    mask = np.zeros(sink + 1, bool)
    mask[breadth_first_order(left, source, return_predecessors=False)] = True
    return mask
