"""Boxes around findings: tables of them, and which of them belong together.

A table of boxes has one row per finding: the `case` whose image it lies in; its center ``z, y, x`` in voxels, where 0
is the center of the first voxel; and its size ``depth, height, width`` in voxels. In 2-D, `z` and `depth` are missing.
"""

import numpy as np
import pandas as pd

from radlearn._validation import check_number
from radlearn.exceptions import CohortError

CENTER = ("z", "y", "x")
SIZE = ("depth", "height", "width")
_AS_TABLE = (
    "one row per box: case, center (z,) y, x and size (depth,) height, width in voxels; detection.lesions_of_masks "
    "makes it of cases with masks"
)


def box_columns(ndim):
    """Names of the center and of the size along each axis.

    Examples
    --------
    >>> box_columns(2)
    (('y', 'x'), ('height', 'width'))
    """
    return CENTER[-ndim:], SIZE[-ndim:]


def center_and_size(box):
    """What a table says of a box: the center and the size along each axis, in voxels.

    Parameters
    ----------
    box : tuple of slice

    Returns
    -------
    values : list of float and int
        In the order of `box_columns`.

    Examples
    --------
    >>> center_and_size((slice(2, 4), slice(7, 8)))
    [2.5, 7.0, 2, 1]
    """
    return [
        *((along.start + along.stop - 1) / 2 for along in box),
        *(along.stop - along.start for along in box),
    ]


def box_table(boxes, name, *, further=()):
    """The table of boxes, if it is one.

    Parameters
    ----------
    boxes : DataFrame or what makes one
    name : str
        Name of the parameter, for messages.
    further : sequence of str
        Columns that are needed, too.

    Returns
    -------
    table : DataFrame

    Raises
    ------
    CohortError
        If it is no table, a column is missing or holds something else than numbers, or a size is not above 0.
    """
    if not isinstance(boxes, pd.DataFrame | list | dict):
        kind = type(boxes).__name__
        raise CohortError(f"{name} is a {kind}, not a table of boxes", f"pass a DataFrame of pandas, {_AS_TABLE}")
    table = pd.DataFrame(boxes)
    center, size = box_columns(3 if "z" in table or "depth" in table else 2)
    numbers = [*center, *size, *further]
    if missing := [column for column in ("case", *numbers) if column not in table]:
        raise CohortError(
            f"{name} lacks the columns {', '.join(missing)}; it has {', '.join(map(str, table.columns)) or 'none'}",
            _AS_TABLE,
        )
    values = table[numbers].apply(pd.to_numeric, errors="coerce")
    undefined = table.index[~np.isfinite(values.to_numpy(float)).all(axis=1)]
    if len(undefined):
        raise CohortError(f"{name} has no number in row {undefined[0]}", "complete the row, or leave it out")
    flat = table.index[(values[list(size)] <= 0).any(axis=1)]
    if len(flat):
        raise CohortError(f"{name} has a size that is not above 0 in row {flat[0]}", "sizes are in voxels")
    names = table["case"]
    if isinstance(names.dtype, pd.CategoricalDtype):
        names = names.astype(names.cat.categories.dtype)
    if pd.api.types.is_integer_dtype(names):  # ids of cases are text
        names = names.astype(str)
    return table.assign(case=names, **values)


def check_same_axes(found, lesions, name):
    """Return what was found, with the columns of the lesions where it is empty; refuse 2-D boxes beside 3-D boxes.

    Parameters
    ----------
    found, lesions : DataFrame
        Tables of boxes.
    name : str
        What was found, for the message.

    Returns
    -------
    found : DataFrame

    Raises
    ------
    CohortError
        If only one of both tables has a third axis.
    """
    if found.empty or lesions.empty:
        return found.reindex(columns=list(dict.fromkeys([*lesions, *found])))
    if ("z" in found) != ("z" in lesions):
        flat, deep = (name, "lesions") if "z" in lesions else ("lesions", name)
        raise CohortError(f"the boxes of {flat} lack the columns z and depth that {deep} have", _AS_TABLE)
    return found


def box_array(table):
    """Centers and sizes of a table of boxes as numbers, for `hits`.

    Parameters
    ----------
    table : DataFrame
        As `box_table` gives it.

    Returns
    -------
    boxes : ndarray of shape (n_boxes, 2 * ndim)
        The center along each axis, then the size.
    """
    center, size = box_columns(3 if "z" in table else 2)
    return table[[*center, *size]].to_numpy(float)


def hits(detections, lesions, overlap=None):
    """Which detections hit which lesions of the same image.

    Parameters
    ----------
    detections, lesions : ndarray of shape (n_boxes, 2 * ndim)
        Boxes of one image, from `box_array`.
    overlap : float, optional
        Share of the volume of both boxes that they have in common (intersection over union), at least. Default: the
        center of the detection lies in the box of the lesion.

    Returns
    -------
    quality : ndarray of shape (n_detections, n_lesions)
        Above 0 where a lesion is hit: intersection over union, or, of centers, how near they are to each other.
    """
    shape, ndim = (len(detections), len(lesions)), lesions.shape[1] // 2
    offsets = (np.abs(detections[:, axis, np.newaxis] - lesions[:, axis]) for axis in range(ndim))
    edges, others = detections[:, ndim:, np.newaxis], lesions[:, ndim:]
    # Axis by axis: an image may have thousands of detections and of lesions.
    if overlap is None:
        inside, squares = np.ones(shape, bool), np.zeros(shape)
        for offset, length in zip(offsets, others.T, strict=True):
            inside &= offset <= length / 2
            squares += offset**2
        return inside / (1 + np.sqrt(squares))
    shared = np.ones(shape)
    for axis, offset in enumerate(offsets):
        edge, other = edges[:, axis], others[:, axis]
        shared *= np.clip((edge + other) / 2 - offset, 0, np.minimum(edge, other))
    quality = shared / (edges.prod(axis=1) + others.prod(axis=1) - shared)
    return np.where(quality >= overlap, quality, 0.0)


def check_overlap(overlap):
    """Return the overlap, if it is a share or None."""
    return check_number("overlap", overlap, above=0, at_most=1, optional=True, hint="it is intersection over union")
