"""Sums over a list of intensities."""

import numpy as np

from radlearn._kernels.compiling import kernel

# Sums of so many numbers are added up by themselves, so that rounding errors do not grow with the number of voxels.
BLOCK = 4096

# So many sums are made side by side: one that takes number after number would have to wait for itself.
LANES = 64


@kernel
def average_deviations(x, mean, median, low, high):
    """Averages of powers and distances.

    Parameters
    ----------
    x : ndarray of float64, shape (n,)
    mean, median : float
        What rounding has taken from the mean is found and made up for.
    low, high : float
        Bounds of the middle part, both included.

    Returns
    -------
    averages : ndarray of float64, shape (7,)
        Of the second, third and fourth power of x - mean, of abs(x - mean), of abs(x - median), of x**2; and of
        the distances of the middle part from its own average, NaN if there are none.
    """
    lanes = np.empty((7, LANES))
    second, third, fourth, from_mean = lanes[0], lanes[1], lanes[2], lanes[3]
    from_median, square, from_middle = lanes[4], lanes[5], lanes[6]
    steps, counts = np.empty(LANES), np.empty(LANES)
    n_middle = 0
    middle = rest = 0.0
    for start in range(0, x.size, BLOCK):
        for lane in range(LANES):
            from_mean[lane] = from_middle[lane] = counts[lane] = 0.0
        for begin in range(start, min(start + BLOCK, x.size), LANES):
            part = x[begin : begin + LANES]
            for lane in range(part.size):
                is_inside = low <= part[lane] <= high
                from_middle[lane] += part[lane] - median if is_inside else 0.0
                counts[lane] += 1.0 if is_inside else 0.0
                from_mean[lane] += part[lane] - mean
        for lane in range(LANES):
            rest += from_mean[lane]
            middle += from_middle[lane]
            n_middle += np.int64(counts[lane])
    rest /= x.size
    middle = middle / n_middle if n_middle else np.nan  # how far the average of the middle part is from the median

    averages = np.zeros(7)
    for start in range(0, x.size, BLOCK):
        for number in range(7):
            for lane in range(LANES):
                lanes[number, lane] = 0.0
        for begin in range(start, min(start + BLOCK, x.size), LANES):
            part = x[begin : begin + LANES]
            n = part.size
            # Several short loops: each is done in a few instructions, which one long loop is not.
            for lane in range(n):
                steps[lane] = part[lane] - mean - rest
            for lane in range(n):
                second[lane] += steps[lane] * steps[lane]
                square[lane] += part[lane] * part[lane]
            for lane in range(n):
                step_2 = steps[lane] * steps[lane]
                third[lane] += step_2 * steps[lane]
                fourth[lane] += step_2 * step_2
            for lane in range(n):
                from_mean[lane] += abs(steps[lane])
            for lane in range(n):
                step = part[lane] - median
                is_inside = low <= part[lane] <= high
                from_median[lane] += abs(step)
                from_middle[lane] += abs(step - middle) if is_inside else 0.0
        for number in range(7):
            of_block = 0.0
            for lane in range(LANES):
                of_block += lanes[number, lane]
            averages[number] += of_block
    for number in range(6):
        averages[number] /= x.size
    averages[6] = averages[6] / n_middle if n_middle else np.nan
    return averages
