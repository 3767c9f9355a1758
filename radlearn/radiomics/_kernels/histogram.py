"""The histogram of grey levels."""

import math

import numpy as np

from radlearn._kernels.compiling import kernel


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
    measures[0] = mean
    for number, percent in enumerate((10, 25, 50, 75, 90)):
        rank = percent / 100 * (n - 1)
        low = _level_at(counts, math.floor(rank))
        measures[4 + number] = low + (rank - math.floor(rank)) * (_level_at(counts, math.ceil(rank)) - low)
    measures[9], measures[10] = lowest, highest

    n_middle = 0
    middle = 0.0
    for place in range(n_g):
        level, count = place + 1.0, counts[place]
        if count == 0:
            continue
        p, deviation = count / n, level - mean
        measures[1] += p * deviation**2
        measures[2] += p * deviation**3
        measures[3] += p * deviation**4
        if count == most and (measures[11] == 0 or abs(deviation) < abs(measures[11] - mean)):
            measures[11] = level
        measures[12] += p * abs(deviation)
        measures[13] += p * abs(level - measures[6])
        if measures[4] <= level <= measures[8]:
            n_middle += count
            middle += count * level
        measures[15] -= p * np.log2(p)
        measures[16] += p * p
    for place in range(n_g):
        if measures[4] <= place + 1 <= measures[8]:
            measures[14] += counts[place] * abs(place + 1 - middle / max(n_middle, 1))
    measures[14] = measures[14] / n_middle if n_middle else np.nan

    for place in range(n_g):
        before, after = max(place - 1, 0), min(place + 1, n_g - 1)
        gradient = (counts[after] - counts[before]) / max(after - before, 1)
        if place == 0 or gradient > measures[17]:
            measures[17], measures[18] = gradient, place + 1
        if place == 0 or gradient < measures[19]:
            measures[19], measures[20] = gradient, place + 1
    return measures


@kernel
def _level_at(counts, rank):
    """Level of the voxel at a place, from 0, in the sorted list of all."""
    place = 0
    n_up_to = counts[0]
    while n_up_to <= rank:
        place += 1
        n_up_to += counts[place]
    return place + 1.0
