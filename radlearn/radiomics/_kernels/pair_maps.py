"""Pairs of neighboring grey levels around each voxel, and the sums that co-occurrence features are made of."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part


@kernel
def map_pairs(copies, found, pairs, starts, n_g):
    """Sums over the pairs of neighbors around voxels, each of which counts both ways.

    The p of the pairs, the distributions p_i, p_k and p_l of levels, differences and sums, and the sums over them are
    those of `sum_pairs`.

    Parameters
    ----------
    copies, found
        From `map_levels`.
    pairs : ndarray of int64, shape (n_pairs, 2)
        Positions in a copy that are neighbors.
    starts : ndarray of int64, shape (n_directions + 1,)
        Where the pairs of each direction begin, and the end.
    n_g : int
        The highest grey level.

    Returns
    -------
    sums : ndarray of float64, shape (22, n_directions, n_centers)
        The total; the largest p; the sums of p**2, of -p * log2(p) and of p * i * j; mean, variance and entropy of p_i;
        the covariance of i and j; mean, variance and entropy of p_k; the sums over k of p_k times k**2, 1 / (1 + k),
        1 / (1 + k / n_g), 1 / (1 + k**2), 1 / (1 + (k / n_g)**2), and 1 / k**2 (k > 0); the second, third and fourth
        central moment of p_l; and its entropy. NaN, but for the total, where a direction has no pairs.
    """
    n_directions, n_most, n_levels = starts.size - 1, copies.shape[1], found.shape[1]
    sums = np.full((22, n_directions, len(copies)), np.nan)
    first, second = np.empty(n_most, np.int64), np.empty(n_most, np.int64)
    joint, of_level = np.zeros((n_levels, n_levels), np.int64), np.zeros(n_levels, np.int64)
    of_difference, of_sum = np.zeros(n_g, np.int64), np.zeros(2 * n_g + 1, np.int64)
    tables = joint, of_level, of_difference, of_sum
    log2, weights = _logarithms(2 * n_most), _weights(n_g)
    for number in range(len(copies)):
        copy = copies[number]
        for direction in range(n_directions):
            n = 0
            for pair in range(starts[direction], starts[direction + 1]):
                i, j = copy[pairs[pair, 0]], copy[pairs[pair, 1]]
                if i > 0 and j > 0:
                    first[n], second[n] = min(i, j), max(i, j)
                    n += 1
            sums[0, direction, number] = 2 * n
            if n > 0:
                _sum_one(first[:n], second[:n], found[number], tables, log2, weights, sums[:, direction, number])
    return sums


@kernel_part
def _logarithms(n):
    """Binary logarithms of 1 to n, and 0 for 0."""
    log2 = np.zeros(n + 1)
    for count in range(1, n + 1):
        log2[count] = np.log2(count)
    return log2


@kernel_part
def _weights(n_g):
    """The five weights of each difference, as `map_pairs` names them."""
    weights = np.zeros((n_g, 5))
    for k in range(n_g):
        weights[k, 0] = 1 / (1 + k)
        weights[k, 1] = 1 / (1 + k / n_g)
        weights[k, 2] = 1 / (1 + k * k)
        weights[k, 3] = 1 / (1 + (k / n_g) ** 2)
        if k > 0:
            weights[k, 4] = 1 / (k * k)
    return weights


@kernel_part
def _sum_one(first, second, found, tables, log2, weights, sums):
    """Fill the sums of one direction; the tables, which count what occurs, are all 0 before and after."""
    joint, of_level, of_difference, of_sum = tables
    n = first.size
    for pair in range(n):
        i, j = first[pair], second[pair]
        joint[i, j] += 1 + (i == j)
        of_level[i] += 1
        of_level[j] += 1
        of_difference[abs(found[i] - found[j])] += 1
        of_sum[found[i] + found[j]] += 1
    # Each pair adds its part of what all pairs like it contribute.
    level_total = difference_total = largest = joint_total = product = square = 0
    for pair in range(n):
        i, j = first[pair], second[pair]
        x, y = found[i], found[j]
        level_total += x + y
        difference_total += abs(x - y)
        largest = max(largest, joint[i, j])
        joint_total += joint[i, j]
        product += x * y
        square += (x - y) * (x - y)
    mean, difference_mean = level_total / (2 * n), difference_total / n
    variance = covariance = difference_variance = second_moment = third_moment = fourth_moment = 0.0
    entropy = level_entropy = difference_entropy = sum_entropy = 0.0
    weighted_0 = weighted_1 = weighted_2 = weighted_3 = weighted_4 = 0.0
    for pair in range(n):
        i, j = first[pair], second[pair]
        x, y = found[i], found[j]
        k = abs(x - y)
        from_x, from_y, from_k = x - mean, y - mean, k - difference_mean
        variance += from_x * from_x + from_y * from_y
        covariance += from_x * from_y
        difference_variance += from_k * from_k
        deviation = from_x + from_y
        deviation_2 = deviation * deviation
        second_moment += deviation_2
        third_moment += deviation_2 * deviation
        fourth_moment += deviation_2 * deviation_2
        entropy += log2[2 * n] - log2[joint[i, j]]
        level_entropy += (log2[2 * n] - log2[of_level[i]]) + (log2[2 * n] - log2[of_level[j]])
        difference_entropy += log2[n] - log2[of_difference[k]]
        sum_entropy += log2[n] - log2[of_sum[x + y]]
        weighted_0 += weights[k, 0]
        weighted_1 += weights[k, 1]
        weighted_2 += weights[k, 2]
        weighted_3 += weights[k, 3]
        weighted_4 += weights[k, 4]
    sums[1] = largest / (2 * n)
    sums[2] = joint_total / (2 * n * n)
    sums[3] = entropy / n
    sums[4] = product / n
    sums[5] = mean
    sums[6] = variance / (2 * n)
    sums[7] = level_entropy / (2 * n)
    sums[8] = covariance / n
    sums[9] = difference_mean
    sums[10] = difference_variance / n
    sums[11] = difference_entropy / n
    sums[12] = square / n
    sums[13] = weighted_0 / n
    sums[14] = weighted_1 / n
    sums[15] = weighted_2 / n
    sums[16] = weighted_3 / n
    sums[17] = weighted_4 / n
    sums[18] = second_moment / n
    sums[19] = third_moment / n
    sums[20] = fourth_moment / n
    sums[21] = sum_entropy / n
    for pair in range(n):
        i, j = first[pair], second[pair]
        joint[i, j] = of_level[i] = of_level[j] = 0
        of_difference[abs(found[i] - found[j])] = of_sum[found[i] + found[j]] = 0
