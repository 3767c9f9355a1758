"""Lower the accuracy of a network by small changes of the images, and see how much training against them helps.

    python benchmarks/attack.py --csv benchmarks/results/attack.csv --plot attack.png

The network is the plain CNN of `deep.py` on the lesions of BUSI, malignant against benign, cropped around the masks of
experts. It is trained on the lesions of folds 1 to 4, once as they are and once against attacks (`adversarial=`), and
attacked on those of fold 0; folds keep near duplicates together. Budgets are grey levels of the 8-bit images, so that 4
is 4/255 of their range. They hold for each pixel, or (L2) for the root mean square of the change. Needs `RADLEARN_DATA`
with the folder `busi`, Keras with a backend, and Matplotlib.
"""

import argparse
import os
from pathlib import Path
from time import perf_counter

os.environ.setdefault("OMP_NUM_THREADS", "1")  # more threads than free cores would spin; TensorFlow has its own

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from deep import network
from files import check_folder
from sklearn.metrics import roc_auc_score

from radlearn.datasets import fetch
from radlearn.keras import accuracy_under_attack, fgsm, pgd

BUDGETS = np.array([0, 1, 2, 4, 8])
ATTACKS = {"FGSM": (fgsm, "linf"), "PGD": (pgd, "linf"), "PGD, L2": (pgd, "l2")}
TRAININGS = {"plain": None, "adversarial": {"epsilon": 4}}


def main():
    """Train twice, attack both networks; print, write and draw the curves."""
    options = parsed()
    for file in (options.csv, options.plot):
        check_folder(file)
    data = fetch("busi", task="lesion")
    train, test = (np.flatnonzero(chosen) for chosen in (data.folds != 0, data.folds == 0))
    print(f"{len(test)} lesions of fold 0, networks trained on {len(train)} others")
    curves = pd.concat(
        [trained_and_attacked(name, adversarial, data, train, test) for name, adversarial in TRAININGS.items()], axis=1
    )
    print(curves.T.round(3).to_string())
    if options.csv:
        long = curves.melt(ignore_index=False, var_name=["training", "attack"], value_name="accuracy")
        long.round(4).to_csv(options.csv)
    if options.plot:
        plot(curves, options.plot)


def parsed():
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", type=Path, help="write the accuracies to this file")
    parser.add_argument("--plot", type=Path, help="draw them over the budget to this file")
    return parser.parse_args()


def trained_and_attacked(name, adversarial, data, train, test):
    """Accuracy by budget, with a column for each attack."""
    crop, classifier = network("busi", "cnn", None)
    classifier.set_params(adversarial=adversarial)
    X, y = crop.fit_transform(data.X), data.y
    begin = perf_counter()
    classifier.fit(X[train], y[train])
    auc = roc_auc_score(y[test] == classifier.classes_[1], classifier.predict_proba(X[test])[:, 1])
    print(f"{name}: {perf_counter() - begin:.0f} s of training, AUC {auc:.3f}", flush=True)
    curves = {}
    for attack_name, (attack, norm) in ATTACKS.items():
        # A change of so much in every pixel is as long as this.
        unit = np.sqrt(np.prod(classifier.input_shape)) if norm == "l2" else 1
        accuracy = accuracy_under_attack(classifier, X[test], y[test], unit * BUDGETS, attack=attack, norm=norm)
        curves[name, attack_name] = accuracy.set_axis(pd.Index(BUDGETS, name="budget"))
    return pd.DataFrame(curves)


def plot(curves, path):
    """Draw the accuracy over the budget."""
    figure, axis = plt.subplots(figsize=(6, 4.5), layout="constrained")
    for training, style in zip(TRAININGS, ("--", "-"), strict=True):
        for number, attack in enumerate(ATTACKS):
            label = f"{attack}, {training} training"
            axis.plot(curves[training, attack], style, color=f"C{number}", marker="os^"[number], label=label)
    axis.set(xlabel="Budget [grey levels of 255]", ylabel="Accuracy", ylim=(0, 1))
    axis.grid(alpha=0.3)
    axis.legend(frameon=False)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
