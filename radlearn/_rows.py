"""Rows of a table: how an extractor makes them of a case, and what becomes of a case that fails."""

from dataclasses import dataclass

import joblib
import numpy as np

from radlearn._cache import CACHE_FORMAT, Row
from radlearn.exceptions import RadlearnError

LESS_MEMORY = "use fewer n_jobs or a machine with more memory, or crop the image or resample it to larger voxels"


@dataclass(frozen=True)
class Failure:
    """Why a case has no numbers: a line of `errors_`."""

    case: str
    step: str
    error: str
    remedy: str


def rows_of_case(extractor, case, key=None, digest=None, cache=None):
    """Rows of one case, kept in the cache at once if all are known and no file has changed since the key was made.

    Parameters
    ----------
    extractor : CaseExtractor
    case : Case
    key, digest : str, optional
        See `key_of_rows`.
    cache : RowCache, optional

    Returns
    -------
    rows : list of Row

    Raises
    ------
    RadlearnError
        If something fails and the extractor does not go on.
    """
    parts = _attempt(extractor, case.id, extractor._parts, case)
    if isinstance(parts, Failure):
        return [Row("", parts)]
    rows = [row for part in parts for row in _rows_of_part(extractor, part, part.id.removeprefix(case.id))]
    is_known = key is not None and not any(isinstance(row.outcome, Failure) for row in rows)
    if is_known and key_of_rows(digest, case) == key:
        cache.write(key, rows)
    return rows


def key_of_rows(digest, case):
    """Key of a case's rows; None where a file is missing, which loading will report.

    Parameters
    ----------
    digest : str
        Of the extractor and its columns.
    case : Case

    Returns
    -------
    key : str or None
    """
    try:
        return joblib.hash((CACHE_FORMAT, digest, case.fingerprint()))
    except RadlearnError:
        return None


def _rows_of_part(extractor, case, suffix):
    volumes = _attempt(extractor, case.id, extractor._volumes, case)
    if isinstance(volumes, Failure):
        return [Row(suffix, volumes)]
    return [
        Row(suffix + inner, _attempt(extractor, case.id + inner, _checked_row, extractor, case, inner, volume))
        for inner, volume in volumes
    ]


def _attempt(extractor, row_id, function, *arguments):
    """What the function gives; a Failure if it raises and the extractor goes on."""
    try:
        return function(*arguments)
    except Exception as error:
        if extractor.on_error == "raise":
            raise
        step = getattr(error, "step", None) or type(extractor).__name__
        problem = f"{type(error).__name__}: {getattr(error, 'problem', None) or error}"
        remedy = LESS_MEMORY if isinstance(error, MemoryError) else "see the error; report it if it is ours"
        return Failure(row_id, step, problem, getattr(error, "remedy", "") or remedy)


def _checked_row(extractor, case, suffix, volume):
    row_id = case.id + suffix
    try:
        row = np.asarray(extractor._row(volume), dtype=float)
    except RadlearnError as error:
        raise error.in_case(row_id, type(extractor).__name__)  # noqa: B904 - the same error, which now knows its place
    except Exception as error:
        error.add_note(f"in case {row_id!r}, step {type(extractor).__name__} ({case.image.name})")
        raise
    n_features = len(extractor._names())
    if row.shape != (n_features,):
        raise RuntimeError(
            f"{type(extractor).__name__} gave a row of shape {row.shape}, it names {n_features} features"
        )
    return row
