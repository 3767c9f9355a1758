import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

from radlearn import Case, Cohort
from radlearn.evaluation import PatientKFold, StratifiedPatientKFold
from radlearn.exceptions import CohortError

# scikit-learn warns of rare classes; some of the random cohorts have them.
pytestmark = pytest.mark.filterwarnings("ignore:The least populated class")
SPLITTERS = [PatientKFold, StratifiedPatientKFold]
ONE_PIXEL = np.zeros((1, 1))


def cohort_of(patients):
    return Cohort([Case(ONE_PIXEL, id=f"c{n}", patient=f"p{patient}") for n, patient in enumerate(patients)])


@pytest.mark.parametrize("splitter", SPLITTERS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_patient_is_on_both_sides_and_every_case_is_tested_once(splitter, data):
    patients = data.draw(st.lists(st.integers(0, 12), min_size=4, max_size=40))
    y = np.array(data.draw(st.lists(st.integers(0, 1), min_size=len(patients), max_size=len(patients))))
    n_splits = data.draw(st.integers(2, 5))
    cv = splitter(n_splits, shuffle=data.draw(st.booleans()))
    assume(len(set(patients)) >= n_splits and np.bincount(y, minlength=2).max() >= n_splits)
    X = cohort_of(patients)
    try:
        folds = list(cv.split(X, y))
    except CohortError as error:
        assume("without cases" not in str(error))
        raise
    for train, test in folds:
        assert not set(X[train].patients) & set(X[test].patients)
        assert len(train) + len(test) == len(X)
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(len(X)))


@pytest.mark.parametrize("splitter", SPLITTERS)
def test_fewer_patients_than_folds_is_refused(splitter):
    X = cohort_of([0, 0, 1, 1, 2, 2])
    message = rf"5 folds need at least 5 patients, the cohort has 3; use {splitter.__name__}\(n_splits=3\)"
    with pytest.raises(CohortError, match=message):
        splitter(5).split(X, [0, 1, 0, 1, 0, 1])


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.linspace(0.1, 2, 12), "y holds continuous values, expected"),
        (np.array([(n % 2, n) for n in range(12)], "?, f"), "y holds structured values, expected"),
        (np.eye(12), "y holds multilabel-indicator values, expected"),
        (np.arange(12), "none of the classes in y has 3 cases"),
    ],
)
def test_targets_that_are_no_classes_are_for_the_splitter_that_does_not_stratify(y, message):
    X = cohort_of(range(12))
    with pytest.raises(CohortError, match=rf"{message}.*; use .*PatientKFold, which does not look at the classes"):
        StratifiedPatientKFold(3).split(X, y)
    assert len(list(PatientKFold(3).split(X, y))) == 3


def test_classes_in_an_array_of_objects_are_to_be_converted():
    with pytest.raises(CohortError, match=r"y holds Python objects, .*; convert it: y\.astype\(int\)"):
        StratifiedPatientKFold(3).split(range(12), np.array([0, 1] * 6, object), np.arange(12))


def test_a_fold_without_cases_is_refused():
    # found by trying random cohorts: scikit-learn's StratifiedGroupKFold leaves one fold of four empty
    patients, y = [4, 4, 7, 5, 1, 4, 5, 7, 4], [0, 0, 0, 0, 1, 1, 0, 0, 1]
    with pytest.raises(CohortError, match="leaves a fold without cases"):
        StratifiedPatientKFold(4).split(cohort_of(patients), y)


@pytest.mark.parametrize("splitter", SPLITTERS)
def test_groups_win_over_the_patients_of_the_cohort(splitter):
    X, groups = cohort_of(range(8)), np.array([0, 0, 0, 0, 1, 1, 1, 1])
    for train, test in splitter(2).split(X, [0, 1] * 4, groups):
        assert not set(groups[train]) & set(groups[test])


@pytest.mark.parametrize("splitter", SPLITTERS)
def test_groups_make_a_feature_table_enough(splitter):
    folds = list(splitter(2).split(np.zeros((4, 3)), [0, 1, 0, 1], groups=["a", "a", "b", "b"]))
    assert sorted(test.tolist() for _, test in folds) == [[0, 1], [2, 3]]


def test_a_feature_table_without_groups_is_refused_with_a_remedy():
    with pytest.raises(CohortError, match="pass the patient of each case as groups=") as caught:
        PatientKFold(2).split(np.zeros((4, 3)))
    assert "image_shape" not in str(caught.value)  # the advice of another error


@pytest.mark.parametrize("missing", [None, np.nan])
@pytest.mark.parametrize("splitter", SPLITTERS)
def test_a_missing_patient_is_refused(splitter, missing):
    groups = np.array(["a", "b", missing, "c"], object)
    with pytest.raises(CohortError, match="groups has no patient for case 2"):
        splitter(2).split(np.zeros((4, 3)), [0, 1, 0, 1], groups=groups)


def test_classes_are_spread_evenly():
    X, y = cohort_of(range(20)), np.array([0] * 15 + [1] * 5)
    assert [y[test].sum() for _, test in StratifiedPatientKFold(5).split(X, y)] == [1, 1, 1, 1, 1]


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_folds_have_the_same_share_of_classes(seed):
    # scikit-learn 1.6 and 1.7 spread the classes of other patients, and left every seventh fold without one of them
    rng = np.random.default_rng(seed)
    patients = np.repeat(np.arange(40), rng.integers(1, 6, 40))
    X, y = cohort_of(patients), (patients < 10).astype(int)
    shares = [y[test].mean() for _, test in StratifiedPatientKFold(5, shuffle=True, random_state=seed).split(X, y)]
    assert max(shares) - min(shares) < 0.1


@pytest.mark.parametrize("splitter", SPLITTERS)
def test_the_same_seed_gives_the_same_folds(splitter):
    X, y = cohort_of(np.arange(24) // 2), np.tile([0, 1], 12)
    cv = splitter(3, shuffle=True, random_state=7)
    first, second = list(cv.split(X, y)), list(clone(cv, safe=False).split(X, y))
    assert all(
        np.array_equal(a, b) for one, two in zip(first, second, strict=True) for a, b in zip(one, two, strict=True)
    )


@pytest.mark.parametrize("splitter", SPLITTERS)
def test_repr_names_the_parameters(splitter):
    assert repr(splitter(3)) == f"{splitter.__name__}(n_splits=3, random_state=None, shuffle=False)"


@pytest.mark.parametrize("splitter", SPLITTERS)
def test_splitters_work_in_cross_validation_and_searches(splitter, data, model):
    X, y = data
    assert len(cross_val_score(model, X, y, cv=splitter(3))) == 3
    search = GridSearchCV(model, {"logisticregression__C": [0.1, 1]}, cv=splitter(3)).fit(X, y)
    assert search.n_splits_ == 3


def test_patients_that_a_table_of_cases_says_otherwise_are_refused():
    frame = cohort_of(range(6)).to_frame()
    assert len(list(PatientKFold(3).split(frame))) == 3
    frame["patient"] = ["p0", "p0", "p2", "p2", "p4", "p4"]
    with pytest.raises(CohortError, match=r"X\['patient'\].iloc\[1\] is 'p0', .* beside it 'p1'; pass groups="):
        PatientKFold(3).split(frame)
    for train, test in PatientKFold(3).split(frame, groups=frame["patient"]):
        assert not set(frame["patient"].iloc[train]) & set(frame["patient"].iloc[test])
