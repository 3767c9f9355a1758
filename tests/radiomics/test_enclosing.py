"""The smallest box and the smallest ellipsoid around points."""

from itertools import product

import numpy as np
import pytest
from scipy.spatial import ConvexHull
from scipy.spatial.transform import Rotation

from radlearn import Volume
from radlearn.radiomics._enclosing import smallest_box, smallest_ellipsoid

EDGES = [7.0, 3.0, 2.0]
CUBE = np.array(list(product((-0.5, 0.5), repeat=3)))


def box_around(points):
    hull = ConvexHull(points)
    return smallest_box(hull.points[hull.vertices], hull.equations[:, :3])


@pytest.mark.parametrize("seed", range(5))
def test_the_box_of_a_turned_box_is_that_box(seed):
    points = Rotation.random(None, np.random.default_rng(seed)).apply(CUBE * EDGES) + 10
    np.testing.assert_allclose(sorted(box_around(points)), sorted(EDGES))


def test_no_turned_box_is_smaller_than_the_smallest():
    points = np.random.default_rng(0).normal(size=(60, 3)) * [4, 2, 1]
    turned = [np.ptp(rotation.apply(points), axis=0) for rotation in Rotation.random(500, np.random.default_rng(1))]
    assert np.prod(box_around(points)) < min(map(np.prod, turned))


@pytest.mark.parametrize("seed", range(5))
def test_the_ellipsoid_of_points_on_an_ellipsoid_is_that_ellipsoid(seed):
    rng = np.random.default_rng(seed)
    sphere = rng.normal(size=(200, 3))
    sphere = np.concatenate([sphere, -sphere]) / np.linalg.norm(np.concatenate([sphere, sphere]), axis=1)[:, np.newaxis]
    points = Rotation.random(None, rng).apply(sphere * EDGES) + 100
    np.testing.assert_allclose(smallest_ellipsoid(points), EDGES, rtol=1e-5)


def test_the_ellipsoid_of_a_box_and_of_a_simplex_are_known():
    np.testing.assert_allclose(smallest_ellipsoid(CUBE * EDGES), np.sqrt(3) / 2 * np.array(EDGES), rtol=1e-5)
    simplex = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1], [0.1, 0.2, 0.3]])
    np.testing.assert_allclose(smallest_ellipsoid(simplex), np.sqrt(3), rtol=1e-5)


def test_points_inside_change_no_ellipsoid():
    rng = np.random.default_rng(3)
    outside = rng.normal(size=(30, 3))
    inside = rng.dirichlet(np.ones(30), size=100) @ outside
    np.testing.assert_allclose(
        smallest_ellipsoid(np.concatenate([inside, outside])), smallest_ellipsoid(outside), rtol=1e-5
    )


def test_shapes_around_a_single_voxel_are_those_around_an_octahedron(feature_values):
    mask = np.pad(np.ones((1, 1, 1), bool), 1)
    values = feature_values(Volume(mask.astype(float), mask=mask), families="morphology", not_standardised=True)
    # Its corners lie half a voxel from the center. The smallest box stands on one of its faces.
    z, y, x = np.sqrt([1 / 3, 1 / 2, 2 / 3])
    expected = {
        "volume_density_ombb": (1 / 6) / (z * y * x),
        "area_density_ombb": np.sqrt(3) / (2 * (z * y + z * x + y * x)),
        "volume_density_mvee": 1 / np.pi,
        "area_density_mvee": np.sqrt(3) / np.pi,
    }
    found = {name: values[f"morphology_{name}"] for name in expected}
    assert found == pytest.approx(expected, rel=1e-5)


def test_a_turned_rod_fills_the_turned_shapes_better_than_the_straight_box(feature_values):
    z, y, x = np.indices((24, 24, 24)) - 11.5
    along = (z + y + x) / np.sqrt(3)
    rod = (np.abs(along) < 11) & (z**2 + y**2 + x**2 - along**2 < 9)
    values = feature_values(Volume(rod.astype(float), mask=rod), families="morphology", not_standardised=True)
    of = {name.removeprefix("morphology_"): value for name, value in values.items()}
    assert of["volume_density_aabb"] < of["volume_density_ombb"] < 1
    assert 0.5 < of["volume_density_mvee"] < of["volume_density_convex_hull"]
    assert 0.7 < of["area_density_ombb"] < 1
    assert 0.8 < of["area_density_mvee"] < 1.3
