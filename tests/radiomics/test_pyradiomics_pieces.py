"""Pieces of PyRadiomics that have laws of their own: mesh, Laplacian, splines, grids and bins."""

import numpy as np
import pytest
import pywt
from scipy import ndimage

from memory import peak_memory
from radlearn import Case
from radlearn.exceptions import MaskError
from radlearn.radiomics import _kernels, _mesh
from radlearn.radiomics._aggregation import DIRECTIONAL, directions_of
from radlearn.radiomics._gaps import box_around, kept_planes, occupied_planes, part_of, plane_positions
from radlearn.radiomics._pyradiomics.bins import PyRadiomicsBins
from radlearn.radiomics._pyradiomics.extraction import features_of
from radlearn.radiomics._pyradiomics.images import wavelet_bands
from radlearn.radiomics._pyradiomics.laplacian import laplacian_of_gaussian
from radlearn.radiomics._pyradiomics.mesh import surface_area_and_volume
from radlearn.radiomics._pyradiomics.parameters import read_parameters
from radlearn.radiomics._pyradiomics.preparation import prepared
from radlearn.radiomics._pyradiomics.resampling import make_spline_coefficients, values_on_grid
from radlearn.radiomics._pyradiomics.scan import Grid, scan_of_case
from radlearn.radiomics._pyradiomics.shape import plane_diameter
from radlearn.radiomics._pyradiomics.steps import has_neighbors
from radlearn.radiomics._region import Region


@pytest.fixture
def noise():
    return np.random.default_rng(0).normal(100, 30, (18, 20, 22))


def test_a_box_has_the_mesh_of_the_engine():
    mask, spacing = np.ones((2, 3, 4), bool), (2.0, 0.7, 1.1)
    found = surface_area_and_volume(mask, plane_positions(mask.shape), spacing)
    assert found == pytest.approx(_mesh.surface_area_and_volume(mask, spacing))


def test_mesh_grows_with_the_spacing(noise):
    mask = ndimage.gaussian_filter(noise, 2) > 100
    positions = plane_positions(mask.shape)
    area, volume = surface_area_and_volume(mask, positions, (1, 1, 1))
    assert surface_area_and_volume(mask, positions, (2, 2, 2)) == pytest.approx((4 * area, 8 * volume))


def test_laplacian_in_a_box_is_that_of_the_image(noise):
    whole = tuple(slice(0, length) for length in noise.shape)
    box = slice(5, 9), slice(0, 4), slice(13, 22)
    for sigma in (0.4, 1.5):
        response = laplacian_of_gaussian(noise, (2, 1, 0.8), sigma, whole)
        part = laplacian_of_gaussian(noise, (2, 1, 0.8), sigma, box)
        np.testing.assert_allclose(part, response[box], rtol=1e-5, atol=1e-5)


def test_laplacian_of_a_constant_is_zero_and_of_a_parabola_its_curvature():
    z, y, x = np.indices((41, 41, 41)) - 20.0
    box = (slice(20, 21),) * 3
    assert laplacian_of_gaussian(np.full((9, 9, 9), 7.0), (1, 1, 1), 1.0, (slice(0, 9),) * 3) == pytest.approx(
        0, abs=1e-4
    )
    response = laplacian_of_gaussian(x**2 + 3 * z**2 + y, (1, 1, 1), 1.5, box)
    assert response.item() == pytest.approx(1.5**2 * 8, rel=1e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.int16, np.uint8])
@pytest.mark.parametrize("shape", [(9, 45, 35), (12, 11)])
def test_laplacian_is_that_of_the_same_values_in_double_precision(shape, dtype):
    image = np.random.default_rng(0).integers(0, 200, shape)
    box = tuple(slice(1, length) for length in shape)
    spacing = (1, 0.9, 0.8)[-image.ndim :]
    expected = laplacian_of_gaussian(image.astype(float), spacing, 1.2, box)
    np.testing.assert_array_equal(laplacian_of_gaussian(image.astype(dtype), spacing, 1.2, box), expected)


@pytest.mark.kernel
@pytest.mark.parametrize("shape", [(2, 7, 3), (35, 20, 1), (1, 4, 40)])
def test_lines_are_filtered_as_the_recursion_is_written(shape):
    values = np.random.default_rng(0).normal(size=shape)
    feedback, forward, backward = [1, -0.5, 0.2, 0.1, -0.03], [0.3, 0.2, -0.1, 0.4, 0], [0, 0.35, -0.16, 0.37, 0.009]
    last = shape[1] - 1
    at_rest = values[:, 0] * sum(forward) / sum(feedback), values[:, last] * sum(backward) / sum(feedback)
    y, z = np.empty(shape), np.empty(shape)
    for i in range(shape[1]):
        y[:, i] = sum(forward[k] * values[:, max(i - k, 0)] for k in range(5))
        y[:, i] -= sum(feedback[k] * (y[:, i - k] if i >= k else at_rest[0]) for k in range(1, 5))
    for i in range(last, -1, -1):
        z[:, i] = sum(backward[k] * values[:, min(i + k, last)] for k in range(5))
        z[:, i] -= sum(feedback[k] * (z[:, i + k] if i + k <= last else at_rest[1]) for k in range(1, 5))
    filtered = np.empty((shape[0], shape[1] - 2, shape[2]), np.float32)
    _kernels.filter_lines(values, *map(np.array, (feedback, forward, backward)), 1, filtered)
    np.testing.assert_allclose(filtered, (y + z)[:, 1:last], rtol=1e-6)


