"""Each kernel against a slow twin that is obviously right."""

import math
from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from numba import njit
from scipy import ndimage

from radlearn.radiomics import _kernels, glcm, glrlm
from radlearn.radiomics._aggregation import (
    DIRECTIONAL,
    DIRECTIONS_3D,
    UNDIRECTED,
    directions_of,
    neighbors_within,
    shifts_of,
)
from radlearn.radiomics._bit_planes import Limit
from radlearn.radiomics._kernels import memory
from radlearn.radiomics._region import Region, TextureOptions
from radlearn.radiomics._zones import zones_of
from radlearn.radiomics.discretize import Bins
from radlearn.radiomics.glrlm import runs
from radlearn.radiomics.ngtdm import tone_differences

pytestmark = pytest.mark.kernel

N_G = 4
SHAPES = hnp.array_shapes(min_dims=3, max_dims=3, max_side=4)
LEVELS = hnp.arrays(np.int16, SHAPES, elements=st.integers(0, N_G)).filter(np.any)
# Most of the stretches that kernels work on are empty, or hold single voxels only.
SPARSE = np.zeros((9, 30, 40), np.int16)
SPARSE[0, 0, 0] = SPARSE[4, 20, 5] = 1
SPARSE[4, 10:14, 20], SPARSE[8, 29, 37:] = 2, 3
# Long runs, single voxels in an even area, and behind it a plane of single voxels where short runs begin.
EVEN = np.ones((9, 24, 70), np.int16)
EVEN[:3, 12:, 30:], EVEN[1, 2, ::7], EVEN[6:] = 2, 4, 0
EVEN[6:, ::3, ::5] = 3
MASKS = hnp.arrays(bool, hnp.array_shapes(min_dims=3, max_dims=3, max_side=5))


def region_with(levels, **options):
    """A region that has these grey levels."""
    return Region(levels, levels > 0, levels > 0, (1, 1, 1), Bins(width=1, lowest=1), TextureOptions(**options))


def level_at(levels, place):
    """Grey level of a voxel; 0 beyond the border."""
    is_there = all(0 <= step < length for step, length in zip(place, levels.shape, strict=True))
    return levels[tuple(place)] if is_there else 0


def twin_matrices(items, merge, n_slices, n_directions):
    """Counters of (level, size), from items (slice, direction, level, size); in the order of the matrices."""
    keys = product(range(n_slices) if merge.per_slice else [0], range(n_directions) if merge.per_direction else [0])
    matrices = {key: Counter() for key in keys}
    for z, direction, level, size in items:
        matrices[z * merge.per_slice, direction * merge.per_direction][level, size] += 1
    return list(matrices.values())


def matrices_of(entries):
    """The same from entries."""
    matrices = [Counter() for _ in range(entries.n_matrices)]
    for matrix, *key, count in zip(*entries[:4], strict=True):
        matrices[matrix][tuple(int(part) for part in key)] = int(count)
    return matrices


def matrices_of_blocks(blocks):
    """The same from the SizeTables of all blocks."""
    return [
        Counter({(int(i), int(sizes[j])): int(table[i, j]) for i, j in np.argwhere(table)})
        for tables, sizes in blocks
        for table in tables
    ]


