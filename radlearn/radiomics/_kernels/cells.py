"""Cells: eight voxels that are the corners of a cube."""

import numpy as np

from radlearn.radiomics._kernels._compile import kernel


@kernel
def count_cells(mask):
    """Count cells by which of their corners are inside.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
        With a layer of False around it.

    Returns
    -------
    counts : ndarray of int64, shape (256,)
        Bit 4 z + 2 y + x of the place stands for the corner (z, y, x) of the cell.
    """
    counts = np.zeros(256, np.int64)
    depth, height, width = mask.shape
    for z in range(depth - 1):
        for y in range(height - 1):
            case = 0
            for x in range(1, width):
                # What was on the right before is on the left now.
                case = (case & 0b10101010) >> 1
                case |= mask[z, y, x] << 1 | mask[z, y + 1, x] << 3
                case |= mask[z + 1, y, x] << 5 | mask[z + 1, y + 1, x] << 7
                counts[case] += 1
    return counts
