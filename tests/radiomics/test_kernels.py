"""Each kernel against a slow twin that is obviously right."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from radlearn.radiomics import _kernels, glcm
from radlearn.radiomics._aggregation import DIRECTIONAL, DIRECTIONS_2D, DIRECTIONS_3D

pytestmark = pytest.mark.kernel

N_G = 4
LEVELS = hnp.arrays(np.int16, hnp.array_shapes(min_dims=3, max_dims=3, max_side=4), elements=st.integers(0, N_G))


def cooccurrence_twin(levels, aggregation):
    """Symmetric matrices, by looking at every voxel and every direction."""
    merge = DIRECTIONAL[aggregation]
    directions = DIRECTIONS_2D if merge.in_plane else DIRECTIONS_3D
    matrices = np.zeros((levels.shape[0], len(directions), N_G, N_G), int)
    for voxel in np.ndindex(levels.shape):
        for number, direction in enumerate(directions):
            neighbor = tuple(int(step) for step in voxel + direction)
            is_inside = all(0 <= place < length for place, length in zip(neighbor, levels.shape, strict=True))
            if is_inside and levels[voxel] and levels[neighbor]:
                i, j = levels[voxel] - 1, levels[neighbor] - 1
                matrices[voxel[0], number, i, j] += 1
                matrices[voxel[0], number, j, i] += 1
    if not merge.per_slice:
        matrices = matrices.sum(axis=0, keepdims=True)
    if not merge.per_direction:
        matrices = matrices.sum(axis=1, keepdims=True)
    return matrices.reshape(-1, N_G, N_G)


def matrices_of(places, counts, n_matrices):
    upper = np.zeros((n_matrices, N_G, N_G), int)
    upper.flat[places] = counts
    return upper + upper.transpose(0, 2, 1)


@pytest.mark.parametrize("aggregation", DIRECTIONAL)
@settings(deadline=None, max_examples=20)
@given(levels=LEVELS)
def test_pairs_are_counted_as_the_twin_counts_them(aggregation, levels):
    matrices = matrices_of(*glcm.cooccurrences(levels, N_G, aggregation))
    np.testing.assert_array_equal(matrices, cooccurrence_twin(levels, aggregation))


@pytest.mark.parametrize("aggregation", DIRECTIONAL)
def test_listing_pairs_and_counting_them_in_a_table_agree(aggregation, monkeypatch):
    levels = np.random.default_rng(0).integers(0, N_G + 1, (3, 5, 6)).astype(np.int16)
    counted = glcm.cooccurrences(levels, N_G, aggregation)
    monkeypatch.setattr(glcm, "TABLE_LEVELS", 0)
    listed = glcm.cooccurrences(levels, N_G, aggregation)
    for one, other in zip(counted, listed, strict=True):
        np.testing.assert_array_equal(one, other)


def pair_sums_twin(matrix):
    """Distributions and sums of one symmetric matrix, by looking at every entry."""
    n_g = len(matrix)
    p = matrix / matrix.sum()
    marginal, difference, total, joint = np.zeros(n_g), np.zeros(n_g), np.zeros(2 * n_g - 1), np.zeros(4)
    for i, j in product(range(n_g), repeat=2):
        marginal[i] += p[i, j]
        difference[abs(i - j)] += p[i, j]
        total[i + j] += p[i, j]
        joint[0] = max(joint[0], p[i, j])
        joint[1] += p[i, j] ** 2
        joint[2] -= p[i, j] * np.log2(p[i, j]) if p[i, j] else 0
        joint[3] += (i + 1) * (j + 1) * p[i, j]
    return marginal, difference, total, joint


@settings(deadline=None, max_examples=50)
@given(upper=hnp.arrays(np.int32, (2, N_G, N_G), elements=st.integers(0, 5)))
def test_sums_over_matrices_are_those_of_the_twin(upper):
    upper = np.triu(upper)
    places = np.flatnonzero(upper)
    sums = _kernels.sum_pairs(places, upper.ravel()[places], len(upper), N_G)
    for number, matrix in enumerate(upper + upper.transpose(0, 2, 1)):
        for array, expected in zip(sums, pair_sums_twin(matrix) if matrix.any() else [np.nan] * 4, strict=True):
            np.testing.assert_allclose(array[number], np.broadcast_to(expected, array[number].shape), atol=1e-12)


@settings(deadline=None, max_examples=50)
@given(points=hnp.arrays(float, st.tuples(st.integers(1, 8), st.integers(2, 3)), elements=st.integers(-99, 99)))
def test_largest_distance_is_that_of_all_pairs(points):
    distances = [np.linalg.norm(one - other) for one, other in product(points, repeat=2)]
    assert _kernels.largest_distance(points) == pytest.approx(max(distances))


def test_an_unknown_kernel_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'unknown'"):
        _kernels.unknown  # noqa: B018 - the attribute is asked for
