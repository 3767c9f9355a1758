"""Gaps of a region: planes of its bounding box that hold none of its voxels, left out where they are many.

Several lesions in one mask may lie far apart. Most of the box around them is empty then, and whatever goes over the box
would spend its time there. Neighbors stay neighbors where gaps get narrower, as long as some planes of each are left.
"""

import math
from itertools import pairwise

import numpy as np

from radlearn.exceptions import MaskError
from radlearn.radiomics import _kernels

# Planes are left out if no more than this part of the box is left.
WORTHWHILE = 0.5


def occupied_planes(mask):
    """Which planes across each axis hold a voxel of a mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x) or (y, x)

    Returns
    -------
    planes : list of ndarray of int64
        Their numbers, for each axis.

    Raises
    ------
    MaskError
        If the mask is empty.

    Examples
    --------
    >>> [planes.tolist() for planes in occupied_planes(np.array([[1, 0, 1], [0, 0, 0]], bool))]
    [[0], [0, 2]]
    """
    volume = mask if mask.ndim == 3 else mask[np.newaxis]
    is_occupied = np.empty(sum(volume.shape), bool)
    _kernels.find_planes(volume, is_occupied)
    planes, end = [], 0
    for length in volume.shape:
        (places,) = is_occupied[end : end + length].nonzero()
        planes.append(places)
        end += length
    if places.size == 0:
        raise MaskError("the mask is empty", "leave the case out, or check mask_label")
    return planes[-mask.ndim :]


def box_around(planes):
    """Smallest box that holds all planes, as a tuple of slices.

    Examples
    --------
    >>> box_around([np.array([0]), np.array([0, 2])])
    (slice(0, 1, None), slice(0, 3, None))
    """
    return tuple(slice(int(places[0]), int(places[-1]) + 1) for places in planes)


def box_of_region(mask):
    """Smallest box around a mask, as `bounding_box` gives it, but an empty mask is refused.

    Raises
    ------
    MaskError
        If the mask is empty.

    Examples
    --------
    >>> box_of_region(np.array([[0, 0, 0], [0, 1, 1]], bool))
    (slice(1, 2, None), slice(1, 3, None))
    """
    return box_around(occupied_planes(mask))


def kept_planes(planes, margin):
    """The planes of the bounding box that stay where gaps are left out.

    Parameters
    ----------
    planes : list of ndarray of int64
        Which hold a voxel.
    margin : int
        How many planes stay on each side of those.

    Returns
    -------
    kept : tuple of ndarray of int64, or None
        Their numbers, counted from the beginning of the box. None if all stay, since most would.

    Examples
    --------
    >>> [places.tolist() for places in kept_planes([np.array([4, 14, 15]), np.array([3])], margin=1)]
    [[0, 1, 9, 10, 11], [0]]
    >>> kept_planes([np.array([4, 6]), np.array([3])], margin=1)
    """
    lengths = [int(places[-1] - places[0]) + 1 for places in planes]
    if lengths == [places.size for places in planes]:
        return None
    kept = tuple(near(places - places[0], margin, length) for places, length in zip(planes, lengths, strict=True))
    return kept if math.prod(map(len, kept)) <= WORTHWHILE * math.prod(lengths) else None


def near(places, margin, length):
    """Numbers from 0 to `length` that differ from one of the places by no more than the margin.

    Examples
    --------
    >>> near(np.array([0, 5]), 1, 10).tolist()
    [0, 1, 4, 5, 6]
    """
    is_near = np.zeros(length, bool)
    for step in range(-margin, margin + 1):
        moved = places + step
        is_near[moved[(moved >= 0) & (moved < length)]] = True
    return np.flatnonzero(is_near)


def part_of(array, box, kept):
    """The part of an array in a box, without the gaps.

    Parameters
    ----------
    array : ndarray
    box : tuple of slices
    kept : tuple of ndarray, or None
        As from `kept_planes`.

    Returns
    -------
    part : ndarray
        A view where there are no gaps.

    Examples
    --------
    >>> part_of(np.arange(8), (slice(2, 8),), (np.array([0, 1, 5]),))
    array([2, 3, 7])
    """
    return array[box] if kept is None else array[box][np.ix_(*kept)]


