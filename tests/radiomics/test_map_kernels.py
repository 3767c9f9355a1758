"""Each kernel of the feature maps against a slow twin that is obviously right."""

from collections import Counter
from itertools import pairwise, product
from math import log2

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from radlearn import Volume
from radlearn.radiomics import _kernels
from radlearn.radiomics._aggregation import DIRECTIONS_2D, DIRECTIONS_3D, shifts_of
from radlearn.radiomics._map_arrays import map_arrays
from radlearn.radiomics._neighborhood import neighborhood, sorting_network
from radlearn.radiomics._size_matrix import SUMS as SIZE_SUMS
from radlearn.radiomics.map_features import PAIR_SUMS, STATISTICS, TONE_FEATURES

pytestmark = pytest.mark.kernel

N_G = 5
SHAPES = hnp.array_shapes(min_dims=3, max_dims=3, max_side=4)
LEVELS = hnp.arrays(np.int16, SHAPES, elements=st.integers(0, N_G)).filter(np.any)
with_levels = given(levels=LEVELS, radius=st.integers(1, 2), in_plane=st.booleans())
few = settings(deadline=None, max_examples=25)


class Windows:
    """The neighborhoods of all voxels of a region, for kernels and for twins."""

    def __init__(self, levels, radius, in_plane):
        self.around = neighborhood(radius, in_plane=in_plane)
        volume = Volume(levels.astype(np.float32), mask=levels > 0)
        arrays = map_arrays(volume, self.around, radius, None, masked=True)
        self.image, self.centers = arrays.image, arrays.centers
        self.offsets = shifts_of(self.around.steps, arrays.padded.shape)
        self.levels = np.where(np.isfinite(self.image), self.image, 0).astype(np.int16)
        self.copies, self.found = _kernels.map_levels(self.levels, self.centers, self.offsets, self.around.places, N_G)
        self.directions = DIRECTIONS_2D if in_plane else DIRECTIONS_3D
        reach = np.array([0 if in_plane else radius, radius, radius])
        padded = np.pad(levels, [(along, along) for along in reach])
        self.boxes = [
            padded[tuple(slice(start, start + 2 * along + 1) for start, along in zip(voxel, reach, strict=True))]
            for voxel in np.argwhere(levels)
        ]


def neighbors(box, place, steps):
    """Levels above 0 of the neighbors of a voxel in a box."""
    there = [tuple(np.add(place, step)) for step in steps]
    inside = [p for p in there if all(0 <= along < length for along, length in zip(p, box.shape, strict=True))]
    return [int(box[p]) for p in inside if box[p] > 0]


def assert_sums(names, sums, expected):
    """Compare the sums of one matrix by their names."""
    for name, value in zip(names, sums, strict=True):
        assert value == pytest.approx(expected[name], rel=1e-9, abs=1e-9), name


def entropy(counts):
    total = sum(counts)
    return -sum(n / total * log2(n / total) for n in counts)


def central(values, power):
    values = np.array(values, float)
    return np.mean((values - values.mean()) ** power)


@pytest.mark.parametrize("n", [2, 3, 9, 25, 27, 125])
def test_the_network_sorts(n):
    for seed in range(20):
        numbers = np.random.default_rng(seed).integers(0, n, n)
        expected = np.sort(numbers)
        for i, j in sorting_network(n):
            numbers[[i, j]] = min(numbers[i], numbers[j]), max(numbers[i], numbers[j])
        np.testing.assert_array_equal(numbers, expected)


@few
@with_levels
def test_copies_hold_the_levels_around_each_voxel(levels, radius, in_plane):
    windows = Windows(levels, radius, in_plane)
    for copy, found, box in zip(windows.copies, windows.found, windows.boxes, strict=True):
        np.testing.assert_array_equal(found[copy[windows.around.places]], box.ravel())
        assert copy.sum() == copy[windows.around.places].sum()


@few
@with_levels
def test_statistics_are_those_of_the_sorted_intensities(levels, radius, in_plane):
    windows = Windows(levels, radius, in_plane)
    found = _kernels.map_statistics(windows.image, windows.centers, windows.offsets, windows.around.exchanges)
    for sums, box in zip(found.T, windows.boxes, strict=True):
        x = box[box > 0].astype(float)
        percentiles = np.percentile(x, [10, 25, 50, 75, 90])
        middle = x[(x >= percentiles[0]) & (x <= percentiles[4])]
        expected = {
            "n": x.size,
            "mean": x.mean(),
            "lowest": x.min(),
            "highest": x.max(),
            **dict(zip(("p10", "p25", "p50", "p75", "p90"), percentiles, strict=True)),
            "second": central(x, 2),
            "third": central(x, 3),
            "fourth": central(x, 4),
            "from_mean": np.mean(np.abs(x - x.mean())),
            "from_median": np.mean(np.abs(x - np.median(x))),
            "square": np.mean(x**2),
            "robust": np.mean(np.abs(middle - middle.mean())) if middle.size else np.nan,
        }
        for name, value in zip(STATISTICS, sums, strict=True):
            assert value == pytest.approx(expected[name], rel=1e-9, abs=1e-9, nan_ok=True), name


