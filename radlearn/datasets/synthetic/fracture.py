"""Scenario "fracture": a dark line through a long bone on a radiograph or CT, nutrient canal or fracture."""

from typing import NamedTuple

import numpy as np

from radlearn.datasets.synthetic.grid import blend, inside, largest_piece
from radlearn.datasets.synthetic.noise import blur, photon, tomographic
from radlearn.datasets.synthetic.scenario import Scenario, strength

# Attenuation per mm at about 60 keV.
SOFT_TISSUE, BONE = 0.020, 0.055


class Shaft(NamedTuple):
    """A long bone in its limb: distances from their axes, radius and cortex of the bone, radius of the limb."""

    from_axis: np.ndarray
    from_limb_axis: np.ndarray
    radius: np.ndarray
    cortex: float
    limb: float


def paint(grid, signs, patient, case):
    """Radiograph (2-D, detector units) or CT (3-D, HU) of the shaft of a bone, and mask of the region of the line."""
    radius, cortex, limb = patient.uniform(9, 14), patient.uniform(2.8, 4.2), patient.uniform(28, 40)
    along, across = _bone_axes(grid, case)
    line = _line(grid, along, across, radius, signs["jaggedness"], case)

    # The fragment on one side of the line has slipped.
    slip = 3.5 * strength(signs["step"]) ** 2 * case.choice([-1, 1])
    moved = across - slip * inside(line, 1)
    from_axis, from_limb_axis = (np.abs(d) if grid.ndim == 2 else np.hypot(d, grid.axes[0]) for d in (moved, across))
    shaft = Shaft(from_axis, from_limb_axis, radius * (1 + 0.12 * (along / 40) ** 2), cortex, limb)

    # The line starts on one side of the bone and may end on the other.
    reach = strength(signs["length"], -0.5, 1.2) * radius
    gap = inside(case.choice([-1, 1]) * across - reach, 3) * np.exp(-((line / case.uniform(1.1, 1.6)) ** 2))
    gap = strength(signs["depth"], 0.1, 0.9) * gap

    image = (_radiograph if grid.ndim == 2 else _tomogram)(grid, shaft, gap, patient, case)
    near = (np.abs(line) < case.uniform(3.5, 6)) & (from_axis < shaft.radius + 0.5)
    return image, largest_piece(near)


def _bone_axes(grid, case):
    """Distance along and across the bone in mm; the bone lies roughly along y."""
    tilt, offset = case.normal(0, 0.2), case.normal(0, 4)
    *_, y, x = grid.axes
    flat = np.zeros(grid.shape, np.float32)
    along = flat + np.float32(np.cos(tilt)) * y + np.float32(np.sin(tilt)) * x
    across = flat + np.float32(np.cos(tilt)) * x - np.float32(np.sin(tilt)) * y - np.float32(offset)
    return along, across


def _line(grid, along, across, radius, jaggedness, case):
    """Signed distance in mm from the dark surface that cuts the bone."""
    slope = np.tan(case.uniform(-0.6, 0.6))
    waves = strength(jaggedness, 0.1, 2.2) * grid.smooth_noise(case, 0.5 * radius)
    middle = case.uniform(-14, 14)
    return (along - np.float32(middle) - np.float32(slope) * across) / np.float32(np.hypot(1, slope)) + waves


def _radiograph(grid, shaft, gap, patient, case):
    """Image in which every pixel sums up the attenuation along its ray."""
    flesh = _chord(shaft.limb, shaft.from_limb_axis)
    marrow = _chord(shaft.radius - shaft.cortex, shaft.from_axis)
    compact = _chord(shaft.radius, shaft.from_axis) - marrow
    spongy = marrow * (0.3 + 0.07 * grid.smooth_noise(case, 2.5))
    flesh = flesh * (1 + 0.04 * grid.smooth_noise(case, 12))
    attenuation = SOFT_TISSUE * flesh + (BONE - SOFT_TISSUE) * (compact + spongy) * (1 - gap)
    return photon(case, blur(attenuation, 0.7) * grid.ramp(patient, 0.08), patient.uniform(4000, 9000))


def _chord(radius, distance):
    """Length in mm of a ray through a cylinder, at a distance from its axis."""
    return 2 * np.sqrt(np.maximum(radius**2 - distance**2, 0))


def _tomogram(grid, shaft, gap, patient, case):
    """Image in HU."""
    surface = shaft.from_axis - shaft.radius
    image = np.full(grid.shape, -1000, np.float32)
    image = blend(image, inside(shaft.from_limb_axis - shaft.limb, 2), -90)
    muscle = inside(shaft.from_limb_axis - shaft.limb + 6 + 2 * grid.smooth_noise(case, 20), 2)
    image = blend(image, muscle, 55 + 8 * grid.smooth_noise(case, 5))
    bone = inside(surface, 1.5) * (1 - gap)
    marrow = inside(surface + shaft.cortex, 1.5)
    image = blend(
        image, bone, patient.normal(1250, 60) * (1 - marrow) + marrow * (90 + 60 * grid.smooth_noise(case, 3))
    )
    return tomographic(case, blur(image), case.uniform(15, 30))


FRACTURE = Scenario(
    question="Is the dark line through this bone a nutrient canal or a fracture?",
    classes=("canal", "fracture"),
    signs={
        "depth": "how dark the line is",
        "length": "how far it runs through the bone",
        "jaggedness": "a jagged course",
        "step": "a step in the outline of the bone",
    },
    modality={2: "DX", 3: "CT"},
    unit={2: "detector units, proportional to the attenuation", 3: "HU"},
    region="the part of the bone around the line",
    spacing={2: (0.7, 0.7), 3: (3.0, 1.0, 1.0)},
    paint=paint,
)
