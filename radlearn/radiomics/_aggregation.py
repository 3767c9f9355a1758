"""Texture matrices of many directions and slices, merged into the few that features are computed from."""

from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np


class Aggregation(NamedTuple):
    """Which texture matrices there are; features are averaged over them.

    Attributes
    ----------
    ibsi : str
        Code of the Image Biomarker Standardisation Initiative.
    in_plane : bool
        Whether neighbors lie in the same slice (4 directions), or anywhere in the volume (13 directions).
    per_slice : bool
        Whether each slice has matrices of its own.
    per_direction : bool
        Whether each direction has matrices of its own.
    """

    ibsi: str
    in_plane: bool
    per_slice: bool
    per_direction: bool


# For matrices that are counted along directions: co-occurrence and run length.
DIRECTIONAL = {
    "2d_averaged": Aggregation("BTW3", in_plane=True, per_slice=True, per_direction=True),
    "2d_slice_merged": Aggregation("SUJT", in_plane=True, per_slice=True, per_direction=False),
    "2.5d_direction_merged": Aggregation("JJUI", in_plane=True, per_slice=False, per_direction=True),
    "2.5d_merged": Aggregation("ZW7Z", in_plane=True, per_slice=False, per_direction=False),
    "3d_averaged": Aggregation("ITBB", in_plane=False, per_slice=False, per_direction=True),
    "3d_merged": Aggregation("IAZD", in_plane=False, per_slice=False, per_direction=False),
}

# For matrices that look in all directions at once: zones and neighborhoods.
UNDIRECTED = {
    "2d": Aggregation("8QNN", in_plane=True, per_slice=True, per_direction=False),
    "2.5d": Aggregation("62GR", in_plane=True, per_slice=False, per_direction=False),
    "3d": Aggregation("KOBO", in_plane=False, per_slice=False, per_direction=False),
}

# Steps (z, y, x) to one neighbor of each opposite pair: the one that comes later in memory. The shortest steps come
# first: they lead to the neighbors that are themselves neighbors of most others, see `links_of`.
DIRECTIONS_3D = np.array(
    sorted(
        (step for step in product((-1, 0, 1), repeat=3) if step > (0, 0, 0)),
        key=lambda step: (sum(map(abs, step)), [-along for along in step]),
    )
)
DIRECTIONS_2D = DIRECTIONS_3D[DIRECTIONS_3D[:, 0] == 0]

# Norm of the distance to a neighbor -> its order.
NORMS = {"manhattan": 1, "euclidean": 2, "chebyshev": np.inf}

# Neighbors whose weight is so small a part of the largest one do not count: their probabilities would be 0 by rounding.
NEGLIGIBLE = 1e-100

# Number of neighbors of a voxel in 3-D -> along how many axes they may differ from it.
CONNECTIVITIES = {6: 1, 18: 2, 26: 3}


def directions_of(merge):
    """Steps to one neighbor of each opposite pair, in the slice or in space."""
    return DIRECTIONS_2D if merge.in_plane else DIRECTIONS_3D


class Links(NamedTuple):
    """How the voxels of a zone are connected: arguments of the kernel `list_zones`."""

    linked: int
    """The directions along which neighbors belong to one zone, as bits."""
    covers: np.ndarray
    """For each direction, the directions (as bits) whose neighbors are linked with the neighbor along this one."""


@cache
def links_of(merge, connectivity):
    """Links between the voxels of a zone, for a connectivity.

    Parameters
    ----------
    merge : Aggregation
    connectivity : {6, 18, 26}
        Number of neighbors of a voxel in 3-D; in a slice these are 4, 8 and 8.

    Returns
    -------
    links : Links

    Examples
    --------
    >>> links_of(UNDIRECTED["2d"], 6)
    Links(linked=3, covers=array([13,  6,  7,  9], dtype=uint16))
    """
    directions = directions_of(merge)
    n_axes = CONNECTIVITIES[connectivity]
    linked = _bits(np.abs(directions).sum(axis=1) <= n_axes)
    # Two neighbors of a voxel are linked with each other if the step between them is a link as well.
    between = directions[:, np.newaxis] - directions
    is_link = (np.abs(between).sum(axis=2) <= n_axes) & (np.abs(between).max(axis=2) <= 1)
    return Links(linked, np.array([_bits(row) for row in is_link], np.uint16))


