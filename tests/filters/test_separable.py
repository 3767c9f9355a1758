"""Mean, Laplacian of Gaussian, Laws and wavelets, by hand, by laws, and by other libraries."""

from itertools import permutations, product

import numpy as np
import pytest
import pywt
from scipy import ndimage

from radlearn.exceptions import GeometryError
from radlearn.filters import LaplacianOfGaussian, LawsKernels, MeanFilter, SeparableWavelet
from radlearn.filters.laws import WEIGHTS

CUBES = (1.0, 1.0, 1.0)


def response_of(image_filter, image, spacing=CUBES):
    [(_, response)] = image_filter.filtered(image, spacing[-image.ndim :])
    return response


def rotations(ndim):
    """Each rotation by right angles as an order of the axes and flips, with the way back."""
    for order in permutations(range(ndim)):
        for signs in product((1, -1), repeat=ndim):
            matrix = np.zeros((ndim, ndim))
            matrix[range(ndim), order] = signs
            if np.linalg.det(matrix) > 0:
                yield order, tuple(slice(None, None, sign) for sign in signs)


def rotated_responses(image_filter, image):
    """Slow twin of rotation invariance: the image is rotated, filtered, and the response rotated back."""
    for order, flips in rotations(image.ndim):
        response = response_of(image_filter, image.transpose(order)[flips])
        yield response[flips].transpose(np.argsort(order))


@pytest.mark.parametrize("pooling", ["average", "max"])
@pytest.mark.parametrize(
    ("kind", "parameters", "ndim"),
    [
        (LawsKernels, {"kernels": "L5E5S5"}, 3),
        (LawsKernels, {"kernels": "E3W5E5"}, 3),
        (LawsKernels, {"kernels": "R5L3L3"}, 3),
        (LawsKernels, {"kernels": "E5W5"}, 2),
        (LawsKernels, {"kernels": "S5W5"}, 2),
        (SeparableWavelet, {"wavelet": "db2", "bands": "LLH"}, 3),
        (SeparableWavelet, {"wavelet": "haar", "bands": "HHH", "level": 2}, 3),
        (SeparableWavelet, {"wavelet": "db2", "bands": "LH"}, 2),
        (SeparableWavelet, {"wavelet": "coif1", "bands": "HH"}, 2),
    ],
)
def test_rotation_invariance_pools_what_rotated_images_give(kind, parameters, ndim, pooling, image):
    image = image if ndim == 3 else image[0]
    expected = {"average": np.mean, "max": np.max}[pooling](list(rotated_responses(kind(**parameters), image)), axis=0)
    invariant = kind(**parameters, rotation_invariant=True, pooling=pooling)
    np.testing.assert_allclose(response_of(invariant, image), expected, atol=1e-10)


@pytest.mark.parametrize("slice_wise", [False, True])
def test_the_mean_is_that_of_scipy(slice_wise, image):
    expected = ndimage.uniform_filter(image, (1 if slice_wise else 5, 5, 5), mode="reflect")
    np.testing.assert_allclose(response_of(MeanFilter(support=5, slice_wise=slice_wise), image), expected)


def test_log_is_the_convolution_with_its_kernel(image):
    z, y, x = np.mgrid[-6:7, -6:7, -6:7]
    squares = (z**2 + y**2 + x**2) / 1.5**2
    kernel = -((np.sqrt(2 * np.pi) * 1.5) ** -3) / 1.5**2 * (3 - squares) * np.exp(-squares / 2)
    expected = ndimage.convolve(image, kernel, mode="nearest")
    response = response_of(LaplacianOfGaussian(sigma=3.0, boundary="nearest"), image, (2.0, 2.0, 2.0))
    np.testing.assert_allclose(response, expected, atol=1e-10)


def test_log_measures_in_mm_along_each_axis():
    image = np.zeros((1, 60, 60))
    image[0] = np.exp(-((np.arange(60) - 30.0) ** 2) / 50)
    fine = response_of(LaplacianOfGaussian(sigma=4), image, (4.0, 0.5, 1.0))
    turned = response_of(LaplacianOfGaussian(sigma=4), image.swapaxes(1, 2), (4.0, 1.0, 0.5)).swapaxes(1, 2)
    np.testing.assert_allclose(fine, turned, atol=1e-10)


def test_several_sigmas_have_a_response_each(image):
    responses = dict(LaplacianOfGaussian(sigma=[1, 2.5]).filtered(image, CUBES))
    assert list(responses) == ["log_sigma_1mm", "log_sigma_2.5mm"]
    np.testing.assert_array_equal(responses["log_sigma_2.5mm"], response_of(LaplacianOfGaussian(sigma=2.5), image))


