"""Sums over all pairs of voxels by Fourier transform, against the sum over all pairs."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from radlearn import Volume
from radlearn.radiomics import spatial
from radlearn.radiomics.spatial import pair_sums

MASKS = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=3, max_side=5)).filter(lambda mask: mask.any())


def pair_sums_twin(values, mask, spacing):
    positions = np.argwhere(mask) * spacing
    sums = np.zeros(3)
    for k, m in permutations(range(len(values)), 2):
        weight = 1 / np.linalg.norm(positions[k] - positions[m])
        sums += weight, weight * values[k] * values[m], weight * (values[k] - values[m]) ** 2
    return sums


@settings(deadline=None, max_examples=40)
@given(mask=MASKS, seed=st.integers(0, 99))
def test_transform_gives_the_sum_over_all_pairs(mask, seed):
    values = np.random.default_rng(seed).normal(size=np.count_nonzero(mask))
    spacing = (2.5, 0.75, 1.25)[-mask.ndim :]
    np.testing.assert_allclose(
        pair_sums(values, mask, spacing), pair_sums_twin(values, mask, spacing), rtol=1e-9, atol=1e-9
    )


def test_thin_slabs_give_the_same_sums(monkeypatch):
    mask = np.random.default_rng(0).random((4, 6, 7)) < 0.7
    values = np.random.default_rng(1).normal(size=mask.sum())
    whole = pair_sums(values, mask, (1, 1, 1))
    monkeypatch.setattr(spatial, "SLAB", 1)
    np.testing.assert_allclose(pair_sums(values, mask, (1, 1, 1)), whole)


def test_values_of_a_checkerboard_and_of_halves(feature_values):
    board = np.indices((8, 8)).sum(axis=0) % 2
    halves = np.repeat([0, 1], 4)[:, np.newaxis] * np.ones((1, 8))
    values = [feature_values(Volume(image), families="spatial") for image in (board, halves)]
    assert values[0]["spatial_morans_i"] < 0 < values[1]["spatial_morans_i"]
    assert values[0]["spatial_gearys_c"] > 1 > values[1]["spatial_gearys_c"]


def test_two_voxels_are_as_different_as_can_be(feature_values):
    values = feature_values(Volume([[1.0, 2.0]], spacing=(1, 3)), families="spatial")
    assert values == pytest.approx({"spatial_morans_i": -1, "spatial_gearys_c": 1})
