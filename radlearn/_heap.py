"""Memory that arrays have given back, kept for the arrays of the next row."""

import numpy as np

# glibc learns from blocks of up to 32 MB, of which it needs a little for itself.
LARGEST_LESSON = 31 * 2**20


def keep_freed_memory():
    """Have the C library keep what arrays of up to 31 MB give back, up to twice as much, for those that come next.

    By default it returns most of it to the system, which clears every page of it for the next row: up to a third of the
    time of a row of 500,000 voxels. From the largest block that was given back, glibc learns what to keep; a block that
    nobody writes to takes neither time nor memory. It does not learn where the environment sets its rules, such as
    ``MALLOC_TRIM_THRESHOLD_``; other C libraries have rules of their own.

    Examples
    --------
    >>> keep_freed_memory()
    """
    np.empty(LARGEST_LESSON, np.uint8)
