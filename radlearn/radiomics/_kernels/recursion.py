"""Recursive filters: each value follows from those before it and those behind it."""

import numpy as np

from radlearn._kernels.compiling import kernel
from radlearn.radiomics._kernels.memory import aligned

# So many lines are filtered side by side, since one value of a line waits for another.
LANES = 64

# How many values before and behind it a value follows from.
ORDER = 4


@kernel
def filter_lines(values, feedback, forward, backward, first, filtered):
    """Filter all lines along the middle axis, once forward and once backward; beyond its ends, a line is constant.

    With x a line, y goes forward and z backward over it: y[i] is the sum of forward[k] * x[i - k] for k = 0 to 3, less
    that of feedback[k] * y[i - k] for k = 1 to 4; z[i] is the sum of backward[k] * x[i + k], less that of
    feedback[k] * z[i + k], both for k = 1 to 4.

    Parameters
    ----------
    values : ndarray of float32 or float64, shape (n_before, length, n_behind)
    feedback, forward, backward : ndarray of float64, shape (5,)
        By their k; feedback[0] is 1, forward[4] and backward[0] are 0.
    first : int
        The first place of a line that is wanted.
    filtered : ndarray of float32, shape (n_before, n_wanted, n_behind)
        Becomes y + z.
    """
    n_before, length, n_behind = values.shape
    n_wanted = filtered.shape[1]
    flat_values, flat_filtered = values.ravel(), filtered.ravel()
    room = (length + 2 * ORDER) * LANES
    x, y, z = aligned(room, np.float64), aligned(room, np.float64), aligned(room, np.float64)
    for place in range(room):  # a lane without a line is filtered, too
        x[place] = 0.0
    forward_0, forward_1, forward_2, forward_3 = forward[0], forward[1], forward[2], forward[3]
    backward_1, backward_2, backward_3, backward_4 = backward[1], backward[2], backward[3], backward[4]
    feedback_1, feedback_2, feedback_3, feedback_4 = feedback[1], feedback[2], feedback[3], feedback[4]
    forward_gain, backward_gain = forward.sum() / feedback.sum(), backward.sum() / feedback.sum()
    begin, end = ORDER * LANES, (ORDER + length) * LANES  # of the line itself, with what lies beyond around it
    # Lines lie side by side in memory, or one behind the other.
    is_beside = n_behind > 1
    n_lines, n_groups = (n_behind, n_before) if is_beside else (n_before, 1)
    for group in range(n_groups):
        for line in range(0, n_lines, LANES):
            n = min(LANES, n_lines - line)
            if is_beside:
                for i in range(length):
                    place = (group * length + i) * n_behind + line
                    source, row = flat_values[place : place + n], x[begin + i * LANES : begin + i * LANES + n]
                    for lane in range(n):
                        row[lane] = source[lane]
            else:
                for i in range(length):
                    row = x[begin + i * LANES : begin + i * LANES + n]
                    for lane in range(n):
                        row[lane] = flat_values[np.uint64((line + lane) * length + i)]
            first_row, last_row = x[begin : begin + LANES], x[end - LANES : end]
            for k in range(ORDER):
                before, behind = slice(k * LANES, (k + 1) * LANES), slice(end + k * LANES, end + (k + 1) * LANES)
                x_before, x_behind, y_before, z_behind = x[before], x[behind], y[before], z[behind]
                for lane in range(LANES):
                    x_before[lane] = first_row[lane]
                    y_before[lane] = first_row[lane] * forward_gain
                for lane in range(LANES):
                    x_behind[lane] = last_row[lane]
                    z_behind[lane] = last_row[lane] * backward_gain
            # Slices of one row each: indices into the whole would not be seen to be apart.
            for i in range(first + n_wanted):
                at = begin + i * LANES
                x_0, x_1 = x[at : at + LANES], x[at - LANES : at]
                x_2, x_3 = x[at - 2 * LANES : at - LANES], x[at - 3 * LANES : at - 2 * LANES]
                y_0, y_1, y_2 = y[at : at + LANES], y[at - LANES : at], y[at - 2 * LANES : at - LANES]
                y_3, y_4 = y[at - 3 * LANES : at - 2 * LANES], y[at - 4 * LANES : at - 3 * LANES]
                for lane in range(LANES):
                    new = forward_0 * x_0[lane] + forward_1 * x_1[lane] + forward_2 * x_2[lane] + forward_3 * x_3[lane]
                    old = feedback_4 * y_4[lane] + feedback_3 * y_3[lane] + feedback_2 * y_2[lane]
                    y_0[lane] = new - old - feedback_1 * y_1[lane]
            for i in range(length - 1, first - 1, -1):
                at = begin + i * LANES
                x_1, x_2 = x[at + LANES : at + 2 * LANES], x[at + 2 * LANES : at + 3 * LANES]
                x_3, x_4 = x[at + 3 * LANES : at + 4 * LANES], x[at + 4 * LANES : at + 5 * LANES]
                z_0, z_1, z_2 = z[at : at + LANES], z[at + LANES : at + 2 * LANES], z[at + 2 * LANES : at + 3 * LANES]
                z_3, z_4 = z[at + 3 * LANES : at + 4 * LANES], z[at + 4 * LANES : at + 5 * LANES]
                for lane in range(LANES):
                    new = backward_1 * x_1[lane] + backward_2 * x_2[lane] + backward_3 * x_3[lane]
                    old = feedback_4 * z_4[lane] + feedback_3 * z_3[lane] + feedback_2 * z_2[lane]
                    z_0[lane] = new + backward_4 * x_4[lane] - old - feedback_1 * z_1[lane]
            if is_beside:
                for i in range(n_wanted):
                    place, at = (group * n_wanted + i) * n_behind + line, begin + (first + i) * LANES
                    target, y_0, z_0 = flat_filtered[place : place + n], y[at : at + n], z[at : at + n]
                    for lane in range(n):
                        target[lane] = y_0[lane] + z_0[lane]
            else:
                for i in range(n_wanted):
                    at = begin + (first + i) * LANES
                    y_0, z_0 = y[at : at + n], z[at : at + n]
                    for lane in range(n):
                        flat_filtered[np.uint64((line + lane) * n_wanted + i)] = y_0[lane] + z_0[lane]


@kernel
def add_scaled(values, factor, sums):
    """Add values, each times a factor, to sums.

    Parameters
    ----------
    values : ndarray of float32, shape (n,)
    factor : float
    sums : ndarray of float32, shape (n,)
        Computed in double precision, rounded once.
    """
    for place in range(sums.size):
        sums[place] = np.float64(sums[place]) + np.float64(values[place]) * factor