@pytest.mark.kernel
def test_scaled_values_are_added_in_double_precision():
    values, sums = np.random.default_rng(0).normal(size=(2, 50)).astype(np.float32)
    expected = (sums + values.astype(float) * 0.3).astype(np.float32)
    _kernels.add_scaled(values, 0.3, sums)
    np.testing.assert_array_equal(sums, expected)


@pytest.mark.parametrize("wavelet", ["haar", "coif1", "db7", "bior3.1", "dmey"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(6, 10, 8), (4, 70, 2)])
def test_bands_have_the_bits_of_pywavelets(wavelet, dtype, shape):
    image = np.random.default_rng(0).integers(0, 200, shape).astype(dtype)
    image[:3] = 100  # what cancels out is zero, or what rounding leaves
    expected = pywt.swtn(image, wavelet, level=1, axes=(2, 1, 0))[0]
    bands = list(wavelet_bands(image, wavelet, [2, 1, 0], {0, 1, 2}))
    for band, name in zip(bands, sorted(expected), strict=True):
        assert band.dtype == expected[name].dtype
        np.testing.assert_array_equal(band, expected[name])


@pytest.mark.parametrize("n", [2, 7, 40])
def test_spline_coefficients_are_those_of_scipy(n):
    values = np.random.default_rng(n).normal(size=(3, n, 4))
    expected = ndimage.spline_filter1d(values, 3, axis=1, mode="mirror", output=float)
    lines = np.ascontiguousarray(values.swapaxes(0, 1))
    make_spline_coefficients(lines)
    np.testing.assert_allclose(lines.swapaxes(0, 1), expected, atol=1e-8)


@pytest.mark.parametrize(
    "interpolator", ["sitkLinear", "sitkBSpline", "sitkNearestNeighbor", "sitkLanczosWindowedSinc"]
)
def test_an_image_on_its_own_grid_stays_as_it_is(noise, interpolator):
    grid = Grid(noise.shape, (2.0, 1.0, 0.5), np.array([3.0, 1.0, -4.0]), np.eye(3)[::-1])
    np.testing.assert_allclose(values_on_grid(noise, grid, grid, interpolator), noise, atol=1e-6)


def test_points_beyond_the_image_are_zero(noise):
    grid = Grid(noise.shape, (1.0, 1.0, 1.0), np.zeros(3), np.eye(3)[::-1])
    moved = grid._replace(origin=np.array([0.0, 0.0, -4.0]))
    values = values_on_grid(noise, grid, moved, "sitkLinear")
    assert (values[:4] == 0).all()
    np.testing.assert_allclose(values[4:], noise[:-4])


def test_a_tilted_grid_gives_the_values_in_between():
    ramp = np.indices((9, 9, 9)).sum(axis=0).astype(float)
    grid = Grid(ramp.shape, (1.0, 1.0, 1.0), np.zeros(3), np.eye(3)[::-1])
    turn = np.array([[np.cos(0.3), -np.sin(0.3), 0], [np.sin(0.3), np.cos(0.3), 0], [0, 0, 1]])
    tilted = Grid((2, 3, 3), (1.0, 1.0, 1.0), np.array([4.0, 3.0, 2.0]), turn @ np.eye(3)[::-1])
    places = tilted.world(np.moveaxis(np.indices(tilted.shape), 0, -1))
    np.testing.assert_allclose(values_on_grid(ramp, grid, tilted, "sitkLinear"), places.sum(axis=-1))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("width", "count"), [(25, None), (0.3, None), (25, 16), (25, 1)])
def test_grey_levels_are_those_of_numpys_edges(width, count, dtype):
    x = np.random.default_rng(0).normal(3, 40, 500).round(1).astype(dtype)
    if count is None:
        edges = np.arange(x.min() - x.min() % width, x.max() + 2 * width, width)
    else:
        edges = np.histogram(x, count)[1]
        edges[-1] += 1
    levels, counts = PyRadiomicsBins(width, count, np.dtype(dtype)).grey_levels(x.astype(float))
    np.testing.assert_array_equal(levels, np.digitize(x, edges))
    assert counts.tolist() == np.bincount(levels)[1:].tolist()


