from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC

from classifiers import InColumns
from radlearn.descriptors import IntensityHistogram
from radlearn.evaluation import PatientKFold, StratifiedPatientKFold, compare
from radlearn.evaluation.baselines import SHORTCUT_COLUMNS, baseline_models, shortcut_columns
from radlearn.exceptions import CohortError


class Broken(ClassifierMixin, BaseEstimator):
    """Fails when it is fitted; counts how often that was tried."""

    tries = 0

    def fit(self, X, y):
        Broken.tries += 1
        raise RuntimeError("out of memory")

    def predict(self, X):
        return np.zeros(len(X))


class WithoutScores(Broken):
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.repeat(self.classes_[:1], len(X))


class Diverged(WithoutScores):
    def predict_proba(self, X):
        return np.full((len(X), 2), np.nan)


class Undecided(WithoutScores):
    def predict(self, X):
        return np.repeat(["borderline"], len(X))

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5)


def with_svm(model):
    return make_pipeline(model[0], SVC())


def test_metrics_are_those_of_the_predictions(data, model):
    comparison = compare({"model": model}, *data, cv=4, n_bootstrap=20)
    table = comparison.predictions
    auc = roc_auc_score(table["truth"] == "malignant", table["model_score"])
    assert comparison.to_frame().loc["model", "auc"] == pytest.approx(auc)
    accuracy = np.mean(table["truth"] == table["model_predicted"])
    assert comparison.to_frame().loc["model", "accuracy"] == pytest.approx(accuracy)


def test_models_of_a_frame_find_its_columns(make_data):
    X, y = make_data(meta=lambda number, label, rng: {"age": 40 + 10 * label + rng.normal(), "width": 100 + number})
    parts = ColumnTransformer([("image", IntensityHistogram(), "case"), ("age", "passthrough", ["age"])])
    models = {"both": make_pipeline(parts, LogisticRegression()), "image": make_pipeline(IntensityHistogram(), SVC())}
    comparison = compare(models, X.to_frame(), y, cv=4, n_bootstrap=5)
    assert comparison.models == ["both", "image", "majority", "size_or_position"]
    assert comparison.interval("both").estimate > 0.95
    of_cohort = compare({"image": models["image"]}, X, y, cv=4, n_bootstrap=5)
    assert comparison.interval("image") == of_cohort.interval("image")