def plane_positions(shape, kept=None):
    """Where the planes of a volume lie, along each of its axes.

    Parameters
    ----------
    shape : tuple of three int
        Without gaps.
    kept : tuple of ndarray, optional
        As from `kept_planes`; of a single image, for two axes.

    Returns
    -------
    positions : tuple of three ndarrays of int64

    Examples
    --------
    >>> [places.tolist() for places in plane_positions((1, 2, 3))]
    [[0], [0, 1], [0, 1, 2]]
    """
    return (*(np.arange(n, dtype=np.int64) for n in shape[: 3 - len(kept or ())]), *(kept or ()))


def pieces_of(mask, box, kept):
    """Boxes without gaps that hold a region.

    Parameters
    ----------
    mask : ndarray of bool
        Of the region, without gaps.
    box : tuple of slices
        Of the region, in the image.
    kept : tuple of ndarray
        As from `kept_planes`.

    Returns
    -------
    pieces : list of tuple
        Of each, the box in the image, and its place in the mask.

    Examples
    --------
    >>> mask, kept = np.array([True, False, False, True]), (np.array([0, 1, 7, 8]),)
    >>> pieces_of(mask, (slice(10, 19),), kept)
    [((slice(10, 12, None),), (slice(0, 2, None),)), ((slice(17, 19, None),), (slice(2, 4, None),))]
    """
    is_occupied, along_axes = mask, []
    for axis, (along, places) in enumerate(zip(box, kept, strict=True)):
        starts = np.flatnonzero(np.diff(places, prepend=-2) > 1)
        is_occupied = np.logical_or.reduceat(is_occupied, starts, axis)
        runs = [slice(first, stop) for first, stop in pairwise([*starts.tolist(), len(places)])]
        true = (along.start + places).tolist()
        along_axes.append([(slice(true[run.start], true[run.stop - 1] + 1), run) for run in runs])
    found = ([runs[number] for runs, number in zip(along_axes, each, strict=True)] for each in np.argwhere(is_occupied))
    return [tuple(zip(*piece, strict=True)) for piece in found]


def pieces_pay(pieces, box, support):
    """Whether filtering the pieces takes less than filtering the box, with what the filter looks at around them.

    Parameters
    ----------
    pieces : list
        As from `pieces_of`.
    box : tuple of slices
    support : sequence of int, or None
        How far the filter reaches along each axis; None if all of the image counts.

    Returns
    -------
    pieces_pay : bool
    """
    if support is None:
        return False

    def n_voxels(box):
        return math.prod(along.stop - along.start + 2 * reach for along, reach in zip(box, support, strict=True))

    return sum(n_voxels(piece) for piece, _ in pieces) < n_voxels(box)


def made_in_pieces(make, pieces, shape):
    """Images without gaps, made piece by piece.

    Parameters
    ----------
    make : callable
        Takes a box of the image, and gives images of this box, or None for one that cannot be made.
    pieces : list
        As from `pieces_of`.
    shape : tuple of int
        Without gaps.

    Yields
    ------
    image : ndarray or None
        0 where no piece lies.
    """
    for parts in zip(*(make(box) for box, _ in pieces), strict=True):
        if parts[0] is None:
            yield None
            continue
        image = np.zeros(shape, parts[0].dtype)
        for (_, place), part in zip(pieces, parts, strict=True):
            image[place] = part
        yield image


def with_gaps(mask, positions):
    """A mask with the planes that were left out.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
    positions : tuple of three ndarrays of int64
        Where its planes lie.

    Returns
    -------
    mask : ndarray of bool
        The same one if nothing was left out.

    Examples
    --------
    >>> with_gaps(np.array([[[True, True]]]), (np.array([0]), np.array([0]), np.array([0, 3]))).tolist()
    [[[True, False, False, True]]]
    """
    shape = tuple(int(along[-1]) + 1 for along in positions)
    if shape == mask.shape:
        return mask
    whole = np.zeros(shape, bool)
    whole[np.ix_(*positions)] = mask
    return whole
