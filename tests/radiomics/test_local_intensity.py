"""Local intensity: the surroundings of the region count."""

import numpy as np
import pytest

from radlearn import Volume


@pytest.fixture
def volume():
    """A bright voxel inside a region of 3 voxels, with spheres that reach one voxel along each axis."""
    image = np.zeros((5, 5, 5))
    image[2, 2, 2] = 70.0
    mask = np.zeros(image.shape, bool)
    mask[2, 2, 1:4] = True
    return Volume(image, mask=mask, spacing=(5, 5, 5))


def peaks(volume, feature_values):
    values = feature_values(volume, families="local_intensity")
    return values["local_intensity_local_intensity_peak"], values["local_intensity_global_intensity_peak"]


def test_the_average_is_over_the_voxels_of_the_sphere(volume, feature_values):
    assert peaks(volume, feature_values) == pytest.approx((10, 10))  # the voxel and its 6 neighbors


def test_what_surrounds_the_region_counts(volume, feature_values):
    image = volume.image.copy()
    image[1, 2, 3] = 7 * 9.0
    assert peaks(volume.but(image=image), feature_values) == pytest.approx((10, 19))


def test_what_is_not_finite_around_the_region_is_left_out(volume, feature_values):
    image = volume.image.copy()
    image[1, 2, 2], image[3, 2, 2] = np.nan, np.inf
    assert peaks(volume.but(image=image), feature_values) == pytest.approx((14, 14))


def test_beyond_the_border_there_is_nothing(volume, feature_values):
    cut = Volume(volume.image[2:3, 2:], mask=volume.mask[2:3, 2:], spacing=volume.spacing)
    assert peaks(cut, feature_values) == pytest.approx((70 / 4, 70 / 4))


@pytest.mark.parametrize(
    ("spacing", "n_near"), [((1e-4, 5, 5), 3 * 5), ((5, 5, 1e-4), 5 * 5), ((1e-4, 1e-4, 1e-4), 3 * 3 * 5)]
)
def test_spheres_of_tiny_voxels_end_with_the_image(volume, feature_values, spacing, n_near):
    tiny = Volume(volume.image[1:4, 1:4], mask=volume.mask[1:4, 1:4], spacing=spacing)
    assert peaks(tiny, feature_values) == pytest.approx((70 / n_near, 70 / n_near))


def test_of_several_highest_voxels_the_best_surrounded_is_the_peak(volume, feature_values):
    image = volume.image.copy()
    image[2, 2, 1] = 70.0
    image[1, 2, 1] = 35.0
    assert peaks(volume.but(image=image), feature_values) == pytest.approx((25, 25))


@pytest.mark.parametrize("padding", [1e30, -3.4e38, 1e10])
@pytest.mark.parametrize("dtype", [np.float32, float])
def test_padding_beyond_the_spheres_does_not_matter_however_large(volume, feature_values, padding, dtype):
    image = volume.image.astype(dtype)
    image[0], image[:, 0], image[:, :, 0] = padding, padding / 3, padding
    mask = volume.mask & (np.arange(5) > 1)
    far = Volume(image, mask=mask, spacing=volume.spacing)
    near = Volume(volume.image, mask=mask, spacing=volume.spacing)
    assert peaks(far, feature_values) == pytest.approx(peaks(near, feature_values), rel=1e-12)


def test_a_sphere_with_padding_has_its_average(volume, feature_values):
    image = volume.image.copy()
    image[1, 2, 3] = 7e30
    assert peaks(volume.but(image=image), feature_values) == pytest.approx((10, 1e30))
