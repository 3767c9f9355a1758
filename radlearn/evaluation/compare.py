"""Several models on exactly the same folds."""

from dataclasses import replace
from time import perf_counter

import numpy as np
import pandas as pd
from sklearn.base import clone, is_regressor
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.parallel import Parallel, delayed
from tqdm.auto import tqdm

from radlearn._validation import check_flag, check_n_jobs, check_names, check_number, listed
from radlearn.cohort import Cohort, check_cohort, holds_cases
from radlearn.evaluation.baselines import baseline_models
from radlearn.evaluation.comparison import Comparison, FoldResult
from radlearn.evaluation.folds import check_folds
from radlearn.evaluation.splitters import check_classes, patients_of
from radlearn.exceptions import CohortError


def compare(
    models,
    X,
    y,
    cv: object = 5,
    *,
    groups=None,
    positive=None,
    baselines=True,
    n_bootstrap=1000,
    random_state=0,
    n_jobs=None,
    verbose=0,
):
    """Compare models on the same folds, with intervals at the level of patients and with trivial baselines.

    Every case is predicted by models that were trained on other patients; the metrics are those of all these
    predictions together. Labels and folds are checked before anything is fitted.

    Parameters
    ----------
    models : dict of str to classifier
        Classifiers that take a Cohort, usually pipelines of steps, an extractor and a classifier. They are cloned for
        each fold and stay unfitted. Each needs `predict_proba` or `decision_function`. Give the extractors one `memory`
        folder, and models with the same extractor share its features, whose time counts for the first of them.
    X : Cohort
        Anything `check_cohort` understands. Of a DataFrame with a column of cases (`Cohort.to_frame`), models are given
        the rows, so that `ColumnTransformer` finds its columns.
    y : array-like of shape (n_cases,)
        Class of each case.
    cv : int, splitter, array of shape (n_cases,) or iterable of pairs, default=5
        Number of folds (`StratifiedPatientKFold`); a splitter; the fold number of each case (-1: never tested); or
        pairs of training and test positions.
    groups : array-like of shape (n_cases,), optional
        Patient of each case, in place of those of the cohort.
    positive : label, optional
        The positive class, of two. Default: the second in sorted order. With more than two classes the metrics are
        macro averages, and there is none.
    baselines : bool, default=True
        Whether to add ``"majority"`` and, if the cases have size or position in their `meta` (``width``, ``height``,
        ``depth``, ``orig_width``, ``orig_height``, ``area``, ``volume``, ``slice``, ``n_slices``, ``position``, ``x``,
        ``y``, ``z``, ``w``, ``h``), ``"size_or_position"``.
    n_bootstrap : int, default=1000
        Number of resamples of the patients for the 95 % intervals.
    random_state : int, default=0
        Seed of the resamples and of the baselines. The models have their own.
    n_jobs : int, optional
        Number of folds that run at once.
    verbose : int, default=0
        Whether to show a progress bar.

    Returns
    -------
    comparison : Comparison

    Raises
    ------
    CohortError
        If labels are missing or of one class only, or if a patient is on both sides of a fold.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from radlearn.datasets import make_cohort
    >>> from radlearn.descriptors import IntensityHistogram
    >>> from radlearn.models import make_classifier
    >>> data = make_cohort("tumor", n_cases=40, ndim=2, random_state=0)
    >>> models = {kind: make_pipeline(IntensityHistogram(), make_classifier(kind)) for kind in ("logistic", "svm")}
    >>> comparison = compare(models, data.X, data.y, cv=4)
    >>> list(comparison.to_frame().index)[:3]
    ['logistic', 'svm', 'majority']
    """
    check_number("n_bootstrap", n_bootstrap, at_least=1, integer=True)
    check_random_state(random_state)
    check_n_jobs(n_jobs)
    check_flag("baselines", baselines)
    frame, X = X, check_cohort(X)
    if groups is not None:
        X = _with_patients(X, groups)
    data = X
    if holds_cases(frame):
        patients_of(frame, groups)  # refuses a table that says otherwise than its cases
        known = {"patient": X.patients} if "patient" in frame else {}
        data = frame.assign(case=list(X), **known)
    y = _check_labels(X, y)
    classes, truth = np.unique(y, return_inverse=True)
    positive = _check_positive(positive, classes)
    folds = check_folds(cv, X, y)
    _check_every_class_is_tested(folds, truth, classes)
    trivial = baseline_models(X, y, random_state) if baselines else {}
    models = _check_models(models, trivial)

    jobs = [(name, number) for name in [*models, *trivial] for number in range(len(folds))]
    candidates = {**models, **trivial}
    results = Parallel(n_jobs=n_jobs)(
        delayed(_run_fold)(name, candidates[name], X if name in trivial else data, y, classes, number, *folds[number])
        for name, number in tqdm(jobs, desc="folds of all models", disable=not verbose)
    )
    return Comparison(
        X,
        truth,
        classes=classes,
        positive=positive,
        folds=[test for _, test in folds],
        results=dict(_by_model(jobs, results)),
        baselines=list(trivial),
        n_bootstrap=n_bootstrap,
        random_state=random_state,
    )


