import pickle

import numpy as np
import pandas as pd
import pytest

from radlearn.evaluation import compare
from radlearn.evaluation.metrics import METRICS


@pytest.fixture
def comparison(data, model, useless):
    return compare({"model": model, "useless <b>": useless}, *data, cv=4, n_bootstrap=200)


def test_an_interval_holds_its_estimate(comparison):
    for metric in METRICS:
        interval = comparison.interval("model", metric)
        assert interval.low <= interval.estimate <= interval.high


def test_a_difference_is_paired(comparison):
    gain = comparison.difference("model", "useless <b>")
    assert gain.estimate == pytest.approx(
        comparison.interval("model").estimate - comparison.interval("useless <b>").estimate
    )
    assert gain.low > 0
    assert comparison.difference("model", "model") == (0, 0, 0)


def test_a_difference_turns_its_sign_with_the_order(comparison):
    forth, back = comparison.difference("model", "majority"), comparison.difference("majority", "model")
    np.testing.assert_allclose(forth, (-back.estimate, -back.high, -back.low))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda comparison: comparison.interval("modle"), "did you mean 'model'"),
        (lambda comparison: comparison.interval("model", "AUC"), "metric must be one of 'auc'"),
        (lambda comparison: comparison.difference("model", "x"), "model must be one of"),
        (lambda comparison: comparison.plot_cases("x"), "model must be one of"),
        (lambda comparison: comparison.plot_cases(n=0), "n must be at least 1"),
    ],
)
def test_unknown_names_are_refused(comparison, ask, message):
    with pytest.raises(ValueError, match=message):
        ask(comparison)


def test_the_confusion_matrix_counts_the_predictions(comparison):
    table = comparison.predictions
    expected = pd.crosstab(table["truth"], table["model_predicted"]).to_numpy()
    np.testing.assert_array_equal(comparison.confusion_matrix("model"), expected)


def test_scores_by_fold_are_those_of_the_cases_of_the_fold(comparison):
    table = comparison.predictions.query("fold == 2")
    row = comparison.scores_by_fold.loc[("model", 2)]
    assert row["n_cases"] == len(table)
    assert row["accuracy"] == pytest.approx(np.mean(table["truth"] == table["model_predicted"]))


def test_a_fold_of_one_class_has_no_auc(make_data, model):
    X, y = make_data()
    order = np.argsort(y, kind="stable")
    folds = np.empty(len(y), int)
    folds[order] = np.arange(len(y)) // 10
    comparison = compare({"model": model}, X, y, cv=folds, n_bootstrap=20)
    assert comparison.scores_by_fold["auc"].isna().all()
    assert not np.isnan(comparison.interval("model").estimate)


@pytest.mark.parametrize("labels", [("benign", "malignant"), ("benign", "malignant", "normal")])
def test_a_resample_without_a_class_does_not_count_for_means_over_classes(make_data, model, labels):
    X, y = make_data(labels, n_patients=30)
    rare = np.flatnonzero(y == labels[-1])
    kept = np.delete(np.arange(len(y)), rare[4:])  # two patients: one resample in seven has neither
    comparison = compare({"model": model}, X[kept], y[kept], cv=2, n_bootstrap=200)
    assert comparison.interval("majority", "balanced_accuracy") == pytest.approx((1 / len(labels),) * 3)


def test_the_worst_cases_come_first(comparison):
    worst = comparison.worst_cases("model")
    assert worst["margin"].is_monotonic_increasing
    is_wrong = worst["truth"] != worst["predicted"]
    assert is_wrong.iloc[: is_wrong.sum()].all()
    first = comparison.predictions.loc[worst.index[0]]
    assert worst["score"].iloc[0] == first["model_score"]


def test_the_worst_cases_are_those_of_the_best_model(data, model, useless):
    comparison = compare({"useless": useless, "model": model}, *data, cv=4, n_bootstrap=20)
    pd.testing.assert_frame_equal(comparison.worst_cases(), comparison.worst_cases("model"))


def test_the_text_has_a_line_for_each_model_with_intervals(comparison):
    lines = str(comparison).splitlines()
    assert lines[0].startswith("40 cases of 20 patients, 20 positive (malignant); 4 folds; 95 % intervals from 200")
    assert lines[3].startswith(f"model        {comparison.interval('model')}")
    assert [line.split("  ")[0] for line in lines[3:6]] == comparison.models
    assert all(str(comparison.interval("model", metric)) in lines[3] + lines[8] for metric in METRICS)
    assert {len(line) for line in lines[2:6]} == {len(lines[2])}
    assert repr(comparison) == str(comparison)


def test_the_html_is_escaped(comparison):
    html = comparison._repr_html_()
    assert "useless &lt;b&gt;" in html
    assert "<b>" not in html
    assert str(comparison.interval("model")) in html


def test_a_comparison_can_be_pickled(comparison):
    copy = pickle.loads(pickle.dumps(comparison))
    pd.testing.assert_frame_equal(copy.to_frame(), comparison.to_frame())
