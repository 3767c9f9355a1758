"""Find the breast lesions of BUSI with every segmenter, no mask given, and say how well.

    python benchmarks/segmentation.py --csv segmentation.csv

Needs `RADLEARN_DATA` with the folder `busi`. Every method follows one recipe: all images on one grid, the method on the
smoothed image less its background, then the largest part of the mask. The smoothing, and whether parts at the border of
the image count, are chosen on training cases of folds 1 to 4 (`GridSearchCV` on patient-safe folds, by the Dice
coefficient), and tested on the cases of fold 0; folds keep near duplicates together. Lesions are taken to be dark, as
they are in ultrasound. Lengths count pixels of the original images, whose size in mm is not known; Dice coefficients
are those on the common grid.
"""

import argparse
from pathlib import Path

import numpy as np
from files import check_folder
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from radlearn.datasets import fetch
from radlearn.evaluation import PatientKFold, compare_segmentations
from radlearn.preprocessing import Resample
from radlearn.segmentation import (
    ActiveContour,
    CleanMask,
    ClusterSegmenter,
    GraphCut,
    RandomWalker,
    RegionGrowing,
    ThresholdSegmenter,
    WatershedSegmenter,
)

METHODS = {
    **{name: ThresholdSegmenter(method=name, side="dark") for name in ("otsu", "li", "triangle", "yen")},
    "multi-Otsu": ThresholdSegmenter(method="multi_otsu", n_classes=4, side="dark"),
    "region growing": RegionGrowing(seed="darkest", tolerance=2.0),
    "watershed": WatershedSegmenter(n_classes=4, side="dark"),
    "k-means": ClusterSegmenter(n_clusters=4, scope="case", side="dark"),
    "k-means of the cohort": ClusterSegmenter(n_clusters=4, side="dark"),
    "Gaussian mixture": ClusterSegmenter(method="gaussian_mixture", scope="case", n_voxels=2000, side="dark"),
    "Chan-Vese": ActiveContour(side="dark", n_iterations=20),
    "geodesic contour": ActiveContour(method="geodesic", side="dark", n_iterations=20),
    "random walker": RandomWalker(n_classes=4, side="dark"),
    "graph cut": GraphCut(n_classes=4, side="dark"),
}


def main():
    """Tune and test each method; print and write the table."""
    options = parsed()
    check_folder(options.csv)
    data = fetch("busi")
    train, test = chosen_cases(data.folds, options.cases)
    searches = {name: search(METHODS[name], options.spacing) for name in options.methods}
    comparison = compare_segmentations(searches, data.X, cv=[(train, test)], n_jobs=options.n_jobs, verbose=1)
    table = comparison.to_frame()
    table["missed"] = comparison.scores["dice"].eq(0).groupby("segmenter").mean()
    table = table.sort_values("dice", ascending=False)
    print(
        f"{len(test)} lesions of fold 0, parameters chosen on {len(train)} others; grid of {options.spacing:g} pixels"
    )
    intervals = [str(comparison.interval(name)) for name in table.index]
    print(table.assign(dice=intervals)[["dice", "jaccard", "hausdorff", "missed", "seconds"]].round(3).to_string())
    if options.csv:
        table.to_csv(options.csv)


def parsed():
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=40, help="cases to choose on (default: 40)")
    parser.add_argument("--spacing", type=float, default=4.0, help="grid, in pixels of the original (default: 4)")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS), help="these methods only")
    parser.add_argument("--n-jobs", type=int, default=1, help="methods that run at once (default: 1)")
    parser.add_argument("--csv", type=Path, help="write all numbers to this file")
    return parser.parse_args()


def chosen_cases(folds, n_train):
    """Positions of some training cases outside of fold 0, drawn once for all, and of the test cases in it."""
    train = np.flatnonzero(folds != 0)
    return np.random.default_rng(0).permutation(train)[:n_train], np.flatnonzero(folds == 0)


def search(segmenter, spacing):
    """The recipe around a method, with the parameters to choose."""
    name = type(segmenter).__name__.lower()
    cleaning = CleanMask(opening=8.0, keep_largest=1)
    relative = clone(segmenter).set_params(background=40.0)
    recipe = make_pipeline(Resample(spacing=spacing), relative, cleaning)
    grid = {f"{name}__sigma": [5.0, 12.0], "cleanmask__border": ["keep", "drop"]}
    return GridSearchCV(recipe, grid, cv=PatientKFold(2), error_score="raise")


if __name__ == "__main__":
    main()
