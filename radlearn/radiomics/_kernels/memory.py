"""Arrays that a processor reads and writes fastest."""

import numpy as np

from radlearn._kernels.compiling import kernel_part

# Bytes that lie together in the cache of a processor, and that it reads at once if they are numbers of one vector. One
# that begins within a line and ends in the next is read in two parts.
CACHE_LINE = 64


@kernel_part
def aligned(n, dtype):
    """Array of n numbers, not filled, that begins with a line of the cache."""
    room = np.empty(n + CACHE_LINE, dtype)
    begin = -room.ctypes.data % CACHE_LINE // room.itemsize
    return room[begin : begin + n]
