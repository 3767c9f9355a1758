"""Reorient: all 48 orientations, with every voxel where it was in the world."""

from itertools import permutations, product

import numpy as np
import pytest

from radlearn import Case, Volume
from radlearn.exceptions import GeometryError
from radlearn.preprocessing import Reorient
from steps import apply

ORIENTATIONS = ["".join(letters) for axes in permutations(("RL", "AP", "SI")) for letters in product(*axes)]
AFFINE = np.array([[0, 0, -2, 10], [0.1, 3, 0, -20], [5, -0.1, 0, 30], [0, 0, 0, 1]])


@pytest.fixture
def volume():
    """Running numbers; x runs to the left, y to anterior, z to superior."""
    image = np.arange(60.0).reshape(3, 4, 5)
    mask = image == 17
    return Volume(image, mask=mask, intensity_mask=mask & False, spacing=(5, 3, 2), affine=AFFINE)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_axes_run_where_they_should(volume, orientation):
    turned = apply(Reorient(orientation=orientation), volume)
    for letter, direction in zip(orientation, turned.affine[:3, :3].T[::-1], strict=True):
        world = np.argmax(np.abs(direction))
        assert letter == ("RL", "AP", "SI")[world][0 if direction[world] > 0 else 1]
    np.testing.assert_allclose(np.linalg.norm(turned.affine[:3, :3], axis=0), turned.spacing, rtol=1e-2)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_voxels_stay_where_they_are_in_the_world(volume, orientation):
    turned = apply(Reorient(orientation=orientation), volume)
    for value in (0, 17, 59):
        one, other = (each.affine @ [*np.argwhere(each.image == value)[0], 1] for each in (volume, turned))
        np.testing.assert_allclose(one, other)
    assert turned.image[turned.mask].tolist() == [17]
    assert not turned.intensity_mask.any()


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_turning_back_gives_the_image_again(volume, orientation):
    back = apply(Reorient(orientation="LAS"), apply(Reorient(orientation=orientation), volume))
    np.testing.assert_array_equal(back.image, volume.image)
    np.testing.assert_allclose(back.affine, volume.affine)
    assert back.spacing == volume.spacing


@pytest.mark.parametrize("seed", [0, 19, 56, 60])  # but for the first, the longest steps alone would take other axes
def test_the_spacing_does_not_decide_which_axis_is_which(seed):
    affine = np.eye(4)
    affine[:3, :3] = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]  # as oblique as can be
    cubes, slabs = (
        Volume(np.arange(60.0).reshape(3, 4, 5), spacing=spacing, affine=affine @ np.diag([*spacing, 1]))
        for spacing in ((1, 1, 1), (8, 1, 0.3))
    )
    np.testing.assert_array_equal(apply(Reorient(), slabs).image, apply(Reorient(), cubes).image)


def test_a_plane_has_two_of_the_letters():
    volume = Volume([[1, 2, 3], [4, 5, 6]], affine=[[0, -1, 0], [1, 0, 0], [0, 0, 1]])
    assert apply(Reorient(orientation="RSP"), volume).image.tolist() == [[6, 5, 4], [3, 2, 1]]
    assert apply(Reorient(orientation="SAL"), volume).image.tolist() == [[1, 4], [2, 5], [3, 6]]


def test_an_unknown_orientation_is_refused_or_kept():
    with pytest.raises(GeometryError, match=r"""case 'PNG': the image has no affine.*unknown="keep\""""):
        Reorient().fit_transform([Case(np.eye(3), id="PNG")])[0].load()
    kept = Reorient(unknown="keep").fit_transform([np.eye(3)])[0].load()
    np.testing.assert_array_equal(kept.image, np.eye(3))


@pytest.mark.parametrize("orientation", ["RA", "RLS", "ras", "RASS", None])
def test_bad_orientations_are_refused(orientation):
    with pytest.raises(ValueError, match=r"orientation must have one letter each.*'RAS' or 'LPS'"):
        Reorient(orientation=orientation).fit([np.eye(3)])