def _bits(flags):
    return sum(1 << number for number, flag in enumerate(flags) if flag)


def direction_weights(directions, norm, spacing):
    r"""Weight of each direction in a matrix that merges directions.

    .. math:: w = e^{-d^2}

    with d the distance to the neighbor in mm. All weights are divided by the largest one (see `largest_weight`): this
    does not change probabilities, and keeps weights from underflowing to 0 in images with large voxels. What is less
    than 1e-100 of it is 0.

    Parameters
    ----------
    directions : ndarray of shape (n_directions, 3)
        Steps (z, y, x) to the neighbors.
    norm : str or None
        A key of `NORMS`.
    spacing : tuple of float
        Distance of voxel centers in mm, in the order of the axes.

    Returns
    -------
    weights : ndarray of shape (n_directions,) or None
        None if all directions have the same weight.

    Examples
    --------
    >>> direction_weights(np.array([[0, 0, 1], [0, 1, 1]]), "manhattan", (1, 1, 1)).round(4).tolist()
    [1.0, 0.0498]
    """
    if norm is None:
        return None
    squares = _square_distances(directions, norm, spacing)
    weights = np.exp(squares.min() - squares)
    weights[weights < NEGLIGIBLE] = 0
    return weights


def largest_weight(directions, norm, spacing):
    """What `direction_weights` divides by: the weight of the nearest neighbors.

    Parameters
    ----------
    directions, norm, spacing
        As for `direction_weights`.

    Returns
    -------
    weight : float
        1 if all directions have the same weight. At least the smallest normal number, which only voxels larger than
        26 mm would go below.

    Examples
    --------
    >>> round(largest_weight(np.array([[0, 0, 1], [0, 1, 1]]), "manhattan", (1, 1, 1)), 4)
    0.3679
    """
    if norm is None:
        return 1.0
    return max(float(np.exp(-_square_distances(directions, norm, spacing).min())), np.finfo(float).tiny)


def _square_distances(directions, norm, spacing):
    return np.linalg.norm(directions * (1.0, *spacing)[-3:], NORMS[norm], axis=1) ** 2


def shifts_of(steps, shape):
    """Offsets in memory of steps, in an array of this shape.

    Parameters
    ----------
    steps : ndarray of int64, shape (n_steps, 3)
    shape : tuple of int

    Returns
    -------
    shifts : ndarray of int64, shape (n_steps,)
        Not to be written to: it is kept for the next image of this shape.

    Examples
    --------
    >>> shifts_of(np.array([[1, 0, -1]]), (2, 3, 4)).tolist()
    [11]
    """
    return _shifts_of(steps.tobytes(), *shape[1:])


@lru_cache(maxsize=256)
def _shifts_of(steps, height, width):
    return np.frombuffer(steps, np.int64).reshape(-1, 3) @ np.array([height * width, width, 1])


def blocks_of(levels, margin, merge):
    """The parts of a volume that have matrices of their own: each slice, or the whole volume.

    Parameters
    ----------
    levels : ndarray of shape (z + 2 * margin, y + 2 * margin, x + 2 * margin)
    margin : int
    merge : Aggregation

    Returns
    -------
    blocks : list of ndarray
    """
    if not merge.per_slice:
        return [levels]
    return [levels[z : z + 1] for z in range(margin, len(levels) - margin)]


@cache
def neighbors_within(merge, distance):
    """Steps to all neighbors up to a Chebyshev distance.

    Parameters
    ----------
    merge : Aggregation
    distance : int

    Returns
    -------
    steps : ndarray of shape (n_neighbors, 3)

    Examples
    --------
    >>> len(neighbors_within(UNDIRECTED["2d"], 1)), len(neighbors_within(UNDIRECTED["3d"], 2))
    (8, 124)
    """
    reach = np.arange(-distance, distance + 1)
    steps = np.stack(np.meshgrid([0] if merge.in_plane else reach, reach, reach, indexing="ij"), axis=-1).reshape(-1, 3)
    return steps[steps.any(axis=1)]
