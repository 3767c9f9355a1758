"""Splitters of scikit-learn that read the patients from the cohort."""

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_consistent_length

from radlearn._shuffling import shuffled_groups
from radlearn.cohort import check_cohort, holds_cases
from radlearn.exceptions import CohortError


class PatientKFold(GroupKFold):
    """K folds in which every patient is on one side only.

    Works wherever scikit-learn takes ``cv=``, without ``groups=``: the patients are read from the cohort.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds.
    shuffle : bool, default=False
        Whether to assign the patients to folds at random. Otherwise the folds are made as equal in size as possible.
    random_state : int, RandomState or None, default=None
        Seed for `shuffle`.

    See Also
    --------
    StratifiedPatientKFold : Also keeps the share of each class.

    Examples
    --------
    >>> from radlearn import Case, Cohort
    >>> patients = ["ann", "ann", "ann", "bob", "bob", "cleo"]
    >>> X = Cohort([Case(np.zeros((4, 4)), patient=name, id=str(n)) for n, name in enumerate(patients)])
    >>> for train, test in PatientKFold(2).split(X):
    ...     print(X[train].patients, X[test].patients)
    ['bob' 'bob' 'cleo'] ['ann' 'ann' 'ann']
    ['ann' 'ann' 'ann'] ['bob' 'bob' 'cleo']
    """

    def __init__(self, n_splits=5, *, shuffle=False, random_state=None):
        super().__init__(n_splits=n_splits, shuffle=shuffle, random_state=random_state)

    def split(self, X, y=None, groups=None):
        """Split the cohort into training and test cases.

        Parameters
        ----------
        X : Cohort
            Anything `check_cohort` understands, or any sequence of cases if `groups` is given.
        y : array-like of shape (n_cases,), optional
            Ignored.
        groups : array-like of shape (n_cases,), optional
            Patient of each case; by default that of the cohort.

        Returns
        -------
        folds : iterator of (train, test)
            Positions of the cases.

        Raises
        ------
        CohortError
            If there are fewer patients than folds.
        """
        patients = patients_of(X, groups)
        _check_enough(patients, self)
        return super().split(np.zeros(len(patients)), y, patients)


class StratifiedPatientKFold(StratifiedGroupKFold):
    """K folds in which every patient is on one side only, each with about the same share of the classes.

    Works wherever scikit-learn takes ``cv=``, without ``groups=``: the patients are read from the cohort.

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds.
    shuffle : bool, default=False
        Whether to assign patients with the same mix of classes to folds at random.
    random_state : int, RandomState or None, default=None
        Seed for `shuffle`.

    See Also
    --------
    PatientKFold : Does not look at the classes.

    Examples
    --------
    >>> from radlearn import Case, Cohort
    >>> patients = ["ann", "ann", "bob", "bob", "cleo", "cleo", "dan", "dan"]
    >>> X = Cohort([Case(np.zeros((4, 4)), patient=name, id=str(n)) for n, name in enumerate(patients)])
    >>> y = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    >>> for train, test in StratifiedPatientKFold(2).split(X, y):
    ...     print(y[train], y[test])
    [0 0 1 1] [0 0 1 1]
    [0 0 1 1] [0 0 1 1]
    """

    def __init__(self, n_splits=5, *, shuffle=False, random_state=None):
        super().__init__(n_splits=n_splits, shuffle=shuffle, random_state=random_state)

    def split(self, X, y, groups=None):
        """Split the cohort into training and test cases.

        Parameters
        ----------
        X : Cohort
            Anything `check_cohort` understands, or any sequence of cases if `groups` is given.
        y : array-like of shape (n_cases,)
            Class of each case.
        groups : array-like of shape (n_cases,), optional
            Patient of each case; by default that of the cohort.

        Returns
        -------
        folds : iterator of (train, test)
            Positions of the cases.

        Raises
        ------
        CohortError
            If `y` holds no classes, there are fewer patients than folds or fewer cases in each class, or the classes
            cannot be spread without an empty fold.
        """
        patients = patients_of(X, groups)
        _check_enough(patients, self)
        _check_class_sizes(y, self)
        if self.shuffle:
            patients = shuffled_groups(patients, self.random_state)
        in_order = StratifiedGroupKFold(self.n_splits)
        folds = list(in_order.split(np.zeros(len(patients)), y, patients))
        # scikit-learn assigns patients by their mix of classes alone and can, rarely, leave a fold empty.
        if any(len(test) == 0 for _, test in folds):
            raise CohortError(
                f"{self!r} leaves a fold without cases: {len(set(patients))} patients have too uneven classes",
                "use fewer folds, or PatientKFold, which does not look at the classes",
            )
        return iter(folds)


