"""What all segmenters do alike: they find a plain structure, look at the image alone, and heed the spacing."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone

from radlearn import Case, Volume
from radlearn.evaluation import dice
from radlearn.exceptions import ImageReadError
from radlearn.segmentation import (
    ActiveContour,
    ClusterSegmenter,
    GraphCut,
    RandomWalker,
    RegionGrowing,
    ThresholdSegmenter,
    WatershedSegmenter,
)

SEGMENTERS = [
    *(ThresholdSegmenter(method=method, n_classes=2) for method in ("otsu", "multi_otsu", "li", "triangle", "yen")),
    ThresholdSegmenter(method="fixed", threshold=130),
    RegionGrowing(sigma=0.5, tolerance=1.8),
    WatershedSegmenter(),
    ClusterSegmenter(n_clusters=2),
    ClusterSegmenter(n_clusters=2, scope="case"),
    ClusterSegmenter(method="gaussian_mixture", n_clusters=2),
    ClusterSegmenter(method="gaussian_mixture", n_clusters=2, scope="case"),
    ActiveContour(n_iterations=10),
    ActiveContour(method="geodesic", n_iterations=10),
    RandomWalker(sigma=0.5),
    GraphCut(),
]
AUTOMATIC = [segmenter for segmenter in SEGMENTERS if segmenter.get_params().get("method") != "fixed"]
# All of a constant image is as bright as its seed.
FIND_CONTRAST = [segmenter for segmenter in AUTOMATIC if not isinstance(segmenter, RegionGrowing)]
# The other thresholds are made for bright structures.
FIND_DARK = [s for s in FIND_CONTRAST if s.get_params().get("method") not in ("triangle", "yen")]

each_segmenter = pytest.mark.parametrize("segmenter", SEGMENTERS, ids=repr)
each_automatic = pytest.mark.parametrize("segmenter", AUTOMATIC, ids=repr)


def mask_of(segmenter, case, cohort=None):
    return clone(segmenter).fit(cohort or [case]).transform([case])[0].load().mask


@each_segmenter
@pytest.mark.parametrize("ndim", [2, 3])
def test_a_bright_ball_is_found(segmenter, ndim, ball_case):
    case = ball_case(ndim)
    assert dice(case.load().mask, mask_of(segmenter, case)) > 0.85


@pytest.mark.parametrize("segmenter", [*FIND_DARK, RegionGrowing(seed="darkest", sigma=0.5, tolerance=1.8)], ids=repr)
def test_a_dark_disk_is_found(segmenter, ball_case):
    case = ball_case(2, contrast=-60)
    assert dice(case.load().mask, mask_of(segmenter, case)) > 0.85


@each_segmenter
@pytest.mark.parametrize("ndim", [2, 3])
def test_the_mask_that_is_given_has_no_influence(segmenter, ndim, ball_case):
    case = ball_case(ndim)
    expected = mask_of(segmenter, case)
    other = np.zeros(case.load().shape, np.uint8)
    other[(slice(0, 3),) * ndim] = 1
    for mask in (None, other):
        np.testing.assert_array_equal(mask_of(segmenter, replace(case, mask=mask)), expected)


@pytest.mark.parametrize("segmenter", FIND_CONTRAST, ids=repr)
@pytest.mark.parametrize("value", [0.0, 5.0, 0.1, -7.3e6])
@pytest.mark.parametrize("parameters", [{}, {"sigma": 1.3, "background": 4.1}], ids=repr)
def test_a_constant_image_has_an_empty_mask(segmenter, value, parameters):
    assert not mask_of(clone(segmenter).set_params(**parameters), Case(np.full((18, 19), value))).any()


@each_segmenter
def test_rounding_errors_are_no_structure(segmenter):
    image = np.full((18, 19), 1e6)
    image[5:9, 6:12] = np.nextafter(1e6, np.inf)
    constant = mask_of(segmenter, Case(np.full((18, 19), 1e6)))
    np.testing.assert_array_equal(mask_of(segmenter, Case(image)), constant)


@each_automatic
@pytest.mark.parametrize(("factor", "offset"), [(4.0, -512), (1e-9, 0)])
def test_the_unit_of_the_intensities_does_not_matter(segmenter, factor, offset, ball_case):
    case = ball_case(2)
    scaled = Case(case.load().image.astype(float) * factor + offset, spacing=case.load().spacing)
    assert dice(mask_of(segmenter, case), mask_of(segmenter, scaled)) > 0.99


@each_automatic
def test_doubling_the_spacing_and_the_lengths_changes_nothing(segmenter, ball_case):
    case = ball_case(3)
    wide = replace(case, spacing=tuple(2 * step for step in case.load().spacing))
    doubled = clone(segmenter).set_params(sigma=2 * segmenter.sigma, background=None)
    np.testing.assert_array_equal(mask_of(doubled, wide), mask_of(segmenter, case))


@each_segmenter
def test_voxels_without_intensity_never_belong_to_the_mask(segmenter, ball_case):
    volume = ball_case(2).load()
    image = volume.image.copy()
    hole = (slice(17, 20), slice(19, 22))
    image[hole] = np.nan
    image[0, 0] = np.inf
    mask = mask_of(segmenter, Case(image, spacing=volume.spacing))
    assert not mask[hole].any()
    assert not mask[0, 0]
    assert dice(volume.mask & np.isfinite(image), mask) > 0.85


MEASURES_KNOWN_VOXELS = [s for s in SEGMENTERS if not isinstance(s, (WatershedSegmenter, ActiveContour, RandomWalker))]


@pytest.mark.parametrize("segmenter", MEASURES_KNOWN_VOXELS, ids=repr)
def test_what_was_never_measured_around_an_image_does_not_matter(segmenter, ball_case):
    volume = ball_case(2).load()
    bright = {"side": "bright"} if hasattr(segmenter, "side") else {}  # the border, by which "auto" goes, is unknown
    segmenter = clone(segmenter).set_params(sigma=0, **bright)
    ramp = volume.image + 3 * np.arange(40, dtype=np.float32)
    around = Case(np.pad(ramp, 30, constant_values=np.nan), spacing=volume.spacing)
    expected = mask_of(segmenter, Case(ramp, spacing=volume.spacing))
    np.testing.assert_array_equal(mask_of(segmenter, around), np.pad(expected, 30))


@pytest.mark.parametrize("parameters", [{"method": "chan_vese"}, {"method": "geodesic"}], ids=repr)
def test_outlines_start_from_what_was_measured(parameters, ball_case):
    image = ball_case(2).load().image + 3 * np.arange(40, dtype=np.float32)
    segmenter = ActiveContour(n_iterations=0, sigma=0, **parameters)
    around = mask_of(segmenter, Case(np.pad(image, 30, constant_values=np.nan)))
    np.testing.assert_array_equal(around, np.pad(mask_of(segmenter, Case(image)), 30))


@pytest.mark.parametrize("kind", [WatershedSegmenter, RandomWalker])
def test_classes_are_those_of_what_was_measured(kind, ball_case):
    image = ball_case(2).load().image + 3 * np.arange(40, dtype=np.float32)
    segmenter = kind(n_classes=2, sigma=0)  # no class is in doubt
    around = mask_of(segmenter, Case(np.pad(image, 30, constant_values=np.nan)))
    np.testing.assert_array_equal(around, np.pad(mask_of(segmenter, Case(image)), 30))


@pytest.mark.filterwarnings("error")
@each_segmenter
def test_known_voxels_may_be_few_and_scattered(segmenter):
    image = np.full((9, 9), np.nan)
    image[::2, ::2] = np.arange(25.0).reshape(5, 5) > 12
    assert not mask_of(segmenter, Case(image))[np.isnan(image)].any()


@each_segmenter
def test_an_image_without_intensities_is_refused(segmenter):
    segmenter = clone(segmenter).fit([np.eye(5)])
    with pytest.raises(ImageReadError, match=r"none of the 9 voxels has a finite intensity.*check how the image"):
        segmenter.transform([np.full((3, 3), np.nan)])[0].load()


@each_segmenter
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (1, 9, 9), (3, 1, 6)])
def test_thin_images_are_segmented(segmenter, shape):
    image = np.arange(np.prod(shape), dtype=float).reshape(shape)
    assert mask_of(segmenter, Case(image)).shape == shape


def test_the_image_itself_stays_whatever_is_smoothed(ball_case):
    case = ball_case(2)
    found = ThresholdSegmenter(sigma=3, background=10).fit_transform([case])[0].load()
    np.testing.assert_array_equal(found.image, case.load().image)


def test_the_background_takes_a_slope_out_of_the_image(ball_case):
    volume = ball_case(2, radius=5).load()
    slope = Case(volume.image + 2.0 * np.arange(40), spacing=volume.spacing)
    assert dice(volume.mask, mask_of(ThresholdSegmenter(), slope)) < 0.3
    assert dice(volume.mask, mask_of(ThresholdSegmenter(background=8), slope)) > 0.9


def test_sigma_counts_mm_along_every_axis():
    image = np.zeros((9, 9))
    image[4, 4] = 1
    segmenter = ThresholdSegmenter(method="fixed", threshold=0.001, sigma=2).fit([image])
    mask = segmenter._transform_volume(Volume(image, spacing=(4, 1))).mask
    assert mask.any(axis=1).sum() < mask.any(axis=0).sum()


def test_walkers_take_the_smallest_spacing_as_the_unit_of_length():
    image = np.random.default_rng(0).normal(size=(20, 30)).cumsum(axis=1)
    spacings = [(4, 1), (40, 10), (1, 1)]
    thin, wide, square = (mask_of(RandomWalker(), Case(image, spacing=spacing)) for spacing in spacings)
    np.testing.assert_array_equal(thin, wide)
    assert (thin != square).any()


@each_segmenter
def test_wrong_widths_are_refused(segmenter):
    with pytest.raises(ValueError, match=r"sigma must be at least 0, got -1; sigma is in mm"):
        clone(segmenter).set_params(sigma=-1).fit([np.eye(3)])
    with pytest.raises(ValueError, match=r"background must be greater than 3, got 2; it is the wider Gaussian"):
        clone(segmenter).set_params(sigma=3, background=2).fit([np.eye(3)])


@pytest.mark.parametrize(
    ("segmenter", "message"),
    [
        (ActiveContour(balloon=2), "balloon must be at most 1"),
        (ActiveContour(n_iterations=-1), "n_iterations must be at least 0"),
        (ActiveContour(smoothing=-1), "smoothing must be at least 0"),
        (ClusterSegmenter(n_clusters=0), "n_clusters must be at least 1"),
        (ClusterSegmenter(n_voxels=0), "n_voxels must be at least 1"),
        (ClusterSegmenter(random_state=-1), "random_state must be at least 0"),
        (GraphCut(smoothness=1001), "smoothness must be at most 1000"),
        (GraphCut(n_classes=6), "n_classes must be at most 5"),
        (RandomWalker(beta=0), "beta must be greater than 0"),
        (RandomWalker(n_classes=1), "n_classes must be at least 2"),
        (RegionGrowing(tolerance=-1), "tolerance must be at least 0"),
        (WatershedSegmenter(n_classes=1), "n_classes must be at least 2"),
    ],
)
def test_numbers_out_of_bounds_are_refused(segmenter, message):
    with pytest.raises(ValueError, match=message):
        segmenter.fit([np.eye(3)])


@pytest.mark.parametrize("kind", [WatershedSegmenter, RandomWalker])
def test_only_the_class_next_to_the_region_is_in_doubt(kind):
    image = np.array([[0.0, 0, 0, 3, 3, 3, 6, 9, 9, 9, 6, 3, 3, 3, 0, 0, 0]])
    masks = {n: mask_of(kind(n_classes=n, sigma=0), Case(image)) for n in (2, 3, 4)}
    np.testing.assert_array_equal(masks[2], image >= 6)
    assert not (masks[3] & (image == 0)).any()
    assert not (masks[4] & (image <= 3)).any()
    assert all(mask[image == 9].all() for mask in masks.values())
