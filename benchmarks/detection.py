"""Find kidney stones in CT images: candidates, models that score them, and free-response ROC on the folds of patients.

    python benchmarks/detection.py --csv detection.csv [--every 4]

Images come from the set ``kidney_stone_ct`` of the data home. No mask and no box is used but to learn from the training
folds and to measure: candidates are bright blobs of the whole image, and each model scores those of the fold that
it has not seen. Prints the sensitivity at several numbers of false positives per image, with an interval over patients,
and the average precision.
"""

import argparse
import csv
import time
from pathlib import Path

import numpy as np
from files import check_folder

from radlearn.datasets import fetch
from radlearn.descriptors import HOGFeatures, IntensityHistogram, LBPFeatures
from radlearn.detection import BlobCandidates, detections, match_candidates
from radlearn.evaluation import average_precision, froc
from radlearn.models import make_classifier

RATES = (0.25, 0.5, 1, 2, 4, 8)
FINDER = BlobCandidates(
    method="dog", min_diameter=3, max_diameter=20, threshold=0.2, max_candidates=None, patch_size=48
)
SHAPE = ("diameter", "height", "width", "contrast")
PLACE = (*SHAPE, "y", "x")


def main():
    """Score candidates in several ways; print and write how many stones are found."""
    options = parsed()
    check_folder(options.csv)
    data = fetch("kidney_stone_ct", task="stones")
    chosen = slice(None, None, options.every)
    X, folds = data.X[chosen], data.folds[chosen]
    lesions = data.lesions[data.lesions["case"].isin(X.ids)]
    begin = time.perf_counter()
    candidates = FINDER.fit_transform(X)
    y = match_candidates(candidates, lesions)
    print(f"{len(X)} images with {len(lesions)} stones; {len(candidates)} candidates, {y.sum()} of them on a stone")
    print(f"found in {time.perf_counter() - begin:.0f} s")

    fold_of = dict(zip(X.ids, folds, strict=True))
    candidate_folds = np.array([fold_of[case.meta["parent"]] for case in candidates])
    shape, place = (np.array([[case.meta[name] for name in names] for case in candidates]) for names in (SHAPE, PLACE))
    begin = time.perf_counter()
    texture = [kind().fit_transform(candidates) for kind in (IntensityHistogram, HOGFeatures, LBPFeatures)]
    everything = np.hstack([place, *texture])
    print(f"{everything.shape[1]} numbers of each in {time.perf_counter() - begin:.0f} s\n")

    print(f"{'sensitivity at this many false positives per image':50s}", *(f"{rate:6g}" for rate in RATES))
    rows = []
    for name, kind, table in [
        ("contrast alone", None, shape),
        ("size and contrast, forest", "forest", shape),
        ("size, contrast and place, forest", "forest", place),
        ("everything, forest", "forest", everything),
        ("everything, xgboost", "xgboost", everything),
    ]:
        scores = shape[:, -1] if kind is None else out_of_fold(kind, table, y, candidate_folds)
        found = detections(candidates, scores)
        result = froc(found, lesions, X)
        intervals = [result.sensitivity_at(rate) for rate in RATES]
        rows += [
            {"model": name, "false_positives_per_image": rate, **interval._asdict()}
            for rate, interval in zip(RATES, intervals, strict=True)
        ]
        precision = average_precision(found, lesions, X)
        print(f"{name:50s}", *(f"{interval.estimate:6.3f}" for interval in intervals))
        print(f"{'':50s} at 1: {result.sensitivity_at(1)}; average precision {precision:.3f}", flush=True)
    print(f"{'all candidates':50s} {np.isfinite(result.lesion_scores).mean():.3f}")
    if options.csv:
        with options.csv.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)


def parsed():
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--every", type=int, default=1, help="take only each n-th image (default: 1)")
    parser.add_argument("--csv", type=Path, help="write all numbers to this file")
    return parser.parse_args()


def out_of_fold(kind, table, y, folds):
    """Probability of each candidate from a model that was not fitted on its fold."""
    scores = np.zeros(len(y))
    for fold in np.unique(folds):
        train = folds != fold
        model = make_classifier(kind, random_state=0).fit(table[train], y[train])
        scores[~train] = model.predict_proba(table[~train])[:, 1]
    return scores


if __name__ == "__main__":
    main()
