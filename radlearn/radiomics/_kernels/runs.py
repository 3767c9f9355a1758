"""Runs: voxels of one grey level that follow each other along a direction."""

import numpy as np

from radlearn._kernels.compiling import kernel
from radlearn.radiomics._kernels.matches import CHUNK, LOWEST_BIT, N_BITS


@kernel
def count_runs(levels, matches, shifts, matrices, counts):
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
    counts : ndarray of int64, shape (n_matrices, n_g + 1, n_lengths + 1)
        With room for 2 or more; all 0; entry (m, i, k) becomes the number of runs of level i that are k voxels long.

    Returns
    -------
    longest : int
        Length of the longest run, if it is above 2. If it is above `n_lengths`, the counts are wrong.
    """
    n_matrices, n_lengths = counts.shape[0], counts.shape[2] - 1
    flat_levels, flat_matches = levels.ravel(), matches.ravel()
    longest = np.uint64(0)
    n_voxels = np.zeros(counts.shape[1], np.int64)
    for level in flat_levels:
        if level > 0:
            n_voxels[np.uint64(level)] += 1
    furthest = 0
    for shift in shifts:
        furthest = max(furthest, shift)
    third = np.empty(CHUNK, np.uint16)  # directions along which a voxel is at least the third of a run,
    last = np.empty(CHUNK, np.uint16)  # and also its last
    walked = np.empty(CHUNK, np.int64)
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
                bits = here[voxel] & ~third[voxel]
                if bits > 0:
                    counts[0, np.uint64(flat_levels[start + voxel]), 2] += N_BITS[bits]
        else:
            for voxel in range(n):
                bits = np.uint64(here[voxel] & ~third[voxel])
                while bits > 0:
                    matrix = matrices[np.uint64(LOWEST_BIT[bits])]
                    bits &= bits - np.uint64(1)
                    counts[matrix, np.uint64(flat_levels[start + voxel]), 2] += 1
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
    for matrix in range(n_matrices):
        n_directions = 0
        for other in matrices:
            n_directions += other == matrix
        for level in range(1, counts.shape[1]):
            in_longer = 0
            n_of_two = counts[matrix, level, 2]
            for length in range(3, n_lengths + 1):
                n_of_two -= counts[matrix, level, length]
                in_longer += length * counts[matrix, level, length]
            counts[matrix, level, 2] = n_of_two
            counts[matrix, level, 1] = n_directions * n_voxels[level] - in_longer - 2 * n_of_two
    return longest
