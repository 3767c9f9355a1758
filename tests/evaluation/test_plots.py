import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy.ndimage import distance_transform_edt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import auc
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from radlearn import Case, Cohort
from radlearn.descriptors import IntensityHistogram
from radlearn.evaluation import _plots, compare
from radlearn.evaluation.bootstrap import Interval


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def comparison(data, model, useless):
    return compare({"model": model, "useless": useless}, *data, cv=4, n_bootstrap=20)


def texts(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_the_roc_names_each_model_with_its_interval(comparison):
    ax = comparison.plot_roc()
    assert texts(ax) == [f"{name}  {comparison.interval(name)}" for name in ("model", "useless", "majority")]


def test_models_of_any_name_are_listed_and_drawn(data, model, useless):
    comparison = compare({"_svm": model, r"$\alpha^$": useless}, *data, cv=4, n_bootstrap=20)
    ax = comparison.plot_roc()
    ax.figure.canvas.draw()
    assert [text.split()[0] for text in texts(ax)] == ["_svm", r"\$\alpha^\$", "majority"]
    comparison.plot_confusion().canvas.draw()
    comparison.plot_cases(r"$\alpha^$").canvas.draw()


def test_the_roc_encloses_the_auc(comparison):
    line = comparison.plot_roc().get_lines()[1]
    assert auc(line.get_xdata(), line.get_ydata()) == pytest.approx(comparison.interval("model").estimate)


class LogOdds(ClassifierMixin, BaseEstimator):
    """A model that is sure of very bright and very dark images."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, X):
        x = X[:, 0] - 0.5
        return np.where(abs(x) > 1, np.inf * x, x)

    def predict(self, X):
        return self.classes_[(self.decision_function(X) > 0).astype(int)]


@pytest.mark.filterwarnings("error")
def test_the_roc_takes_infinite_scores(data, model):
    comparison = compare({"odds": make_pipeline(model[0], LogOdds())}, *data, cv=4, n_bootstrap=20)
    line = comparison.plot_roc().get_lines()[1]
    assert np.isinf(comparison.predictions["odds_score"]).any()
    assert auc(line.get_xdata(), line.get_ydata()) == pytest.approx(comparison.interval("odds").estimate)


def test_the_roc_is_drawn_where_it_is_wanted(comparison):
    _, ax = plt.subplots()
    assert comparison.plot_roc(ax) is ax


def test_baselines_are_dashed(comparison):
    styles = [line.get_linestyle() for line in comparison.plot_roc().get_lines()[1:]]
    assert styles == ["-", "-", "--"]


def test_the_mean_curve_of_several_classes_encloses_the_mean_auc(make_data, model):
    comparison = compare({"model": model}, *make_data(("a", "b", "c"), n_patients=24), cv=4, n_bootstrap=20)
    line = comparison.plot_roc().get_lines()[1]
    assert auc(line.get_xdata(), line.get_ydata()) == pytest.approx(comparison.interval("model").estimate, abs=0.01)


def test_one_matrix_for_each_model(comparison):
    figure = comparison.plot_confusion()
    assert [ax.get_title() for ax in figure.axes] == ["model", "useless", "majority"]
    assert len(comparison.plot_confusion("model").axes) == 1


def test_a_matrix_shows_counts_and_percent_of_the_truth(comparison):
    counts = comparison.confusion_matrix("model").to_numpy()
    shown = [text.get_text() for text in comparison.plot_confusion(["model"]).axes[0].texts]
    assert shown[0] == f"{counts[0, 0]}\n{100 * counts[0, 0] / counts[0].sum():.0f} %"


def test_the_worst_case_is_shown_first_with_its_outline(comparison):
    figure = comparison.plot_cases(n=5)
    shown = [ax for ax in figure.axes if ax.images]
    worst = comparison.worst_cases("model")
    assert len(shown) == 5
    assert shown[0].get_title().startswith(f"{worst.index[0]}\ntruth {worst['truth'].iloc[0]}")
    assert "P(malignant)" in shown[0].get_title()
    assert all(len(ax.collections) == 1 for ax in shown)


def test_a_decision_value_is_not_called_a_probability(data, model):
    comparison = compare({"svm": make_pipeline(model[0], SVC())}, *data, cv=4, n_bootstrap=20)
    title = comparison.plot_cases(n=1).axes[0].get_title()
    assert "score" in title
    assert "P(" not in title


def test_of_a_volume_the_slice_with_the_largest_mask_is_shown(make_data, model):
    X, y = make_data(ndim=3)
    mask = np.zeros((8, 8, 8), int)
    mask[5, 2:7, 2:7] = mask[3, 2, 2] = 1
    X = Cohort([Case(case.image, mask, id=case.id, patient=case.patient, spacing=(3, 1, 2)) for case in X])
    comparison = compare({"model": model}, X, y, cv=4, n_bootstrap=20)
    ax = comparison.plot_cases(n=1).axes[0]
    case = X[X.ids.tolist().index(comparison.worst_cases().index[0])]
    np.testing.assert_array_equal(ax.images[0].get_array(), case.load().image[5])
    assert ax.get_aspect() == 0.5  # a pixel is 1 mm high and 2 mm wide


def test_no_curve_runs_through_the_legend(comparison):
    ax = comparison.plot_roc()
    ax.figure.canvas.draw()
    assert ax.get_legend().get_window_extent().y1 < ax.bbox.y0
    assert ax.get_legend().get_window_extent().y0 >= 0


def test_thirty_models_are_told_apart_and_listed_within_the_figure():
    names = [f"model {number}" for number in range(30)]
    scores = {f"{name}_score": np.linspace(0, 1, 8) for name in names}
    many = SimpleNamespace(
        models=names,
        baselines=[],
        positive=1,
        predictions=pd.DataFrame({"truth": [0, 1] * 4, **scores}),
        interval=lambda name, metric: Interval(0.5, 0.4, 0.6),
    )
    ax = _plots.plot_roc(many)
    ax.figure.canvas.draw()
    assert len({(line.get_color(), str(line._unscaled_dash_pattern)) for line in ax.get_lines()[1:]}) == 30
    assert ax.get_legend().get_window_extent().y0 >= 0


def long_names(data, model):
    X, y = data
    named = {name: f"{name} lesion, as a long report of the pathologist calls it" for name in np.unique(y)}
    models = {"a model that is described at length, with all of its steps": model}
    return compare(models, X, np.array([named[label] for label in y]), cv=4, n_bootstrap=20)


def test_classes_that_are_numbers_are_written_as_they_are(make_data, model):
    X, y = make_data(labels=(0, 1))
    title = compare({"model": model}, X, y, cv=4, n_bootstrap=20).plot_cases(n=1).axes[0].get_title()
    assert "truth 0, called 1" in title or "truth 1, called 0" in title


@pytest.mark.parametrize("plot", ["plot_roc", "plot_confusion", "plot_cases"])
def test_long_names_stay_inside_of_the_picture(data, model, plot):
    drawn = getattr(long_names(data, model), plot)()
    figure = getattr(drawn, "figure", drawn)
    figure.canvas.draw()
    inside = figure.bbox.padded(1)
    box = figure.get_tightbbox().transformed(figure.dpi_scale_trans)
    assert inside.x0 <= box.x0
    assert box.x1 <= inside.x1
    assert inside.y0 <= box.y0
    assert box.y1 <= inside.y1


def test_the_title_of_a_single_case_is_not_cut(comparison):
    figure = comparison.plot_cases(n=1)
    figure.canvas.draw()
    box = figure._suptitle.get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width


@pytest.mark.parametrize(
    ("case", "text", "n_drawn"),
    [
        (Case("gone.npy", id="odd"), "no such file", 39),
        (Case(np.full((8, 8), np.nan), id="odd"), "", 40),
    ],
)
@pytest.mark.filterwarnings("ignore::radlearn.exceptions.RadlearnWarning")
def test_a_case_that_cannot_be_drawn_does_not_hide_the_others(data, case, text, n_drawn):
    X, y = data
    model = make_pipeline(IntensityHistogram(on_error="nan"), SimpleImputer(), LogisticRegression())
    figure = compare({"model": model}, Cohort([case, *X[1:]]), y, cv=4, n_bootstrap=20).plot_cases(n=len(X))
    (odd,) = [ax for ax in figure.axes if ax.get_title().startswith("odd")]
    assert text in " ".join(shown.get_text() for shown in odd.texts).replace("\n", " ")
    assert sum(len(ax.images) for ax in figure.axes) == n_drawn


def test_without_matplotlib_the_error_names_the_extra(comparison, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot")
    with pytest.raises(ImportError, match='plot_roc needs matplotlib; install radlearn with the extra "report"'):
        comparison.plot_roc()


def test_images_without_mask_and_without_contrast_are_drawn(data, model):
    X, y = data
    X = Cohort([Case(np.full((4, 6), 3.0), id=case.id, patient=case.patient) for case in X])
    figure = compare({"model": model}, X, y, cv=4, n_bootstrap=20).plot_cases(n=2)
    assert not any(ax.collections for ax in figure.axes)


@pytest.mark.parametrize("size", [1, 7, 40])
def test_the_surroundings_of_a_mask_are_found_near_it(size, monkeypatch):
    image, mask = np.random.default_rng(0).random((60, 80)), np.zeros((60, 80), bool)
    mask[20 : 20 + size, 30 : 30 + size // 2 + 1] = True
    expected = image[distance_transform_edt(~mask) <= np.sqrt(mask.sum() / np.pi) / 2 + 1]
    shapes = []
    monkeypatch.setattr(
        _plots, "distance_transform_edt", lambda mask: shapes.append(mask.size) or distance_transform_edt(mask)
    )
    np.testing.assert_array_equal(_plots._neighborhood(image, mask), expected)
    assert shapes[0] < image.size
