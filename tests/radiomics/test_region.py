"""Cropping and re-segmentation: what the families get to see."""

import numpy as np
import pytest

from radlearn import Volume
from radlearn.exceptions import MaskError
from radlearn.radiomics._region import region_of
from radlearn.radiomics.discretize import Bins


@pytest.fixture
def volume():
    image = np.arange(20.0).reshape(4, 5)
    mask = np.zeros((4, 5), bool)
    mask[1:3, 2:4] = True  # 7, 8, 12, 13
    return Volume(image, mask=mask)


def test_the_region_is_cropped_to_its_bounding_box(volume):
    region = region_of(volume, Bins())
    assert region.image.tolist() == [[7, 8], [12, 13]]
    assert region.mask.all()


def test_resegmentation_changes_the_intensity_mask_only(volume):
    region = region_of(volume, Bins(width=1, lowest=8), resegment_range=(8, 12))
    assert region.intensities.tolist() == [8, 12]
    assert region.mask.sum() == 4
    assert region.padded_levels()[1, 1:-1, 1:-1].tolist() == [[0, 1], [5, 0]]


def test_an_open_side_of_the_range_takes_all(volume):
    assert region_of(volume, Bins(), resegment_range=(None, 8)).intensities.tolist() == [7, 8]
    assert region_of(volume, Bins(), resegment_range=(12, None)).intensities.tolist() == [12, 13]


def test_an_intensity_mask_of_the_volume_is_kept(volume):
    earlier = volume.but(intensity_mask=volume.mask & (volume.image != 8))
    assert region_of(earlier, Bins(), resegment_range=(None, 12)).intensities.tolist() == [7, 12]


def test_a_volume_without_mask_is_all_region():
    assert region_of(Volume(np.ones((2, 3))), Bins()).mask.shape == (2, 3)


def test_nothing_left_after_resegmentation_names_range_and_intensities(volume):
    with pytest.raises(
        MaskError, match=r"\(100, 200\), outlier_sigma=None\); the intensities in the region go from 7 to 13"
    ):
        region_of(volume, Bins(), resegment_range=(100, 200))


def test_outliers_leave_the_intensity_mask_only():
    image = np.array([[0.0, 1, 2, 3, 1000]])
    region = region_of(Volume(image), Bins(), outlier_sigma=1.9)  # mean 201, standard deviation 399
    assert region.intensities.tolist() == [0, 1, 2, 3]
    assert region.mask.sum() == 5


def test_range_and_outliers_are_both_found_in_the_whole_region():
    image = np.array([[0.0, 1, 2, 3, 1000]])  # without 1000, all but 1 and 2 would be outliers
    region = region_of(Volume(image), Bins(), resegment_range=(0, 500), outlier_sigma=1)
    assert region.intensities.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("largest", [1.0, 27.0])
def test_a_voxel_as_far_from_the_mean_as_allowed_is_no_outlier(largest):
    image = np.zeros((2, 5))
    image[0, 0] = largest  # three standard deviations above the mean of ten voxels
    assert region_of(Volume(image), Bins(), outlier_sigma=3).intensities.max() == largest


@pytest.mark.filterwarnings("error")
def test_bounds_beyond_single_precision_are_open(volume):
    single = volume.but(image=volume.image.astype(np.float32))
    assert region_of(single, Bins(), resegment_range=(-1e300, 1e300)).intensities.size == 4


@pytest.mark.parametrize("bounds", [(0.7, 1.1), (np.float64(0.7), np.float64(1.1)), np.array([0.7, 1.1])])
def test_bounds_of_any_kind_are_those_of_single_precision(bounds):
    image = np.array([[0.5, 0.7, 0.9, 1.1, 1.3]], np.float32)  # 0.69999999 and 1.10000002
    assert region_of(Volume(image), Bins(), resegment_range=bounds).intensities.size == 3


def test_equal_intensities_have_no_outliers():
    image = np.full((3, 7), 0.1)
    assert image.mean() != 0.1  # by rounding, and so is the standard deviation not 0
    assert region_of(Volume(image), Bins(), outlier_sigma=0.01).intensities.size == image.size


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_voxel_that_is_not_finite_is_refused_inside_the_region_only(volume, value):
    image = volume.image.copy()
    image[0, 0] = value
    assert np.isfinite(region_of(volume.but(image=image), Bins()).intensities).all()
    image[1, 2] = value
    with pytest.raises(MaskError, match="1 of 4 voxels in the region are NaN or infinite; remove them"):
        region_of(volume.but(image=image), Bins(), resegment_range=(0, 100))


@pytest.mark.parametrize("factor", [1e80, 1e304, -1e100, 1e-300])
def test_intensities_whose_powers_are_no_numbers_are_refused(volume, factor):
    with pytest.raises(MaskError, match="outside the computable range; check the image, or convert its unit"):
        region_of(volume.but(image=volume.image * factor), Bins())
