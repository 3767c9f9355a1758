"""What all filters do alike: boxes, missing intensities, the choice of one response."""

import inspect

import numpy as np
import pytest

from radlearn import filters
from radlearn.exceptions import GeometryError, RadlearnError
from radlearn.filters import (
    GaborFilter,
    GradientMagnitude,
    LaplacianOfGaussian,
    LawsKernels,
    LocalBinaryPatterns2D,
    LocalBinaryPatterns3D,
    MeanFilter,
    NonSeparableWavelet,
    RieszLaplacianOfGaussian,
    RieszWavelet,
    SeparableWavelet,
)
from radlearn.filters.base import ImageFilter

BOX = (slice(2, 5), slice(0, 4), slice(16, 21))


class NeighborSums(ImageFilter):
    """Sum of a voxel and the next one on each side of the last axis, and its negative."""

    def __init__(self, *, boundary="periodic", image_shape=None):
        self.boundary = boundary
        self.image_shape = image_shape

    def _prefixes(self, ndim):
        return ["sum", "negative"]

    def _support(self, spacing):
        return (0,) * (len(spacing) - 1) + (1,)

    def _responses(self, image, spacing):
        response = image + np.roll(image, 1, axis=-1) + np.roll(image, -1, axis=-1)
        yield response
        yield -response


def test_a_box_at_the_border_of_a_periodic_image_sees_the_other_side(image):
    whole = dict(NeighborSums().filtered(image, (1, 1, 1)))
    part = dict(NeighborSums().filtered(image, (1, 1, 1), BOX))
    assert list(part) == ["sum", "negative"]
    np.testing.assert_array_equal(part["negative"], whole["negative"][BOX])


BOXES = [(slice(5, 7), slice(8, 10), slice(9, 12)), BOX, (slice(0, 13), slice(17, 18), slice(0, 1))]


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("boundary", ["mirror", "nearest", "zero", "periodic"])
@pytest.mark.parametrize(
    "image_filter",
    [
        MeanFilter(support=5),
        LaplacianOfGaussian(sigma=[0.6, 1], slice_wise=True),
        LawsKernels(kernels="L5E5S5", rotation_invariant=True, energy_distance=2),
        SeparableWavelet(wavelet="haar", level=2),
        SeparableWavelet(wavelet="db2", rotation_invariant=True),
    ],
    ids=lambda image_filter: type(image_filter).__name__,
)
def test_a_box_has_the_numbers_of_the_whole_image(image_filter, boundary, box, image, spacing):
    image_filter.set_params(boundary=boundary)
    whole = dict(image_filter.filtered(image, spacing))
    for prefix, part in image_filter.filtered(image, spacing, box):
        np.testing.assert_array_equal(part, whole[prefix][box])


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize(
    "image_filter", [GradientMagnitude(), LocalBinaryPatterns2D(), LocalBinaryPatterns3D()], ids=repr
)
def test_filters_without_a_choice_of_boundary_see_beyond_a_box_too(image_filter, box, image, spacing):
    whole = dict(image_filter.filtered(image, spacing))
    for prefix, part in image_filter.filtered(image, spacing, box):
        np.testing.assert_array_equal(part, whole[prefix][box])


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("boundary", ["mirror", "nearest", "zero", "periodic"])
@pytest.mark.parametrize(
    "image_filter",
    [
        GaborFilter(sigma=1.0, wavelength=3.0, theta_step_deg=45, orthogonal_planes=True),
        GaborFilter(sigma=0.8, wavelength=2.0, gamma=0.5, theta_deg=30),
        NonSeparableWavelet(level=[1, 2]),
        RieszLaplacianOfGaussian(order=(0, 1, 1), align_sigma=1.0),
    ],
    ids=lambda image_filter: type(image_filter).__name__,
)
def test_transforms_of_a_box_differ_from_those_of_the_whole_image_by_rounding_only(
    image_filter, boundary, box, image, spacing
):
    image_filter.set_params(boundary=boundary)
    whole = dict(image_filter.filtered(image, spacing))
    for prefix, part in image_filter.filtered(image, spacing, box):
        # Beyond 5.5 standard deviations, a Gaussian is cut off in the small image and not in the large one.
        np.testing.assert_allclose(part, whole[prefix][box], atol=1e-6 * np.abs(whole[prefix]).max())


