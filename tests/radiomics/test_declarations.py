"""Laws that every feature keeps, made from the declarations: units, movement, mirroring, degenerate regions."""

import numpy as np
import pytest

from radlearn import Volume
from radlearn.radiomics import feature_table
from radlearn.radiomics._family import declared_families, unit_exponents

COLUMNS = [
    (ndim, name) for ndim in (3, 2) for name in feature_table(ndim, not_standardised=True)["name"].drop_duplicates()
]
# The one family that looks beyond the region, into a sphere whose size in mm is fixed.
LOOKS_BEYOND = "local_intensity_"
DISCRETIZATIONS = {"bin_count": 8, "bin_width": 5}


def feature_of(ndim, column):
    features = [feature for family in declared_families(ndim).values() for feature in family.features.values()]
    return next(feature for feature in features if feature.column == column)


@pytest.fixture(scope="module")
def measured(blob, feature_values):
    """Values of the same regions in many disguises, computed once for all laws."""
    disguises = {
        "as it is": lambda volume: volume,
        "image times four": lambda volume: volume.but(image=volume.image * 4),
        "spacing times two": lambda volume: volume.but(spacing=tuple(2 * step for step in volume.spacing)),
        "moved": moved,
        "NaN outside": lambda volume: volume.but(image=np.where(volume.mask, volume.image, np.nan)),
        "mirrored along the first axis": lambda volume: mirrored(volume, 0),
        "mirrored along the second axis": lambda volume: mirrored(volume, 1),
        "mirrored along the last axis": lambda volume: mirrored(volume, -1),
        "axes exchanged": axes_exchanged,
    }
    table = {}
    for ndim in (2, 3):
        for name, disguise in disguises.items():
            volume = disguise(blob(ndim))
            table[ndim, name, "bin_count"] = feature_values(volume, bin_count=8, not_standardised=True)
            bin_width = 20 if name == "image times four" else 5
            table[ndim, name, "bin_width"] = feature_values(volume, bin_width=bin_width, not_standardised=True)
    return table


def moved(volume):
    margins = [(2, 1), (0, 3), (4, 0)][-volume.ndim :]
    image = np.pad(volume.image, margins, constant_values=-1000)
    return Volume(image, mask=np.pad(volume.mask, margins), spacing=volume.spacing)


def mirrored(volume, axis):
    return Volume(np.flip(volume.image, axis), mask=np.flip(volume.mask, axis), spacing=volume.spacing)


def axes_exchanged(volume):
    return Volume(volume.image.T, mask=volume.mask.T, spacing=volume.spacing[::-1])


@pytest.mark.parametrize("bins", DISCRETIZATIONS)
@pytest.mark.parametrize(("ndim", "column"), COLUMNS)
def test_brighter_image_scales_a_feature_by_its_unit(ndim, column, bins, measured):
    exponents = unit_exponents(feature_of(ndim, column).unit)
    factor = 4.0 ** exponents.get("intensity", 0)
    before, after = measured[ndim, "as it is", bins][column], measured[ndim, "image times four", bins][column]
    assert after == pytest.approx(before * factor, rel=1e-9)


@pytest.mark.parametrize(("ndim", "column"), [item for item in COLUMNS if LOOKS_BEYOND not in item[1]])
def test_larger_voxels_scale_a_feature_by_its_unit(ndim, column, measured):
    exponents = unit_exponents(feature_of(ndim, column).unit)
    factor = 2.0 ** exponents.get("mm", 0)
    before = measured[ndim, "as it is", "bin_count"][column]
    after = measured[ndim, "spacing times two", "bin_count"][column]
    assert after == pytest.approx(before * factor, rel=1e-9)


