"""Tables of cases: reading them, and checking all of them before an image is opened."""

import os
import re
import warnings
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from unicodedata import normalize
from zipfile import is_zipfile

import numpy as np
import pandas as pd

from radlearn._optional import import_optional
from radlearn._validation import listed
from radlearn.case import Case
from radlearn.exceptions import CohortError, ImageReadError, RadlearnWarning
from radlearn.io import DicomSource, FileSource, as_source, file_stem

# A message lists up to this many problems; the rest is counted.
MAX_LISTED = 20
# Columns that may be absent under these names; a column that is passed under another name must exist.
_OPTIONAL = ("mask", "patient", "id")


def read_table(table, *, names=(), used=()):
    """Table of cases and the folder it lies in.

    Parameters
    ----------
    table : path or DataFrame
    names : collection of str
        Columns of a text file whose cells name something, and stay as they are written: 007, 1.10 and 1E5 are no
        numbers there. The other columns get the type that all of their cells have.
    used : collection of str
        Columns of which there may be one only: pandas would call a second one ``name.1``, and take the first.

    Returns
    -------
    frame : DataFrame
        An index with a name has become a column.
    folder : Path
        The working folder where `table` is a DataFrame.

    Raises
    ------
    TypeError
        If `table` is neither a path nor a DataFrame.
    ImageReadError
        If the file is missing or cannot be parsed.
    """
    if isinstance(table, pd.DataFrame):
        return _with_index(table), Path()
    if not isinstance(table, (str, os.PathLike)):
        kind = type(table).__name__
        raise TypeError(
            f"table must be a path or a DataFrame of pandas, got {kind}; convert tables of other libraries by "
            "table.to_pandas(); check_cohort takes lists of files and arrays"
        )
    path = Path(table)
    if not path.is_file():
        raise ImageReadError(f"the table {str(path)!r} does not exist", "check the path")
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            import_optional("pyarrow", extra="parquet", purpose="reading a Parquet table")
            return _with_index(pd.read_parquet(path)), path.parent
        _check_is_text(path)
        separator = "\t" if path.suffix.lower() in (".tsv", ".tab") else ","
        text = _filled(_without_surplus(pd.read_csv(path, sep=separator, dtype=str, keep_default_na=True)))
        head = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, header=None, nrows=1).iloc[0].tolist()
        if len(head) == len(text.columns):
            twice = {name for name in used if head.count(name) > 1}
            text.columns = [name if name in twice else other for name, other in zip(head, text.columns, strict=True)]
        return text.apply(lambda column: (_as_written if column.name in names else _numbers)(column)), path.parent
    except (ValueError, OSError) as error:
        raise ImageReadError(
            f"the table {str(path)!r} cannot be read: {str(error).strip()}", "save it as CSV in UTF-8, with a header"
        ) from None