@pytest.mark.parametrize(
    "image_filter",
    [*(getattr(filters, name)() for name in filters.__all__), RieszWavelet(order=(1, 1, 0), align_sigma=2)],
    ids=repr,
)
@pytest.mark.parametrize(("dtype", "expected"), [(np.float32, np.float32), (float, float), (np.int16, float)])
def test_responses_have_the_precision_of_the_image(image_filter, dtype, expected, image, spacing):
    for _, response in image_filter.filtered(image.astype(dtype), spacing, BOX):
        assert response.dtype == expected


def test_a_step_asks_for_the_choice_of_one_response(image):
    case = NeighborSums().fit_transform([image])[0]
    with pytest.raises(RadlearnError, match=r"2 responses \(sum, negative\), and a step gives one; choose"):
        case.load()


def test_a_missing_intensity_stays_missing_and_lends_its_nearest_neighbor(image):
    image[4, 4, 4] = 0
    image[4, 4, 5] = np.nan
    [(_, response)] = GradientMagnitude().filtered(image, (1, 1, 1))
    assert np.argwhere(np.isnan(response)).tolist() == [[4, 4, 5]]


def test_the_nearest_known_intensity_may_lie_outside_the_box(image):
    image[:, :, 15:] = np.nan
    whole = GradientMagnitude().fit_transform([image])[0].load().image
    [(_, part)] = GradientMagnitude().filtered(image, (1, 1, 1), BOX)
    assert np.isnan(part).all()
    np.testing.assert_array_equal(part, whole[BOX])


def test_an_image_without_any_intensity_has_a_response_without_any():
    assert np.isnan(GradientMagnitude().fit_transform([np.full((3, 3), np.inf)])[0].load().image).all()


@pytest.mark.parametrize(
    "image_filter",
    [
        MeanFilter(support=10**9 + 1),
        LaplacianOfGaussian(sigma=1e9),
        LaplacianOfGaussian(sigma=1e300),
        LawsKernels(energy_distance=10**9),
        GaborFilter(sigma=1e9),
        GaborFilter(gamma=1e-9),
        GaborFilter(gamma=1e9),
        GaborFilter(sigma=1e-9),
        RieszLaplacianOfGaussian(sigma=1e9),
        RieszWavelet(align_sigma=1e9),
        RieszWavelet(level=10, boundary="mirror"),
        NonSeparableWavelet(level=10, boundary="mirror"),
    ],
    ids=repr,
)
def test_a_kernel_of_a_wrong_unit_is_refused_before_it_fills_the_memory(image_filter, image, spacing):
    with pytest.raises(GeometryError, match=r"reaches .* voxels to each side|voxels wide|too many to filter"):
        list(image_filter.filtered(image, spacing))


@pytest.mark.parametrize(("dtype", "padding"), [(np.float32, -3.4e38), (float, 1e300)])
def test_padding_of_the_largest_numbers_is_refused_where_it_counts(image, dtype, padding):
    image = image.astype(dtype)
    image[0, 0, 0] = padding
    with pytest.raises(RadlearnError, match=r"MeanFilter cannot filter intensities .* replace padding by NaN"):
        list(MeanFilter().filtered(image, (1, 1, 1)))
    box = (slice(4, 6),) * 3
    assert np.isfinite(next(MeanFilter().filtered(image, (1, 1, 1), box))[1]).all()


@pytest.mark.parametrize(
    ("image_filter", "name"),
    [
        (LawsKernels(kernels=3), "kernels"),
        (SeparableWavelet(bands=3), "bands"),
        (LocalBinaryPatterns3D(responses=3), "responses"),
    ],
)
def test_a_number_in_the_place_of_letters_is_named(image_filter, name):
    with pytest.raises(TypeError, match=f"{name} must be a string such as .* got 3"):
        image_filter.response_names(3)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (kind, name)
        for kind in map(filters.__dict__.get, filters.__all__)
        for name, parameter in inspect.signature(kind).parameters.items()
        if isinstance(parameter.default, bool)
    ],
)
def test_a_text_is_no_flag(kind, name):
    with pytest.raises(TypeError, match=f"{name} must be True or False, got 'no'"):
        kind(**{name: "no"}).response_names(3)
