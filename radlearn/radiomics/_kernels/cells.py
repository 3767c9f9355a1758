"""Cells: eight voxels that are the corners of a cube."""

import numpy as np

from radlearn._kernels.compiling import kernel

# Cells that are looked at together: few enough to stay in the nearest cache of a processor.
CHUNK = 4096

# Eight cells all inside.
EIGHT_INSIDE = np.uint64(2**64 - 1)


@kernel
def count_cells(mask):
    """Count cells by which of their corners are inside.

    Parameters
    ----------
    mask : ndarray of uint8, shape (z + 2, y + 2, x + 2)
        1 inside, 0 outside and in the outermost layer.

    Returns
    -------
    counts : ndarray of int64, shape (256,)
        Bit 4 z + 2 y + x of the place stands for the corner (z, y, x) of the cell.
    """
    depth, height, width = mask.shape
    flat = mask.ravel()
    n_cells = flat.size - (height + 1) * width - 1  # those across the ends of rows are outside
    cases = np.empty(CHUNK, np.uint8)
    eights = cases.view(np.uint64)
    counts = np.zeros(4 * 256, np.int64)  # cells take turns: one need not wait until the one before is counted
    for start in range(0, n_cells, CHUNK):
        n = min(CHUNK, n_cells - start)
        for cell in range(n, CHUNK):
            cases[cell] = 0
        for corner in range(0, 8, 2):
            first = start + corner // 4 * height * width + corner // 2 % 2 * width
            here, beside = flat[first : first + n], flat[first + 1 : first + 1 + n]
            if corner == 0:
                for cell in range(n):
                    cases[cell] = here[cell] | beside[cell] << 1
            else:
                for cell in range(n):
                    cases[cell] |= here[cell] << corner | beside[cell] << (corner + 1)
        # Most cells lie all inside or all outside, and so do their neighbors.
        for eight in range(eights.size):
            if eights[eight] == EIGHT_INSIDE:
                counts[255] += 8
            elif eights[eight] > 0:
                for cell in range(8 * eight, 8 * eight + 8):
                    counts[256 * (cell & 3) + np.int64(cases[cell])] += 1
    of_all = np.zeros(256, np.int64)
    of_all[0] = (depth - 1) * (height - 1) * (width - 1)  # cells outside are passed over
    for case in range(1, 256):
        for turn in range(4):
            of_all[case] += counts[256 * turn + case]
        of_all[0] -= of_all[case]
    return of_all
