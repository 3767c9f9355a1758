"""A table of cases in, the same table with features out: what `radlearn extract` does."""

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


def extract_table(path, **options):
    """Features of all cases in the table that PyRadiomics' own command takes.

    Parameters
    ----------
    path : path
        CSV with the columns Image, Mask and, if wanted, Label; files are relative to its folder. Other columns are
        copied.
    **options
        Parameters of `PyRadiomicsFeatures`. A row that makes no sense, and a case that fails, has empty features.

    Returns
    -------
    table : DataFrame
        The columns of the input, then the features; one row per case.
    errors : DataFrame
        Case (``row 2`` is the first below the header), step, error and remedy of each failure.

    Raises
    ------
    CohortError
        If a column is missing, or there are no rows.
    ImageReadError
        If the table cannot be read.
    """
    given = _read(path)
    extractor = PyRadiomicsFeatures(on_error="nan", **options)
    cases, failures = {}, []
    for position, row in enumerate(given.to_dict("records")):
        name = f"row {position + 2}"
        try:
            cases[position] = _case(row, name, Path(path).parent)
        except CohortError as error:
            failures.append(Failure(name, "reading", f"CohortError: {error.problem}", error.remedy))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RadlearnWarning)  # failures are returned
        rows = extractor.fit_transform(Cohort(cases.values()))
    features = np.full((len(given), rows.shape[1]), np.nan)
    features[list(cases)] = rows
    columns = pd.DataFrame(features, columns=extractor.get_feature_names_out())
    errors = pd.concat([pd.DataFrame(map(asdict, failures)), extractor.errors_], ignore_index=True)
    return pd.concat([given, columns], axis=1), errors


def _read(path):
    try:
        # Text stays as it is: it is written again.
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise ImageReadError(f"there is no table {str(path)!r}", "check the path") from None
    except (OSError, ValueError) as error:
        problem = f"the table {str(path)!r} cannot be read: {str(error).strip()}"
        raise ImageReadError(problem, "save it as CSV, with commas between the columns") from None
    for column in REQUIRED:
        if column not in table:
            raise CohortError(
                f"the table {str(path)!r} has no column {column!r}; its columns are {', '.join(table.columns)}",
                "name the columns Image, Mask and Label, as for PyRadiomics",
            )
    if table.empty:
        raise CohortError(f"the table {str(path)!r} has no rows", "add one row per case")
    return table


def _case(row, name, folder):
    """The case of a row; files are relative to the folder."""
    for column in REQUIRED:
        if not row[column].strip():
            raise CohortError(f"{column} is empty", "name a file, or leave the row out")
    channel = row.get("Label_channel", "").strip()
    if channel not in ("", "0"):
        raise CohortError(f"Label_channel must be 0, got {channel!r}", "save each channel as its own file")
    image, mask = (folder / row[column] for column in REQUIRED)
    return Case(image, mask=mask, mask_label=_label(row.get("Label", "").strip()), id=name)


def _label(text):
    """The number; tables that were saved as numbers may have a decimal point."""
    whole, _, decimals = text.partition(".")
    if text and not (whole.isdecimal() and not decimals.strip("0")):
        raise CohortError(f"Label must be a whole number, got {text!r}", "mend the table")
    return int(whole) if text else None
