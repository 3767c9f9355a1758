"""Cells: eight voxels that are the corners of a cube."""

import numpy as np

from radlearn._kernels.compiling import kernel


@kernel
def count_cells(mask):
    """Count cells by which of their corners are inside.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
        Around it nothing is inside.

    Returns
    -------
    counts : ndarray of int64, shape (256,)
        Bit 4 z + 2 y + x of the place stands for the corner (z, y, x) of the cell; the mask lies in the middle of the
        cells, one more than it has voxels along each axis.
    """
    counts = np.zeros(4 * 256, np.int64)  # cells take turns: one need not wait until the one before is counted
    depth, height, width = mask.shape
    columns = np.empty(width + 2, np.uint8)  # four voxels at each x, in every other bit
    columns[0] = columns[width + 1] = 0
    for z in range(-1, depth):
        for y in range(-1, height):
            column = columns[1 : width + 1]
            for x in range(width):
                column[x] = 0
            for corner in range(4):
                corner_z, corner_y = z + corner // 2, y + corner % 2
                if 0 <= corner_z < depth and 0 <= corner_y < height:
                    row = mask[corner_z, corner_y]
                    for x in range(width):
                        column[x] |= np.uint8(row[x] << 2 * corner)
            is_met = False
            for x in range(width):
                is_met |= column[x] > 0
            if is_met:
                for x in range(width + 1):
                    counts[256 * (x & 3) + np.int64(columns[x] | columns[x + 1] << 1)] += 1
    of_all = np.zeros(256, np.int64)
    of_all[0] = (depth + 1) * (height + 1) * (width + 1)  # most cells outside are passed over
    for case in range(1, 256):
        for turn in range(4):
            of_all[case] += counts[256 * turn + case]
        of_all[0] -= of_all[case]
    return of_all
