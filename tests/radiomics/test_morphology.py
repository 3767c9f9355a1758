"""Shapes of known measures, in three dimensions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp
from scipy.spatial import ConvexHull
from skimage.measure import marching_cubes

from radlearn import Volume
from radlearn.radiomics import _kernels
from radlearn.radiomics._extent import axis_lengths, outer_points
from radlearn.radiomics._mesh import cell_triangles, surface_area_and_volume
from radlearn.radiomics._region import Region
from radlearn.radiomics.morphology import ellipsoid_area

MASKS = hnp.arrays(bool, hnp.array_shapes(min_dims=3, max_dims=3, max_side=5)).filter(np.any)


@pytest.mark.kernel
def test_volume_of_a_box_with_cut_edges():
    # Marching cubes cut a right-angled edge by half a voxel: prisms along the edges, and corners of their own.
    _, volume = surface_area_and_volume(np.ones((2, 2, 2), bool), (1, 1, 1))
    cell = 1.0
    edge, corner = 12 * cell / 8, 8 * cell / 48
    assert volume == pytest.approx(cell + 6 * cell / 2 + edge + corner)


@pytest.mark.kernel
def test_voxels_that_touch_at_an_edge_are_joined():
    _, volume = surface_area_and_volume(np.eye(2, dtype=bool)[np.newaxis], (1, 1, 1))
    assert volume == pytest.approx(2 / 6 + 1 / 3)  # two octahedra, and a bridge


@pytest.mark.kernel
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # skimage on NumPy 2.5
@settings(deadline=None, max_examples=50)
@given(mask=MASKS)
def test_area_and_volume_are_those_of_the_mesh(mask):
    spacing = np.array([2.5, 0.75, 1.25])
    vertices, faces, _, _ = marching_cubes(np.pad(mask, 1).astype(np.float32), 0.5, method="lewiner")
    a, b, c = (vertices * spacing)[faces.T]
    area, volume = surface_area_and_volume(mask, spacing)
    assert area == pytest.approx(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2, rel=1e-12)
    assert volume == pytest.approx(abs(np.einsum("ki,ki->", a, np.cross(b, c))) / 6, rel=1e-12)


@pytest.mark.kernel
@settings(deadline=None, max_examples=50)
@given(mask=MASKS)
def test_cells_are_counted_by_their_corners(mask):
    assert_cells_are_counted(mask)


@pytest.mark.kernel
@pytest.mark.parametrize("width", [7, 8, 15, 30])
def test_cells_of_thick_regions_are_counted_by_their_corners(width):
    mask = np.ones((4, 5, width), bool)
    assert_cells_are_counted(mask)
    mask[1, 2, width // 2] = mask[3, :, -1] = False
    assert_cells_are_counted(mask)


def assert_cells_are_counted(mask):
    padded_mask = np.pad(mask, 1)
    expected = np.zeros(256, int)
    for z, y, x in np.ndindex(*(length - 1 for length in padded_mask.shape)):
        corners = padded_mask[z : z + 2, y : y + 2, x : x + 2].ravel()
        expected[sum(2**bit for bit in np.flatnonzero(corners))] += 1
    np.testing.assert_array_equal(_kernels.count_cells(padded_mask.astype(np.uint8)), expected)


def test_the_surface_of_every_cell_ends_in_that_of_its_neighbors():
    # What a triangle has for itself on a face of the cell must be the same for the cell on the other side.
    cases, triangles = cell_triangles()
    for axis in range(3):
        ends = {}
        for side in (0, 1):
            for case in range(256):
                corners = np.take(case >> np.arange(8).reshape(2, 2, 2) & 1, side, axis)
                edges = set()
                for triangle in triangles[cases == case]:
                    for k in range(3):
                        one, other = triangle[k], triangle[k - 1]
                        if one[axis] == side and other[axis] == side:
                            edges ^= {frozenset((tuple(np.delete(one, axis)), tuple(np.delete(other, axis))))}
                assert ends.setdefault(tuple(corners.ravel()), edges) == edges


def test_measures_of_a_ball(feature_values):
    radius, step = 10.0, 0.5
    grid = np.arange(-12, 12, step) + step / 2
    mask = (np.add.outer(np.add.outer(grid**2, grid**2), grid**2) < radius**2).astype(bool)
    volume = Volume(np.ones(mask.shape), mask=mask, spacing=(step,) * 3)
    values = feature_values(volume, families="morphology")
    ball = 4 / 3 * np.pi * radius**3
    assert values["morphology_mesh_volume"] == pytest.approx(ball, rel=0.01)
    assert values["morphology_voxel_volume"] == pytest.approx(ball, rel=0.01)
    assert values["morphology_maximum_3d_diameter"] == pytest.approx(2 * radius, rel=0.03)
    # Axes are those of a solid ellipsoid of the same second moments: 4 sqrt(r^2 / 5).
    assert values["morphology_major_axis_length"] == pytest.approx(4 * radius / np.sqrt(5), rel=0.01)
    assert values["morphology_flatness"] == pytest.approx(1, rel=0.01)
    assert values["morphology_centre_of_mass_shift"] == pytest.approx(0, abs=1e-9)
    assert 0.9 < values["morphology_sphericity"] < 1
    assert 0.95 < values["morphology_volume_density_convex_hull"] < 1


def sums_of(mask):
    return Region(mask, mask, mask, (1, 1, 1)).position_sums


def test_axis_lengths_are_those_of_the_sample_covariance():
    mask = np.random.default_rng(0).random((4, 5, 6)) < 0.5
    spacing = np.array([3, 1, 2])
    covariance = np.cov((np.argwhere(mask) * spacing).T)
    expected = 4 * np.sqrt(np.linalg.eigvalsh(covariance)[::-1])
    np.testing.assert_allclose(axis_lengths(sums_of(mask), spacing), expected)


def test_axes_of_a_slanted_plane_and_line_are_exactly_zero():
    plane = np.zeros((9, 9, 9), bool)
    plane[np.arange(9), np.arange(9)] = True
    line = np.zeros((9, 9, 9), bool)
    line[np.arange(9), np.arange(9), np.arange(9)] = True
    assert np.count_nonzero(axis_lengths(sums_of(plane), (1.1, 0.7, 0.3))) == 2
    assert np.count_nonzero(axis_lengths(sums_of(line), (1.1, 0.7, 0.3))) == 1


@pytest.mark.parametrize(("a", "b", "c"), [(3, 2, 1), (3, 2, 2), (9, 1, 0.5), (3, 2, 0)])
def test_area_of_an_ellipsoid_is_the_legendre_series(a, b, c):
    alpha, beta = np.sqrt(1 - (b / a) ** 2), np.sqrt(1 - (c / a) ** 2)
    coefficients = [(alpha * beta) ** nu / (1 - 4 * nu**2) for nu in range(21)]
    series = np.polynomial.legendre.legval((alpha**2 + beta**2) / (2 * alpha * beta), coefficients)
    assert ellipsoid_area(a, b, c) == pytest.approx(4 * np.pi * a * b * series)


def test_center_of_mass_moves_with_the_intensities(feature_values):
    image = np.array([[[1.0, 1.0, 2.0]]])
    values = feature_values(Volume(image, spacing=(1, 1, 4)), families="morphology")
    assert values["morphology_centre_of_mass_shift"] == pytest.approx(1)


def test_the_center_of_mass_is_that_of_the_intensity_mask(feature_values):
    volume = Volume(np.array([[[1.0, 3.0, 10.0, 10.0]]]), spacing=(1, 1, 2))
    values = feature_values(volume, families="morphology", resegment_range=(0, 5))
    # In voxels, the region has its center at 1.5, and the intensities of 1 and 3 theirs at 0.75.
    assert values["morphology_centre_of_mass_shift"] == pytest.approx(2 * 0.75)


def test_the_center_of_mass_of_intensities_far_from_zero(feature_values):
    near = np.random.default_rng(0).integers(0, 40, (4, 5, 6)).astype(float)
    values = [feature_values(Volume(image), families=["morphology", "statistics"]) for image in (near, near + 2.0**40)]
    moments = [each["morphology_centre_of_mass_shift"] * each["statistics_mean"] for each in values]
    assert moments[1] == pytest.approx(moments[0], rel=1e-11)


def test_equal_intensities_have_their_center_of_mass_in_the_center(feature_values):
    mask = np.random.default_rng(0).random((4, 5, 6)) < 0.7
    values = feature_values(Volume(np.full(mask.shape, 0.1), mask=mask), families="morphology")
    assert values["morphology_centre_of_mass_shift"] == 0


def test_intensities_that_add_up_to_zero_have_no_center(feature_values):
    values = feature_values(Volume(np.array([[[-1.0, 1.0]]])), families="morphology")
    assert np.isnan(values["morphology_centre_of_mass_shift"])


def test_resegmentation_leaves_the_shape_but_not_the_mass(blob, feature_values):
    volume = blob(3)
    middle = float(np.median(volume.image[volume.mask]))
    before = feature_values(volume, families="morphology")
    after = feature_values(volume, families="morphology", resegment_range=(middle, None))
    changed = {name for name, value in before.items() if value != after[name]}
    assert changed == {"morphology_centre_of_mass_shift", "morphology_integrated_intensity"}


@pytest.mark.kernel
@pytest.mark.parametrize("ndim", [2, 3])
@settings(deadline=None, max_examples=50)
@given(mask=MASKS)
def test_the_hull_of_the_outer_points_is_that_of_all_points_of_the_outline(ndim, mask):
    assert_hulls_agree(mask if ndim == 3 else mask.any(axis=0))


@pytest.mark.kernel
@pytest.mark.parametrize("shape", [(9, 14, 11), (3, 17, 23), (16, 3, 5)])
def test_the_hull_of_a_large_region_is_that_of_all_points_of_its_outline(shape):
    places = np.indices(shape).reshape(3, -1).T / (np.array(shape) - 1) - 0.5
    ball = (np.linalg.norm(places, axis=1) <= 0.5).reshape(shape)
    ragged = np.random.default_rng(0).random(shape) > 0.97
    for mask in (ball, ragged, ball | ragged):
        assert_hulls_agree(mask)
        assert_hulls_agree(mask.any(axis=0))


def _hull_in_mm(points, spacing):
    corners, triangles = _kernels.convex_hull(points.astype(float))
    return corners / 2 * spacing, triangles


def assert_hulls_agree(mask):
    ndim = mask.ndim
    spacing = np.array([2.5, 0.75, 1.25])[-ndim:]
    ends = [step * side / 2 for step in np.eye(ndim) for side in (-1, 1)]
    outline = np.concatenate([np.argwhere(mask) + end for end in ends]) * spacing
    points = outer_points(Region(mask, mask, mask, tuple(spacing)))
    expected, found = ConvexHull(outline), ConvexHull(points / 2 * spacing)
    if ndim == 3:
        volume, area, _ = _kernels.hull_measures(*_hull_in_mm(points, spacing))
        assert (volume, area) == pytest.approx((expected.volume, expected.area), rel=1e-12)
    assert found.volume == pytest.approx(expected.volume, rel=1e-12)
    assert found.area == pytest.approx(expected.area, rel=1e-12)
