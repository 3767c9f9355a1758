"""Local binary patterns: by hand, against PyRadiomics, and against a twin that goes voxel by voxel."""

import numpy as np
import pytest
import scipy
from scipy import ndimage
from scipy.stats import kurtosis

from radlearn.exceptions import GeometryError
from radlearn.filters import LocalBinaryPatterns2D, LocalBinaryPatterns3D, lbp_3d
from radlearn.filters.lbp_3d import harmonics, icosphere

BOX = (slice(2, 5), slice(0, 4), slice(16, 21))
UNIT = (1, 1, 1)


def responses(image_filter, image, box=None):
    return dict(image_filter.filtered(image, UNIT[: image.ndim], box))


@pytest.fixture
def peak():
    """A bright voxel in an image of ones."""
    peak = np.ones((5, 5, 5))
    peak[2, 2, 2] = 3
    return peak


@pytest.mark.parametrize(("sign", "brighter"), [(1, 0), (-1, 8)])
def test_a_peak_has_no_brighter_point_on_its_circle_and_a_pit_only_such(peak, sign, brighter):
    assert responses(LocalBinaryPatterns2D(), sign * peak[2])["lbp_2d"][2, 2] == brighter


def test_the_binary_number_of_a_pattern_begins_at_the_right():
    step = np.zeros((3, 3))
    step[1, 1], step[1, 2] = 1, 2  # one of four points is brighter: the first
    [pattern] = responses(LocalBinaryPatterns2D(n_points=4, method="default"), step).values()
    assert pattern[1, 1] == 1


@pytest.mark.parametrize(
    "parameters",
    [{}, {"radius": 1.5, "n_points": 6, "method": "var"}, {"radius": 2, "n_points": 12, "method": "ror"}],
    ids=str,
)
def test_patterns_in_slices_are_those_of_pyradiomics(parameters, image, pyradiomics):
    [found] = responses(LocalBinaryPatterns2D(**parameters), image).values()
    names = {"radius": "lbp2DRadius", "n_points": "lbp2DSamples", "method": "lbp2DMethod"}
    [expected] = pyradiomics("LBP2D", **{names[name]: value for name, value in parameters.items()}).values()
    np.testing.assert_array_equal(found, expected)


def twin(image, place, radius, points, n_levels):
    """Patterns of one voxel: project ones and zeros on the harmonics of each degree, and take the norm."""
    samples = [ndimage.map_coordinates(image, (place + radius * point)[:, np.newaxis])[0] for point in points]
    above = np.array(samples) >= image[tuple(place)]
    norms = []
    for level in range(n_levels):
        part = sum((above @ wave) * wave for wave in harmonics(level, points))
        norms.append(np.sqrt((part**2).sum()).real)
    return [*norms, kurtosis(samples)]


@pytest.mark.parametrize("parameters", [{}, {"radius": 1.7, "n_subdivisions": 0, "n_levels": 3}], ids=str)
def test_patterns_in_space_are_those_of_the_twin(parameters, image):
    image = image[:5, :5, :6]
    image_filter = LocalBinaryPatterns3D(**parameters)
    found = np.stack(list(responses(image_filter, image).values()), axis=-1)
    points = icosphere(image_filter.n_subdivisions)
    for place in [(0, 0, 0), (2, 3, 1), (4, 4, 5)]:
        expected = twin(image, np.array(place), image_filter.radius, points, image_filter.n_levels)
        np.testing.assert_allclose(found[place], expected, rtol=1e-9)


@pytest.mark.skipif(not hasattr(scipy.special, "sph_harm_y"), reason="SciPy 1.15 has this function")
def test_harmonics_are_those_of_scipy_with_the_angles_exchanged():
    points = icosphere(1)
    polar, azimuth = np.arccos(points[:, 2]), np.arctan2(points[:, 1], points[:, 0])
    expected = [scipy.special.sph_harm_y(2, order, azimuth, polar) for order in range(-2, 3)]
    np.testing.assert_allclose(np.abs(harmonics(2, points)), np.abs(expected), atol=1e-12)


def test_points_on_a_sphere_are_spread_evenly():
    points = icosphere(2)
    assert points.shape == (162, 3)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1)
    np.testing.assert_allclose(points.sum(axis=0), 0, atol=1e-9)


def test_the_lowest_degree_counts_the_brighter_points(peak):
    below, above = (responses(LocalBinaryPatterns3D(), sign * peak)["lbp_3d_m1"][2, 2, 2] for sign in (1, -1))
    assert below == 0
    assert above == pytest.approx(42 / (4 * np.pi) * np.sqrt(42))  # the harmonic is the root of 1 / (4 pi)


