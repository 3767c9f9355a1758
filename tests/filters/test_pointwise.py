"""Filters of single intensities and the gradient, by hand and against PyRadiomics."""

import numpy as np
import pytest

from radlearn.filters import Exponential, GradientMagnitude, Logarithm, Square, SquareRoot

POINTWISE = [Square, SquareRoot, Logarithm, Exponential]
BOX = (slice(1, 4), slice(0, 9), slice(5, 21))


@pytest.mark.parametrize("kind", POINTWISE)
def test_pointwise_filters_equal_those_of_pyradiomics(kind, image, spacing, pyradiomics):
    image[3, 4, 5] = 0
    [(prefix, response)] = kind().filtered(image, spacing)
    np.testing.assert_allclose(response, pyradiomics(kind.__name__)[prefix], rtol=1e-12)


@pytest.mark.parametrize("kind", POINTWISE)
def test_the_scale_of_a_box_is_that_of_the_image(kind, image, spacing):
    [(_, whole)], [(_, part)] = (kind().filtered(image, spacing, box) for box in (None, BOX))
    np.testing.assert_array_equal(part, whole[BOX])


@pytest.mark.parametrize("kind", [Square, SquareRoot, Logarithm])
@pytest.mark.parametrize("unit", [1, 1e-4])
def test_scaled_intensities_keep_the_largest_magnitude(kind, unit, image, spacing):
    image *= unit
    [(_, response)] = kind().filtered(image, spacing)
    assert np.abs(response).max() == pytest.approx(np.abs(image).max())


@pytest.mark.parametrize(("kind", "value"), [(Square, 0), (SquareRoot, 0), (Logarithm, 0), (Exponential, 1)])
def test_an_image_of_zeros_has_a_response(kind, value):
    [(_, response)] = kind().filtered(np.zeros((2, 2)), (1, 1))
    assert (response == value).all()


@pytest.mark.parametrize("kind", POINTWISE)
def test_missing_intensities_do_not_count(kind):
    [(_, response)] = kind().filtered(np.array([[1.0, 2.0, np.nan], [np.inf, -4.0, 4.0]]), (1, 1))
    assert np.isnan(response).sum() == 2
    assert np.nanmax(response) == pytest.approx(4)


@pytest.mark.parametrize("use_spacing", [True, False])
def test_the_gradient_equals_that_of_pyradiomics(use_spacing, image, spacing, pyradiomics):
    [(prefix, response)] = GradientMagnitude(use_spacing=use_spacing).filtered(image, spacing)
    expected = pyradiomics("Gradient", gradientUseSpacing=use_spacing)[prefix]
    np.testing.assert_allclose(response, expected, rtol=1e-6)  # ITK gives single precision


def test_the_gradient_of_a_slope_is_its_steepness():
    slope = 3 * np.arange(20.0).reshape(4, 5) / 2
    [(_, response)] = GradientMagnitude().filtered(slope, (5.0, 0.5))
    assert response[1:-1, 1:-1] == pytest.approx(np.hypot(1.5, 3.0))
