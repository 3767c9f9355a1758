"""Resample: laws of a change of spacing, and the diagnostics of IBSI's CT phantom."""

import numpy as np
import pytest

from radlearn import Case, Cohort, Volume
from radlearn.exceptions import GeometryError, MaskError
from radlearn.io import FileSource
from radlearn.preprocessing import Resample


def resampled(volume, **parameters):
    return Resample(**parameters).fit([np.ones((2, 2))])._transform_volume(volume)


def ramp(shape=(6, 7, 8), spacing=(3, 1, 1)):
    """Intensity = position in mm, summed over the axes."""
    positions = np.moveaxis(np.indices(shape), 0, -1) * spacing
    affine = np.diag([*spacing, 1.0])[::-1][[*range(1, len(shape) + 1), 0]]
    return Volume(positions.sum(axis=-1).astype(float), mask=np.ones(shape), spacing=spacing, affine=affine)


@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
@pytest.mark.parametrize("spacing", [0.5, 2.0, (1.0, 2.0, 0.7)])
def test_a_ramp_in_mm_stays_that_ramp(interpolation, spacing):
    volume = ramp((14, 20, 20))
    new = resampled(volume, spacing=spacing, interpolation=interpolation)
    world = new.affine @ np.vstack([np.indices(new.shape).reshape(3, -1), np.ones(new.image.size)])
    expected = world[:3].sum(axis=0).reshape(new.shape)
    # A spline that ends flat rings near the border, less with every voxel.
    margins = (np.ceil(5 * old / step).astype(int) for old, step in zip(volume.spacing, new.spacing, strict=True))
    inside = tuple(slice(margin, -margin) for margin in margins)
    np.testing.assert_allclose(new.image[inside], expected[inside], atol=2e-2 if interpolation == "cubic" else 1e-6)


@pytest.mark.parametrize("volume", [ramp(), ramp((5, 9), (2, 0.7))], ids=["3d", "2d"])
@pytest.mark.parametrize("spacing", [0.9, 1.7])
def test_the_centers_of_both_grids_lie_at_one_place_in_the_world(volume, spacing):
    new = resampled(volume, spacing=spacing)
    assert new.spacing == (spacing,) * volume.ndim
    old_center, new_center = ([*((np.array(v.shape) - 1) / 2), 1] for v in (volume, new))
    np.testing.assert_allclose(new.affine @ new_center, volume.affine @ old_center)


@pytest.mark.parametrize("interpolation", ["nearest", "linear", "cubic"])
def test_the_same_spacing_changes_nothing(interpolation):
    volume = ramp()
    new = resampled(volume, spacing=(3, 1, 1), interpolation=interpolation)
    np.testing.assert_array_equal(new.image, volume.image)
    np.testing.assert_array_equal(new.mask, volume.mask)
    np.testing.assert_array_equal(new.affine, volume.affine)


def test_an_axis_may_be_left_as_it_is():
    new = resampled(ramp(), spacing=(None, 2, 2))
    assert (new.spacing, new.shape) == ((3, 2, 2), (6, 4, 4))
    assert resampled(ramp(), spacing=None).shape == (6, 7, 8)


def test_slices_do_not_mix_where_their_spacing_is_left_as_it_is():
    image = np.random.default_rng(0).normal(size=(4, 9, 9))
    volume = resampled(Volume(image), spacing=(None, 0.6, 0.6), interpolation="cubic")
    slices = [resampled(Volume(plane), spacing=0.6, interpolation="cubic").image for plane in image]
    np.testing.assert_allclose(volume.image, slices, atol=1e-12)


@pytest.mark.parametrize("mask_interpolation", ["nearest", "linear", "cubic"])
def test_a_ball_keeps_its_volume(mask_interpolation):
    shape, spacing = (20, 60, 60), (3, 1, 1)
    distance = np.linalg.norm((np.moveaxis(np.indices(shape), 0, -1) - np.array(shape) / 2) * spacing, axis=-1)
    volume = Volume(distance, mask=distance < 20, spacing=spacing)
    new = resampled(volume, spacing=1.5, mask_interpolation=mask_interpolation)
    assert new.mask.sum() * 1.5**3 == pytest.approx(volume.mask.sum() * 3, rel=0.02)


@pytest.mark.parametrize("mask_interpolation", ["nearest", "linear", "cubic"])
def test_a_mask_of_the_whole_image_stays_one(mask_interpolation):
    new = resampled(ramp(), spacing=(2.3, 0.7, 0.9), mask_interpolation=mask_interpolation)
    assert new.mask.all()


def test_a_higher_threshold_gives_a_smaller_mask():
    mask = np.array([[0, 1, 1, 1, 1, 0]])
    half, full = (resampled(Volume(mask, mask=mask), spacing=(1, 2), mask_threshold=part).mask for part in (0.5, 1))
    assert half.tolist() == [[True, True, True]]
    assert full.tolist() == [[False, True, False]]


