"""Features of filtered images: their columns, and the numbers of an image that was filtered as a whole before."""

import numpy as np
import pytest

from contracts import as_case, make_cohort, make_volume
from radlearn import Case
from radlearn.exceptions import MaskError
from radlearn.filters import (
    GradientMagnitude,
    LaplacianOfGaussian,
    LawsKernels,
    LocalBinaryPatterns3D,
    MeanFilter,
    SeparableWavelet,
    Square,
)
from radlearn.radiomics import RadiomicsFeatures, feature_table

FAMILIES = ["morphology", "local_intensity", "statistics", "glcm"]


def table_of(X, **parameters):
    extractor = RadiomicsFeatures(**{"families": FAMILIES, "bin_count": 16} | parameters)
    return extractor.set_output(transform="pandas").fit_transform(X)


def test_responses_have_columns_of_their_own_and_shape_comes_once():
    filters = [LaplacianOfGaussian(sigma=[1, 2]), GradientMagnitude()]
    extractor = RadiomicsFeatures(families=FAMILIES, filters=filters).fit(make_cohort(3))
    names = extractor.get_feature_names_out()
    plain = RadiomicsFeatures(families=FAMILIES).fit(make_cohort(3)).get_feature_names_out()
    rest = [name for name in plain if not name.startswith("morphology")]
    prefixes = ["log_sigma_1mm", "log_sigma_2mm", "gradient"]
    assert names.tolist() == [*plain, *(f"{prefix}__{name}" for prefix in prefixes for name in rest)]


def test_without_the_unfiltered_image_its_shape_stays():
    names = table_of(make_cohort(3, 1), filters=Square(), unfiltered=False).columns
    assert {name.partition("_")[0] for name in names} == {"morphology", "square"}
    table = feature_table()
    assert sum(name.startswith("morphology") for name in names) == sum(table.family == "morphology")


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize(
    "image_filter",
    [
        MeanFilter(support=5, slice_wise=True),
        LaplacianOfGaussian(sigma=2, boundary="periodic"),
        LawsKernels(kernels="E3W5", slice_wise=True, rotation_invariant=True, energy_distance=2),
        SeparableWavelet(bands="LH", level=2, slice_wise=True),
        GradientMagnitude(),
        Square(),
    ],
    ids=lambda image_filter: type(image_filter).__name__,
)
def test_values_are_those_of_an_image_that_was_filtered_before(image_filter, ndim):
    X = make_cohort(ndim, 2)
    [prefix] = image_filter.response_names(ndim)
    families = [name for name in FAMILIES if ndim == 3 or name != "local_intensity"]
    inside = table_of(X, ndim=ndim, families=families, filters=[image_filter])
    outside = table_of(image_filter.fit_transform(X), ndim=ndim, families=families)
    for name in outside:
        if not name.startswith("morphology"):
            np.testing.assert_allclose(inside[f"{prefix}__{name}"], outside[name], rtol=1e-5, atol=1e-6, err_msg=name)


def test_the_image_itself_has_the_same_numbers_beside_filters():
    X = make_cohort(3, 2)
    plain = table_of(X)
    np.testing.assert_array_equal(table_of(X, filters=[Square()])[plain.columns], plain)


def test_intensities_are_resegmented_before_they_are_filtered():
    volume = make_volume(3)
    inside = volume.image[volume.mask]
    low = float(np.median(inside))
    table = table_of([as_case(volume)], filters=[Square()], resegment_range=(low, None), bin_width=10, bin_count=None)
    squares = inside[inside >= low] ** 2 / volume.image.max()
    assert table["square__statistics_minimum"].item() == pytest.approx(squares.min(), rel=1e-6)
    assert table["square__statistics_mean"].item() == pytest.approx(squares.mean(), rel=1e-6)


def test_an_error_names_the_response():
    image_filter = LaplacianOfGaussian(sigma=2)
    with pytest.raises(MaskError, match=r"log_sigma_2mm: bin_width=1e-05 makes .* grey levels"):
        table_of(make_cohort(3, 1), filters=image_filter, unfiltered=False, bin_count=None, bin_width=1e-5)


def test_filters_of_one_name_are_refused():
    filters = [MeanFilter(), MeanFilter(slice_wise=True)]
    with pytest.raises(ValueError, match=r"filters\[1\] has the response 'mean_3', which an earlier filter has, too"):
        RadiomicsFeatures(filters=filters).fit(make_cohort(3))


@pytest.mark.parametrize("wrong", [["log"], [LaplacianOfGaussian]])
def test_what_is_no_filter_is_refused(wrong):
    with pytest.raises(TypeError, match=r"filters\[0\] is .*, expected a filter such as"):
        RadiomicsFeatures(filters=wrong).fit(make_cohort(3))


def test_a_wrong_parameter_of_a_filter_is_found_when_fitting():
    with pytest.raises(ValueError, match="sigma must be greater than 0"):
        RadiomicsFeatures(filters=LaplacianOfGaussian(sigma=0)).fit(make_cohort(3))
    with pytest.raises(ValueError, match="2 letters, but 3 axes are filtered"):
        RadiomicsFeatures(filters=SeparableWavelet(bands="LH")).fit(make_cohort(3))


def test_parameters_and_version_of_a_filter_are_part_of_the_cache_key(monkeypatch):
    digests = [RadiomicsFeatures(filters=[MeanFilter(support=support)])._digest() for support in (3, 5)]
    assert digests[0] != digests[1]
    monkeypatch.setattr(MeanFilter, "_version", 99)
    assert RadiomicsFeatures(filters=[MeanFilter()])._digest() != digests[0]


def test_a_response_that_is_undefined_in_the_region_is_named():
    extractor = RadiomicsFeatures(families="local_intensity", filters=[LocalBinaryPatterns3D(responses="kurtosis")])
    with pytest.raises(MaskError, match=r"lbp_3d_kurtosis: 125 of 125 voxels .* are NaN or infinite; leave"):
        extractor.fit_transform([Case(np.zeros((5, 5, 5)))])
