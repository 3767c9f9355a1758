"""Statistics of the intensities around each voxel, and how evenly grey levels occur there.

Intensities are sorted for many voxels at a time, by comparing and exchanging the same two places of all: no step
depends on what an intensity is, so the processor works on several at once and never guesses wrong.
"""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part

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
        _describe(x, start, statistics)
    return statistics


@kernel_part
def _describe(x, start, statistics):
    """Fill the statistics of sorted intensities, each column those of a voxel, from the voxel `start` on."""
    stop = min(start + CHUNK, statistics.shape[1])
    n, mean = statistics[0, start:stop], statistics[1, start:stop]
    lowest, highest = statistics[2, start:stop], statistics[3, start:stop]
    p10, p25, p50 = statistics[4, start:stop], statistics[5, start:stop], statistics[6, start:stop]
    p75, p90 = statistics[7, start:stop], statistics[8, start:stop]
    second, third, fourth = statistics[9, start:stop], statistics[10, start:stop], statistics[11, start:stop]
    from_mean, from_median = statistics[12, start:stop], statistics[13, start:stop]
    square, from_middle = statistics[14, start:stop], statistics[15, start:stop]
    first = x[0, : n.size]
    for place in range(len(x)):
        row = x[place, : n.size]
        for voxel in range(n.size):
            n[voxel] += 1.0 if row[voxel] < np.inf else 0.0
            # Above the lowest of them, for now: the mean itself is rounded to the digits of the intensities.
            mean[voxel] += row[voxel] - first[voxel] if row[voxel] < np.inf else 0.0
    for voxel in range(n.size):
        column = x[:, voxel]
        size = int(n[voxel])
        lowest[voxel], highest[voxel] = column[0], column[size - 1]
        mean[voxel] /= size
        p10[voxel] = _percentile(column, size, 0.1)
        p25[voxel] = _percentile(column, size, 0.25)
        p50[voxel] = _percentile(column, size, 0.5)
        p75[voxel] = _percentile(column, size, 0.75)
        p90[voxel] = _percentile(column, size, 0.9)
    buffers = np.zeros((3, CHUNK))
    step, middle, n_middle = buffers[0, : n.size], buffers[1, : n.size], buffers[2, : n.size]
    for place in range(len(x)):
        row = x[place, : n.size]
        # Several short loops: each is done in a few instructions, which one long loop is not.
        for voxel in range(n.size):
            step[voxel] = row[voxel] - first[voxel] - mean[voxel] if row[voxel] < np.inf else 0.0
        for voxel in range(n.size):
            second[voxel] += step[voxel] * step[voxel]
            from_mean[voxel] += abs(step[voxel])
        for voxel in range(n.size):
            step_2 = step[voxel] * step[voxel]
            third[voxel] += step_2 * step[voxel]
            fourth[voxel] += step_2 * step_2
        for voxel in range(n.size):
            from_median[voxel] += abs(row[voxel] - p50[voxel]) if row[voxel] < np.inf else 0.0
            square[voxel] += row[voxel] * row[voxel] if row[voxel] < np.inf else 0.0
        for voxel in range(n.size):
            is_middle = (p10[voxel] <= row[voxel]) & (row[voxel] <= p90[voxel])
            middle[voxel] += row[voxel] - p50[voxel] if is_middle else 0.0
            n_middle[voxel] += 1.0 if is_middle else 0.0
    for voxel in range(n.size):
        middle[voxel] = middle[voxel] / n_middle[voxel] if n_middle[voxel] > 0 else np.nan
    for place in range(len(x)):
        row = x[place, : n.size]
        for voxel in range(n.size):
            is_middle = (p10[voxel] <= row[voxel]) & (row[voxel] <= p90[voxel])
            from_middle[voxel] += abs(row[voxel] - p50[voxel] - middle[voxel]) if is_middle else 0.0
    for voxel in range(n.size):
        mean[voxel] += first[voxel]
        for number in range(9, 15):
            statistics[number, start + voxel] /= n[voxel]
        from_middle[voxel] = from_middle[voxel] / n_middle[voxel] if n_middle[voxel] > 0 else np.nan


@kernel_part
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
