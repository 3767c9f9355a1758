import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sklearn import metrics as sk

from radlearn.evaluation.metrics import METRICS, auc, score


def sklearn_scores(truth, predicted, scores, weights, positive):
    average = "macro" if positive is None else "binary"
    # zero_division=nan: undefined stays undefined, and leaves the mean of the classes
    options = {"sample_weight": weights, "zero_division": np.nan, "average": average}
    options |= {"labels": range(scores.shape[1])} if positive is None else {"pos_label": positive}
    classes = range(scores.shape[1]) if positive is None else [positive]
    return {
        "auc": np.mean([sk.roc_auc_score(truth == k, scores[:, k], sample_weight=weights) for k in classes]),
        "accuracy": sk.accuracy_score(truth, predicted, sample_weight=weights),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, predicted, sample_weight=weights),
        "recall": sk.recall_score(truth, predicted, **options),
        "specificity": np.mean([sk.recall_score(truth != k, predicted != k, sample_weight=weights) for k in classes]),
        "precision": sk.precision_score(truth, predicted, **options),
        "f1": sk.f1_score(truth, predicted, **options),
    }


@pytest.mark.parametrize(("n_classes", "positive"), [(2, 1), (2, 0), (3, None), (5, None)])
@pytest.mark.parametrize("decimals", [1, 6])
def test_metrics_equal_those_of_scikit_learn(n_classes, positive, decimals):
    rng = np.random.default_rng(n_classes)
    truth = np.arange(80) % n_classes
    scores = np.round(rng.dirichlet(np.ones(n_classes), size=80), decimals)  # one decimal: many ties
    predicted = scores.argmax(axis=1)
    weights = rng.integers(0, 4, size=(5, 80)).astype(float)
    ours = score(truth, predicted, scores, weights, positive=positive)
    for row, row_weights in enumerate(weights):
        theirs = sklearn_scores(truth, predicted, scores, row_weights, positive)
        assert {name: ours[name][row] for name in METRICS} == pytest.approx(theirs)


def test_auc_of_four_cases_by_hand():
    # pairs (positive, negative): 0.9 > 0.1, 0.9 > 0.4, 0.4 > 0.1 and the tie 0.4 = 0.4, which counts half
    area = auc(np.array([True, True, False, False]), np.array([0.9, 0.4, 0.1, 0.4]), np.ones((1, 4)))
    assert area == pytest.approx(3.5 / 4)


def test_infinite_scores_are_tied_too():
    # logarithms of odds: of pairs (positive, negative), one tie at infinity, one at minus infinity, two in order
    scores = np.array([np.inf, -np.inf, np.inf, -np.inf])
    for order in ([0, 1, 2, 3], [2, 3, 0, 1]):
        assert auc(np.array([True, True, False, False])[order], scores[order], np.ones((1, 4))) == 0.5


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=1, max_size=12))
def test_auc_is_the_share_of_pairs_in_order(cases):
    is_positive, scores = np.array([c[0] for c in cases]), np.array([c[1] for c in cases], dtype=float)
    pairs = [(mine > theirs) + (mine == theirs) / 2 for mine in scores[is_positive] for theirs in scores[~is_positive]]
    expected = np.mean(pairs) if pairs else np.nan
    np.testing.assert_allclose(auc(is_positive, scores, np.ones((1, len(cases)))), [expected])


def test_undefined_metrics_are_nan():
    negatives = score(np.zeros(3, int), np.zeros(3, int), np.zeros((3, 2)), np.ones((1, 3)), positive=1)
    undefined = {name for name in METRICS if np.isnan(negatives[name][0])}
    assert undefined == {"auc", "recall", "precision", "f1"}


def test_a_class_without_cases_leaves_the_mean():
    truth, scores = np.array([0, 0, 1, 1]), np.eye(3)[[0, 1, 1, 1]]
    metrics = score(truth, scores.argmax(axis=1), scores, np.ones((1, 4)))
    assert metrics["recall"][0] == pytest.approx((0.5 + 1) / 2)


@pytest.mark.parametrize(("n_classes", "positive"), [(2, 1), (3, None)])
def test_a_resample_without_a_class_has_no_mean_over_classes(n_classes, positive):
    truth, scores = np.arange(6) % n_classes, np.eye(n_classes)[np.arange(6) % n_classes]
    metrics = score(truth, truth, scores, (truth != 1)[None].astype(float), positive=positive)
    undefined = {name for name in METRICS if np.isnan(metrics[name][0])}
    assert undefined == {"auc", "balanced_accuracy", "recall", "precision", "f1"}
