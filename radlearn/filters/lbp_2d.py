"""LocalBinaryPatterns2D: which points on a circle around a voxel are brighter than it."""

import math
import warnings

import numpy as np

from radlearn._validation import check_choice, check_number
from radlearn.filters.base import ImageFilter

METHODS = ("uniform", "default", "ror", "var")


class LocalBinaryPatterns2D(ImageFilter):
    """Local binary pattern of each voxel in its slice ``(y, x)``, as a number.

    Points on a circle that are at least as bright as the voxel are ones, the others zeros; between voxels, intensities
    are interpolated linearly. Beyond the image they are 0.

    Parameters
    ----------
    radius : float, default=1
        Of the circle, in voxels.
    n_points : int, default=8
        Number of points on the circle, 1 to 32.
    method : {"uniform", "default", "ror", "var"}, default="uniform"
        ``"default"``: ones and zeros as a binary number. ``"ror"``: the lowest such number of all rotations.
        ``"uniform"``: the number of ones, if they follow each other on the circle, else ``n_points + 1``. ``"var"``:
        the variance of the points, NaN where they are all the same.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Notes
    -----
    Where the surroundings are as bright as the voxel itself, the pattern is that of rounding errors.

    References
    ----------
    Ojala T, Pietikäinen M, Mäenpää T. Multiresolution gray-scale and rotation invariant texture classification with
    local binary patterns. IEEE Transactions on Pattern Analysis and Machine Intelligence 2002;24:971-987. PyRadiomics,
    image type ``LBP2D``.

    Examples
    --------
    >>> patterns = LocalBinaryPatterns2D().fit_transform([np.arange(25.0).reshape(5, 5)])[0].load().image
    >>> print(patterns[1:4, 1:4])  # a slope: half of the points are brighter
    [[4. 4. 4.]
     [4. 4. 4.]
     [4. 4. 4.]]
    """

    def __init__(self, *, radius: float = 1, n_points=8, method="uniform", image_shape=None):
        self.radius = radius
        self.n_points = n_points
        self.method = method
        self.image_shape = image_shape

    def _check_parameters(self):
        check_number("radius", self.radius, above=0, hint="radius is in voxels")
        check_number("n_points", self.n_points, at_least=1, at_most=32, integer=True)
        check_choice("method", self.method, METHODS)

    def _prefixes(self, ndim):  # noqa: ARG002 - the same for all images
        return ["lbp_2d" + ("" if self.radius == 1 else f"_r{self.radius:g}")]

    def _surroundings(self, shape, spacing, box):  # noqa: ARG002 - the spacing does not matter
        """All before the box: rounding depends on where a voxel lies, and so do patterns of equal intensities."""
        along, inside = box[:-2], tuple(slice(0, around.stop - around.start) for around in box[:-2])
        ends = zip(box[-2:], shape[-2:], strict=True)
        in_slice = (slice(0, min(around.stop + reach_of(self.radius), length)) for around, length in ends)
        return (*along, *in_slice), (*inside, *box[-2:])

    def _responses(self, image, spacing):  # noqa: ARG002 - the spacing does not matter
        yield slice_patterns(image, self.radius, self.n_points, self.method).astype(image.dtype, copy=False)


def reach_of(radius):
    """How many voxels away the patterns of a radius reach, with those that are interpolated."""
    return math.ceil(radius) + 1


def slice_patterns(image, radius, n_points, method):
    """Patterns of each slice of an image.

    Parameters
    ----------
    image : ndarray of shape (z, y, x) or (y, x)
    radius, n_points, method
        As in the filter.

    Returns
    -------
    patterns : ndarray of float64, of the shape of the image
    """
    from skimage.feature import local_binary_pattern  # noqa: PLC0415 - scikit-image is slow to import

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Applying `local_binary_pattern` to floating-point images")
        planes = [
            local_binary_pattern(np.array(plane, float), n_points, radius, method)
            for plane in image.reshape(-1, *image.shape[-2:])
        ]
    return np.reshape(planes, image.shape)
