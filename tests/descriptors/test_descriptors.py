"""HOG, LBP and the intensity histogram: hand-made images, and what scikit-image gives; laws of all descriptors."""

import numpy as np
import pytest
from skimage.feature import hog, local_binary_pattern

from radlearn.descriptors import (
    BagOfVisualWords,
    DAISYFeatures,
    FisherVectors,
    FractalFeatures,
    GaborEnergy,
    GradientStatistics,
    HaralickFeatures,
    HOGFeatures,
    HuMoments,
    IntensityHistogram,
    LBPFeatures,
    WaveletEnergy,
    ZernikeMoments,
)
from radlearn.exceptions import GeometryError, ImageReadError

RAMP = np.tile(np.arange(64.0), (64, 1))


@pytest.fixture
def image():
    return np.random.default_rng(0).normal(size=(64, 64))


def test_hog_is_that_of_scikit_image(image):
    row = HOGFeatures().fit_transform([image])[0]
    expected = hog(image.astype(np.float64), 9, (16, 16), (2, 2), block_norm="L2-Hys")
    np.testing.assert_allclose(row, expected, rtol=1e-6)


def test_hog_of_a_ramp_has_one_direction():
    extractor = HOGFeatures().set_output(transform="pandas")
    table = extractor.fit_transform([RAMP])
    by_direction = table.T.groupby(lambda name: name.rpartition("_")[2]).sum()[table.index[0]]
    assert by_direction.idxmax() == "direction0"
    assert by_direction.drop("direction0").abs().max() < 1e-9


def test_hog_takes_images_of_any_size():
    assert HOGFeatures().fit_transform([RAMP, RAMP[:20, :33]]).shape == (2, 3 * 3 * 4 * 9)


@pytest.mark.parametrize("unit", [1e-9, 2.0**100, 1e38])
def test_hog_does_not_depend_on_the_unit(unit, image):
    rows = HOGFeatures().fit_transform([image, unit * image])
    np.testing.assert_allclose(rows[1], rows[0], rtol=1e-9)


@pytest.mark.parametrize(("method", "n_patterns"), [("uniform", 10), ("nri_uniform", 59), ("default", 256)])
def test_lbp_is_that_of_scikit_image(method, n_patterns):
    image = np.random.default_rng(0).integers(0, 256, (40, 30))
    image[0, :2] = 0, 255
    row = LBPFeatures(radius=1, method=method).fit_transform([image])[0]
    patterns = local_binary_pattern(image.astype(np.uint8), 8, 1, method=method)
    np.testing.assert_allclose(row, np.bincount(patterns.astype(int).ravel(), minlength=n_patterns) / patterns.size)


def test_lbp_histograms_add_up_to_one_for_each_radius(image):
    row = LBPFeatures(radius=(1, 2.5)).fit_transform([image])[0]
    np.testing.assert_allclose(row.reshape(2, -1).sum(axis=1), 1)
    assert LBPFeatures(radius=(1, 2.5)).get_feature_names_out()[10] == "lbp_r2.5_0"


def test_lbp_does_not_see_brightness_and_contrast(image):
    np.testing.assert_array_equal(*LBPFeatures().fit_transform([image, 1000 + 4 * image]))


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_a_flat_image_has_one_pattern_and_one_bin(value):
    flat = np.full((8, 8), value)
    assert LBPFeatures(radius=1).fit_transform([flat])[0].max() > 0.5
    assert sorted(IntensityHistogram(bins=4).fit_transform([flat])[0]) == [0, 0, 0, 1]


@pytest.mark.parametrize("low", [0, -3])
def test_histogram_by_hand(low):
    image = np.array([[0, 1, 2], [3, 4, 99]]) + low
    row = IntensityHistogram(bins=2, range=(low, low + 4)).fit_transform([image])[0]
    np.testing.assert_allclose(row, [2 / 6, 4 / 6])
    volume = IntensityHistogram(bins=3).fit_transform([np.arange(27).reshape(3, 3, 3)])[0]
    np.testing.assert_allclose(volume, 1 / 3)


