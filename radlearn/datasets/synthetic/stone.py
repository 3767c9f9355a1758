"""Scenario "stone": a calcified focus beside the ureter on CT without contrast agent, phlebolith or stone."""

import numpy as np
from scipy import ndimage

from radlearn.datasets.synthetic.grid import blend, inside, largest_piece
from radlearn.datasets.synthetic.noise import blur, tomographic
from radlearn.datasets.synthetic.scenario import Scenario, strength


def paint(grid, signs, patient, case):
    """Image in HU and mask of the calcified focus."""
    image = _abdomen(grid, patient, case)
    center = case.uniform([-9, -13, -8], [9, 8, 12])[-grid.ndim :]
    radius = case.uniform(4, 7)
    distance = grid.blob(case, center, radius, strength(signs["angularity"], 0.02, 0.2), detail=0.8)

    # The wall of the ureter around a stone is swollen; a phlebolith lies in fat.
    wall = inside(distance - strength(signs["rim"], 0, 4) - case.uniform(0, 1), 2)
    image = blend(image, wall, 38)

    density = strength(signs["density"], 330, 800) + case.normal(0, 40)
    lucency = strength(-signs["core"], 0, 0.8) * inside(distance + 0.55 * radius, 0.5 * radius)
    image = blend(image, inside(distance, 1.5), density * (1 - lucency))

    image = tomographic(case, blur(image, 0.7), case.uniform(12, 22))
    return image, largest_piece(distance < 0)


def _abdomen(grid, patient, case):
    """Fat with a kidney, muscle, bowel, vessels and the edge of a vertebra, in HU."""
    waves = grid.smooth_noise(case, 14)
    grain = grid.smooth_noise(case, 4)

    def organ(y, x, radii, angle=0.0):
        """Part of each voxel inside a wavy ellipsoid near (y, x) mm."""
        center = np.append(0.0, case.normal([y, x], 3))[-grid.ndim :]
        radii = np.array(radii)[-grid.ndim :] * case.normal(1, 0.06)
        return inside((grid.ellipsoid(center, radii, angle) - 1) * radii[-1] + waves, 2)

    image = -105 + 5 * grain
    kidney = organ(-18, 26, (45, 24, 17))
    image = blend(image, kidney, patient.normal(33, 3))
    image = blend(image, kidney * organ(-18, 24, (30, 12, 7)), -60)
    image = blend(image, organ(22, -8, (300, 17, 14), 0.4), patient.normal(56, 3) + 4 * grain)
    image = blend(image, organ(0, 0, (300, 4, 4)), 44)
    image = blend(image, organ(4, -8, (300, 4, 5)), 44)

    vertebra = organ(26, -42, (60, 24, 22))
    image = blend(image, vertebra, 620)
    image = blend(image, ndimage.grey_erosion(vertebra, 3), 190 + 50 * grid.smooth_noise(case, 3))

    bowel = organ(-28, -22, (22, 13, 15))
    image = blend(image, bowel, 32)
    return blend(image, bowel * organ(-31, -22, (14, 6, 8)), -650)


STONE = Scenario(
    question="Is the calcified focus on this CT without contrast agent a phlebolith or a ureteral stone?",
    classes=("phlebolith", "stone"),
    signs={
        "density": "mean density",
        "core": "a solid core; a phlebolith is often lucent in its middle",
        "angularity": "an uneven outline",
        "rim": "a rim of soft tissue, the swollen wall of the ureter",
    },
    modality={2: "CT", 3: "CT"},
    unit={2: "HU", 3: "HU"},
    region="the calcified focus",
    spacing={2: (0.8, 0.8), 3: (3.0, 1.2, 1.2)},
    paint=paint,
)
