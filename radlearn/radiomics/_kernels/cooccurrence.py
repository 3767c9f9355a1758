"""Pairs of neighboring grey levels: counting them, and the sums that co-occurrence features are made of."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part
from radlearn.radiomics._kernels.bit_planes import WORD, is_empty, look, n_set, packed, planes_of_levels
from radlearn.radiomics._kernels.memory import aligned

# Voxels that are worked on at a time, and words of bit planes: few enough to stay in the nearest cache of a processor.
CHUNK, WORDS = 1024, 256


@kernel
def count_pairs(levels, shifts, matrices, counts):
    """Count pairs of neighboring grey levels.

    Four directions are counted at a time; where these go to four matrices, none has to wait for the sum of another one.

    Parameters
    ----------
    levels : ndarray of int16, shape (z + 2 d, y + 2 d, x + 2 d)
        1 to n_g inside the region, 0 outside and in the d outermost layers; or a single slice of it.
    shifts : ndarray of int64, shape (n_directions,)
        How much further in memory the neighbor lies along each direction, above 0; none more than d voxels away.
    matrices : ndarray of int64, shape (n_directions,)
        Number of the matrix in which each direction is counted.
    counts : ndarray of int64, shape (n_matrices, n_g + 1, n_g + 1)
        All 0; entry (m, i, j) becomes the number of voxels of level i with a neighbor of level j, which is 0 outside.
    """
    flat, flat_counts = levels.ravel(), counts.ravel()
    n_levels = np.uint64(counts.shape[1])  # unsigned: an index of numba that is no negative one needs no check
    furthest = 0
    for shift in shifts:
        furthest = max(furthest, shift)
    n_fours = shifts.size // 4 * 4
    voxels = np.empty(CHUNK, np.uint64)
    rows = np.empty(CHUNK, np.uint64)
    tables = matrices.astype(np.uint64) * n_levels * n_levels
    steps = shifts.astype(np.uint64)
    for start in range(0, flat.size - furthest, CHUNK):
        n = np.uint64(0)
        for voxel in range(start, min(start + CHUNK, flat.size - furthest)):
            voxels[n] = voxel
            rows[n] = np.uint64(flat[voxel]) * n_levels
            n += np.uint64(flat[voxel] > 0)
        for first in range(0, n_fours, 4):
            step_0, step_1 = steps[first], steps[first + 1]
            step_2, step_3 = steps[first + 2], steps[first + 3]
            table_0, table_1 = tables[first], tables[first + 1]
            table_2, table_3 = tables[first + 2], tables[first + 3]
            for number in range(n):
                voxel, row = voxels[number], rows[number]
                flat_counts[table_0 + row + np.uint64(flat[voxel + step_0])] += 1
                flat_counts[table_1 + row + np.uint64(flat[voxel + step_1])] += 1
                flat_counts[table_2 + row + np.uint64(flat[voxel + step_2])] += 1
                flat_counts[table_3 + row + np.uint64(flat[voxel + step_3])] += 1
        for direction in range(n_fours, shifts.size):
            step, table = steps[direction], tables[direction]
            for number in range(n):
                flat_counts[table + rows[number] + np.uint64(flat[voxels[number] + step])] += 1


@kernel
def count_pairs_of_few(levels, shifts, matrices, counts):
    """The same for few grey levels: each has a bit plane, and so has each pair, whose bits are counted.

    Parameters
    ----------
    levels, shifts, matrices
        As in `count_pairs`.
    counts : ndarray of int64, shape (n_matrices, n_g + 1, n_g + 1)
        All 0; entry (m, i, j) becomes the number of voxels of level i with a neighbor of level j, both above 0.
    """
    n_levels = counts.shape[1]
    furthest = 0
    for shift in shifts:
        furthest = max(furthest, shift)
    margin = furthest // WORD + 2
    of_levels = planes_of_levels(packed(levels.ravel(), n_levels, margin), n_levels)
    n_words = of_levels.shape[1]
    neighbors = aligned(WORDS, np.uint64)
    found = np.empty(n_levels, np.int64)  # levels that there are here
    for start in range(margin, n_words - margin, WORDS):
        stop = min(start + WORDS, n_words - margin)
        n_found = 0
        for level in range(1, n_levels):
            found[n_found] = level
            n_found += not is_empty(of_levels[level, start:stop])
        if n_found == 0:
            continue
        there = neighbors[: stop - start]
        for direction in range(shifts.size):
            of_matrix = counts[matrices[direction]]
            for neighbor in range(1, n_levels):
                look(of_levels[neighbor], start, shifts[direction], there)
                if is_empty(there):
                    continue
                for level in found[:n_found]:
                    here = of_levels[level, start:stop]
                    n_pairs = np.uint64(0)
                    for word in range(there.size):
                        n_pairs += n_set(here[word] & there[word])
                    of_matrix[level, neighbor] += np.int64(n_pairs)


@kernel
def list_pairs(levels, shifts, matrices, n_g):
    """List pairs of neighboring grey levels, where there are too many levels for a table of all pairs.

    Parameters
    ----------
    levels, shifts, matrices, n_g
        As in `count_pairs`.

    Returns
    -------
    places : ndarray of int64, shape (n_pairs,)
        For each pair of levels i and j in matrix m, (m * n_g + i - 1) * n_g + j - 1.
    """
    flat = levels.ravel()
    n_voxels = furthest = 0
    for shift in shifts:
        furthest = max(furthest, shift)
    for voxel in range(flat.size):
        n_voxels += flat[voxel] > 0
    places = np.empty(n_voxels * shifts.size, np.int64)
    n_pairs = 0
    for voxel in range(flat.size - furthest):
        here = np.int64(flat[voxel])
        if here > 0:
            for direction in range(shifts.size):
                there = np.int64(flat[voxel + shifts[direction]])
                if there > 0:
                    places[n_pairs] = (matrices[direction] * n_g + here - 1) * n_g + there - 1
                    n_pairs += 1
    return places[:n_pairs]


@kernel
def sum_pairs(matrices, levels, neighbors, counts, n_matrices, n_g):
    """Sums that the features of co-occurrence matrices are made of, in one pass over their non-zero entries.

    With p the matrix divided by its total, i the level of a voxel, j that of its neighbor, and the distributions
    p_i (sum of p over j), p_j (over i), p_k of the differences k = abs(i - j), and p_l of the sums l = i + j:

    Parameters
    ----------
    matrices, levels, neighbors : ndarray of int64, shape (n_entries,)
        Matrix, i from 1 and j from 1 of each entry; sorted by matrix.
    counts : ndarray of float64, shape (n_entries,)
        The entries, above 0.
    n_matrices, n_g : int
        Numbers of matrices, of which some may have no entries, and of grey levels.

    Returns
    -------
    sums : ndarray of float64, shape (n_matrices, 26)
        The total; the largest p; the sums of p**2, of -p * log2(p) and of p * i * j; mean, variance and entropy of
        p_i, then of p_j; their covariance; mean, variance and entropy of p_k; the sums over k of p_k times k**2,
        1 / (1 + k), 1 / (1 + k / n_g), 1 / (1 + k**2), 1 / (1 + (k / n_g)**2), and 1 / k**2 (k > 0); the second, third
        and fourth central moment of p_l; and its entropy; and the sum of p * log2(p / (p_i * p_j)). NaN for a matrix
        without entries.
    """
    sums = np.empty((n_matrices, 26))
    for matrix in range(n_matrices):
        for number in range(26):
            sums[matrix, number] = np.nan
    stop = 0
    while stop < matrices.size:
        start, matrix = stop, matrices[stop]
        while stop < matrices.size and matrices[stop] == matrix:
            stop += 1
        _sum_one(levels[start:stop], neighbors[start:stop], counts[start:stop], n_g, sums[matrix])
    return sums


@kernel_part
def _sum_one(levels, neighbors, counts, n_g, sums):
    """Fill the sums of one matrix."""
    of_level = np.zeros(n_g + 1)
    of_neighbor = np.zeros(n_g + 1)
    of_difference = np.zeros(n_g)
    of_sum = np.zeros(2 * n_g + 1)
    total = largest = energy = product = covariance = shared = 0.0
    for count in counts:
        total += count
    for entry in range(counts.size):
        i, j, count = levels[entry], neighbors[entry], counts[entry]
        of_level[i] += count
        of_neighbor[j] += count
        of_difference[abs(i - j)] += count
        of_sum[i + j] += count
        largest = max(largest, count)
        energy += count * count
        product += count * (i * j)
    mean, sums[6], _, _, sums[7] = _moments(of_level, total)
    neighbor_mean, sums[9], _, _, sums[10] = _moments(of_neighbor, total)
    for entry in range(counts.size):
        i, j, count = levels[entry], neighbors[entry], counts[entry]
        covariance += count * (i - mean) * (j - neighbor_mean)
        # Of whole numbers, so that it is 0 where the levels tell nothing about each other: a difference of entropies
        # would be a rounding error, of which features take the root.
        shared += count * np.log2(count * total / (of_level[i] * of_neighbor[j]))
    shared /= total
    sums[0], sums[1], sums[2] = total, largest / total, energy / (total * total)
    sums[3], sums[4] = sums[7] + sums[10] - shared, product / total
    largest_covariance = np.sqrt(sums[6] * sums[9])  # so that rounding makes no correlation above 1
    sums[5], sums[8] = mean, neighbor_mean
    sums[11] = min(max(covariance / total, -largest_covariance), largest_covariance)
    sums[12], sums[13], _, _, sums[14] = _moments(of_difference, total)
    contrast = inverse = normalised = inverse_square = normalised_square = inverse_variance = 0.0
    for k in range(n_g):
        p = of_difference[k] / total
        square = float(k * k)
        contrast += p * square
        inverse += p / (1 + k)
        normalised += p / (1 + k / n_g)
        inverse_square += p / (1 + square)
        normalised_square += p / (1 + square / (n_g * n_g))
        if k > 0:
            inverse_variance += p / square
    sums[15], sums[16], sums[17] = contrast, inverse, normalised
    sums[18], sums[19], sums[20] = inverse_square, normalised_square, inverse_variance
    _, sums[21], sums[22], sums[23], sums[24] = _moments(of_sum, total)
    sums[25] = max(shared, 0.0)  # below 0 by rounding only


@kernel_part
def _moments(counts, total):
    """Mean, second to fourth central moment and entropy in bits of counts of 0, 1, 2 and so on, whose sum is known."""
    mean = second = third = fourth = entropy = 0.0
    n_values = only = 0
    for value in range(counts.size):
        mean += value * counts[value]
        if counts[value] > 0:
            n_values += 1
            only = value
    if n_values == 1:  # of which the probability is 1, though weighted counts may be rounded sums
        return float(only), 0.0, 0.0, 0.0, 0.0
    mean /= total
    for value in range(counts.size):
        if counts[value] > 0:
            p = counts[value] / total
            deviation = value - mean
            square = deviation * deviation
            second += p * square
            third += p * square * deviation
            fourth += p * square * square
            entropy -= p * np.log2(p)
    return mean, second, third, fourth, entropy
