"""Moments of the positions of voxels."""

import numpy as np

from radlearn._kernels.compiling import kernel


@kernel
def position_sums(mask, positions):
    """Sums over the positions in a mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
    positions : tuple of three ndarrays of int64
        Position of each plane across z, y and x.

    Returns
    -------
    sums : ndarray of int64, shape (10,)
        Number of voxels; sums of z, y and x; of z * z, y * y and x * x; of z * y, z * x and y * x.
    """
    sums = np.zeros(10, np.int64)
    along_z, along_y, along_x = positions
    for plane in range(mask.shape[0]):
        z = along_z[plane]
        for row in range(mask.shape[1]):
            y = along_y[row]
            n = sum_x = sum_xx = 0
            for column in range(mask.shape[2]):
                inside, x = np.int64(mask[plane, row, column]), along_x[column]
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
def weighted_position_sums(mask, positions, weights):
    """Sums of weights, and of weights times positions.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
    positions : tuple of three ndarrays of int64
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
    for plane in range(mask.shape[0]):
        for row in range(mask.shape[1]):
            of_row = along_row = 0.0
            for column in range(mask.shape[2]):
                if mask[plane, row, column]:
                    of_row += weights[voxel]
                    along_row += weights[voxel] * along_x[column]
                    voxel += 1
            sums[0] += of_row
            sums[1] += of_row * along_z[plane]
            sums[2] += of_row * along_y[row]
            sums[3] += along_row
    return sums
