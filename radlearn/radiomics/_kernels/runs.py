"""Runs: voxels of one grey level that follow each other along a direction."""

import numpy as np

from radlearn.radiomics._kernels._compile import kernel


@kernel
def count_runs(levels, directions, matrices, n_matrices, n_g):
    """Count runs by grey level and length.

    Every voxel carries the position that it has in its run, for each direction: one more than its neighbor before it
    has, if both are of one level. Rows are worked on as a whole, so that the comparison of a row with its neighbor is
    a few instructions of the processor. There are as many voxels at position k as runs of at least k voxels.

    Parameters
    ----------
    levels : ndarray of int16, shape (z + 2, y + 2, x + 2)
        1 to n_g inside the region, 0 outside and in the outermost layer.
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
    n = width - 2
    at_least = np.zeros((n_matrices, n_g + 1, 16), np.int64)  # row 0 is what lies outside, to spare a branch
    # Number of voxels of the run that come before, of two slices, one after the other.
    positions = np.zeros((2, directions.shape[0], height, width), np.int32)
    for z in range(1, depth - 1):
        for y in range(1, height - 1):
            row = levels[z, y, 1 : 1 + n]
            for x in range(n):
                at_least[0, row[x], 0] += 1
            for direction in range(directions.shape[0]):
                dz, dy, dx = directions[direction]
                before = levels[z - dz, y - dy, 1 - dx : 1 - dx + n]
                position_before = positions[(z - dz) % 2, direction, y - dy, 1 - dx : 1 - dx + n]
                position = positions[z % 2, direction, y, 1 : 1 + n]
                longest = np.int32(0)
                for x in range(n):
                    position[x] = (position_before[x] + np.int32(1)) * np.int32((row[x] == before[x]) & (row[x] > 0))
                    longest = max(longest, position[x])
                if longest >= at_least.shape[2]:
                    longer = np.zeros((n_matrices, n_g + 1, 2 * longest), np.int64)
                    longer[:, :, : at_least.shape[2]] = at_least
                    at_least = longer
                counts = at_least[matrices[direction]]
                for x in range(n):
                    if position[x] > 0:
                        counts[row[x], position[x]] += 1
    # The voxels that are at none of the later positions of a run are at the first.
    voxels = at_least[0, :, 0].copy()
    at_least[0, :, 0] = 0
    for matrix in matrices:
        at_least[matrix, :, 0] += voxels
    for position_in_run in range(1, at_least.shape[2]):
        at_least[:, :, 0] -= at_least[:, :, position_in_run]
    at_least[:, :, :-1] -= at_least[:, :, 1:]
    return at_least[:, 1:]
