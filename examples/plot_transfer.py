"""Does a network that has seen chest radiographs begin better on breast ultrasound? From one cohort to another.

    python examples/plot_transfer.py [--out out] [--fraction 0.3] [--quick]

A CNN is trained to find pneumonia in the small chest radiographs of PneumoniaMNIST and written to a file. Then two
classifiers tell malignant from benign breast lesions in BUSI, on the same folds and on few training cases: one begins
with random weights, the other with the network in the file. (On these two sets it makes no difference that the
intervals would show.) BUSI must lie in the data home (see `radlearn.datasets.fetch`); MedMNIST is downloaded where it
is absent.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # more threads than free cores would spin; TensorFlow has its own

import matplotlib as mpl
import numpy as np
from sklearn.pipeline import make_pipeline

from radlearn.datasets import fetch
from radlearn.evaluation import compare
from radlearn.keras import CNNClassifier, TransferClassifier, save_network
from radlearn.preprocessing import Augment, CropToMask

NETWORK = {"input_shape": (64, 64), "filters": (16, 32, 64), "dense": 64, "batch_size": 32}
TRAINING = {"epochs": 20, "class_weight": "balanced", "random_state": 0}


def main():
    """Train on chests, save, compare on breasts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the network and the picture")
    parser.add_argument("--fraction", type=float, default=0.3, help="part of the training cases of BUSI that is used")
    parser.add_argument("--quick", action="store_true", help="few epochs, and one fold")
    options = parser.parse_args()
    mpl.use("Agg")
    options.out.mkdir(parents=True, exist_ok=True)

    training = {**TRAINING, "epochs": 2} if options.quick else TRAINING
    chests = fetch("medmnist", task="pneumonia")
    is_training = chests.folds == -1
    source = CNNClassifier(**NETWORK, epochs=1 if options.quick else 3, random_state=0).fit(
        chests.X[is_training], chests.y[is_training]
    )
    print(f"chests: accuracy {source.score(chests.X[~is_training], chests.y[~is_training]):.2f} on validation images")
    save_network(source, options.out / "pneumonia.radlearn")

    breasts = fetch("busi")
    augment = Augment(flip="x", rotate=15, shift=0.05)
    models = {
        "from the start": CNNClassifier(**NETWORK, **training, augment=augment),
        "transferred": TransferClassifier(
            options.out / "pneumonia.radlearn",
            thaw=4,  # all layers with weights
            thaw_epochs=1 if options.quick else 15,
            thaw_learning_rate=1e-3,
            batch_size=32,
            augment=augment,
            **{**training, "epochs": 1 if options.quick else 5},
        ),
    }
    models = {name: make_pipeline(CropToMask(margin=30, square=True), model) for name, model in models.items()}
    folds = list(few(breasts.folds, options.fraction))[: 1 if options.quick else None]
    comparison = compare(models, breasts.X, breasts.y, cv=folds, baselines=False, verbose=1)
    print(comparison)
    print(f"difference of the AUC: {comparison.difference('transferred', 'from the start')}")
    comparison.plot_roc().figure.savefig(options.out / "transfer.png", dpi=110, bbox_inches="tight")


def few(folds, fraction):
    """Pairs of training and test positions; of the training cases only a part is kept, drawn at random."""
    rng = np.random.default_rng(0)
    for fold in np.unique(folds):
        training = np.flatnonzero(folds != fold)
        yield rng.permutation(training)[: round(fraction * len(training))], np.flatnonzero(folds == fold)


if __name__ == "__main__":
    main()
