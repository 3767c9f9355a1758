"""Find the breast lesions of BUSI with networks, beside the best classical segmenter, on the same fold.

    python benchmarks/deep_segmentation.py --csv deep_segmentation.csv

Needs `RADLEARN_DATA` with the folder `busi`, and Keras with a backend. Networks are trained on the lesions of folds 1
to 4 and tested on those of fold 0; folds keep near duplicates together. They see whole images at 128 x 128 pixels, of
which most are mirrored, turned, scaled or recolored in training; their masks are compared on the grid of the image. The
classical segmenter is that of `segmentation.py`, on its coarser grid, its parameters chosen on 40 training cases.
Nothing about the networks was chosen by the test fold. Intervals (95 %) are over groups of near duplicates.
"""

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np
from files import check_folder
from segmentation import METHODS, chosen_cases, search
from sklearn.base import BaseEstimator

from radlearn.datasets import fetch
from radlearn.evaluation import compare_segmentations
from radlearn.keras import ASPPSegmenter, UNetSegmenter, VNetSegmenter
from radlearn.preprocessing import Augment

SHAPE = (128, 128)
NETWORKS = {"U-Net": UNetSegmenter, "V-Net": VNetSegmenter, "ASPP": ASPPSegmenter}
CLASSICAL = "multi-Otsu"


def main():
    """Train and test; print and write the table."""
    options = parsed()
    check_folder(options.csv)
    data = fetch("busi")
    train, test = np.flatnonzero(data.folds != 0), np.flatnonzero(data.folds == 0)
    few, _ = chosen_cases(data.folds, 40)
    jobs = {name: (network(NETWORKS[name], options), train) for name in options.networks}
    jobs[CLASSICAL] = search(METHODS[CLASSICAL], spacing=4.0), few
    fitted, training = {}, {}
    for name, (segmenter, cases) in jobs.items():
        start = perf_counter()
        fitted[name] = Trained(segmenter.fit(data.X[cases]))
        training[name] = perf_counter() - start
    comparison = compare_segmentations(fitted, data.X, cv=[(train, test)], verbose=1)
    table = comparison.to_frame()
    table["missed"] = comparison.scores["dice"].eq(0).groupby("segmenter").mean()
    table["training"] = training
    table["weights"] = {name: n_weights(trained.segmenter) for name, trained in fitted.items()}
    print(f"{len(test)} lesions of fold 0, networks trained on {len(train)} others")
    intervals = [str(comparison.interval(name)) for name in table.index]
    columns = ["dice", "jaccard", "hausdorff", "missed", "training", "seconds", "weights"]
    print(table.assign(dice=intervals)[columns].round(3).to_string())
    for name in options.networks:
        print(f"{name} less {CLASSICAL}: {comparison.difference(name, CLASSICAL)}")
    if options.csv:
        table.to_csv(options.csv)


class Trained(BaseEstimator):
    """A segmenter that is trained already, for `compare_segmentations`; fitting it changes nothing."""

    def __init__(self, segmenter):
        self.segmenter = segmenter

    def __sklearn_clone__(self):
        return self

    def fit(self, X):  # noqa: ARG002 - scikit-learn's signature
        """Change nothing."""
        return self

    def transform(self, X):
        """Segment a cohort."""
        return self.segmenter.transform(X)


def parsed():
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=["U-Net"], help="these (default: U-Net)")
    parser.add_argument("--epochs", type=int, default=15, help="passes over the training cases (default: 15)")
    parser.add_argument("--verbose", type=int, default=0, help="2: a line an epoch")
    parser.add_argument("--csv", type=Path, help="write all numbers to this file")
    return parser.parse_args()


def network(kind, options):
    """A segmenter that sees whole images."""
    return kind(
        patch_shape=SHAPE,
        shape=SHAPE,
        filters=(8, 16, 32, 64, 128),
        dropout=0.1,
        patches_per_case=1,
        epochs=options.epochs,
        learning_rate=3e-3,
        schedule="cosine",
        augment=Augment(flip="x", rotate=15, scale=0.2, shift=0.08, intensity=0.3, noise=0.1),
        random_state=0,
        verbose=options.verbose,
    )


def n_weights(segmenter):
    """Number of weights of a network; 0 for what has none."""
    return segmenter.model_.count_params() if hasattr(segmenter, "model_") else 0


if __name__ == "__main__":
    main()
