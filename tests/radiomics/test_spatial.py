"""Sums over all pairs of voxels, by Fourier transform and pair by pair, against the definition."""

import tracemalloc
from itertools import permutations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
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


@pytest.mark.parametrize("few_voxels", [0, 10**6])
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mask=MASKS, seed=st.integers(0, 99))
def test_transforms_and_pairs_give_the_sums_over_all_pairs(monkeypatch, few_voxels, mask, seed):
    monkeypatch.setattr(spatial, "FEW_VOXELS", few_voxels)
    values = np.random.default_rng(seed).normal(size=np.count_nonzero(mask))
    spacing = (2.5, 0.75, 1.25)[-mask.ndim :]
    sums = pair_sums(values + 3, 3.0, mask, spacing)
    np.testing.assert_allclose(sums, pair_sums_twin(values, mask, spacing), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("bounds", [{"SLAB": 1}, {"MEMORY": 1, "MEMORY_PER_VOXEL": 16}], ids=["slabs", "columns"])
def test_transforms_in_parts_give_the_same_sums(monkeypatch, bounds):
    monkeypatch.setattr(spatial, "FEW_VOXELS", 0)
    mask = np.random.default_rng(0).random((4, 6, 7)) < 0.7
    values = np.random.default_rng(1).normal(size=mask.sum())
    whole = pair_sums(values, 0.0, mask, (1, 1, 1))
    for name, value in bounds.items():
        monkeypatch.setattr(spatial, name, value)
    np.testing.assert_allclose(pair_sums(values, 0.0, mask, (1, 1, 1)), whole)


@pytest.mark.slow
def test_two_voxels_far_apart_need_no_more_memory_than_others():
    mask = np.zeros((100, 100, 100), bool)
    mask[0, 0, 0] = mask[-1, -1, -1] = True
    tracemalloc.start()
    weights, products, _ = pair_sums(np.array([-1.0, 1.0]), 0.0, mask, (1, 1, 1))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [weights, products] == pytest.approx([2 / np.sqrt(3 * 99**2), -2 / np.sqrt(3 * 99**2)])
    assert peak < 1.5 * spatial.MEMORY


@pytest.mark.slow
def test_transforms_of_a_large_region_need_no_more_memory_than_they_may():
    mask = np.ones((128, 128, 128), bool)
    values = np.random.default_rng(0).normal(size=mask.size)
    tracemalloc.start()
    pair_sums(values, 0.0, mask, (1, 1, 1))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.5 * spatial.MEMORY


def test_values_of_a_checkerboard_and_of_halves(feature_values):
    board = np.indices((8, 8)).sum(axis=0) % 2
    halves = np.repeat([0, 1], 4)[:, np.newaxis] * np.ones((1, 8))
    values = [feature_values(Volume(image), families="spatial") for image in (board, halves)]
    assert values[0]["spatial_morans_i"] < 0 < values[1]["spatial_morans_i"]
    assert values[0]["spatial_gearys_c"] > 1 > values[1]["spatial_gearys_c"]


def test_two_voxels_are_as_different_as_can_be(feature_values):
    values = feature_values(Volume([[1.0, 2.0]], spacing=(1, 3)), families="spatial")
    assert values == pytest.approx({"spatial_morans_i": -1, "spatial_gearys_c": 1})
