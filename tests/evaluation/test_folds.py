import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, ShuffleSplit

from radlearn import Case, Cohort
from radlearn.evaluation import PatientKFold, StratifiedPatientKFold, check_folds
from radlearn.exceptions import CohortError

X = Cohort([Case(np.zeros((1, 1)), id=f"image{n}", patient=f"p{n // 2}") for n in range(12)])
y = np.tile([0, 0, 1, 1], 3)
NUMBERS = np.repeat([0, 1, 2], 4)
IS_TESTED = [np.repeat([k == 0, k == 1, k == 2], 4) for k in range(3)]
PAIRS = [(np.flatnonzero(~mask), np.flatnonzero(mask)) for mask in IS_TESTED]


@pytest.mark.parametrize(
    "cv",
    [
        NUMBERS,
        NUMBERS.tolist(),
        pd.Series(NUMBERS, index=X.ids),
        NUMBERS.astype(float),
        PAIRS,
        iter(PAIRS),
        [(train.tolist(), test.tolist()) for train, test in PAIRS],
        [(~mask, mask) for mask in IS_TESTED],
    ],
    ids=["array", "list", "series", "float", "pairs", "iterator", "lists", "booleans"],
)
def test_folds_of_every_form_are_the_same(cv):
    for (train, test), (expected_train, expected_test) in zip(check_folds(cv, X, y), PAIRS, strict=True):
        np.testing.assert_array_equal(train, expected_train)
        np.testing.assert_array_equal(test, expected_test)


def test_a_number_means_stratified_folds_by_patient():
    expected = StratifiedPatientKFold(3).split(X, y)
    for pair, wanted in zip(check_folds(3, X, y), expected, strict=True):
        np.testing.assert_array_equal(pair[1], wanted[1])


def test_cases_of_fold_minus_one_are_never_tested():
    numbers = np.where(NUMBERS == 2, -1, NUMBERS)
    folds = check_folds(numbers, X, y)
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(8))
    assert all(set(range(8, 12)) <= set(train) for train, _ in folds)


@pytest.mark.parametrize(
    "cv",
    [KFold(4), np.arange(12) % 3, [(range(7), range(7, 12))]],
    ids=["splitter", "fold numbers", "pairs"],
)
def test_a_patient_on_both_sides_is_refused(cv):
    with pytest.raises(
        CohortError, match=r"fold 0 tests patients that are in its training cases, too: 'p\d' \(tested: "
    ):
        check_folds(cv, X, y)


def test_the_message_names_patient_cases_and_remedy():
    message = r"'p3' \(tested: 'image7', trained on: 'image6'\); split by patient, for instance with cv=Stratified"
    with pytest.raises(CohortError, match=message):
        check_folds([(range(7), range(7, 12))], X, y)


def test_only_the_first_patients_are_named():
    with pytest.raises(CohortError, match="and 3 more"):
        check_folds([(range(0, 12, 2), range(1, 12, 2))], X, np.tile([0, 1, 1], 4))


def test_groups_decide_who_is_a_patient():
    check_folds(KFold(4), X, y, groups=np.arange(12))
    with pytest.raises(CohortError, match="'all'"):
        check_folds(KFold(4), X, y, groups=["all"] * 12)


@pytest.mark.parametrize(
    ("cv", "message"),
    [
        (ShuffleSplit(20, random_state=0), "fold 0 tests patients"),
        (PAIRS + PAIRS[:1], "case 'image0' is tested 2 times"),
        ([(PAIRS[0][0], [])], "fold 0 has no test cases"),
        ([], "cv has no folds"),
        (NUMBERS[:5], "cv has 5 fold numbers, X has 12 cases"),
        (np.where(NUMBERS == 2, np.nan, NUMBERS), "not whole"),
        ([([0, 1], [99])], "fold 0 has position 99, X has 12 cases"),
        ([([0, 1], [12])], "fold 0 has position 12, X has 12 cases"),
        ([([0, 1], [-13])], "fold 0 has position -13, X has 12 cases"),
        ([([0.5], [1.0])], "fold 0 is not given as positions"),
        (["a", "b"], "neither a list of"),
        (PatientKFold(7), "7 folds need at least 7 patients, the cohort has 6"),
    ],
)
def test_other_faults_of_a_split_are_named(cv, message):
    with pytest.raises(CohortError, match=message):
        check_folds(cv, X, y)


def test_the_first_position_can_be_counted_from_the_end():
    folds = check_folds([(range(2, 12), [-12, -11])], X, y)
    assert folds[0][1].tolist() == [0, 1]


def test_a_fold_must_have_every_class_in_training():
    with pytest.raises(CohortError, match="fold 0 has no training case of class 1"):
        check_folds(np.repeat([0, 1], 6), X, np.repeat([1, 0], 6))


def test_a_class_of_one_patient_cannot_be_split():
    with pytest.raises(CohortError, match="no training case of class rare; all of them are of patient 'p1': join the"):
        check_folds(2, X, np.where(X.patients == "p1", "rare", "common"))


@pytest.mark.parametrize("cv", ["5", None, 2.5])
def test_what_is_no_split_is_a_type_error(cv):
    with pytest.raises(TypeError, match="cv must be a number of folds, a splitter or folds, got"):
        check_folds(cv, X, y)
