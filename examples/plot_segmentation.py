"""Find lesions where no mask is given, tune how, and see how good the masks are.

Images like ultrasound are made in code: a dark lesion in speckled tissue that darkens with depth. Segmenters run as
they come and with parameters that a search chose on other patients; a table gives overlap and distance with the true
masks, which no segmenter sees. A picture shows image, truth and the masks that were found.

    python examples/plot_segmentation.py [--out segmentation.png]
"""

import argparse
from pathlib import Path

import numpy as np
from scipy import ndimage
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from radlearn import Case, Cohort
from radlearn.evaluation import PatientKFold, compare_segmentations, dice
from radlearn.io import ArraySource
from radlearn.segmentation import ActiveContour, CleanMask, RegionGrowing, ThresholdSegmenter, WatershedSegmenter

SPACING = (0.5, 0.5)


def lesion(number):
    """A dark, wavy ellipse in speckled tissue, deeper tissue being darker."""
    rng = np.random.default_rng(number)
    y, x = (np.arange(96) * step for step in SPACING)
    dy, dx = np.meshgrid(y - rng.uniform(16, 28), x - rng.uniform(16, 32), indexing="ij")
    angle = np.arctan2(dy, dx)
    radius = rng.uniform(5, 9) * (1 + 0.12 * np.sin(rng.integers(2, 6) * angle + rng.uniform(0, 6)))
    mask = np.hypot(dy, 0.7 * dx) < radius
    tissue = np.where(mask, 0.4, 1 + 0.6 * ndimage.gaussian_filter(rng.normal(size=mask.shape), 5))
    tissue = tissue * np.exp(-y / 30)[:, np.newaxis]
    speckle = ndimage.gaussian_filter(rng.rayleigh(size=mask.shape), 0.8)
    image = (120 * tissue * speckle).astype(np.float32)
    sources = (ArraySource(array, SPACING) for array in (image, mask.astype(np.uint8)))
    return Case(*sources, id=f"lesion-{number:02d}", patient=f"P{number // 2}")


def segmenters():
    """One threshold as it comes, and four methods that are tuned; all but the first keep one part of the mask."""
    smoothing = {"sigma": [0.5, 1.5], "background": [8.0, 16.0]}
    tuned = {
        "threshold": ThresholdSegmenter(side="dark"),
        "region growing": RegionGrowing(seed="darkest", tolerance=2.5),
        "watershed": WatershedSegmenter(side="dark"),
        "Chan-Vese": ActiveContour(side="dark", n_iterations=15),
    }
    return {"Otsu alone": ThresholdSegmenter(side="dark")} | {
        name: GridSearchCV(
            make_pipeline(segmenter, CleanMask(opening=1.0, keep_largest=1)),
            {f"{type(segmenter).__name__.lower()}__{parameter}": values for parameter, values in smoothing.items()},
            cv=PatientKFold(2),
        )
        for name, segmenter in tuned.items()
    }


def draw(X, methods, path):
    """One row for each case: the image, the true outline, and what each method found, with its Dice coefficient."""
    import matplotlib as mpl  # noqa: PLC0415 - the table needs no picture

    mpl.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415

    columns = {name: [case.load() for case in method.transform(X)] for name, method in methods.items()}
    truths = [case.load() for case in X]
    size = 2 * (len(columns) + 2), 2.5 * len(X)
    figure, axes = plt.subplots(len(X), len(columns) + 2, figsize=size, layout="constrained")
    for row, truth in zip(range(len(X)), truths, strict=True):
        found = {"image": None, "truth": truth.mask} | {name: volumes[row].mask for name, volumes in columns.items()}
        for ax, (name, mask) in zip(axes[row], found.items(), strict=True):
            ax.imshow(truth.image, cmap="gray")
            ax.set_axis_off()
            if mask is not None:
                ax.contour(mask, [0.5], colors="tab:orange" if name == "truth" else "tab:cyan", linewidths=1.5)
            overlap = f"Dice {dice(truth.mask, mask):.2f}" if name in columns else ""
            ax.set_title(f"{name}\n{overlap}", fontsize=10)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
    print(f"picture: {path}")


def main():
    """Compare, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default="segmentation.png", help="picture to write (default: %(default)s)")
    options = parser.parse_args()

    X = Cohort(lesion(number) for number in range(12))
    comparison = compare_segmentations(segmenters(), X, cv=PatientKFold(2))
    print(f"{len(X)} lesions, means with 95 % intervals over patients\n\n{comparison}\n")

    train, test = X[:6], X[6:]
    fitted = {name: method.fit(train) for name, method in segmenters().items()}
    print("chosen on the first half:", fitted["threshold"].best_params_)
    draw(test[:3], fitted, options.out)


if __name__ == "__main__":
    main()
