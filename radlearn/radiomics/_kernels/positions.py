"""Moments of the positions of voxels."""

import numpy as np

from radlearn._kernels.compiling import kernel


@kernel
def position_sums(mask):
    """Sums over the positions in a mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)

    Returns
    -------
    sums : ndarray of int64, shape (10,)
        Number of voxels; sums of z, y and x; of z * z, y * y and x * x; of z * y, z * x and y * x.
    """
    sums = np.zeros(10, np.int64)
    depth, height, width = mask.shape
    for z in range(depth):
        for y in range(height):
            n = sum_x = sum_xx = 0
            for x in range(width):
                inside = np.int64(mask[z, y, x])
                n += inside
                sum_x += inside * x
                sum_xx += inside * (x * x)
            sums[0] += n
            sums[1] += n * z
            sums[2] += n * y
            sums[3] += sum_x
            sums[4] += n * z * z
            sums[5] += n * y * y
            sums[6] += sum_xx
            sums[7] += n * z * y
            sums[8] += sum_x * z
            sums[9] += sum_x * y
    return sums


@kernel
def weighted_position_sums(mask, weights):
    """Sums of weights, and of weights times positions.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
    weights : ndarray of float64, shape (n_voxels,)
        Of the voxels in the mask, in their order in memory.

    Returns
    -------
    sums : ndarray of float64, shape (4,)
        Of the weights, and of the weights times z, y and x.
    """
    sums = np.zeros(4)
    depth, height, width = mask.shape
    voxel = 0
    for z in range(depth):
        for y in range(height):
            of_row = along_row = 0.0
            for x in range(width):
                if mask[z, y, x]:
                    of_row += weights[voxel]
                    along_row += weights[voxel] * x
                    voxel += 1
            sums[0] += of_row
            sums[1] += of_row * z
            sums[2] += of_row * y
            sums[3] += along_row
    return sums