def cases_of_table(
    frame,
    *,
    image="image",
    mask="mask",
    patient="patient",
    id="id",
    root=Path(),
    mask_label=None,
    volume=None,
    label=None,
    dicom=None,
):
    """Check a table whole and make its cases.

    Parameters
    ----------
    frame : DataFrame
        One row per case.
    image, mask, patient, id, mask_label, volume, label, dicom
        As in :func:`radlearn.read_cohort`.
    root : Path
        Folder or zip archive of the files.

    Returns
    -------
    cases : list of Case

    Raises
    ------
    CohortError
        With all problems and their rows.

    Warns
    -----
    RadlearnWarning
        If there is no column of masks or patients, but one with a similar name; if names of patients or classes differ
        in capitals only.
    """
    if not isinstance(dicom, Mapping | None):
        raise TypeError(f"dicom must be a dict of options of DicomSource, got {dicom!r}")
    if not isinstance(image, str):
        raise TypeError(f"image must be the name of a column, got {image!r}")
    if np.ndim(label):
        raise TypeError(
            f"label must be the name of one column, got {label!r}; several targets stand in X.table, without label="
        )
    columns = {
        "image": image,
        "mask": mask,
        "patient": patient,
        "id": id,
        "label": label,
        "mask_label": mask_label,
        "volume": volume,
    }
    _check_columns(frame, columns)
    locate = _locator(root)
    names = {
        role: _names_of_files(frame[column], column)
        for role, column in (("image", image), ("mask", mask))
        if column in frame
    }
    sources = {role: [None if name is None else locate(name) for name in column] for role, column in names.items()}
    mask_labels, volumes = (
        frame[choice] if isinstance(choice, str) else [choice] * len(frame) for choice in (mask_label, volume)
    )
    ids = _ids(frame, id, names["image"], volumes if isinstance(volume, str) else None)
    patients = _patients(frame, patient, names["image"], names["image"] if isinstance(volume, str) else ids)
    _check_rows(frame, columns, sources, names["image"], ids, patients)
    for column in (patient, label):
        if column in frame:
            _warn_of_capitals(column, _without_blanks(frame[column]))

    used = {image, mask, patient, id, label, *(column for column in (mask_label, volume) if isinstance(column, str))}
    others = frame[[column for column in frame.columns if column not in used]]
    # Without columns, pandas below 3 makes no records.
    meta = others.to_dict("records") or [{}] * len(frame)
    masks = sources.get("mask", [None] * len(frame))
    images = [
        replace(source, **(dicom or {})) if isinstance(source, DicomSource) else source for source in sources["image"]
    ]
    rows = zip(images, masks, ids, patients, mask_labels, volumes, meta, strict=True)
    return [
        Case(
            source,
            mask=mask_source,
            id=case_id,
            patient=who,
            mask_label=_whole(region),
            volume=_whole(number),
            meta=other,
        )
        for source, mask_source, case_id, who, region, number, other in rows
    ]


def read_labels(frame, label):
    """Labels as an array: text, or numbers.

    Parameters
    ----------
    frame : DataFrame
    label : str
        Their column.

    Returns
    -------
    y : ndarray of shape (n_cases,)
    """
    return np.array(_without_blanks(frame[label]).tolist())


def _with_index(frame):
    """The table with its index as columns, if that has names: it may hold the ids, or the patients."""
    names = [name for name in frame.index.names if isinstance(name, str) and name not in frame]
    return frame.reset_index(names) if names else frame


def _without_surplus(text):
    """The table, of whose rows each ended with a separator too many: pandas took the first cells for an index then."""
    n_levels = text.index.nlevels
    if isinstance(text.index, pd.RangeIndex) or not text.iloc[:, -n_levels:].isna().all(axis=None):
        return text
    shifted = text.set_axis([f"{number}" for number in range(text.shape[1])], axis=1).reset_index()
    return shifted.iloc[:, :-n_levels].set_axis(text.columns, axis=1)


def _filled(text):
    """The table without rows of nothing but separators at its end, which spreadsheets leave."""
    rows = np.flatnonzero(text.notna().any(axis=1))
    return text.iloc[: rows[-1] + 1] if rows.size else text


def _check_is_text(path):
    with path.open("rb") as file:
        if b"\0" in file.read(512):
            raise ValueError("it is not UTF-8 text, perhaps a spreadsheet")


def _numbers(column):
    """Numbers where the whole column holds numbers, none of which begins with a 0 that a number would lose (007)."""
    try:
        numbers = pd.to_numeric(column)
    except (ValueError, TypeError):
        return column
    leading_zero = column.dropna().str.fullmatch(r"-?0\d+").any()
    return column if leading_zero else numbers


def _as_written(column):
    """The texts; 7 where the whole column is written as 7.0, as pandas writes whole numbers."""
    return column.str.removesuffix(".0") if column.dropna().str.fullmatch(r"\d+\.0").all() else column


def _locator(root):
    """Function that makes a source of a file name: in a folder, or in a zip archive."""
    root = Path(root)
    if root.suffix.lower() == ".zip":
        if not root.is_file() or not is_zipfile(root):
            raise ImageReadError(f"the archive {str(root)!r} is missing or not a zip file", "check root=")
        return lambda name: FileSource(root, member=name)
    return lambda name: as_source(root / name)


