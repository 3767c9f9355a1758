"""Steps from a voxel to its neighbors, as PyRadiomics has them."""

from functools import cache

import numpy as np

from radlearn.radiomics._aggregation import UNDIRECTED, neighbors_within


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


def has_neighbors(mask, positions, directions):
    """Whether any line along a direction holds two voxels of the mask, for each direction.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
    positions : tuple of three ndarrays of int64
        Where its planes lie; see `Region.positions`.
    directions : ndarray of shape (n_directions, 3)
        Steps of one voxel.

    Returns
    -------
    flags : ndarray of bool, shape (n_directions,)

    Examples
    --------
    >>> from radlearn.radiomics._gaps import plane_positions
    >>> mask = np.array([[[True, False, True]]])
    >>> has_neighbors(mask, plane_positions(mask.shape), np.array([[0, 0, 1], [0, 1, 0]])).tolist()
    [True, False]
    """
    return np.array([_touch(mask, step) or _share_a_line(mask, positions, step) for step in directions])


def _touch(mask, step):
    here = tuple(slice(max(-along, 0), length - max(along, 0)) for along, length in zip(step, mask.shape, strict=True))
    there = tuple(slice(max(along, 0), length - max(-along, 0)) for along, length in zip(step, mask.shape, strict=True))
    return bool((mask[here] & mask[there]).any())


def _share_a_line(mask, positions, step):
    places = np.column_stack([along[found] for along, found in zip(positions, mask.nonzero(), strict=True)])
    axis = np.flatnonzero(step)[0]
    where_lines_begin = places - places[:, [axis]] * (step * step[axis])
    return len(np.unique(where_lines_begin, axis=0)) < len(places)


@cache
def _steps(is_in_plane, distances):
    steps = neighbors_within(UNDIRECTED["2d" if is_in_plane else "3d"], distances[-1])
    return steps[np.isin(np.abs(steps).max(axis=1), distances)]


@cache
def _forward_steps(is_in_plane, distances):
    steps = _steps(is_in_plane, distances)
    z, y, x = steps.T
    return steps[(z > 0) | ((z == 0) & ((y > 0) | ((y == 0) & (x > 0))))]
