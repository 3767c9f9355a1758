"""Head CT with intracranial hemorrhage, labeled slice by slice."""

import pandas as pd

from radlearn.datasets.public.public_set import PublicSet, Task, cohort_of_rows

SUBTYPES = ["intraventricular", "intraparenchymal", "subarachnoid", "epidural", "subdural"]
META = ["slice", "n_slices", "patient_label", "skull_fracture", *SUBTYPES]


def read_slices(folder):
    """Slices of the brain window, grouped by patient."""
    manifest = pd.read_csv(folder / "manifest.csv")
    X, y = cohort_of_rows(manifest, folder, meta=META)
    return X, y, manifest.fold.to_numpy()


HEAD_CT_ICH = PublicSet(
    name="head_ct_ich",
    title="Head CT slices in the brain window, with and without intracranial hemorrhage",
    source=(
        "PhysioNet ct-ich, versions 1.0.0 to 1.2.0 (doi:10.13026/w8q8-ky94; later ones need a data use agreement); "
        "images from https://github.com/AkramOM606/DeepLearning-CNN-Brain-Stroke-Prediction (commit 816069d9), labels "
        "from https://github.com/SzimeonovViktoria/image_segmentation (commit 6b4fbb80)"
    ),
    changes=(
        "704 slices of 55 patients: all with hemorrhage and every third of the others; patients whose labels disagree "
        "between the sources left out; files unchanged, renamed <patient>_<slice>.jpg"
    ),
    license="CC BY 4.0",
    citation=(
        "Hssayeni MD et al. Intracranial hemorrhage segmentation using a deep convolutional model. Data 2020;5(1):14. "
        "Hssayeni M. Computed tomography images for intracranial hemorrhage detection and segmentation. PhysioNet "
        "2019. Goldberger A et al. PhysioBank, PhysioToolkit, and PhysioNet. Circulation 2000;101:e215-20."
    ),
    pitfalls="""\
- The position of a slice is a confounder: skull base and vertex are never positive, and boosting on the relative
  position alone reaches an AUC of 0.75. Every result must beat that.
- Of the slices without hemorrhage, every third was taken (1, 4, 7 ...), so that two thirds of the positive ones have a
  number that no other slice has: never feed the number of a slice.
- A widely used copy ('Brain Stroke CT') labels whole patients, which is wrong for a quarter of the slices; results
  near 99 % on it come from slices of one patient on both sides of the split.
- The window is applied already: intensities are grey levels of a JPEG, not HU.
- This release has no masks.
- Epidural hemorrhage is the most frequent kind; intraventricular and subarachnoid are rare.
- Do not try to identify anybody.""",
    tasks={"slice": Task("1 = the slice shows a hemorrhage.", ("manifest.csv", "images.zip"), read_slices)},
    sha256={
        "images.zip": "04533595a1b7e4a77336137d78b3cf96486fa52785ebeb08db12148e1cfb3c24",
        "manifest.csv": "295df6df46906e73dbf02174e2d45c498d95717e502477b6289bf5b98d1ce024",
    },
)
