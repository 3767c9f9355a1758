"""Train a U-Net on the masks of some patients, find the lesions of others, and measure features of what is found.

Images with lesions are made in code. A U-Net learns from three quarters of the patients; it and an automatic threshold
look for the lesions of the others, of which the masks are only used to say how good they were. Radiomics of the masks
that were found are then compared with those of the true ones. A picture shows image, truth, what was found and how
probable it was.

    python examples/plot_unet.py [--out unet.png]
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # more threads than free cores would spin; TensorFlow has its own

import numpy as np
from sklearn.pipeline import make_pipeline

from radlearn.datasets import make_cohort
from radlearn.evaluation import PatientKFold, dice
from radlearn.keras import UNetSegmenter
from radlearn.preprocessing import Augment
from radlearn.radiomics import RadiomicsFeatures
from radlearn.segmentation import CleanMask, ThresholdSegmenter


def main():
    """Compare both segmenters, measure features, and draw some masks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default="unet.png", help="picture to write (default: unet.png)")
    options = parser.parse_args()

    X = make_cohort("tumor", n_cases=48, random_state=0).X
    train, test = next(PatientKFold(4).split(X))
    unet = UNetSegmenter(
        shape=(64, 64),  # the network sees whole images at this size; masks come on the grid of the case
        patch_shape=(64, 64),
        filters=(8, 16, 32),
        patches_per_case=1,
        epochs=12,
        batch_size=4,
        learning_rate=5e-3,
        schedule="cosine",
        augment=Augment(flip="xy", shift=0.1),
        random_state=0,
    )
    threshold = make_pipeline(ThresholdSegmenter(method="yen", sigma=2.0), CleanMask(keep_largest=1))
    for name, segmenter in (("U-Net", unet), ("threshold", threshold)):
        print(f"{name}: mean Dice {segmenter.fit(X[train]).score(X[test]):.3f} of {len(test)} lesions of others")

    features = RadiomicsFeatures(ndim=2, families=["statistics", "morphology"], on_error="nan")
    of_truth = features.fit_transform(X[test])
    of_found = make_pipeline(unet, features).transform(X[test])
    known = np.isfinite(of_found).all(axis=1)
    names = features.get_feature_names_out().tolist()
    for name in ("statistics_mean", "morphology_area"):
        column = names.index(name)
        agreement = np.corrcoef(of_truth[known, column], of_found[known, column])[0, 1]
        print(f"{name} of masks found and true masks: r = {agreement:.2f}")
    draw(X[test[:4]], unet, options.out)
    print(f"wrote {options.out}")


def draw(X, unet, path):
    """One row for each case: the image, both outlines, and the probability."""
    import matplotlib as mpl  # noqa: PLC0415 - the table needs no picture

    mpl.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(len(X), 3, figsize=(7.5, 2.5 * len(X)), layout="constrained")
    found = [case.load().mask for case in unet.transform(X)]
    for row, case, mask, probability in zip(axes, X, found, unet.predict_probability(X), strict=True):
        truth = case.load()
        for ax, title in zip(row, (case.id, f"Dice {dice(truth.mask, mask):.2f}", "probability"), strict=True):
            ax.imshow(truth.image, cmap="gray")
            ax.set_title(title, fontsize=10)
            ax.set_axis_off()
        row[1].contour(truth.mask, [0.5], colors="tab:orange", linewidths=1.5)
        row[1].contour(mask, [0.5], colors="tab:cyan", linewidths=1.5)
        shown = row[2].imshow(probability, cmap="magma", vmin=0, vmax=1)
        figure.colorbar(shown, ax=row[2], shrink=0.8)
    figure.suptitle("truth orange, found by the U-Net cyan")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    main()
