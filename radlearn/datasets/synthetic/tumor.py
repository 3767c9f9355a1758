"""Scenario "tumor": a brain tumor on contrast-enhanced T1-weighted MR, benign or malignant."""

import numpy as np

from radlearn.datasets.synthetic.grid import blend, inside, largest_piece
from radlearn.datasets.synthetic.head import make_head, place_in_brain
from radlearn.datasets.synthetic.noise import blur, rician
from radlearn.datasets.synthetic.scenario import Scenario, strength


def paint(grid, signs, patient, case):
    """Image in arbitrary units and mask of the tumor."""
    head = make_head(grid, patient, case)
    image = np.zeros(grid.shape, np.float32)
    image = blend(image, head.skin, 150)
    image = blend(image, head.skull, 25)
    image = blend(image, head.brain, patient.normal(78, 3))
    image = blend(image, head.brain * head.white, patient.normal(102, 3))
    image = blend(image, head.brain * head.fluid, 28)

    center = place_in_brain(case, head.radii)
    radius = case.uniform(13, 22)
    distance = grid.blob(case, center, radius, strength(signs["irregularity"], 0.03, 0.22))

    swelling = inside(distance - 9 + 3 * grid.smooth_noise(case, 12), 6)
    image = blend(image, strength(signs["edema"], 0, 0.75) * swelling * head.brain, 62)

    enhancement = case.normal(150, 10)
    necrosis = strength(signs["necrosis"], 0, 1) * inside(distance + 0.45 * radius, 5)
    tissue = enhancement - 75 * necrosis
    tissue = tissue + strength(signs["heterogeneity"], 3, 26) * grid.smooth_noise(case, 7)
    image = blend(image, inside(distance, 2.5), tissue)

    gain = np.float32(patient.lognormal(1.6, 0.25))
    image = rician(case, blur(image) * grid.ramp(patient, 0.1), case.uniform(5, 9)) * gain
    return np.rint(image).astype(np.uint16), largest_piece(distance < 0)


TUMOR = Scenario(
    question="Is the brain tumor on this contrast-enhanced T1-weighted MR image benign or malignant?",
    classes=("benign", "malignant"),
    signs={
        "irregularity": "waviness of the outline",
        "heterogeneity": "uneven enhancement inside",
        "necrosis": "a dark core with a bright rim",
        "edema": "a dark halo in the tissue around",
    },
    modality={2: "MR", 3: "MR"},
    unit={
        2: "arbitrary units, with another gain for every patient",
        3: "arbitrary units, with another gain for every patient",
    },
    region="the tumor",
    spacing={2: (2.0, 2.0), 3: (5.0, 2.8, 2.8)},
    paint=paint,
)
