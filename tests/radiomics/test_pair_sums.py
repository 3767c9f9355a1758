"""Sums over all pairs of voxels, in each of the four ways, against the definition."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from threadpoolctl import threadpool_limits

from memory import peak_memory
from radlearn.radiomics import _pair_sums, _pair_transforms
from radlearn.radiomics._gaps import plane_positions
from radlearn.radiomics._pair_sums import pair_sums
from radlearn.radiomics._region import as_volume


def by_pairs(values, mask, spacing):
    return _pair_sums._sums_by_pairs(values, mask, spacing, plane_positions(mask.shape))


WAYS = (_pair_sums._sums_by_table, by_pairs, _pair_sums._sums_by_matrices, _pair_sums.sums_by_transforms)


def pair_sums_twin(values, mask, spacing):
    positions = np.argwhere(mask) * spacing
    sums = np.zeros(3)
    for k, m in permutations(range(len(values)), 2):
        weight = 1 / np.linalg.norm(positions[k] - positions[m])
        sums += weight, weight * values[k] * values[m], weight * (values[k] - values[m]) ** 2
    return sums


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None, max_examples=40)
@given(data=st.data(), seed=st.integers(0, 99))
def test_each_way_gives_the_sums_over_all_pairs(way, data, seed):
    shapes = hnp.array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=5)
    mask = data.draw(hnp.arrays(bool, shapes).filter(lambda mask: mask.any()))
    values = np.random.default_rng(seed).normal(size=np.count_nonzero(mask))
    spacing = (2.5, 0.75, 1.25)[-mask.ndim :]
    weights, products, mixed = way(values, as_volume(mask), (1.0, *spacing)[-3:])
    expected = pair_sums_twin(values, mask, spacing)
    np.testing.assert_allclose([weights, products, 2 * mixed - 2 * products], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("shape", "way"),
    [
        ((8, 8, 8), "_sums_by_table"),
        ((10, 12, 14), "_sums_by_matrices"),
        ((14, 40, 12), "_sums_by_matrices"),
        ((30, 30, 600), "sums_by_transforms"),
        ((2, 60, 60), "sums_by_transforms"),
        ((40, 40), "sums_by_transforms"),
    ],
)
def test_the_way_that_is_taken_depends_on_the_size(shape, way):
    mask = np.ones(shape, bool)
    assert _pair_sums._fastest_way(mask.size, as_volume(mask).shape).__name__ == way
    values = np.random.default_rng(0).normal(size=mask.size)
    expected = _pair_sums.sums_by_transforms(values, as_volume(mask), (1.0, 1.0, 1.0))
    np.testing.assert_allclose(pair_sums(values, mask, (1,) * mask.ndim)[:2], expected[:2], rtol=1e-9)


def test_scattered_voxels_are_not_transformed():
    mask = np.random.default_rng(0).random((100, 110, 120)) < 0.001
    values = np.random.default_rng(1).normal(size=mask.sum())
    assert _pair_sums._fastest_way(values.size, mask.shape) is _pair_sums._sums_by_pairs
    expected = _pair_sums.sums_by_transforms(values, mask, (2.0, 1.0, 1.0))
    found = by_pairs(values, mask, (2.0, 1.0, 1.0))
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_the_sums_do_not_depend_on_the_number_of_threads():
    mask = np.random.default_rng(0).random((60, 40, 37)) < 0.7
    values = np.random.default_rng(1).normal(size=mask.sum())
    sums = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads):
            sums.append(pair_sums(values, mask, (1, 2, 3)))
    assert sums[0] == sums[1]


@pytest.mark.parametrize("bounds", [{"SLAB": 1}, {"MAX_BYTES": 1, "MAX_BYTES_PER_VOXEL": 16}], ids=["slabs", "columns"])
def test_transforms_in_parts_give_the_same_sums(monkeypatch, bounds):
    mask = np.random.default_rng(0).random((4, 6, 7)) < 0.7
    values = np.random.default_rng(1).normal(size=mask.sum())
    whole = _pair_transforms.sums_by_transforms(values, mask, (1, 1, 1))
    for name, value in bounds.items():
        monkeypatch.setattr(_pair_transforms, name, value)
    np.testing.assert_allclose(_pair_transforms.sums_by_transforms(values, mask, (1, 1, 1)), whole)


@pytest.mark.slow
def test_two_voxels_far_apart_need_no_more_memory_than_others():
    mask = np.zeros((100, 100, 100), bool)
    mask[0, 0, 0] = mask[-1, -1, -1] = True
    with peak_memory() as memory:
        weights, products, _ = pair_sums(np.array([-1.0, 1.0]), mask, (1, 1, 1))
    assert [weights, products] == pytest.approx([2 / np.sqrt(3 * 99**2), -2 / np.sqrt(3 * 99**2)])
    assert memory.peak < 1.5 * _pair_transforms.MAX_BYTES


@pytest.mark.slow
def test_transforms_of_a_large_region_need_no_more_memory_than_they_may():
    mask = np.ones((128, 128, 128), bool)
    values = np.random.default_rng(0).normal(size=mask.size)
    with peak_memory() as memory:
        pair_sums(values, mask, (1, 1, 1))
    assert memory.peak < 1.5 * _pair_transforms.MAX_BYTES
