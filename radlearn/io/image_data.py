"""ImageData, which every reader returns, and the checks that all readers share."""

from collections.abc import Mapping
from math import prod
from typing import NamedTuple

import numpy as np

from radlearn.io.errors import cannot_read
from radlearn.io.limits import format_shape


class ImageData(NamedTuple):
    """One image as it is in its file, with its axes already in the order of radlearn.

    Examples
    --------
    >>> image = ImageData(np.zeros((4, 8, 8)), spacing=(3.0, 1.0, 1.0))
    >>> image.array.shape, image.spacing
    ((4, 8, 8), (3.0, 1.0, 1.0))
    """

    array: np.ndarray
    """Values, shape (z, y, x) or (y, x), in the type of the file and the byte order of this machine."""
    spacing: tuple[float, ...] | None = None
    """Distance of voxel centers in mm, in the order of the axes; None where the file does not say."""
    affine: np.ndarray | None = None
    """Takes ``(z, y, x, 1)`` to world ``(x, y, z, 1)`` in mm (x to the right of the patient, y to the front, z up)."""
    modality: str | None = None
    """Such as ``"CT"``, where the file says."""
    notes: tuple[str, ...] = ()
    """What was missing or repaired."""
    meta: Mapping = {}
    """What else the file says of image and scanner; nothing that identifies a person."""
    history: tuple[dict, ...] = ()
    """What reading did to the values, in the form of `Volume.history`."""
    label_names: Mapping = {}
    """Names of the labels of a mask, where the file has some."""


def check_shape(name, shape):
    """Return the shape of an image of two or three dimensions; further axes at the end may only have one element.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    shape : tuple of int
        As the file declares it, in the order of the file.

    Returns
    -------
    shape : tuple of int
        Without the surplus axes.

    Raises
    ------
    ImageReadError
        If an axis is not positive, or there are too few or too many.

    Examples
    --------
    >>> check_shape("scan.nii", (64, 64, 20, 1))
    (64, 64, 20)
    """
    shape = tuple(map(int, shape))
    if min(shape, default=0) <= 0:
        problem = f"it declares {format_shape(shape) or 'no'} voxels"
        raise cannot_read(name, problem, "check how it was made, or export it again")
    if any(length != 1 for length in shape[3:]):
        problem = f"it has {len(shape)} dimensions ({format_shape(shape)}), an image has 2 or 3"
        raise cannot_read(name, problem, "save one volume of it (one time, one channel) in a file of its own")
    if len(shape) < 2:
        problem = f"it has only one dimension ({format_shape(shape)})"
        raise cannot_read(name, problem, "pass an image (y, x) or a volume (z, y, x)")
    return shape[:3]


def choose_volume(name, shape, volume=None):
    """Shape of one image of a file, and its number among the volumes of that file.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    shape : tuple of int
        As the file declares it, in the order of the file: x, y, z, then time and whatever else it holds.
    volume : int, optional
        Which volume of a series, counted from 0 in the order of the file.

    Returns
    -------
    shape : tuple of int
        Of the image, as `check_shape` gives it.
    volume : int
        0 for a file of one image.

    Raises
    ------
    ImageReadError
        If there are several volumes and none is chosen, or there is no such volume.

    Examples
    --------
    >>> choose_volume("series.nii", (64, 64, 20, 150), volume=3)
    ((64, 64, 20), 3)
    """
    if min(shape, default=0) > 0:
        check_volume(name, prod(shape[3:]), volume, f"it has {len(shape)} dimensions ({format_shape(shape)})")
        shape = shape[:3]
    return check_shape(name, shape), volume or 0


def check_volume(name, n_volumes, volume, found):
    """Refuse a series of which no volume is chosen, and a volume that does not exist.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    n_volumes : int
        How many there are.
    volume : int or None
        Which one is wanted.
    found : str
        What makes it a series, for the message.

    Raises
    ------
    ImageReadError
    """
    if volume is None and n_volumes > 1:
        remedy = f"choose one with volume=, from 0 to {n_volumes - 1}; of a mask, save one in a file of its own"
        raise cannot_read(name, f"{found}, an image has 2 or 3", remedy)
    if volume is not None and volume >= n_volumes:
        raise cannot_read(name, f"there is no volume {volume}: it has {n_volumes}", "count volumes from 0")


def check_dtype(name, dtype):
    """Refuse values that are not real numbers of at most 64 bits.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    dtype : numpy.dtype
        Type of its values.

    Raises
    ------
    ImageReadError
        For complex numbers, colors, Python objects, text, and so on.
    """
    if dtype.kind == "c":
        raise cannot_read(name, f"its values are complex numbers ({dtype})", "save their magnitude, or their phase")
    if dtype.names is not None:
        problem = f"it holds {len(dtype.names)} values per voxel ({', '.join(dtype.names)}), probably colors"
        raise cannot_read(name, problem, "save one channel, or the luminance, as plain numbers")
    if dtype.hasobject:
        problem = "it holds pickled Python objects, which could run code when they are loaded"
        raise cannot_read(name, problem, "save it again as an array of numbers")
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise cannot_read(name, f"its values are of type {dtype}", "save it as integers or floats of at most 64 bits")