def _run_fold(name, model, X, y, classes, number, train, test):
    """Fit one model on one fold and predict its test cases."""
    try:
        start = perf_counter()
        model = clone(model).fit(_rows(X, train), y[train])
        fitted = perf_counter()
        predicted, scores, is_probability = _predict(model, _rows(X, test), classes)
        done = perf_counter()
    except Exception as error:
        error.add_note(f"while model {name!r} was fitted and tested in fold {number}")
        raise
    return FoldResult(predicted, scores, is_probability, fitted - start, done - fitted)


def _rows(X, positions):
    return X.iloc[positions] if isinstance(X, pd.DataFrame) else X[positions]


def _predict(model, X, classes):
    """Classes as positions, and one score for each class."""
    if type(model) is Pipeline and len(model) > 1:  # images are read once for classes and scores
        model, X = model[-1], model[:-1].transform(X)
    order = [list(model.classes_).index(label) for label in classes]
    labels = column_or_1d(model.predict(X))  # CatBoost gives a column for more than two classes
    if (strange := ~np.isin(labels, classes)).any():
        raise ValueError(
            f"{type(model).__name__} predicts {labels[strange][0]!s}, the classes are {', '.join(map(str, classes))}; "
            "a case that it does not decide needs one of them, too"
        )
    predicted = np.searchsorted(classes, labels)
    if hasattr(model, "predict_proba"):
        return predicted, _check_finite(np.asarray(model.predict_proba(X))[:, order]), True
    if not hasattr(model, "decision_function"):
        raise TypeError(
            f"{type(model).__name__} has neither predict_proba nor decision_function; "
            'take a classifier with one of them; VotingClassifier has probabilities with voting="soft"'
        )
    values = np.asarray(model.decision_function(X))
    scores = np.column_stack([-values, values]) if values.ndim == 1 else values
    if scores.shape[1] != len(classes) or (len(classes) > 2 and _votes_by_pairs(model)):
        raise ValueError(
            f"decision_function of {type(model).__name__} has a value for each pair of classes, not for each class; "
            'set decision_function_shape="ovr"'
        )
    return predicted, _check_finite(scores[:, order]), False


def _votes_by_pairs(model):
    parameters = model.get_params() if hasattr(model, "get_params") else {}
    return any(name.endswith("decision_function_shape") and value == "ovo" for name, value in parameters.items())


def _check_finite(scores):
    if np.isnan(scores).any():
        raise ValueError(
            f"scores of {np.isnan(scores).any(axis=1).sum()} test cases are NaN; the training has diverged"
        )
    return scores


def _by_model(jobs, results):
    """Names of models with the list of their results, one for each fold."""
    grouped = {}
    for (name, _), result in zip(jobs, results, strict=True):
        grouped.setdefault(name, []).append(result)
    return grouped


def _with_patients(X, groups):
    """Cohort with other patients, which nested splits then see as well."""
    groups = np.asarray(groups)
    if groups.shape != X.shape:
        raise CohortError(f"groups has {groups.size} entries, X has {len(X)} cases", "pass one patient for each case")
    patients = patients_of(X, groups)
    return Cohort(replace(case, patient=str(patient)) for case, patient in zip(X, patients, strict=True))


def _check_labels(X, y):
    y = np.asarray(y)
    if y.shape != X.shape:
        raise CohortError(f"y has shape {y.shape}, X has {len(X)} cases", "pass one label for each case")
    unlabeled = X.ids[pd.isna(y.astype(object))]  # pandas 2.2 knows no structured values
    if unlabeled.size:
        examples = listed([f"'{case}'" for case in unlabeled[:3]], unlabeled.size)
        raise CohortError(f"y has no label for {unlabeled.size} cases: {examples}", "leave them out of X and y")
    if len(set(y.tolist())) < 2:
        raise CohortError(f"y holds one class only: {y[0]!s}", "a comparison needs cases of at least two classes")
    check_classes(y, "turn the numbers into classes first")
    return y


def _check_positive(positive, classes):
    """Position of the positive class; None if there are more than two."""
    listed = ", ".join(str(label) for label in classes)
    if len(classes) > 2:
        if positive is not None:
            raise ValueError(f"positive is for two classes, y has {len(classes)}: {listed}; leave it out")
        return None
    if positive is None:
        return 1
    if positive not in classes.tolist():
        raise ValueError(f"positive must be one of the classes {listed}, got {positive!r}")
    return classes.tolist().index(positive)


def _check_every_class_is_tested(folds, truth, classes):
    tested = truth[np.concatenate([test for _, test in folds])]
    missing = np.setdiff1d(np.arange(len(classes)), tested)
    if missing.size:
        raise CohortError(f"no fold tests a case of class {classes[missing[0]]!s}", "use folds that test every class")


def _check_models(models, trivial):
    check_names("models", models, "classifiers")
    for name, model in models.items():
        for method in ("fit", "predict"):
            if not hasattr(model, method):
                raise TypeError(f"model {name!r} is {model!r}, which has no {method}; pass an unfitted classifier")
        if is_regressor(model):
            raise TypeError(f"model {name!r} predicts numbers, not classes; pass a classifier")
        if name in trivial:
            raise ValueError(f"model {name!r} has the name of a baseline; rename it, or set baselines=False")
    return dict(models)
