"""Which neighbors have the grey level of a voxel, as bits: what runs and zones are made of."""

import numpy as np

from radlearn._kernels.compiling import kernel

# So many voxels are compared at a time: they and their neighbors stay in the nearest cache of a processor.
CHUNK = 4096

# Lowest bit of each set of bits but 0; enough for 13 directions.
LOWEST_BIT = np.array([0] + [(bits & -bits).bit_length() - 1 for bits in range(1, 2**13)], np.uint8)


@kernel
def match_neighbors(levels, shifts, matches):
    """Compare each voxel with its neighbors that come before it in memory.

    Neighbors lie at fixed distances in memory, so that long stretches are compared in a few instructions each.

    Parameters
    ----------
    levels : ndarray of int16, shape (z + 2, y + 2, x + 2)
        From 1 inside the region, 0 outside and in the outermost layer.
    shifts : ndarray of int64, shape (n_shifts,)
        How much further back in memory the neighbors lie, above 0; at most 13.
    matches : ndarray of uint16, shape (z + 2, y + 2, x + 2)
        All 0; bit k of a voxel inside is set if the neighbor at shift k has the same level.
    """
    flat, flat_matches = levels.ravel(), matches.ravel()
    furthest = 0
    for shift in shifts:
        furthest = max(furthest, shift)
    for start in range(furthest, flat.size, CHUNK):
        stop = min(start + CHUNK, flat.size)
        here = flat[start:stop]
        bits = flat_matches[start:stop]
        for number in range(shifts.size):
            before = flat[start - shifts[number] : stop - shifts[number]]
            bit = np.uint16(1 << number)
            for voxel in range(here.size):
                bits[voxel] |= bit if before[voxel] == here[voxel] else np.uint16(0)
        for voxel in range(here.size):
            bits[voxel] = bits[voxel] if here[voxel] > 0 else np.uint16(0)