def test_patients_of_groups_are_those_of_a_frame(data):
    X, y = data
    pipeline = make_pipeline(IntensityHistogram(), SVC())
    models = {"image": GridSearchCV(pipeline, {"svc__C": [1, 2]}, cv=PatientKFold(2), error_score="raise")}
    comparison = compare(models, X.to_frame(), y, cv=2, groups=np.arange(len(X)) // 4, n_bootstrap=5)
    assert comparison.cases.patients[:5].tolist() == ["0", "0", "0", "0", "1"]
    with pytest.raises(CohortError, match=r"X\['patient'\].iloc\[0\] is 'one', the patient of the case"):
        compare(models, X.to_frame().assign(patient="one"), y, cv=2)


@pytest.mark.parametrize("labels", ["abc", "abcd"])
def test_votes_between_pairs_of_classes_are_no_scores(make_data, labels):
    X, y = make_data(labels=tuple(labels))
    voting = make_pipeline(IntensityHistogram(), SVC(decision_function_shape="ovo"))
    with pytest.raises(ValueError, match=r'each pair of classes.*decision_function_shape="ovr"'):
        compare({"voting": voting}, X, y, cv=2, n_bootstrap=5)


def test_predictions_are_out_of_fold_and_by_case_id(data, model):
    X, y = data
    comparison = compare({"model": model}, X, y, cv=PatientKFold(4), n_bootstrap=5)
    table = comparison.predictions
    assert table.index.tolist() == X.ids.tolist()
    assert table["patient"].tolist() == X.patients.tolist()
    for number, (train, test) in enumerate(PatientKFold(4).split(X)):
        assert (table["fold"].to_numpy()[test] == number).all()
        expected = model.fit(X[train], y[train]).predict_proba(X[test])[:, 1]
        np.testing.assert_allclose(table["model_score"].to_numpy()[test], expected)


def test_every_model_and_baseline_stands_in_the_table(data, model, useless):
    table = compare({"model": model, "useless": useless}, *data, cv=4, n_bootstrap=20).to_frame()
    assert table["kind"].to_dict() == {"model": "model", "useless": "model", "majority": "baseline"}
    assert (table.filter(like="_low").to_numpy() <= table.filter(like="_high").to_numpy())[:2].all()
    assert (table[["fit_seconds", "predict_seconds"]] > 0).all(axis=None)


def test_the_majority_baseline_is_exactly_chance(data, model):
    row = compare({"model": model}, *data, cv=4, n_bootstrap=20).to_frame().loc["majority"]
    assert (row["auc"], row["accuracy"], row["balanced_accuracy"]) == (0.5, 0.5, 0.5)
    assert np.isnan(row["precision"])


def test_a_shortcut_baseline_is_fitted_where_cases_tell_their_size(make_data, model):
    X, y = make_data(meta=lambda number, label, rng: {"width": 100 + 50 * label + number % 3, "site": "A"})
    comparison = compare({"model": model}, X, y, cv=4, n_bootstrap=20)
    assert comparison.models == ["model", "majority", "size_or_position"]
    assert comparison.to_frame().loc["size_or_position", "auc"] == 1.0


def test_shortcuts_are_numbers_that_differ(make_data):
    X, _ = make_data(meta=lambda number, label, rng: {"width": 5, "height": "?", "slice": str(number), "age": number})
    assert shortcut_columns(X) == ["slice"]


def test_the_middle_of_a_series_is_found_by_relative_position(make_data):
    X, y = make_data(
        meta=lambda number, label, rng: {
            "slice": (5 if label else 1) * (1 + number % 3),
            "n_slices": 10 * (1 + number % 3),
        }
    )
    shortcut = baseline_models(X, y)["size_or_position"].fit(X, y)
    assert shortcut.score(X, y) == 1.0


def test_the_selection_of_slices_is_no_position(make_data, model):
    def every_third_without_finding(number, label, rng):
        return {"slice": 3 * rng.integers(10) + (rng.integers(1, 3) if label else 0), "n_slices": rng.integers(30, 50)}

    X, y = make_data(n_patients=60, meta=every_third_without_finding)
    assert compare({"model": model}, X, y, cv=4, n_bootstrap=5).interval("size_or_position", "auc").estimate < 0.7


def test_unknown_numbers_of_slices_may_be_0_and_sizes_infinite(make_data, model):
    X, y = make_data(meta=lambda number, *_: {"slice": number, "n_slices": number % 2, "width": np.inf})
    assert np.isfinite(compare({"model": model}, X, y, cv=2, n_bootstrap=20).interval("size_or_position")).all()


def test_columns_of_size_and_position_are_documented():
    assert [name for name in SHORTCUT_COLUMNS if f"``{name}``" not in compare.__doc__] == []


def test_baselines_can_be_left_out(data, model):
    assert compare({"model": model}, *data, cv=4, baselines=False, n_bootstrap=5).models == ["model"]


def test_models_stay_unfitted(data, model):
    compare({"model": model}, *data, cv=4, n_bootstrap=5)
    assert not hasattr(model[-1], "coef_")


def test_the_positive_class_can_be_chosen(data, model):
    comparison = compare({"model": model}, *data, cv=4, positive="benign", n_bootstrap=5)
    other = compare({"model": model}, *data, cv=4, n_bootstrap=5)
    assert comparison.to_frame().loc["model", "recall"] == other.to_frame().loc["model", "specificity"]
    np.testing.assert_allclose(comparison.predictions["model_score"], 1 - other.predictions["model_score"])


@pytest.mark.parametrize("labels", [(0, 1), (False, True), (1.0, 2.0), ("benign", "malignant")])
def test_labels_of_any_kind_give_the_same_numbers(make_data, model, labels):
    comparison = compare({"model": model}, *make_data(labels), cv=4, n_bootstrap=5)
    reference = compare({"model": model}, *make_data(), cv=4, n_bootstrap=5)
    assert comparison.positive == labels[1]
    metrics = ["auc", "auc_low", "recall", "precision"]
    pd.testing.assert_frame_equal(comparison.to_frame()[metrics], reference.to_frame()[metrics])


def test_more_than_two_classes_are_averaged(make_data, model):
    X, y = make_data(("a", "b", "c"), n_patients=24)
    comparison = compare({"model": model, "svm": with_svm(model)}, X, y, cv=4, n_bootstrap=20)
    table = comparison.predictions
    for name in ("model", "svm"):
        aucs = [roc_auc_score(table["truth"] == label, table[f"{name}_score_{label}"]) for label in "abc"]
        assert comparison.to_frame().loc[name, "auc"] == pytest.approx(np.mean(aucs))
    assert "of 24 patients, 3 classes, metrics are macro averages; 4 folds" in str(comparison)
    with pytest.raises(ValueError, match="positive is for two classes, y has 3: a, b, c; leave it out"):
        compare({"model": model}, X, y, cv=4, positive="a")


def test_every_class_has_to_be_tested(data):
    X, y = data
    of_benign = np.flatnonzero((y == "benign") & (np.arange(len(y)) < 8))
    folds = [(np.setdiff1d(np.arange(len(y)), of_benign), of_benign)]
    with pytest.raises(CohortError, match="no fold tests a case of class malignant; use folds that test every class"):
        compare({"model": Broken()}, X, y, cv=folds)


def test_decision_values_serve_as_scores(data, model):
    comparison = compare({"svm": with_svm(model)}, *data, cv=4, n_bootstrap=5)
    scores = comparison.predictions["svm_score"]
    assert scores.min() < 0 < scores.max()
    assert comparison.to_frame().loc["svm", "auc"] > 0.7


def test_searches_are_models_too(data, model):
    search = GridSearchCV(model, {"logisticregression__C": [0.1, 1]}, cv=StratifiedPatientKFold(2))
    assert compare({"search": search}, *data, cv=2, n_bootstrap=5).to_frame().loc["search", "auc"] > 0.7


def test_images_of_a_pipeline_are_read_once_per_fold(data):
    seen = []

    def read(X):
        seen.extend(X.ids)
        return np.array([[case.load().image.mean()] for case in X])

    model = make_pipeline(FunctionTransformer(read), LogisticRegression())
    compare({"model": model}, *data, cv=4, n_bootstrap=5)
    assert len(seen) == 4 * len(data[0])


def test_the_seed_and_the_number_of_jobs_change_nothing(data, model):
    first = compare({"model": model}, *data, cv=4, n_bootstrap=50, random_state=3)
    with parallel_config("threading"):  # processes take seconds to start
        second = compare({"model": model}, *data, cv=4, n_bootstrap=50, random_state=3, n_jobs=2)
    metrics = first.to_frame().columns[1:-2]
    pd.testing.assert_frame_equal(first.to_frame()[metrics], second.to_frame()[metrics])
    pd.testing.assert_frame_equal(first.predictions, second.predictions)


def test_any_backend_of_joblib_will_do(data, model, all_at_once, capsys):
    assert compare({"model": model}, *data, cv=4, n_bootstrap=5, verbose=1).models == ["model", "majority"]
    assert "8/8" in capsys.readouterr().err


def test_groups_take_the_place_of_the_patients(data, model):
    X, y = data
    groups = np.arange(len(X)) // 4
    comparison = compare({"model": model}, X, y, cv=5, groups=groups, n_bootstrap=5)
    assert comparison.predictions["patient"].tolist() == [str(group) for group in groups]
    assert comparison.predictions.groupby("patient")["fold"].nunique().max() == 1


def test_cases_never_tested_are_not_in_the_predictions(data, model):
    X, y = data
    folds = np.arange(len(X)) // 4 % 4 - 1
    assert (
        compare({"model": model}, X, y, cv=folds, n_bootstrap=5).predictions.index.tolist()
        == X.ids[folds >= 0].tolist()
    )


def test_a_failing_model_is_named_with_its_fold(data):
    with pytest.raises(RuntimeError, match="out of memory") as caught:
        compare({"cnn": Broken()}, *data, cv=4)
    assert caught.value.__notes__ == ["while model 'cnn' was fitted and tested in fold 0"]


def test_a_model_without_scores_is_refused_with_a_remedy(data, model):
    votes = VotingClassifier([("model", model)])
    with pytest.raises(TypeError, match=r'has neither predict_proba nor decision_function; .* voting="soft"'):
        compare({"votes": votes}, *data, cv=4)
    compare({"votes": votes.set_params(voting="soft")}, *data, cv=4, n_bootstrap=20)


def test_scores_that_are_nan_are_refused(data):
    with pytest.raises(ValueError, match="scores of 10 test cases are NaN"):
        compare({"model": Diverged()}, *data, cv=4)


def test_predictions_that_are_no_class_are_refused(data):
    # in sorted order they stand between benign and malignant, and would count as malignant
    with pytest.raises(ValueError, match="Undecided predicts borderline, the classes are benign, malignant; a case"):
        compare({"model": Undecided()}, *data, cv=4)


def test_predictions_may_be_a_column(make_data, model):
    X, y = make_data(labels=("benign", "malignant", "normal"))
    columns = make_pipeline(model[0], InColumns())
    table = compare({"row": model, "column": columns}, X, y, cv=4, n_bootstrap=5).to_frame()
    metrics = table.columns[1:-2]
    pd.testing.assert_series_equal(table.loc["row", metrics], table.loc["column", metrics], check_names=False)


def missing_label(y):
    return np.where(np.arange(len(y)) == 3, None, y)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda y: y[:-1], r"y has shape \(39,\), X has 40 cases"),
        (missing_label, "y has no label for 1 cases: 'image03'; leave them out"),
        (lambda y: np.where(np.arange(40) < 5, None, y), "5 cases: 'image00', 'image01', 'image02' and 2 more; leave"),
        (lambda y: np.full(len(y), "benign"), "y holds one class only: benign"),
        (lambda y: np.linspace(0.1, 1, len(y)), "y holds continuous values"),
        (lambda y: (y == y[0]).astype(object), "y holds Python objects, expected numbers or text; convert"),
        (lambda y: np.array([(n % 2, n) for n in range(len(y))], "?, f"), "y holds structured values"),
    ],
)
def test_bad_labels_are_refused_before_anything_is_fitted(data, spoil, message):
    X, y = data
    Broken.tries = 0
    with pytest.raises(CohortError, match=message):
        compare({"model": Broken()}, X, spoil(y), cv=4)
    assert Broken.tries == 0


