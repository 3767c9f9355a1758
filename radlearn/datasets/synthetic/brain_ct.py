"""Scenario "brain_ct": a dense focus on head CT, calcification or hemorrhage."""

import numpy as np

from radlearn.datasets.synthetic.grid import blend, inside, largest_piece
from radlearn.datasets.synthetic.head import make_head, place_in_brain
from radlearn.datasets.synthetic.noise import blur, tomographic
from radlearn.datasets.synthetic.scenario import Scenario, strength


def paint(grid, signs, patient, case):
    """Image in HU and mask of the dense focus."""
    head = make_head(grid, patient, case)
    image = np.full(grid.shape, -1000, np.float32)
    image = blend(image, head.skin, 20)
    image = blend(image, head.skull, patient.normal(1100, 80))
    image = blend(image, head.brain, patient.normal(37, 1))
    image = blend(image, head.brain * head.white, patient.normal(29, 1))
    image = blend(image, head.brain * head.fluid, 8)

    center = place_in_brain(case, head.radii)
    radius = case.uniform(10, 20)
    distance = grid.blob(case, center, radius, strength(signs["irregularity"], 0.03, 0.22))

    halo = inside(distance - 6 + 2 * grid.smooth_noise(case, 10), 5)
    image = blend(image, strength(signs["edema"], 0, 0.9) * halo * head.brain, 17)

    # Both are between 50 and 90 HU: fresh blood is even and well above the brain, faint lime is speckled.
    density = strength(signs["density"], 52, 78) + case.normal(0, 3)
    speckles = strength(-signs["evenness"], 1, 13) * grid.smooth_noise(case, 6)
    image = blend(image, inside(distance, 3), density + speckles)

    image = tomographic(case, blur(image), case.uniform(3, 5))
    return image, largest_piece(distance < 0)


BRAIN_CT = Scenario(
    question="Is the dense focus on this head CT a calcification or a hemorrhage?",
    classes=("calcification", "hemorrhage"),
    signs={
        "density": "mean density",
        "evenness": "even density instead of speckles",
        "irregularity": "waviness of the outline",
        "edema": "a dark halo in the tissue around",
    },
    modality={2: "CT", 3: "CT"},
    unit={2: "HU", 3: "HU"},
    region="the dense focus",
    spacing={2: (2.0, 2.0), 3: (5.0, 2.8, 2.8)},
    paint=paint,
)
