"""Kernels of where voxels lie, each against a slow twin that is obviously right: distances, hulls, spheres, pairs."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist

from radlearn.radiomics import _kernels
from radlearn.radiomics._gaps import plane_positions
from radlearn.radiomics.local_intensity import sphere_reaches, voxels_within

pytestmark = pytest.mark.kernel

MASKS = hnp.arrays(bool, hnp.array_shapes(min_dims=3, max_dims=3, max_side=5))
IMAGES = hnp.arrays(
    float,
    hnp.array_shapes(min_dims=3, max_dims=3, max_side=4),
    elements=st.sampled_from([0.0, 1.0, 2.5, np.nan, np.inf]),
)


@settings(deadline=None, max_examples=30)
@given(mask=MASKS)
def test_position_sums_are_those_of_the_list_of_voxels(mask):
    z, y, x = np.argwhere(mask).T
    expected = [z.size, *(part.sum() for part in (z, y, x, z * z, y * y, x * x, z * y, z * x, y * x))]
    stretches, positions = _kernels.list_stretches(mask), plane_positions(mask.shape)
    np.testing.assert_array_equal(_kernels.position_sums(stretches, positions), expected)
    weights = np.arange(1.0, z.size + 1)
    expected = [weights.sum(), *(weights @ along for along in (z, y, x))]
    np.testing.assert_allclose(_kernels.weighted_position_sums(stretches, positions, weights), expected)


@settings(deadline=None, max_examples=30)
@given(image=IMAGES, seed=st.integers(0, 99))
def test_means_over_spheres_are_those_of_all_voxels_near_enough(image, seed):
    centers = np.isfinite(image) & np.random.default_rng(seed).integers(0, 2, image.shape).astype(bool)
    radius, spacing = 2.0, np.array([2.0, 1.0, 0.7])
    places, known = np.argwhere(np.isfinite(image)), image[np.isfinite(image)]
    expected = [
        known[np.linalg.norm((places - center) * spacing, axis=1) <= radius + 1e-9].mean()
        for center in np.argwhere(centers)
    ]
    reaches = sphere_reaches(radius, tuple(spacing), voxels_within(radius, spacing, image.shape))
    means = _kernels.sphere_means(image, centers, reaches)
    np.testing.assert_allclose(means, np.array(expected), atol=1e-12)


@settings(deadline=None, max_examples=50)
@given(points=hnp.arrays(float, st.tuples(st.integers(1, 8), st.integers(2, 3)), elements=st.integers(-99, 99)))
def test_largest_distance_is_that_of_all_pairs(points):
    distances = [np.linalg.norm(one - other) for one, other in product(points, repeat=2)]
    assert _kernels.largest_distance(points) == pytest.approx(max(distances))


@settings(deadline=None, max_examples=50)
@given(
    points=hnp.arrays(float, st.tuples(st.integers(1, 12), st.just(2)), elements=st.integers(-99, 99)),
    starts=st.sets(st.integers(1, 12)),
)
def test_largest_distance_in_planes_is_that_of_each_plane(points, starts):
    planes = 3 * np.isin(np.arange(len(points)), list(starts)).cumsum()
    expected = max(_kernels.largest_distance(points[planes == plane]) for plane in planes)
    assert _kernels.largest_distance_in_planes(points, planes) == expected


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 999), n_points=st.integers(4, 40), side=st.integers(1, 30))
def test_the_convex_hull_is_that_of_qhull(seed, n_points, side):
    corners = np.array(list(product((0, 1), repeat=3)))  # else all might lie in a plane
    points = np.concatenate([corners, np.random.default_rng(seed).integers(0, side + 1, (n_points, 3))])
    expected = ConvexHull(points)
    hull_corners, triangles = _kernels.convex_hull(points.astype(float))
    assert {tuple(row) for row in points[expected.vertices]} <= {tuple(row) for row in hull_corners}
    assert len(triangles) == 2 * len(hull_corners) - 4  # closed, by Euler
    volume, area, diameter = _kernels.hull_measures(hull_corners, triangles)
    assert volume == pytest.approx(expected.volume, rel=1e-12)
    assert area == pytest.approx(expected.area, rel=1e-12)
    assert diameter == pytest.approx(pdist(points).max())


@settings(deadline=None, max_examples=50)
@given(mask=hnp.arrays(bool, hnp.array_shapes(min_dims=3, max_dims=3, max_side=5)))
def test_voxels_are_found_as_numpy_finds_them(mask):
    image = np.arange(mask.size, dtype=np.float32).reshape(mask.shape)
    levels = np.arange(1, np.count_nonzero(mask) + 1, dtype=np.int16)
    placed = np.zeros(mask.shape, np.int16)
    placed[mask] = levels
    stretches = _kernels.list_stretches(mask)
    places = [(z, y, x) for z, y, first, stop in stretches.tolist() for x in range(first, stop)]
    np.testing.assert_array_equal(np.reshape(places, (-1, 3)), np.argwhere(mask))
    assert all(not mask[z, y, stop : stop + 1].any() for z, y, _, stop in stretches)
    np.testing.assert_array_equal(_kernels.values_inside(image, stretches), image[mask])
    wide = np.zeros([length + 4 for length in mask.shape], np.int16)
    _kernels.place_levels(stretches, levels, 2, wide)
    np.testing.assert_array_equal(wide, np.pad(placed, 2))
    is_occupied = np.ones(sum(mask.shape), bool)
    _kernels.find_planes(mask, is_occupied)
    np.testing.assert_array_equal(
        is_occupied, np.concatenate([mask.any(axis=axes) for axes in ((1, 2), (0, 2), (0, 1))])
    )


def test_sums_over_frequencies_are_those_of_numpy():
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(3, 4, 5))
    first, other = rng.normal(size=(2, 4, 2, 5)) + 1j * rng.normal(size=(2, 4, 2, 5))
    rows = np.array([3, 1])
    all_weights = weights[[0, 1, 2, 1]][:, rows]
    expected = [(all_weights * first * image.conj()).sum().real for image in (first, other)]
    np.testing.assert_allclose(_kernels.weigh_frequencies(weights, rows, first, other), expected)


def test_weighed_spectra_are_those_of_numpy():
    rng = np.random.default_rng(0)
    spectra, weights, sums = rng.normal(size=(2, 8, 3, 5)), rng.normal(size=(2, 4, 5)), np.ones((3, 5))
    first, second, third = np.moveaxis(spectra.reshape(2, 2, 4, 3, 5), 3, 0)  # cosines and sines, then frequencies
    expected = [
        (weights[:, np.newaxis] * product).sum(axis=(0, 1, 2)) for product in (first**2, second**2, first * third)
    ]
    _kernels.weigh_spectra(spectra, weights, sums)
    np.testing.assert_allclose(sums, 1 + np.array(expected))


def test_sums_over_pairs_of_voxels_are_those_of_all_pairs():
    values, places, weights = np.array([1.0, -2.0, 3.0]), np.array([0, 1, 4]), np.array([8.0, 0, 4.0, 2.0])
    # The differences of places are 1, 4 and 3.
    expected = [2 * (8 + 2 + 4), 2 * (8 * -2 + 2 * 3 + 4 * -6), 8 * 5 + 2 * 10 + 4 * 13]
    np.testing.assert_allclose(_kernels.sum_voxel_pairs(values, places, weights), expected)


def test_sums_over_pairs_of_points_are_those_of_all_pairs():
    values, points, sums = np.array([1.0, -2.0, 3.0]), np.array([[0.0, 0, 2], [0, 0, 0], [0, 4, 0]]), np.zeros((3, 3))
    _kernels.sum_point_pairs(values, points, sums)
    far = 1 / np.sqrt(20)
    np.testing.assert_allclose(sums[:, 0], [1 / 4 + 1 / 2, -2 / 4 + 3 / 2, 4 / 4 + 9 / 2])
    np.testing.assert_allclose(sums[:, 1:], [[far, 0], [3 * far, 0], [9 * far, 0]])


@pytest.mark.parametrize("n_corners", [12, 100])
def test_the_last_point_of_a_convex_hull_may_see_half_of_it(n_corners):
    # A double cone: the second tip replaces all triangles across the circle by as many as the circle has corners.
    angles = 2 * np.pi * np.arange(n_corners) / n_corners
    circle = np.rint(20_000 + 20_000 * np.stack([np.zeros(n_corners), np.sin(angles), np.cos(angles)], axis=1))
    points = np.concatenate([circle, [[10_000.0, 20_000, 20_000], [30_000.0, 20_000, 20_000]]])
    corners, triangles = _kernels.convex_hull(points)
    assert (len(corners), len(triangles)) == (n_corners + 2, 2 * n_corners)
    assert _kernels.hull_measures(corners, triangles)[0] == pytest.approx(ConvexHull(points).volume)
