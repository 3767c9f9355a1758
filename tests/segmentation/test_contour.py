"""ActiveContour: where the outline starts, and how it moves."""

from unittest.mock import MagicMock

import numpy as np
import pytest
from skimage.segmentation import disk_level_set, morphological_chan_vese, morphological_geodesic_active_contour

from radlearn import Case
from radlearn.evaluation import dice
from radlearn.segmentation import ActiveContour


def found(case, **parameters):
    return ActiveContour(**parameters).fit_transform([case])[0].load().mask


@pytest.mark.parametrize("ndim", [2, 3])
def test_without_moves_the_first_outline_stays(ndim, ball_case):
    case = ball_case(ndim)
    middle = found(case, start="center", n_iterations=0)
    shape = case.load().shape
    assert middle[tuple(size // 2 for size in shape)]
    assert dice(case.load().mask, found(case, sigma=0, n_iterations=0)) > 0.99


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("parameters", [{}, {"start": "center"}, {"method": "geodesic", "balloon": 1}], ids=repr)
def test_a_volume_of_one_slice_is_an_image(parameters, axis, ball_case):
    image, spacing = ball_case(2).load().image, [1.0, 0.8]
    expected = found(Case(image, spacing=spacing), n_iterations=10, **parameters)
    case = Case(np.expand_dims(image, axis), spacing=np.insert(spacing, axis, 5.0))
    np.testing.assert_array_equal(found(case, n_iterations=10, **parameters), np.expand_dims(expected, axis))


def test_the_outline_grows_from_the_middle_to_the_disk(ball_case):
    case = ball_case(2, radius=14)
    start = found(case, start="center", n_iterations=0)
    end = found(case, start="center", n_iterations=30)
    assert dice(case.load().mask, start) < dice(case.load().mask, end)
    assert dice(case.load().mask, end) > 0.95


@pytest.mark.parametrize(("balloon", "larger"), [(1, True), (-1, False)])
def test_a_balloon_grows_or_shrinks_where_there_is_no_edge(balloon, larger):
    image = np.zeros((30, 30))
    image[0, 0] = 1
    parameters = {"method": "geodesic", "start": "center", "sigma": 0, "n_iterations": 3}
    still, moved = (found(image, balloon=value, **parameters).sum() for value in (0, balloon))
    assert (moved > still) == larger


@pytest.mark.parametrize("shape", [(9, 24), (2, 24)])
def test_edges_slow_the_outline_down_as_documented(shape):
    image = np.random.default_rng(0).normal(size=shape).cumsum(axis=1)
    edges = np.hypot(*np.gradient(image, 2, 0.5))
    speed = 1 / np.sqrt(1 + edges**2 / edges.mean() ** 2)
    start = disk_level_set(shape, radius=shape[0] / 3)
    expected = morphological_geodesic_active_contour(speed, 8, start, 1, threshold=0.5, balloon=1)
    parameters = {"start": "center", "balloon": 1, "sigma": 0, "n_iterations": 8}
    mask = found(Case(image, spacing=(2, 0.5)), method="geodesic", **parameters)
    np.testing.assert_array_equal(mask, expected)
    assert 0.1 < mask.mean() < 0.9


@pytest.mark.parametrize("shape", [(20, 24), (8, 11, 12)])
@pytest.mark.parametrize("smoothing", [0, 1, 3])
def test_an_outline_is_smoothed_as_by_scikit_image(shape, smoothing):
    image = np.random.default_rng(0).normal(size=shape)
    start = disk_level_set(shape, radius=min(shape) / 3)
    expected = morphological_chan_vese(image, 2, start, smoothing)  # an even number of smoothings leaves no trace
    np.testing.assert_array_equal(found(image, start="center", sigma=0, n_iterations=2, smoothing=smoothing), expected)


@pytest.mark.parametrize("n_iterations", [100, 101])
@pytest.mark.parametrize("seed", [0, 184], ids=["it rests", "it goes to and fro"])
def test_an_outline_that_gets_no_further_is_moved_no_more(seed, n_iterations, monkeypatch):
    image = np.random.default_rng(seed).normal(size=(12, 14))
    start = disk_level_set(image.shape, radius=min(image.shape) / 3)
    expected = morphological_chan_vese(image, n_iterations, start, 2)
    move = MagicMock(wraps=morphological_chan_vese)
    monkeypatch.setattr("radlearn.segmentation.contour.morphological_chan_vese", move)
    mask = found(image, start="center", sigma=0, n_iterations=n_iterations, smoothing=2)
    np.testing.assert_array_equal(mask, expected)
    assert move.call_count < 20


@pytest.mark.parametrize("method", ["chan_vese", "geodesic"])
def test_an_outline_does_not_depend_on_those_before(method):
    image = np.random.default_rng(0).normal(size=(30, 30)).cumsum(axis=0)
    first, second = (found(image, method=method, n_iterations=5) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_thick_slice_hides_edges_less_than_its_voxels_say(ball_case):
    volume = ball_case(3).load()
    isotropic = found(volume.but(spacing=(1, 1, 1)), method="geodesic", sigma=0, n_iterations=20)
    thick = found(volume.but(spacing=(9, 1, 1)), method="geodesic", sigma=0, n_iterations=20)
    assert (isotropic != thick).any()
