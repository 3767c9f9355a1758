"""Runs: voxels of one grey level that follow each other along a direction."""

import numpy as np

from radlearn._kernels.compiling import kernel
from radlearn.radiomics._kernels.matches import CHUNK, LOWEST_BIT, N_BITS

# Most regions have no longer runs; where there are some, all are counted again.
USUAL_LENGTH = 32


@kernel
def count_runs(levels, matches, shifts, matrices, n_matrices, n_g):
    """Count runs by grey level and length.

    Most runs are of one or two voxels. Those of three and more are walked from their last voxel to the first. Those of
    two are the other voxels that are second ones, and what is in none of them is a run of one.

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
    counts : ndarray of int64, shape (n_matrices, n_g + 1, n_lengths + 1)
        Entry (m, i, k): how many runs of level i are k voxels long. `n_lengths` is at least that of the longest run.
    """
    usual = np.int64(USUAL_LENGTH)  # a literal would be a type of its own, and compiled for itself
    counts, longest = _count_up_to(usual, levels, matches, shifts, matrices, n_matrices, n_g)
    if longest > usual:
        counts, longest = _count_up_to(longest, levels, matches, shifts, matrices, n_matrices, n_g)
    return counts


@kernel
def _count_up_to(n_lengths, levels, matches, shifts, matrices, n_matrices, n_g):
    """Counts of all runs, and the longest length; useless if that is above `n_lengths`."""
    flat_levels, flat_matches = levels.ravel(), matches.ravel()
    counts = np.zeros((n_matrices, n_g + 1, n_lengths + 1), np.int64)
    longest = np.uint64(0)
    n_voxels = np.zeros(n_g + 1, np.int64)
    for level in flat_levels:
        n_voxels[level] += 1
    furthest = 0
    for shift in shifts:
        furthest = max(furthest, shift)
    third = np.empty(CHUNK, np.uint16)  # directions along which a voxel is at least the third of a run,
    last = np.empty(CHUNK, np.uint16)  # and also its last
    walked = np.empty(CHUNK, np.int64)
    n_second = np.zeros((n_matrices, n_g + 1), np.int64)
    for start in range(furthest, flat_levels.size - furthest, CHUNK):
        n = min(CHUNK, flat_levels.size - furthest - start)
        here = flat_matches[start : start + n]
        for voxel in range(n):
            third[voxel] = last[voxel] = 0
        for direction in range(shifts.size):
            bit = np.uint16(1 << direction)
            before = flat_matches[start - shifts[direction] : start - shifts[direction] + n]
            behind = flat_matches[start + shifts[direction] : start + shifts[direction] + n]
            for voxel in range(n):
                is_third = here[voxel] & before[voxel] & bit
                third[voxel] |= is_third
                last[voxel] |= is_third & ~behind[voxel]
        if n_matrices == 1:
            for voxel in range(n):
                n_second[0, np.uint64(flat_levels[start + voxel])] += N_BITS[here[voxel] & ~third[voxel]]
        else:
            for voxel in range(n):
                bits = np.uint64(here[voxel] & ~third[voxel])
                while bits > 0:
                    matrix = matrices[np.uint64(LOWEST_BIT[bits])]
                    bits &= bits - np.uint64(1)
                    n_second[matrix, np.uint64(flat_levels[start + voxel])] += 1
        n_walked = np.uint64(0)
        for voxel in range(n):
            walked[n_walked] = voxel
            n_walked += np.uint64(last[voxel] > 0)
        for voxel in walked[:n_walked]:
            level = np.uint64(flat_levels[start + voxel])
            bits = np.uint64(last[voxel])
            while bits > 0:
                direction = np.uint64(LOWEST_BIT[bits])
                bits &= bits - np.uint64(1)
                shift = shifts[direction]
                length = np.uint64(3)
                place = start + voxel - 2 * shift
                while (flat_matches[np.uint64(place)] >> direction) & np.uint64(1):
                    length += np.uint64(1)
                    place -= shift
                if length <= np.uint64(n_lengths):
                    counts[np.uint64(matrices[direction]), level, length] += 1
                longest = max(longest, length)
    n_directions = np.zeros(n_matrices, np.int64)
    for matrix in matrices:
        n_directions[matrix] += 1
    for matrix in range(n_matrices):
        for level in range(1, n_g + 1):
            in_longer = 0
            n_of_two = n_second[matrix, level]
            for length in range(3, n_lengths + 1):
                n_of_two -= counts[matrix, level, length]
                in_longer += length * counts[matrix, level, length]
            counts[matrix, level, 2] = n_of_two
            counts[matrix, level, 1] = n_directions[matrix] * n_voxels[level] - in_longer - 2 * n_of_two
    return counts, np.int64(longest)
