"""When grey levels are counted as planes of bits, 64 voxels at a time."""

import numpy as np

# Where at most so many pairs of grey levels come on a voxel of the region.
PAIRS_PER_VOXEL = 400

# A smaller box takes longer to make planes of than to count, and lengths along a longer one need more bits.
SMALLEST_BOX, LONGEST_SIDE = 2**13, 2**16


def has_planes(levels, n_g):
    """Whether grey levels are so few, and fill their box so well, that planes of bits are counted faster than voxels.

    Parameters
    ----------
    levels : ndarray, shape (z, y, x)
        0 outside the region.
    n_g : int

    Returns
    -------
    has_planes : bool

    Examples
    --------
    >>> has_planes(np.ones((9, 32, 32), np.int16), 8), has_planes(np.ones((9, 32, 32), np.int16), 32)
    (True, False)
    """
    if levels.size < SMALLEST_BOX or n_g**2 > PAIRS_PER_VOXEL or max(levels.shape) >= LONGEST_SIDE:
        return False
    return bool(n_g**2 * levels.size <= PAIRS_PER_VOXEL * np.count_nonzero(levels))