@pytest.mark.parametrize("turn", [lambda x: x[::-1], lambda x: x.transpose(1, 2, 0)], ids=["mirrored", "turned"])
def test_the_lowest_degree_and_the_kurtosis_follow_rotations(turn, image):
    cube = image[:6, :6, :6]
    whole, turned = (responses(LocalBinaryPatterns3D(responses=["m1", "kurtosis"]), x) for x in (cube, turn(cube)))
    for name, response in whole.items():
        np.testing.assert_allclose(turned[name], turn(response), atol=1e-9)


@pytest.mark.parametrize("image_filter", [LocalBinaryPatterns2D(), LocalBinaryPatterns3D()], ids=repr)
def test_patterns_of_a_box_are_those_of_the_whole_image(image_filter, image):
    image[:, :3] = 7.7  # of equal intensities, too
    whole = responses(image_filter, image)
    for name, part in responses(image_filter, image, BOX).items():
        np.testing.assert_allclose(part, whole[name][BOX], rtol=1e-12)


def test_patterns_do_not_depend_on_how_many_are_made_at_a_time(image, monkeypatch):
    whole = responses(LocalBinaryPatterns3D(), image, BOX)
    monkeypatch.setattr(lbp_3d, "BLOCK", 100)
    for name, response in responses(LocalBinaryPatterns3D(), image, BOX).items():
        np.testing.assert_allclose(response, whole[name], rtol=1e-12)


def test_an_image_of_zeros_has_no_kurtosis():
    found = responses(LocalBinaryPatterns3D(), np.zeros((5, 5, 5)))
    assert np.isnan(found["lbp_3d_kurtosis"]).all()
    assert np.isfinite(found["lbp_3d_m1"]).all()


def test_names_tell_the_radius():
    assert LocalBinaryPatterns2D(radius=1.5).response_names(3) == ["lbp_2d_r1.5"]
    assert LocalBinaryPatterns3D(radius=2).response_names(3) == ["lbp_3d_r2_m1", "lbp_3d_r2_m2", "lbp_3d_r2_kurtosis"]


def test_the_chosen_response_is_that_among_all(image):
    chosen = responses(LocalBinaryPatterns3D(n_levels=3, responses=["kurtosis", "m3"]), image, BOX)
    every = responses(LocalBinaryPatterns3D(n_levels=3), image, BOX)
    assert list(chosen) == ["lbp_3d_kurtosis", "lbp_3d_m3"]
    for name, response in chosen.items():
        np.testing.assert_array_equal(response, every[name])


def test_there_are_no_spheres_in_images(image):
    with pytest.raises(GeometryError, match=r"not for images of 2 dimensions; use LocalBinaryPatterns2D"):
        responses(LocalBinaryPatterns3D(), image[0])


@pytest.mark.parametrize(
    ("image_filter", "message"),
    [
        (LocalBinaryPatterns2D(radius=0), "radius must be greater than 0, got 0; radius is in voxels"),
        (LocalBinaryPatterns2D(n_points=99), "n_points must be at most 32"),
        (LocalBinaryPatterns2D(method="unifrom"), "did you mean 'uniform'"),
        (LocalBinaryPatterns3D(n_subdivisions=9), "n_subdivisions must be at most 4"),
        (LocalBinaryPatterns3D(n_levels=0), "n_levels must be at least 1"),
        (LocalBinaryPatterns3D(responses=[]), "responses is empty; name at least one"),
        (LocalBinaryPatterns3D(responses="m3"), "responses must be one of 'm1', 'm2', 'kurtosis', got 'm3'"),
    ],
)
def test_wrong_parameters_are_named(image_filter, message):
    with pytest.raises(ValueError, match=message):
        image_filter.response_names(3)


def test_the_kurtosis_of_large_intensities_of_single_precision_is_that_of_double_precision(image):
    large = (image * 1e26).astype(np.float32)
    chosen = LocalBinaryPatterns3D(responses="kurtosis")
    found, expected = (responses(chosen, each, BOX)["lbp_3d_kurtosis"] for each in (large, large.astype(float)))
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_no_more_degrees_than_factorials_allow():
    with pytest.raises(ValueError, match="n_levels must be at most 50, got 51"):
        LocalBinaryPatterns3D(n_levels=51).response_names(3)
