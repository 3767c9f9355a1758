"""Whole-image classification by classic descriptors: one recipe for all sets, tuned inside the training folds.

    python benchmarks/descriptors.py --memory cache --csv benchmarks/results/descriptors.csv --sets busi head_ct_ich

Each image becomes a row of `descriptors.everything()`, beside it the `FisherVectors` of flat images, whose mixture is
learned from the training cases. One search over the same space for all sets chooses between support vector machines
(one for each class against the rest, on weighted columns: all of `everything()`, with one of two widths of the kernel,
or intensities alone; or on Fisher vectors) and XGBoost, by the AUC in three inner folds of the training cases, which
keep patients together and are drawn three times in small sets. It is tested on the ready-made, grouped folds of the
set, or on the official validation images. The AUC (macro, one-vs-rest where there are more than two classes) is the
mean over the test folds; its interval holds 95 % of the resamples of their patients. Sets are read from the data home
(see `radlearn.datasets.get_data_home`); the folder `--memory` keeps rows of `everything()`, so that they are computed
once.
"""

import argparse
import os
import time
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # more threads than free cores would spin

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC

from radlearn.datasets import fetch
from radlearn.descriptors import FisherVectors, everything
from radlearn.evaluation import StratifiedPatientKFold, check_folds
from radlearn.evaluation.bootstrap import percentile_interval, resample_patients
from radlearn.evaluation.metrics import auc
from radlearn.models import make_classifier
from radlearn.preprocessing import Checkpoint

# Name: set, its task, number of axes of the images, and the AUC to be reached.
SETS = {
    "head_ct_ich": ("head_ct_ich", "slice", 2, 0.84),
    "fracatlas": ("fracatlas", "fracture", 2, 0.80),
    "brain_tumor_mri": ("brain_tumor_mri", "four_class", 2, 0.96),
    "busi": ("busi", "three_class", 2, 0.86),
    "kidney_stone_ct": ("kidney_stone_ct", "candidates", 2, 0.99),
    "pneumonia": ("medmnist", "pneumonia", 2, 0.995),
    "breast": ("medmnist", "breast", 2, 0.90),
    "adrenal64": ("medmnist", "adrenal64", 3, 0.89),
}

# Training cases below which inner folds are drawn several times.
SMALL = 2000

# Columns to choose from; each name starts with that of its descriptor.
COLUMNS = {"all": "^(?!fisher_)", "intensities": "^intensity_histogram__", "patches": "^fisher_"}


def weighted(table):
    """Divide the n columns of a descriptor by the fourth root of n: long descriptors shall not drown the short ones."""
    descriptors = table.columns.str.partition("__").get_level_values(0)
    weights = descriptors.value_counts()[descriptors].to_numpy() ** -0.25
    return table * weights / np.linalg.norm(weights)


def chosen(pattern):
    """Step that keeps the columns whose names match."""
    columns = [("chosen", "passthrough", make_column_selector(pattern))]
    return ColumnTransformer(columns, verbose_feature_names_out=False).set_output(transform="pandas")


SCALING = [*make_classifier("svm", random_state=0).steps[:-1], ("weights", FunctionTransformer(weighted))]


def svm(gamma, steps):
    """Support vector machines after some steps.

    Behind `SCALING` the columns together have a variance of 1, so that gamma means the same whatever their number. The
    whole matrix of the kernel at once is 13 times faster than ``kernel="rbf"`` on 1,000 rows of 2,686 columns.
    """
    machine = SVC(C=3, kernel=partial(rbf_kernel, gamma=gamma), class_weight="balanced")
    return Pipeline([*steps, ("classifier", OneVsRestClassifier(machine))]).set_output(transform="pandas")


# gamma and C were chosen in inner folds of the training cases of BUSI and brain_tumor_mri; the smaller gamma, and that
# there is a choice, in those of AdrenalMNIST3D; Fisher vectors and their gamma in those of FracAtlas and BUSI.
SHARP, SMOOTH = svm(0.5, SCALING), svm(0.2, SCALING)
PATCHES = svm(0.6, [])
XGBOOST = make_classifier("xgboost", n_estimators=150, colsample_bytree=0.05, max_bin=32, random_state=0)

SPACE = [
    {"columns": [chosen(COLUMNS["all"])], "model": [SHARP, SMOOTH, XGBOOST]},
    {"columns": [chosen(COLUMNS["intensities"])], "model": [SHARP]},
    {"columns": [chosen(COLUMNS["patches"])], "model": [PATCHES]},
]


def scores_of(model, table):
    """Score of each class, shape (n_cases, n_classes)."""
    if not hasattr(model, "decision_function"):
        return model.predict_proba(table)
    values = model.decision_function(table)
    return np.column_stack([-values, values]) if values.ndim == 1 else values


def weighted_auc(y, scores, weights, classes):
    """AUC for each row of weights: that of the second class of two, or the mean over more."""
    positions = range(len(classes)) if len(classes) > 2 else [1]
    return np.mean([auc(y == classes[k], scores[:, k], weights) for k in positions], axis=0)


def scorer(model, table, y):
    """AUC of a fitted model."""
    return weighted_auc(y, scores_of(model, table), np.ones((1, len(y))), model.classes_)[0]


def tuned(table, y, patients):
    """The best of the space, fitted to the training cases."""
    model = Pipeline([("columns", chosen(".")), ("model", SHARP)])
    space = [choices for choices in SPACE if choices["columns"][0].transformers[0][-1](table)]  # no patches in 3-D
    search = GridSearchCV(model, space, scoring=scorer, cv=inner_folds(table, y, patients), error_score="raise")
    return search.fit(table, y)


def inner_folds(table, y, patients):
    """Three folds that keep patients together; of small sets, where the choice depends on chance, drawn three times."""
    seeds = range(3 if len(y) < SMALL else 1)
    drawn = [StratifiedPatientKFold(3, shuffle=True, random_state=seed) for seed in seeds]
    return [fold for folds in drawn for fold in folds.split(table, y, patients)]


def fisher_vectors(X, train):
    """Fisher vectors of all cases, of edges and of pixels, by mixtures of the patches of the training cases."""
    edges = FisherVectors(size=64, step=2, n_components=48)
    kinds = [("fisher_daisy", edges), ("fisher_pixels", FisherVectors(patches="pixels"))]
    return FeatureUnion(kinds).set_output(transform="pandas").fit(X[train]).transform(X)


def measured(name, memory):
    """Rows of the result table: one for each test fold, and one for their mean with its interval."""
    set_name, task, ndim, bar = SETS[name]
    data = fetch(set_name, task=task)
    X = Checkpoint(memory=memory).fit_transform(data.X)
    union = everything(ndim=ndim, memory=memory).set_params(verbose_feature_names_out=True)
    columns = union.set_output(transform="pandas").fit_transform(X)
    classes, patients = np.unique(data.y), data.groups
    found, draws = [], []
    for number, (train, test) in enumerate(check_folds(data.folds, data.X, data.y)):
        table = columns if ndim == 3 else pd.concat([columns, fisher_vectors(X, train)], axis=1)
        search = tuned(table.iloc[train], data.y[train], patients[train])
        scores = scores_of(search, table.iloc[test])
        weights = np.vstack([np.ones(len(test)), *resample_patients(patients[test], 1000, number)])
        estimate, *resampled = weighted_auc(data.y[test], scores, weights, classes)
        draws.append(resampled)
        found.append({"set": name, "fold": number, "auc": estimate, **described(search.best_params_)})
    interval = percentile_interval(np.mean([row["auc"] for row in found]), np.mean(draws, axis=0))
    mean = {"set": name, "fold": "mean", "auc": interval.estimate, "low": interval.low, "high": interval.high}
    return [*found, {**mean, "bar": bar, "reached": interval.estimate >= bar}]


def described(best):
    """What a search chose, in words."""
    classifier = best["model"][-1].estimator
    names = {pattern: name for name, pattern in COLUMNS.items()}
    pattern = best["columns"].transformers[0][-1].pattern
    gamma = classifier.kernel.keywords["gamma"] if isinstance(classifier, SVC) else None
    return {"classifier": type(classifier).__name__, "gamma": gamma, "columns": names[pattern]}


def main():
    """Measure each set, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS), help="these only (default: all)")
    parser.add_argument("--memory", help="folder in which rows are kept")
    parser.add_argument("--csv", type=Path, help="write all numbers to this file; other sets in it stay")
    options = parser.parse_args()
    for name in options.sets:
        begin = time.perf_counter()
        rows = pd.DataFrame(measured(name, options.memory))
        print(f"{rows.round(4).to_string(index=False)}\n{time.perf_counter() - begin:.0f} s\n", flush=True)
        if options.csv:
            options.csv.parent.mkdir(parents=True, exist_ok=True)
            known = pd.read_csv(options.csv).query("set != @name") if options.csv.is_file() else None
            pd.concat([known, rows]).round(4).to_csv(options.csv, index=False)


if __name__ == "__main__":
    main()
