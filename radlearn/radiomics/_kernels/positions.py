"""Moments of the positions of voxels."""

import numpy as np

from radlearn._kernels.compiling import kernel


@kernel
def position_sums(stretches, positions):
    """Sums over the positions of the voxels in a mask.

    Parameters
    ----------
    stretches : ndarray of int64, shape (n_stretches, 4)
        Those of the mask, see `list_stretches`.
    positions : tuple of three ndarrays of int64
        Position of each plane across z, y and x; those of a stretch follow each other.

    Returns
    -------
    sums : ndarray of int64, shape (10,)
        Number of voxels; sums of z, y and x; of z * z, y * y and x * x; of z * y, z * x and y * x.
    """
    sums = np.zeros(10, np.int64)
    along_z, along_y, along_x = positions
    for number in range(len(stretches)):
        first, n = stretches[number, 2], stretches[number, 3] - stretches[number, 2]
        z, y, x = along_z[stretches[number, 0]], along_y[stretches[number, 1]], along_x[first]
        of_steps, of_squares = n * (n - 1) // 2, n * (n - 1) * (2 * n - 1) // 6  # sums of 0, 1, ..., n - 1
        sum_x = n * x + of_steps
        sums[0] += n
        sums[1] += n * z
        sums[2] += n * y
        sums[3] += sum_x
        sums[4] += n * z * z
        sums[5] += n * y * y
        sums[6] += x * (sum_x + of_steps) + of_squares
        sums[7] += n * z * y
        sums[8] += sum_x * z
        sums[9] += sum_x * y
    return sums


@kernel
def weighted_position_sums(stretches, positions, weights):
    """Sums of weights, and of weights times positions.

    Parameters
    ----------
    stretches, positions
        As for `position_sums`.
    weights : ndarray of float64, shape (n_voxels,)
        Of the voxels in the mask, in their order in memory.

    Returns
    -------
    sums : ndarray of float64, shape (4,)
        Of the weights, and of the weights times z, y and x.
    """
    sums = np.zeros(4)
    along_z, along_y, along_x = positions
    voxel = 0
    for number in range(len(stretches)):
        of_stretch = along_stretch = 0.0
        for column in range(stretches[number, 2], stretches[number, 3]):
            of_stretch += weights[voxel]
            along_stretch += weights[voxel] * along_x[column]
            voxel += 1
        sums[0] += of_stretch
        sums[1] += of_stretch * along_z[stretches[number, 0]]
        sums[2] += of_stretch * along_y[stretches[number, 1]]
        sums[3] += along_stretch
    return sums
