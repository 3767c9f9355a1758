"""Phantoms and test cases with published feature values; nothing to classify."""

import pandas as pd

from radlearn.datasets.public.public_set import PublicSet, Task, cohort_of_rows

# Image and mask of each case, by id.
PAIRS = {
    "ibsi_1_digital_phantom": (
        "ibsi_1_digital_phantom/nifti/image/phantom.nii.gz",
        "ibsi_1_digital_phantom/nifti/mask/mask.nii.gz",
    ),
    "ibsi_1_ct_radiomics_phantom": (
        "ibsi_1_ct_radiomics_phantom/nifti/image/phantom.nii.gz",
        "ibsi_1_ct_radiomics_phantom/nifti/mask/mask.nii.gz",
    ),
    **{
        f"ibsi_2_{name}": (
            f"ibsi_2_digital_phantom/nifti/{name}/image/{name}.nii.gz",
            f"ibsi_2_digital_phantom/nifti/{name}/mask/mask.nii.gz",
        )
        for name in ("checkerboard", "empty", "impulse", "noise", "pattern_1", "pattern_2", "pattern_3", "sphere")
    },
    "ibsi_2_orientation": ("ibsi_2_digital_phantom/nifti/orientation/image/orientation.nii.gz", None),
    **{
        f"pyradiomics_{name}": (f"pyradiomics/{name}_image.nrrd", f"pyradiomics/{name}_label.nrrd")
        for name in ("brain1", "brain2", "breast1")
    },
}

# A phantom of PyRadiomics whose mask holds several labels: a case each.
PROSTATE, PROSTATE_LABELS = "pyradiomics/prostate_phantom_subvolume", (1, 7, 8, 9)


def read_phantoms(folder):
    """All pairs of image and mask, and the regions of the prostate phantom."""
    rows = [(name, name, image, mask, None) for name, (image, mask) in PAIRS.items()]
    name, files = "pyradiomics_prostate", (f"{PROSTATE}.nrrd", f"{PROSTATE}-label.nrrd")
    rows += [(f"{name}_{label}", name, *files, label) for label in PROSTATE_LABELS]
    table = pd.DataFrame(rows, columns=["id", "group", "file", "mask", "mask_label"])
    return cohort_of_rows(table, folder, label=None), None, None


RADIOMICS_PHANTOMS = PublicSet(
    name="radiomics_phantoms",
    title="IBSI phantoms and PyRadiomics test cases, to compare features with published values",
    source=(
        "https://github.com/theibsi/data_sets (commit 6da96021) and https://github.com/AIM-Harvard/pyradiomics "
        "(commit 8ed57938, data)"
    ),
    changes="files unchanged, in one archive; the lung cases of PyRadiomics are missing",
    license=(
        "digital phantoms of the IBSI CC BY 4.0; its CT phantom CC BY-NC 3.0, not for commercial use; PyRadiomics "
        "BSD-3-Clause"
    ),
    citation=(
        "Zwanenburg A et al. Radiology 2020;295:328-38. Whybra P et al. Radiology 2024;310:e231319. van Griethuysen "
        "JJM et al. Cancer Res 2017;77:e104-7."
    ),
    pitfalls="""\
- Neither labels nor folds: `y` and `folds` are None.
- Check the license of the CT phantom before use.""",
    tasks={"features": Task("No labels.", ("images.zip",), read_phantoms)},
    sha256={"images.zip": "8103946e7ccc3580116de53a73dadc1f3f9554bf848ff379d386214e6567c4b5"},
)
