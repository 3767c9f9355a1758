"""Local binary patterns of PyRadiomics, in slices and in space.

References
----------
Banerjee J et al. 3D LBP-based rotationally invariant region description. Computer Vision, ACCV 2012 Workshops, Lecture
Notes in Computer Science 7728, 2013.
"""

import math
import warnings
from functools import cache
from itertools import combinations

import numpy as np
from scipy import ndimage
from scipy.special import lpmv
from scipy.stats import kurtosis
from skimage.feature import local_binary_pattern


def patterns_in_slices(prepared, settings):
    """Patterns of each slice that the region touches.

    Parameters
    ----------
    prepared : Prepared
    settings : dict
        `lbp2DSamples` points on a circle of the radius `lbp2DRadius` in voxels; `lbp2DMethod` of scikit-image; slices
        lie across the axis `force2Ddimension`.

    Returns
    -------
    patterns : ndarray of the shape of the box
        In the type of the image: a pattern that is no whole number is cut off where the image holds whole numbers.
    """
    image = _stored(prepared)
    axis = settings["force2Ddimension"] if image.ndim == 3 else None
    if axis is None:
        patterns = _pattern(image, settings)[prepared.box]
    else:
        planes, box = np.swapaxes(image, 0, axis), list(prepared.box)
        box[0], box[axis] = box[axis], box[0]
        patterns = np.stack([_pattern(plane, settings)[tuple(box[1:])] for plane in planes[box[0]]])
        patterns = np.swapaxes(patterns, 0, axis)
    return np.trunc(patterns) if image.dtype.kind in "biu" else patterns.astype(image.dtype)


def _stored(prepared):
    """The image in the type of its file: between whole numbers, samples are rounded to such."""
    return prepared.image.astype(prepared.dtype)


def _pattern(plane, settings):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Applying `local_binary_pattern` to floating-point images")
        return local_binary_pattern(
            np.ascontiguousarray(plane), settings["lbp2DSamples"], settings["lbp2DRadius"], settings["lbp2DMethod"]
        )


def patterns_in_space(prepared, settings):
    """Patterns on a sphere around each voxel of the region, by spherical harmonics, and the kurtosis on the sphere.

    Parameters
    ----------
    prepared : Prepared
    settings : dict
        `lbp3DIcosphereRadius` of the sphere in voxels, `lbp3DIcosphereSubdivision` of its points, `lbp3DLevels` of the
        harmonics.

    Yields
    ------
    patterns : ndarray of float64, of the shape of the box
        One for each level, then the kurtosis; 0 outside the region.
    """
    radius, n_levels = settings["lbp3DIcosphereRadius"], settings["lbp3DLevels"]
    points = icosphere(settings["lbp3DIcosphereSubdivision"])
    mask = prepared.intensity_mask
    places = np.argwhere(mask)
    surface = (places[:, np.newaxis] + radius * points).reshape(-1, 3).T
    samples = ndimage.map_coordinates(_stored(prepared), surface, order=3).reshape(len(places), len(points))
    above = (samples >= prepared.image[mask][:, np.newaxis]).astype(float)
    polar, azimuth = np.arccos(points[:, 2]), np.arctan2(points[:, 1], points[:, 0])
    responses = []
    for level in range(n_levels):
        # The two angles stand in each other's place, as in PyRadiomics.
        waves = np.array([harmonic(level, order, azimuth, polar) for order in range(-level, level + 1)])
        projected = (above @ waves.T) @ waves
        responses.append(np.sqrt((projected**2).sum(axis=1)).real)
    for values in (*responses, kurtosis(samples, axis=1)):
        response = np.zeros(mask.shape)
        response[mask] = values
        yield response[prepared.box]


def harmonic(degree, order, polar, azimuth):
    """Spherical harmonic of a degree and an order at the given angles."""
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
