"""Candidates: what is found, where, and what they keep of their image."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import ndimage
from skimage.feature import blob_dog, blob_log
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from radlearn import Case, Cohort, Volume
from radlearn.descriptors import IntensityHistogram
from radlearn.detection import BlobCandidates, detections, lesions_of_masks, match_candidates, to_image_scores
from radlearn.detection._spots import (
    MAX_SHARED,
    NARROWER,
    _apart,
    _difference_blobs,
    _laplacian,
    _laplacian_blobs,
    shared_part,
)
from radlearn.exceptions import CohortError, GeometryError, RadlearnWarning

METHODS = ["log", "dog", "components"]


def spots(shape, spacing, centers, radius=3.0, height=100.0):
    """Balls (radius in mm) on an even background with little noise."""
    offsets = np.moveaxis(np.indices(shape), 0, -1)[..., np.newaxis, :] - np.array(centers)
    mask = (np.linalg.norm(offsets * spacing, axis=-1) <= radius).any(axis=-1)
    image = np.random.default_rng(0).normal(0, 1, shape) + height * mask
    return image, mask


def case_of(ndim, **given):
    shape, spacing = ((40, 60), (1.0, 0.8)) if ndim == 2 else ((20, 40, 50), (2.0, 1.0, 0.8))
    centers = [(12, 20), (30, 45)] if ndim == 2 else [(6, 12, 20), (14, 28, 40)]
    image, mask = spots(shape, spacing, centers)
    return Case(image, spacing=spacing, id="image", patient="P1", meta={"site": "A"}, **given), mask, centers


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("method", METHODS)
def test_the_spots_are_the_first_candidates(method, ndim):
    case, _, centers = case_of(ndim)
    candidates = BlobCandidates(method=method, max_diameter=10, threshold=0.3).fit_transform([case])
    found = sorted(tuple(round(candidate.meta[axis]) for axis in "zyx"[-ndim:]) for candidate in candidates[:2])
    np.testing.assert_allclose(found, centers, atol=1)
    assert {round(candidate.meta["diameter"]) for candidate in candidates[:2]} <= {5, 6, 7}
    assert all(candidate.meta["contrast"] > 50 for candidate in candidates[:2])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("spacing", [(2.0, 0.5), (0.5, 2.0)])
def test_spots_are_balls_in_mm(method, spacing):
    image, ball = spots((61, 61), spacing, [(30, 30)])
    [candidate] = BlobCandidates(method=method, max_diameter=10, max_candidates=1).fit_transform(
        [Case(image, spacing=spacing)]
    )
    mask = candidate.load().mask
    assert mask.sum() == pytest.approx(ball.sum(), rel=0.25)
    np.testing.assert_array_equal(mask, mask[::-1, ::-1])


def test_a_component_rises_above_what_is_larger_than_the_largest_diameter():
    image = np.zeros((40, 40))
    image[10:24, 10:24] = 50
    image[16:19, 16:19] = 100
    [candidate] = BlobCandidates(method="components", max_diameter=10).fit_transform([image])
    assert candidate.load().mask.sum() == 9


@pytest.mark.parametrize("width", range(4, 9))
@pytest.mark.parametrize("spacing", [(1.0, 1.0), (1.0, 0.5)])
def test_a_component_may_be_as_wide_as_the_largest_diameter(width, spacing):
    image = np.zeros((40, 60))
    image[20 : 20 + width, 20 : 20 + round(width / spacing[1])] = 100
    finder = BlobCandidates(method="components", max_diameter=7)
    assert len(finder.fit_transform([Case(image, spacing=spacing)])) == (width <= 7)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("level", [-1000.0, 1000.0])
def test_candidates_do_not_depend_on_the_level_of_the_intensities(method, level):
    image, _ = spots((12, 40, 40), (5.0, 0.8, 0.8), [(3, 12, 20), (8, 28, 30)])
    finder = BlobCandidates(method=method, max_diameter=10)
    found, lifted = (finder.fit_transform([Case(one, spacing=(5.0, 0.8, 0.8))]) for one in (image, image + level))
    assert len(found) > 1
    assert [[case.meta[axis] for axis in "zyx"] for case in found] == [
        [case.meta[axis] for axis in "zyx"] for case in lifted
    ]


def test_wide_blobs_are_those_of_scikit_image():
    image = np.random.default_rng(0).normal(size=(60, 70))
    rows = blob_log(image, 2, 4, num_sigma=3, threshold=None, threshold_rel=0.4)
    expected = {(int(y), int(x), float(sigma)) for y, x, sigma in rows}
    blobs = _laplacian_blobs(image, (1, 1), np.linspace(2, 4, 3), 0.4)
    found = {(*center.tolist(), float(sigma)) for center, sigma in blobs}
    assert len(found) == len(expected) == 32
    assert len(found & expected) == 31  # second differences put one of the maxima a pixel further


@pytest.mark.parametrize("method", ["log", "dog"])
@pytest.mark.parametrize("diameter", [5, 7, 9, 11, 13])
@pytest.mark.parametrize("shape", [(60, 60), (40, 40, 40)])
def test_the_size_of_a_blob_is_off_by_half_a_step_at_most(shape, diameter, method):
    image, ball = spots(shape, (1,) * len(shape), [[length // 2 for length in shape]], radius=diameter / 2)
    scales = {"min_diameter": 3, "max_diameter": 3 * 1.6**5, "n_scales": 6}  # each is 1.6 times the one before
    [candidate] = BlobCandidates(method=method, max_candidates=1, **scales).fit_transform([image])
    width = (candidate.load().mask.sum() / ball.sum()) ** (1 / len(shape))
    assert abs(np.log(width)) < np.log(1.6) / 2 + 0.05


def test_the_last_scale_is_there_where_the_largest_diameter_is_a_power_of_the_ratio():
    image, ball = spots((60, 60), (1, 1), [(30, 30)], radius=6.4)
    [candidate] = BlobCandidates(method="dog", min_diameter=5, max_diameter=12.8, max_candidates=1).fit_transform(
        [image]
    )
    assert candidate.load().mask.sum() == ball.sum()


def test_differences_of_gaussians_have_their_maxima_where_scikit_image_finds_them():
    image = np.random.default_rng(0).normal(size=(60, 70))
    rows = blob_dog(image, 1.5, 6, threshold=None, threshold_rel=0.4)
    blobs = _difference_blobs(image, (1, 1), 1.5 * NARROWER, 6 * NARROWER, 0.4)
    found = sorted((*center.tolist(), sigma / NARROWER) for center, sigma in blobs)
    assert len(found) == 39
    np.testing.assert_allclose(found, sorted(rows.tolist()))


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize(
    ("distance", "large"), [(0.0, 1.0), (0.3, 1.5), (0.9, 1.0), (0.9, 1.6), (1.4, 1.6), (2.1, 1.2), (3.0, 1.0)]
)
def test_the_shared_part_of_two_balls_is_that_of_points(distance, large, ndim):
    points = np.random.default_rng(0).uniform(-1, 1, (200_000, ndim))
    points = points[np.linalg.norm(points, axis=1) <= 1]
    share = np.mean(np.linalg.norm(points - np.eye(ndim)[0] * distance, axis=1) <= large)
    assert shared_part(distance, large, 1.0, ndim) == pytest.approx(share, abs=0.005)


def test_balls_give_way_to_larger_ones_that_are_kept():
    centers = [(4, 0), (0, 0), (0, 1), (0, 3), (2, 0)]
    radii = [2, 3, 1, 1, 3]  # the third lies in the second; the second keeps the last off, which holds the first
    assert _apart(np.array(centers, float), np.array(radii)).tolist() == [1, 0, 3]


@pytest.mark.parametrize("shape", [(60, 70), (20, 25, 30)])
def test_no_blob_holds_most_of_another(shape):
    found = _laplacian_blobs(np.random.default_rng(0).normal(size=shape), (1,) * len(shape), np.arange(1.5, 6), 0.2)
    balls = sorted(((sigma * len(shape) ** 0.5, center) for center, sigma in found), key=lambda ball: -ball[0])
    assert len(balls) > 20
    for (large, one), (small, other) in combinations(balls, 2):
        assert shared_part(np.linalg.norm(one - other), large, small, len(shape)) <= MAX_SHARED


@pytest.mark.parametrize(("shape", "spacing"), [((41, 121), (2, 0.5)), ((31, 61, 101), (2, 1, 0.5))])
def test_the_response_to_a_gaussian_is_known(shape, spacing):
    width, sigma, ndim = 6.0, 4.0, len(shape)
    axes = np.ogrid[tuple(slice(-(length // 2), length // 2 + 1) for length in shape)]
    image = np.exp(-sum((axis * step) ** 2 for axis, step in zip(axes, spacing, strict=True)) / (2 * width**2))
    both = width**2 + sigma**2  # the variance of the image after the filter
    expected = sigma**2 * ndim / both * (width**2 / both) ** (ndim / 2)
    assert _laplacian(image, spacing, sigma).max() == pytest.approx(expected, rel=0.02)


def test_the_contrast_is_that_to_a_box_twice_as_large():
    image = np.zeros((30, 30))
    image[0:7, 10:18] = 20  # begins at the border of the image
    image[0:5, 12:16] = 100
    [candidate] = BlobCandidates(method="components", max_diameter=6, threshold=0.5).fit_transform([image])
    assert candidate.meta["contrast"] == pytest.approx(100 - (20 * (7 * 8 - 20)) / (8 * 8 - 20))


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_component_has_its_own_shape_as_its_mask(ndim):
    case, mask, _ = case_of(ndim)
    candidates = BlobCandidates(method="components", max_diameter=10, threshold=0.3).fit_transform([case])
    volumes = [candidate.load() for candidate in candidates[:2]]
    assert sum(volume.mask.sum() for volume in volumes) == mask.sum()
    assert all(volume.image[volume.mask].min() > 50 for volume in volumes)


def test_a_component_is_measured_in_mm():
    image, mask = spots((160, 80), (0.25, 0.5), [(80, 40)])
    finder = BlobCandidates(method="components", max_diameter=8)
    (candidate,) = finder.fit_transform([Case(image, spacing=(0.25, 0.5))])[:1]
    assert candidate.load().mask.sum() == pytest.approx(mask.sum(), rel=0.05)


def test_dark_spots_are_found_as_bright_ones_of_the_negative():
    case, _, _ = case_of(2)
    bright = BlobCandidates(max_diameter=10).fit_transform([case])
    dark = BlobCandidates(max_diameter=10, dark=True).fit_transform([Case(-case.load().image, spacing=case.spacing)])
    assert [dict(a.meta)["x"] for a in bright] == [dict(b.meta)["x"] for b in dark]
    assert (dark[0].load().image == -bright[0].load().image).all()


def test_a_candidate_keeps_patient_and_meta_and_names_its_image():
    case, _, _ = case_of(2)
    [candidate] = BlobCandidates(max_diameter=10, max_candidates=1).fit_transform([case])
    assert (candidate.id, candidate.patient, candidate.meta["parent"], candidate.meta["site"]) == (
        ("image:1", "P1", "image", "A")
    )


def test_patches_have_one_size_in_mm_and_repeat_the_border():
    image, _ = spots((40, 40), (2.0, 0.5), [(1, 20)], radius=2)
    [candidate] = BlobCandidates(max_diameter=6, max_candidates=1, patch_size=20).fit_transform(
        [Case(image, spacing=(2.0, 0.5))]
    )
    volume = candidate.load()
    assert volume.shape == (11, 41)
    row, column = round(candidate.meta["y"]), round(candidate.meta["x"])
    expected = np.pad(image, ((5, 5), (20, 20)), mode="edge")[row : row + 11, column : column + 41]
    np.testing.assert_allclose(volume.image, expected)
    assert volume.spacing == (2.0, 0.5)


def test_patches_that_would_fill_the_memory_are_refused():
    case = Case(np.eye(40), spacing=(0.001, 0.001), id="section")  # as of a microscope
    message = (
        "case 'section': a patch of 45 mm has 2,025,090,001 voxels of 0.001 x 0.001 mm.* choose a smaller patch_size"
    )
    with pytest.raises(GeometryError, match=message):
        BlobCandidates().fit_transform([case])
    assert len(BlobCandidates(min_diameter=0.002, max_diameter=0.015).fit_transform([case])) > 0


def test_only_spots_in_the_mask_of_the_image_count_if_asked_for():
    _, _, centers = case_of(2)
    organ = np.zeros((40, 60), np.uint8)
    organ[:, :32] = 1
    case, _, _ = case_of(2, mask=organ)
    candidates = BlobCandidates(max_diameter=10, threshold=0.3, within_mask=True).fit_transform([case])
    assert all(candidate.meta["x"] < 32 for candidate in candidates)
    assert round(candidates[0].meta["x"]) == centers[0][1]
    everywhere = BlobCandidates(max_diameter=10, threshold=0.3, max_candidates=None).fit_transform([case])
    assert any(candidate.meta["x"] > 32 for candidate in everywhere)


@pytest.mark.parametrize("method", METHODS)
def test_an_image_without_spots_or_with_gaps_does_no_harm(method):
    gaps, _ = spots((30, 30), (1, 1), [(15, 15)])
    gaps[:5] = np.nan
    candidates = BlobCandidates(method=method, max_diameter=10, max_candidates=1)
    for nothing in (np.ones((30, 30)), np.full((30, 30), np.nan)):
        assert len(candidates.fit_transform([nothing])) == 0
    [found] = candidates.fit_transform([gaps])
    assert round(found.meta["y"]) == 15


def test_two_workers_find_the_same_candidates():
    cases = Cohort([case_of(2)[0], Case(np.eye(30), id="eye")])
    alone, together = (BlobCandidates(n_jobs=n_jobs).fit_transform(cases) for n_jobs in (1, 2))
    assert [case.fingerprint() for case in alone] == [case.fingerprint() for case in together]


def test_parameters_are_kept_and_checked():
    assert clone(BlobCandidates(threshold=0.2)).get_params()["threshold"] == 0.2
    for parameters, message in [
        ({"method": "hessian"}, "method must be one of 'log', 'dog', 'components'"),
        ({"min_diameter": 0}, "min_diameter must be greater than 0, got 0; it is in mm"),
        ({"max_diameter": 1}, "max_diameter must be at least 2.0, got 1; it is in mm"),
        ({"threshold": 1.0}, "threshold must be less than 1"),
        ({"max_candidates": 0}, "max_candidates must be at least 1"),
        ({"max_candidates": 1.5}, "max_candidates must be a whole number"),
        ({"n_jobs": 1.5}, "n_jobs must be a whole number"),
        ({"n_jobs": 0}, "n_jobs must not be 0"),
    ]:
        with pytest.raises((TypeError, ValueError), match=message):
            BlobCandidates(**parameters).fit([np.eye(9)])


@pytest.mark.parametrize("ndim", [2, 3])
def test_candidates_that_hit_a_lesion_are_labeled(ndim):
    case, mask, _ = case_of(ndim)
    candidates = BlobCandidates(max_diameter=10, threshold=0.05).fit_transform([case])
    lesions = lesions_of_masks([Case(case.image, mask=mask.astype(np.uint8), id="image")])
    assert len(lesions) == 2
    for overlap in (None, 0.3):
        y = match_candidates(candidates, lesions, overlap=overlap)
        assert y.tolist() == [1, 1]
    told = "all labels are 0; the first case is 'another' in lesions, 'image' in"
    with pytest.warns(RadlearnWarning, match=told) as warned:
        assert not match_candidates(candidates, lesions.assign(case="another")).any()
    assert warned[0].filename == __file__


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("overlap", [None, 0.3])
def test_candidates_beside_the_lesions_are_not_labeled(ndim, overlap):
    case, mask, _ = case_of(ndim)
    mask[..., 32:] = False  # leaves the first of two spots
    candidates = BlobCandidates(max_diameter=10, threshold=0.05).fit_transform([case])
    lesions = lesions_of_masks([Case(case.image, mask=mask.astype(np.uint8), id="image")])
    labels = match_candidates(candidates, lesions, overlap=overlap)
    assert labels.tolist() == [int(candidate.meta["x"] < 32) for candidate in candidates]
    assert sorted(labels) == [0, 1]


def test_candidates_are_labeled_by_the_lesions_of_their_own_image():
    def box(case, y):
        return {"case": case, "y": y, "x": 5, "height": 4, "width": 4}

    places = [("b", 5), ("c", 5), ("a", 20), ("b", 20), ("a", 5), ("d", 5)]
    candidates = Cohort(
        Case(np.eye(3), id=f"{case}:{number}", meta={**box(case, y), "parent": case})
        for number, (case, y) in enumerate(places)
    )
    lesions = pd.DataFrame([box("e", 20), box("b", 6), box("a", 19), box("c", 30), box("b", 9)])
    assert match_candidates(candidates, lesions).tolist() == [1, 0, 1, 0, 0, 0]


def test_candidates_become_a_table_with_their_ids():
    case, _, _ = case_of(2)
    steps = make_pipeline(BlobCandidates(max_diameter=10, max_candidates=2), IntensityHistogram(bins=2))
    table = steps.set_output(transform="pandas").fit_transform([case])
    assert table.index.tolist() == ["image:1", "image:2"]
    assert table.columns.tolist() == steps.get_feature_names_out().tolist()


def test_lesions_of_pictures_are_none_of_volumes():
    case, mask, _ = case_of(3)
    lesions = lesions_of_masks([Case(case.image, mask=mask.astype(np.uint8), id="image")])
    candidates = BlobCandidates(max_diameter=10).fit_transform([case])
    with pytest.raises(CohortError, match="the boxes of lesions lack the columns z and depth that candidates have"):
        match_candidates(candidates, lesions.drop(columns=["z", "depth"]))
    assert match_candidates(candidates[:0], lesions).size == 0
    assert not match_candidates(candidates, lesions[:0]).any()


@pytest.mark.parametrize("shapes", [[(5, 5), (4, 5, 5)], [(4, 5, 5), (5, 5)]])
def test_a_table_of_lesions_has_one_number_of_axes(shapes):
    masks = [np.pad(np.ones(shape, int), 1) for shape in shapes]
    cases = [Case(mask.astype(float), mask=mask, id=str(mask.ndim)) for mask in masks]
    with pytest.raises(CohortError, match=rf"case '{len(shapes[1])}' is {len(shapes[1])}-D, the first, '"):
        lesions_of_masks(cases)


def test_lesions_of_masks_are_its_connected_parts():
    mask = np.zeros((3, 6, 6), np.uint8)
    mask[0, 1:3, 1:5] = mask[1, 3, 5] = mask[2, 5, 5] = 1  # the first two touch at a corner
    table = lesions_of_masks([Case(np.zeros(mask.shape), mask=mask, id="a"), Case(np.zeros((3, 6, 6)), id="b")])
    assert table.to_dict("list") == {
        "case": ["a", "a"],
        "z": [0.5, 2.0],
        "y": [2.0, 5.0],
        "x": [3.0, 5.0],
        "depth": [2, 1],
        "height": [3, 1],
        "width": [5, 1],
    }


def test_no_images_have_no_lesions():
    assert lesions_of_masks(Cohort([])).to_dict("list") == {"case": [], "y": [], "x": [], "height": [], "width": []}


def test_scores_come_back_to_the_images():
    case, _, _ = case_of(2)
    candidates = BlobCandidates(max_diameter=10, max_candidates=2).fit_transform([case])
    images = [Case(np.eye(4), id="empty"), case]
    np.testing.assert_allclose(to_image_scores(candidates, [0.2, 0.5], images), [0, 0.5])
    np.testing.assert_allclose(to_image_scores(candidates, [0.2, 0.5], images, how="noisy_or"), [0, 0.6])
    np.testing.assert_allclose(to_image_scores(candidates, [1.0, 1.0], images, how="noisy_or"), [0, 1])
    np.testing.assert_allclose(to_image_scores(candidates[:0], [], images), [0, 0])
    np.testing.assert_allclose(to_image_scores(candidates, [-2.0, -0.5], images), [-2, -0.5])


def test_scores_that_do_not_fit_are_refused():
    case, _, _ = case_of(2)
    candidates = BlobCandidates(max_diameter=10, max_candidates=2).fit_transform([case])
    with pytest.raises(CohortError, match="the image 'image' of some candidates is not in X"):
        to_image_scores(candidates, [0.2, 0.5], [np.eye(4)])
    with pytest.raises(ValueError, match="probabilities from 0 to 1"):
        to_image_scores(candidates, [0.2, 5], [case], how="noisy_or")
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        detections(candidates, [0.2])
    with pytest.raises(ValueError, match="scores contains NaN"):
        detections(candidates, [0.2, np.nan])
    with pytest.raises(CohortError, match=r"lesions is a Cohort, not a table of boxes; .*lesions_of_masks makes it"):
        match_candidates(candidates, Cohort([case]))
    with pytest.raises(CohortError, match="case 'image' is not a candidate; pass what BlobCandidates gives"):
        detections([case], [1])


def test_without_a_mask_the_whole_image_is_made_its_region_once(monkeypatch):
    made = []
    monkeypatch.setattr(Volume, "region", property(lambda self: made.append(1) or np.ones(self.shape, bool)))
    image = np.random.default_rng(0).normal(size=(60, 60))
    assert len(BlobCandidates(max_diameter=6, within_mask=True).fit_transform([image])) > 1
    assert len(made) == 1


def test_lesions_are_searched_around_the_mask_only(monkeypatch):
    shapes, label = [], ndimage.label
    mask = np.zeros((30, 50, 40), np.uint8)
    mask[11:14, 20:22, 7], mask[16, 24:30, 9:12], mask[12, 29, 20] = 1, 1, 1
    expected = [(*np.add(box_start, np.subtract(shape, 1) / 2), *shape) for box_start, shape in _boxes_of(mask)]
    monkeypatch.setattr(
        ndimage, "label", lambda array, **options: shapes.append(array.shape) or label(array, **options)
    )
    table = lesions_of_masks([Case(np.zeros(mask.shape), mask=mask, id="a")])
    np.testing.assert_array_equal(table.drop(columns="case").to_numpy(float), expected)
    assert shapes == [(6, 10, 14)]


def _boxes_of(mask):
    """First voxel and shape of each connected part, found in the whole mask."""
    for box in ndimage.find_objects(ndimage.label(mask, np.ones((3, 3, 3)))[0]):
        yield [along.start for along in box], mask[box].shape
