"""The smallest box that holds a mask, so that work can end where the mask ends."""

import numpy as np


def bounding_box(mask, margin=0):
    """Box around the voxels of a mask.

    Parameters
    ----------
    mask : ndarray of bool
    margin : int, default=0
        By how many voxels the box is wider on each side, as far as the image reaches.

    Returns
    -------
    box : tuple of slice or None
        One slice for each axis; None if the mask is empty.

    Examples
    --------
    >>> mask = np.array([[0, 0, 0, 0], [0, 0, 1, 1]], bool)
    >>> bounding_box(mask), bounding_box(mask, margin=1)
    ((slice(1, 2, None), slice(2, 4, None)), (slice(0, 2, None), slice(1, 4, None)))
    """
    box = ()
    for axis, size in enumerate(mask.shape):
        others = tuple(other for other in range(mask.ndim) if other != axis)
        # Within the box so far, which is much smaller than the image after the first axis.
        places = np.flatnonzero(mask[box].any(axis=others))
        if not places.size:
            return None
        first, last = int(places[0]), int(places[-1])
        box += (slice(max(first - margin, 0), min(last + 1 + margin, size)),)
    return box
