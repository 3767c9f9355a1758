"""Pad and Crop: by hand, as reverses of each other, with voxels where they were in the world."""

import numpy as np
import pytest

from radlearn import Volume
from radlearn.exceptions import GeometryError, MaskError
from radlearn.preprocessing import Crop, Pad
from steps import apply

AFFINE = np.array([[0, 0, 2, 10], [0, 3, 0, 20], [5, 0, 0, 30], [0, 0, 0, 1.0]])


def running(shape, spacing=None, affine=None):
    """Running numbers from 1, with the middle voxel as the mask."""
    image = 1 + np.arange(np.prod(shape), dtype=float).reshape(shape)
    mask = np.zeros(shape, bool)
    mask[tuple(n // 2 for n in shape)] = True
    return Volume(image, mask=mask, spacing=spacing, affine=affine)


def test_padding_by_a_margin_in_mm():
    padded = apply(Pad(margin=3, fill_value=0), running((2, 3), spacing=(2, 1)))
    assert padded.shape == (2 + 2 * 2, 3 + 2 * 3)
    np.testing.assert_array_equal(padded.image[2:4, 3:6], running((2, 3)).image)
    assert np.count_nonzero(padded.image) == 6
    assert padded.mask.sum() == 1


def test_padding_to_a_shape_leaves_longer_axes():
    padded = apply(Pad(shape=(None, 6, 2)), running((2, 3, 4)))
    assert padded.shape == (2, 6, 4)
    np.testing.assert_array_equal(padded.image[:, 1:4], running((2, 3, 4)).image)
    assert (padded.image[:, [0, 4, 5]] == 1).all()  # the smallest intensity of the image


def test_cropping_by_a_margin_in_mm():
    cropped = apply(Crop(margin=(2, 1)), running((6, 7), spacing=(2, 1)))
    np.testing.assert_array_equal(cropped.image, running((6, 7)).image[1:5, 1:6])


def test_cropping_to_a_shape_leaves_shorter_axes():
    cropped = apply(Crop(shape=(1, None, 9)), running((3, 3, 4)))
    np.testing.assert_array_equal(cropped.image, running((3, 3, 4)).image[1:2])


@pytest.mark.parametrize("at", [(4, 4), (0, 8), (9, 9)])
def test_a_crop_around_the_mask_keeps_its_size_up_to_the_border(at):
    mask = np.zeros((10, 10), bool)
    mask[at] = True
    cropped = apply(Crop(shape=(5, 4), center="mask"), running((10, 10)).but(mask=mask))
    assert cropped.shape == (5, 4)
    assert cropped.mask.sum() == 1
    if at == (4, 4):
        assert cropped.mask[2, 2]


@pytest.mark.parametrize("step", [Pad(margin=4), Pad(shape=(9, 9, 9)), Crop(margin=1), Crop(shape=(2, 2, 2))])
def test_voxels_stay_where_they_are_in_the_world(step):
    volume = running((4, 5, 6), spacing=(5, 3, 2), affine=AFFINE)
    changed = apply(step, volume)
    one, other = (
        each.affine @ [*np.argwhere(each.image == volume.image[volume.mask])[0], 1] for each in (volume, changed)
    )
    np.testing.assert_allclose(one, other)


@pytest.mark.parametrize("given", [{"margin": 4}, {"margin": (1, 0, 2)}])
def test_cropping_undoes_padding(given):
    volume = running((4, 5, 6), spacing=(5, 3, 2), affine=AFFINE)
    volume = volume.but(intensity_mask=volume.mask & (volume.image > 1e9))
    back = apply(Crop(**given), apply(Pad(**given), volume))
    for name in ("image", "mask", "intensity_mask", "affine"):
        np.testing.assert_array_equal(getattr(back, name), getattr(volume, name))


def test_an_image_without_any_number_is_padded_with_nan():
    assert np.isnan(apply(Pad(margin=1), Volume(np.full((2, 2), np.nan))).image).all()


def test_the_fill_is_finite_where_the_image_is_not():
    image = np.array([[np.nan, 5.0, -np.inf]])
    assert apply(Pad(margin=1), Volume(image)).image[0].tolist() == [5] * 5


def test_a_lost_mask_is_refused():
    volume = running((9, 9))
    mask = np.zeros((9, 9), bool)
    mask[0, 0] = True
    with pytest.raises(MaskError, match=r"""nothing is left of a mask of 1 voxels.*center="mask\""""):
        apply(Crop(shape=(3, 3)), volume.but(mask=mask))
    with pytest.raises(MaskError, match="no mask to crop around"):
        apply(Crop(shape=(3, 3), center="mask"), volume.but(mask=None))


def test_a_margin_that_takes_everything_is_refused():
    with pytest.raises(GeometryError, match=r"a margin of 3 mm leaves nothing of an image of shape \(6, 7\)"):
        apply(Crop(margin=3), running((6, 7)))


@pytest.mark.parametrize("given", [{"margin": 1e7}, {"shape": (10**7, 10**7)}])
def test_a_padding_that_fills_the_memory_is_refused_before(given):
    with pytest.raises(GeometryError, match=r"voxels is too large \(the old one has \(6, 7\).*choose a smaller margin"):
        apply(Pad(**given), running((6, 7)))


@pytest.mark.parametrize("step", [Pad(margin=(1, 1, 1)), Crop(shape=(1, 1, 1))])
def test_numbers_for_other_axes_are_refused(step):
    with pytest.raises(GeometryError, match=r"shape \(6, 7\)"):
        apply(step, running((6, 7)))


@pytest.mark.parametrize("step", [Pad, Crop])
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "one of them, got margin=None and shape=None"),
        ({"margin": 1, "shape": (2, 2)}, "one of them"),
        ({"margin": -1}, r"margin must be at least 0.*mm"),
        ({"shape": (2,)}, r"shape must be two whole numbers \(y, x\) or three whole numbers \(z, y, x\), got"),
        ({"shape": (2, 0)}, "shape must be at least 1"),
    ],
)
def test_bad_parameters_are_refused(step, parameters, message):
    with pytest.raises(ValueError, match=message):
        step(**parameters).fit([np.eye(3)])


def test_a_margin_has_no_center():
    with pytest.raises(ValueError, match="use CropToMask"):
        Crop(margin=1, center="mask").fit([np.eye(3)])
