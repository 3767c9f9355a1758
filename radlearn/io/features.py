"""Writing of feature tables that are safe to open in a spreadsheet, and of the units of their columns."""

import csv
import re
from contextlib import nullcontext
from pathlib import Path

from radlearn._optional import import_optional
from radlearn.io.whole import whole_file

# First character of a formula in spreadsheets, also as the full-width character that East Asian ones accept.
_FORMULA = re.compile(r"\s*[=+\-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}"
                      r"\N{FULLWIDTH COMMERCIAL AT}]")  # fmt: skip
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def write_features(path, table, *, units=None):
    """Write a table of features as CSV, or as Parquet with units.

    Numbers are written with all their digits. In CSV, all text is quoted and made harmless, since ids and meta data may
    come from a stranger's file and a spreadsheet would run them: control characters, line breaks among them, become one
    space, and text that begins with ``=``, ``+``, ``-`` or ``@``, but is no number, is prefixed with an apostrophe.
    Parquet keeps text as it is, because its readers run nothing.

    The file appears once it is complete; if it cannot be written, one of that name stays as it was.

    Parameters
    ----------
    path : str, path or text file
        Ends with ``.csv``, or with ``.parquet`` or ``.pq``; an open file gets CSV.
    table : DataFrame
        One row per case. Its index becomes the first column, if it has a name.
    units : mapping of str to str, optional
        Unit of each column, as far as known; Parquet only. In the file it is the entry ``unit`` in the metadata of the
        column.

    Raises
    ------
    TypeError
        If `table` is no DataFrame.
    ValueError
        If the path has another ending.
    ImportError
        If Parquet is asked for without the extra "parquet".

    Examples
    --------
    >>> import sys
    >>> import pandas as pd
    >>> write_features(sys.stdout, pd.DataFrame({"id": ["=1+1", "-7"], "glcm_contrast": [0.5, 2.0]}))
    "id","glcm_contrast"
    "'=1+1",0.5
    "-7",2.0
    """
    if not hasattr(table, "reset_index"):
        kind = type(table).__name__
        raise TypeError(
            f"table must be a DataFrame of pandas, got {kind}; extractors give one after set_output(transform='pandas')"
        )
    ending = ending_of_table(path)
    table = table if list(table.index.names) == [None] else table.reset_index()
    with nullcontext(path) if hasattr(path, "write") else whole_file(path) as part:
        if ending == ".csv":
            _harmless(table).to_csv(part, index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        else:
            _write_parquet(part, table, {} if units is None else units)


def ending_of_table(path):
    """Ending of a file that `write_features` writes, in lower case.

    Parameters
    ----------
    path : str, path or text file
        An open file gets CSV.

    Returns
    -------
    ending : {".csv", ".parquet", ".pq"}

    Raises
    ------
    ValueError
        If it has another one.
    ImportError
        If it is one of Parquet, and the extra "parquet" is not installed.
    """
    ending = ".csv" if hasattr(path, "write") else Path(path).suffix.lower()
    if ending not in (".csv", ".parquet", ".pq"):
        raise ValueError(f"path must end with '.csv', '.parquet' or '.pq', got '{path}'")
    if ending != ".csv":
        _arrow("pyarrow")
    return ending


def _write_parquet(path, table, units):
    arrow, parquet = _arrow("pyarrow"), _arrow("pyarrow.parquet")
    content = arrow.Table.from_pandas(table, preserve_index=False)
    described = [
        field.with_metadata({"unit": units[field.name]}) if field.name in units else field for field in content.schema
    ]
    content = content.cast(arrow.schema(described, content.schema.metadata))
    parquet.write_table(content, path)


def _arrow(module):
    return import_optional(module, extra="parquet", purpose="writing a Parquet table")


def _harmless(table):
    """The table with all text, that of its columns' names too, fit for a spreadsheet."""
    table = table.rename(columns=_harmless_cell)
    for position, kind in enumerate(table.dtypes):
        if kind.kind not in "biuf":
            table.isetitem(position, table.iloc[:, position].map(_harmless_cell))
    return table


def _harmless_cell(cell):
    if not isinstance(cell, str):
        return cell
    cell = _CONTROL.sub(" ", cell)
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell
