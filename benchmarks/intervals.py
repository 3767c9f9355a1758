"""How often the 95 % intervals of `radlearn.evaluation` hold the true value, and what pooling costs the AUC.

    python benchmarks/intervals.py [--cohorts 300]

Scores are normal with a standard deviation of 1, half of their variance belongs to the patient, and the distance of the
classes makes the AUC. A given model is one that was trained elsewhere. A trained one is a logistic regression on ten
columns, two of which differ between the classes by 0.7 standard deviations, in five folds of the cohort; its true AUC
is that of new patients, on average over cohorts. The second of two equally good models has other columns of this kind.
"""

import argparse

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from radlearn.evaluation import FROC, PatientKFold, SegmentationComparison, StratifiedPatientKFold
from radlearn.evaluation.bootstrap import percentile_interval, resample_patients
from radlearn.evaluation.metrics import auc, score

N_BOOTSTRAP = 300
N_COLUMNS, N_TELLING, SHIFT = 10, 2, 0.7
SPLITTERS = {
    "five stratified folds": StratifiedPatientKFold(5),
    "five folds": PatientKFold(5),
    "one patient out": PatientKFold(40),
}


def main():
    """Print a line for each setting."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cohorts", type=int, default=300, help="simulated cohorts of each setting (default: 300)")
    n_cohorts = parser.parse_args().cohorts
    settings = [
        *[(trained_models, n) for n in (40, 100, 200)],
        *[(two_given_models, n, other) for n, other in ((40, 0.8), (100, 0.8), (100, 0.72))],
        *[(given_model, n, n // 2, 1, 0.8) for n in (10, 20, 40, 100)],
        *[(given_model, n, n_ill, 1, 0.8) for n, n_ill in ((50, 5), (100, 10), (200, 20))],
        (given_model, 40, 20, 5, 0.8),
        (given_model, 20, 10, 1, 0.95),
        *[(mean_dice, n, n_images) for n, n_images in ((10, 1), (20, 1), (50, 1), (20, 4))],
        *[(sensitivity, n, n_images) for n, n_images in ((10, 1), (20, 1), (50, 1), (20, 4))],
        *[(auc_of_all_folds, name, shift) for shift in (0, SHIFT) for name in SPLITTERS],
    ]
    for measure, *setting in settings:
        rows = [measure(*setting, np.random.default_rng(seed)) for seed in range(n_cohorts)]
        print(f"{measure.__name__}{tuple(setting)}", summary(rows), flush=True)


def summary(rows):
    """Means over the cohorts; of (value, interval), how often the interval holds the mean value."""
    means = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        if isinstance(values[0], tuple):
            mean = np.mean([value for value, _ in values])
            values = [holds(interval, mean) for _, interval in values]
        means[name] = np.mean(values)
    return ", ".join(f"{name} {mean:.3f}" for name, mean in means.items())


def holds(interval, value):
    """Whether the interval holds the value."""
    return interval.low <= value <= interval.high


def patients_of_cases(n_patients, n_images, rng):
    """Patient of each case: one image each, or a Poisson number with this mean."""
    counts = 1 + rng.poisson(n_images - 1, n_patients)
    return np.repeat(np.arange(n_patients), counts)


def with_effect(patients, rng):
    """Normal numbers, half of whose variance belongs to the patient."""
    of_patient = rng.normal(size=patients.max() + 1)[patients]
    return (of_patient + rng.normal(size=len(patients))) / np.sqrt(2)


def resamples(patients, rng):
    """A row of ones, and the resamples."""
    seed = int(rng.integers(2**31))
    return np.vstack([np.ones(len(patients)), *resample_patients(patients, N_BOOTSTRAP, seed)])


def interval(values):
    """Interval of the first value from the other ones."""
    return percentile_interval(values[0], values[1:])


def metrics_of(truth, scores, weights, threshold):
    """All metrics for each row of weights."""
    both = np.column_stack([-scores, scores])
    return score(truth, (scores > threshold).astype(int), both, weights, positive=1)


def given_model(n_patients, n_ill, n_images, true_auc, rng):
    """A model that was trained elsewhere."""
    patients = patients_of_cases(n_patients, n_images, rng)
    truth, distance = (patients < n_ill).astype(int), np.sqrt(2) * norm.ppf(true_auc)
    scores = distance * truth + with_effect(patients, rng)
    metrics = metrics_of(truth, scores, resamples(patients, rng), distance / 2)
    shares = {
        "AUC": holds(interval(metrics["auc"]), true_auc),
        "accuracy": holds(interval(metrics["accuracy"]), norm.cdf(distance / 2)),
        "recall": holds(interval(metrics["recall"]), norm.cdf(distance / 2)),
        "AUC of 1": metrics["auc"][0] == 1,
    }
    if n_images > 1:
        of_images = auc(truth == 1, scores, resamples(np.arange(len(patients)), rng))
        shares["AUC, drawing images"] = holds(interval(of_images), true_auc)
    return shares


def mean_dice(n_patients, n_images, rng):
    """A segmenter that misses one lesion in ten; the other Dice coefficients have a mean of 0.8."""
    patients = patients_of_cases(n_patients, n_images, rng)
    mean = rng.beta(8, 2, n_patients)[patients]
    values = np.where(rng.random(len(patients)) < 0.1, 0, rng.beta(20 * mean, 20 * (1 - mean)))
    scores = pd.DataFrame({"segmenter": "a", "id": patients, "patient": patients, "dice": values})
    seed = int(rng.integers(2**31))
    comparison = SegmentationComparison(
        scores.set_index(["segmenter", "id"]), n_bootstrap=N_BOOTSTRAP, random_state=seed
    )
    return {"mean Dice": holds(comparison.interval("a"), 0.9 * 0.8)}


def sensitivity(n_patients, n_images, rng):
    """Sensitivity at one false positive per image: 0.6 lesions and 5 other candidates in an image on average."""
    patients = patients_of_cases(n_patients, n_images, rng)
    lesions, others = (np.repeat(np.arange(len(patients)), rng.poisson(n, len(patients))) for n in (0.6, 5))
    lesion_scores = 1.5 + with_effect(patients[lesions], rng) if len(lesions) else np.zeros(0)
    result = FROC(lesion_scores, lesions, with_effect(patients[others], rng), others, patients)
    seed = int(rng.integers(2**31))
    truth = norm.sf(norm.ppf(1 - 1 / 5) - 1.5)
    return {"sensitivity": holds(result.sensitivity_at(1, n_bootstrap=N_BOOTSTRAP, random_state=seed), truth)}


def two_given_models(n_patients, other_auc, rng):
    """Two models, trained elsewhere, whose scores have a correlation of 0.8; one has an AUC of 0.8."""
    patients = np.arange(n_patients)
    truth, common, weights = patients % 2, rng.normal(size=n_patients), resamples(patients, rng)
    draws = []
    for true_auc in (0.8, other_auc):
        own = np.sqrt(0.8) * common + np.sqrt(0.2) * rng.normal(size=n_patients)
        draws.append(auc(truth == 1, np.sqrt(2) * norm.ppf(true_auc) * truth + own, weights))
    first, second = map(interval, draws)
    return {
        "interval of the difference without 0": not holds(interval(draws[0] - draws[1]), 0),
        "both intervals apart": first.low > second.high or second.low > first.high,
    }


def trained_models(n_patients, rng):
    """Two equally good models, trained in five folds."""
    patients = np.arange(n_patients)
    truth, weights, new_truth = patients % 2, resamples(patients, rng), np.arange(2000) % 2
    splitter = StratifiedPatientKFold(5, shuffle=True, random_state=int(rng.integers(2**31)))
    folds = list(splitter.split(truth, truth, patients))
    draws, true_auc = [], []
    for _ in range(2):
        table, new, scores = columns(truth, rng), columns(new_truth, rng), np.zeros(n_patients)
        for train, test in folds:
            model = logistic().fit(table[train], truth[train])
            scores[test] = model.decision_function(table[test])
            true_auc.append(auc(new_truth == 1, model.decision_function(new), np.ones((1, len(new)))))
        draws.append(metrics_of(truth, scores, weights, 0))
    first, second = (interval(metrics["auc"]) for metrics in draws)
    differences = {name: interval(draws[0][name] - draws[1][name]) for name in ("auc", "accuracy")}
    return {
        "AUC": (np.mean(true_auc), first),
        "AUC of the other model": (np.mean(true_auc), second),
        **{f"interval of the difference in {name} without 0": not holds(differences[name], 0) for name in differences},
    }


def auc_of_all_folds(name, shift, rng):
    """AUC of the scores of all folds together, and the mean of the folds, of 40 patients."""
    truth = rng.permutation(np.arange(40) % 2)
    table, scores, of_fold = columns(truth, rng, shift), np.zeros(len(truth)), []
    for train, test in SPLITTERS[name].split(table, truth, np.arange(len(truth))):
        scores[test] = logistic().fit(table[train], truth[train]).decision_function(table[test])
        of_fold.append(auc(truth[test] == 1, scores[test], np.ones((1, len(test))))[0])
    defined = [value for value in of_fold if not np.isnan(value)]
    together = auc(truth == 1, scores, np.ones((1, len(truth))))[0]
    return {"AUC together": together, "mean of the folds": np.mean(defined) if defined else np.nan}


def logistic():
    """Logistic regression, unfitted."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1))


def columns(truth, rng, shift=SHIFT):
    """Ten columns, two of which differ between the classes."""
    table = rng.normal(size=(len(truth), N_COLUMNS))
    table[:, :N_TELLING] += shift * truth[:, np.newaxis]
    return table


if __name__ == "__main__":
    main()