@pytest.mark.parametrize("in_planes", [True, False])
@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("distance", [1, 2])
@pytest.mark.parametrize("aggregation", DIRECTIONAL)
@settings(deadline=None, max_examples=10)
@given(levels=LEVELS)
@example(levels=SPARSE)
def test_pairs_are_counted_as_the_twin_counts_them(aggregation, distance, symmetric, in_planes, levels):
    merge = DIRECTIONAL[aggregation]
    directions = directions_of(merge)
    pairs = []
    for voxel in np.argwhere(levels):
        for number, direction in enumerate(directions):
            pair = int(level_at(levels, voxel)), int(level_at(levels, voxel + distance * direction))
            if pair[1] > 0:
                pairs.append((voxel[0], number, *pair))
                if symmetric:
                    pairs.append((voxel[0], number, *pair[::-1]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(glcm, "PAIRS", Limit(10**9 if in_planes else 0, 0, math.inf))
        entries = glcm.cooccurrences(region_with(levels), aggregation, distance, symmetric=symmetric)
    assert matrices_of(entries) == twin_matrices(pairs, merge, len(levels), len(directions))


@pytest.mark.parametrize(("shape", "n_g"), [((1, 2, 3), 300), ((2, 3, 63), 4), ((30, 20, 20), 3), ((2, 70, 125), 1)])
def test_planes_hold_the_pairs_of_any_levels_in_boxes_of_any_size(shape, n_g):
    levels = np.sort(np.random.default_rng(0).integers(1, n_g + 1, shape, np.int16), axis=0)  # the last are the largest
    padded = np.pad(levels, 1)
    shifts = shifts_of(DIRECTIONS_3D, padded.shape)
    tables = np.zeros((2, len(shifts), n_g + 1, n_g + 1), np.int64)
    for kernel, table in zip((_kernels.count_pairs, _kernels.count_pairs_of_few), tables, strict=True):
        kernel(padded, shifts, np.arange(len(shifts)), table)
    np.testing.assert_array_equal(*tables[:, :, 1:, 1:])
    assert tables[1, :, 1:, 1:].sum() == sum(np.prod(shape - np.abs(step)) for step in DIRECTIONS_3D)


@pytest.mark.parametrize("limit", ["TABLE_LEVELS", "ENTRIES_PER_PAIR"])
@pytest.mark.parametrize("norm", [None, "manhattan"])
@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("aggregation", DIRECTIONAL)
def test_listing_pairs_and_counting_them_in_a_table_agree(aggregation, symmetric, norm, limit, monkeypatch):
    levels = np.random.default_rng(0).integers(0, N_G + 1, (3, 5, 6)).astype(np.int16)
    region = region_with(levels, weighting_norm=norm)
    monkeypatch.setattr(glcm, "SMALL_TABLE", 0)
    counted = glcm.cooccurrences(region, aggregation, symmetric=symmetric)
    monkeypatch.setattr(glcm, limit, 0)
    monkeypatch.setattr(_kernels, "count_pairs", None)
    listed = glcm.cooccurrences(region, aggregation, symmetric=symmetric)
    for one, other in zip(counted, listed, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.parametrize("in_planes", [True, False])
@pytest.mark.parametrize("aggregation", DIRECTIONAL)
@settings(deadline=None, max_examples=20)
@given(levels=LEVELS)
@example(levels=SPARSE)
@example(levels=EVEN)
def test_runs_are_counted_as_the_twin_counts_them(aggregation, in_planes, levels):
    merge = DIRECTIONAL[aggregation]
    directions = directions_of(merge)
    found = []
    for voxel in np.argwhere(levels):
        for number, direction in enumerate(directions):
            level = int(level_at(levels, voxel))
            if level_at(levels, voxel - direction) != level:
                length = 1
                while level_at(levels, voxel + length * direction) == level:
                    length += 1
                found.append((voxel[0], number, level, length))
    expected = twin_matrices(found, merge, len(levels), len(directions))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(glrlm, "LEVELS", Limit(10**9 if in_planes else 0, 0, math.inf))
        assert matrices_of_blocks(runs(region_with(levels), aggregation)) == expected


@pytest.mark.parametrize("part", [0.5, 0.97])  # few and many long runs
@pytest.mark.parametrize("shape", [(3, 4, 170), (4, 40, 70), (1, 90, 95)])
def test_runs_are_the_same_in_planes_and_one_by_one(shape, part):
    levels = np.pad(np.where(np.random.default_rng(0).random(shape) < part, 1, 2).astype(np.int16), 1)
    shifts, matrices = shifts_of(DIRECTIONS_3D, levels.shape), np.arange(len(DIRECTIONS_3D)) // 2
    matches = np.zeros(levels.shape, np.uint16)
    _kernels.match_neighbors(levels, shifts, matches)
    for n_lengths in (4, 200):
        tables = np.zeros((2, 7, 3, n_lengths + 1), np.int64)
        longest = _kernels.count_runs(matches, levels, shifts, matrices, tables[0])
        assert _kernels.count_runs_of_few(levels, shifts, matrices, tables[1]) == longest
        if longest <= n_lengths:
            np.testing.assert_array_equal(*tables[:, :, 1:, 1:])
    assert 4 < longest < 200


@pytest.fixture(params=[True, False], ids=["in planes", "one by one"])
def counted(request, monkeypatch):
    """Runs along each direction, which are counted in one of two ways."""
    monkeypatch.setattr(glrlm, "LEVELS", Limit(10**9 if request.param else 0, 0, math.inf))
    return lambda levels: matrices_of_blocks(runs(region_with(levels), "3d_averaged"))


def test_runs_may_be_as_long_as_the_image(counted):
    levels = np.ones((1, 1, 1000), np.int16)
    matrices = counted(levels)
    along = directions_of(DIRECTIONAL["3d_averaged"]).tolist().index([0, 0, 1])
    for number, matrix in enumerate(matrices):
        assert matrix == ({(1, 1000): 1} if number == along else {(1, 1): 1000})


def test_runs_of_a_level_that_nearly_all_voxels_have(counted):
    levels = np.ones((41, 41, 41), np.int16)  # more voxels than 16 bits can count
    levels[:, :, 40] = 2
    matrices = counted(levels)
    along = directions_of(DIRECTIONAL["3d_averaged"]).tolist().index([0, 0, 1])
    assert matrices[along] == {(1, 40): 41**2, (2, 1): 41**2}
    for matrix in matrices:
        assert sum(length * count for (_, length), count in matrix.items()) == 41**3


@pytest.mark.parametrize(("connectivity", "n_axes"), [(6, 1), (18, 2), (26, 3)])
@pytest.mark.parametrize("aggregation", UNDIRECTED)
@settings(deadline=None, max_examples=20)
@given(levels=LEVELS)
@example(levels=SPARSE)
def test_zones_are_those_of_a_flood_from_each_voxel(aggregation, connectivity, n_axes, levels):
    merge = UNDIRECTED[aggregation]
    steps = directions_of(merge)
    steps = steps[np.abs(steps).sum(axis=1) <= n_axes]
    unseen = {tuple(voxel) for voxel in np.argwhere(levels)}
    found = []
    while unseen:
        zone = [min(unseen)]
        unseen.discard(zone[0])
        for voxel in zone:
            for step in (*steps, *-steps):
                neighbor = tuple(voxel + step)
                if neighbor in unseen and levels[neighbor] == levels[voxel]:
                    unseen.discard(neighbor)
                    zone.append(neighbor)
        distances = border_distances_twin(levels > 0, is_3d=not merge.in_plane)
        nearest = min(int(distances[voxel]) for voxel in zone)
        found.append((int(zone[0][0]) * merge.per_slice, int(levels[zone[0]]), len(zone), nearest))
    zones = zones_of(region_with(levels, zone_connectivity=connectivity), aggregation)
    assert sorted(zip(*(column.tolist() for column in zones[:4]), strict=True)) == sorted(found)


def border_distances_twin(mask, *, is_3d):
    """How often a mask can be eroded until a voxel is gone."""
    structure = ndimage.generate_binary_structure(3, 1)
    structure[[0, 2]] &= is_3d
    distances = np.zeros(mask.shape, int)
    while mask.any():
        distances += mask
        mask = ndimage.binary_erosion(mask, structure)
    return distances


@pytest.mark.parametrize("is_3d", [True, False])
@settings(deadline=None, max_examples=30)
@given(mask=MASKS)
def test_distances_from_the_border_are_those_of_erosions(is_3d, mask):
    distances = np.zeros([length + 2 for length in mask.shape], np.uint16)
    _kernels.border_distances(mask, is_3d, distances)
    np.testing.assert_array_equal(distances, np.pad(border_distances_twin(mask, is_3d=is_3d), 1))


@pytest.mark.parametrize("is_3d", [True, False])
@pytest.mark.parametrize("shape", [(17, 18, 19), (1, 40, 33), (32, 1, 9), (2, 31, 64)])
def test_distances_in_thick_regions_are_those_of_erosions(shape, is_3d):
    mask = np.ones(shape, bool)
    for mask_to_look_at in (mask, mask & (np.random.default_rng(0).random(shape) > 0.01)):
        distances = np.zeros([length + 2 for length in shape], np.uint16)
        _kernels.border_distances(mask_to_look_at, is_3d, distances)
        np.testing.assert_array_equal(distances, np.pad(border_distances_twin(mask_to_look_at, is_3d=is_3d), 1))


def neighbors_twin(levels, merge, distance):
    """Each voxel with its slice, level, and the levels of its neighbors in the region."""
    for voxel in np.argwhere(levels):
        around = [int(level_at(levels, voxel + step)) for step in neighbors_within(merge, distance)]
        yield voxel[0], int(level_at(levels, voxel)), [level for level in around if level]


@pytest.mark.parametrize("distance", [1, 2])
@pytest.mark.parametrize("coarseness", [0, 1])
@pytest.mark.parametrize("aggregation", UNDIRECTED)
@settings(deadline=None, max_examples=10)
@given(levels=LEVELS)
@example(levels=SPARSE)
def test_dependences_are_counted_as_the_twin_counts_them(aggregation, coarseness, distance, levels):
    merge = UNDIRECTED[aggregation]
    steps = neighbors_within(merge, distance)
    expected = np.zeros((len(levels) if merge.per_slice else 1, N_G, len(steps) + 1), int)
    for z, level, around in neighbors_twin(levels, merge, distance):
        expected[z * merge.per_slice, level - 1, sum(abs(level - other) <= coarseness for other in around)] += 1
    larger = np.pad(levels, distance)
    for above in (0, 126 - N_G - coarseness, 127 - N_G):  # levels that fit into a byte, those that just do, and others
        counts = np.zeros((len(expected), above + N_G + 1, len(steps) + 2), np.int64)
        higher = np.where(larger > 0, larger + np.int16(above), np.int16(0))
        _kernels.count_dependences(higher, shifts_of(steps, larger.shape), coarseness, counts)
        np.testing.assert_array_equal(counts[:, above + 1 :, 1:], expected)


@pytest.mark.parametrize("distance", [1, 2])
@pytest.mark.parametrize("aggregation", UNDIRECTED)
@settings(deadline=None, max_examples=10)
@given(levels=LEVELS)
@example(levels=SPARSE)
def test_tone_differences_are_those_of_the_twin(aggregation, distance, levels):
    merge = UNDIRECTED[aggregation]
    n_matrices = len(levels) if merge.per_slice else 1
    n_expected, expected = np.zeros((n_matrices, N_G), int), np.zeros((n_matrices, N_G))
    for z, level, around in neighbors_twin(levels, merge, distance):
        if around:
            n_expected[z * merge.per_slice, level - 1] += 1
            expected[z * merge.per_slice, level - 1] += abs(level - np.mean(around))
    n_voxels, differences = tone_differences(np.pad(levels, distance), distance, merge, N_G)
    np.testing.assert_array_equal(n_voxels, n_expected)
    np.testing.assert_allclose(differences, expected, atol=1e-12)
    if not merge.per_slice:
        larger = np.pad(levels, distance)
        shifts = shifts_of(neighbors_within(merge, distance), larger.shape)
        along = _kernels.sum_tone_differences_along(larger, shifts, N_G)
        np.testing.assert_allclose(along, expected[0], atol=1e-12)


@pytest.mark.parametrize("distance", [3, 4])  # the sums of the first one just fit into 32 bits
def test_sums_of_many_levels_over_large_neighborhoods_find_room(distance):
    n_g = 10_000
    levels = np.pad(np.random.default_rng(0).integers(n_g - 9, n_g + 1, (9, 9, 9), np.int16), distance)
    n_voxels, differences = tone_differences(levels, distance, UNDIRECTED["3d"], n_g)
    shifts = shifts_of(neighbors_within(UNDIRECTED["3d"], distance), levels.shape)
    np.testing.assert_allclose(differences[0], _kernels.sum_tone_differences_along(levels, shifts, n_g), rtol=1e-9)
    assert n_voxels.sum() == 9**3


def tone_features_twin(n_i, s_i):
    """The features of grey tone differences, over all pairs of levels that occur."""
    n, occurring = n_i.sum(), np.flatnonzero(n_i)
    if n == 0:
        return [0, *[np.nan] * 5]
    p, n_p, s = n_i / n, len(occurring), s_i.sum()
    pairs = list(product(occurring, repeat=2))
    spread = sum(p[i] * p[j] * (i - j) ** 2 for i, j in pairs)
    # Counts are whole numbers, which cancel exactly where probabilities leave a rest: 2 * 0.6 - 3 * 0.4 is not 0.
    busy = sum(abs((i + 1) * n_i[i] - (j + 1) * n_i[j]) for i, j in pairs) / n
    complexity = sum(abs(i - j) * (p[i] * s_i[i] + p[j] * s_i[j]) / (p[i] + p[j]) for i, j in pairs) / n
    strong = sum((p[i] + p[j]) * (i - j) ** 2 for i, j in pairs)
    coarseness = 1 / (p @ s_i) if s > 0 else 1e6
    contrast = spread * s / n / (n_p * (n_p - 1)) if n_p > 1 else 0
    busyness = 0 if n_p == 1 else (p @ s_i) / busy if busy > 0 else np.nan
    return [n, coarseness, contrast, busyness, complexity, strong / s if s > 0 else 0]


@settings(deadline=None, max_examples=30)
@example(n_i=np.array([[0, 3, 2, 0], [0, 0, 0, 0]]), seed=0)  # levels that weigh the same
@given(n_i=hnp.arrays(np.int64, (2, N_G), elements=st.integers(0, 5)), seed=st.integers(0, 9))
def test_features_of_tones_are_those_of_the_twin(n_i, seed):
    s_i = np.random.default_rng(seed).uniform(0, 9, n_i.shape) * (n_i > 0)
    expected = [tone_features_twin(*rows) for rows in zip(n_i, s_i, strict=True)]
    np.testing.assert_allclose(_kernels.tone_features(n_i, s_i, 1e6), expected, rtol=1e-9)


@pytest.mark.parametrize("levels", [(1, 2), (2, 3, 6), (6, 7, 8, 9)])
def test_voxels_of_levels_that_weigh_the_same_have_no_busyness(levels):
    n_i = np.zeros((1, max(levels)), np.int64)
    for level in levels:
        n_i[0, level - 1] = 7 * np.lcm.reduce(levels) // level
    assert np.isnan(_kernels.tone_features(n_i, 0.5 * (n_i > 0), 1e6)[0, 3])


def size_sums_twin(s, sizes):
    """The sums over a matrix of grey level and size, by the formulas."""
    p = s / s.sum()
    i, j = np.arange(1.0, s.shape[0] + 1)[:, np.newaxis], sizes.astype(float)
    powers = [(0, -2), (0, 2), (-2, 0), (2, 0), (-2, -2), (2, -2), (-2, 2), (2, 2)]
    return [
        s.sum(),
        *((p * i**a * j**b).sum() for a, b in powers),
        (s.sum(axis=1) ** 2).sum() / s.sum(),
        (s.sum(axis=0) ** 2).sum() / s.sum(),
        ((i - (p * i).sum()) ** 2 * p).sum(),
        ((j - (p * j).sum()) ** 2 * p).sum(),
        -(p[p > 0] * np.log2(p[p > 0])).sum(),
        (p**2).sum(),
        (s * j).sum(),
    ]


@settings(deadline=None, max_examples=50)
@given(
    tables=hnp.arrays(np.int64, (3, N_G + 1, 6), elements=st.integers(0, 3)),
    sizes=st.sampled_from([[1, 2, 3, 4, 5], [1, 3, 4, 40, 2**17]]),
    weight=st.sampled_from([1, 0.5]),
)
def test_sums_of_sizes_are_those_of_the_twin(tables, sizes, weight):
    tables, sizes = tables * weight, np.array([0, *sizes])
    for row, table in zip(_kernels.sum_sizes(tables, sizes), tables[:, 1:, 1:], strict=True):
        np.testing.assert_allclose(row, size_sums_twin(table, sizes[1:]) if table.any() else np.nan, atol=1e-12)


@pytest.mark.parametrize("counts", [[1.0, 1, 1], [3.0, 5, 41], [1.0, 7, 7, 7, 27]])
def test_equal_levels_or_sizes_have_no_variance(counts):
    n = len(counts)
    one_level, one_size = np.zeros((1, 9974, n + 1)), np.zeros((1, n + 1, 2))
    one_level[0, 9973, 1:] = one_size[0, 1:, 1] = counts
    [of_levels] = _kernels.sum_sizes(one_level, np.arange(n + 1))
    [of_sizes] = _kernels.sum_sizes(one_size, np.array([0, 9973]))
    assert of_levels[11] == of_sizes[12] == 0
    assert of_sizes[15] == 9973 * sum(counts)


@settings(deadline=None, max_examples=50)
@given(x=hnp.arrays(float, st.integers(1, 30), elements=st.integers(-9, 9)), low=st.integers(-9, 5))
def test_average_deviations_are_those_of_the_formulas(x, low):
    mean, median = x.mean(), np.median(x)
    middle = x[(x >= low) & (x <= low + 4)]
    expected = [
        *(((x - mean) ** power).mean() for power in (2, 3, 4)),
        np.abs(x - mean).mean(),
        np.abs(x - median).mean(),
        (x**2).mean(),
        np.abs(middle - middle.mean()).mean() if middle.size else np.nan,
    ]
    averages = _kernels.average_deviations(x, mean, median, float(low), float(low + 4))
    np.testing.assert_allclose(averages, expected, rtol=1e-12, atol=1e-10)


def test_average_deviations_of_many_intensities_are_added_up_in_blocks():
    x = np.random.default_rng(0).normal(1000, 1, 10_000)
    averages = _kernels.average_deviations(x, x.mean(), np.median(x), *np.percentile(x, [10, 90]))
    assert averages[0] == pytest.approx(x.var(), rel=1e-12)
    assert averages[5] == pytest.approx((x**2).mean(), rel=1e-12)


@settings(deadline=None, max_examples=50)
@given(x=hnp.arrays(float, st.integers(0, 200), elements=st.floats(-1e9, 1e9)))
@example(x=np.tile([1e16, 1.0, -1e16, 3.0], 200))  # in double precision, all but the large ones would be lost
def test_accurate_sums_are_exact_before_they_are_rounded(x):
    for found, terms in zip(_kernels.accurate_sums(x), (x, x * x), strict=True):
        assert found == pytest.approx(math.fsum(terms), rel=2**-52, abs=1e-28 * np.abs(terms).sum())


def test_accurate_sums_of_what_is_beyond_double_precision_are_infinite():
    with np.errstate(over="ignore", invalid="ignore"):  # for loops that are not compiled
        assert _kernels.accurate_sums(np.array([1e200, 1.0])) == (1e200, np.inf)
        assert _kernels.accurate_sums(np.array([np.inf, 1.0])) == (np.inf, np.inf)
        assert np.isnan(_kernels.accurate_sums(np.array([np.nan, 1.0]))).all()


@settings(deadline=None, max_examples=50)
@given(x=hnp.arrays(float, st.integers(1, 30), elements=st.floats(-9, 9)), n_g=st.integers(1, 5))
def test_numbers_of_bins_are_those_of_the_formula(x, n_g):
    levels, counts = _kernels.bin_numbers(x, x.min(), 2.0, 3.0, n_g)
    expected = np.minimum(np.floor(2 * (x - x.min()) / 3) + 1, n_g)
    np.testing.assert_array_equal(levels, expected)
    np.testing.assert_array_equal(counts, [np.count_nonzero(expected == level + 1) for level in range(n_g)])


@settings(deadline=None, max_examples=50)
@given(items=hnp.arrays(np.int32, st.tuples(st.just(3), st.integers(1, 20)), elements=st.integers(1, 4)))
def test_items_are_counted_in_a_table_of_the_sizes_that_occur(items):
    tables, occurring = _kernels.count_items(items[0] - 1, items[1], items[2], 4)
    tables = tables.reshape(4, -1, occurring.size)
    assert occurring[1:].tolist() == sorted(set(items[2].tolist()))
    found = {(m + 1, level, occurring[column]): tables[m, level, column] for m, level, column in np.argwhere(tables)}
    assert found == Counter(zip(*items, strict=True))


@settings(deadline=None, max_examples=50)
@given(tables=hnp.arrays(np.int64, (3, 5, 5), elements=st.integers(0, 2)), symmetric=st.booleans())
def test_entries_are_listed_in_their_order_without_row_and_column_0(tables, symmetric):
    (matrices, levels, neighbors), counts = _kernels.list_entries(tables.copy(), symmetric)
    inner = tables[:, 1:, 1:]
    if symmetric:
        inner = inner + inner.swapaxes(1, 2)
    np.testing.assert_array_equal([matrices, levels - 1, neighbors - 1], np.nonzero(inner))
    np.testing.assert_array_equal(counts, inner[inner > 0])


@settings(deadline=None, max_examples=50)
@given(counts=hnp.arrays(np.int64, st.integers(1, 6), elements=st.integers(0, 5)).filter(np.any))
def test_a_histogram_is_measured_as_the_list_of_its_levels(counts):
    levels = np.repeat(np.arange(1.0, len(counts) + 1), counts)
    mean, p = levels.mean(), counts[counts > 0] / counts.sum()
    quantiles = np.percentile(levels, [10, 25, 50, 75, 90])
    modes = np.flatnonzero(counts == counts.max()) + 1
    middle = levels[(levels >= quantiles[0]) & (levels <= quantiles[4])]
    gradient = np.gradient(counts) if len(counts) > 1 else np.zeros(1)
    expected = [
        mean,
        *(((levels - mean) ** power).mean() for power in (2, 3, 4)),
        *quantiles,
        levels[0],
        levels[-1],
        modes[np.abs(modes - mean).argmin()],
        np.abs(levels - mean).mean(),
        np.abs(levels - np.median(levels)).mean(),
        np.abs(middle - middle.mean()).mean() if middle.size else np.nan,
        -(p * np.log2(p)).sum(),
        (p**2).sum(),
        *(gradient.max(), gradient.argmax() + 1, gradient.min(), gradient.argmin() + 1),
    ]
    np.testing.assert_allclose(_kernels.histogram_measures(counts), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("n_levels", "density"),
    # The last three have so few entries that single steps are quicker.
    [*product([1, 2, 3, 9, 40], [0.05, 0.5, 1.0]), (100, 0.001), (100, 0.01), (100, 0.05)],
)
def test_maximal_correlations_are_second_eigenvalues(n_levels, density):
    rng = np.random.default_rng(n_levels)
    tables = rng.integers(1, 9, (4, n_levels, n_levels)) * (rng.random((4, n_levels, n_levels)) < density)
    tables += tables.swapaxes(1, 2)
    tables[0] += 2 * np.eye(n_levels, dtype=int)  # each level has a pair, some with no other level
    tables[2] = 0
    matrices, levels, neighbors = np.nonzero(tables)
    entries = matrices, levels + 1, neighbors + 1, tables[tables > 0].astype(float)
    found, work = np.empty(4), np.empty((n_levels + 3, n_levels))
    start, places = rng.standard_normal(n_levels), np.empty(n_levels + 1, int)
    _kernels.maximal_correlations(*entries, 0.0, start, places, work[3:], work[:3], found)
    for table, correlation in zip(tables, found, strict=True):
        levels = table.any(axis=0)
        p = table[np.ix_(levels, levels)] / max(table.sum(), 1)
        values = np.abs(np.linalg.eigvalsh(p / np.sqrt(np.outer(p.sum(axis=1), p.sum(axis=0)))))
        expected = np.sort([0.0, *values])[-2] if levels.any() else np.nan
        assert correlation == pytest.approx(expected, abs=1e-12, nan_ok=True)


def groups_of_rare_levels():
    """Levels around the middle that are neighbors of most others, and rare ones that are neighbors of few."""
    rng = np.random.default_rng(62)
    i = np.minimum(rng.geometric(0.1, 3000) - 1, 65)
    table = np.zeros((66, 66))
    np.add.at(table, (i, np.clip(i + rng.integers(-2, 3, 3000), 0, 65)), 1)
    return table + table.T


@pytest.mark.parametrize(
    ("table", "epsilon", "error"),
    [(np.diag([1.0, 2, 3, 4]), 1e-9, 1e-13), (groups_of_rare_levels(), np.spacing(1), 1e-9)],
)
def test_eigenvalues_that_epsilon_moves_apart_are_told_apart(table, epsilon, error):
    i, j = np.nonzero(table)
    entries = np.zeros_like(i), i + 1, j + 1, table[i, j]
    found, work = np.empty(1), np.empty((len(table) + 3, len(table)))
    start, places = np.random.default_rng(0).standard_normal(len(table)), np.empty(len(table) + 1, int)
    _kernels.maximal_correlations(*entries, epsilon, start, places, work[3:], work[:3], found)
    occurs = table.any(axis=0)
    p = table[np.ix_(occurs, occurs)] / table.sum()
    product = np.outer(p.sum(axis=0), p.sum(axis=0))
    expected = np.abs(np.linalg.eigvalsh(p / np.sqrt(product + epsilon) - np.sqrt(product))).max()
    assert found[0] == pytest.approx(expected, abs=error)


@pytest.mark.parametrize("extra", [5, -1])
@pytest.mark.parametrize("n_levels", [3, 30, 59])
def test_the_maximal_correlation_of_equal_eigenvalues(n_levels, extra):
    table = 2 + extra * np.eye(n_levels)  # all but one eigenvalue are extra / (2 * n_levels + extra)
    i, j = np.nonzero(table)
    found, work = np.empty(1), np.empty((n_levels + 3, n_levels))
    entries = np.zeros_like(i), i + 1, j + 1, table[i, j]
    start, places = np.arange(1.0, n_levels + 1), np.empty(n_levels + 1, int)
    _kernels.maximal_correlations(*entries, 0.0, start, places, work[3:], work[:3], found)
    assert found[0] == pytest.approx(abs(extra) / (2 * n_levels + extra), rel=1e-11)


@pytest.mark.parametrize("dtype", [np.float64, np.int16])
def test_arrays_of_kernels_begin_with_a_line_of_the_cache(dtype):
    of_type = njit(lambda n: memory.aligned(n, dtype))
    for n in range(1, 40):
        array = of_type(n)
        assert array.ctypes.data % memory.CACHE_LINE == 0
        assert (array.shape, array.dtype) == ((n,), dtype)


def test_an_unknown_kernel_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'unknown'"):
        _kernels.unknown  # noqa: B018 - the attribute is asked for


@settings(deadline=None, max_examples=50)
@given(
    hnp.arrays(float, st.integers(1, 20), elements=st.integers(-40, 40).map(lambda step: step / 8)),
    st.sampled_from([0.1, 0.3, 0.5, 7.0]),
)
def test_levels_lie_between_edges_as_those_of_numpy(intensities, width):
    edges = np.arange(intensities.min(), intensities.max() + 2 * width, width)
    levels, counts = _kernels.levels_between(intensities, edges)
    np.testing.assert_array_equal(levels, np.digitize(intensities, edges))
    np.testing.assert_array_equal(counts, np.bincount(levels)[1:])