def test_ct_intensities_may_be_rounded():
    new = resampled(Volume([[0, 1, 5]]), spacing=(1, 0.7), round_intensities=True)
    np.testing.assert_array_equal(new.image, np.rint(new.image))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_type_of_the_image_stays(dtype):
    assert resampled(Volume(np.ones((4, 4), dtype)), spacing=0.5).image.dtype == dtype


def test_the_intensity_mask_is_resampled_beside_the_mask():
    volume = ramp().but(intensity_mask=ramp().image > 10)
    new = resampled(volume, spacing=1.5)
    assert 0 < new.intensity_mask.sum() < new.mask.sum()
    assert resampled(ramp(), spacing=1.5).intensity_mask is not None


def test_a_region_that_vanishes_is_told():
    mask = np.zeros((10, 10))
    mask[4, 4] = 1
    with pytest.raises(MaskError, match=r"case 'LUNG': no voxel is left of a mask of 1 .*\(5\.0, 5\.0\) mm; .*smaller"):
        Resample(spacing=5).fit_transform([Case(np.ones((10, 10)), mask=mask, id="LUNG")])[0].load()


@pytest.mark.parametrize(
    ("spacing", "message"),
    [(1e-5, "too large.*larger spacing"), ((1, 2, 2), r"does not fit.*\(5, 5\).*or 2 \(one per")],
)
def test_a_spacing_that_does_not_fit_the_image_is_refused(spacing, message):
    with pytest.raises(GeometryError, match=message):
        resampled(Volume(np.ones((5, 5))), spacing=spacing)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"spacing": 0}, "spacing must be greater than 0, got 0; spacing is in mm"),
        ({"spacing": (1, -1)}, "spacing must be greater than 0"),
        ({"spacing": (1, 1, 1, 1)}, "one number, or one per axis"),
        ({"interpolation": "liner"}, "interpolation.*did you mean 'linear'"),
        ({"mask_interpolation": "spline"}, "mask_interpolation must be one of"),
        ({"mask_threshold": 0}, "mask_threshold must be greater than 0"),
        ({"mask_threshold": 50}, "mask_threshold must be at most 1"),
    ],
)
def test_bad_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        Resample(**parameters).fit([np.ones((3, 3))])


@pytest.fixture(scope="module")
def ct_phantom(data_home):
    archive = data_home / "radiomics_phantoms" / "images.zip"
    if not archive.is_file():
        pytest.skip("the CT phantom of IBSI is not in the data home")
    folder = "ibsi_1_ct_radiomics_phantom/nifti"
    image, mask = (FileSource(archive, f"{folder}/{name}.nii.gz") for name in ("image/phantom", "mask/mask"))
    return Cohort([Case(image, mask, id="ct-phantom")])


# Configuration, interpolation, then mean, minimum, maximum of the image and of its region: (value, tolerance) by IBSI.
DIAGNOSTICS = [
    ("C", "linear", (-270, 3), (-1000, 0), (1854, 30), (-48.9, 0.1), (-939, 1), (521, 5)),
    ("E", "cubic", (-270, 3), (-1111, 10), (2637, 30), (-48.3, 0.1), (-966, 1), (627, 5)),
]


@pytest.mark.slow
@pytest.mark.parametrize("row", DIAGNOSTICS, ids=lambda row: row[0])
def test_the_diagnostics_of_the_ct_phantom(ct_phantom, row):
    _, interpolation, *expected = row
    step = Resample(spacing=2, interpolation=interpolation, round_intensities=True)
    volume = step.fit_transform(ct_phantom)[0].load()
    assert volume.shape == (90, 99, 100)
    assert volume.mask.sum() == 45_985
    assert [np.ptp(indices) + 1 for indices in np.nonzero(volume.mask)] == [40, 49, 49]
    found = [
        f(values)
        for values in (volume.image.astype(float), volume.image[volume.mask].astype(float))
        for f in (np.mean, np.min, np.max)
    ]
    for value, (reference, tolerance) in zip(found, expected, strict=True):
        digits = 1 if abs(reference) < 100 else 0  # as many as the table shows
        assert abs(round(value, digits) - reference) <= tolerance


def test_a_spacing_is_made_of_numbers():
    with pytest.raises(TypeError, match=r"spacing must be a number or None, got <object"):
        Resample(spacing=object()).fit([np.ones((5, 5))])


def test_intensities_are_rounded_once():
    # Halves of such numbers would be rounded by single precision first, and then a second time.
    image = np.random.default_rng(0).integers(0, 2**22, (3, 50)).astype(np.float32)
    rounded = resampled(Volume(image), spacing=(1, 0.7), round_intensities=True).image
    exact = resampled(Volume(image.astype(float)), spacing=(1, 0.7)).image
    np.testing.assert_array_equal(rounded, np.rint(exact))
    assert (rounded != np.rint(exact.astype(np.float32))).any()
