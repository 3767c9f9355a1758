"""What lies around a voxel: a small box, its neighbors, and the lines through it."""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np

from radlearn.radiomics._aggregation import DIRECTIONS_2D, DIRECTIONS_3D


class Neighborhood(NamedTuple):
    """A box of voxels around a voxel, and the same box with a layer of nothing around it, in which kernels count.

    Attributes
    ----------
    steps : ndarray of int64, shape (n_places, 3)
        Steps (z, y, x) from the voxel in the middle.
    places : ndarray of int64, shape (n_places,)
        Position of each step in the box with its layer, laid flat.
    neighbors : ndarray of int64, shape (26,)
        How much further in that box the neighbors of a voxel lie.
    pairs, pair_starts : ndarray of int64, shapes (n_pairs, 2) and (n_directions + 1,)
        Places that are neighbors along a direction, and where the pairs of each direction begin.
    lines, line_starts : ndarray of int64, shapes (n,) and (n_directions + 1,)
        Places line by line, with a 0 after each line, and where the lines of each direction begin.
    exchanges : ndarray of int64, shape (n_exchanges, 2)
        A sorting network for as many numbers as there are places.
    """

    steps: np.ndarray
    places: np.ndarray
    neighbors: np.ndarray
    pairs: np.ndarray
    pair_starts: np.ndarray
    lines: np.ndarray
    line_starts: np.ndarray
    exchanges: np.ndarray


@cache
def neighborhood(radius, *, in_plane):
    """Neighborhood of a radius.

    Parameters
    ----------
    radius : int
        Chebyshev distance in voxels.
    in_plane : bool
        Whether it lies in the slice.

    Returns
    -------
    neighborhood : Neighborhood

    Examples
    --------
    >>> len(neighborhood(1, in_plane=False).places), len(neighborhood(2, in_plane=True).places)
    (27, 25)
    """
    reach = (0 if in_plane else radius, radius, radius)
    steps = list(product(*(range(-along, along + 1) for along in reach)))
    width = 2 * radius + 3

    def shift(step):
        return (step[0] * width + step[1]) * width + step[2]

    middle = shift([along + 1 for along in reach])
    place = {step: middle + shift(step) for step in steps}
    pairs, lines = [], []
    for direction in (DIRECTIONS_2D if in_plane else DIRECTIONS_3D).tolist():
        following = {step: tuple(map(sum, zip(step, direction, strict=True))) for step in steps}
        pairs.append([(place[step], place[other]) for step, other in following.items() if other in place])
        lines.append([])
        for start in sorted(place.keys() - following.values()):
            step = start
            while step in place:
                lines[-1].append(place[step])
                step = following[step]
            lines[-1].append(0)
    return Neighborhood(
        np.array(steps),
        np.array(list(place.values())),
        np.array([shift(step) for step in product((-1, 0, 1), repeat=3) if any(step)]),
        np.concatenate(pairs),
        np.cumsum([0, *map(len, pairs)]),
        np.concatenate(lines),
        np.cumsum([0, *map(len, lines)]),
        sorting_network(len(steps)),
    )


def sorting_network(n):
    """Places to compare, one pair after the other, so that n numbers are in order at the end.

    Batcher's merge exchange: Knuth DE, The Art of Computer Programming 3, 5.2.2, algorithm M.

    Parameters
    ----------
    n : int
        At least 2.

    Returns
    -------
    exchanges : ndarray of int64, shape (n_exchanges, 2)
        The smaller number goes to the first place of each pair.

    Examples
    --------
    >>> sorting_network(3).tolist()
    [[0, 2], [0, 1], [1, 2]]
    """
    exchanges = []
    largest = 1 << (n - 1).bit_length() - 1
    p = largest
    while p:
        q, r, d = largest, 0, p
        while True:
            exchanges += [(i, i + d) for i in range(n - d) if i & p == r]
            if q == p:
                break
            q, r, d = q // 2, p, q - p
        p //= 2
    return np.array(exchanges)
