"""A table of cases in, the same table with features out: what `radlearn extract` does."""

import warnings
from pathlib import Path

import pandas as pd

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
        Parameters of `PyRadiomicsFeatures`. A case that fails has empty features.

    Returns
    -------
    table : DataFrame
        The columns of the input, then the features; one row per case.
    errors : DataFrame
        Case (``row 2`` is the first below the header), step, error and remedy of each failure.

    Raises
    ------
    CohortError
        If a column is missing, or a label is no whole number.
    ImageReadError
        If the table cannot be read.
    """
    given = _read(path)
    cohort = Cohort(_case(row, number, Path(path).parent) for number, row in enumerate(given.to_dict("records"), 2))
    extractor = PyRadiomicsFeatures(on_error="nan", **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RadlearnWarning)  # failures are returned
        features = extractor.fit_transform(cohort)
    columns = pd.DataFrame(features, columns=extractor.get_feature_names_out())
    return pd.concat([given, columns], axis=1), extractor.errors_


def _read(path):
    try:
        # Text stays as it is: it is written again.
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise ImageReadError(f"the table {str(path)!r} cannot be read: {error}", "save it as CSV") from None
    for column in REQUIRED:
        if column not in table:
            raise CohortError(
                f"the table {str(path)!r} has no column {column!r}; its columns are {', '.join(table.columns)}",
                "name the columns Image, Mask and Label, as for PyRadiomics",
            )
    if table.empty:
        raise CohortError(f"the table {str(path)!r} has no rows", "add one row per case")
    return table


def _case(row, number, folder):
    label, channel = (row.get(name, "").strip() for name in ("Label", "Label_channel"))
    if label and not label.isdecimal():
        raise CohortError(f"row {number}: Label must be a whole number, got {label!r}", "mend the table")
    if channel not in ("", "0"):
        raise CohortError(
            f"row {number}: Label_channel must be 0, got {channel!r}", "save each channel as its own file"
        )
    image, mask = (folder / row[name] for name in REQUIRED)
    return Case(image, mask=mask, mask_label=int(label) if label else None, id=f"row {number}")
