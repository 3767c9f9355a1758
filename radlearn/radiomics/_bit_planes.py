"""When grey levels are counted as planes of bits, 64 voxels at a time."""

import math
from typing import NamedTuple

import numpy as np

# Runs are shorter than that, so that 16 bits hold their lengths.
LONGEST_SIDE = 2**16


class Limit(NamedTuple):
    """Up to where planes of bits are counted faster than voxels."""

    per_voxel: int
    """How many planes may come on a voxel of the region."""
    smallest_box: int
    """A box of fewer voxels takes longer to make planes of than to count."""
    most_bits: float
    """Planes of more bits, all together, leave the cache of a processor."""


# There is a plane for each pair of grey levels, one after the other, or for each level, which are all kept.
PAIRS, LEVELS = Limit(400, 2**13, math.inf), Limit(45, 2**14, 2**26)


def suits_bit_planes(levels, n_planes, limit):
    """Whether grey levels are so few, and fill their box so well, that planes of bits are counted faster than voxels.

    Parameters
    ----------
    levels : ndarray, shape (z, y, x)
        0 outside the region.
    n_planes : int
    limit : Limit

    Returns
    -------
    is_suited : bool

    Examples
    --------
    >>> levels = np.ones((9, 32, 32), np.int16)
    >>> suits_bit_planes(levels, 8**2, PAIRS), suits_bit_planes(levels, 32**2, PAIRS)
    (True, False)
    """
    if n_planes > limit.per_voxel or levels.size < limit.smallest_box or max(levels.shape) >= LONGEST_SIDE:
        return False
    if n_planes * levels.size > limit.most_bits:
        return False
    return bool(n_planes * levels.size <= limit.per_voxel * np.count_nonzero(levels))
