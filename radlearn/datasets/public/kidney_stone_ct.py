"""Kidney stones on coronal CT: bright candidates, halves of the image, or boxes of the stones."""

import pandas as pd

from radlearn.cohort import Cohort
from radlearn.datasets.public.public_set import PublicSet, Task, cohort_of_rows
from radlearn.datasets.public.window import Window

# Side of the window around a candidate, in pixels.
PATCH = 48


def read_candidates(folder):
    """Windows around bright spots, of which some are stones."""
    table = _with_folds(folder, "candidates.csv")
    X, y = cohort_of_rows(table, folder, meta=["file_name", "x", "y", "area", "tophat"])
    half = PATCH // 2
    windows = [Window((y - half, x - half), (y + half, x + half)) for x, y in zip(table.x, table.y, strict=True)]
    return _cut(X, windows), y, table.fold.to_numpy()


def read_halves(folder):
    """Left and right half of each image."""
    table = _with_folds(folder, "halves.csv")
    X, y = cohort_of_rows(table, folder, meta=["file_name", "side"])
    windows = [
        Window((0, 0), (height, width // 2)) if side == "left" else Window((0, width // 2), (height, width))
        for side, width, height in zip(table.side, table.width, table.height, strict=True)
    ]
    return _cut(X, windows), y, table.fold.to_numpy()


def read_stones(folder):
    """Whole images with the boxes of their stones."""
    images = pd.read_csv(folder / "manifest.csv")
    X = cohort_of_rows(images.assign(id=images.file.str.removesuffix(".jpg")), folder, label=None)
    boxes = pd.read_csv(folder / "boxes.csv")
    # The publisher gives corners and counts from the edge of the first pixel.
    lesions = pd.DataFrame(
        {
            "case": boxes.file.str.removesuffix(".jpg"),
            "y": boxes.y + (boxes.h - 1) / 2,
            "x": boxes.x + (boxes.w - 1) / 2,
            "height": boxes.h,
            "width": boxes.w,
        }
    )
    return X, images.n_stones.to_numpy(), images.fold.to_numpy(), lesions


def _with_folds(folder, name):
    """Table of parts of images, with ids, and with size and fold of the image that each comes from."""
    images = pd.read_csv(folder / "manifest.csv", usecols=["file", "width", "height", "fold"])
    table = pd.read_csv(folder / name).merge(images, on="file", how="left", validate="many_to_one")
    number = table.groupby("file").cumcount().astype(str).str.zfill(2)
    return table.assign(id=table.file.str.removesuffix(".jpg") + "-" + number, file_name=table.file)


def _cut(X, windows):
    return Cohort(case.with_step(window) for case, window in zip(X, windows, strict=True))


KIDNEY_STONE_CT = PublicSet(
    name="kidney_stone_ct",
    title="Kidney stones on coronal CT without contrast agent, with boxes around the stones",
    source=(
        "https://github.com/Devaguru11/kidney-stone-cnn (commit 8797c0b9, data/Dataset-2), a copy of TEZ_ROI_AUG v3, "
        "Roboflow Universe 2023; the slices seem to be those of Yildirim et al. 2021"
    ),
    changes=(
        "580 of 1300 images, one version of each slice, unchanged and renamed; candidates are white top-hat spots of "
        "2 to 600 pixels, the stones among them and the 8 strongest others of each image; they cover 83 % of the boxes"
    ),
    license=(
        "CC BY 4.0 as declared by the publisher of TEZ_ROI_AUG, while the study of 2021 states none: good for tests, "
        "do not redistribute"
    ),
    citation=(
        "TEZ. TEZ_ROI_AUG dataset. Roboflow Universe, 2023. Yildirim K et al. Deep learning model for automated kidney "
        "stone detection using coronal CT images. Comput Biol Med 2021;135:104569."
    ),
    pitfalls="""\
- Every image holds a stone: there is no normal class at the level of images, and normals of another source would
  differ by their scanner.
- The published split leaks: half of its test images share their session with training images. A group is an
  acquisition session, about one per patient.
- Images were turned, flipped and sheared by the publisher: left and right are not anatomical.
- Of the candidates, area and place in the image alone tell the stones with an AUC of 0.99.
- Some stones have two boxes, and a few may have none.""",
    tasks={
        "candidates": Task(
            f"1 = the bright spot in the middle of the {PATCH} x {PATCH} window is a stone.",
            ("manifest.csv", "candidates.csv", "images.zip"),
            read_candidates,
        ),
        "halves": Task(
            "1 = this half of the image holds a stone.", ("manifest.csv", "halves.csv", "images.zip"), read_halves
        ),
        "stones": Task(
            "How many stones have a box; `lesions` holds the boxes.",
            ("manifest.csv", "boxes.csv", "images.zip"),
            read_stones,
        ),
    },
    sha256={
        "boxes.csv": "49debd068640430c9013dc0ff8fcc08d477edc573102a630038c0fba9d78a1d1",
        "candidates.csv": "648939fb3af6724762ef14b76316203edeb9156ef90d6bac02b554702a2cfeb0",
        "halves.csv": "81c3b46f6a0aa2e2e53472e382ae992351afc71ec043ff26100e5e44993666ed",
        "images.zip": "cc758a634fdaa534707934f026d702180de9ee62ed79d634b95708b992945d6d",
        "manifest.csv": "147ff8fac1b4f3fc63017d68b5d29390b8bb2ef1c7d5444354345a6ac3991ada",
    },
)
