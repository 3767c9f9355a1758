"""Scores of a classifier for many weightings of the same cases at once.

A bootstrap resample, a fold and the whole cohort differ only in how often each case counts. So every function here
takes a matrix of weights, one row per resample, and returns one score per row: a thousand resamples are a few array
operations.
"""

import numpy as np

METRICS = ("auc", "balanced_accuracy", "recall", "specificity", "accuracy", "precision", "f1")


def score(truth, predicted, scores, weights, *, positive=None):
    """Every metric for every row of weights.

    With two classes the metrics are those of the positive class. With more they are means over the classes, each in
    turn taken as the positive one (macro, one-vs-rest); a class for which a metric is undefined, with every case
    counted once, is left out of its mean.

    Parameters
    ----------
    truth, predicted : int array of shape (n_cases,)
        Class of each case as its position among the sorted classes.
    scores : array of shape (n_cases, n_classes)
        Probability, or any number that grows with it, of each class.
    weights : array of shape (n_rows, n_cases)
        How often each case counts.
    positive : int, optional
        Position of the positive class; None for the mean over all classes.

    Returns
    -------
    metrics : dict of str to array of shape (n_rows,)
        One entry for each of `METRICS`. NaN where a metric is undefined: the AUC with cases of one class only, recall
        without a positive case, specificity without a negative one, precision when nothing was called positive; and a
        mean over classes, such as the balanced accuracy, where one of them has no value with these weights.

    Examples
    --------
    >>> truth, predicted = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    >>> scores = np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.5, 0.5]])
    >>> metrics = score(truth, predicted, scores, np.ones((1, 4)), positive=1)
    >>> print(metrics["auc"], metrics["recall"], metrics["specificity"])
    [0.75] [1.] [0.5]
    """
    values = _of_each_class(truth, predicted, scores, weights, positive)
    of_all_cases = _of_each_class(truth, predicted, scores, np.ones((1, len(truth))), positive)
    # A resample may lack a class: the mean over the others would be another quantity.
    return {name: _mean(values[name][:, ~np.isnan(of_all_cases[name][0])]) for name in METRICS}


def _of_each_class(truth, predicted, scores, weights, positive):
    """Metrics of each class that goes into the mean, shape (n_rows, n_classes_in_mean)."""
    tables = confusion(truth, predicted, weights, scores.shape[1])
    cases = tables.sum(axis=(1, 2))[:, None]
    hits = np.diagonal(tables, axis1=1, axis2=2)
    actual, called = tables.sum(axis=2), tables.sum(axis=1)
    rejections = cases - actual - called + hits
    classes = range(scores.shape[1]) if positive is None else [positive]
    recall = _ratio(hits, actual)
    return {
        "auc": np.stack([auc(truth == position, scores[:, position], weights) for position in classes], axis=1),
        "balanced_accuracy": recall,
        "recall": recall[:, classes],
        "specificity": _ratio(rejections, cases - actual)[:, classes],
        "accuracy": _ratio(hits.sum(axis=1, keepdims=True), cases),
        "precision": _ratio(hits, called)[:, classes],
        "f1": _ratio(2 * hits, actual + called)[:, classes],
    }


def confusion(truth, predicted, weights, n_classes):
    """Return the confusion matrix of each row of weights, shape (n_rows, n_classes, n_classes); rows are the truth."""
    cell = truth * n_classes + predicted
    in_cell = cell[:, None] == np.arange(n_classes**2)
    return (weights @ in_cell.astype(float)).reshape(-1, n_classes, n_classes)


def auc(is_positive, scores, weights):
    """Area under the ROC curve for each row of weights.

    It is the fraction of pairs of a positive and a negative case in which the positive case has the higher score; a tie
    counts half.

    Parameters
    ----------
    is_positive : bool array of shape (n_cases,)
    scores : array of shape (n_cases,)
    weights : array of shape (n_rows, n_cases)
        How often each case counts.

    Returns
    -------
    auc : array of shape (n_rows,)
        NaN where only one class has weight.
    """
    order = np.argsort(scores, kind="stable")
    weights, is_positive, scores = weights[:, order], is_positive[order], scores[order]
    starts = np.flatnonzero(np.append(True, scores[1:] != scores[:-1]))
    positives = np.add.reduceat(weights * is_positive, starts, axis=1)
    negatives = np.add.reduceat(weights * ~is_positive, starts, axis=1)
    lower_negatives = np.cumsum(negatives, axis=1) - negatives
    won = np.sum(positives * (lower_negatives + negatives / 2), axis=1)
    return _ratio(won, positives.sum(axis=1) * negatives.sum(axis=1))


def _ratio(part, whole):
    """Ratio of a part to the whole; NaN where the whole is 0."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)


def _mean(values):
    """Mean of each row; NaN without any column."""
    return values.mean(axis=1) if values.shape[1] else np.full(len(values), np.nan)
