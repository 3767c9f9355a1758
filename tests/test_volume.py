"""Volume: checked once, read-only, copied with changes."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from radlearn import Volume
from radlearn.exceptions import GeometryError, ImageReadError, MaskError
from radlearn.volume import check_same_grid, largest_cross_section


def grid(shape=(4, 5, 6), spacing=(3, 1, 1), origin=(0, 0, 0)):
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = origin
    return SimpleNamespace(array=np.zeros(shape), spacing=spacing, affine=affine)


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("uint8", "float32"), ("int16", "float32"), (">i2", "float32"), ("int32", "float64"), (">f4", "float32"),
     ("float64", "float64"), ("bool", "float32"), ("float16", "float32")],
)  # fmt: skip
def test_images_become_floats_that_hold_their_values(dtype, expected):
    image = np.arange(6).reshape(2, 3).astype(dtype)
    volume = Volume(image)
    assert volume.image.dtype == np.dtype(expected)
    np.testing.assert_array_equal(volume.image, image)


@pytest.mark.parametrize("field", ["image", "mask", "affine"])
def test_arrays_are_read_only(field):
    volume = Volume(np.ones((2, 2)), mask=np.ones((2, 2)), affine=np.eye(3))
    with pytest.raises(ValueError, match="read-only"):
        getattr(volume, field)[0] = 0


def test_the_owner_of_an_array_may_go_on_writing():
    image = np.ones((2, 2))
    Volume(image)
    image[0, 0] = 5
    assert image[0, 0] == 5


def test_but_changes_a_copy():
    volume = Volume(np.ones((2, 2)), spacing=(2, 2))
    assert volume.but(spacing=(1, 1)).spacing == (1, 1)
    assert volume.spacing == (2, 2)


def test_the_intensity_mask_follows_the_mask_until_it_is_set():
    volume = Volume(np.ones((2, 2)), mask=[[1, 1], [0, 0]])
    assert volume.intensity_mask is volume.mask
    segmented = volume.but(intensity_mask=[[1, 0], [0, 0]])
    assert segmented.intensity_mask.sum() == 1
    assert segmented.mask.sum() == 2
    assert segmented.but(image=np.zeros((2, 2))).intensity_mask.sum() == 1
    assert segmented.but(mask=[[0, 1], [1, 1]]).intensity_mask.sum() == 3


def test_the_region_without_a_mask_is_the_whole_image():
    assert Volume(np.ones((2, 3))).region.sum() == 6
    assert Volume(np.ones((2, 3))).intensity_region.sum() == 6


def test_pickling_keeps_everything():
    volume = Volume(
        np.ones((2, 2)), mask=np.eye(2), spacing=(2, 1), affine=np.diag([2, 1, 1]), id="a", meta={"site": 1}
    )
    copy = pickle.loads(pickle.dumps(volume))
    assert (copy.spacing, copy.id, dict(copy.meta)) == ((2, 1), "a", {"site": 1})
    np.testing.assert_array_equal(copy.mask, volume.mask)


def test_spacing_is_that_of_the_affine_where_none_is_given():
    affine = np.array([[0, 0, -2, 7], [0, 3, 0, 8], [4, 0, 0, 9], [0, 0, 0, 1]])
    assert Volume(np.ones((2, 3, 4)), affine=affine).spacing == (4, 3, 2)


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"image": np.ones(3)}, ImageReadError, "shape"),
        (
            {"image": np.ones((2, 2)), "spacing": (1, 1), "affine": np.diag([2, 1, 1])},
            GeometryError,
            r"spacing \(1.0, 1.0\) and affine disagree: the axes of the affine have \(2.0, 1.0\) mm",
        ),
        ({"image": np.ones((2, 2)), "affine": np.diag([0, 1, 1])}, GeometryError, "pass 2 positive numbers"),
        ({"image": np.ones((0, 3))}, ImageReadError, "non-empty"),
        ({"image": np.ones((2, 2), complex)}, ImageReadError, "complex128 has no real intensities"),
        ({"image": np.array([["a"]])}, ImageReadError, "array of numbers"),
        ({"image": np.ones((2, 2)), "mask": np.ones((2, 3))}, GeometryError, r"mask has shape \(2, 3\)"),
        (
            {"image": np.ones((2, 2)), "mask": np.full((2, 2), 2)},
            MaskError,
            "than 0 and 1: 2; choose a label with mask_label=",
        ),
        (
            {"image": np.ones((4, 4)), "mask": np.arange(16).reshape(4, 4)},
            MaskError,
            "than 0 and 1: 0, 1, 2, 3, 4, 5 and 10 more; choose a label",
        ),
        ({"image": np.ones((2, 2)), "spacing": (1, 0)}, GeometryError, "positive numbers in mm"),
        ({"image": np.ones((2, 2)), "spacing": (1, np.nan)}, GeometryError, "positive numbers in mm"),
        ({"image": np.ones((2, 2)), "spacing": (1, 1, 1)}, GeometryError, "does not fit an image of 2 dimensions"),
        ({"image": np.ones((2, 2)), "affine": np.eye(4)}, GeometryError, "affine"),
    ],
)
def test_what_does_not_fit_is_refused(fields, error, message):
    with pytest.raises(error, match=message):
        Volume(**fields)


def test_equal_grids_pass_and_rounded_headers_are_equal():
    check_same_grid(grid(), grid())
    check_same_grid(grid(), grid(spacing=(3.000001, 1, 1)))


def test_a_grid_without_position_is_compared_by_shape():
    check_same_grid(grid(), SimpleNamespace(array=np.zeros((4, 5, 6)), spacing=None, affine=None))


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (grid(shape=(4, 5, 7)), r"\(4, 5, 7\)"),
        (grid(spacing=(2.5, 1, 1)), r"2\.5.*1\.5 mm apart"),
        (grid(origin=(0, 0, 10)), r"10\.0.*10 mm apart"),
    ],
)
def test_other_grids_are_refused_with_both_grids_in_the_message(other, message):
    with pytest.raises(GeometryError, match=r"the image has shape \(4, 5, 6\)") as caught:
        check_same_grid(grid(), other)
    assert caught.match(message)
    assert "resample the mask" in str(caught.value)


@pytest.mark.parametrize(
    ("mask", "position"),
    [(None, 1), (np.zeros((3, 2, 2)), 1), ([[[1, 1], [0, 0]], [[1, 0], [0, 0]], [[0, 0], [0, 0]]], 0)],
)
def test_largest_cross_section_is_the_middle_slice_without_a_region(mask, position):
    assert largest_cross_section(Volume(np.zeros((3, 2, 2)), mask=mask)) == position
