"""RadiomicsFeatures: names, parameters, errors, cohorts."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from radlearn import Case, Volume
from radlearn.exceptions import GeometryError, MaskError, RadlearnWarning
from radlearn.radiomics import PyRadiomicsFeatures, RadiomicsFeatures, feature_table
from radlearn.segmentation import ThresholdSegmenter


@pytest.fixture
def image():
    return np.random.default_rng(0).normal(100, 20, (3, 8, 9))


@pytest.mark.parametrize("not_standardised", [False, True])
@pytest.mark.parametrize("ndim", [2, 3])
def test_columns_are_the_names_of_the_feature_table(ndim, not_standardised):
    names = RadiomicsFeatures(ndim=ndim, not_standardised=not_standardised)._names()
    assert names == list(feature_table(ndim, not_standardised=not_standardised)["name"].drop_duplicates())


def test_a_cohort_becomes_a_table(cohort):
    extractor = RadiomicsFeatures(ndim=2, bin_width=10).set_output(transform="pandas")
    table = extractor.fit_transform(cohort)
    assert table.shape == (12, 63 + 23 + 6 + 16 + 16 + 16 + 5 + 17)
    assert list(table.index) == list(cohort.ids)
    assert table.notna().all(axis=None)


@pytest.mark.parametrize("extractor", [RadiomicsFeatures(ndim=2, families="statistics"), PyRadiomicsFeatures(ndim=2)])
def test_whole_images_beside_regions_are_told(cohort, extractor):
    whole = replace(cohort[3], mask=None)
    with pytest.warns(RadlearnWarning, match=r"1 of 3 cases have no mask \(first: 'case-03'\).* whole image"):
        extractor.fit_transform([*cohort[:2], whole])
    extractor.fit_transform([whole])  # a cohort of whole images may be meant so


def test_a_bin_that_holds_all_intensities_is_told_once(image):
    uptake = [image / 20, image / 25]
    with pytest.warns(RadlearnWarning, match=r"with bin_width=25, all .* one grey level, .* smaller bin_width") as told:
        RadiomicsFeatures(bin_width=25, families="glcm").fit_transform(uptake)
    assert len({str(warning.message) for warning in told}) == 1
    RadiomicsFeatures(bin_width=25, families="statistics").fit_transform(uptake)  # no grey levels are needed
    RadiomicsFeatures(bin_width=25, families="glcm").fit_transform([np.full((3, 4, 4), 7.0)])


def test_regions_that_a_step_finds_are_no_whole_images(cohort):
    found = ThresholdSegmenter().fit_transform([*cohort[:2], replace(cohort[3], mask=None)])
    assert all(case.has_mask for case in found)
    RadiomicsFeatures(ndim=2, families="statistics").fit_transform(found)


def test_a_list_of_aggregations_names_each():
    extractor = RadiomicsFeatures(families=["glcm", "statistics"], aggregation=["3d_merged", "2d_averaged"])
    names = extractor._names()
    assert names[:2] == ["statistics_mean", "statistics_variance"]
    assert names[18] == "glcm_joint_maximum__2d_averaged"
    assert names[43] == "glcm_joint_maximum__3d_merged"
    assert len(names) == 18 + 2 * 25


def test_several_aggregations_give_the_same_numbers_as_each_alone(image):
    both = RadiomicsFeatures(families="glcm", aggregation=["2.5d_merged", "3d_averaged"]).fit_transform([image])
    alone = [
        RadiomicsFeatures(families="glcm", aggregation=name).fit_transform([image])
        for name in ("2.5d_merged", "3d_averaged")
    ]
    np.testing.assert_array_equal(both, np.hstack(alone))


def test_families_without_directions_go_by_the_first_part_of_an_aggregation():
    extractor = RadiomicsFeatures(families=["ngtdm"], aggregation=["2d_averaged", "2d_slice_merged", "3d_merged"])
    assert extractor._names()[::5] == ["ngtdm_coarseness__2d", "ngtdm_coarseness__3d"]


@pytest.mark.parametrize(
    ("family", "options"),
    [
        ("glcm", {"glcm_distance": 2}),
        ("glcm", {"glcm_symmetric": False}),
        ("glcm", {"weighting_norm": "euclidean"}),
        ("glrlm", {"weighting_norm": "manhattan"}),
        ("glszm", {"zone_connectivity": 6}),
        ("gldzm", {"zone_connectivity": 6}),
        ("ngtdm", {"ngtdm_distance": 2}),
        ("ngldm", {"ngldm_distance": 2}),
        ("ngldm", {"ngldm_coarseness": 1}),
    ],
)
def test_an_option_of_texture_reaches_its_family_and_no_other(family, options, blob, feature_values):
    before, after = feature_values(blob(3), bin_count=6), feature_values(blob(3), bin_count=6, **options)
    changed = {name.partition("_")[0] for name, value in before.items() if value != after[name]}
    assert family in changed
    assert changed <= {family, *(("glcm", "glrlm") if "weighting_norm" in options else ("glszm", "gldzm"))}


def test_weighting_gives_cubes_the_mean_of_near_and_far_neighbors(feature_values):
    image = np.array([[1.0, 2.0], [2.0, 1.0]])
    contrast = feature_values(Volume(image), families="glcm", bin_width=1, weighting_norm="euclidean")["glcm_contrast"]
    near, far = 4 * np.exp(-1), 2 * np.exp(-2)  # pairs along the sides differ by 1, along the diagonals by 0
    assert contrast == pytest.approx(near / (near + far))


@pytest.mark.parametrize("aggregation", ["2d_averaged", "2.5d_direction_merged", "3d_averaged"])
def test_matrices_of_single_directions_have_no_weights(aggregation, blob, feature_values):
    settings = {"families": ["glcm", "glrlm"], "bin_count": 8, "aggregation": aggregation}
    assert feature_values(blob(3), **settings, weighting_norm="euclidean") == feature_values(blob(3), **settings)


@pytest.mark.parametrize("step", [0.5, 3.0, 20.0])
def test_a_weighted_run_counts_as_much_as_its_weight(feature_values, step):
    image = np.array([[1.0, 1.0]])
    volume = Volume(image, spacing=(step, step))
    values = feature_values(volume, families="glrlm", bin_width=1, weighting_norm="euclidean")
    near, far = np.exp(-(step**2)), np.exp(-2 * step**2)
    single = near + 2 * far  # two runs of one voxel across, and along each of the two diagonals
    n = near + 2 * single
    assert values["glrlm_grey_level_non_uniformity"] == pytest.approx(n, rel=1e-12)
    assert values["glrlm_run_length_non_uniformity"] == pytest.approx((near**2 + (2 * single) ** 2) / n, rel=1e-12)
    assert values["glrlm_run_percentage"] == pytest.approx(n / (2 * near + 2 * single), rel=1e-12)
    assert values["glrlm_normalised_grey_level_non_uniformity"] == pytest.approx(1, rel=1e-12)


def test_weights_that_are_too_small_for_a_number_leave_ratios_as_they_are(feature_values):
    volume = Volume(np.array([[1.0, 1.0]]), spacing=(40, 40))
    values = feature_values(volume, families="glrlm", bin_width=1, weighting_norm="euclidean")
    assert values["glrlm_run_percentage"] == pytest.approx(3 / 4)
    assert values["glrlm_run_length_variance"] == pytest.approx(2 / 9)


def test_ranges_may_be_arrays(feature_values, blob):
    parameters = {"families": ["statistics", "volume_histogram"], "ivh_bin_width": 2}
    pairs = feature_values(blob(3), resegment_range=(90, 110), ivh_range=(80, 120), **parameters)
    arrays = {"resegment_range": np.array([90, 110]), "ivh_range": np.array([80, 120])}
    assert feature_values(blob(3), **arrays, **parameters) == pairs


def test_families_come_in_their_fixed_order():
    extractor = RadiomicsFeatures(families=["glcm", "morphology"])
    assert extractor._names()[0] == "morphology_mesh_volume"


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"families": "glmc"}, ValueError, "families must be one of .* got 'glmc'; did you mean 'glcm'"),
        ({"families": ["gldm"]}, ValueError, "families must be one of 'morphology', .*'ngldm', got 'gldm'"),
        ({"families": []}, ValueError, "families is empty"),
        ({"families": [["glcm"]]}, ValueError, r"families must be one of .* got \['glcm'\]"),
        ({"mask_label": [1, None]}, TypeError, "mask_label must be a whole number, got None"),
        ({"families": 3}, TypeError, "families must be a list of names, got 3"),
        ({"aggregation": 3}, TypeError, "aggregation must be a list of names, got 3"),
        ({"filters": 3}, TypeError, "filters must be a list of filters, got 3"),
        ({"glcm_symmetric": "no"}, TypeError, "glcm_symmetric must be True or False, got 'no'"),
        ({"zone_connectivity": [26]}, ValueError, r"zone_connectivity must be 26, 18 or 6, got \[26\]"),
        ({"ndim": 4}, ValueError, "ndim must be 3 .* or 2 .*, got 4"),
        ({"bin_width": -25}, ValueError, "bin_width must be greater than 0, got -25; .* use bin_count instead"),
        ({"bin_width": "25"}, TypeError, "bin_width must be a number or None"),
        ({"bin_count": 0}, ValueError, "bin_count must be at least 1, got 0"),
        ({"bin_count": 10**6}, ValueError, "bin_count must be at most 10000"),
        ({"bin_count": 32, "bin_width": 25}, ValueError, "bin_width=25 and bin_count=32 exclude each other"),
        ({"lowest_bin_edge": -4}, ValueError, "lowest_bin_edge=-4 needs a bin_width; give one, or leave"),
        ({"lowest_bin_edge": 0, "bin_count": 32}, ValueError, "lowest_bin_edge=0 needs a bin_width"),
        (
            {"ivh_bin_count": 9, "ivh_bin_width": 2},
            ValueError,
            "ivh_bin_width=2 and ivh_bin_count=9 exclude each other",
        ),
        ({"outlier_sigma": 0}, ValueError, "outlier_sigma must be greater than 0"),
        ({"resegment_range": (400, -500)}, ValueError, "resegment_range must have its lower bound below"),
        ({"aggregation": "3D_merged"}, ValueError, "aggregation must be one of .* did you mean '3d_merged'"),
        ({"aggregation": []}, ValueError, "aggregation is empty"),
        ({"ndim": 2, "aggregation": "3d_merged"}, ValueError, "one of '2d_averaged', '2d_slice_merged', got"),
        ({"glcm_distance": 0}, ValueError, "glcm_distance must be at least 1, got 0"),
        ({"ngtdm_distance": 100}, ValueError, "ngtdm_distance must be at most 10, got 100"),
        ({"ngldm_coarseness": -1}, ValueError, "ngldm_coarseness must be at least 0"),
        ({"zone_connectivity": 8}, ValueError, "zone_connectivity must be 26, 18 or 6, got 8"),
        ({"weighting_norm": "euclid"}, ValueError, "weighting_norm must be .* did you mean 'euclidean'"),
    ],
)
def test_a_bad_parameter_fails_when_fitted(parameters, error, message, image):
    with pytest.raises(error, match=message):
        RadiomicsFeatures(**parameters).fit([image])


def test_an_image_of_the_wrong_dimension_is_refused(image):
    case = Case(image[0], id="X-RAY")
    with pytest.raises(GeometryError, match=r"case 'X-RAY': the image is 2-D .* has ndim=3; use ndim=2"):
        RadiomicsFeatures().fit_transform([case])


@pytest.mark.parametrize(
    ("change", "parameters", "message"),
    [
        ({"image": np.full((3, 8, 9), np.nan)}, {}, "216 of 216 voxels in the region are NaN"),
        ({"mask": np.zeros((3, 8, 9))}, {}, "empty"),
        ({}, {"resegment_range": (1000, None)}, r"resegment_range=\(1000, None\)"),
        ({}, {"bin_width": 1e-4}, "bin_width=0.0001 makes .* use a bin_width of at least"),
    ],
)
def test_a_case_that_cannot_be_measured_is_named(change, parameters, message, image):
    case = Case(**{"image": image, "id": "LUNG-017", **change})
    with pytest.raises(MaskError, match=f"case 'LUNG-017'.*{message}"):
        RadiomicsFeatures(**parameters).fit_transform([case])


@pytest.fixture
def pair():
    """An image with much around its region, and the mask."""
    rng = np.random.default_rng(3)
    image = rng.normal(100, 20, (14, 23, 31))
    mask = np.zeros(image.shape, bool)
    mask[2:11, 3:20, 5:28] = rng.random((9, 17, 23)) < 0.8
    return image, mask


def memory_mapped(array, folder):
    np.save(folder / f"{array.dtype}.npy", array)
    return np.load(folder / f"{array.dtype}.npy", mmap_mode="r")


@pytest.mark.parametrize("layout", ["Fortran", "big-endian", "memory-mapped", "reversed", "every other", "read-only"])
def test_how_an_array_lies_in_memory_changes_no_bit(layout, pair, tmp_path):
    def changed(array):
        if layout == "Fortran":
            return np.asfortranarray(array)
        if layout == "big-endian":
            return array.astype(array.dtype.newbyteorder(">"))
        if layout == "memory-mapped":
            return memory_mapped(array, tmp_path)
        if layout == "reversed":
            return array[::-1, :, ::-1].copy()[::-1, :, ::-1]
        if layout == "every other":
            return np.repeat(array, 2, axis=2)[:, :, ::2]
        array = array.copy()
        array.flags.writeable = False
        return array

    extractor = RadiomicsFeatures(not_standardised=True, aggregation=["2d_averaged", "2.5d_merged", "3d_averaged"])
    image, mask = pair
    expected = extractor.fit_transform([Case(image, mask=mask, id="a")])
    same = extractor.fit_transform([Case(changed(image), mask=changed(mask), id="a")])
    assert np.isfinite(expected).all()
    np.testing.assert_array_equal(same, expected)


def test_the_number_of_workers_and_the_number_of_the_case_change_no_bit(pair):
    image, mask = pair
    cases = [Case(np.roll(image, shift), mask=mask, id=str(shift)) for shift in range(4)]
    one = RadiomicsFeatures(n_jobs=1).fit_transform(cases)
    np.testing.assert_array_equal(RadiomicsFeatures(n_jobs=2).fit_transform(cases), one)
    np.testing.assert_array_equal(RadiomicsFeatures().fit_transform(cases[::-1])[::-1], one)
    assert len(np.unique(one, axis=0)) == len(cases)


def test_the_input_is_not_changed(image):
    before = image.copy()
    RadiomicsFeatures(bin_width=10, resegment_range=(80, 120)).fit_transform([image])
    np.testing.assert_array_equal(image, before)


def test_fixed_bins_begin_at_the_lower_bound_of_the_range(image):
    volume = Volume(image)
    low = RadiomicsFeatures(families="glcm", bin_width=10, resegment_range=(0, None))._row(volume)
    near = RadiomicsFeatures(families="glcm", bin_width=10)._row(volume)
    assert low[1] > near[1] + 1  # joint average


@pytest.mark.slow  # importing scikit-learn alone takes a second
def test_importing_the_package_loads_no_compiler():
    heavy = ("numba", "skimage.measure", "scipy.signal", "yaml")
    code = f"import sys, radlearn.radiomics; print(*[n for n in {heavy} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_lower_bound_of_a_range_stays_in_it_in_single_precision(feature_values):
    volume = Volume(np.array([[[0.7, 0.9, 1.1], [0.7, 1.3, 0.5]]], np.float32))
    parameters = {"families": ["histogram", "volume_histogram"], "bin_width": 0.1, "ivh_bin_width": 0.1}
    values = feature_values(volume, resegment_range=(0.7, None), **parameters)
    assert values["histogram_minimum"] == 1
    assert values["volume_histogram_volume_fraction_at_10_intensity"] == 0.6
