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


def hits(detections, lesions, overlap=None):
    """Which detections hit which lesions of the same image.

    Parameters
    ----------
    detections, lesions : DataFrame
        Tables of boxes of one image.
    overlap : float, optional
        Share of the volume of both boxes that they have in common (intersection over union), at least. Default: the
        center of the detection lies in the box of the lesion.

    Returns
    -------
    quality : ndarray of shape (n_detections, n_lesions)
        Above 0 where a lesion is hit: intersection over union, or, of centers, how near they are to each other.
    """
    center, size = (list(columns) for columns in box_columns(3 if "z" in lesions else 2))
    middle, other = (table[center].to_numpy(float) for table in (detections, lesions))
    offset = np.abs(middle[:, np.newaxis] - other)
    if overlap is None:
        inside = (offset <= lesions[size].to_numpy(float) / 2).all(axis=2)
        return inside / (1 + np.linalg.norm(offset, axis=2))
    edges, others = (table[size].to_numpy(float) for table in (detections, lesions))
    common = np.clip((edges[:, np.newaxis] + others) / 2 - offset, 0, np.minimum(edges[:, np.newaxis], others))
    shared = common.prod(axis=2)
    union = edges.prod(axis=1)[:, np.newaxis] + others.prod(axis=1) - shared
    quality = shared / union
    return np.where(quality >= overlap, quality, 0.0)


def check_overlap(overlap):
    """Return the overlap, if it is a share or None."""
    return check_number("overlap", overlap, above=0, at_most=1, optional=True, hint="it is intersection over union")
