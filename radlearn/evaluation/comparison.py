"""Comparison: predictions of several models for the same cases, with metrics and their intervals."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from radlearn._validation import check_choice, check_number
from radlearn.evaluation import _plots, _text
from radlearn.evaluation.bootstrap import percentile_interval, resample_patients
from radlearn.evaluation.metrics import METRICS, confusion, score


class FoldResult(NamedTuple):
    """Predictions of one model for one fold.

    Attributes
    ----------
    predicted : int array of shape (n_test,)
        Position of the predicted class.
    scores : array of shape (n_test, n_classes)
        Probability or decision value of each class.
    is_probability : bool
    fit_seconds, predict_seconds : float
        Wall time.
    """

    predicted: np.ndarray
    scores: np.ndarray
    is_probability: bool
    fit_seconds: float
    predict_seconds: float


class Comparison:
    """Out-of-fold predictions of several models, with their metrics, intervals and pictures; made by `compare`.

    Metrics are computed from the predictions of all folds together. The AUC thus compares scores across folds and falls
    below that of the single folds (see `scores_by_fold`) where these differ in the share of the classes. Intervals
    hold 95 % of the values that resamples of the patients give, without those that lack a class whose value a metric
    needs; all models see the same resamples, so that differences are paired. They do not include the variation from
    training on other patients, and are somewhat narrow for few patients: the page on comparisons tells how often they
    hold the true value.

    Parameters
    ----------
    X : Cohort
        The cases.
    truth : int array of shape (n_cases,)
        Position of the class of each case.
    classes : array of shape (n_classes,)
        The classes, sorted.
    positive : int or None
        Position of the positive class; None for more than two classes.
    folds : list of int arrays
        Positions of the test cases of each fold.
    results : dict of str to list of FoldResult
        For each model one result per fold.
    baselines : list of str
        Which of the models are baselines.
    n_bootstrap : int
        Number of resamples.
    random_state : int
        Seed of the resamples.

    Attributes
    ----------
    models : list of str
        Names of the models, then of the baselines.
    predictions : DataFrame
        One row per tested case, indexed by case id: `patient`, `fold`, `truth`, and for each model
        ``<model>_predicted`` and ``<model>_score``, the probability of the positive class (its decision value where a
        model has no `predict_proba`); with more than two classes ``<model>_score_<class>``.
    scores_by_fold : DataFrame
        Metrics and seconds for each model and fold. NaN where a metric is undefined.
    is_probability : dict of str to bool
        Whether the scores of a model are probabilities.
    cases : Cohort
        The tested cases, in the order of `predictions`.
    classes, positive, baselines, n_bootstrap
        As given; `positive` is the label itself.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from radlearn.datasets import make_cohort
    >>> from radlearn.descriptors import IntensityHistogram
    >>> from radlearn.evaluation import compare
    >>> from radlearn.models import make_classifier
    >>> data = make_cohort("tumor", n_cases=24)
    >>> model = make_pipeline(IntensityHistogram(), make_classifier("logistic"))
    >>> comparison = compare({"histogram": model}, data.X, data.y, cv=3)
    >>> comparison.models, comparison.predictions.shape
    (['histogram', 'majority'], (24, 7))
    >>> print(comparison.interval("majority", "auc"))
    0.500 [0.500, 0.500]
    """

    def __init__(self, X, truth, *, classes, positive, folds, results, baselines, n_bootstrap, random_state):
        fold_of_case = np.full(len(X), -1)
        for number, test in enumerate(folds):
            fold_of_case[test] = number
        tested = np.flatnonzero(fold_of_case >= 0)
        self.models = list(results)
        self.baselines = list(baselines)
        self.classes = classes
        self.positive = None if positive is None else classes[positive]
        self.n_bootstrap = n_bootstrap
        self.cases = X[tested]
        self._positive = positive
        self._truth = truth[tested]
        self._fold = fold_of_case[tested]
        self._seconds = {
            name: np.array([(run.fit_seconds, run.predict_seconds) for run in runs]) for name, runs in results.items()
        }
        self.is_probability = {name: runs[0].is_probability for name, runs in results.items()}
        order = np.argsort(np.concatenate(folds))
        self._predicted = {
            name: np.concatenate([run.predicted for run in runs])[order] for name, runs in results.items()
        }
        self._scores = {name: np.concatenate([run.scores for run in runs])[order] for name, runs in results.items()}

        self._estimates = {name: self._score(name) for name in self.models}
        self._draws = self._bootstrap(n_bootstrap, random_state)
        self.predictions = self._predictions_table()
        self.scores_by_fold = self._fold_table()

    def interval(self, model, metric="auc"):
        """One metric of one model with its 95 % interval.

        Parameters
        ----------
        model : str
            Name of a model.
        metric : str, default="auc"
            ``"auc"``, ``"accuracy"``, ``"balanced_accuracy"``, ``"recall"``, ``"specificity"``, ``"precision"`` or
            ``"f1"``.

        Returns
        -------
        interval : Interval
            ``(estimate, low, high)``; NaN where the metric is undefined.
        """
        check_choice("model", model, self.models)
        check_choice("metric", metric, METRICS)
        return percentile_interval(self._estimates[model][metric][0], self._draws[model][metric])

    def difference(self, model, other, metric="auc"):
        """How much better one model is than another, on the same cases and the same resamples.

        Parameters
        ----------
        model, other : str
            Names of two models.
        metric : str, default="auc"
            As for `interval`.

        Returns
        -------
        interval : Interval
            Metric of `model` minus that of `other`, with its 95 % interval. Of two models that are equally good on
            average, but learned from these patients, it leaves out 0 in 10 to 15 % of cohorts of 40 to 200 patients.
        """
        mine, theirs = self.interval(model, metric), self.interval(other, metric)
        draws = self._draws[model][metric] - self._draws[other][metric]
        return percentile_interval(mine.estimate - theirs.estimate, draws)

    def to_frame(self):
        """Metrics, intervals and times as numbers.

        Returns
        -------
        table : DataFrame
            One row per model. Columns: `kind` (``"model"`` or ``"baseline"``), for each metric its value and the
            bounds of its interval (`auc`, `auc_low`, `auc_high`, …), `fit_seconds` and `predict_seconds`, summed over
            the folds.
        """
        return pd.DataFrame([self._row(name) for name in self.models], index=pd.Index(self.models, name="model"))

    def confusion_matrix(self, model):
        """Count cases by true and predicted class.

        Parameters
        ----------
        model : str
            Name of a model.

        Returns
        -------
        table : DataFrame of int
            Rows are the true classes, columns the predicted ones.
        """
        check_choice("model", model, self.models)
        counts = confusion(self._truth, self._predicted[model], np.ones((1, len(self.cases))), len(self.classes))[0]
        return pd.DataFrame(
            counts.astype(int), pd.Index(self.classes, name="truth"), pd.Index(self.classes, name="predicted")
        )

    def worst_cases(self, model=None):
        """Cases in the order of how wrong a model was, confident errors first.

        Parameters
        ----------
        model : str, optional
            Default: the model, baselines aside, with the highest AUC.

        Returns
        -------
        table : DataFrame
            Indexed by case id: `position` in `cases`, `truth`, `predicted`, `score` as in `predictions` (with more than
            two classes that of the predicted class) and `margin`, the score of the true class minus the highest of the
            others.
        """
        name = self._model_or_best(model)
        scores, predicted, position = self._scores[name], self._predicted[name], np.arange(len(self._truth))
        is_true = np.arange(len(self.classes)) == self._truth[:, None]
        margin = scores[is_true] - np.where(is_true, -np.inf, scores).max(axis=1)
        table = pd.DataFrame(
            {
                "position": position,
                "truth": self.classes[self._truth],
                "predicted": self.classes[predicted],
                "score": scores[position, predicted if self._positive is None else self._positive],
                "margin": margin,
            },
            index=pd.Index(self.cases.ids, name="id"),
        )
        return table.sort_values("margin", kind="stable")

    def plot_roc(self, ax=None):
        """ROC curves of all models, with AUC and interval; baselines are dashed.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw. Default: a new figure.

        Returns
        -------
        ax : matplotlib Axes
        """
        return _plots.plot_roc(self, ax)

    def plot_confusion(self, models=None):
        """Confusion matrices, with counts and percent of each true class.

        Parameters
        ----------
        models : list of str, optional
            Default: all, baselines too.

        Returns
        -------
        figure : matplotlib Figure
        """
        names = self.models if models is None else [models] if isinstance(models, str) else list(models)
        return _plots.plot_confusion(self, names)

    def plot_cases(self, model=None, n=12):
        """Images of the cases a model was most wrong about, with the outlines of their masks.

        Parameters
        ----------
        model : str, optional
            Default: the model, baselines aside, with the highest AUC.
        n : int, default=12
            Number of cases. Of a 3-D case the slice with the largest piece of the mask is shown. The grey levels
            are scaled for the mask and its close surroundings.

        Returns
        -------
        figure : matplotlib Figure
        """
        check_number("n", n, at_least=1, integer=True)
        return _plots.plot_cases(self, self._model_or_best(model), n)

    def __str__(self):
        return _text.as_text(self)

    __repr__ = __str__

    def _repr_html_(self):
        return _text.as_html(self)

    def _row(self, name):
        row = {"kind": "baseline" if name in self.baselines else "model"}
        for metric in METRICS:
            row[metric], row[f"{metric}_low"], row[f"{metric}_high"] = self.interval(name, metric)
        row["fit_seconds"], row["predict_seconds"] = self._seconds[name].sum(axis=0)
        return row

    def _score(self, name, weights=None, cases=slice(None)):
        """Metrics of a model for each row of weights; without weights, each of the cases counts once."""
        truth, predicted, scores = (array[cases] for array in (self._truth, self._predicted[name], self._scores[name]))
        weights = np.ones((1, len(truth))) if weights is None else weights
        return score(truth, predicted, scores, weights, positive=self._positive)

    def _bootstrap(self, n_bootstrap, random_state):
        """Metrics of every model for the same resamples."""
        blocks = {name: [] for name in self.models}
        for weights in resample_patients(self.cases.patients, n_bootstrap, random_state):
            for name in self.models:
                blocks[name].append(self._score(name, weights))
        return {
            name: {metric: np.concatenate([block[metric] for block in parts]) for metric in METRICS}
            for name, parts in blocks.items()
        }

    def _predictions_table(self):
        table = {"patient": self.cases.patients, "fold": self._fold, "truth": self.classes[self._truth]}
        for name in self.models:
            table[f"{name}_predicted"] = self.classes[self._predicted[name]]
            if self._positive is not None:
                table[f"{name}_score"] = self._scores[name][:, self._positive]
            else:
                columns = zip(self.classes, self._scores[name].T, strict=True)
                table.update({f"{name}_score_{label}": column for label, column in columns})
        return pd.DataFrame(table, index=pd.Index(self.cases.ids, name="id"))

    def _fold_table(self):
        n_folds = self._fold.max() + 1
        index = pd.MultiIndex.from_product([self.models, range(n_folds)], names=["model", "fold"])
        return pd.DataFrame([self._fold_row(name, fold) for name, fold in index], index)

    def _fold_row(self, name, fold):
        in_fold = self._fold == fold
        metrics = {metric: value for metric, [value] in self._score(name, cases=in_fold).items()}
        fit_seconds, predict_seconds = self._seconds[name][fold]
        times = {"fit_seconds": fit_seconds, "predict_seconds": predict_seconds}
        return {**metrics, "n_cases": np.count_nonzero(in_fold), **times}

    def _model_or_best(self, model):
        if model is not None:
            return check_choice("model", model, self.models)
        candidates = [name for name in self.models if name not in self.baselines]
        return max(candidates, key=lambda name: self._estimates[name]["auc"][0])
