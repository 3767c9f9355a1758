"""Cohort: the sequence of cases that travels through scikit-learn as X, and its one front door."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from pathlib import Path
from typing import overload

import numpy as np
import pandas as pd

from radlearn.case import Case
from radlearn.exceptions import CohortError
from radlearn.io import ArraySource, DicomSource, FileSource
from radlearn.table import cases_of_table, read_labels, read_table
from radlearn.volume import Volume

# How an image on disk may be given.
_ON_DISK = (str, Path, FileSource, DicomSource)


class Cohort(Sequence[Case]):
    """Sequence of cases; to scikit-learn it is an array of shape ``(n_cases,)`` that can be indexed and split.

    Parameters
    ----------
    cases : iterable of Case
    row_index : pandas Index, optional
        That of the table in which the cases stand, if there is one.

    Raises
    ------
    CohortError
        If an element is not a case.

    Examples
    --------
    >>> cohort = Cohort([Case(np.eye(3), id="a", patient="P1"), Case(np.eye(4), id="b", patient="P2")])
    >>> cohort.shape, cohort.patients.tolist()
    ((2,), ['P1', 'P2'])
    >>> cohort[[1], ...]
    Cohort(1 case of 1 patient)
    """

    ndim = 1
    dtype = np.dtype(object)

    _row_index = None  # of pickles of earlier versions, too

    def __init__(self, cases, *, row_index=None):
        self._row_index = row_index
        self._cases: tuple[Case, ...] = tuple(cases)
        for position, case in enumerate(self._cases):
            if not isinstance(case, Case):
                raise CohortError(f"X[{position}] is a {type(case).__name__}, not a Case", "use check_cohort(X)")

    @property
    def shape(self):
        """Number of cases, as a tuple of one."""
        return _OneAxis((len(self._cases),))

    @property
    def ids(self):
        """Id of each case, an array of str."""
        return np.array([case.id for case in self._cases], dtype=str)

    @property
    def patients(self):
        """Patient of each case, an array of str."""
        return np.array([case.patient for case in self._cases], dtype=str)

    @property
    def row_index(self):
        """Index of a DataFrame of features: that of the table in which the cases stood, else their ids."""
        return pd.Index(self.ids, name="id") if self._row_index is None else self._row_index

    @property
    def table(self):
        """What is known without reading an image: a DataFrame with one row per case, indexed by id.

        Meta data with the names `patient`, `image`, `mask` and `mask_label` are left out.
        """
        return pd.DataFrame([_known_of(case) for case in self._cases], index=pd.Index(self.ids, name="id"))

    def to_frame(self):
        """DataFrame with the cases in a column `case`, next to what is known of them, for `ColumnTransformer`.

        `check_cohort` accepts the frame and its column `case`, so that an extractor can be given either, and splits by
        patient work on the frame.

        Returns
        -------
        frame : DataFrame of shape (n_cases, n_columns)
            `table` with the cases as its first column, indexed by id. Meta data with the name `case` are left out.

        Notes
        -----
        Extractors that are given the frame, or its column `case`, and give DataFrames index them as the frame, by which
        a `ColumnTransformer` puts rows together.

        Examples
        --------
        >>> cohort = Cohort([Case(np.eye(3), id="a", meta={"report": "no finding"})])
        >>> frame = cohort.to_frame()
        >>> frame[["case", "report"]].iloc[0].tolist(), check_cohort(frame["case"])
        ([Case('a'), 'no finding'], Cohort(1 case of 1 patient))
        """
        frame = self.table.drop(columns="case", errors="ignore")
        frame.insert(0, "case", list(self))
        return frame

    def take(self, indices):
        """Cohort of the cases at `indices`, in that order.

        Parameters
        ----------
        indices : array-like of int

        Returns
        -------
        cohort : Cohort
        """
        return Cohort(self._cases[index] for index in np.asarray(indices, dtype=int))

    def pseudonymized(self, *, key):
        """Cohort that shows nobody's id: in tables, caches, errors and warnings.

        Ids and patients become keyed hashes (HMAC with SHA-256), so that cases of one patient stay together and the
        same key gives the same names in another cohort. Names of files, which often hold an id, are replaced in all
        messages. `meta` stays as it is: leave out the columns that identify a person. The paths themselves stay in
        the cases, which have to read them; a pickled cohort holds them.

        Parameters
        ----------
        key : str or bytes
            A secret of at least 16 bytes, such as ``secrets.token_hex()``. Whoever has it can check whether a given id
            stands behind a name; nobody can turn a name back into an id.

        Returns
        -------
        cohort : Cohort

        Raises
        ------
        TypeError
            If `key` is neither text nor bytes.
        ValueError
            If `key` is too short.

        Examples
        --------
        >>> cohort = Cohort([Case(np.eye(3), id="LUNG-017", patient="Doe")]).pseudonymized(key="a long secret of mine")
        >>> "LUNG" in str(cohort.table) or "Doe" in str(cohort.table)
        False
        """
        return Cohort(case.pseudonymized(key=key) for case in self._cases)

    def with_step(self, step):
        """Cohort whose cases apply one more step when they are loaded.

        Parameters
        ----------
        step : PendingStep

        Returns
        -------
        cohort : Cohort
        """
        return Cohort((case.with_step(step) for case in self._cases), row_index=self._row_index)

    def __len__(self):
        return len(self._cases)

    def __iter__(self):
        return iter(self._cases)

    @overload
    def __getitem__(self, key: int | np.integer) -> Case: ...
    @overload
    def __getitem__(self, key: object) -> "Cohort": ...
    def __getitem__(self, key):
        if isinstance(key, tuple):  # scikit-learn indexes whatever has a shape as X[key, ...]
            keys = [part for part in key if part is not Ellipsis]
            if len(keys) > 1:
                raise IndexError(f"a Cohort has one axis, got the index {key}")
            key = keys[0] if keys else slice(None)
        if isinstance(key, Integral):
            if not -len(self) <= key < len(self):
                raise IndexError(f"there is no case {key}: the Cohort has {len(self)}, counted from 0")
            return self._cases[key]
        if isinstance(key, slice):
            return Cohort(self._cases[key])
        if key is Ellipsis:
            return self
        key = np.asarray(key)
        if np.any(pd.isna(key)):
            raise TypeError("the index of a Cohort has missing values; cohort[condition.fillna(False)] leaves them out")
        if key.size and key.dtype.kind not in "biu":
            raise TypeError(
                f"a Cohort is indexed by position, got {key.ravel().tolist()[0]!r}; "
                "cohort[cohort.ids == 'LUNG-017'] takes cases by their ids"
            )
        if key.ndim == 0:
            return self[int(key)]
        return self.take(np.arange(len(self))[key if key.size else key.astype(int)])

    def __eq__(self, other):
        if not isinstance(other, Cohort):
            return NotImplemented
        return len(self) == len(other) and all(a is b for a, b in zip(self._cases, other._cases, strict=True))

    __hash__ = None

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "a Cohort holds images of any size and cannot become an array; put an extractor such as "
            "RadiomicsFeatures() in front of this step, or load a case with cohort[0].load()"
        )

    def __repr__(self):
        n_cases, n_patients = len(self), len(set(self.patients))
        cases = "case" if n_cases == 1 else "cases"
        return f"Cohort({n_cases} {cases} of {n_patients} patient{'' if n_patients == 1 else 's'})"

    def _repr_html_(self):
        from radlearn._html import cohort_html  # noqa: PLC0415 - pictures are drawn for notebooks only

        return cohort_html(self)


class _OneAxis(tuple):
    """Shape of a cohort; what asks for a second axis, as `ColumnTransformer` does, is told what to do."""

    __slots__ = ()

    def __getitem__(self, key):
        if key == 1:
            raise IndexError(
                "a Cohort has no columns; ColumnTransformer takes the table cohort.to_frame(), and has the steps that "
                "change images inside, in front of the extractor"
            )
        return super().__getitem__(key)


def check_cohort(X, *, image_shape=None):
    """Make a Cohort from any of the forms in which cases may be given.

    Parameters
    ----------
    X : Cohort, list, array or DataFrame
        A Cohort; a list of cases, of paths, of ``(image, mask)`` pairs or of arrays; an array, a column of one or a
        Series of these; a DataFrame with the columns of :func:`read_cohort`, or with a column `case` that holds cases,
        as :meth:`Cohort.to_frame` makes it; a dense array ``(n, y, x)`` or ``(n, z, y, x)``. An array ``(n, p)`` is
        read only if `image_shape` says how, so that one slice is never taken for n samples. The ids of files are their
        names, or their paths if names repeat.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense array hold; ``"row"`` stands for ``(1, p)``.

    Returns
    -------
    cohort : Cohort

    Raises
    ------
    CohortError
        If `X` is none of these.

    Examples
    --------
    >>> check_cohort(np.zeros((5, 8, 8)))
    Cohort(5 cases of 5 patients)
    """
    if isinstance(X, Cohort):
        return X
    if isinstance(X, pd.Series) and len(X) and all(isinstance(item, Case) for item in X):
        return Cohort(X, row_index=X.index)
    if isinstance(X, pd.DataFrame) and not _is_numeric(X):
        if holds_cases(X):
            return Cohort(X["case"], row_index=X.index)
        frame, _ = read_table(X)
        if "image" not in frame:
            raise CohortError(
                f"X has no column 'image' with files, nor 'case' with cases; its columns are {', '.join(map(str, X))}",
                "rename the column of cases, or read files by read_cohort(..., image=)",
            )
        return Cohort(cases_of_table(frame))
    if isinstance(X, (str, Path, Case, Volume, Mapping)):
        raise _only_one(X)
    if hasattr(X, "__array__") or (image_shape is not None and is_dense(X)):
        array = np.asarray(X)
        if array.dtype.kind not in "OU":
            return Cohort(_cases_of_array(array, image_shape))
        if hasattr(X, "columns") and not isinstance(X, pd.DataFrame):  # as an array it would have lost their names
            library = type(X).__module__.partition(".")[0]
            raise CohortError(f"X is a table of {library}, expected one of pandas", "convert it: X.to_pandas()")
        X = _items_of_array(array, X)
    if not hasattr(X, "__iter__"):
        raise CohortError(f"X is a {type(X).__name__}", "pass a Cohort, a list of cases or read_cohort(...) for files")
    items = list(X)
    return Cohort(_told_apart([_case_at(position, item) for position, item in enumerate(items)], items))


def is_dense(X):
    """Whether `X` is an array of numbers or nested lists of them, and no sequence of cases, files, images or pairs.

    Examples
    --------
    >>> is_dense([[1, 2, 3], [4, 5, 6]]), is_dense([np.eye(3)]), is_dense([("image.png", "mask.png")])
    (True, False, False)
    """
    if isinstance(X, Cohort):
        return False
    if isinstance(X, pd.DataFrame):
        return _is_numeric(X)
    first = X
    while _holds_objects(first):
        first = next(iter(first))
    is_image = first is not X and np.ndim(first) > 1
    return not is_image and not isinstance(first, (Case, Volume, ArraySource, *_ON_DISK))


def _holds_objects(value):
    """Whether a value is a list, or an array of objects or text, that is not empty."""
    is_array = getattr(getattr(value, "dtype", None), "kind", None) in ("O", "U") and value.ndim > 0
    return (is_array or isinstance(value, (list, tuple))) and len(value) > 0


def holds_cases(X):
    """Whether `X` is a table whose column `case` holds cases, and not their names.

    Parameters
    ----------
    X : object

    Returns
    -------
    holds_cases : bool

    Raises
    ------
    CohortError
        If some of the cells hold cases, and others something else.
    """
    if not isinstance(X, pd.DataFrame) or "case" not in X:
        return False
    are_cases = [isinstance(cell, Case) for cell in X["case"]]
    if any(are_cases) and not all(are_cases):
        row = are_cases.index(False)
        raise CohortError(f"X['case'].iloc[{row}] is {X['case'].iloc[row]!r}, not a case", "leave such rows out")
    return any(are_cases)


# What is returned depends on `label`. Editors show these signatures in place of the real one, so each is complete.
@overload
def read_cohort(
    table,
    *,
    label: None = None,
    image="image",
    mask: str | None = "mask",
    patient: str | None = "patient",
    id: str | None = "id",
    root=None,
    mask_label=None,
    volume=None,
    dicom=None,
) -> Cohort: ...
@overload
def read_cohort(
    table,
    *,
    label: str,
    image="image",
    mask: str | None = "mask",
    patient: str | None = "patient",
    id: str | None = "id",
    root=None,
    mask_label=None,
    volume=None,
    dicom=None,
) -> tuple[Cohort, np.ndarray]: ...
def read_cohort(
    table,
    *,
    label=None,
    image="image",
    mask: str | None = "mask",
    patient: str | None = "patient",
    id: str | None = "id",
    root=None,
    mask_label=None,
    volume=None,
    dicom=None,
):
    """Read a table of cases; no image is opened yet.

    The whole table is checked first: missing files, repeated ids, missing labels and patients are all reported at
    once, with their rows.

    Parameters
    ----------
    table : path or DataFrame
        A CSV, TSV or Parquet file, or a DataFrame, with one row per case. An index with a name counts as a column.
    label : str, optional
        Column of the labels, which may be numbers. Without it only `X` is returned; targets of several columns, such as
        time and event, stand in ``X.table``.
    image, mask, patient, id : str
        Names of the columns. With these default names, all columns but `image` are optional: without `mask`, cases have
        no masks; without `patient`, every image file is a patient of its own; without `id`, the ids are the file names,
        so that several cases of one image need it, unless they are its volumes. A column that is passed under another
        name must exist; None ignores the column. An empty cell of `mask` means that the case has no mask. The name of a
        folder means a DICOM series. All other columns go to `Case.meta`.
    root : path, optional
        Folder or zip archive that holds the files; a relative path starts at the folder of the table. Default: that
        folder.
    mask_label : int, list of int or str, optional
        Label of the region in the masks, or several labels to merge, or the column that holds the label or its name.
    volume : int or str, optional
        Which volume of image files with four dimensions, counted from 0, or the column that holds this number.
    dicom : dict, optional
        Options of `radlearn.io.DicomSource` for folders, such as ``{"suv": "bw", "repair": True}``.

    Returns
    -------
    X : Cohort
    y : ndarray of shape (n_cases,)
        Only with `label`.

    Raises
    ------
    TypeError
        If `table` is neither a path nor a DataFrame.
    CohortError
        If the table is not valid; the message lists all problems.
    ImageReadError
        If the table or the archive cannot be opened.

    Warns
    -----
    RadlearnWarning
        If there is no column of masks or patients, but one with a similar name; if names of patients or classes differ
        in capitals only.

    Examples
    --------
    >>> X = read_cohort(pd.DataFrame({"image": [__file__], "site": ["A"]}))
    >>> X.table["site"].tolist()
    ['A']
    """
    names = (image, mask, patient, id)
    frame, folder = read_table(table, names=names, used=(*names, label, mask_label, volume))
    cases = cases_of_table(
        frame,
        image=image,
        mask=mask,
        patient=patient,
        id=id,
        root=folder if root is None else folder / root,
        mask_label=mask_label,
        volume=volume,
        label=label,
        dicom=dicom,
    )
    return Cohort(cases) if label is None else (Cohort(cases), read_labels(frame, label))


def _cases_of_array(array, image_shape):
    """Cases of a dense array, whose first axis counts the samples."""
    if array.ndim == 2 and image_shape is not None:
        shape = (1, array.shape[1]) if isinstance(image_shape, str) else tuple(image_shape)
        if array.shape[1] != np.prod(shape):
            raise CohortError(
                f"X has {array.shape[1]} columns, image_shape {shape} needs {np.prod(shape)}", "change image_shape"
            )
        array = array.reshape(-1, *shape)
    if array.ndim not in (3, 4):
        raise CohortError(
            f"X is a numeric array of shape {array.shape}; radlearn expects images, (n, y, x) or (n, z, y, x)",
            "pass one image as X[np.newaxis], or set image_shape= if each row of X is an image",
        )
    return (Case(image, id=f"case-{position:04d}") for position, image in enumerate(array))


def _items_of_array(array, X):
    """What the array of objects or names that was made of `X` holds: in each row one, or a pair of image and mask."""
    if array.ndim == 0:
        raise _only_one(array.item() if array is X else X)
    if array.shape[1:] == (1,):  # a column, in which tools for tables want the cases
        array = array[:, 0]
    return array.tolist() if array.ndim == 1 or array.shape[1:] == (2,) else list(array)


def _only_one(X):
    return CohortError(
        f"X is one {type(X).__name__}, expected a sequence of cases",
        "pass a list, [X], or read_cohort(...) for a table of files",
    )


def _known_of(case):
    """Row of a table: identity first, which no meta data of the same name may replace."""
    identity = {
        "patient": case.patient,
        "image": case.image.name,
        "mask": None if case.mask is None else case.mask.name,
        "mask_label": case.mask_label,
    }
    return {**identity, **case.meta, **identity}


def _case_at(position, item):
    try:
        return _case_of_item(item, position)
    except TypeError as error:
        error.add_note(f"in X[{position}]")
        raise


def _case_of_item(item, position):
    if isinstance(item, Case):
        return item
    place = f"case-{position:04d}"
    if isinstance(item, Volume):
        if item.intensity_mask is not item.mask:
            raise CohortError(
                f"X[{position}] is a Volume with an intensity mask of its own, which a case cannot keep",
                "re-segment in the extractor, or choose one with volume.but(mask=...)",
            )
        image, mask = (
            None if array is None else ArraySource(array, item.spacing, item.affine)
            for array in (item.image, item.mask)
        )
        return Case(image, mask, id=item.id or place, patient=item.patient, meta=item.meta)
    if isinstance(item, _ON_DISK):
        return Case(item)
    if isinstance(item, (np.ndarray, ArraySource)):
        return Case(item, id=place)
    if isinstance(item, (tuple, list)) and len(item) == 2:
        return Case(item[0], item[1], id=None if isinstance(item[0], _ON_DISK) else place)
    raise CohortError(
        f"X[{position}] is a {type(item).__name__}, expected a Case, a path, an array or a pair (image, mask)",
        "pass a Cohort, read_cohort(...) for files, or Case(array, spacing=...) with the axes (z, y, x)",
    )


def _told_apart(cases, items):
    """The cases; files of one name in several folders get their paths as ids, or they would pass for one patient."""
    n_called = Counter(case.id for case in cases)

    def is_ambiguous(case, item):
        return n_called[case.id] > 1 and not isinstance(item, Case) and not isinstance(case.image, ArraySource)

    return [
        replace(case, id=case.image.name, patient=case.image.name) if is_ambiguous(case, item) else case
        for case, item in zip(cases, items, strict=True)
    ]


def _is_numeric(frame):
    return all(isinstance(column, int) for column in frame.columns) or all(
        pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes
    )
