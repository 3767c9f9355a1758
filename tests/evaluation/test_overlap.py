"""Dice, Jaccard, Hausdorff and surface distance: by hand, by laws, and against other implementations."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist
from skimage.metrics import hausdorff_distance
from sklearn.metrics import f1_score, jaccard_score

from radlearn.evaluation import dice, hausdorff, jaccard, surface_distance
from radlearn.exceptions import GeometryError, MaskError

EMPTY = np.zeros((4, 5), bool)
DOT = EMPTY.copy()
DOT[1, 2] = True

pairs = st.sampled_from([(4, 6), (3, 4, 5)]).flatmap(
    lambda shape: st.tuples(arrays(bool, shape, fill=st.just(False)), arrays(bool, shape, fill=st.just(False)))
)
spacings = st.sampled_from([0.5, 1.0, 2.5])


def box(shape, *slices):
    mask = np.zeros(shape, bool)
    mask[slices] = True
    return mask


@pytest.mark.parametrize(
    ("measure", "both", "one"), [(dice, 1, 0), (jaccard, 1, 0), (hausdorff, 0, np.inf), (surface_distance, 0, np.inf)]
)
def test_empty_masks_have_documented_values(measure, both, one):
    assert measure(EMPTY, EMPTY) == both
    assert measure(EMPTY, DOT) == measure(DOT, EMPTY) == one


@pytest.mark.parametrize("measure", [dice, jaccard, hausdorff, surface_distance])
def test_masks_on_different_grids_are_refused(measure):
    with pytest.raises(GeometryError, match=r"true mask has shape \(4, 5\), the one found \(4, 6\)") as caught:
        measure(EMPTY, np.zeros((4, 6)))
    assert "ToMask" not in str(caught.value)  # in front of a segmenter it would tell where to look


@pytest.mark.parametrize("measure", [dice, jaccard, hausdorff, surface_distance])
@pytest.mark.parametrize("value", [0.25, np.nan])
def test_probabilities_are_no_mask(measure, value):
    with pytest.raises(MaskError, match=rf"the mask that was found holds 0, {value}, not whole numbers; threshold it"):
        measure(DOT, np.where(DOT, value, 0))
    assert measure(DOT, DOT.astype(float)) == measure(DOT, 3 * DOT.astype(int)) == measure(DOT, DOT)


@pytest.mark.parametrize("measure", [dice, jaccard, hausdorff, surface_distance])
@pytest.mark.parametrize("dtype", [int, float])
def test_labels_are_not_merged_unasked(measure, dtype):
    labels = np.array([[1, 1, 0], [0, 2, 4]], dtype)
    with pytest.raises(MaskError, match="the true mask holds several labels: 1, 2, 4; compare one"):
        measure(labels, labels[:, ::-1])
    with pytest.raises(MaskError, match="several labels: 1, 2, 3, 4, 5, 6 and 13 more; compare one"):
        measure(np.arange(20, dtype=dtype), np.zeros(20))
    assert measure(labels == 2, labels == 2) == measure(labels > 0, labels > 0) == measure(DOT, DOT)


@settings(max_examples=60, deadline=None)
@given(pairs)
def test_overlap_is_the_f1_score_and_the_jaccard_score_of_voxels(pair):
    truth, found = pair
    if truth.any() or found.any():
        assert dice(truth, found) == pytest.approx(f1_score(truth.ravel(), found.ravel()))
        assert jaccard(truth, found) == pytest.approx(jaccard_score(truth.ravel(), found.ravel()))


@pytest.mark.parametrize(("spacing", "distance"), [(None, 3), ((1, 2), 6), ((5, 0.5), 1.5)])
def test_distances_of_two_dots_are_in_mm(spacing, distance):
    truth, found = box((4, 6), 1, 1), box((4, 6), 1, 4)
    assert hausdorff(truth, found, spacing) == surface_distance(truth, found, spacing) == distance


def test_shells_of_two_boxes_lie_one_slice_apart():
    inner, outer = (box((7, 9, 9), slice(2 - by, 5 + by), slice(2, 7), slice(2, 7)) for by in (0, 1))
    assert hausdorff(inner, outer, (3, 1, 1), percentile=100) == 3


def test_the_inside_of_a_mask_is_no_surface():
    solid, hollow = box((9, 9), slice(1, 8), slice(1, 8)), box((9, 9), slice(1, 8), slice(1, 8))
    hollow[4, 4] = False
    assert surface_distance(solid, solid) == 0
    assert surface_distance(solid, hollow) > 0


def test_a_stray_voxel_does_not_decide_the_95_percent_distance():
    truth = box((40, 40), slice(5, 20), slice(5, 20))
    found = truth.copy()
    found[38, 38] = True
    assert hausdorff(truth, found) == 0
    assert hausdorff(truth, found, percentile=100) == pytest.approx(np.hypot(19, 19))


def surface(mask):
    """Voxels with a neighbor across a face that is outside of the mask or of the image."""
    padded = np.pad(mask, 1)
    return [
        index
        for index in np.argwhere(padded)
        if not all(
            padded[tuple(index + step)] for step in [*np.eye(mask.ndim, dtype=int), *-np.eye(mask.ndim, dtype=int)]
        )
    ]


@settings(max_examples=60, deadline=None)
@given(pairs, st.tuples(spacings, spacings, spacings), st.sampled_from([50, 95, 100]))
def test_distances_are_those_between_all_pairs_of_surface_voxels(pair, spacing, percentile):
    truth, found = pair
    if not (truth.any() and found.any()):
        return
    spacing = spacing[-truth.ndim :]
    table = cdist(*(np.array(surface(mask)) * spacing for mask in pair))
    there, back = table.min(axis=1), table.min(axis=0)
    expected = max(np.percentile(there, percentile), np.percentile(back, percentile))
    assert hausdorff(truth, found, spacing, percentile=percentile) == pytest.approx(expected)
    assert surface_distance(truth, found, spacing) == pytest.approx(np.mean([*there, *back]))


def test_the_classical_distance_is_that_of_scikit_image():
    rng = np.random.default_rng(0)
    truth, found = rng.random((2, 6, 7, 8)) < 0.05
    assert hausdorff(truth, found, percentile=100) == pytest.approx(hausdorff_distance(truth, found))


@settings(max_examples=30, deadline=None)
@given(pairs)
def test_order_and_mirrors_do_not_matter_and_spacing_scales_distances(pair):
    truth, found = pair
    for measure in (dice, jaccard, hausdorff, surface_distance):
        assert measure(truth, found) == pytest.approx(measure(found, truth))
        assert measure(truth, found) == pytest.approx(measure(truth[::-1], found[::-1]))
    for measure in (hausdorff, surface_distance):
        assert 2 * measure(truth, found) == pytest.approx(measure(truth, found, (2,) * truth.ndim))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"percentile": 0}, "percentile must be greater than 0"),
        ({"percentile": 101}, "percentile must be at most 100"),
        ({"spacing": (1,)}, "spacing"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        hausdorff(DOT, DOT, **arguments)