def test_plane_diameters_are_the_largest_distances_in_a_plane(noise):
    mask = ndimage.gaussian_filter(noise, 2)[3:9, 4:12, 5:11] > 101
    padded, spacing = np.pad(mask, 1).astype(int), np.array([2.0, 0.7, 1.1])
    points = []
    for axis in range(3):
        crossing = np.argwhere(np.diff(padded, axis=axis)) + 0.5 * np.eye(3)[axis]
        points.extend(crossing)
    points = np.array(points)
    for axis in range(3):
        same = points[:, np.newaxis, axis] == points[:, axis]
        distances = np.linalg.norm((points[:, np.newaxis] - points) * spacing, axis=-1)
        assert plane_diameter(Region(mask, mask, mask, spacing), axis) == pytest.approx(distances[same].max())


@pytest.mark.parametrize("seed", range(8))
def test_a_direction_has_neighbors_where_any_two_voxels_lie_along_it(seed):
    mask = np.random.default_rng(seed).random((40, 7, 6)) < (seed + 1) / 900
    mask[0, 3, 1] = mask[39, 6, 1] = True
    planes = occupied_planes(mask)
    kept = kept_planes(planes, 1)
    places = np.argwhere(mask)
    directions = directions_of(DIRECTIONAL["3d_averaged"])
    between = (places[:, np.newaxis] - places).reshape(-1, 3)
    between = between[between.any(axis=1)]
    expected = [any(not np.cross(step, direction).any() for step in between) for direction in directions]
    part = part_of(mask, box_around(planes), kept)
    assert np.count_nonzero(part) == len(places)
    assert has_neighbors(np.pad(part, 1), plane_positions(part.shape, kept), directions).tolist() == expected


def normalized(image):
    parameters = read_parameters({"setting": {"normalize": True}})
    return prepared(scan_of_case(Case(image), parameters), parameters.settings).image


@pytest.fixture
def itk_on_one_thread():
    """SimpleITK, whose sums have the last digits of one thread."""
    sitk = pytest.importorskip("SimpleITK", reason="SimpleITK is not installed")
    n_threads = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads()
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    yield sitk
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(n_threads)


@pytest.mark.parametrize("seed", range(5))
def test_normalized_images_are_those_of_itk_to_the_last_digit(itk_on_one_thread, noise, seed):
    image = noise + seed / 7
    itk_image = itk_on_one_thread.GetImageFromArray(image)
    expected = itk_on_one_thread.GetArrayFromImage(itk_on_one_thread.Normalize(itk_image))
    np.testing.assert_array_equal(normalized(image), expected)


def test_a_constant_image_cannot_be_normalized():
    with pytest.raises(MaskError, match=r"standard deviation is 0; check the image, or set 'normalize' to false"):
        normalized(np.full((7, 7, 7), 0.1))


@pytest.fixture(params=["as it is", "normalized", "resampled", "doubled range"])
def settings(request):
    return {
        "as it is": {},
        "normalized": {"normalize": True, "normalizeScale": 100},
        "resampled": {"resampledPixelSpacing": [1.5, 1.5, 1.5]},
        "doubled range": {"resegmentRange": [0, 2], "resegmentMode": "relative"},
    }[request.param]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint16, np.int64])
@pytest.mark.parametrize("order", ["C", "F"])
def test_whole_numbers_are_computed_with_in_double_precision(settings, dtype, order):
    rng = np.random.default_rng(0)
    image = ndimage.gaussian_filter(rng.normal(0, 400, (14, 16, 18)), 1)
    image[0, 0, 0], mask = -200, np.zeros(image.shape, bool)
    mask[3:10, 4:12, 5:14] = True
    limits = np.iinfo(dtype)
    image = np.clip(image, max(limits.min, -2000), min(limits.max, 2000)).astype(dtype)
    kinds = ("Original", "Wavelet", "Square", "SquareRoot", "Logarithm", "Exponential", "Gradient", "LBP2D")
    image_types = {kind: {} for kind in kinds} | {"LoG": {"sigma": [1.0, 2.0]}}
    parameters = read_parameters({"imageType": image_types, "setting": {"binWidth": 5} | settings})
    scan = scan_of_case(Case(np.asarray(image, order=order), mask=mask), parameters)
    double = scan._replace(image=scan.image.astype(float))
    np.testing.assert_array_equal(features_of(scan, parameters), features_of(double, parameters))


def test_a_large_image_is_not_copied():
    image = np.random.default_rng(0).integers(-500, 500, (64, 128, 128), np.int16)
    mask = np.zeros(image.shape, np.uint8)
    mask[30:34, 60:70, 60:70] = 1
    case, parameters = Case(image, mask=mask, spacing=1.0), read_parameters(None)
    features_of(scan_of_case(case, parameters), parameters)
    with peak_memory() as memory:
        features_of(scan_of_case(case, parameters), parameters)
    assert memory.peak < image.nbytes