def patients_of(X, groups=None):
    """Patient of each case: `groups` if given, else what the cohort says.

    Parameters
    ----------
    X : Cohort or sequence of cases
    groups : array-like of shape (n_cases,), optional

    Returns
    -------
    patients : ndarray of shape (n_cases,)

    Raises
    ------
    CohortError
        If there is neither a cohort nor `groups`, a patient is missing in these, or a table of cases has a column
        `patient` with others.
    """
    if groups is not None:
        check_consistent_length(X, groups)
        groups = np.asarray(groups)
        if (missing := np.flatnonzero(pd.isna(groups))).size:
            raise CohortError(f"groups has no patient for case {missing[0]}", "name the patient of each case")
        return groups
    try:
        patients = check_cohort(X).patients
    except (TypeError, ValueError) as error:
        raise CohortError(
            f"the patients cannot be read from X: {getattr(error, 'problem', error)}",
            "pass the patient of each case as groups=, such as cohort.patients",
        ) from error
    _check_same_patients(X, patients)
    return patients


def _check_same_patients(X, patients):
    """Refuse a table of cases whose column `patient` was changed, which the cases do not know."""
    if not holds_cases(X) or "patient" not in X:
        return
    if (differs := np.flatnonzero(X["patient"].astype(str).to_numpy() != patients)).size:
        row = differs[0]
        raise CohortError(
            f"X['patient'].iloc[{row}] is {X['patient'].iloc[row]!r}, the patient of the case beside it "
            f"{str(patients[row])!r}",
            "pass groups=X['patient'], or make the cases with Case(..., patient=...)",
        )


def check_classes(y, remedy):
    """Refuse a target that holds no classes.

    Parameters
    ----------
    y : array-like of shape (n_cases,)
    remedy : str
        What to do about numbers, and about records, such as event and time of survival.

    Raises
    ------
    CohortError
        If `y` holds something else than classes.
    """
    kind = "structured" if getattr(getattr(y, "dtype", None), "names", None) else type_of_target(y)
    if kind == "unknown":  # as a column of a table of all kinds
        raise CohortError("y holds Python objects, expected numbers or text", "convert it: y.astype(int), for instance")
    if kind not in ("binary", "multiclass"):
        raise CohortError(f"y holds {kind} values, expected classes", remedy)


def _check_class_sizes(y, splitter):
    instead = "PatientKFold, which does not look at the classes"
    check_classes(y, f"use {instead}")
    n_splits = splitter.get_n_splits()
    if np.unique(y, return_counts=True)[1].max() < n_splits:
        raise CohortError(f"none of the classes in y has {n_splits} cases", f"use fewer folds, or {instead}")


def _check_enough(patients, splitter):
    n_patients, n_splits = len(set(patients)), splitter.get_n_splits()
    if n_patients < n_splits:
        raise CohortError(
            f"{n_splits} folds need at least {n_splits} patients, the cohort has {n_patients}",
            f"use {type(splitter).__name__}(n_splits={n_patients}) or fewer"
            if n_patients > 1
            else "a split by patient needs at least 2 patients",
        )