@pytest.mark.parametrize("bins", DISCRETIZATIONS)
@pytest.mark.parametrize(
    "disguise",
    [
        "mirrored along the first axis",
        "mirrored along the second axis",
        "mirrored along the last axis",
        "axes exchanged",
    ],
)
@pytest.mark.parametrize(("ndim", "column"), COLUMNS)
def test_mirroring_and_turning_change_nothing(ndim, column, disguise, bins, measured):
    before, after = measured[ndim, "as it is", bins][column], measured[ndim, disguise, bins][column]
    assert after == pytest.approx(before, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("disguise", ["moved", "NaN outside"])
@pytest.mark.parametrize("ndim", [2, 3])
def test_what_lies_outside_the_region_changes_no_bit(ndim, disguise, measured):
    before, after = (
        {name: value for name, value in measured[ndim, state, "bin_width"].items() if LOOKS_BEYOND not in name}
        for state in ("as it is", disguise)
    )
    assert after == before


def one_voxel(ndim):
    mask = np.zeros((3,) * ndim, bool)
    mask[(1,) * ndim] = True
    return Volume(np.full(mask.shape, 7.0), mask=mask, spacing=(2,) * ndim)


def constant(ndim):
    return Volume(np.full((3, 4, 5)[-ndim:], 0.1))


def one_slice(ndim):
    mask = np.zeros((3, 4, 4)[-ndim:], bool)
    mask[1] = True
    return Volume(np.random.default_rng(0).normal(size=mask.shape), mask=mask)


def two_components(ndim):
    mask = np.zeros((3, 4, 9)[-ndim:], bool)
    mask[..., :2] = mask[..., -2:] = True
    return Volume(np.random.default_rng(0).normal(size=mask.shape), mask=mask)


def scattered(ndim):
    mask = np.zeros((5, 5, 5)[-ndim:], bool)
    mask[(slice(None, None, 4),) * ndim] = True
    return Volume(np.random.default_rng(0).normal(size=mask.shape), mask=mask)


def touching_the_border(ndim):
    return Volume(np.random.default_rng(0).normal(size=(3, 4, 5)[-ndim:]))


NO_AXES = {
    3: {"elongation", "flatness", "volume_density_aee", "area_density_aee"},
    2: {"elongation", "area_density_aee"},
}
GLCM, NGTDM = (
    {name.removeprefix(f"{family}_") for _, name in COLUMNS if name.startswith(f"{family}_")}
    for family in ("glcm", "ngtdm")
)
NO_RANGE = {"volume_histogram": {"area_under_curve"}}
ONE_LEVEL = {"correlation", "information_correlation_1"}
# region -> family -> the features that are undefined in it.
UNDEFINED = {
    one_voxel: {"morphology": NO_AXES, "spatial": {"morans_i", "gearys_c"}, "glcm": GLCM, "ngtdm": NGTDM} | NO_RANGE,
    constant: {"spatial": {"morans_i", "gearys_c"}, "glcm": ONE_LEVEL} | NO_RANGE,
    one_slice: {"morphology": {3: {"volume_density_aee"}, 2: {"area_density_aee"}}},
    two_components: {},
    scattered: {"glcm": GLCM, "ngtdm": NGTDM},
    touching_the_border: {},
}


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("region", UNDEFINED)
def test_degenerate_regions_leave_just_these_features_undefined(region, ndim, feature_values):
    expected = {
        f"{family}_{name}"
        for family, names in UNDEFINED[region].items()
        for name in (names[ndim] if isinstance(names, dict) else names)
    }
    with np.errstate(all="raise"):
        values = feature_values(region(ndim), not_standardised=True)
    assert {name for name, value in values.items() if np.isnan(value)} == expected
    assert not any(np.isinf(value) for value in values.values())


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_feature_that_can_be_undefined_says_so(ndim, feature_values):
    for region in UNDEFINED:
        for column, value in feature_values(region(ndim), not_standardised=True).items():
            if np.isnan(value):
                feature = feature_of(ndim, column)
                # Of these two families the documentation says that they need neighbors.
                family = declared_families(ndim)[feature.family].__doc__ if feature.family in ("glcm", "ngtdm") else ""
                assert "NaN" in feature.description + family, column


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("statistics_mean", 0.1),
        ("statistics_variance", 0),
        ("statistics_skewness", 0),
        ("statistics_kurtosis", 0),
        ("statistics_coefficient_of_variation", 0),
        ("statistics_robust_mean_absolute_deviation", 0),
        ("glcm_joint_maximum", 1),
        ("glcm_joint_average", 1),
        ("glcm_joint_entropy", 0),
        ("glcm_inverse_variance", 0),
        ("glcm_inverse_difference", 1),
        ("glcm_information_correlation_2", 0),
        ("histogram_mean", 1),
        ("histogram_skewness", 0),
        ("histogram_entropy", 0),
        ("histogram_maximum_gradient", 0),
        ("volume_histogram_volume_fraction_at_90_intensity", 1),
        ("volume_histogram_intensity_at_10_volume", 0.1),
        ("volume_histogram_intensity_difference", 0),
        ("local_intensity_local_intensity_peak", 0.1),
        ("glrlm_grey_level_variance", 0),
        ("glrlm_normalised_grey_level_non_uniformity", 1),
        ("glszm_zone_percentage", 1 / 60),
        ("glszm_zone_size_entropy", 0),
        ("gldzm_small_distance_emphasis", 1),
        ("gldzm_zone_percentage", 1 / 60),
        ("ngtdm_coarseness", 1e6),
        ("ngtdm_contrast", 0),
        ("ngtdm_busyness", 0),
        ("ngtdm_complexity", 0),
        ("ngtdm_strength", 0),
        ("ngldm_dependence_count_percentage", 1),
        ("morphology_centre_of_mass_shift", 0),
    ],
)
def test_values_of_a_constant_region(column, value, feature_values):
    assert feature_values(constant(3))[column] == pytest.approx(value, abs=1e-15)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        # Around a voxel of 2 mm lies an octahedron with corners 1 mm from its center.
        ("morphology_mesh_volume", 4 / 3),
        ("morphology_voxel_volume", 8),
        ("morphology_surface_area", 4 * np.sqrt(3)),
        ("morphology_maximum_3d_diameter", 2),
        ("morphology_major_axis_length", 0),
        ("morphology_volume_density_convex_hull", 1),
        ("morphology_integrated_intensity", 7 * 4 / 3),
        ("statistics_energy", 49),
        ("statistics_kurtosis", 0),
        ("glrlm_run_percentage", 1),
        ("glszm_zone_percentage", 1),
        ("gldzm_large_distance_emphasis", 1),
        ("ngldm_low_dependence_emphasis", 1),
        ("ngldm_dependence_count_entropy", 0),
    ],
)
def test_values_of_a_single_voxel(column, value, feature_values):
    assert feature_values(one_voxel(3))[column] == pytest.approx(value)
