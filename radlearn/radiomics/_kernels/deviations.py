"""Sums over a list of intensities."""

import numpy as np

from radlearn._kernels.compiling import kernel

# Sums of so many numbers are added up by themselves, so that rounding errors do not grow with the number of voxels.
BLOCK = 4096


@kernel
def average_deviations(x, mean, median, low, high):
    """Averages of powers and distances.

    Parameters
    ----------
    x : ndarray of float64, shape (n,)
    mean, median : float
    low, high : float
        Bounds of the middle part, both included.

    Returns
    -------
    averages : ndarray of float64, shape (7,)
        Of the second, third and fourth power of x - mean, of abs(x - mean), of abs(x - median), of x**2; and of
        the distances of the middle part from its own average, NaN if there are none.
    """
    n_middle = 0
    middle = 0.0
    for start in range(0, x.size, BLOCK):
        part = 0.0
        for place in range(start, min(start + BLOCK, x.size)):
            value = x[place]
            if low <= value <= high:
                part += value - mean
                n_middle += 1
        middle += part
    middle_mean = mean + middle / n_middle if n_middle else np.nan

    averages = np.zeros(7)
    for start in range(0, x.size, BLOCK):
        second = third = fourth = from_mean = from_median = square = from_middle = 0.0
        for place in range(start, min(start + BLOCK, x.size)):
            value = x[place]
            deviation = value - mean
            deviation_2 = deviation * deviation
            second += deviation_2
            third += deviation_2 * deviation
            fourth += deviation_2 * deviation_2
            from_mean += abs(deviation)
            from_median += abs(value - median)
            square += value * value
            if low <= value <= high:
                from_middle += abs(value - middle_mean)
        averages[0] += second
        averages[1] += third
        averages[2] += fourth
        averages[3] += from_mean
        averages[4] += from_median
        averages[5] += square
        averages[6] += from_middle
    for number in range(6):
        averages[number] /= x.size
    averages[6] = averages[6] / n_middle if n_middle else np.nan
    return averages
