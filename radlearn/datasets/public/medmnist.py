"""MedMNIST: small images of pneumonia, breast lesions and adrenal glands, downloaded from the official record."""

from functools import partial

import numpy as np

from radlearn.case import Case
from radlearn.cohort import Cohort
from radlearn.datasets.public.public_set import Download, PublicSet, Task
from radlearn.io import FileSource

# Official record of MedMNIST v2; its checksums are published in medmnist/info.py.
RECORD = "https://zenodo.org/records/10519652/files"


def read_split(folder, stem, classes, *, shapes):
    """Training and validation images; the official test images stay in their file.

    Parameters
    ----------
    folder : Path
    stem : str
        Name of the file, such as ``"breastmnist"``.
    classes : sequence of str
        Name of each label.
    shapes : bool
        Whether the images are shapes, and so their own masks.
    """
    trainval = folder / f"{stem}_trainval.npz"
    path = trainval if trainval.is_file() else folder / f"{stem}.npz"
    with np.load(path, allow_pickle=False) as arrays:
        labels = {split: arrays[f"{split}_labels"].ravel().astype(int) for split in ("train", "val")}
    cases = []
    for split, classes_of_split in labels.items():
        for row in range(len(classes_of_split)):
            image = FileSource(path, key=f"{split}_images", row=row)
            case_id = f"{stem}-{split}-{row:04d}"
            cases.append(Case(image, image if shapes else None, id=case_id, meta={"split": split}))
    y = np.array(classes)[np.concatenate(list(labels.values()))]
    folds = np.repeat([-1, 0], [len(labels["train"]), len(labels["val"])])
    return Cohort(cases), y, folds


def _task(question, stem, md5, classes, *, shapes=False):
    return Task(
        question,
        (f"{stem}_trainval.npz",),
        partial(read_split, stem=stem, classes=classes, shapes=shapes),
        Download(f"{RECORD}/{stem}.npz?download=1", f"{stem}.npz", md5),
    )


MEDMNIST = PublicSet(
    name="medmnist",
    title="MedMNIST v2: PneumoniaMNIST, BreastMNIST and AdrenalMNIST3D, 28 x 28 pixels to 64 x 64 x 64 voxels",
    source=f"{RECORD.removesuffix('/files')} (official record of MedMNIST v2)",
    changes="training and validation images; the official test images are kept for a last, single test",
    license="CC BY 4.0",
    citation=(
        "Yang J et al. MedMNIST v2, a large-scale lightweight benchmark for 2D and 3D biomedical image classification. "
        "Sci Data 2023;10:41. Al-Dhabyani 2020 (breast), Kermany 2018 (pneumonia), Zhongshan Hospital (adrenal)."
    ),
    pitfalls="""\
- `folds` is -1 for training and 0 for validation, as sklearn.model_selection.PredefinedSplit expects.
- Classes are named such that the disease sorts last; in the official labels of BreastMNIST 0 is malignant.
- PneumoniaMNIST repeats 18 training images, 8 are both in training and validation; its test images are much harder
  than its validation images.
- Patients are not identified: every image is its own group.
- AdrenalMNIST3D shows shapes without texture, which are their own masks: only shape features make sense.
- BreastMNIST is made from BUSI: do not train on one and test on the other.""",
    tasks={
        "pneumonia": _task(
            "Does the chest radiograph of a child show pneumonia?",
            "pneumoniamnist",
            "28209eda62fecd6e6a2d98b1501bb15f",
            ("healthy", "pneumonia"),
        ),
        "breast": _task(
            "Does the breast ultrasound show a malignant lesion?",
            "breastmnist",
            "750601b1f35ba3300ea97c75c52ff8f6",
            ("malignant", "benign_or_normal"),
        ),
        "adrenal": _task(
            "Is the adrenal gland enlarged (hyperplasia)? 28 x 28 x 28 voxels.",
            "adrenalmnist3d",
            "bbd3c5a5576322bc4cdfea780653b1ce",
            ("healthy", "hyperplasia"),
            shapes=True,
        ),
        "adrenal64": _task(
            "Is the adrenal gland enlarged (hyperplasia)? 64 x 64 x 64 voxels.",
            "adrenalmnist3d_64",
            "17721accfe9fb005146a47d33bc54b2f",
            ("healthy", "hyperplasia"),
            shapes=True,
        ),
    },
    sha256={
        "adrenalmnist3d_64_trainval.npz": "1e309f30d71498cd42bb2a42ba0ce567dccda596cb2083e741a3b6a7c8ef77a0",
        "adrenalmnist3d_trainval.npz": "d7b77f503202b1e2dc26fafb460ea413f6e25c2dcf27b35b81ee0bd22382b0d0",
        "breastmnist_trainval.npz": "adaca2d992c3b08a98b2c9b00c9a0bf2f6a8bc2a1df333527aa6ff6f33ac654d",
        "pneumoniamnist_trainval.npz": "2b2538929be3281b2baeb5f28c20310d4a52e88f7800357c12202385ba2eb796",
    },
)
