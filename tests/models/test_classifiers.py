import pickle
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier, StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.estimator_checks import parametrize_with_checks

from classifiers import InColumns
from radlearn.models import KINDS, EncodedLabels, make_classifier

# Old versions of scikit-learn call new versions of scipy in a deprecated way; nothing else may warn.
pytestmark = pytest.mark.filterwarnings("error", "ignore:scipy.optimize:DeprecationWarning")
SMALL = {"forest": {"n_estimators": 20}, "xgboost": {"n_estimators": 20}}


@pytest.fixture
def table():
    """Columns as radiomics gives them: huge, tiny, constant, undefined now and then, undefined always."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 6))
    y = np.where(X[:, 0] + 0.5 * rng.normal(size=60) > 0.4, "malignant", "benign")
    X[:, 1] *= 1e9
    X[:, 2] *= 1e-9
    X[:, 3] = 7
    X[::5, 4] = np.nan
    X[:, 5] = np.nan
    return X, y


def small(kind, **params):
    return make_classifier(kind, random_state=0, **(SMALL.get(kind, {}) | params))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_learns_from_a_table_with_undefined_values(table, kind):
    X, y = table
    model = small(kind).fit(X, y)
    assert model.classes_.tolist() == ["benign", "malignant"]
    assert model.score(X, y) > 0.75


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("labels", [(3, 7), ("a", "b", "c")])
def test_labels_of_any_kind_come_back(table, kind, labels):
    X, _ = table
    y = np.array(labels)[np.digitize(X[:, 0], np.linspace(-0.5, 0.5, len(labels) - 1))]
    model = small(kind).fit(X, y)
    assert set(model.predict(X)) <= set(labels)
    assert model.classes_.tolist() == list(labels)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_model(table, kind):
    X, y = table
    first, second = (_scores(small(kind).fit(X, y), X) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def _scores(model, X):
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.decision_function(X)


@pytest.mark.parametrize("kind", KINDS)
def test_models_can_be_cloned_and_pickled(table, kind):
    X, y = table
    model = clone(small(kind)).fit(X, y)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))


@pytest.mark.parametrize("kind", KINDS)
def test_infinite_values_are_refused(table, kind):
    X, y = table
    X[0, 0] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        small(kind).fit(X, y)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"mlp"}))
def test_a_rare_class_is_not_drowned(kind):
    rng = np.random.default_rng(0)
    y = np.arange(200) % 10 == 0
    X = rng.normal(size=(200, 1)) + y[:, None]
    restrained = {"svm": {"C": 0.1}, "forest": {"max_depth": 1}, "tree": {"max_depth": 1}, "xgboost": {"max_depth": 1}}
    called = small(kind, **restrained.get(kind, {})).fit(X, y).predict(X).mean()
    assert called > 0.2  # one in ten is positive; without weights hardly any is called so


@pytest.mark.parametrize("kind", ["svm", "mlp", "logistic"])
def test_one_extreme_case_does_not_set_the_scale_for_all(table, kind):
    X, y = table[0][:, :1], table[1]
    before = _scores(small(kind).fit(X, y), X[1:])
    X[X[:, 0].argmax()] = 1e12
    assert np.corrcoef(before.ravel(), _scores(small(kind).fit(X, y), X[1:]).ravel())[0, 1] > 0.9


def test_parameters_go_to_the_classifier():
    assert make_classifier("svm", C=3).named_steps["classifier"].C == 3
    assert make_classifier("xgboost", max_depth=7)[-1].estimator.max_depth == 7


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_goes_to_the_classifier(kind):
    assert 7 in make_classifier(kind, random_state=7).get_params().values()


def test_only_kinds_that_need_it_are_scaled():
    scaled = [kind for kind in KINDS if {"quantiles", "scale"} <= set(make_classifier(kind).named_steps)]
    assert scaled == ["svm", "mlp", "logistic"]


def test_searches_reach_the_parameters(table):
    grid = {"classifier__estimator__max_depth": [1, 2]}
    search = GridSearchCV(small("xgboost"), grid, scoring="roc_auc", cv=2).fit(*table)
    assert search.best_score_ > 0.6


def test_an_unknown_kind_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match=r"kind must be one of 'svm', .*got 'forrest'; did you mean 'forest'"):
        make_classifier("forrest")


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_parameter_is_refused(kind):
    with pytest.raises(TypeError, match="max_dept"):
        make_classifier(kind, max_dept=3)


def test_without_xgboost_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "xgboost", None)
    with pytest.raises(ImportError, match=r'make_classifier\("xgboost"\) needs xgboost; .* the extra "xgboost"'):
        make_classifier("xgboost")


def test_the_weighting_of_xgboost_matches_scikit_learn(table):
    X, y = table[0][:, :1], table[1]
    ours = EncodedLabels(LogisticRegression(), class_weight="balanced").fit(X, y)
    theirs = LogisticRegression(class_weight="balanced").fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-3)


@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_weights_of_samples_multiply_those_of_their_classes(table, class_weight):
    X, y = table[0][:, :1], table[1]
    weights = np.random.default_rng(0).integers(1, 4, len(y))
    ours = EncodedLabels(LogisticRegression(), class_weight=class_weight).fit(X, y, sample_weight=weights)
    theirs = LogisticRegression().fit(X, y, sample_weight=weights * compute_sample_weight(class_weight, y))
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-3)


def test_missing_values_are_for_the_classifier_to_accept(table):
    X, y = table[0][:, :5], table[1]
    model = EncodedLabels(HistGradientBoostingClassifier(max_iter=5)).fit(X, y)
    assert model.score(X, y) > 0.7
    with pytest.raises(ValueError, match="Input X contains NaN"):
        EncodedLabels(GaussianNB()).fit(X, y)


def test_probabilities_are_for_the_classifier_to_give(table):
    X, y = table[0][:, :1], table[1]
    assert not hasattr(EncodedLabels(SVC()).fit(X, y), "predict_proba")
    stack = StackingClassifier([("labels", EncodedLabels(SVC()))])
    assert stack.fit(X, y).predict(X).shape == y.shape


def test_labels_are_a_row_even_if_the_classifier_predicts_a_column(table):
    X, y = table[0][:, :1], table[1]
    rows, columns = (EncodedLabels(classifier).fit(X, y) for classifier in (LogisticRegression(), InColumns()))
    np.testing.assert_array_equal(columns.predict(X), rows.predict(X))


@pytest.mark.filterwarnings("default")
@parametrize_with_checks([EncodedLabels(LogisticRegression())])
def test_encoded_labels_pass_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


def test_cross_validation_runs_without_a_warning(table):
    assert (cross_val_score(small("svm"), *table, cv=3, scoring="roc_auc") > 0.7).all()
