"""Which voxels have a label."""

import numpy as np


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
