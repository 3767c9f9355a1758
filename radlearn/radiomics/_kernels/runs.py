"""Runs: voxels of one grey level that follow each other along a direction."""

import numpy as np

from radlearn.radiomics._kernels._compile import kernel
from radlearn.radiomics._kernels.matches import LOWEST_BIT


@kernel
def count_runs(levels, matches, directions, matrices, n_matrices, n_g):
    """Count runs by grey level and length.

    Every voxel has a position in its run, for each direction: one more than its neighbor before it has, if both are of
    one level. There are as many voxels at position k as runs of at least k voxels.

    Parameters
    ----------
    levels : ndarray of int16, shape (z + 2, y + 2, x + 2)
        1 to n_g inside the region, 0 outside and in the outermost layer; or a single slice of it.
    matches : ndarray of uint16, of the same shape
        What `match_neighbors` gives for the directions.
    directions : ndarray of int64, shape (n_directions, 3)
        Steps (z, y, x) to the next voxel, which comes later in memory.
    matrices : ndarray of int64, shape (n_directions,)
        Number of the matrix in which each direction is counted.
    n_matrices, n_g : int
        Numbers of matrices and of grey levels.

    Returns
    -------
    counts : ndarray of int64, shape (n_matrices, n_g, n_lengths)
        Entry (m, i - 1, k - 1): how many runs of level i are k voxels long. `n_lengths` is at least that of the longest
        run.
    """
    depth, height, width = levels.shape
    n_directions = directions.shape[0]
    plane = height * width
    flat_levels, flat_matches = levels.ravel(), matches.ravel()
    at_least = np.zeros((n_matrices, n_g + 1, 16), np.int64)
    voxels = np.zeros(n_g + 1, np.int64)
    # Number of voxels of the run that come before, of two slices, one after the other.
    positions = np.zeros((2, plane, n_directions), np.int32)
    backs = np.empty(n_directions, np.int64)
    for direction in range(n_directions):
        backs[direction] = directions[direction, 1] * width + directions[direction, 2]
    for z in range(depth):
        for place in range(plane):
            level = flat_levels[z * plane + place]
            if level == 0:
                continue
            voxels[level] += 1
            for direction in range(n_directions):
                positions[z & 1, place, direction] = 0
            bits = flat_matches[z * plane + place]
            while bits > 0:
                direction = LOWEST_BIT[bits]
                bits &= bits - 1
                position = positions[(z - directions[direction, 0]) & 1, place - backs[direction], direction] + 1
                positions[z & 1, place, direction] = position
                if position >= at_least.shape[2]:
                    at_least = _longer(at_least)
                at_least[matrices[direction], level, position] += 1
    # The voxels that are at none of the later positions of a run are at the first.
    for level in range(n_g + 1):
        for matrix in matrices:
            at_least[matrix, level, 0] += voxels[level]
        for matrix in range(n_matrices):
            counts = at_least[matrix, level]
            for position in range(1, counts.size):
                counts[0] -= counts[position]
            for position in range(1, counts.size):
                counts[position - 1] -= counts[position]
    return at_least[:, 1:]


@kernel
def _longer(counts):
    """The same counts, with as many zeros behind each row as it is long."""
    n_matrices, n_levels, length = counts.shape
    longer = np.zeros((n_matrices, n_levels, 2 * length), np.int64)
    for matrix in range(n_matrices):
        for level in range(n_levels):
            for place in range(length):
                longer[matrix, level, place] = counts[matrix, level, place]
    return longer
