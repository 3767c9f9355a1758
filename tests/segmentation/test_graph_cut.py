"""GraphCut: the least cost by hand and by trying all masks."""

from itertools import product

import numpy as np
import pytest

from radlearn import Case
from radlearn.segmentation import GraphCut
from radlearn.segmentation.graph_cut import _least_cut, _log_likelihood, _network, _outline_costs


def mask_of(segmenter, image, spacing=None):
    return segmenter.fit_transform([Case(image, spacing=spacing)])[0].load().mask


def cost_of(mask, gain, outline):
    """What a mask costs, less what it costs to have nothing inside."""
    first, second, cost = outline
    return cost[mask.ravel()[first] != mask.ravel()[second]].sum() - gain[mask].sum()


@pytest.mark.parametrize("shape", [(3, 4), (2, 2, 3)])
@pytest.mark.parametrize("smoothness", [0, 0.5, 3])
def test_no_other_mask_costs_less(shape, smoothness):
    rng = np.random.default_rng(0)
    image, gain = rng.normal(size=shape), rng.normal(size=shape)
    outline = _outline_costs(image, (2.0, 1.0, 0.5)[-len(shape) :], smoothness)
    least = min(cost_of(np.reshape(mask, shape), gain, outline) for mask in product([False, True], repeat=image.size))
    mask = _least_cut(_network(gain, *outline))[: gain.size].reshape(shape)
    assert cost_of(mask, gain, outline) == pytest.approx(least, abs=0.02)


def test_the_outline_costs_less_over_edges_and_over_long_distances():
    first, second, cost = _outline_costs(np.array([[0.0, 0.0], [0.0, 4.0]]), (2.0, 1.0), smoothness=3)
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == [(0, 2), (1, 3), (0, 1), (2, 3)]
    # Two of four neighbors differ by 4: the mean squared difference is 8.
    assert cost.tolist() == pytest.approx([1.5, 1.5 / np.e, 3, 3 / np.e])


def test_intensities_are_as_likely_as_their_bin_is_full():
    # In 32 bins, the first holds 0 and 0.5, the last 31 to 32; 30.5 is alone.
    image = np.array([[0.0, 1.0, 29.5, 31.0], [0.5, 32.0, 30.5, 31.5]])
    where = np.array([[True] * 4, [False] * 4])
    full, empty = np.log(np.array([2, 1]) / (4 + 32))
    expected = [[full] * 4, [full, full, empty, full]]
    np.testing.assert_allclose(_log_likelihood(image, where), expected)


def test_smoothness_removes_what_is_small():
    rng = np.random.default_rng(0)
    truth = np.zeros((40, 40), bool)
    truth[10:30, 10:30] = True
    image = truth * 2.0 + rng.normal(size=truth.shape)
    wrong = [np.count_nonzero(mask_of(GraphCut(smoothness=value), image) != truth) for value in (0, 2, 5)]
    assert wrong[0] > 200
    assert wrong[2] < wrong[1] < wrong[0]


@pytest.mark.parametrize("image", [np.full((4, 5), 7.0), np.zeros((2, 3, 4))])
def test_a_constant_image_has_no_region(image):
    assert not mask_of(GraphCut(), image).any()
