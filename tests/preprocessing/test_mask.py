"""CropToMask: boxes by hand, margins in mm, squares."""

import numpy as np
import pytest

from radlearn import Case, Volume
from radlearn.exceptions import GeometryError, MaskError
from radlearn.preprocessing import CropToMask
from steps import apply


def block(shape, *slices, spacing=None, affine=None):
    """A volume of running numbers whose mask is one block."""
    mask = np.zeros(shape, bool)
    mask[slices] = True
    return Volume(np.arange(mask.size, dtype=float).reshape(shape), mask=mask, spacing=spacing, affine=affine)


def test_cropping_keeps_the_box_and_its_place_in_the_world():
    affine = np.array([[0, 2, 10], [3, 0, 20], [0, 0, 1]])
    volume = block((6, 7), slice(2, 4), slice(3, 5), spacing=(3, 2), affine=affine)
    cropped = apply(CropToMask(), volume)
    np.testing.assert_array_equal(cropped.image, volume.image[2:4, 3:5])
    np.testing.assert_allclose(cropped.affine @ [0, 0, 1], affine @ [2, 3, 1])
    assert cropped.mask.all()


@pytest.mark.parametrize(
    ("margin", "shape"),
    [(0, (2, 2)), (2, (4, 4)), (2.5, (4, 6)), (3, (4, 6)), (99, (6, 7)), ((3, 0), (4, 2)), (3.0000001, (4, 6))],
)
def test_the_margin_is_in_mm_and_ends_at_the_border(margin, shape):
    volume = block((6, 7), slice(2, 4), slice(3, 5), spacing=(3, 2))
    assert apply(CropToMask(margin=margin), volume).shape == shape


def test_cropping_a_volume():
    volume = block((5, 6, 7), slice(1, 2), slice(2, 5), slice(0, 4), spacing=(5, 1, 1))
    assert apply(CropToMask(margin=1), volume).shape == (3, 5, 5)
    assert apply(CropToMask(square=True), volume).shape == (1, 4, 4)


def test_both_masks_are_cropped():
    volume = block((9, 9), slice(2, 6), slice(2, 6))
    volume = volume.but(intensity_mask=volume.mask & (volume.image > 30))
    cropped = apply(CropToMask(), volume)
    np.testing.assert_array_equal(cropped.intensity_mask, volume.intensity_mask[2:6, 2:6])


def test_the_rest_of_the_image_is_let_go():
    cropped = apply(CropToMask(), block((50, 50), slice(0, 2)))
    owner = cropped.image if cropped.image.base is None else cropped.image.base
    assert owner.size == 100


def test_a_square_crop_has_the_same_extent_in_mm():
    volume = block((30, 30), slice(10, 12), slice(5, 25), spacing=(2, 1))
    cropped = apply(CropToMask(square=True), volume)
    assert cropped.shape == (10, 20)
    assert cropped.mask.sum() == volume.mask.sum()


def test_a_square_at_the_border_is_shifted_inwards():
    cropped = apply(CropToMask(square=True), block((30, 30), slice(0, 2), slice(5, 15)))
    assert cropped.shape == (10, 10)
    assert cropped.image[0, 0] == 5


def test_a_narrow_image_leaves_the_crop_oblong():
    assert apply(CropToMask(square=True), block((4, 30), slice(1, 2), slice(5, 15))).shape == (4, 10)


def test_cropping_needs_a_mask():
    with pytest.raises(MaskError, match=r"case 'LUNG': the case has no mask to crop to; give it one"):
        CropToMask().fit_transform([Case(np.ones((3, 3)), id="LUNG")])[0].load()
    with pytest.raises(MaskError, match="the mask is empty"):
        apply(CropToMask(), Volume(np.ones((3, 3)), mask=np.zeros((3, 3))))


def test_rows_of_a_dense_array_have_no_masks_and_stay_whole():
    assert CropToMask(image_shape=(2, 3)).fit_transform(np.ones((4, 6))).shape == (4, 6)


def test_a_margin_for_other_axes_is_refused():
    with pytest.raises(GeometryError, match=r"shape \(6, 7\): margin must be one number or 2 numbers"):
        apply(CropToMask(margin=(1, 1, 1)), block((6, 7), slice(2)))


@pytest.mark.parametrize("margin", [-1, (0, -2)])
def test_a_negative_margin_is_refused(margin):
    with pytest.raises(ValueError, match=r"margin must be at least 0.*mm"):
        CropToMask(margin=margin).fit([np.ones((3, 3))])
