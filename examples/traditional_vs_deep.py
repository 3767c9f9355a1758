"""Traditional and deep models on the same images and the same patient folds.

Reads a data set, turns each image into a row of radiomics (or, without masks, of classic descriptors), and compares
SVM, decision tree, random forest, XGBoost and a multilayer perceptron on those rows with a convolutional network on the
pixels. Every model sees the same folds, and no patient is on both sides of one. Prints the table with 95 % intervals
from a bootstrap over patients; writes pictures and CSV files.

    python examples/traditional_vs_deep.py --quick
    python examples/traditional_vs_deep.py --data busi --out out
"""

import argparse
import os
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("OMP_NUM_THREADS", "1")  # more threads than free cores would spin; TensorFlow has its own

import matplotlib as mpl
from sklearn.pipeline import make_pipeline, make_union

from radlearn.datasets import fetch, make_cohort
from radlearn.descriptors import HOGFeatures, IntensityHistogram, LBPFeatures
from radlearn.evaluation import compare
from radlearn.keras import CNNClassifier
from radlearn.models import make_classifier
from radlearn.preprocessing import CropToMask
from radlearn.radiomics import RadiomicsFeatures

TRADITIONAL = ("svm", "tree", "forest", "xgboost", "mlp")
REAL_DATA = ("busi", "head_ct_ich", "fracatlas", "kidney_stone_ct", "brain_tumor_mri")


def load(name, *, quick):
    """Images, labels and folds: made in code, or from the data home."""
    if name == "synthetic":
        return make_cohort("tumor", n_cases=120 if quick else 400, random_state=0)
    return fetch(name)


def feature_extractor(memory, *, with_masks):
    """Radiomics where every case has a mask, else descriptors of the whole image."""
    if with_masks:
        return RadiomicsFeatures(ndim=2, bin_count=32, memory=memory)
    return make_union(*(kind(memory=memory) for kind in (HOGFeatures, LBPFeatures, IntensityHistogram)))


def candidates(X, memory, *, quick):
    """The models to compare; the network sees the crop around the mask, as the features do."""
    with_masks = all(case.mask is not None for case in X)
    extractor = feature_extractor(memory, with_masks=with_masks)
    models = {kind: make_pipeline(extractor, make_classifier(kind, random_state=0)) for kind in TRADITIONAL}
    network = CNNClassifier(
        input_shape=(48, 48) if quick else (64, 64),
        filters=(16, 32, 64) if quick else (32, 64, 128),
        dense=64 if quick else 256,
        epochs=8 if quick else 12,
        class_weight="balanced",
        random_state=0,
    )
    models["cnn"] = make_pipeline(CropToMask(margin=10, square=True), network) if with_masks else network
    return models


def write(comparison, out):
    """Table, predictions and pictures."""
    out.mkdir(parents=True, exist_ok=True)
    comparison.to_frame().to_csv(out / "comparison.csv")
    comparison.predictions.to_csv(out / "predictions.csv")
    pictures = {
        "roc.png": comparison.plot_roc,
        "confusion.png": comparison.plot_confusion,
        "worst_cases.png": comparison.plot_cases,
    }
    for name, plot in pictures.items():
        plot().figure.savefig(out / name, dpi=120, bbox_inches="tight")
    print(f"\ntable, predictions and pictures are in {out}")


def main():
    """Compare, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=("synthetic", *REAL_DATA), default="synthetic")
    parser.add_argument("--quick", action="store_true", help="a smaller network, and fewer cases if they are synthetic")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the results")
    arguments = parser.parse_args()
    mpl.use("Agg")

    start = time.perf_counter()
    data = load(arguments.data, quick=arguments.quick)
    print(f"{arguments.data}: {data.X}, {dict(sorted(Counter(data.y.tolist()).items()))}\n")
    with TemporaryDirectory() as memory:
        models = candidates(data.X, memory, quick=arguments.quick)
        comparison = compare(models, data.X, data.y, cv=data.folds, verbose=1)
    print(comparison)
    print(f"the time of {TRADITIONAL[0]} includes the features, which the models after it read from memory")
    write(comparison, arguments.out)
    print(f"{time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main()
