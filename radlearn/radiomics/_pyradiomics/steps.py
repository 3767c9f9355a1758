"""Steps from a voxel to its neighbors, as PyRadiomics has them."""

from functools import cache

import numpy as np

from radlearn.radiomics._aggregation import UNDIRECTED, neighbors_within, shifts_of


def steps_of(region, settings):
    """Steps to all neighbors whose Chebyshev distance is one of `distances`.

    Parameters
    ----------
    region : Region
    settings : dict

    Returns
    -------
    steps : ndarray of int, shape (n_steps, 3)
        In the slices of the first axis only, where the region is a single image or `force2D` is set.
    """
    return _steps(in_plane(region, settings), tuple(sorted(settings["distances"])))


def in_plane(region, settings):
    """Whether neighbors lie in slices of the first axis only."""
    return region.image.ndim == 2 or settings["force2D"]


def axis_across(settings, ndim):
    """Axis across the slices in which `force2D` measures; None where it does not, or the image has no such axis.

    Examples
    --------
    >>> axis_across({"force2D": True, "force2Ddimension": 1}, 3), axis_across({"force2D": False}, 3)
    (1, None)
    """
    is_forced = settings["force2D"] and settings["force2Ddimension"] < ndim
    return settings["force2Ddimension"] if is_forced else None


def forward_steps_of(region, settings):
    """One step of each opposite pair of `steps_of`: the one that leads to a voxel later in memory.

    Parameters
    ----------
    region : Region
    settings : dict

    Returns
    -------
    steps : ndarray of int, shape (n_steps, 3)

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> region = SimpleNamespace(image=np.zeros((4, 4)))
    >>> forward_steps_of(region, {"force2D": False, "distances": [1]}).tolist()
    [[0, 0, 1], [0, 1, -1], [0, 1, 0], [0, 1, 1]]
    """
    return _forward_steps(in_plane(region, settings), tuple(sorted(settings["distances"])))


def has_neighbors(levels, positions, directions):
    """Whether any line along a direction holds two voxels of the region, for each direction.

    Parameters
    ----------
    levels : ndarray, shape (z + 2, y + 2, x + 2)
        0 outside the region and in the outermost layer.
    positions : tuple of three ndarrays of int64
        Where the planes of the region lie; see `Region.positions`.
    directions : ndarray of shape (n_directions, 3)
        Steps of one voxel, each to a voxel later in memory.

    Returns
    -------
    flags : ndarray of bool, shape (n_directions,)

    Examples
    --------
    >>> from radlearn.radiomics._gaps import plane_positions
    >>> levels = np.pad([[[5, 0, 5]]], 1)
    >>> has_neighbors(levels, plane_positions((1, 1, 3)), np.array([[0, 0, 1], [0, 1, 0]])).tolist()
    [True, False]
    """
    inside = levels > 0
    flat, shifts = inside.ravel(), shifts_of(directions, levels.shape)
    flags = np.array([(flat[shift:] & flat[:-shift]).any() for shift in shifts.tolist()])
    if not flags.all():
        found = inside[1:-1, 1:-1, 1:-1].nonzero()
        places = np.column_stack([along[planes] for along, planes in zip(positions, found, strict=True)])
        flags[~flags] = [_share_a_line(places, direction) for direction in directions[~flags]]
    return flags


def _share_a_line(places, step):
    axis = np.flatnonzero(step)[0]  # along which it leads one voxel further
    where_lines_begin = places - places[:, [axis]] * step
    where_lines_begin -= where_lines_begin.min(axis=0)
    numbers = np.ravel_multi_index(where_lines_begin.T, where_lines_begin.max(axis=0) + 1)
    return np.unique(numbers).size < len(places)


@cache
def _steps(is_in_plane, distances):
    steps = neighbors_within(UNDIRECTED["2d" if is_in_plane else "3d"], distances[-1])
    return steps[np.isin(np.abs(steps).max(axis=1), distances)]


@cache
def _forward_steps(is_in_plane, distances):
    steps = _steps(is_in_plane, distances)
    z, y, x = steps.T
    return steps[(z > 0) | ((z == 0) & ((y > 0) | ((y == 0) & (x > 0))))]
