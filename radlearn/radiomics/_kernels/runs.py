"""Runs: voxels of one grey level that follow each other along a direction."""

import numpy as np

from radlearn.radiomics._kernels._compile import kernel
from radlearn.radiomics._kernels.matches import CHUNK, LOWEST_BIT

# Most regions have no longer runs; where there are some, all are counted again.
USUAL_LENGTH = 32


@kernel
def count_runs(levels, matches, shifts, matrices, n_matrices, n_g):
    """Count runs by grey level and length.

    A run of two voxels or more begins where a voxel is matched by the next one, but not by the one before; from there
    it is walked to its end. All voxels that are in none of these runs are runs of one.

    Parameters
    ----------
    levels : ndarray of int16, shape (z + 2, y + 2, x + 2)
        1 to n_g inside the region, 0 outside and in the outermost layer; or a single slice of it.
    matches : ndarray of uint16, of the same shape
        What `match_neighbors` gives for the shifts.
    shifts : ndarray of int64, shape (n_directions,)
        How much further in memory the next voxel lies along each direction, above 0.
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
    counts, longest = _count_up_to(USUAL_LENGTH, levels, matches, shifts, matrices, n_matrices, n_g)
    if longest > USUAL_LENGTH:
        counts, longest = _count_up_to(longest, levels, matches, shifts, matrices, n_matrices, n_g)
    return counts[:, 1:]


@kernel
def _count_up_to(n_lengths, levels, matches, shifts, matrices, n_matrices, n_g):
    """Counts of all runs, with row 0 for level 0, and the longest length; useless if that is above `n_lengths`."""
    flat_levels, flat_matches = levels.ravel(), matches.ravel()
    counts = np.zeros((n_matrices, n_g + 1, n_lengths), np.int64)
    voxels = np.zeros(n_g + 1, np.int64)
    longest = furthest = 1
    for shift in shifts:
        furthest = max(furthest, shift)
    begins = np.empty(CHUNK, np.uint16)
    for start in range(0, flat_levels.size - furthest, CHUNK):
        n = min(CHUNK, flat_levels.size - furthest - start)
        here = flat_matches[start : start + n]
        for voxel in range(n):
            begins[voxel] = 0
        for direction in range(shifts.size):
            bit = np.uint16(1 << direction)
            behind = flat_matches[start + shifts[direction] : start + shifts[direction] + n]
            for voxel in range(n):
                begins[voxel] |= np.uint16(behind[voxel] & ~here[voxel] & bit)
        for voxel in range(n):
            level = flat_levels[start + voxel]
            if level == 0:
                continue
            voxels[level] += 1
            bits = np.int64(begins[voxel])
            while bits > 0:
                direction = np.int64(LOWEST_BIT[bits])
                bits &= bits - 1
                length = 2
                following = start + voxel + 2 * shifts[direction]
                while flat_matches[following] >> direction & 1:
                    length += 1
                    following += shifts[direction]
                if length <= n_lengths:
                    counts[matrices[direction], level, length - 1] += 1
                longest = max(longest, length)
    for level in range(n_g + 1):
        for matrix in matrices:
            counts[matrix, level, 0] += voxels[level]
        for matrix in range(n_matrices):
            for length in range(2, n_lengths + 1):
                counts[matrix, level, 0] -= length * counts[matrix, level, length - 1]
    return counts, longest
