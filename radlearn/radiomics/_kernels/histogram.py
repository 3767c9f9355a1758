"""The histogram of grey levels."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part


@kernel
def histogram_measures(counts):
    """What the features of a histogram are made of.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_g,)
        Number of voxels of each level from 1, some of them above 0.

    Returns
    -------
    measures : ndarray of float64, shape (21,)
        Mean; second, third and fourth central moment; 10th, 25th, 50th, 75th and 90th percentile, with linear
        interpolation; lowest and highest level that occurs; the most frequent level (of several the nearest to the
        mean, of two as near the lower); average distances from the mean, from the median, and of the levels between the
        10th and the 90th percentile from their own mean (NaN if there are none); entropy in bits; the sum of squared
        parts; the steepest rise of the counts and its level, and the steepest fall and its level (the lowest of
        several).
    """
    n_g = counts.size
    n = 0
    lowest = highest = most = 0
    mean = 0.0
    for place in range(n_g):
        count = counts[place]
        if count > 0:
            lowest = lowest if lowest > 0 else place + 1
            highest = place + 1
        n += count
        mean += count * (place + 1.0)
        most = max(most, count)
    mean /= n

    measures = np.zeros(21)
    percents = (10, 25, 50, 75, 90)
    for number in range(5):
        rank = percents[number] / 100 * (n - 1)
        below = np.int64(rank)
        low = _level_at(counts, below)
        measures[4 + number] = low + (rank - below) * (_level_at(counts, below + (rank > below)) - low)
    p10, median, p90 = measures[4], measures[6], measures[8]

    n_middle = 0
    second = third = fourth = from_mean = from_median = middle = entropy = energy = mode = 0.0
    for place in range(n_g):
        level, count = place + 1.0, counts[place]
        if count == 0:
            continue
        p, deviation = count / n, level - mean
        square, distance = deviation * deviation, abs(deviation)
        second += p * square
        third += p * (square * deviation)
        fourth += p * (square * square)
        if count == most and (mode == 0 or distance < abs(mode - mean)):
            mode = level
        from_mean += p * distance
        from_median += p * abs(level - median)
        if p10 <= level <= p90:
            n_middle += count
            middle += count * level
        entropy -= p * np.log2(p)
        energy += p * p
    middle_mean = middle / max(n_middle, 1)
    from_middle = 0.0
    for place in range(n_g):
        if p10 <= place + 1 <= p90:
            from_middle += counts[place] * abs(place + 1 - middle_mean)

    rise, fall = -np.inf, np.inf
    for place in range(n_g):
        before, after = max(place - 1, 0), min(place + 1, n_g - 1)
        gradient = (counts[after] - counts[before]) / max(after - before, 1)
        if gradient > rise:
            rise, measures[18] = gradient, place + 1
        if gradient < fall:
            fall, measures[20] = gradient, place + 1

    measures[0], measures[1], measures[2] = mean, second, third
    measures[3], measures[9], measures[10] = fourth, lowest, highest
    measures[11], measures[12], measures[13] = mode, from_mean, from_median
    measures[14] = from_middle / n_middle if n_middle else np.nan
    measures[15], measures[16] = entropy, energy
    measures[17], measures[19] = rise, fall
    return measures


@kernel_part
def _level_at(counts, rank):
    """Level of the voxel at a place, from 0, in the sorted list of all."""
    place = 0
    n_up_to = counts[0]
    while n_up_to <= rank:
        place += 1
        n_up_to += counts[place]
    return place + 1.0
