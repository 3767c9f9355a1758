"""The network of the beginner's article, done right: labels, held-out patients, and a threshold that is chosen.

    python examples/plot_reference_cnn.py [--out out] [--quick]

Many articles show the same program: an array ``train.npy`` of color images, three blocks of convolution and pooling,
10 epochs in batches of 16, an accuracy, a file ``model.h5``, and a list of detections above 0.5. Three things go wrong
in them, and not here:

- *Labels.* They are names; which column of the probabilities is the finding is read from ``classes_``, never guessed.
- *Patients.* Images of one patient are on one side of a split only, so that the accuracy is that for new patients.
- *The threshold.* It is chosen on patients who were neither trained on nor are they tested, for what is asked for:
  few missed findings.

Where there is no ``train.npy``, images made in code take its place.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # more threads than free cores would spin; TensorFlow has its own

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from scipy import ndimage
from sklearn.metrics import RocCurveDisplay, roc_auc_score, roc_curve

from radlearn import Case, Cohort
from radlearn.datasets import make_cohort
from radlearn.evaluation import StratifiedPatientKFold
from radlearn.keras import CNNClassifier, export_keras, load_network, read_keras, save_network
from radlearn.preprocessing import resize_image

SENSITIVITY = 0.9  # share of the findings that must be found


def main():
    """Train, choose a threshold, test, save, load, and print the detections."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder of the files (default: out)")
    parser.add_argument("--quick", action="store_true", help="smaller images, and fewer of them")
    options = parser.parse_args()
    mpl.use("Agg")
    options.out.mkdir(parents=True, exist_ok=True)
    side = 48 if options.quick else 224
    make_files(options.out, side, n_images=120 if options.quick else 240)

    images, labels, patients = (np.load(options.out / f"{name}.npy") for name in ("train", "labels", "patients"))
    grey = images.mean(axis=-1)
    X = Cohort(Case(image, id=f"image-{n}", patient=p) for n, (image, p) in enumerate(zip(grey, patients, strict=True)))
    rest, test = next(StratifiedPatientKFold(4).split(X, labels))
    train, tune = (rest[part] for part in next(StratifiedPatientKFold(3).split(X[rest], labels[rest])))

    cnn = CNNClassifier((side, side), epochs=10, batch_size=16, random_state=0, verbose=2).fit(X[train], labels[train])
    finding = cnn.classes_.tolist().index("hemorrhage")
    threshold = threshold_for(SENSITIVITY, labels[tune] == "hemorrhage", cnn.predict_proba(X[tune])[:, finding])

    probabilities, truth = cnn.predict_proba(X[test])[:, finding], labels[test] == "hemorrhage"
    for name, value in (("0.5, as in the article", 0.5), (f"{threshold:.2f}, chosen", threshold)):
        found = probabilities >= value
        print(f"threshold {name}: {found[truth].mean():.0%} of findings found, {found[~truth].mean():.0%} false alarms")
    print(
        f"accuracy {((probabilities >= threshold) == truth).mean():.2f}, AUC {roc_auc_score(truth, probabilities):.2f}"
    )
    for case, probability in zip(X[test], probabilities, strict=True):
        if probability >= threshold:
            print(f"{case.id} of {case.patient}: hemorrhage, {probability:.2f}")

    save_network(cnn, options.out / "model.radlearn")
    again = load_network(options.out / "model.radlearn").predict_proba(X[test])[:, finding]
    print(f"read back from a file: probabilities differ by {np.abs(again - probabilities).max():.0e}")
    for name in ("model.keras", "model.h5"):  # without the scaling of images and the names of classes
        export_keras(cnn, options.out / name)
        network = read_keras(options.out / name)
        is_same = all(map(np.array_equal, network.get_weights(), cnn.model_.get_weights()))
        print(f"{name}: {network.count_params():,} weights, {'the same' if is_same else 'others'}")
    draw(truth, probabilities, threshold, options.out / "reference_cnn.png")


def make_files(folder, side, n_images):
    """Write color images, labels and patients, unless they are there."""
    if (folder / "train.npy").is_file():
        return
    data = make_cohort("brain_ct", n_cases=n_images, random_state=0)
    labels = np.where(data.y == "hemorrhage", "hemorrhage", "healthy")
    grey = [picture(case.load(), label == "hemorrhage", side) for case, label in zip(data.X, labels, strict=True)]
    np.save(folder / "train.npy", np.repeat(np.stack(grey)[..., np.newaxis], 3, axis=-1).astype(np.float32))
    np.save(folder / "labels.npy", labels)
    np.save(folder / "patients.npy", data.X.patients)


def picture(volume, has_finding, side):
    """Grey image from 0 to 1; a finding that is not wanted is painted over by the other half of the head."""
    image = volume.image.copy()
    if not has_finding:
        around = ndimage.binary_dilation(volume.mask, iterations=3)
        image[around] = image[:, ::-1][around]
    window = np.clip((image + 20) / 120, 0, 1)  # in which brain and blood are seen, in HU
    return resize_image(window, (side, side))


def threshold_for(sensitivity, truth, probabilities):
    """The highest threshold that finds this share of the true cases."""
    _, found, thresholds = roc_curve(truth, probabilities, drop_intermediate=False)
    return thresholds[np.argmax(found >= sensitivity)]


def draw(truth, probabilities, threshold, path):
    """ROC curve on the patients who were never seen, with the chosen threshold."""
    figure, ax = plt.subplots(figsize=(4.5, 4.5), layout="constrained")
    RocCurveDisplay.from_predictions(truth, probabilities, name="CNN", ax=ax, plot_chance_level=True)
    found = probabilities >= threshold
    ax.plot(found[~truth].mean(), found[truth].mean(), "o", color="C3", label=f"threshold {threshold:.2f}")
    ax.legend(loc="lower right")
    figure.savefig(path, dpi=120)
    print(f"written to {path}")


if __name__ == "__main__":
    main()
