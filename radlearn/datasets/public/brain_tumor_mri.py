"""Brain tumors on MR slices, four classes."""

import pandas as pd

from radlearn.datasets.public.public_set import PublicSet, Task, cohort_of_rows


def read_slices(folder):
    """Whole slices of any plane."""
    manifest = pd.read_csv(folder / "manifest.csv")
    X, y = cohort_of_rows(manifest, folder, meta=["width", "height"])
    return X, y, manifest.fold.to_numpy()


BRAIN_TUMOR_MRI = PublicSet(
    name="brain_tumor_mri",
    title="Brain MR slices: glioma, meningioma, pituitary tumor, no tumor",
    source=(
        "https://github.com/SartajBhuvaji/Brain-Tumor-Classification-DataSet (commit 3ea9f4ea); the tumors largely are "
        "those of Cheng et al., figshare doi:10.6084/m9.figshare.1512427"
    ),
    changes="432 of 3264 images, 108 of each class, one per cluster of near duplicates; files unchanged, renamed",
    license=(
        "MIT as declared by the author on another page, while the repository states none and the origin of single "
        "images is unknown: good for tests, do not redistribute"
    ),
    citation=(
        "Bhuvaji S, Kadam A, Bhumkar P, Dedge S, Kanchan S. Brain Tumor Classification (MRI), 2020. Cheng J et al. "
        "Enhanced performance of brain tumor classification via tumor region augmentation and partition. PLoS ONE "
        "2015;10(10):e0140381."
    ),
    pitfalls="""\
- The size is a shortcut: width and height alone tell no_tumor from the rest with a balanced accuracy of 0.92.
  Resize all images, and never feed size or black border.
- The images without tumor come from other sources: report also without them.
- Patients are not identified, and slices of one cannot be grouped: results are optimistic.
- The planes (axial, coronal, sagittal) are mixed and correlate with the class.
- The official split is broken: two thirds of its test images have a near duplicate in training.
- Users report wrong labels among the gliomas.""",
    tasks={"four_class": Task("Which tumor, or none?", ("manifest.csv", "images.zip"), read_slices)},
    sha256={
        "images.zip": "6a0362851fec1189e4ad4c3ffd6b93a9a7161938a7c67df990822782420f5845",
        "manifest.csv": "cbb9f63f45b2298a13790e7d9d27d3e023394a780766679596a118d3469ce8f8",
    },
)
