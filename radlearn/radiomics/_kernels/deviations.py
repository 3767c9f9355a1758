"""Sums over a list of intensities."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part

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


@kernel
def accurate_sums(x):
    """Sum of numbers and sum of their squares, as if added up with twice as many digits.

    What rounding takes from each sum is known exactly, and is added up, too: Sum2 of Ogita, Rump and Oishi, Accurate
    sum and dot product, SIAM Journal on Scientific Computing 2005;26:1955-1988.

    Parameters
    ----------
    x : ndarray of float64, shape (n,)

    Returns
    -------
    total, squares : float
        The squares are those of double precision. Infinite or NaN beyond it.
    """
    lanes = np.zeros((4, LANES))
    sums, lost, square_sums, square_lost = lanes[0], lanes[1], lanes[2], lanes[3]
    for begin in range(0, x.size, LANES):
        part = x[begin : begin + LANES]
        for lane in range(part.size):
            sums[lane], error = _two_sum(sums[lane], part[lane])
            lost[lane] += error
        for lane in range(part.size):
            square_sums[lane], error = _two_sum(square_sums[lane], part[lane] * part[lane])
            square_lost[lane] += error
    total = rest = squares = squares_rest = 0.0
    for lane in range(LANES):
        total, error = _two_sum(total, sums[lane])
        rest += error + lost[lane]
        squares, error = _two_sum(squares, square_sums[lane])
        squares_rest += error + square_lost[lane]
    # Of infinity, it is unknown what rounding has taken.
    return total + rest if np.isfinite(total) else total, squares + squares_rest if np.isfinite(squares) else squares


@kernel_part
def _two_sum(a, b):
    """The rounded sum of two numbers, and what rounding has taken from it."""
    total = a + b
    of_b = total - a
    return total, (a - (total - of_b)) + (b - of_b)
