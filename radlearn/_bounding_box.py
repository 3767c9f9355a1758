"""The smallest box that holds a mask, and what lies around it, so that work can end where the mask ends."""

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
    for axis in range(mask.ndim):
        others = tuple(other for other in range(mask.ndim) if other != axis)
        # Within the box so far, which is much smaller than the image after the first axis.
        places = np.flatnonzero(mask[box].any(axis=others))
        if not places.size:
            return None
        box += (slice(int(places[0]), int(places[-1]) + 1),)
    return widened(box, [margin] * mask.ndim, mask.shape)


def widened(box, margins, shape):
    """A box with a margin on each side, as far as the image reaches.

    Parameters
    ----------
    box : tuple of slice
    margins : sequence of int
        By how many voxels it gets wider on each side, along each axis.
    shape : tuple of int
        Of the image.

    Returns
    -------
    box : tuple of slice

    Examples
    --------
    >>> widened((slice(1, 2), slice(2, 4)), (1, 2), (9, 5))
    (slice(0, 3, None), slice(0, 5, None))
    """
    return tuple(
        slice(max(along.start - margin, 0), min(along.stop + margin, length))
        for along, margin, length in zip(box, margins, shape, strict=True)
    )


def box_within(box, outer):
    """Where a box lies in another one around it.

    Parameters
    ----------
    box, outer : tuple of slice
        In the image.

    Returns
    -------
    box : tuple of slice
        Counted from the beginning of the outer one.

    Examples
    --------
    >>> box_within((slice(3, 5),), (slice(2, 9),))
    (slice(1, 3, None),)
    """
    return tuple(
        slice(along.start - around.start, along.stop - around.start) for along, around in zip(box, outer, strict=True)
    )


def box_in_image(box, outer):
    """Where in the image a box lies that is counted from the beginning of another one, as `box_within` counts.

    Parameters
    ----------
    box : tuple of slice
        In the outer one.
    outer : tuple of slice
        In the image.

    Returns
    -------
    box : tuple of slice

    Examples
    --------
    >>> box_in_image((slice(1, 3),), (slice(2, 9),))
    (slice(3, 5, None),)
    """
    return tuple(
        slice(along.start + around.start, along.stop + around.start) for along, around in zip(box, outer, strict=True)
    )
