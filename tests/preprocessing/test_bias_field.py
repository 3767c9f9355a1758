"""BiasFieldCorrection: fields that were multiplied in are divided out."""

import numpy as np
import pytest
from scipy import ndimage

from radlearn import Case, Volume
from radlearn.exceptions import ImageReadError, MaskError
from radlearn.preprocessing import BiasFieldCorrection
from steps import apply

pytest.importorskip("SimpleITK", reason="N4 needs the extra itk")


def brain(shape, spacing=None):
    """A brain, brighter to the right, with its outer tissue as the mask; and the field that makes it so."""
    axes = np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij")
    distance = np.linalg.norm(axes, axis=0)
    tissue = np.select([distance < 0.45, distance < 0.9], [200.0, 100.0])
    field = np.exp(0.4 * axes[-1])
    noise = np.random.default_rng(0).normal(0, 2, shape)
    volume = Volume(np.abs(tissue * field + noise), mask=tissue == 100, spacing=spacing)
    return volume, field


def unevenness(volume):
    values = volume.image[volume.mask]
    return values.std() / values.mean()


@pytest.mark.parametrize("shape", [(48, 48), (8, 20, 20)])
@pytest.mark.parametrize("region", ["image", "foreground", "mask"])
def test_one_tissue_is_equally_bright_again(shape, region):
    volume, _ = brain(shape, spacing=(2.0,) * len(shape))
    corrected = apply(BiasFieldCorrection(region=region, n_iterations=(20, 20)), volume)
    assert unevenness(corrected) < 0.5 * unevenness(volume)
    assert corrected.mask is volume.mask


def test_the_field_is_found_and_not_the_anatomy():
    volume, field = brain((48, 48))
    corrected = apply(BiasFieldCorrection(spacing=2), volume)
    found = (volume.image / corrected.image)[volume.mask]
    assert np.corrcoef(found, field[volume.mask])[0, 1] > 0.95


@pytest.mark.parametrize("shape", [(67, 61), (31, 44, 40)])
def test_the_field_is_found_up_to_the_border_on_a_coarser_grid(shape):
    axes = np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij")
    logarithm = 0.4 * axes[-1] - 0.3 * axes[-2] * axes[-1]
    rng = np.random.default_rng(0)
    tissue = np.where(ndimage.gaussian_filter(rng.normal(size=shape), 3) > 0, 200.0, 100.0)
    volume = Volume(tissue * np.exp(logarithm) + rng.normal(0, 2, shape))
    found = np.log(volume.image / apply(BiasFieldCorrection(region="image"), volume).image)
    assert (found - logarithm).std() < 0.012


def test_more_iterations_find_more_of_the_field():
    volume, _ = brain((48, 48))
    few, many = (apply(BiasFieldCorrection(n_iterations=number), volume) for number in ((1,), (20, 20)))
    assert unevenness(many) < 0.8 * unevenness(few)


def test_an_even_image_stays_even():
    volume, field = brain((48, 48))
    even = volume.but(image=volume.image / field)
    assert unevenness(apply(BiasFieldCorrection(), even)) < 1.2 * unevenness(even)


def test_the_grid_of_the_field_is_measured_in_mm():
    volume, _ = brain((48, 48))
    one, other = (apply(BiasFieldCorrection(spacing=2 * mm), volume.but(spacing=(mm, mm))).image for mm in (1, 0.5))
    np.testing.assert_allclose(one, other, rtol=1e-3)


@pytest.mark.parametrize("row", range(30, 34))
def test_a_thin_region_is_not_lost_on_the_coarser_grid(row):
    image = np.exp(np.linspace(0, 0.5, 64)) * np.random.default_rng(0).uniform(95, 105, (64, 64))
    mask = np.zeros((64, 64), bool)
    mask[row, 4:60] = True
    volume = Volume(image, mask=mask)
    assert unevenness(apply(BiasFieldCorrection(region="mask"), volume)) < 0.6 * unevenness(volume)


def test_missing_intensities_stay():
    volume, _ = brain((32, 32))
    image = volume.image.copy()
    image[16, 16], image[3, 4] = np.nan, np.inf
    corrected = apply(BiasFieldCorrection(), volume.but(image=image)).image
    assert np.argwhere(~np.isfinite(corrected)).tolist() == [[3, 4], [16, 16]]


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (3, 1, 9)])
def test_images_of_one_voxel_along_an_axis(shape):
    image = np.random.default_rng(0).uniform(50, 100, shape)
    assert np.isfinite(apply(BiasFieldCorrection(region="image"), Volume(image)).image).all()


def test_a_constant_image_stays():
    assert (apply(BiasFieldCorrection(), Volume(np.full((9, 9), 7.0))).image == 7).all()


def test_an_image_without_positive_intensities_is_refused():
    with pytest.raises(ImageReadError, match=r"case 'MR': no intensity of the region is positive.*in front of steps"):
        BiasFieldCorrection().fit_transform([Case(-np.eye(9), id="MR")])[0].load()


def test_the_mask_region_needs_a_mask():
    with pytest.raises(MaskError, match="no mask"):
        apply(BiasFieldCorrection(region="mask"), Volume(np.eye(9)))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"region": "brain"}, "region must be one of"),
        ({"spacing": 0}, r"spacing must be greater than 0.*mm"),
        ({"n_iterations": ()}, "one per level"),
        ({"n_iterations": (50, 0)}, "n_iterations must be at least 1"),
        ({"tolerance": 0}, "tolerance must be greater than 0"),
    ],
)
def test_bad_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        BiasFieldCorrection(**parameters).fit([np.eye(3)])