@pytest.mark.parametrize("random_state", [-1, "a", np.random.default_rng(0)])
def test_a_seed_that_is_none_is_refused_before_anything_is_fitted(data, random_state):
    Broken.tries = 0
    with pytest.raises(ValueError, match=r"[Ss]eed"):
        compare({"model": Broken()}, *data, cv=2, random_state=random_state)
    assert Broken.tries == 0


def test_a_split_by_case_is_refused_before_anything_is_fitted(data):
    Broken.tries = 0
    with pytest.raises(CohortError, match="tests patients that are in its training cases"):
        compare({"model": Broken()}, *data, cv=KFold(3))
    assert Broken.tries == 0


@pytest.mark.parametrize(
    ("models", "options", "error", "message"),
    [
        ({}, {}, TypeError, "models must be a dict"),
        ([LogisticRegression()], {}, TypeError, "models must be a dict of names and classifiers, got list"),
        ({8: LogisticRegression()}, {}, TypeError, "a name in models must be text, got 8; use '8'"),
        ({"svm": "svm"}, {}, TypeError, "model 'svm' is 'svm', which has no fit"),
        ({"columns": FunctionTransformer()}, {}, TypeError, "'columns' is .*, which has no predict; pass"),
        ({"line": LinearRegression()}, {}, TypeError, "model 'line' predicts numbers, not classes"),
        ({"majority": LogisticRegression()}, {}, ValueError, "has the name of a baseline"),
        ({"a": LogisticRegression()}, {"positive": "malign"}, ValueError, "one of the classes benign, malignant"),
        ({"a": LogisticRegression()}, {"n_bootstrap": 0}, ValueError, "n_bootstrap must be at least 1"),
        ({"a": LogisticRegression()}, {"n_jobs": 0}, ValueError, "n_jobs must not be 0"),
        ({"a": LogisticRegression()}, {"baselines": "no"}, TypeError, "baselines must be True or False, got 'no'"),
        ({"a": LogisticRegression()}, {"groups": [1, 2]}, CohortError, "groups has 2 entries, X has 40 cases"),
    ],
)
def test_bad_arguments_are_named(data, models, options, error, message):
    with pytest.raises(error, match=message):
        compare(models, *data, cv=4, **options)


@pytest.mark.slow
def test_a_thousand_resamples_of_eight_models_take_a_few_seconds(make_data):
    X, y = make_data(n_patients=250)
    models = {f"chance {n}": Guess(n) for n in range(8)}
    start = perf_counter()
    compare(models, X, y, cv=5)
    assert perf_counter() - start < 10


class Guess(WithoutScores):
    def __init__(self, seed=0):
        self.seed = seed

    def predict_proba(self, X):
        return np.random.default_rng(self.seed).dirichlet([1, 1], size=len(X))
