"""Labels of masks: which there are, and which voxels have those that are wanted."""

from collections.abc import Iterable

import numpy as np

from radlearn._validation import check_number, listed
from radlearn.exceptions import MaskError

# A message lists up to this many labels; the rest is counted.
MAX_LISTED = 20


def check_mask_label(value):
    """Return the label as an int or a str, or several as a tuple of them.

    Raises
    ------
    TypeError
        If it is neither a whole number nor a name, nor a sequence of them.
    ValueError
        If the sequence is empty.

    Examples
    --------
    >>> check_mask_label([1, 4])
    (1, 4)
    """
    if isinstance(value, Iterable) and not isinstance(value, str):
        labels = tuple(_one_label(label, optional=False) for label in value)
        if not labels:
            raise ValueError("mask_label is empty; name at least one label, or leave it out")
        return labels
    return None if value is None else _one_label(value)


def labels_of(array, place):
    """Labels in an array, without the 0 of what lies outside.

    Parameters
    ----------
    array : ndarray
    place : str
        Name of the mask in messages.

    Returns
    -------
    labels : ndarray of int
        In increasing order.

    Raises
    ------
    MaskError
        If its values are no labels, but fractions or numbers below 0.

    Examples
    --------
    >>> labels_of(np.array([[0, 4, 1], [0, 4, 4]]), "mask")
    array([1, 4])
    """
    if array.dtype == bool:
        return np.ones(int(array.any()), int)
    if array.dtype.kind in "iu" and array.min() >= 0 and array.max() <= 1:
        return np.ones(int(array.max()), int)
    # Slice by slice: sorting a whole volume takes longer than reading it, and most of its slices are empty.
    planes = array.reshape(-1, *array.shape[-2:])
    values = np.unique(np.concatenate([array[:0].ravel(), *(np.unique(plane) for plane in planes if plane.any())]))
    are_labels = array.dtype.kind in "iuf" and (values == np.round(values)) & (values >= 0)
    # Half precision cannot compare with 2**53.
    if not np.all(are_labels) or np.any(values.astype(float) >= 2**53):
        raise MaskError(
            f"{place} holds {values[:6].tolist()}, not whole numbers from 0 up",
            "threshold it first, or check that it is a mask and not an image",
        )
    return values[values != 0].astype(int)


def voxels_of(mask_label, mask, place):
    """Voxels of a mask that have the wanted label; the choice is never guessed.

    Parameters
    ----------
    mask_label : int, str, tuple or None
        From `check_mask_label`. None stands for the only label that there is.
    mask : ImageData
        What was read of the mask; with names, no more than was chosen by them.
    place : str
        Name of the mask in messages.

    Returns
    -------
    voxels : ndarray of bool, of the shape of the mask

    Raises
    ------
    MaskError
        If there is no such voxel, if there are several labels and none is chosen, or if the values are no labels.
    """
    array, names = mask.array, mask.label_names
    if isinstance(mask_label, int) and mask_label > 0 and _holds_counts(array):
        # Listing all labels, of which there may be thousands, takes much longer than finding one.
        chosen = array == mask_label
        if chosen.any():
            return chosen
    labels = labels_of(array, place)
    if mask_label is not None:
        choices = np.atleast_1d(np.array(mask_label, object))
        # What was chosen by name is all that was read.
        by_name = any(isinstance(choice, str) for choice in choices)
        wanted = labels if by_name else np.intersect1d(labels, mask_label)
        if wanted.size == 0:
            raise no_voxel(place, labels, names, f" for label {', '.join(map(str, choices))}")
        return has_label(array, wanted)
    if labels.size == 0:
        raise no_voxel(place, labels, names)
    if labels.size > 1:
        remedy = "choose one with mask_label="
        if labels.size > MAX_LISTED:
            remedy += "; an image, and a JPEG file, which blurs labels, has to be thresholded first"
        raise MaskError(f"{place} holds several labels: {_listed([0, *labels], names)}", remedy)
    return array if array.dtype == bool else array != 0


def no_voxel(place, labels, names, what=""):
    """Error of a mask without any voxel, or without one of what is wanted.

    Parameters
    ----------
    place : str
        Name of the mask.
    labels : ndarray of int
        Those that there are.
    names : mapping
        Names of labels.
    what : str, optional
        What was wanted.

    Returns
    -------
    error : MaskError
    """
    remedy = "choose one of them" if labels.size else "draw a region, or leave the case out"
    return MaskError(f"{place} is empty{what}; labels present: {_listed([0, *labels], names)}", remedy)


def has_label(array, labels):
    """Where an array of labels holds one of some.

    Parameters
    ----------
    array : ndarray
        Of whole numbers of any type.
    labels : ndarray of shape (n_labels,)
        At least one.

    Returns
    -------
    mask : ndarray of bool, of the shape of the array

    Examples
    --------
    >>> has_label(np.array([0, 1, 2, 2], np.uint8), np.array([2]))
    array([False, False,  True,  True])
    """
    if len(labels) > 1:
        return np.isin(array, labels)
    label = labels[0]
    if array.dtype.kind in "biu":
        # Against a number of Python the array is compared in its own type, which for a large mask is five times faster.
        label = label.item()
        array = array.view(np.uint8) if array.dtype.kind == "b" else array
    return array == label


def _holds_counts(array):
    """Whether an array can hold nothing but labels: whole numbers from 0 up, none of them huge."""
    return array.dtype.kind in "iu" and array.dtype.itemsize <= 4 and array.min() >= 0


def _one_label(value, *, optional=True):
    return value if isinstance(value, str) else int(check_number("mask_label", value, integer=True, optional=optional))


def _listed(labels, names):
    """Labels in words, with their names where they have some; of many, the first."""
    words = [f"{label} ({names[label]!r})" if label in names else str(label) for label in map(int, labels[:MAX_LISTED])]
    return listed(words, len(labels))
