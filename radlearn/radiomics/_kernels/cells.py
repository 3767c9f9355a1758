"""Cells: eight voxels that are the corners of a cube."""

import numpy as np

from radlearn._kernels.compiling import kernel

# Eight cells all inside.
EIGHT_INSIDE = np.uint64(2**64 - 1)


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
    stride = width + 2
    n_cells = (height + 1) * stride  # of a layer; those at the end of a row are outside
    slab = np.zeros((height + 2) * stride + 1, np.uint8)  # a slice with a border that is outside
    near, next_near = slab[:n_cells], slab[1 : n_cells + 1]
    far, next_far = slab[stride : stride + n_cells], slab[stride + 1 : stride + 1 + n_cells]
    lower = np.zeros(n_cells, np.uint8)  # the four corners of each cell in a slice, as bits
    upper = np.zeros(n_cells, np.uint8)
    cases = np.zeros((n_cells + 7) // 8 * 8, np.uint8)
    eights = cases.view(np.uint64)
    for z in range(depth + 1):
        if z < depth:
            for y in range(height):
                place, row = (y + 1) * stride + 1, mask[z, y]
                inner = slab[place : place + width]
                for x in range(width):
                    inner[x] = row[x]
            for cell in range(n_cells):
                upper[cell] = near[cell] | next_near[cell] << 1 | far[cell] << 2 | next_far[cell] << 3
        else:
            for cell in range(n_cells):
                upper[cell] = 0
        for cell in range(n_cells):
            cases[cell] = lower[cell] | upper[cell] << 4
        # Most cells lie all inside or all outside, and so do their neighbors.
        for eight in range(eights.size):
            if eights[eight] == EIGHT_INSIDE:
                counts[255] += 8
            elif eights[eight] > 0:
                for cell in range(8 * eight, 8 * eight + 8):
                    counts[256 * (cell & 3) + np.int64(cases[cell])] += 1
        lower, upper = upper, lower
    of_all = np.zeros(256, np.int64)
    of_all[0] = (depth + 1) * (height + 1) * (width + 1)  # cells outside are passed over
    for case in range(1, 256):
        for turn in range(4):
            of_all[case] += counts[256 * turn + case]
        of_all[0] -= of_all[case]
    return of_all
