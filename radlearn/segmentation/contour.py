"""ActiveContour: an outline that moves until it fits the image."""

from functools import partial, reduce
from itertools import cycle, product

import numpy as np
from skimage.segmentation import disk_level_set, morphological_chan_vese, morphological_geodesic_active_contour

from radlearn._validation import check_choice, check_number
from radlearn.segmentation._gradient import gradient_magnitude
from radlearn.segmentation._sides import SIDES, chosen_side, otsu_thresholds
from radlearn.segmentation.base import Segmenter


class ActiveContour(Segmenter):
    r"""Segment a region by an outline that moves until it separates uniform parts (Chan-Vese) or follows edges.

    Both are the morphological variants: the outline moves by erosions and dilations, in 2-D and 3-D.

    Parameters
    ----------
    method : {"chan_vese", "geodesic"}, default="chan_vese"
        What drives the outline: the difference of a voxel from the mean inside and outside of it, or the edges of the
        image.
    start : {"threshold", "center"}, default="threshold"
        The first outline: that of Otsu's threshold, or a disk (ball) in the middle of the image whose diameter is two
        thirds of the shortest side, in voxels.
    side : {"auto", "bright", "dark"}, default="auto"
        For ``start="threshold"``: whether the region is brighter or darker than the rest; ``"auto"`` takes the side to
        which fewer voxels of the image's border (along y and x) belong.
    n_iterations : int, default=50
        How often the outline moves. Once it has come to rest, more of it takes no time.
    smoothing : int, default=1
        How often it is smoothed after each move.
    balloon : {-1, 0, 1}, default=0
        For ``"geodesic"``: whether the outline also shrinks (-1) or grows (1) where it is faster than 1/2, away from
        edges.
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
    Edges are steep per mm: for ``"geodesic"`` the speed of the outline is :math:`1 / \sqrt{1 + |\nabla I|^2 / m^2}`
    with :math:`m` the mean of :math:`|\nabla I|` over the image. Moves and smoothing count voxels; where spacing is
    very unequal, put `Resample` in front. A volume of one slice is taken for an image. The mask of a constant image is
    empty.

    References
    ----------
    Márquez-Neila P, Baumela L, Alvarez L. A morphological approach to curvature-based evolution of curves and
    surfaces. IEEE Trans Pattern Anal Mach Intell 2014;36:2-17.
    Chan TF, Vese LA. Active contours without edges. IEEE Trans Image Process 2001;10:266-277.
    Caselles V, Kimmel R, Sapiro G. Geodesic active contours. Int J Comput Vis 1997;22:61-79.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.zeros((9, 9))
    >>> image[2:7, 3:7] = 1
    >>> mask = ActiveContour(sigma=0, smoothing=0).fit_transform([image])[0].load().mask
    >>> bool((mask == image).all())
    True
    """

    def __init__(
        self,
        *,
        method="chan_vese",
        start="threshold",
        side="auto",
        n_iterations=50,
        smoothing=1,
        balloon=0,
        sigma=1.0,
        background=None,
        image_shape=None,
    ):
        self.method = method
        self.start = start
        self.side = side
        self.n_iterations = n_iterations
        self.smoothing = smoothing
        self.balloon = balloon
        self.sigma = sigma
        self.background = background
        self.image_shape = image_shape

    def _check_parameters(self):
        super()._check_parameters()
        check_choice("method", self.method, ("chan_vese", "geodesic"))
        check_choice("start", self.start, ("threshold", "center"))
        check_choice("side", self.side, SIDES)
        check_number("n_iterations", self.n_iterations, at_least=0, integer=True)
        check_number("smoothing", self.smoothing, at_least=0, integer=True)
        check_number("balloon", self.balloon, at_least=-1, at_most=1, integer=True)

    def _segment(self, volume):
        if volume.image.min() == volume.image.max():
            return np.zeros(volume.shape, bool)
        if volume.ndim == 3 and 1 in volume.shape:
            axis = volume.shape.index(1)
            return np.expand_dims(self._segment(_slice_of(volume, axis)), axis)
        # The contours of scikit-image need two voxels along each axis.
        margins = [(0, int(size == 1)) for size in volume.shape]
        image, known = (np.pad(array, margins, mode="edge") for array in (volume.image, volume.mask))
        moved = self._moved(image, known, volume.spacing, self._first_outline(image, known))
        return moved[tuple(slice(size) for size in volume.shape)].astype(bool)

    def _first_outline(self, image, known):
        if self.start == "center":
            return disk_level_set(image.shape, radius=min(image.shape) / 3)
        [threshold] = otsu_thresholds(image[known], 2)
        return chosen_side(known & (image > threshold), known & (image <= threshold), self.side)

    def _moved(self, image, known, spacing, outline):
        if self.method == "chan_vese":
            move = partial(morphological_chan_vese, image, 1, smoothing=0)
        else:
            edges = gradient_magnitude(image, spacing)
            speed = 1 / np.sqrt(1 + (edges / (edges[known].mean() or 1.0)) ** 2)
            move = partial(
                morphological_geodesic_active_contour, speed, 1, smoothing=0, threshold=0.5, balloon=self.balloon
            )
        # scikit-image smooths by the same turns, but goes on with them from call to call, in all threads.
        turns = cycle([(_dilated, _eroded), (_eroded, _dilated)])
        previous = None
        for n_left in reversed(range(self.n_iterations)):
            before, previous = previous, outline
            outline = move(init_level_set=outline)
            for _ in range(self.smoothing):
                for part in next(turns):
                    outline = part(outline)
            if before is not None and np.array_equal(outline, before):  # it rests, or goes to and fro for ever
                return previous if n_left % 2 else outline
        return outline


def _slice_of(volume, axis):
    """The only slice of a volume along an axis, as an image."""
    image, mask = volume.image.squeeze(axis), volume.mask.squeeze(axis)
    return volume.but(image=image, mask=mask, spacing=np.delete(volume.spacing, axis), affine=None)


def _dilated(outline):
    """What all dilations by flat elements have in common; fills narrow bays."""
    return reduce(np.logical_and, (reduce(np.logical_or, plane) for plane in _planes(outline)))


def _eroded(outline):
    """What is left by any erosion by a flat element; cuts narrow capes."""
    return reduce(np.logical_or, (reduce(np.logical_and, plane) for plane in _planes(outline)))


def _planes(outline):
    """For each flat element, views of the outline moved to all of its places; beyond the image, nothing is inside."""
    padded = np.pad(outline, 1)
    for element in _flat_elements(outline.ndim):
        starts = np.argwhere(element)
        yield [padded[tuple(map(slice, start, start + outline.shape))] for start in starts]


def _flat_elements(ndim):
    """The lines through the middle of 3 x 3 pixels, or the planes through that of 3 x 3 x 3 voxels."""
    place = np.indices((3,) * ndim) - 1
    normals = [v for v in product((-1, 0, 1), repeat=ndim) if v > (0,) * ndim and np.count_nonzero(v) <= 2]
    return [np.tensordot(normal, place, 1) == 0 for normal in normals]
