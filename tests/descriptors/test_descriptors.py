"""HOG, LBP and the intensity histogram: hand-made images, and what scikit-image gives."""

import numpy as np
import pytest
from skimage.feature import hog, local_binary_pattern

from radlearn.descriptors import HOGFeatures, IntensityHistogram, LBPFeatures
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


def test_lbp_is_that_of_scikit_image():
    image = np.random.default_rng(0).integers(0, 256, (40, 30))
    image[0, :2] = 0, 255
    row = LBPFeatures(radius=1).fit_transform([image])[0]
    patterns = local_binary_pattern(image.astype(np.uint8), 8, 1, method="uniform")
    np.testing.assert_allclose(row, np.bincount(patterns.astype(int).ravel(), minlength=10) / patterns.size)


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


def test_histogram_by_hand():
    image = np.array([[0, 1, 2], [3, 4, 99]])
    row = IntensityHistogram(bins=2, range=(0, 4)).fit_transform([image])[0]
    np.testing.assert_allclose(row, [2 / 6, 4 / 6])
    volume = IntensityHistogram(bins=3).fit_transform([np.arange(27).reshape(3, 3, 3)])[0]
    np.testing.assert_allclose(volume, 1 / 3)


@pytest.mark.parametrize("extractor", [HOGFeatures(), LBPFeatures()])
def test_a_volume_is_refused(extractor):
    with pytest.raises(GeometryError, match="2-D images, this one is 3-D; take a slice"):
        extractor.fit_transform([np.ones((4, 8, 8))])


@pytest.mark.parametrize("extractor", [HOGFeatures(), LBPFeatures(), IntensityHistogram()])
def test_nan_is_refused(extractor):
    with pytest.raises(ImageReadError, match="1 of 64 voxels are NaN"):
        extractor.fit_transform([np.where(np.arange(64).reshape(8, 8) == 5, np.nan, 1)])


@pytest.mark.parametrize(
    ("extractor", "message"),
    [
        (HOGFeatures(shape=(16, 16)), "holds no block"),
        (HOGFeatures(shape=16), "shape must be two whole numbers"),
        (HOGFeatures(orientations=0), "orientations must be at least 1"),
        (LBPFeatures(points=2), "points must be at least 3"),
        (LBPFeatures(radius=0), "radius must be greater than 0"),
        (IntensityHistogram(bins=0), "bins must be at least 1"),
        (IntensityHistogram(range=(5, 1)), "lower bound below"),
        (IntensityHistogram(range=(0, None)), "both bounds"),
    ],
)
def test_bad_parameters_are_refused(extractor, message):
    with pytest.raises(ValueError, match=message):
        extractor.fit([RAMP])
