"""LocalBinaryPatterns3D: which points on a sphere around a voxel are brighter than it."""

import math
import warnings
from functools import cache
from itertools import combinations

import numpy as np
from scipy import ndimage
from scipy.special import lpmv
from scipy.stats import kurtosis

from radlearn._validation import check_choice, check_number, check_texts
from radlearn.exceptions import GeometryError
from radlearn.filters.base import ImageFilter

# Samples on spheres that are in memory at a time.
BLOCK = 1_000_000

# Factorials of higher degrees are beyond double precision.
MAX_LEVELS = 50

# Fourth powers of larger samples are beyond single precision.
LARGEST_SINGLE = 1e9


class LocalBinaryPatterns3D(ImageFilter):
    """Local binary pattern of each voxel in space, whichever way it is turned.

    Points on a sphere that are at least as bright as the voxel are ones, the others zeros; between voxels, intensities
    are interpolated by cubic splines. Beyond the image they are 0. The pattern is a sum of spherical harmonics, and
    what harmonics of one degree add to it has a norm that does not change when the pattern is turned. The responses
    are the norm for each degree, and the excess kurtosis of the intensities on the sphere.

    Parameters
    ----------
    radius : float, default=1
        Of the sphere, in voxels.
    n_subdivisions : int, default=1
        How often the triangles of an icosahedron, whose corners are the points, are cut in four, 0 to 4: 12, 42, 162,
        642 or 2562 points.
    n_levels : int, default=2
        Number of degrees, from 0 up; 50 at most.
    responses : str or sequence of str, optional
        Such as ``"m1"`` for the lowest degree, ``"m2"`` for the next, or ``"kurtosis"``. Default: all.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    GeometryError
        If the image is not 3-D.

    Notes
    -----
    The values are those of PyRadiomics, which swaps the two angles of the harmonics: beyond the lowest degree, the norm
    is not exactly invariant to rotations. Where the surroundings are as bright as the voxel itself, pattern and
    kurtosis are those of rounding errors, or the kurtosis is NaN.

    References
    ----------
    Banerjee J et al. 3D LBP-based rotationally invariant region description. Computer Vision, ACCV 2012 Workshops,
    Lecture Notes in Computer Science 7728, 2013. PyRadiomics, image type ``LBP3D``.

    Examples
    --------
    >>> impulse = np.zeros((5, 5, 5))
    >>> impulse[2, 2, 2] = 1
    >>> patterns = LocalBinaryPatterns3D(responses="m1").fit_transform([impulse])[0].load().image
    >>> print(patterns[2, 2, 2])  # all around is darker
    0.0
    """

    def __init__(self, *, radius: float = 1, n_subdivisions=1, n_levels=2, responses=None, image_shape=None):
        self.radius = radius
        self.n_subdivisions = n_subdivisions
        self.n_levels = n_levels
        self.responses = responses
        self.image_shape = image_shape

    def _check_parameters(self):
        check_number("radius", self.radius, above=0, hint="radius is in voxels")
        check_number("n_subdivisions", self.n_subdivisions, at_least=0, at_most=4, integer=True)
        check_number("n_levels", self.n_levels, at_least=1, at_most=MAX_LEVELS, integer=True)
        self._positions()

    def _positions(self):
        """Names of the chosen responses, and where they stand among all of them."""
        names = [*(f"m{level}" for level in range(1, self.n_levels + 1)), "kurtosis"]
        chosen = check_texts("responses", self.responses, "m1", optional=True) or names
        return {check_choice("responses", name, names): names.index(name) for name in chosen}

    def _prefixes(self, ndim):
        if ndim != 3:
            raise GeometryError(
                f"LocalBinaryPatterns3D is for volumes, not for images of {ndim} dimensions",
                "use LocalBinaryPatterns2D",
            )
        prefix = "lbp_3d" + ("" if self.radius == 1 else f"_r{self.radius:g}")
        return [f"{prefix}_{name}" for name in self._positions()]

    def _responses_within(self, image, spacing, box):  # noqa: ARG002 - the spacing does not matter
        places = np.argwhere(np.ones([along.stop - along.start for along in box], bool))
        places += [along.start for along in box]
        patterns = sphere_patterns(image, places, self.radius, self.n_subdivisions, self.n_levels)
        for position in self._positions().values():
            yield patterns[position].reshape(image[box].shape).astype(image.dtype, copy=False)


