"""The digital phantom of the IBSI."""

import numpy as np

from radlearn.datasets import load_ibsi_phantom


def test_the_phantom_has_the_published_grid():
    volume = load_ibsi_phantom().load()
    assert volume.shape == (4, 4, 5)
    assert volume.spacing == (2.0, 2.0, 2.0)
    assert volume.id == "ibsi-digital-phantom"


def test_the_phantom_has_the_published_statistics():
    volume = load_ibsi_phantom().load()
    inside = volume.image[volume.mask]
    assert len(inside) == 74
    assert round(float(inside.mean()), 2) == 2.15  # IBSI Q4LE
    assert round(float(inside.var()), 2) == 3.05  # IBSI ECT3
    assert (inside.min(), inside.max()) == (1, 6)


def test_the_first_row_runs_along_x():
    np.testing.assert_array_equal(load_ibsi_phantom().load().image[0, 0], [1, 4, 4, 1, 1])


def test_the_mask_leaves_out_the_brightest_voxel():
    volume = load_ibsi_phantom().load()
    assert volume.image[2, 2, 2] == 9
    assert not volume.mask[2, 2, 2]
