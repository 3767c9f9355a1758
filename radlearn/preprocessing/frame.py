"""Frames of an image: a part of it, or more than all of it, with voxels where they were."""

from math import ceil

import numpy as np

from radlearn._validation import check_counts, check_number, check_per_axis
from radlearn.exceptions import GeometryError
from radlearn.preprocessing.grid import SPACING_ERROR, Grid, changed_masks


def framed(volume, start, shape, fill_value=None):
    """The part of a volume that begins at one voxel and has a given shape; it may reach beyond the image.

    Parameters
    ----------
    volume : Volume
    start : sequence of int
        First index along each axis; negative ones lie in front of the image.
    shape : sequence of int
    fill_value : float, optional
        Intensity beyond the image. Default: the smallest finite one of the image.

    Returns
    -------
    part : Volume
        Beyond the image, masks are False.
    """
    stop = [first + n for first, n in zip(start, shape, strict=True)]
    old, new = [], []
    for first, last, size in zip(start, stop, volume.shape, strict=True):
        low, high = max(first, 0), min(last, size)
        old.append(slice(low, high))
        new.append(slice(low - first, high - first))

    def cut(array, fill):
        part = np.full(shape, fill, array.dtype)  # not a view, which would keep the whole image in memory
        part[tuple(new)] = array[tuple(old)]
        return part

    if fill_value is None:
        reaches_beyond = new != [slice(0, n) for n in shape]
        fill_value = smallest(volume.image) if reaches_beyond else 0
    grid = Grid(tuple(shape), (1.0,) * volume.ndim, tuple(float(first) for first in start))
    return volume.but(
        image=cut(volume.image, fill_value),
        affine=grid.affine(volume.affine),
        **changed_masks(volume, lambda mask: cut(mask, fill=False)),
    )


def smallest(image):
    """Smallest finite intensity of an image, which fills what lies beyond it; NaN where there is none.

    Parameters
    ----------
    image : ndarray

    Returns
    -------
    intensity : float
    """
    known = np.isfinite(image)
    return float(image.min(where=known, initial=np.inf)) if known.any() else np.nan


def margin_in_voxels(margin, volume):
    """A margin in mm, rounded up to voxels along each axis.

    Parameters
    ----------
    margin : float or sequence of float
    volume : Volume

    Returns
    -------
    steps : list of int

    Raises
    ------
    GeometryError
        If the volume has another number of axes.
    """
    lengths = mm_per_axis("margin", margin, volume)
    return [ceil(mm / spacing * (1 - SPACING_ERROR)) for mm, spacing in zip(lengths, volume.spacing, strict=True)]


def mm_per_axis(name, value, volume):
    """A length in mm along each axis; a single number stands for all.

    Parameters
    ----------
    name : str
        Name of the parameter, for the message.
    value : float or sequence of float
    volume : Volume

    Returns
    -------
    lengths : tuple of float

    Raises
    ------
    GeometryError
        If the volume has another number of axes.
    """
    try:
        return check_per_axis(name, value, volume.ndim)
    except ValueError as error:
        raise GeometryError(f"image of shape {volume.shape}: {error}") from error


def shape_for(shape, volume):
    """The wanted number of voxels along each axis; that of the volume where None is wanted.

    Parameters
    ----------
    shape : sequence of int or None
    volume : Volume

    Returns
    -------
    shape : list of int

    Raises
    ------
    GeometryError
        If the volume has another number of axes.
    """
    if len(shape) != volume.ndim:
        raise GeometryError(
            f"shape={tuple(shape)} does not fit an image of shape {volume.shape}",
            f"give {volume.ndim} numbers of voxels; None leaves an axis as it is",
        )
    return [n if wanted is None else int(wanted) for wanted, n in zip(shape, volume.shape, strict=True)]


def check_margin(margin):
    """Refuse a margin that is not one number in mm, or several, of at least 0.

    Raises
    ------
    TypeError, ValueError
        If it is not such a margin.
    """
    for number in np.atleast_1d(np.asarray(margin, dtype=object)):
        check_number("margin", number, at_least=0, hint="margin is in mm")


def check_margin_or_shape(margin, shape):
    """Refuse anything but a margin in mm or a shape in voxels.

    Raises
    ------
    TypeError, ValueError
        If both are given, or none, or one that is invalid.
    """
    if (margin is None) == (shape is None):
        raise ValueError(
            f"give margin in mm or shape in voxels, one of them, got margin={margin!r} and shape={shape!r}"
        )
    if margin is not None:
        check_margin(margin)
        return
    check_counts("shape", shape, optional=True)
