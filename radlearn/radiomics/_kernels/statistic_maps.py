"""Statistics of the intensities around each voxel, and how evenly grey levels occur there.

Intensities are sorted for many voxels at a time, by comparing and exchanging the same two places of all: no step
depends on what an intensity is, so the processor works on several at once and never guesses wrong.
"""

import numpy as np

from radlearn._kernels.compiling import kernel

# Voxels that are worked on at a time: few enough for their neighborhoods to stay in the nearest cache.
CHUNK = 32


@kernel
def map_statistics(image, centers, offsets, exchanges):
    """Statistics of the intensities around voxels.

    Parameters
    ----------
    image : ndarray of float32 or float64, shape (n_voxels,)
        Intensities, infinite outside the region.
    centers : ndarray of int64, shape (n_centers,)
        Positions of the voxels, which are inside.
    offsets : ndarray of int64, shape (n_places,)
        How much further in memory each voxel of the neighborhood lies.
    exchanges : ndarray of int64, shape (n_exchanges, 2)
        A sorting network: places to compare, the smaller value goes to the first.

    Returns
    -------
    statistics : ndarray of float64, shape (16, n_centers)
        Number of intensities, mean, minimum, maximum, percentiles 10, 25, 50, 75 and 90; averages of the second, third
        and fourth power of the distance from the mean, of its absolute value, of the absolute distance from the median,
        of the square; and of the absolute distance of what lies between the percentiles 10 and 90 from its own average,
        NaN if nothing does.
    """
    statistics = np.zeros((16, centers.size))
    x = np.empty((offsets.size, CHUNK))
    for start in range(0, centers.size, CHUNK):
        here = centers[start : start + CHUNK]
        for place in range(offsets.size):
            for voxel in range(here.size):
                x[place, voxel] = image[here[voxel] + offsets[place]]
        for exchange in range(len(exchanges)):
            one, other = x[exchanges[exchange, 0]], x[exchanges[exchange, 1]]
            for voxel in range(CHUNK):
                low, high = one[voxel], other[voxel]
                one[voxel] = min(low, high)
                other[voxel] = max(low, high)
        _describe(x[:, : here.size], statistics[:, start : start + CHUNK])
    return statistics


@kernel
def _describe(x, statistics):
    """Fill the statistics of sorted intensities, each column those of a voxel."""
    n_places, n_voxels = x.shape
    n, mean, lowest, highest = statistics[0], statistics[1], statistics[2], statistics[3]
    p10, p25, p50, p75, p90 = statistics[4], statistics[5], statistics[6], statistics[7], statistics[8]
    second, third, fourth, square = statistics[9], statistics[10], statistics[11], statistics[14]
    from_mean, from_median, from_middle = statistics[12], statistics[13], statistics[15]
    for place in range(n_places):
        for voxel in range(n_voxels):
            is_inside = x[place, voxel] < np.inf
            n[voxel] += is_inside
            mean[voxel] += x[place, voxel] if is_inside else 0.0
    for voxel in range(n_voxels):
        column = x[:, voxel]
        size = int(n[voxel])
        lowest[voxel], highest[voxel] = column[0], column[size - 1]
        # The rounded mean of equal numbers may differ from them; their deviations are 0 all the same.
        mean[voxel] = column[0] if column[0] == column[size - 1] else mean[voxel] / size
        p10[voxel] = _percentile(column, size, 0.1)
        p25[voxel] = _percentile(column, size, 0.25)
        p50[voxel] = _percentile(column, size, 0.5)
        p75[voxel] = _percentile(column, size, 0.75)
        p90[voxel] = _percentile(column, size, 0.9)
    middle, n_middle = np.zeros(n_voxels), np.zeros(n_voxels)
    for place in range(n_places):
        for voxel in range(n_voxels):
            is_inside = x[place, voxel] < np.inf
            value = x[place, voxel] if is_inside else mean[voxel]
            deviation = value - mean[voxel]
            deviation_2 = deviation * deviation
            second[voxel] += deviation_2
            third[voxel] += deviation_2 * deviation
            fourth[voxel] += deviation_2 * deviation_2
            from_mean[voxel] += abs(deviation)
            from_median[voxel] += abs(value - p50[voxel]) if is_inside else 0.0
            square[voxel] += value * value if is_inside else 0.0
            is_middle = is_inside & (p10[voxel] <= value) & (value <= p90[voxel])
            middle[voxel] += value if is_middle else 0.0
            n_middle[voxel] += is_middle
    for voxel in range(n_voxels):
        middle[voxel] = middle[voxel] / n_middle[voxel] if n_middle[voxel] > 0 else np.nan
    for place in range(n_places):
        for voxel in range(n_voxels):
            value = x[place, voxel]
            is_middle = (p10[voxel] <= value) & (value <= p90[voxel])
            from_middle[voxel] += abs(value - middle[voxel]) if is_middle else 0.0
    for voxel in range(n_voxels):
        for number in range(9, 15):
            statistics[number, voxel] /= n[voxel]
        from_middle[voxel] = from_middle[voxel] / n_middle[voxel] if n_middle[voxel] > 0 else np.nan


@kernel
def _percentile(x, n, part):
    """Percentile of n sorted numbers with linear interpolation, from the nearer of both neighbors, as NumPy does it."""
    place = part * (n - 1)
    below = int(place)
    low, high = x[below], x[min(below + 1, n - 1)]
    beyond = place - below
    return low + (high - low) * beyond if beyond < 0.5 else high - (high - low) * (1 - beyond)


@kernel
def map_level_counts(levels, centers, offsets, n_g):
    """How evenly grey levels occur around voxels.

    Parameters
    ----------
    levels : ndarray of int16, shape (n_voxels,)
        1 to n_g inside the region, 0 outside.
    centers, offsets
        As in `map_statistics`.
    n_g : int
        The highest grey level.

    Returns
    -------
    sums : ndarray of float64, shape (2, n_centers)
        With p the parts of the voxels that have each level, the sums of -p * log2(p) and of p**2.
    """
    sums = np.zeros((2, centers.size))
    counts = np.zeros(n_g + 1, np.int64)
    log2 = np.zeros(offsets.size + 1)
    for count in range(1, offsets.size + 1):
        log2[count] = np.log2(count)
    for number in range(centers.size):
        for offset in offsets:
            counts[levels[centers[number] + offset]] += 1
        n = offsets.size - counts[0]
        entropy, total = 0.0, 0
        for offset in offsets:
            level = levels[centers[number] + offset]
            if level > 0:  # each voxel adds its part of what all voxels like it contribute
                entropy += log2[n] - log2[counts[level]]
                total += counts[level]
        for offset in offsets:
            counts[levels[centers[number] + offset]] = 0
        sums[0, number] = entropy / n
        sums[1, number] = total / (n * n)
    return sums
