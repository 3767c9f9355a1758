"""CurvatureFeatures: how the border of the bright part of an image bends."""

from itertools import combinations_with_replacement

import numpy as np
from scipy.ndimage import gaussian_filter

from radlearn._bounding_box import bounding_box
from radlearn._validation import check_ndim, check_number, check_numbers
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import bright_part

PERCENTILES = (10, 25, 50, 75, 90)

# Kinds of places of a surface, by nine equal steps of the shape index.
SHAPES = ("cup", "trough", "rut", "saddle_rut", "saddle", "saddle_ridge", "ridge", "dome", "cap")

# No border bends within a pixel: sharper curvatures stem from places where smoothing leaves hardly any border.
LIMIT = 1.0

# The Gaussian ends at this many standard deviations: at fewer, its second derivative does not add up to 0.
TRUNCATE = 6

# Gradients and curvatures per pixel below it come from there, or from rounding.
FLAT = 1e-6


class CurvatureFeatures(CaseExtractor):
    r"""Curvature of the border of the bright part of the whole image; the mask is ignored.

    The image is resized to `size`; its bright part lies above its Otsu threshold. It is smoothed by a Gaussian, and
    wherever a bright pixel has a dark neighbor, the level set through the place between them has the principal
    curvatures :math:`k_1 \ge k_2`, in 2-D one curvature :math:`k_1`, by the formulas of Goldman. They are
    positive where the bright part bulges: those of a ball of radius r are 1 / r. Each place counts by the area, or
    length, of the border that it stands for. For each scale:

    =================================== ===============================================================================
    ``mean_...``                        :math:`H`, the mean of the principal curvatures; in 2-D :math:`k_1`
    ``curvedness_...``                  root of the mean of their squares
    ``gaussian_...``                    :math:`k_1 k_2`; this, the shape index and what stems from it are for volumes
    ``shape_index_...``                 :math:`\frac{2}{\pi} \arctan \frac{k_1 + k_2}{k_1 - k_2}` (Koenderink): 1 for a
                                        ball, 0.5 for a cylinder, 0 for a saddle or a plane, -1 within a hollow ball
    ``shape_cup`` ... ``shape_cap``     shares of the border in nine equal steps of the shape index: cup, trough, rut,
                                        saddle rut, saddle, saddle ridge, ridge, dome and cap
    ``share_hyperbolic``                share of the border that bends both ways, :math:`k_1 > 0 > k_2`, in volumes
    ``share_concave``, ``share_convex`` shares that bend inwards or outwards only; what is left is flat
    ``border``                          area of the border, in 2-D its length
    ``mean_total``, ``gaussian_total``  :math:`H` and :math:`k_1 k_2` summed over the border: the latter :math:`4 \pi`
                                        for each closed surface, less :math:`4 \pi` for each tunnel
    ``energy``                          :math:`H^2` summed over the border (Willmore energy, in 2-D bending energy)
    =================================== ===============================================================================

    where ``...`` stands for ``average``, ``std`` and the percentiles ``p10``, ``p25``, ``p50``, ``p75`` and ``p90``.
    Lengths are in pixels of the resized image, and curvatures end at 1 per pixel.

    Parameters
    ----------
    scales : sequence of float, default=(1, 3)
        Standard deviations of the Gaussians in pixels of the resized image. Those of a pixel and less also see
        the corners of pixels.
    size : int, default=64
        Number of pixels along each axis to which every image is resized.
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
    Columns are ``curvature_s<scale>_<name>``. The edge of the image is no border: what is bright there goes on beyond
    it. Places where smoothing leaves no gradient do not count. A constant image has zeros. To describe a shape, give
    its mask as the image.

    References
    ----------
    Goldman: Curvature formulas for implicit curves and surfaces. Computer Aided Geometric Design 22, 2005. Koenderink
    and van Doorn: Surface shape and curvature scales. Image and Vision Computing 10, 1992. Otsu: A threshold selection
    method from gray-level histograms. IEEE Transactions on Systems, Man, and Cybernetics 9, 1979.

    Examples
    --------
    >>> import numpy as np
    >>> disc = np.hypot(*(np.indices((64, 64)) - 32)) < 20
    >>> row = CurvatureFeatures(scales=[3]).set_output(transform="pandas").fit_transform([disc]).iloc[0]
    >>> print(row[["curvature_s3_mean_average", "curvature_s3_share_convex"]].round(3).tolist())
    [0.05, 1.0]
    """

    def __init__(
        self,
        *,
        scales=(1, 3),
        size=64,
        ndim=2,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.scales = scales
        self.size = size
        self.ndim = ndim
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_numbers("scales", self.scales, above=0, hint="they are in pixels of the resized image")
        check_number("size", self.size, at_least=2, integer=True)
        check_ndim(self.ndim)

    def _names(self):
        return [f"curvature_s{scale:g}_{name}" for scale in self.scales for name in _names_of_a_scale(self.ndim)]

    def _row(self, volume):
        bright = bright_part(volume, self.ndim, "CurvatureFeatures", self.size)
        return np.concatenate([_row_of_a_scale(bright, scale) for scale in self.scales])


def _names_of_a_scale(ndim):
    quantities = ["mean", "curvedness", "gaussian", "shape_index"][: 2 * ndim - 2]
    statistics = ["average", "std", *(f"p{percent}" for percent in PERCENTILES)]
    of_volumes = ["share_hyperbolic", *(f"shape_{shape}" for shape in SHAPES), "gaussian_total"]
    return [
        *(f"{quantity}_{statistic}" for quantity in quantities for statistic in statistics),
        *("share_concave", "share_convex", "border", "mean_total", "energy"),
        *(of_volumes if ndim == 3 else []),
    ]


def _row_of_a_scale(bright, scale):
    """Columns of a scale, in the order of their names; zeros where there is no border."""
    curvatures, areas = _border_curvatures(bright, scale)
    border = areas.sum()
    if not border:
        return np.zeros(len(_names_of_a_scale(bright.ndim)))
    shares = areas / border
    largest, smallest = curvatures[0], curvatures[-1]
    mean, curvedness = curvatures.mean(axis=0), np.sqrt(np.mean(curvatures**2, axis=0))
    concave, convex = (largest <= 0) & (smallest < 0), (smallest >= 0) & (largest > 0)
    row = [*_statistics(mean, shares), *_statistics(curvedness, shares)]
    of_all = [shares[concave].sum(), shares[convex].sum(), border, mean @ areas, mean**2 @ areas]
    if bright.ndim == 2:
        return np.array([*row, *of_all])
    gaussian = largest * smallest
    shape_index = 2 / np.pi * np.arctan2(largest + smallest, largest - smallest)
    shapes, _ = np.histogram(shape_index, len(SHAPES), (-1, 1), weights=shares)
    row += [*_statistics(gaussian, shares), *_statistics(shape_index, shares)]
    return np.array([*row, *of_all, shares[gaussian < 0].sum(), *shapes, gaussian @ areas])


def _statistics(values, shares):
    """Average, standard deviation and percentiles of values that make up given shares of a whole."""
    average = values @ shares
    order = np.argsort(values)
    places = np.searchsorted(np.cumsum(shares[order]), np.array(PERCENTILES) / 100)
    return [average, np.sqrt((values - average) ** 2 @ shares), *values[order][places]]


def _border_curvatures(bright, scale):
    """Principal curvatures between bright pixels and their dark neighbors, and the area that each place stands for.

    Returns
    -------
    curvatures : ndarray of shape (ndim - 1, n_places)
        The largest first.
    areas : ndarray of shape (n_places,)
        A direction in which the border is steep has many places; by these weights, all directions count alike.
    """
    gradient, hessian = _derivatives_at_border(bright, scale)
    length = np.linalg.norm(gradient, axis=0)
    distinct = length > FLAT
    gradient, hessian, length = gradient[:, distinct], hessian[..., distinct], length[distinct]
    curvatures = _principal_curvatures(gradient, hessian)
    curvatures[np.abs(curvatures) < FLAT] = 0
    return np.clip(curvatures, -LIMIT, LIMIT), length / np.abs(gradient).sum(axis=0)


def _derivatives_at_border(bright, scale):
    """Gradient (ndim, n) and matrix of second derivatives (ndim, ndim, n) of the smoothed bright part at its border."""
    axes, margin = range(bright.ndim), int(np.ceil(TRUNCATE * scale)) + 1
    bright = bright[bounding_box(bright, margin) or ()]
    pairs = [_border_pairs(bright, axis) for axis in axes]
    inner, outer = (np.concatenate(ends, axis=1) for ends in zip(*pairs, strict=True))

    def derivative(*along):
        order = [along.count(axis) for axis in axes]
        field = gaussian_filter(bright.astype(float), scale, order=order, mode="nearest", truncate=TRUNCATE)
        return (field[tuple(inner)] + field[tuple(outer)]) / 2

    gradient = np.stack([derivative(axis) for axis in axes])
    hessian = np.empty((bright.ndim, *gradient.shape))
    for first, second in combinations_with_replacement(axes, 2):
        hessian[first, second] = hessian[second, first] = derivative(first, second)
    return gradient, hessian


def _border_pairs(bright, axis):
    """Positions of the pixels, and of their next neighbors along an axis, of which one is bright and one dark."""
    positions = np.array(np.nonzero(np.diff(bright, axis=axis)))
    neighbors = positions.copy()
    neighbors[axis] += 1
    return positions, neighbors


def _principal_curvatures(gradient, hessian):
    """Of the level sets of an image that is greater within, the largest first (Goldman 2005)."""
    length = np.linalg.norm(gradient, axis=0)
    along = np.einsum("ip,ijp,jp->p", gradient, hessian, gradient)
    mean = (along - length**2 * np.trace(hessian)) / ((len(gradient) - 1) * length**3)
    if len(gradient) == 2:
        return mean[np.newaxis]
    bordered = np.zeros((4, 4, len(length)))
    bordered[:3, :3], bordered[:3, 3], bordered[3, :3] = hessian, gradient, gradient
    gaussian = -np.linalg.det(np.moveaxis(bordered, -1, 0)) / length**4
    half_difference = np.sqrt(np.maximum(mean**2 - gaussian, 0))  # rounding may leave a little less than 0
    return np.stack([mean + half_difference, mean - half_difference])
