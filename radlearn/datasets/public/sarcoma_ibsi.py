"""Soft-tissue sarcoma: PET, CT and MR with masks of the tumor, and lung metastases as the outcome."""

from functools import partial

import pandas as pd

from radlearn.datasets.public.public_set import PublicSet, Task, cohort_of_rows


def read_modality(folder, modality):
    """Images of one modality with their masks."""
    manifest = pd.read_csv(folder / "manifest.csv")
    manifest = manifest[manifest.modality == modality]
    masks = manifest[manifest.kind == "mask"].set_index("patient").file
    images = manifest[manifest.kind == "image"]
    images = images.assign(id=images.patient + "-" + modality, mask=images.patient.map(masks))
    X, y = cohort_of_rows(images, folder, meta=["modality"])
    return X, y, images.fold.to_numpy()


def _task(modality, words):
    return Task(
        f"1 = lung metastases followed. {words}",
        ("manifest.csv", "images.zip"),
        partial(read_modality, modality=modality),
    )


SARCOMA_IBSI = PublicSet(
    name="sarcoma_ibsi",
    title="Soft-tissue sarcoma on PET, CT and T1-weighted MR with masks of the tumor (validation set of the IBSI)",
    source=(
        "TCIA Soft-tissue-Sarcoma, doi:10.7937/K9/TCIA.2015.7GO2GSKS; prepared images: "
        "https://github.com/theibsi/data_sets (commit 6da96021, ibsi_validation); outcome: "
        "https://github.com/mvallieres/radiomics (commit d3a61737)"
    ),
    changes=(
        "PET of 38 of 51 patients, CT and MR of five; SUV conversion, N4, fat normalization and cropping by "
        "A. Zwanenburg; files unchanged"
    ),
    license="CC BY 3.0",
    citation=(
        "Vallieres M et al. A radiomics model from joint FDG-PET and MRI texture features for the prediction of lung "
        "metastases in soft-tissue sarcomas of the extremities. Phys Med Biol 2015;60:5471-96. Clark K et al. The "
        "Cancer Imaging Archive. J Digit Imaging 2013;26:1045-57."
    ),
    pitfalls="""\
- 38 patients with 14 events: choosing features outside of cross-validation gives an AUC above 0.95 from noise.
  Repeat the cross-validation and report intervals.
- The published AUC of 0.984 uses fused PET-MR textures with parameters tuned on the same patients: no number to
  beat.
- Masks differ slightly between the grids of the modalities.
- CT and MR serve to compare features, not to predict: there are five patients.""",
    tasks={
        "PET": _task("PET", "PET in SUV."),
        "CT": _task("CT", "CT of five patients."),
        "MR_T1": _task("MR_T1", "T1-weighted MR of five patients."),
    },
    sha256={
        "images.zip": "06036e28e9d2c25343e88e5e87337e54ff2c933c5d8811d83b572914d0f94112",
        "manifest.csv": "76bbb337d7901ef5fa652765bbbc4817ad12099cb5464a6abbdfdef0bb731fcd",
    },
)
