"""Baselines to compare every model with: what is reached without looking at the image.

The way an image was made often predicts its label. On one public set of head CT slices, the position of the slice in
its series alone finds the hemorrhages with an AUC above 0.75. A model has learned something only if it does clearly
better.
"""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

# Entries of `Case.meta` that describe size or position, and nothing that the image shows.
SHORTCUT_COLUMNS = (
    "width",
    "height",
    "depth",
    "orig_width",
    "orig_height",
    "area",
    "volume",
    "slice",
    "n_slices",
    "position",
    "x",
    "y",
    "z",
    "w",
    "h",
)


def baseline_models(X, y, random_state=0):
    """Trivial models for a cohort.

    Parameters
    ----------
    X : Cohort
    y : array-like of shape (n_cases,)
        Class of each case.
    random_state : int, default=0
        Seed of the shortcut model.

    Returns
    -------
    models : dict of str to classifier
        ``"majority"`` always predicts the most frequent class. ``"size_or_position"``, only where the cases have some
        of `SHORTCUT_COLUMNS` in their `meta` and these differ between cases, is gradient boosting on those.

    Examples
    --------
    >>> from radlearn import Case, Cohort
    >>> X = Cohort([Case(np.zeros((4, 4)), id=str(n), meta={"width": 100 + n, "site": "A"}) for n in range(4)])
    >>> list(baseline_models(X, [0, 0, 0, 1])), shortcut_columns(X)
    (['majority', 'size_or_position'], ['width'])
    """
    classes, counts = np.unique(y, return_counts=True)
    # The majority of the whole cohort: that of the training cases alone can change from fold to fold, and the model
    # would then do worse than chance.
    models = {"majority": DummyClassifier(strategy="constant", constant=[classes[counts.argmax()]])}
    columns = shortcut_columns(X)
    if columns:
        models["size_or_position"] = make_pipeline(
            SizeAndPosition(columns=columns),
            SimpleImputer(keep_empty_features=True),
            GradientBoostingClassifier(max_depth=2, random_state=random_state),
        )
    return models


def shortcut_columns(X):
    """Those of `SHORTCUT_COLUMNS` that the cases have, as numbers that differ between cases.

    Parameters
    ----------
    X : Cohort

    Returns
    -------
    columns : list of str
    """
    table = _numbers(X, SHORTCUT_COLUMNS)
    return [column for column in SHORTCUT_COLUMNS if table[column].min() < table[column].max()]


class SizeAndPosition(TransformerMixin, BaseEstimator):
    """Table of entries of `Case.meta`, one row per case; entries that are absent, infinite or no number become NaN.

    Where a case has ``slice`` and ``n_slices``, the relative position of the slice, in one more column, takes the place
    of its number: that can tell how slices were selected (every third one of a class), which no image shows.

    Parameters
    ----------
    columns : sequence of str
        Names of the entries.

    Examples
    --------
    >>> from radlearn import Case, Cohort
    >>> X = Cohort([Case(np.zeros((4, 4)), id=str(n), meta={"slice": n, "n_slices": 4}) for n in (1, 2)])
    >>> SizeAndPosition(columns=["slice", "n_slices"]).fit_transform(X)
    array([[ nan, 4.  , 0.25],
           [ nan, 4.  , 0.5 ]])
    """

    def __init__(self, columns=SHORTCUT_COLUMNS):
        self.columns = columns

    def fit(self, X, y=None):  # noqa: ARG002 - the signature is scikit-learn's
        """Learn nothing.

        Parameters
        ----------
        X : Cohort
        y : ignored

        Returns
        -------
        self : SizeAndPosition
        """
        return self

    def transform(self, X):
        """Read the numbers of each case.

        Parameters
        ----------
        X : Cohort

        Returns
        -------
        table : ndarray of shape (n_cases, n_columns + 1)
        """
        numbers, counted = _numbers(X, self.columns), _numbers(X, ["slice", "n_slices"])
        relative = counted["slice"] / counted["n_slices"]
        relative = relative.where(np.isfinite(relative))  # of unknown numbers of slices, some tables say 0
        if "slice" in numbers:
            numbers["slice"] = numbers["slice"].where(relative.isna())
        table = np.column_stack([numbers, relative])
        return np.where(np.isfinite(table), table, np.nan)

    def __sklearn_is_fitted__(self):
        return True


def _numbers(X, columns):
    """The wanted entries of `Case.meta` as floats, NaN where there is none."""
    rows = [{column: case.meta.get(column) for column in columns} for case in X]
    return pd.DataFrame(rows, columns=list(columns)).apply(pd.to_numeric, errors="coerce").astype(float)
