"""Deep and traditional models on the same images and folds: AUC, time, memory, number of weights.

    python benchmarks/deep.py --csv benchmarks/results/deep.csv [--sets breast busi] [--models cnn svm] [--folds 2]

Each model runs in a process of its own, whose largest memory is noted. BUSI: malignant against benign lesions, cropped
around the masks of experts, on the grouped folds; MedMNIST: the official validation images. Networks are stopped early
on training patients that are held out, but for those of AdrenalMNIST3D, whose settings were compared on a quarter of
its training cases, and for "vote" on BreastMNIST: the mean of five networks trained to the end on all of its training
images, by settings that were cross-validated on these. The AUC is the mean over the folds, with an interval of 95 %
from a bootstrap over patients. Sets are read from the data home (see `radlearn.datasets.get_data_home`).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # more threads than free cores would spin; TensorFlow has its own

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.ensemble import VotingClassifier
from sklearn.pipeline import make_pipeline, make_union

from radlearn.datasets import fetch
from radlearn.descriptors import HOGFeatures, IntensityHistogram, LBPFeatures
from radlearn.evaluation import check_folds
from radlearn.evaluation.bootstrap import percentile_interval, resample_patients
from radlearn.evaluation.metrics import auc
from radlearn.models import make_classifier
from radlearn.preprocessing import Augment, CropToMask
from radlearn.radiomics import RadiomicsFeatures

# Name: set, its task, and the AUC that a CNN is to reach.
SETS = {
    "busi": ("busi", "lesion", 0.90),
    "breast": ("medmnist", "breast", 0.88),
    "pneumonia": ("medmnist", "pneumonia", 0.99),
    "adrenal": ("medmnist", "adrenal", 0.83),
}
TRAINING = {"class_weight": "balanced", "validation_fraction": 0.15, "schedule": "cosine", "random_state": 0}
AUGMENT = {"flip": "x", "rotate": 15, "scale": 0.15, "shift": 0.08, "intensity": 0.2}
TRADITIONAL = ("svm", "forest", "xgboost")


def models_of(name, memory):
    """The models of a set; each is made only when it is asked for, since Keras takes its time to be imported."""
    if name == "busi":
        features = RadiomicsFeatures(ndim=2, bin_count=32, memory=memory)
    elif name == "adrenal":
        features = RadiomicsFeatures(families=["morphology"], memory=memory)
    else:
        features = make_union(*(kind(memory=memory) for kind in (HOGFeatures, LBPFeatures, IntensityHistogram)))
    models = {
        kind: lambda kind=kind: make_pipeline(features, make_classifier(kind, random_state=0)) for kind in TRADITIONAL
    }
    return models | {kind: lambda kind=kind: network(name, kind, features) for kind in networks_of(name)}


def networks_of(name):
    """Names of the networks that make sense for a set."""
    if name == "adrenal":
        return "cnn", "strided", "slices", "sequence"
    return "cnn", *(["vote"] if name == "breast" else []), "resnet", "separable", "hybrid"


def network(name, kind, features):
    """A deep model for a set."""
    from radlearn.keras import CNNClassifier, HybridClassifier, SequenceClassifier  # noqa: PLC0415 - not for all

    options = {**TRAINING, **BUDGETS[name]}
    crop = CropToMask(margin=30, square=True) if name == "busi" else None
    if kind == "sequence":
        return SequenceClassifier(length=28, **{**options, "input_shape": (28, 28), "dense": 32})
    if kind == "slices":
        return CNNClassifier(slices="orthogonal", **{**options, "input_shape": (28, 28), "filters": (16, 32)})
    if kind == "hybrid":
        return HybridClassifier(features, crop=crop, with_mask=crop is not None, **options)
    architecture = {"resnet": "resnet", "separable": "separable", "strided": strided}.get(kind, "cnn")
    if kind == "resnet":
        options |= {"learning_rate": 2e-3, "epochs": 40, "patience": 10}
    if kind == "vote":
        options |= {"validation_fraction": 0, "patience": None, "normalize": "cohort"}
    model = CNNClassifier(architecture=architecture, with_mask=crop is not None, **options)
    if kind == "vote":
        networks = [(f"seed {seed}", clone(model).set_params(random_state=seed)) for seed in range(5)]
        model = VotingClassifier(networks, voting="soft")
    return model if crop is None else make_pipeline(crop, model)


def strided(*, input_shape, n_classes):
    """A 3-D network that looks at small parts and takes the mean over the volume: glands that are ill are thicker."""
    from keras import Input, Model, layers  # noqa: PLC0415 - slow to import, and only networks need it

    inputs = outputs = Input(input_shape)
    for width in (16, 32, 64):
        for strides in (2, 1):
            outputs = layers.Conv3D(width, 3, strides=strides, padding="same", use_bias=False)(outputs)
            outputs = layers.BatchNormalization(momentum=0.9)(outputs)
            outputs = layers.ReLU()(outputs)
    scores = layers.Dense(n_classes, name="logits")(layers.GlobalAveragePooling3D()(outputs))
    return Model(inputs, layers.Activation("softmax")(scores))


BUDGETS = {
    "busi": {
        "input_shape": (64, 64),
        "filters": (16, 32, 64),
        "dense": 64,
        "epochs": 50,
        "patience": 12,
        "augment": Augment(**AUGMENT),
    },
    "breast": {
        "input_shape": (28, 28),
        "filters": (16, 32),
        "dense": 64,
        "epochs": 60,
        "patience": 15,
        "augment": Augment(**AUGMENT),
    },
    "pneumonia": {"input_shape": (28, 28), "filters": (16, 32), "dense": 64, "epochs": 15, "patience": 4},
    "adrenal": {
        "input_shape": (28, 28, 28),
        "filters": (8, 16),
        "dense": 64,
        "epochs": 25,
        "validation_fraction": 0,
        # Volumes of 0 and 255: scaled one by one, a large gland would be darker than a small one.
        "normalize": "cohort",
        "augment": Augment(flip="xyz", rotate=0, scale=0, intensity=0, noise=0),
    },
}


def measured(name, kind, memory, n_folds):
    """Row of the table: run in a process of its own."""
    set_name, task, _ = SETS[name]
    data = fetch(set_name, task=task)
    model = models_of(name, memory)[kind]()
    aucs, draws, fit, predict = [], [], 0.0, 0.0
    for number, (train, test) in enumerate(list(check_folds(data.folds, data.X, data.y))[:n_folds]):
        begin = time.perf_counter()
        fitted = clone(model).fit(data.X[train], data.y[train])
        middle = time.perf_counter()
        scores = scores_of(fitted, data.X[test])
        fit, predict = fit + middle - begin, predict + time.perf_counter() - middle
        weights = np.vstack([np.ones(len(test)), *resample_patients(data.groups[test], 1000, number)])
        estimate, *resampled = auc(data.y[test] == np.unique(data.y)[1], scores, weights)
        aucs.append(float(estimate))
        draws.append(resampled)
    interval = percentile_interval(np.mean(aucs), np.mean(draws, axis=0))
    last = fitted[-1] if hasattr(fitted, "steps") else fitted
    return {
        "set": name,
        "model": kind,
        "auc": interval.estimate,
        "low": interval.low,
        "high": interval.high,
        "folds": len(aucs),
        "fit_s": fit / len(aucs),
        "predict_s": predict / len(aucs),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "weights": n_weights_of(last),
    }


def n_weights_of(model):
    """Number of weights of a network, or of several that vote; None for other models."""
    networks = [each for each in getattr(model, "estimators_", [model]) if hasattr(each, "model_")]
    return sum(network.model_.count_params() for network in networks) or None


def scores_of(model, X):
    """Score of the second class."""
    return model.predict_proba(X)[:, 1] if hasattr(model, "predict_proba") else model.decision_function(X)


def in_own_process(*arguments):
    """What `measured` gives, from another process."""
    command = [sys.executable, __file__, "--one", json.dumps(arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{arguments[:2]} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main():
    """Measure each model, print and write the table."""
    options = parsed()
    if options.one:
        print(json.dumps(measured(*json.loads(options.one))))
        return
    with tempfile.TemporaryDirectory() as memory:
        for name in options.sets:
            for kind in (kind for kind in (*TRADITIONAL, *networks_of(name)) if kind in options.models):
                table = pd.DataFrame([in_own_process(name, kind, memory, options.folds)])
                print(table.round(3).to_string(index=False), flush=True)
                if options.csv:
                    write(table, options.csv)
            print(f"a CNN is to reach {SETS[name][2]}\n", flush=True)


def parsed(arguments=None):
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    models = list(dict.fromkeys(TRADITIONAL + sum(map(networks_of, SETS), ())))
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS), help="these only (default: all)")
    parser.add_argument("--models", nargs="+", choices=models, default=models, help="these only (default: all)")
    parser.add_argument("--folds", type=int, default=5, help="of BUSI, at most (default: 5)")
    parser.add_argument("--csv", type=Path, help="write all numbers to this file; other rows in it stay")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.folds < 1:
        parser.error(f"--folds must be at least 1, got {options.folds}")
    return options


def write(table, path):
    """Put rows into a file in the place of those of the same models."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file():
        known = pd.read_csv(path).set_index(["set", "model"])
        kept = known[~known.index.isin(table.set_index(["set", "model"]).index)]
        table = pd.concat([kept.reset_index(), table])
    table.round(4).to_csv(path, index=False)


if __name__ == "__main__":
    main()
