"""Where are the stones? Candidates, a model that scores them, and how many stones are found at how many false alarms.

    python examples/plot_detection.py [--out out]

The images are CT slices made in code: each holds a calcified focus, which is a ureteral stone or a phlebolith. Only
stones are to be found, so that phleboliths and everything else that is bright are false alarms.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline

from radlearn import Cohort
from radlearn.datasets import make_cohort
from radlearn.detection import BlobCandidates, detections, lesions_of_masks, match_candidates, to_image_scores
from radlearn.evaluation import PatientKFold, average_precision, froc
from radlearn.models import make_classifier
from radlearn.radiomics import RadiomicsFeatures


def main():
    """Find stones, print how well, draw what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the picture")
    options = parser.parse_args()
    mpl.use("Agg")

    data = make_cohort("stone", n_cases=100)
    lesions = lesions_of_masks(data.X[data.y == "stone"])
    images = Cohort(replace(case, mask=None) for case in data.X)  # the truth stays out of sight

    candidates = BlobCandidates(min_diameter=3, max_diameter=15, max_candidates=5).fit_transform(images)
    y = match_candidates(candidates, lesions)
    print(f"{len(images)} images with {len(lesions)} stones: {len(candidates)} candidates, {y.sum()} of them stones")

    model = make_pipeline(RadiomicsFeatures(ndim=2, bin_count=16), make_classifier("forest", random_state=0))
    scores = cross_val_predict(
        model, candidates, y, groups=candidates.patients, cv=PatientKFold(5), method="predict_proba"
    )[:, 1]

    found = detections(candidates, scores)
    result = froc(found, lesions, images)
    for rate in (0.1, 0.25, 0.5, 1):
        print(f"sensitivity at {rate:g} false positives per image: {result.sensitivity_at(rate)}")
    print(f"average precision: {average_precision(found, lesions, images):.3f}")
    image_scores = to_image_scores(candidates, scores, images)
    is_stone = data.y == "stone"
    higher = (image_scores[is_stone][:, np.newaxis] > image_scores[~is_stone]).mean()
    print(f"an image with a stone scores higher than one with a phlebolith in {higher:.0%} of the pairs")

    options.out.mkdir(parents=True, exist_ok=True)
    draw(images[:8], data.y[:8], found, lesions).savefig(options.out / "detection.png", dpi=110)
    print(f"written to {options.out / 'detection.png'}")


def draw(images, labels, found, lesions):
    """Images with the boxes of stones and of the two best candidates of each."""
    figure, axes = plt.subplots(2, 4, figsize=(11, 6), layout="constrained")
    for ax, case, label in zip(axes.flat, images, labels, strict=True):
        ax.imshow(case.load().image, cmap="gray", vmin=-160, vmax=400)
        ax.set_title(label, fontsize=10)
        ax.set_axis_off()
        for box in found[found["case"] == case.id].nlargest(2, "score").itertuples():
            outline(ax, box, "#56B4E9", 2)
            # Above the box, but inside of the image.
            x, y = max(box.x - box.width / 2 - 2, 1), max(box.y - box.height / 2 - 9, 1)
            ax.text(x, y, f"{box.score:.2f}", color="#56B4E9", va="top", fontsize=8)
        for box in lesions[lesions["case"] == case.id].itertuples():
            outline(ax, box, "#F0E442", 5)
    figure.suptitle("Boxes of stones (yellow, large), and the two best candidates of each image with their scores")
    return figure


def outline(ax, box, color, margin):
    """Draw a box that is larger than the finding by a margin in pixels."""
    width, height = box.width + 2 * margin, box.height + 2 * margin
    ax.add_patch(plt.Rectangle((box.x - width / 2, box.y - height / 2), width, height, ec=color, fc="none"))


if __name__ == "__main__":
    main()