def sphere_patterns(image, places, radius, n_subdivisions, n_levels):
    """Patterns on a sphere around some voxels.

    Parameters
    ----------
    image : ndarray of shape (z, y, x)
        Of integers, samples on the sphere are rounded to integers.
    places : ndarray of int, shape (n_places, 3)
        Positions of the voxels.
    radius, n_subdivisions, n_levels
        As in the filter.

    Returns
    -------
    patterns : ndarray of float64, shape (n_levels + 1, n_places)
        For each degree, then the kurtosis.
    """
    points = icosphere(n_subdivisions)
    waves = [harmonics(level, points) for level in range(n_levels)]
    coefficients = ndimage.spline_filter(image, order=3, mode="constant", output=float)
    patterns = np.empty((n_levels + 1, len(places)))
    step = max(1, BLOCK // len(points))
    for start in range(0, len(places), step):
        block = slice(start, start + step)
        surface = (places[block, np.newaxis] + radius * points).reshape(-1, 3).T
        samples = ndimage.map_coordinates(coefficients, surface, output=image.dtype, order=3, prefilter=False)
        samples = samples.reshape(-1, len(points))
        above = (samples >= image[tuple(places[block].T)][:, np.newaxis]).astype(float)
        for level, wave in enumerate(waves):
            projected = (above @ wave.T) @ wave
            patterns[level, block] = np.sqrt((projected**2).sum(axis=1)).real
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Precision loss occurred")  # where all samples are nearly the same
            patterns[-1, block] = kurtosis(_wide_enough(samples), axis=1)
    return patterns


def _wide_enough(samples):
    """Samples in a type that holds their fourth powers."""
    is_large = samples.dtype == np.float32 and np.abs(samples).max() > LARGEST_SINGLE
    return samples.astype(float) if is_large else samples


def harmonics(degree, points):
    """Spherical harmonics of all orders of a degree at points on the unit sphere.

    The two angles are swapped, as in PyRadiomics.

    Parameters
    ----------
    degree : int
    points : ndarray of shape (n_points, 3)

    Returns
    -------
    waves : ndarray of complex128, shape (2 * degree + 1, n_points)
    """
    azimuth, polar = np.arccos(points[:, 2]), np.arctan2(points[:, 1], points[:, 0])
    return np.array([_harmonic(degree, order, polar, azimuth) for order in range(-degree, degree + 1)])


def _harmonic(degree, order, polar, azimuth):
    scale = math.sqrt(
        (2 * degree + 1) / (4 * math.pi) * math.factorial(degree - abs(order)) / math.factorial(degree + abs(order))
    )
    wave = scale * lpmv(abs(order), degree, np.cos(polar)) * np.exp(1j * abs(order) * azimuth)
    return wave if order >= 0 else (-1) ** order * wave.conj()


@cache
def icosphere(n_subdivisions):
    """Points on the unit sphere: corners of an icosahedron, and the middles of its edges, again and again.

    Parameters
    ----------
    n_subdivisions : int

    Returns
    -------
    points : ndarray of shape (n_points, 3)

    Examples
    --------
    >>> icosphere(0).shape, icosphere(1).shape
    ((12, 3), (42, 3))
    """
    golden = (1 + math.sqrt(5)) / 2
    corners = [
        np.roll((0.0, one, other), shift) for shift in (0, 1, 2) for one in (-1, 1) for other in (-golden, golden)
    ]
    points = [tuple(corner) for corner in np.array(corners) / math.hypot(1, golden)]
    edge = 2 / math.hypot(1, golden)
    faces = [
        face
        for face in combinations(points, 3)
        if all(math.dist(*pair) < 1.01 * edge for pair in combinations(face, 2))
    ]
    for _ in range(n_subdivisions):
        faces = [small for face in faces for small in _quarters(face)]
    return np.unique(np.round([point for face in faces for point in face], 12), axis=0)


def _quarters(face):
    """Four faces in the place of one."""
    a, b, c = (np.array(point) for point in face)
    middles = [middle / np.linalg.norm(middle) for middle in (a + b, b + c, c + a)]
    ab, bc, ca = middles
    return (a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca)