def test_patterns_that_are_rotations_count_as_one(image):
    lbp = LBPFeatures(method="ror")
    assert len(lbp.get_feature_names_out()) == 36
    patterns = local_binary_pattern(np.rint((image - image.min()) / np.ptp(image) * 255).astype(np.uint8), 8, 1, "ror")
    found, counts = np.unique(patterns.astype(int), return_counts=True)
    table = lbp.set_output(transform="pandas").fit_transform([image])
    np.testing.assert_allclose(table[[f"lbp_r1_{code:03d}" for code in found]].to_numpy()[0], counts / counts.sum())
    np.testing.assert_allclose(table.sum(axis=1), 1)


def test_lbp_of_a_volume_is_that_of_its_slices_across_each_axis():
    volume = np.random.default_rng(0).integers(0, 256, (6, 7, 8))
    volume[0, 0, :2] = 0, 255
    planes = np.split(LBPFeatures(ndim=3).fit_transform([volume])[0], 3)
    for axis, histogram in enumerate(planes):
        slices = np.moveaxis(volume, axis, 0).astype(np.uint8)
        patterns = np.concatenate([local_binary_pattern(image, 8, 1, "uniform").ravel() for image in slices])
        np.testing.assert_allclose(histogram, np.bincount(patterns.astype(int), minlength=10) / volume.size)


def test_patterns_of_cells_tell_where_they_are():
    image = np.zeros((8, 8))
    image[::2, 6] = 1
    table = LBPFeatures(grid=(1, 2)).set_output(transform="pandas").fit_transform([image])
    assert table.columns[[0, 10]].tolist() == ["lbp_cell0-0_r1_0", "lbp_cell0-1_r1_0"]
    assert table[["lbp_cell0-0_r1_0", "lbp_cell0-1_r1_0"]].to_numpy().tolist() == [[0, 4 / 32]]


@pytest.mark.parametrize(("ndim", "n_histograms"), [(2, 1), (3, 3)])
def test_patterns_of_equal_cells_make_up_those_of_the_image(ndim, n_histograms):
    images = [np.random.default_rng(0).normal(size=(6,) * ndim)]
    of_cells, of_all = (
        LBPFeatures(ndim=ndim, grid=grid).fit_transform(images)[0].reshape(n_histograms, -1, 10)
        for grid in [(2,) * ndim, None]
    )
    np.testing.assert_allclose(of_cells.mean(axis=1), of_all[:, 0])


def test_lbp_of_resized_images_sees_the_same_detail(image):
    twice = image.repeat(2, axis=0).repeat(2, axis=1)
    np.testing.assert_allclose(*LBPFeatures(size=64).fit_transform([image, twice]), atol=0.1)
    assert np.ptp(LBPFeatures().fit_transform([image, twice]), axis=0).max() > 0.1


def test_histograms_of_cells_tell_where_intensities_are():
    image = np.zeros((9, 10))
    image[:4, 5:] = 1
    table = IntensityHistogram(bins=2, grid=(2, 2)).set_output(transform="pandas").fit_transform([image])
    bright = table.filter(like="_1").iloc[0]
    assert bright[bright > 0.5].index.tolist() == ["intensity_histogram_cell0-1_1"]
    np.testing.assert_allclose(table.to_numpy().reshape(4, 2).sum(axis=1), 1)


def test_an_intensity_at_an_edge_of_rounded_bins_lies_above_it():
    row = IntensityHistogram(bins=58).fit_transform([np.array([[0.0, 5.0, 10.0]])])[0]
    assert np.flatnonzero(row).tolist() == [0, 29, 57]


def test_cells_may_outnumber_pixels():
    row = IntensityHistogram(bins=2, grid=(3, 3, 3)).fit_transform([np.arange(2.0).reshape(1, 1, 2)])[0]
    np.testing.assert_allclose(row.reshape(27, 2).sum(axis=1), 1)


FLAT_ONLY = [
    BagOfVisualWords(),
    DAISYFeatures(),
    FisherVectors(n_modes=4, n_components=8, size=64),
    GaborEnergy(),
    HOGFeatures(),
    HuMoments(),
    IntensityHistogram(grid=(2, 2)),
    LBPFeatures(),
    WaveletEnergy(),
    ZernikeMoments(),
]