def test_the_distance_from_zero_takes_nothing_from_the_spread_around_a_voxel():
    windows = Windows(np.random.default_rng(0).integers(1, N_G + 1, (4, 5, 6)), 1, in_plane=False)
    arguments = windows.centers, windows.offsets, windows.around.exchanges
    images = (windows.image.astype(float) + offset for offset in (0.0, 2.0**40))
    near, far = (_kernels.map_statistics(image, *arguments) for image in images)
    spread = [STATISTICS.index(name) for name in ("second", "third", "fourth", "from_mean", "robust")]
    np.testing.assert_allclose(far[spread], near[spread], rtol=1e-12)


@few
@with_levels
def test_level_counts_are_those_of_the_twin(levels, radius, in_plane):
    windows = Windows(levels, radius, in_plane)
    sums = _kernels.map_level_counts(windows.levels, windows.centers, windows.offsets, N_G)
    for (disorder, uniformity), box in zip(sums.T, windows.boxes, strict=True):
        counts = list(Counter(box[box > 0].tolist()).values())
        assert disorder == pytest.approx(entropy(counts), abs=1e-12)
        assert uniformity == pytest.approx(sum(n**2 for n in counts) / sum(counts) ** 2)


def pairs_of(box, direction):
    """Pairs of levels along a direction, both ways."""
    pairs = []
    for place in product(*map(range, box.shape)):
        if box[place] > 0:
            for other in neighbors(box, place, [direction]):
                pairs += [(int(box[place]), other), (other, int(box[place]))]
    return pairs


@few
@with_levels
def test_pairs_are_summed_as_the_twin_sums_them(levels, radius, in_plane):
    windows = Windows(levels, radius, in_plane)
    around = windows.around
    found = _kernels.map_pairs(windows.copies, windows.found, around.pairs, around.pair_starts, N_G)
    for of_voxel, box in zip(np.moveaxis(found, 2, 0), windows.boxes, strict=True):
        for sums, direction in zip(of_voxel.T, windows.directions, strict=True):
            pairs = pairs_of(box, direction)
            assert sums[0] == len(pairs)
            if not pairs:
                assert np.isnan(sums[1:]).all()
                continue
            i, j = np.array(pairs, float).T
            counts = np.array(list(Counter(pairs).values()))
            k = np.abs(i - j)
            expected = {
                "count": len(pairs),
                "largest": counts.max() / len(pairs),
                "energy": np.sum(counts**2) / len(pairs) ** 2,
                "entropy": entropy(counts),
                "product": np.mean(i * j),
                "mean": i.mean(),
                "variance": i.var(),
                "level_entropy": entropy(Counter(i).values()),
                "covariance": np.mean((i - i.mean()) * (j - j.mean())),
                "difference_mean": k.mean(),
                "difference_variance": k.var(),
                "difference_entropy": entropy(Counter(k).values()),
                "contrast": np.mean(k**2),
                "inverse": np.mean(1 / (1 + k)),
                "normalised_inverse": np.mean(1 / (1 + k / N_G)),
                "inverse_square": np.mean(1 / (1 + k**2)),
                "normalised_inverse_square": np.mean(1 / (1 + (k / N_G) ** 2)),
                "inverse_variance": np.sum(1 / k[k > 0] ** 2) / k.size,
                "sum_variance": central(i + j, 2),
                "sum_third": central(i + j, 3),
                "sum_fourth": central(i + j, 4),
                "sum_entropy": entropy(Counter(i + j).values()),
            }
            assert_sums(PAIR_SUMS, sums, expected)


def twin_correlation(pairs):
    """Second largest singular value of the normalised matrix; 0 for a single level."""
    matrix = np.zeros((N_G + 1, N_G + 1))
    np.add.at(matrix, tuple(np.transpose(pairs)), 1)
    occurs = matrix.any(axis=1)
    matrix = matrix[np.ix_(occurs, occurs)]
    roots = np.sqrt(np.outer(matrix.sum(axis=1), matrix.sum(axis=0)))
    return [*np.linalg.svd(matrix / roots, compute_uv=False), 0.0][1]


@few
@with_levels
def test_the_maximal_correlation_is_the_second_singular_value(levels, radius, in_plane):
    windows = Windows(levels, radius, in_plane)
    found = _kernels.map_correlations(windows.copies, windows.around.pairs, windows.around.pair_starts)
    for of_voxel, box in zip(found.T, windows.boxes, strict=True):
        for correlation, direction in zip(of_voxel, windows.directions, strict=True):
            pairs = pairs_of(box, direction)
            expected = twin_correlation(pairs) if pairs else np.nan
            assert correlation == pytest.approx(expected, abs=1e-7, nan_ok=True)