def test_the_first_letter_is_that_of_x():
    impulse = np.zeros((7, 7, 7))
    impulse[3, 3, 3] = 1
    response = response_of(LawsKernels(kernels="L5E5S5"), impulse)
    level, edge, spot = (
        np.divide(weights, np.linalg.norm(weights))
        for weights in ([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1], [-1, 0, 2, 0, -1])
    )
    np.testing.assert_allclose(response[1:-1, 1:-1, 1:-1], np.einsum("z,y,x->zyx", spot, edge, level), atol=1e-12)


@pytest.mark.parametrize(
    ("long", "short"),
    [("L5", "L3 L3"), ("E5", "L3 E3"), ("S5", "L3 S3"), ("W5", "E3 S3"), ("R5", "S3 S3")],
)
def test_long_kernels_of_laws_are_products_of_short_ones(long, short):
    one, other = (WEIGHTS[name] for name in short.split())
    product = np.convolve(one, other)
    assert tuple(product) in (WEIGHTS[long], tuple(-np.array(WEIGHTS[long])))  # Laws' wave begins with -1


def test_energy_is_the_mean_of_absolute_responses(image):
    laws = LawsKernels(kernels="L5E5S5")
    expected = ndimage.uniform_filter(np.abs(response_of(laws, image)), 5, mode="reflect")
    np.testing.assert_allclose(response_of(laws.set_params(energy_distance=2), image), expected, atol=1e-10)


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize("wavelet", ["haar", "coif1", "bior2.2"])
def test_all_bands_are_those_of_the_stationary_transform(wavelet, level):
    image = np.random.default_rng(0).normal(size=(8, 16, 12))
    expected = pywt.swtn(image, wavelet, level, axes=(2, 1, 0))[0]
    bands = dict(SeparableWavelet(wavelet=wavelet, level=level, boundary="periodic").filtered(image, CUBES))
    assert len(bands) == 8
    for prefix, band in bands.items():
        letters = prefix.rpartition("_")[2].replace("l", "a").replace("h", "d")
        np.testing.assert_allclose(band, expected[letters], atol=1e-10)


def test_bands_may_be_an_array():
    assert SeparableWavelet(bands=np.array(["LH", "HH"])).response_names(2) == ["wavelet_coif1_lh", "wavelet_coif1_hh"]


def test_invariant_bands_are_those_that_are_no_rotations_of_each_other():
    wavelet = SeparableWavelet(rotation_invariant=True)
    assert wavelet.response_names(3) == [f"wavelet_coif1_{band}" for band in ("lll", "llh", "lhh", "hhh")]


@pytest.mark.parametrize(
    ("image_filter", "message"),
    [
        (MeanFilter(support=4), "support must be odd, so that a voxel lies in the middle, got 4"),
        (MeanFilter(support=-1), "support must be at least 1"),
        (MeanFilter(boundary="mirrored"), "did you mean 'mirror'"),
        (LaplacianOfGaussian(sigma=[1, 1]), "several different ones"),
        (LaplacianOfGaussian(sigma=-1), "sigma must be greater than 0, got -1; sigma is in mm"),
        (LaplacianOfGaussian(cutoff=0), "cutoff must be greater than 0, got 0; cutoff is in standard deviations"),
        (LawsKernels(kernels="L5X5"), "such as 'L5E5E5', got 'L5X5'"),
        (LawsKernels(kernels=[]), "kernels is empty"),
        (LawsKernels(pooling="mean"), "pooling must be one of 'average', 'max', got 'mean'"),
        (SeparableWavelet(wavelet="coif"), "did you mean 'coif"),
        (SeparableWavelet(bands=[]), "bands is empty; name at least one"),
        (SeparableWavelet(bands="LLX"), "bands must be two or three letters L and H"),
        (SeparableWavelet(level=0), "level must be at least 1"),
    ],
)
def test_nonsense_is_refused(image_filter, message, image):
    with pytest.raises(ValueError, match=message):
        image_filter.fit([image])


@pytest.mark.parametrize("image_filter", [LawsKernels(kernels="L5E5"), SeparableWavelet(bands="LH")])
def test_a_letter_per_axis_is_needed(image_filter, image):
    with pytest.raises(GeometryError, match="3 axes are filtered"):
        image_filter.fit_transform([image])[0].load()
