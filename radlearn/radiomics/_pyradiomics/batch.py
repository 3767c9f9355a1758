"""A table of cases in, the same table with features out: what `radlearn extract` does."""

import csv
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from radlearn._rows import Failure
from radlearn.case import Case
from radlearn.cohort import Cohort
from radlearn.exceptions import CohortError, ImageReadError, RadlearnWarning
from radlearn.radiomics.pyradiomics import PyRadiomicsFeatures

REQUIRED = ("Image", "Mask")

# Possible delimiters: spreadsheets write semicolons in some countries.
DELIMITERS = (",", ";", "\t")


def extract_table(path, **options):
    r"""Features of all cases in the table that PyRadiomics' own command takes.

    Parameters
    ----------
    path : path
        CSV in UTF-8 with the columns Image, Mask and, if wanted, Label, with commas, semicolons or tabs between them;
        files are relative to its folder. Other columns are copied. Blank lines and blanks around names are passed over.
    **options
        Parameters of `PyRadiomicsFeatures`. A row that makes no sense, and a case that fails, has empty features.

    Returns
    -------
    table : DataFrame
        The columns of the input, then the features; one row per case.
    errors : DataFrame
        Case (``row 2`` is the first line below the header), step, error and remedy of each failure.

    Raises
    ------
    CohortError
        If a column is missing, repeated or has the name of a feature, or there are no rows.
    ImageReadError
        If the table cannot be read.

    Warns
    -----
    RadlearnWarning
        If there is no column Label, but one whose name differs from it in capitals only.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from radlearn import Volume
    >>> from radlearn.io import write_case
    >>> ball = np.linalg.norm(np.indices((9, 9, 9)).T - 4, axis=-1) < 4
    >>> volume = Volume(ball * 100.0, mask=ball, affine=np.eye(4)[:, [2, 1, 0, 3]])
    >>> with TemporaryDirectory() as folder:
    ...     _ = write_case(f"{folder}/scan.nii.gz", volume)
    ...     _ = Path(folder, "cohort.csv").write_text("Image,Mask,Site\nscan.nii.gz,scan_mask.nii.gz,A\n")
    ...     params = {"featureClass": {"shape": ["Sphericity"]}}
    ...     table, errors = extract_table(f"{folder}/cohort.csv", params=params)
    >>> table.columns.tolist(), len(errors)
    (['Image', 'Mask', 'Site', 'original_shape_Sphericity'], 0)
    """
    given, lines = _read(path)
    extractor = PyRadiomicsFeatures(on_error="nan", **options)
    cases, failures = {}, []
    for position, (row, line) in enumerate(zip(given.to_dict("records"), lines, strict=True)):
        name = f"row {line}"
        try:
            cases[position] = _case(row, name, Path(path).parent)
        except CohortError as error:
            failures.append(Failure(name, "reading", f"CohortError: {error.problem}", error.remedy))
    cohort = Cohort(cases.values())
    names = extractor.fit(cohort).get_feature_names_out()
    if taken := [name for name in given if name in names]:
        raise CohortError(
            f"the table {str(path)!r} has a column {taken[0]!r}, which is the name of a feature",
            "remove the features from the table, or give the column another name",
        )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"\d+ of \d+ cases", RadlearnWarning)  # failures are returned
        rows = extractor.transform(cohort)
    features = np.full((len(given), rows.shape[1]), np.nan)
    features[list(cases)] = rows
    columns = pd.DataFrame(features, columns=names)
    errors = pd.concat([pd.DataFrame(map(asdict, failures)), extractor.errors_], ignore_index=True)
    return pd.concat([given, columns], axis=1), errors


def _read(path):
    """The table, of which all is text, and the number of each row's line, from 2."""
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            lines = list(csv.reader(file, delimiter=_delimiter(file)))
    except FileNotFoundError:
        raise ImageReadError(f"there is no table {str(path)!r}", "check the path") from None
    except (OSError, ValueError, csv.Error) as error:
        problem = f"the table {str(path)!r} cannot be read: {str(error).strip()}"
        raise ImageReadError(problem, "save it as CSV in UTF-8, with commas between the columns") from None
    rows = {number: cells for number, cells in enumerate(lines, start=1) if cells}
    header = [name.strip() for name in rows.pop(min(rows, default=1), [])]
    for column in REQUIRED:
        if column not in header:
            raise CohortError(
                f"the table {str(path)!r} has no column {column!r}; its columns are {', '.join(header)}",
                "name the columns Image, Mask and Label, as for PyRadiomics",
            )
    if twice := [name for name in header if header.count(name) > 1]:
        raise CohortError(f"the table {str(path)!r} has two columns {twice[0]!r}", "rename or remove one of them")
    if not rows:
        raise CohortError(f"the table {str(path)!r} has no rows", "add one row per case")
    if "Label" not in header and (other := [name for name in header if name.lower() == "label"]):
        message = f"the column {other[0]!r} of the table {str(path)!r} is only copied: labels of masks stand in 'Label'"
        warnings.warn(message, RadlearnWarning, stacklevel=3)
    for number, cells in rows.items():
        if len(cells) > len(header):
            raise CohortError(
                f"row {number} of the table {str(path)!r} has {len(cells)} cells, the header {len(header)}",
                "save it as CSV, with commas between the columns and quotes around cells that hold one",
            )
        cells.extend([""] * (len(header) - len(cells)))
    return pd.DataFrame(list(rows.values()), columns=header), list(rows)


def _delimiter(file):
    """The delimiter of the columns; the file is at its beginning afterwards."""
    header = file.readline()
    file.seek(0)
    names = {mark: [name.strip() for name in next(csv.reader([header], delimiter=mark), [])] for mark in DELIMITERS}
    return next((mark for mark in DELIMITERS if set(REQUIRED) <= set(names[mark])), ",")


def _case(row, name, folder):
    """The case of a row; files are relative to the folder."""
    for column in REQUIRED:
        if not row[column].strip():
            raise CohortError(f"{column} is empty", "name a file, or leave the row out")
    channel = row.get("Label_channel", "").strip()
    if channel not in ("", "0"):
        raise CohortError(f"Label_channel must be 0, got {channel!r}", "save each channel as its own file")
    image, mask = (folder / row[column].strip() for column in REQUIRED)
    return Case(image, mask=mask, mask_label=_label(row.get("Label", "").strip()), id=name)


def _label(text):
    """The number; tables that were saved as numbers may have a decimal point."""
    whole, _, decimals = text.partition(".")
    if text and not (whole.isdecimal() and not decimals.strip("0") and int(whole) > 0):
        raise CohortError(f"Label must be a whole number above 0, got {text!r}", "correct the table")
    return int(whole) if text else None
