"""LBPFeatures: how often each small pattern of brighter and darker neighbors occurs."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from radlearn._validation import check_choice, check_counts, check_ndim, check_number, check_numbers
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import (
    PLANES,
    cell_names,
    cells_of,
    image_of_ndim,
    resized,
    unit_range,
)

# Codes of n points that scikit-image gives, by method.
CODES = {
    "uniform": lambda n: range(n + 2),
    "nri_uniform": lambda n: range(n * (n - 1) + 3),
    "ror": lambda n: sorted({min(_rotations(code, n)) for code in range(2**n)}),
    "default": lambda n: range(2**n),
}

# Grey levels between the darkest and the brightest pixel, less one. Differences below one level make no pattern.
N_STEPS = 255


class LBPFeatures(CaseExtractor):
    """Histogram of local binary patterns of the whole image; the mask is ignored.

    Around each pixel lie `points` points on a circle; those that are at least as bright as the pixel make up its
    pattern. Columns are the fractions of pixels with each pattern, and add up to one for each radius and cell.

    Parameters
    ----------
    points : int, default=8
        Number of points on the circle, 3 to 24.
    radius : float or sequence of float, default=1
        Radius of the circle in pixels. Several radii give one histogram each.
    method : {"uniform", "nri_uniform", "ror", "default"}, default="uniform"
        Which patterns count as one: the rotations of a uniform one, and all that are not uniform (``points + 2``
        patterns); the same without rotations (``points * (points - 1) + 3``); the rotations of any (36 patterns of 8
        points); or none (``2 ** points``). The last two take at most 12 points.
    size : int, optional
        Number of pixels along each axis to which every image is resized. Default: images stay as they are, and `radius`
        counts their pixels.
    grid : tuple of int, optional
        Number of cells along each axis, ``(y, x)`` or ``(z, y, x)``: histograms of each, which tell where the patterns
        are. Default: those of the whole image.
    ndim : {2, 3}, default=2
        Number of axes of the images. In volumes, the patterns lie in three orthogonal planes: one histogram for all
        slices across each axis.
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
    The image is first rounded to 256 grey levels between its minimum and maximum: a pattern follows the sign of
    differences, and that of rounding errors means nothing. Brightness and contrast therefore do not matter. Points
    outside the image count as the minimum, as in `skimage.feature.local_binary_pattern`. Columns are
    ``lbp_r<radius>_<pattern>``, in volumes ``lbp_<plane>_r<radius>_<pattern>`` with the axes of the plane; a grid puts
    ``cell<row>-<column>_`` in front of the radius.

    References
    ----------
    Ojala, Pietikäinen and Mäenpää: Multiresolution gray-scale and rotation invariant texture classification with
    local binary patterns. IEEE TPAMI 24, 2002. Zhao and Pietikäinen: Dynamic texture recognition using local binary
    patterns with an application to facial expressions. IEEE TPAMI 29, 2007 (three planes).

    Examples
    --------
    >>> import numpy as np
    >>> lbp = LBPFeatures(radius=(1, 2)).set_output(transform="pandas")
    >>> table = lbp.fit_transform([np.eye(16)])
    >>> print(table.shape, table.columns[0], round(table.iloc[0].sum()))
    (1, 20) lbp_r1_0 2
    """

    def __init__(
        self,
        *,
        points=8,
        radius: float | Sequence[float] = 1,
        method="uniform",
        size=None,
        grid=None,
        ndim=2,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.points = points
        self.radius = radius
        self.method = method
        self.size = size
        self.grid = grid
        self.ndim = ndim
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_choice("method", self.method, CODES)
        check_number("size", self.size, at_least=1, integer=True, optional=True)
        check_ndim(self.ndim)
        if self.grid is not None:
            check_counts("grid", self.grid, ndim=(self.ndim,))
        most, hint = (12, 'for more points use method="uniform"') if self.method in ("ror", "default") else (24, "")
        check_number("points", self.points, at_least=3, at_most=most, integer=True, hint=hint)
        self._radii()

    def _radii(self):
        return check_numbers("radius", self.radius, single=True, above=0, hint="radius is in pixels")

    def _names(self):
        planes = [""] if self.ndim == 2 else [f"{plane}_" for plane in PLANES]
        places = [""] if self.grid is None else [f"{name}_" for name in cell_names(self.grid)]
        codes = codes_of(self.method, self.points)
        width = len(str(codes[-1]))
        return [
            f"lbp_{plane}{place}r{radius:g}_{code:0{width}d}"
            for plane in planes
            for radius in self._radii()
            for place in places
            for code in codes
        ]

    def _row(self, volume):
        image = image_of_ndim(volume, self.ndim, f"LBPFeatures(ndim={self.ndim})", f"set ndim={volume.ndim}")
        image = image if self.size is None else resized(image, self.size)
        levels = np.rint(unit_range(image) * N_STEPS).astype(np.uint8)
        stack = levels.reshape(-1, *levels.shape[-2:])  # an image is a stack of one slice
        grid = (1,) * self.ndim if self.grid is None else self.grid
        cells = cells_of(stack.shape, (1, *grid)[-3:])
        axes = range(1 if self.ndim == 2 else 3)
        maps = [self._patterns(stack, axis, radius) for axis in axes for radius in self._radii()]
        return np.concatenate([self._fractions(patterns[cell]) for patterns in maps for cell in cells])

    def _patterns(self, stack, axis, radius):
        """Pattern around each voxel in the slices across an axis."""
        from skimage.feature import local_binary_pattern  # noqa: PLC0415 - scikit-image is slow to import

        slices = np.moveaxis(stack, axis, 0)
        found = [local_binary_pattern(plane, self.points, radius, self.method) for plane in slices]
        return np.moveaxis(np.array(found, int), 0, axis)

    def _fractions(self, patterns):
        """Fraction of each pattern."""
        codes = codes_of(self.method, self.points)
        return np.bincount(patterns.ravel(), minlength=codes[-1] + 1)[codes] / patterns.size


@cache
def codes_of(method, n_points):
    """Codes of a method that become columns, in increasing order."""
    return np.array(CODES[method](n_points))


def _rotations(code, n_points):
    """Codes that the pattern has when it is turned."""
    return {code >> shift | (code << (n_points - shift)) % 2**n_points for shift in range(n_points)}