def size_sums(items):
    """Sums over items (level, size), from their definitions."""
    i, j = np.array(items, float).T
    counts = np.array(list(Counter(items).values()))
    return {
        "count": len(items),
        "small": np.mean(1 / j**2),
        "large": np.mean(j**2),
        "low": np.mean(1 / i**2),
        "high": np.mean(i**2),
        "small_low": np.mean(1 / (i * j) ** 2),
        "small_high": np.mean((i / j) ** 2),
        "large_low": np.mean((j / i) ** 2),
        "large_high": np.mean((i * j) ** 2),
        "level_non_uniformity": sum(n**2 for n in Counter(i).values()) / len(items),
        "size_non_uniformity": sum(n**2 for n in Counter(j).values()) / len(items),
        "level_variance": i.var(),
        "size_variance": j.var(),
        "entropy": entropy(counts),
        "energy": np.sum(counts**2) / len(items) ** 2,
        "sizes": j.sum(),
    }


def lines_of(box, direction):
    """Levels along each line that crosses a box in a direction."""
    lines = {}
    for place in product(*map(range, box.shape)):
        start = np.array(place)
        while all(0 <= along < length for along, length in zip(start - direction, box.shape, strict=True)):
            start = start - direction
        lines.setdefault(tuple(start), []).append((place, int(box[place])))
    along = np.flatnonzero(direction)[0]
    return [[level for _, level in sorted(line, key=lambda item: item[0][along])] for line in lines.values()]


def runs_of(lines):
    """Items (level, length); none if no two voxels share a line."""
    if all(np.count_nonzero(line) < 2 for line in lines):
        return []
    items = []
    for line in lines:
        edges = [0, *(np.flatnonzero(np.diff(line)) + 1).tolist(), len(line)]
        items += [(line[a], b - a) for a, b in pairwise(edges) if line[a] > 0]
    return items


@few
@with_levels
def test_runs_are_those_of_the_twin(levels, radius, in_plane):
    windows = Windows(levels, radius, in_plane)
    around = windows.around
    found = _kernels.map_runs(windows.copies, windows.found, around.lines, around.line_starts)
    for of_voxel, box in zip(np.moveaxis(found, 2, 0), windows.boxes, strict=True):
        for sums, direction in zip(of_voxel.T, windows.directions, strict=True):
            items = runs_of(lines_of(box, direction))
            if items:
                assert_sums(SIZE_SUMS, sums, size_sums(items))
            else:
                assert sums[0] == 0
                assert np.isnan(sums[1:]).all()


@few
@with_levels
def test_zones_are_those_of_the_twin(levels, radius, in_plane):
    windows = Windows(levels, radius, in_plane)
    around = windows.around
    found = _kernels.map_zones(windows.copies, windows.found, around.places, around.neighbors)
    for sums, box in zip(found.T, windows.boxes, strict=True):
        items = []
        for level in np.unique(box[box > 0]).tolist():
            labels, _ = ndimage.label(box == level, np.ones((3, 3, 3)))
            items += [(level, int(size)) for size in np.bincount(labels.ravel())[1:]]
        assert_sums(SIZE_SUMS, sums, size_sums(items))


STEPS = [step for step in product((-1, 0, 1), repeat=3) if any(step)]


@few
@with_levels
def test_dependences_are_those_of_the_twin(levels, radius, in_plane):
    windows = Windows(levels, radius, in_plane)
    around = windows.around
    found = _kernels.map_dependences(windows.copies, windows.found, around.places, around.neighbors)
    for sums, box in zip(found.T, windows.boxes, strict=True):
        places = map(tuple, np.argwhere(box))
        items = [(int(box[place]), 1 + neighbors(box, place, STEPS).count(box[place])) for place in places]
        assert_sums(SIZE_SUMS, sums, size_sums(items))


@few
@with_levels
def test_tone_differences_are_those_of_the_twin(levels, radius, in_plane):
    windows = Windows(levels, radius, in_plane)
    around = windows.around
    found = _kernels.map_tones(windows.copies, windows.found, around.places, around.neighbors, 1e6)
    for sums, box in zip(found.T, windows.boxes, strict=True):
        n, s = Counter(), Counter()
        for place in map(tuple, np.argwhere(box)):
            level = int(box[place])
            near = neighbors(box, place, STEPS)
            n[level] += 1
            s[level] += abs(level - np.mean(near)) if near else 0
        p = {level: count / sum(n.values()) for level, count in n.items()}
        both = list(product(p, p))
        rate = sum(p[i] * s[i] for i in p)
        busy = sum(abs(i * n[i] - j * n[j]) for i, j in both) / sum(n.values())
        spread = sum(p[i] * p[j] * (i - j) ** 2 for i, j in both) / max(len(n) * (len(n) - 1), 1)
        changes = sum(abs(i - j) * (p[i] * s[i] + p[j] * s[j]) / (p[i] + p[j]) for i, j in both)
        expected = {
            "coarseness": 1 / rate if rate else 1e6,
            "contrast": spread * sum(s.values()) / sum(n.values()),
            "busyness": rate / busy if busy else 0,
            "complexity": changes / sum(n.values()),
            "strength": sum((p[i] + p[j]) * (i - j) ** 2 for i, j in both) / sum(s.values()) if rate else 0,
        }
        assert_sums(TONE_FEATURES, sums, expected)
