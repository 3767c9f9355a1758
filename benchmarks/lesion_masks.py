"""Tell malignant from benign breast lesions by radiomics, with the masks of experts and with automatic ones.

    python benchmarks/lesion_masks.py --csv lesion_masks.csv

Needs `RADLEARN_DATA` with the folder `busi`. Every model is run on the same five folds, which keep near duplicates
together. Automatic masks come from the image alone, by the recipe of `segmentation.py` for multi-Otsu; where nothing is
found, all features are undefined, and the classifier takes the medians of the training cases. Lengths count pixels of
the original images, whose size in mm is not known.
"""

import argparse
import tempfile
import warnings
from pathlib import Path

from files import check_folder
from sklearn.pipeline import make_pipeline

from radlearn.datasets import fetch
from radlearn.evaluation import compare
from radlearn.exceptions import RadlearnWarning
from radlearn.models import make_classifier
from radlearn.preprocessing import Resample
from radlearn.radiomics import RadiomicsFeatures
from radlearn.segmentation import CleanMask, ThresholdSegmenter

SEGMENTER = ThresholdSegmenter(method="multi_otsu", n_classes=4, side="dark", sigma=5.0, background=40.0)
CLEANING = CleanMask(opening=8.0, keep_largest=1, border="drop")
KINDS = ("svm", "forest", "logistic")


def main():
    """Compare the models; print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--spacing", type=float, default=4.0, help="grid, in pixels of the original (default: 4)")
    parser.add_argument("--csv", type=Path, help="write the table to this file")
    options = parser.parse_args()
    check_folder(options.csv)
    data = fetch("busi")
    warnings.simplefilter("ignore", RadlearnWarning)  # of cases in which nothing was found
    with tempfile.TemporaryDirectory() as memory:
        comparison = compare(models_of(options.spacing, memory), data.X, data.y, cv=data.folds, verbose=1)
    print(comparison)
    if options.csv:
        comparison.to_frame().to_csv(options.csv)


def models_of(spacing, memory):
    """All pairs of masks and classifiers; rows of features are shared through a folder."""
    masks = {"expert masks": [], "automatic masks": [SEGMENTER, CLEANING]}
    return {
        f"{name}, {kind}": make_pipeline(
            Resample(spacing=spacing),
            *steps,
            RadiomicsFeatures(ndim=2, bin_count=32, memory=memory, on_error="nan"),
            make_classifier(kind, random_state=0),
        )
        for name, steps in masks.items()
        for kind in KINDS
    }


if __name__ == "__main__":
    main()