@pytest.mark.parametrize("extractor", FLAT_ONLY)
def test_a_volume_is_refused_where_an_image_is_expected(extractor):
    with pytest.raises(GeometryError, match=r"2-D images, this one is 3-D; (take a slice|set ndim=3|give grid 3)"):
        extractor.fit_transform([np.ones((4, 8, 8))])


@pytest.mark.parametrize("extractor", [*FLAT_ONLY, FractalFeatures(), GradientStatistics(), HaralickFeatures()])
def test_nan_is_refused(extractor):
    with pytest.raises(ImageReadError, match="1 of 64 voxels are NaN"):
        extractor.fit_transform([np.where(np.arange(64).reshape(8, 8) == 5, np.nan, 1)])


@pytest.mark.parametrize(
    "extractor",
    [
        *[extractor for extractor in FLAT_ONLY if not isinstance(extractor, LBPFeatures)],
        FractalFeatures(),
        GradientStatistics(),
        HaralickFeatures(),
    ],
)
def test_brightness_and_contrast_do_not_matter(extractor, image):
    rows = extractor.fit([image]).transform([image, 1000 + 4 * image])
    np.testing.assert_allclose(*rows, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("extractor", "message"),
    [
        (HOGFeatures(shape=(16, 16)), "holds no block"),
        (HOGFeatures(shape=16), "shape must be two whole numbers"),
        (HOGFeatures(orientations=0), "orientations must be at least 1"),
        (LBPFeatures(points=2), "points must be at least 3"),
        (LBPFeatures(radius=0), "radius must be greater than 0"),
        (LBPFeatures(points=13, method="ror"), "points must be at most 12"),
        (LBPFeatures(ndim=4), r"ndim must be 3 \(volumes\) or 2 \(single images\), got 4"),
        (LBPFeatures(size=0), "size must be at least 1"),
        (LBPFeatures(grid=(2, 2, 2)), r"grid must be two whole numbers \(y, x\), got"),
        (LBPFeatures(ndim=3, grid=(2, 2)), r"grid must be three whole numbers \(z, y, x\), got"),
        (IntensityHistogram(grid=4), r"grid must be two whole numbers \(y, x\) or three"),
        (IntensityHistogram(bins=0), "bins must be at least 1"),
        (IntensityHistogram(range=(5, 1)), "lower bound below"),
        (IntensityHistogram(range=(0, None)), "both bounds"),
        (HaralickFeatures(n_grey_levels=257), "n_grey_levels must be at most 256"),
        (HaralickFeatures(distances=()), r"several different numbers, such as \(1, 2\)"),
        (HaralickFeatures(distances=(64,)), "distances must be less than 64"),
        (GaborEnergy(wavelengths=(1,)), "wavelengths must be at least 2"),
        (GaborEnergy(size=1), "size must be at least 2"),
        (ZernikeMoments(degree=-1), "degree must be at least 0"),
        (FractalFeatures(size=48), "power of 2, got 48"),
        (FractalFeatures(size=8), "size must be at least 16"),
        (WaveletEnergy(size=60), r"multiple of 2 \*\* levels = 8, got 60"),
        (WaveletEnergy(wavelet="db"), "did you mean"),
        (DAISYFeatures(rings=0), "rings must be at least 1"),
        (DAISYFeatures(radius=32), "leaves no room for radius=32"),
        (BagOfVisualWords(patches="surf"), "patches must be one of"),
        (BagOfVisualWords(size=32), "size must be at least 64"),
        (FisherVectors(share=0), "share must be greater than 0"),
        (FisherVectors(n_components=105), "n_components must be at most 104"),
        (FisherVectors(patches="sift"), "patches must be one of"),
        (FisherVectors(patches_per_image=10), "different patches of 1 training images .* raise patches_per_image"),
    ],
)
def test_bad_parameters_are_refused(extractor, message):
    with pytest.raises(ValueError, match=message):
        extractor.fit([RAMP])
