"""Shapes of known measures, in two dimensions."""

import numpy as np
import pytest
from skimage.measure import find_contours

from radlearn import Volume
from radlearn.radiomics._contour import contour_area_and_perimeter

DIAGONAL = np.hypot(2, 3) / 2  # cut through a corner of a pixel of 2 x 3 mm


@pytest.mark.parametrize(
    ("mask", "area", "perimeter"),
    [
        ([[1]], 0.5, 4 * DIAGONAL),
        ([[1, 1]], 1.5, 4 * DIAGONAL + 2 * 3),
        ([[1], [1]], 1.5, 4 * DIAGONAL + 2 * 2),
        ([[1, 0], [0, 1]], 1, 8 * DIAGONAL),  # touching at a corner: apart
        ([[0, 1], [1, 0]], 1, 8 * DIAGONAL),
        ([[1, 1], [1, 0]], 2.5, 6 * DIAGONAL + 2 + 3),
        ([[1, 1, 1], [1, 0, 1], [1, 1, 1]], 8, 8 * DIAGONAL + 2 * 2 * 3 + 2 * 2 * 2),  # a ring: hole of half a pixel
    ],
)
def test_contour_by_hand(mask, area, perimeter):
    measured = contour_area_and_perimeter(np.array(mask, bool), (2, 3))
    assert measured == pytest.approx((area * 6, perimeter))


def test_contour_is_that_of_marching_squares():
    mask = np.random.default_rng(0).random((12, 13)) < 0.6
    area = perimeter = 0
    for line in find_contours(np.pad(mask, 1).astype(float), 0.5, fully_connected="low"):
        y, x = line.T
        area += (x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2
        perimeter += np.linalg.norm(np.diff(line, axis=0), axis=1).sum()
    assert contour_area_and_perimeter(mask, (1, 1)) == pytest.approx((abs(area), perimeter))


def test_measures_of_an_ellipse(feature_values):
    y, x = np.ogrid[-59.5:60, -59.5:60]
    mask = (y / 25) ** 2 + (x / 50) ** 2 < 1
    image = np.full(mask.shape, 3.0)
    values = feature_values(Volume(image, mask=mask, spacing=(0.5, 0.5)), families="morphology")
    a, b = 25.0, 12.5
    assert values["morphology_area"] == pytest.approx(np.pi * a * b, rel=0.01)
    assert values["morphology_integrated_intensity"] == pytest.approx(3 * values["morphology_area"])
    assert values["morphology_pixel_area"] == pytest.approx(np.pi * a * b, rel=0.01)
    assert values["morphology_major_axis_length"] == pytest.approx(2 * a, rel=0.01)
    assert values["morphology_minor_axis_length"] == pytest.approx(2 * b, rel=0.01)
    assert values["morphology_elongation"] == pytest.approx(0.5, rel=0.01)
    assert values["morphology_maximum_diameter"] == pytest.approx(2 * a, rel=0.02)
    assert values["morphology_area_density_aee"] == pytest.approx(1, rel=0.01)
    assert values["morphology_area_density_aabb"] == pytest.approx(np.pi / 4, rel=0.02)
    assert values["morphology_area_density_convex_hull"] == pytest.approx(1, rel=0.02)
    assert values["morphology_circularity"] == pytest.approx(values["morphology_sphericity"] ** 2)


def test_a_dent_shows_in_the_hull(feature_values):
    mask = np.ones((20, 20), bool)
    mask[8:12, 10:] = False
    values = feature_values(Volume(np.ones(mask.shape), mask=mask), families="morphology")
    assert values["morphology_area_density_convex_hull"] == pytest.approx(360 / 400, abs=0.02)
    assert values["morphology_perimeter_density_convex_hull"] > 1.2
