"""FracAtlas: radiographs of hands and legs, with and without fracture."""

import pandas as pd

from radlearn.datasets.public.public_set import PublicSet, Task, cohort_of_rows

META = ["region", "frontal", "lateral", "oblique", "fracture_count", "width", "height"]


def read_radiographs(folder):
    """Whole radiographs."""
    manifest = pd.read_csv(folder / "manifest.csv")
    X, y = cohort_of_rows(manifest, folder, meta=META)
    return X, y, manifest.fold.to_numpy()


FRACATLAS = PublicSet(
    name="fracatlas",
    title="FracAtlas, radiographs of hands and legs with and without fracture, three hospitals in Bangladesh",
    source="figshare doi:10.6084/m9.figshare.22363012; copy: https://github.com/marvY-O/FracAtlas (commit e548d128)",
    changes=(
        "817 of 4083 images of the common size, two without fracture for one with, matched on region and view; "
        "implants, truncated files and duplicates left out; files unchanged"
    ),
    license="CC BY 4.0",
    citation=(
        "Abedeen I et al. FracAtlas: a dataset for fracture classification, localization and segmentation of "
        "musculoskeletal radiographs. Sci Data 2023;10:521. doi:10.1038/s41597-023-02432-4."
    ),
    pitfalls="""\
- Patients are not identified; a group is a block of 20 image numbers in a row, which often are one patient's.
- In the full set 97 of 99 images with implants are fractured, size and truncated files tell the class, and 82 % are
  negative: this selection is matched, the full set is not.
- Plaster casts appear among the fractured.
- Report results by region, too.""",
    tasks={"fracture": Task("1 = fractured.", ("manifest.csv", "images.zip"), read_radiographs)},
    sha256={
        "images.zip": "ab6342f3ea5b0ee8fe9829708917dcceefa4787ec3c3a057d0cb501ae8aa45a9",
        "manifest.csv": "1d03438ede4a702c3f8f76eeae060ec18eb0a4e0d6bd0e5430f722ee264ede3c",
    },
)
