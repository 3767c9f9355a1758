"""BUSI: breast ultrasound with masks of the lesions."""

from dataclasses import replace

import pandas as pd

from radlearn.cohort import Cohort
from radlearn.datasets.public.public_set import PublicSet, Task, cohort_of_rows

META = ["width", "height", "orig_width", "orig_height", "n_masks"]


def read_lesions(folder):
    """Benign and malignant lesions with their masks."""
    return _read(folder, lambda manifest: manifest[manifest.label != "normal"])


def read_images(folder):
    """All images, without masks, since normal ones have none."""
    return _read(folder, lambda manifest: manifest.drop(columns="mask"))


def _read(folder, select):
    manifest = select(pd.read_csv(folder / "manifest.csv"))
    X, y = cohort_of_rows(manifest, folder, meta=META)
    return Cohort(_in_original_pixels(case) for case in X), y, manifest.fold.to_numpy()


def _in_original_pixels(case):
    """Case whose unit of length is a pixel of the original image, since shrinking hid how large it was."""
    meta = case.meta
    return replace(case, spacing=(meta["orig_height"] / meta["height"], meta["orig_width"] / meta["width"]))


FILES = ("manifest.csv", "images.zip")

BUSI = PublicSet(
    name="busi",
    title="BUSI, breast ultrasound with masks of the lesions (benign, malignant, normal), Baheya Hospital, Cairo, 2018",
    source=(
        "https://github.com/yirutsai/Breast-ultrasound-dataset (commit 6c0fac85), a copy of the set of "
        "doi:10.1016/j.dib.2019.104863"
    ),
    changes=(
        "563 of 780 images; near duplicates with conflicting labels left out, others in one group; 8-bit grey, longest "
        "side 256 pixels; several masks of an image joined"
    ),
    license="CC BY 4.0",
    citation=(
        "Al-Dhabyani W, Gomaa M, Khaled H, Fahmy A. Dataset of breast ultrasound images. Data in Brief 2020;28:104863."
    ),
    pitfalls="""\
- The pixel spacing is unknown. The spacing given here counts pixels of the original image, so that shape features
  keep its proportions; they are not in mm.
- The full set has 140 near duplicates, some with another label: always split by `groups`. Patients (600 women) are
  not identified; a group is a cluster of near duplicates.
- Calipers, text and arrows are burnt in, more often on lesions.
- With the radiologist's mask the task is easier than with the whole image: say which one is reported.
- BreastMNIST is made from the same images: do not train on one and test on the other.""",
    tasks={
        "lesion": Task("Is the lesion benign or malignant? With masks.", FILES, read_lesions),
        "three_class": Task(
            "Does the image show a benign lesion, a malignant one or none? Without masks.", FILES, read_images
        ),
    },
    sha256={
        "images.zip": "d8e632f8a317a7326e64caa73b5853bc94dea0fb36875253ffc25f27b8c8ec8c",
        "manifest.csv": "364832aba56dee4c3209486364e45de929ab5247840e07b27548e6efd3905f63",
    },
)
