"""Grey levels around each voxel, numbered anew, so that small tables do for whatever is counted there."""

import numpy as np

from radlearn._kernels.compiling import kernel


@kernel
def map_levels(levels, centers, offsets, places, n_g):
    """Copy the grey levels around voxels, numbered 1, 2, 3 and so on as they are met.

    Parameters
    ----------
    levels : ndarray of int16, shape (n_voxels,)
        1 to n_g inside the region, 0 outside.
    centers : ndarray of int64, shape (n_centers,)
        Positions of the voxels.
    offsets, places : ndarray of int64, shape (n_places,)
        How much further in memory each voxel of the neighborhood lies, and where in the copy, both ascending. The copy
        is as long behind the last place as before the first.
    n_g : int
        The highest grey level.

    Returns
    -------
    copies : ndarray of int16, shape (n_centers, n_copy)
        Numbers of the levels, 0 outside the region.
    found : ndarray of int64, shape (n_centers, n + 1)
        The level of each number, from 1; 0 for those that there are not. There are at most n: n_g, or n_places.
    """
    copies = np.zeros((centers.size, places[0] + places[-1] + 1), np.int16)
    found = np.zeros((centers.size, min(n_g, offsets.size) + 1), np.int64)
    rank = np.zeros(n_g + 1, np.int16)
    for number in range(centers.size):
        n_levels = 0
        for place in range(offsets.size):
            level = levels[centers[number] + offsets[place]]
            if level > 0 and rank[level] == 0:
                n_levels += 1
                rank[level] = n_levels
                found[number, n_levels] = level
            copies[number, places[place]] = rank[level]
        for level in range(1, n_levels + 1):
            rank[found[number, level]] = 0
    return copies, found
