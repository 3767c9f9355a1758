"""A head in cross-section: the anatomy that the brain scenarios share."""

from typing import NamedTuple

import numpy as np

from radlearn.datasets.synthetic.grid import inside


class Head(NamedTuple):
    """Parts of each voxel, 0 to 1, that lie inside the surfaces of a head, from the skin inwards.

    `white` is the white matter within the brain, `fluid` the ventricles and the sulci; the rest of the brain is
    grey matter.
    """

    skin: np.ndarray
    skull: np.ndarray
    brain: np.ndarray
    white: np.ndarray
    fluid: np.ndarray
    radii: tuple[float, ...]


def make_head(grid, patient, case):
    """Head of a patient, as it lies in one image.

    Parameters
    ----------
    grid : Grid
    patient, case : numpy.random.Generator
        The patient decides sizes and the width of the fluid spaces; the case position, tilt and folds.

    Returns
    -------
    head : Head
        With the radii of the brain in mm.
    """
    # Half axes of the brain in mm; 7 mm of dura and bone, and 6 mm of scalp, lie around it.
    radii = np.array([75.0, 78.0, 64.0])[-grid.ndim :] * patient.normal(1, 0.035, grid.ndim)
    atrophy = patient.uniform(0.6, 1.4)
    center = case.normal(0, 2.0, grid.ndim)
    tilt = case.normal(0, 0.08)

    wobble = 0.8 * grid.smooth_noise(case, 40)
    depth = (1 - grid.ellipsoid(center, radii, tilt)) * radii.mean() + wobble  # mm below the surface of the brain
    folds = grid.smooth_noise(case, 9)
    sulci = inside(np.abs(folds) - 0.2 * atrophy, 0.3) * inside(depth - 13, 6)
    white = inside(9 + 3.5 * folds - depth, 3)
    ventricles = _ventricles(grid, center, tilt, radii, atrophy * case.uniform(0.8, 1.2))
    fissure = inside(np.abs(_midline(grid, center, tilt)) - 0.8, 1.5) * inside(depth - 26, 4)
    return Head(
        skin=inside(-depth - 13, 2),
        skull=inside(-depth - 7, 2) * inside(depth + 2.5, 2),
        brain=inside(-depth, 2),
        white=white,
        fluid=np.maximum.reduce([sulci, ventricles, fissure]),
        radii=tuple(radii),
    )


def place_in_brain(rng, radii):
    """Random position in a hemisphere, away from midline and skull.

    Parameters
    ----------
    rng : numpy.random.Generator
    radii : sequence of float
        Half axes of the brain in mm.

    Returns
    -------
    center : ndarray of float
        In mm, in the order of the axes.
    """
    side = rng.choice([-1, 1])
    relative = np.array([rng.uniform(-0.25, 0.25), rng.uniform(-0.5, 0.5), side * rng.uniform(0.3, 0.55)])
    return relative[-len(radii) :] * radii


def _midline(grid, center, tilt):
    """Distance in mm from the plane between the hemispheres."""
    y, x = (axis - middle for axis, middle in zip(grid.axes[-2:], center[-2:], strict=True))
    return (np.sin(tilt) * y + np.cos(tilt) * x).astype(np.float32) + np.zeros(grid.shape, np.float32)


def _ventricles(grid, center, tilt, radii, width):
    """The two side ventricles: thin arches left and right of the midline."""
    parts = []
    for side in (-1, 1):
        offset = np.array([0.0, -2.0, side * 9.0])[-grid.ndim :]
        size = np.array([14.0, 24.0, 5.0 * width])[-grid.ndim :] * radii / 70
        parts.append(inside((grid.ellipsoid(center + offset, size, tilt - side * 0.2) - 1) * 6, 2))
    return np.maximum(*parts)
