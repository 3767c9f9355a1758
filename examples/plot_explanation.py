"""Where a small network looks, and how little it takes to mislead it.

    python examples/plot_explanation.py [--out out]

A network tells synthetic images of tissue apart, half of which have a bright lesion somewhere. Grad-CAM, integrated
gradients and occlusion show what its answers for new patients rest on; the pointing game says how often they point at
the true lesion, which the network never saw. Then its accuracy is measured on images that are changed against it.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # more threads than free cores would spin; TensorFlow has its own

import matplotlib as mpl
import numpy as np
from scipy import ndimage

from radlearn import Case, Cohort
from radlearn.evaluation import pointing_game
from radlearn.io import ArraySource
from radlearn.keras import CNNClassifier, accuracy_under_attack, fgsm, grad_cam, integrated_gradients, occlusion, pgd
from radlearn.report import plot_explanation

SPACING = (0.5, 0.5)
TOLERANCE = 2.0  # mm
BUDGETS = (0, 2, 4, 8, 16)  # grey levels
METHODS = {
    "Grad-CAM": (grad_cam, {}),
    "integrated gradients": (integrated_gradients, {"n_steps": 16}),
    "occlusion": (occlusion, {"size": 8, "stride": 4}),
}


def patient(number):
    """Grey tissue; every second patient has a bright lesion where the mask is."""
    rng = np.random.default_rng(number)
    y, x = np.indices((64, 64))
    mask = np.hypot(y - rng.uniform(14, 50), x - rng.uniform(14, 50)) < rng.uniform(5, 8)
    image = 100 + 60 * ndimage.gaussian_filter(rng.normal(size=mask.shape), 2)
    image = image + 50 * (number % 2) * ndimage.gaussian_filter(mask.astype(float), 1)
    sources = (ArraySource(array, SPACING) for array in (image.astype(np.float32), mask.astype(np.uint8)))
    return Case(*sources, id=f"patient-{number:03d}")


def main():
    """Train, explain, attack, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the pictures")
    options = parser.parse_args()
    mpl.use("Agg")

    X, y = Cohort(patient(number) for number in range(160)), np.array(["normal", "lesion"] * 80)
    train, test = slice(0, 120), slice(120, 160)
    network = CNNClassifier((32, 32), filters=(8, 16), dense=32, epochs=15, learning_rate=3e-3, random_state=0)
    network.fit(X[train], y[train])
    print(f"accuracy on {len(y[test])} new patients: {network.score(X[test], y[test]):.2f}\n")

    lesions = X[test][y[test] == "lesion"]
    options.out.mkdir(parents=True, exist_ok=True)
    for name, (explain, parameters) in METHODS.items():
        maps = explain(network, lesions, target="lesion", **parameters)
        print(f"{name:<22}points at {pointing_game(maps, lesions, tolerance=TOLERANCE):.0%} of the lesions")
        figure = plot_explanation(lesions[0], maps[0], label=name)
        figure.savefig(options.out / f"{name.lower().replace(' ', '_')}.png", dpi=120)

    print("\naccuracy under attack, by budget in grey levels")
    for attack in (fgsm, pgd):
        curve = accuracy_under_attack(network, X[test], y[test], BUDGETS, attack=attack)
        print(f"{attack.__name__:<6}" + "".join(f"{budget:>4}: {share:.2f}" for budget, share in curve.items()))
    print(f"\nwritten to {options.out}: a picture of each")


if __name__ == "__main__":
    main()
