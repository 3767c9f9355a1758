"""Folds in any form, checked: no patient in training and testing at once."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.model_selection import PredefinedSplit

from radlearn._validation import listed
from radlearn.evaluation.splitters import StratifiedPatientKFold, patients_of
from radlearn.exceptions import CohortError

_BY_PATIENT = "split by patient, for instance with cv=StratifiedPatientKFold(5)"


def check_folds(cv, X, y, groups=None):
    """Folds as a list of pairs, refused if the test cases are not independent of the training cases.

    Parameters
    ----------
    cv : int, splitter, array of shape (n_cases,) or iterable of pairs
        Number of folds (`StratifiedPatientKFold`); a splitter of scikit-learn; the fold number of each case (-1: never
        tested, always in training); or pairs of training and test positions.
    X : Cohort
        The cases.
    y : array-like of shape (n_cases,)
        Class of each case.
    groups : array-like of shape (n_cases,), optional
        Patient of each case; by default that of the cohort.

    Returns
    -------
    folds : list of (train, test)
        Positions of the cases as int arrays.

    Raises
    ------
    TypeError
        If `cv` is none of these.
    CohortError
        If a patient is on both sides of a fold, a case is tested twice, a side is empty, or the training cases of a
        fold lack a class.

    Examples
    --------
    >>> from radlearn import Case, Cohort
    >>> X = Cohort([Case(np.zeros((4, 4)), patient=f"p{n // 2}", id=f"image{n}") for n in range(6)])
    >>> check_folds([0, 0, 1, 1, 1, 2], X, [0, 1, 0, 1, 0, 1])
    Traceback (most recent call last):
        ...
    radlearn.exceptions.CohortError: fold 1 tests patients that are in its training cases, too: 'p2' \
(tested: 'image4', trained on: 'image5'); split by patient, for instance with cv=StratifiedPatientKFold(5)
    """
    patients, y = patients_of(X, groups), np.asarray(y)
    ids = getattr(X, "ids", np.arange(len(patients)).astype(str))
    folds = [
        (_positions(train, number, len(y)), _positions(test, number, len(y)))
        for number, (train, test) in enumerate(_pairs(cv, X, y, patients))
    ]
    if not folds:
        raise CohortError("cv has no folds", _BY_PATIENT)
    for number, (train, test) in enumerate(folds):
        _check_sides(number, train, test, y, patients)
        _check_patients(number, train, test, patients, ids)
    _check_tested_once(folds, ids)
    return folds


def _pairs(cv, X, y, patients):
    if isinstance(cv, str) or not (isinstance(cv, Integral) or np.iterable(cv) or hasattr(cv, "split")):
        raise TypeError(f"cv must be a number of folds, a splitter or folds, got {cv!r}; use cv=5, for instance")
    if isinstance(cv, Integral):
        cv = StratifiedPatientKFold(cv)
    if hasattr(cv, "split"):
        with warnings.catch_warnings():  # that a splitter ignores the patients is for `_check_patients` to judge
            warnings.filterwarnings("ignore", "The groups parameter is ignored", UserWarning)
            return list(cv.split(X, y, patients))
    cv = list(cv)
    if cv and all(isinstance(number, Real) for number in cv):
        return _pairs_of_fold_numbers(np.asarray(cv), len(y))
    if all(not isinstance(pair, str) and hasattr(pair, "__len__") and len(pair) == 2 for pair in cv):
        return cv
    raise CohortError("cv is neither a list of (train, test) pairs nor one whole number for each case", _BY_PATIENT)


def _pairs_of_fold_numbers(numbers, n_cases):
    if numbers.shape != (n_cases,):
        raise CohortError(
            f"cv has {len(numbers)} fold numbers, X has {n_cases} cases",
            "pass one number for each case, in the same order",
        )
    if not np.all(numbers == np.round(numbers)):  # catches NaN as well
        raise CohortError("cv has fold numbers that are not whole", "use 0, 1, 2, … and -1 for cases never tested")
    return PredefinedSplit(numbers.astype(int)).split()


def _positions(side, number, n_cases):
    side = np.asarray(side)
    if side.dtype == bool and side.shape == (n_cases,):
        side = np.flatnonzero(side)
    if side.ndim != 1 or not (side.size == 0 or np.issubdtype(side.dtype, np.integer)):
        raise CohortError(
            f"fold {number} is not given as positions of cases", "pass two arrays of whole numbers for each fold"
        )
    if side.size and not (-n_cases <= side.min() and side.max() < n_cases):
        raise CohortError(f"fold {number} has position {max(side.max(), side.min(), key=abs)}, X has {n_cases} cases")
    return side.astype(int) % n_cases


def _check_sides(number, train, test, y, patients):
    for name, side in (("training", train), ("test", test)):
        if not side.size:
            raise CohortError(f"fold {number} has no {name} cases", _BY_PATIENT)
    missing = np.setdiff1d(y, y[train])
    if missing.size:
        owners = np.unique(patients[y == missing[0]])
        remedy = "use fewer folds, or StratifiedPatientKFold"
        if len(owners) == 1:  # in no split by patient is the class on both sides
            remedy = f"all of them are of patient '{owners[0]}': join the class with another one, or leave it out"
        raise CohortError(f"fold {number} has no training case of class {missing[0]!s}", remedy)


def _check_patients(number, train, test, patients, ids):
    on_both_sides = np.intersect1d(patients[train], patients[test])
    if not on_both_sides.size:
        return
    examples = [
        f"'{patient}' (tested: '{ids[test][patients[test] == patient][0]}', "
        f"trained on: '{ids[train][patients[train] == patient][0]}')"
        for patient in on_both_sides[:3]
    ]
    raise CohortError(
        f"fold {number} tests patients that are in its training cases, too: {listed(examples, len(on_both_sides))}",
        _BY_PATIENT,
    )


def _check_tested_once(folds, ids):
    times = np.bincount(np.concatenate([test for _, test in folds]), minlength=len(ids))
    if times.max() > 1:
        raise CohortError(
            f"case '{ids[times.argmax()]}' is tested {times.max()} times, so its prediction is not unique",
            "use folds that test each case once; repeated splits are compared one by one",
        )
