"""Grids and the values on them: IBSI's number of voxels, laws of interpolation, missing intensities."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import ndimage
from sklearn.pipeline import make_pipeline

from radlearn.exceptions import GeometryError
from radlearn.preprocessing import (
    NormalizeIntensity,
    NyulNormalizer,
    RemoveBackground,
    Resample,
    ResizeImage,
    WhiteStripe,
)
from radlearn.preprocessing.grid import INTERPOLATIONS, centered_grid, image_on_grid, mask_on_grid, spaced_grid
from radlearn.preprocessing.region import THRESHOLDS
from radlearn.segmentation import ThresholdSegmenter


@pytest.mark.parametrize(
    ("shape", "old", "new", "expected"),
    [
        ((60, 201, 204), (3, 0.977, 0.977), (2, 2, 2), (90, 99, 100)),
        ((4, 4), (1, 1), (2, 2), (2, 2)),
        ((5, 5), (1, 1), (2, 2), (3, 3)),
        ((10,), (0.1,), (0.2,), (5,)),
        ((3,), (0.7,), (0.3,), (7,)),
        ((2,), (1.00000005,), (1,), (2,)),
        ((512,), (float(np.float32(0.7)),), (0.7,), (512,)),
        ((1, 5), (5, 1), (1, 50), (5, 1)),
    ],
)
def test_the_grid_has_as_many_voxels_as_ibsi_says(shape, old, new, expected):
    assert spaced_grid(shape, old, new).shape == expected


@settings(deadline=None)
@given(n=st.integers(1, 60), old=st.floats(0.1, 5), new=st.floats(0.1, 5))
def test_the_new_grid_covers_the_old_one_around_the_same_center(n, old, new):
    grid = spaced_grid((n,), (old,), (new,))
    assert n * old * (1 - 1e-5) <= grid.shape[0] * new < n * old + new
    assert grid.scale[0] * (grid.shape[0] - 1) / 2 + grid.offset[0] == pytest.approx((n - 1) / 2)


def test_a_grid_that_fills_the_memory_is_refused_before():
    with pytest.raises(GeometryError, match=r"60000 x 60000 x 60000 voxels is too large.*larger spacing"):
        spaced_grid((60, 60, 60), (1, 1, 1), (0.001, 0.001, 0.001))


BLANK = [
    (NormalizeIntensity(), 0),
    (NormalizeIntensity(method="percentile"), 0),
    (WhiteStripe(), 0),
    (NyulNormalizer(), 50),
    *((RemoveBackground(threshold=threshold), 3.3) for threshold in THRESHOLDS),
]


@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
@pytest.mark.parametrize(("step", "expected"), BLANK, ids=repr)
def test_a_blank_image_stays_blank_behind_interpolation(step, expected, interpolation):
    pipeline = make_pipeline(Resample(spacing=0.7, interpolation=interpolation), step)
    image = pipeline.fit_transform([np.full((40, 50), 3.3)])[0].load().image
    np.testing.assert_allclose(image, expected, atol=1e-12)


@pytest.mark.parametrize("step", [Resample(spacing=0.5), ResizeImage(), ResizeImage(interpolation="nearest")], ids=repr)
def test_an_empty_mask_stays_empty(step):
    case = make_pipeline(ThresholdSegmenter(), step).fit_transform([np.ones((4, 5))])[0]  # without a finding
    assert not case.load().mask.any()


def test_linear_midpoints_by_hand():
    grid = spaced_grid((2,), (1,), (0.5,))
    np.testing.assert_allclose(image_on_grid(np.array([0.0, 10.0]), grid), [0, 2.5, 7.5, 10])


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("scale", [0.4, 1.0, 2.3])
def test_a_constant_stays_constant_up_to_the_border(interpolation, scale):
    grid = spaced_grid((6, 7), (1, 1), (scale, 1))
    np.testing.assert_allclose(image_on_grid(np.full((6, 7), 4.0), grid, interpolation), 4)


def test_cubic_reproduces_a_cubic_inside():
    x = np.arange(40.0)
    grid = spaced_grid((40,), (1,), (0.7,))
    position = grid.scale[0] * np.arange(grid.shape[0]) + grid.offset[0]
    inside = (position > 15) & (position < 25)
    values = image_on_grid((x - 20) ** 3, grid, "cubic")
    np.testing.assert_allclose(values[inside], (position[inside] - 20) ** 3, atol=1e-3)


@pytest.mark.parametrize("spacing", [(1, 0.7, 2.3), (0.4, 3, 1), (9, 0.5, 1)])
def test_a_cubic_spline_along_one_axis_after_the_other_is_that_of_all(spacing):
    image = np.random.default_rng(0).normal(size=(3, 9, 14))
    grid = spaced_grid(image.shape, (1, 1, 1), spacing)
    places = np.array(grid.scale), grid.offset, grid.shape
    expected = ndimage.affine_transform(image, *places, order=3, mode="nearest")
    np.testing.assert_allclose(image_on_grid(image, grid, "cubic"), expected, atol=1e-12)


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_the_old_grid_gives_the_old_image_bit_by_bit(interpolation):
    image = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
    np.testing.assert_array_equal(image_on_grid(image, centered_grid((5, 6), (5, 6), (1.0, 1.0)), interpolation), image)


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_a_missing_intensity_stays_and_does_not_spread(interpolation, missing):
    image = np.ones((9, 9))
    image[0, 0] = missing
    new = image_on_grid(image, spaced_grid((9, 9), (1, 1), (0.5, 0.5)), interpolation)
    expected = np.ones((18, 18))
    expected[:2, :2] = missing
    np.testing.assert_allclose(new, expected)


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_far_from_a_missing_intensity_nothing_changes(interpolation):
    image = np.random.default_rng(0).normal(size=(20, 9))
    grid = spaced_grid(image.shape, (1, 1), (0.7, 0.7))
    expected = image_on_grid(image, grid, interpolation)
    image[0] = np.nan
    np.testing.assert_allclose(image_on_grid(image, grid, interpolation)[14:], expected[14:], atol=1e-4)


def test_an_image_of_nan_stays_one():
    assert np.isnan(image_on_grid(np.full((3, 3), np.nan), spaced_grid((3, 3), (1, 1), (0.5, 0.5)))).all()


@pytest.mark.parametrize("spacing", [1.0, float(np.float32(0.7)), 1 / 3])
def test_a_half_full_voxel_belongs_to_the_mask_whatever_rounding_does(spacing):
    mask = np.zeros((1, 400), bool)
    mask[:, 1:399:2] = True
    grid = spaced_grid(mask.shape, (1, spacing), (1, round(2 * spacing, 6)))
    assert mask_on_grid(mask, grid)[0, 1:-1].all()


@settings(deadline=None)
@given(
    sizes=st.tuples(st.integers(1, 12), st.integers(1, 30)),
    spacing=st.tuples(st.floats(0.2, 9), st.floats(0.2, 9)),
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)),
    anti_alias=st.booleans(),
)
def test_a_mask_on_a_grid_is_that_of_the_whole_image_beyond_its_box_too(sizes, spacing, ends, anti_alias):
    mask = np.zeros(sizes, bool)
    rows, columns = (
        sorted(round(end * size) for end in pair) for pair, size in zip((ends[:2], ends[2:]), sizes, strict=True)
    )
    mask[slice(*rows), slice(*columns)] = True
    grid = spaced_grid(sizes, (1, 1), spacing)
    whole = image_on_grid(mask.astype(float), grid, anti_alias=anti_alias) >= 0.5 - 1e-4
    np.testing.assert_array_equal(mask_on_grid(mask, grid, anti_alias=anti_alias), whole)


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("missing", [False, True])
def test_single_precision_is_double_precision_rounded(interpolation, missing):
    image = np.random.default_rng(0).normal(size=(8, 9)).astype(np.float32)
    image[2, 3] = np.nan if missing else 0
    grid = spaced_grid((8, 9), (1, 1), (0.7, 1.6))
    single = image_on_grid(image, grid, interpolation, dtype=np.float32)
    assert single.dtype == np.float32
    np.testing.assert_array_equal(single, image_on_grid(image, grid, interpolation).astype(np.float32))
