"""ResampleLike: on its own grid nothing changes; on another one, what lay where is seen there."""

import numpy as np
import pytest

from radlearn import Case, Volume
from radlearn.exceptions import GeometryError, MaskError
from radlearn.io import ArraySource
from radlearn.preprocessing import Crop, Pad, Reorient, Resample, ResampleLike
from radlearn.preprocessing.moving import moved_image, moved_mask
from steps import apply

AFFINE = np.array([[0, 0, -2, 10], [0, 3, 0, -20], [5, 0, 0, 30], [0, 0, 0, 1.0]])


def like(volume):
    """Step to the grid of a volume."""
    return ResampleLike(reference=Case(ArraySource(np.zeros(volume.shape), volume.spacing, volume.affine)))


@pytest.fixture
def volume():
    image = np.random.default_rng(0).normal(100, 10, (6, 7, 8))
    mask = np.zeros(image.shape, bool)
    mask[2:4, 2:6, 3:7] = True
    return Volume(image, mask=mask, spacing=(5, 3, 2), affine=AFFINE)


@pytest.mark.parametrize(
    ("shift", "expected"), [(-0.6, [0, 1, 2]), (-0.4, [1, 2, 3]), (0.4, [1, 2, 3]), (0.6, [2, 3, 0])]
)
def test_an_image_ends_half_a_voxel_beyond_its_outermost_centers(shift, expected):
    matrix = np.array([[1, 0, 0], [0, 1, shift], [0, 0, 1]])
    found = moved_image(np.array([[1.0, 2.0, 3.0]]), matrix, (1, 3), "nearest", fill_value=0)
    assert found.tolist() == [expected]


@pytest.mark.parametrize("interpolation", ["nearest", "linear", "cubic"])
def test_the_own_grid_changes_nothing(volume, interpolation):
    same = apply(like(volume).set_params(interpolation=interpolation), volume)
    np.testing.assert_allclose(same.image, volume.image, rtol=1e-9)
    np.testing.assert_array_equal(same.mask, volume.mask)


@pytest.mark.parametrize(
    "step", [Reorient(orientation="PIR"), Pad(margin=6), Crop(margin=5), Resample(spacing=2.5)], ids=repr
)
def test_the_grid_that_a_step_has_made_gives_what_the_step_gives(volume, step):
    expected = apply(step, volume)
    found = apply(like(expected), volume)
    inside = moved_image(np.ones(volume.shape), np.linalg.solve(AFFINE, expected.affine), expected.shape, fill_value=0)
    np.testing.assert_allclose(found.image[inside > 0], expected.image[inside > 0], rtol=1e-9)
    np.testing.assert_array_equal(found.mask, expected.mask)
    np.testing.assert_allclose(found.affine, expected.affine)
    assert found.spacing == expected.spacing


def test_a_grid_that_is_tilted():
    angle = np.pi / 6
    tilted = np.array([[np.cos(angle), np.sin(angle), 4], [-np.sin(angle), np.cos(angle), 4], [0, 0, 1]])
    ramp = Volume(np.arange(9.0)[:, None] + np.zeros((9, 9)), affine=np.eye(3))
    line = apply(like(Volume(np.zeros((1, 3)), affine=tilted)), ramp)
    # The first coordinate of the world is the row here, and rises by sin 30° = 0.5 along the line.
    np.testing.assert_allclose(line.image, [[4, 4.5, 5]])


def test_what_lies_beyond_is_filled(volume):
    wide = apply(Pad(margin=6), volume)
    found = apply(like(wide).set_params(fill_value=-7), volume)
    assert (found.image == -7).sum() == wide.image.size - volume.image.size
    assert found.mask.sum() == volume.mask.sum()
    assert apply(like(wide), volume).image.min() == volume.image.min()


def test_missing_intensities_stay_where_they_are(volume):
    image = volume.image.copy()
    image[3, 3, 3] = np.nan
    found = apply(like(apply(Reorient(orientation="LPI"), volume)), volume.but(image=image))
    assert np.isnan(found.image).sum() == 1
    assert np.isfinite(apply(like(volume), volume).image).all()


def test_without_affines_the_first_voxels_lie_on_each_other():
    volume = Volume(np.arange(6.0).reshape(1, 6), mask=np.ones((1, 6)), spacing=(1, 1))
    found = apply(like(Volume(np.zeros((1, 2)), spacing=(1, 2.5))), volume)
    assert found.image.tolist() == [[0, 2.5]]
    assert found.spacing == (1, 2.5)


def test_the_reference_may_be_a_file(tmp_path, volume):
    np.save(tmp_path / "atlas.npy", np.zeros((3, 3, 3)))
    step = ResampleLike(reference=tmp_path / "atlas.npy").fit([volume])
    assert step.grid_[0] == (3, 3, 3)
    assert step._transform_volume(volume.but(affine=None, mask=None)).shape == (3, 3, 3)


def test_one_affine_is_not_enough(volume):
    with pytest.raises(GeometryError, match="the image has no affine"):
        apply(like(volume), volume.but(affine=None))
    with pytest.raises(GeometryError, match="the reference has no affine"):
        apply(like(volume.but(affine=None)), volume)


def test_other_axes_are_refused(volume):
    with pytest.raises(GeometryError, match=r"the image has shape \(2, 2\), the reference \(6, 7, 8\)"):
        apply(like(volume), Volume(np.ones((2, 2))))


def test_a_lost_mask_is_refused(volume):
    with pytest.raises(MaskError, match="no voxel is left of a mask of 32 voxels"):
        apply(like(volume.but(affine=volume.affine + np.eye(4, k=3) * 1000)), volume)


@pytest.mark.parametrize("reference", [None, np.eye(3)])
def test_a_reference_is_a_path_or_a_case(reference):
    with pytest.raises(TypeError, match="reference must be a path or a Case"):
        ResampleLike(reference=reference).fit([np.eye(3)])


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("seed", range(40))
def test_a_moved_mask_is_that_of_the_whole_image(ndim, seed):
    rng = np.random.default_rng(seed)
    mask = np.zeros((9, 8, 11)[-ndim:], bool)
    start = rng.integers(0, np.array(mask.shape) - 2)
    mask[tuple(slice(at, at + rng.integers(1, 7)) for at in start)] = True
    matrix = np.eye(ndim + 1)
    turn = np.linalg.qr(rng.normal(size=(ndim, ndim)))[0] if seed % 2 else np.eye(ndim)
    matrix[:-1, :-1] = turn * rng.choice([0.5, 1, 1.3], ndim)
    shape = (12, 10, 9)[-ndim:]
    # The centers of both grids, but for some voxels, lie on each other.
    matrix[:-1, -1] = np.array(mask.shape) / 2 - matrix[:-1, :-1] @ np.array(shape) / 2 + rng.choice([0, 0.5, -2], ndim)
    whole = moved_image(mask.astype(float), matrix, shape, fill_value=0) >= 0.5 - 1e-4
    np.testing.assert_array_equal(moved_mask(mask, matrix, shape), whole)


def test_an_empty_mask_stays_empty_when_it_moves(volume):
    assert not moved_mask(np.zeros((3, 4), bool), np.eye(3), (5, 6)).any()
    nothing = volume.but(mask=np.zeros(volume.shape, bool))
    assert not apply(like(apply(Pad(margin=6), volume)), nothing).mask.any()