def _names_of_files(column, name):
    """Names of files in the cells of a column, None where a cell is empty."""
    for position, cell in enumerate(column):
        if np.ndim(cell) or not (pd.api.types.is_number(cell) or isinstance(cell, str | os.PathLike) or pd.isna(cell)):
            raise CohortError(
                f"row {_row(position)}: {name} is a {type(cell).__name__}, not the name of a file",
                "pass arrays and cases to check_cohort, as a list",
            )
    return [_text(cell, strip=False) for cell in column]


def _check_columns(frame, columns):
    present = [str(name) for name in frame.columns]
    for role, column in columns.items():
        if not isinstance(column, str):
            continue
        if present.count(column) > 1:
            raise CohortError(
                f"the table has {present.count(column)} columns {column!r} ({role}=)", "rename all but one"
            )
        if column in present:
            continue
        if role in _OPTIONAL and column == role:
            _warn_of_similar(role, present)
            continue
        near = get_close_matches(column, present, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else f"name the right one with {role}="
        if len(present) == 1 and re.search(r"[;\t]", present[0]):
            remedy = "save it with commas between the columns"
        raise CohortError(f"the table has no column {column!r} ({role}=); its columns are {', '.join(present)}", remedy)
    if len(frame) == 0:
        raise CohortError("the table has no rows", "add one row per case")


def _warn_of_similar(role, present):
    """Say so where the absent column may only have another name: images of one patient would stand on both sides."""
    spelled = {
        "mask": ("mask", "masks", "maskpath", "maskfile", "segmentation"),
        # Archives and BIDS speak of subjects and participants.
        "patient": ("patient", "patients", "patientid", "subject", "subjectid", "participant", "participantid"),
    }
    instead = {"mask": "the whole image is the region", "patient": "each image counts as a patient of its own"}
    for name in present:
        if re.sub(r"[\W_]", "", name).lower() in spelled.get(role, ()):
            warnings.warn(
                f"the table has no column {role!r}, so that {instead[role]}; read_cohort(..., {role}={name!r}) would "
                f"take its column {name!r}",
                RadlearnWarning,
                stacklevel=5,
            )


def _warn_of_capitals(column, names):
    """Say which names differ in capitals only: one patient would stand on both sides of a split, a class be two."""
    spellings = {}
    for name in dict.fromkeys(name for name in names if isinstance(name, str)):
        spellings.setdefault(name.casefold(), []).append(name)
    twice = [" and ".join(map(repr, found)) for found in spellings.values() if len(found) > 1]
    if twice:
        warnings.warn(
            f"column {column!r} holds names that differ in capitals only, and count as different ones: "
            f"{listed(twice[:MAX_LISTED], len(twice))}; spell them alike if they are one",
            RadlearnWarning,
            stacklevel=4,
        )


def _ids(frame, id, images, volumes):
    """Ids from their column; else file names, with folders where names repeat, and numbers of volumes."""
    if id in frame:
        return [_text(cell) for cell in frame[id]]
    numbers = [None] * len(images) if volumes is None else [_text(number) for number in volumes]
    short, long = (
        ["-".join(filter(None, pair)) for pair in zip(names, numbers, strict=True)]
        for names in ([file_stem(str(name)) for name in images], [str(name) for name in images])
    )
    ids = short if len(set(short)) == len(short) else long
    return [None if image is None else name for name, image in zip(ids, images, strict=True)]


def _patients(frame, patient, images, names):
    """Patients from their column; else one for each image, called as the first of its cases."""
    if patient in frame:
        return [_text(cell) for cell in frame[patient]]
    first = {}
    return [first.setdefault(image, name) for image, name in zip(images, names, strict=True)]


def _check_rows(frame, columns, sources, images, ids, patients):
    """Refuse rows that make no case, or a wrong one; the error lists all of them."""
    needed = [columns[role] for role in ("image", "id", "patient", "label")]
    empty = list(_missing_cells(frame, [column for column in needed if column is not None]))
    missing, repeated = list(_missing_files(sources)), list(_repeated_ids(ids))
    problems = [
        *empty,
        *missing,
        *_bad_numbers(frame, columns["volume"]),
        *_bad_numbers(frame, columns["mask_label"], or_name=True),
        *repeated,
        *_images_of_two_patients(images, patients),
        *_bad_labels(frame, columns["label"]),
    ]
    if not problems:
        return
    hints = ["in files, NA, None, null and the like count as missing"] if empty else []
    if missing:
        hints.append("root= names the folder of the files")
    if repeated and columns["id"] not in frame:
        hints.append("several cases of one image need names of their own, in a column 'id'")
    correct = "; ".join(["correct the table and read it again", *hints])
    raise CohortError(_listed(problems), f"{correct}; no image was opened")


def _missing_cells(frame, columns):
    for column in dict.fromkeys(columns):
        if column in frame:
            for position in np.flatnonzero([_is_empty(cell) for cell in frame[column]]):
                yield f"row {_row(position)}: {column} is missing"


def _missing_files(sources):
    for role, column in sources.items():
        for position, source in enumerate(column):
            if source is not None and not source.exists():
                problem = f"row {_row(position)}: {role} file {source.name!r} does not exist, or cannot be reached"
                yield problem + _hint_at_accents(source)


def _hint_at_accents(source):
    """Words about a file whose name looks the same, but has its accents stored in the other way, as those of a Mac."""
    for form in ("NFC", "NFD"):
        if isinstance(source, FileSource) and replace(source, path=normalize(form, source.path)).exists():
            return f"; one of that name exists, its accents stored in another way ({form}): rename it, or spell it so"
    return ""


def _bad_numbers(frame, choice, *, or_name=False):
    """Cells of a column that should hold whole numbers, or names, and hold something else."""
    for position, cell in enumerate(frame[choice] if isinstance(choice, str) else []):
        number = _whole(cell)
        is_name = or_name and (isinstance(number, str) or np.ndim(number) > 0)
        if not (number is None or isinstance(number, int) or is_name):
            yield f"row {_row(position)}: {choice} is {cell!r}, not a whole number"


def _repeated_ids(ids):
    first = {}
    for position, case_id in enumerate(ids):
        if case_id in first and case_id is not None:
            yield f"row {_row(position)}: id {case_id!r} is already in row {_row(first[case_id])}"
        first.setdefault(case_id, position)


def _images_of_two_patients(images, patients):
    first = {}
    for position, (image, patient) in enumerate(zip(images, patients, strict=True)):
        before, known = first.setdefault(image, (position, patient))
        if None not in (image, patient, known) and patient != known:
            yield (
                f"row {_row(position)}: image {image!r} is already in row {_row(before)}, as one of another "
                f"patient ({known!r}, here {patient!r})"
            )


def _bad_labels(frame, label):
    if label is None:
        return
    classes = _without_blanks(frame[label]).dropna().unique()
    if len(classes) < 2:
        yield f"column {label!r} holds one class only: {classes.tolist()}"


def _without_blanks(column):
    """The column, its texts without the blanks around them, which are an oversight."""
    return column.map(lambda cell: cell.strip() if isinstance(cell, str) else cell)


def _row(position):
    """Row as a spreadsheet numbers it: the header is row 1."""
    return int(position) + 2


def _listed(problems):
    rest = len(problems) - MAX_LISTED
    lines = [f"- {problem}" for problem in problems[:MAX_LISTED]] + ([f"- and {rest} more"] if rest > 0 else [])
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return f"the table has {count} (the header is row 1):\n" + "\n".join(lines) + "\n"


def _is_empty(cell):
    """Whether nothing stands in a cell, or nothing but blanks."""
    return not cell.strip() if isinstance(cell, str) else np.ndim(cell) == 0 and pd.isna(cell)


def _text(cell, *, strip=True):
    """Cell as text: 7, not 7.0; of an id or a patient, blanks around it are an oversight."""
    if _is_empty(cell):
        return None
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return text.strip() if strip else text


def _whole(cell):
    """Whole number of a cell; a name, the entries of a list and what is no whole number stay as they are."""
    if _is_empty(cell):
        return None
    if np.ndim(cell) or (isinstance(cell, str) and not cell.strip().isdigit()):
        return cell
    return cell if isinstance(cell, float) and not cell.is_integer() else int(cell)
