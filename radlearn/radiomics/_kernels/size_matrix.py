"""Sums over matrices of grey level and size: run lengths, zones, dependences."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part


@kernel
def sum_sizes(tables, sizes):
    """Sums that the features of matrices of grey level and size are made of, in one pass over their non-zero entries.

    Parameters
    ----------
    tables : ndarray of int64 or float64, shape (n_matrices, n_levels + 1, n_sizes + 1)
        The matrices, without negative entries; row and column 0 stand for what is outside, and are left out.
    sizes : ndarray of int64, shape (n_sizes + 1,)
        The size j from 1 of each column.

    Returns
    -------
    sums : ndarray of float64, shape (n_matrices, 16)
        With s the entries of a matrix, n_s their sum and p = s / n_s: n_s; then the sums of p * i**a * j**b with
        (a, b) = (0, -2), (0, 2), (-2, 0), (2, 0), (-2, -2), (2, -2), (-2, 2) and (2, 2); the sum over i of (the sum of
        s over j)**2 and the sum over j of (the sum of s over i)**2, both divided by n_s; the variances of i and of j;
        the sums of -p * log2(p) and of p**2; and the sum of s * j. NaN for a matrix without entries.
    """
    n_matrices, n_rows, n_columns = tables.shape
    sums = np.empty((n_matrices, 16))
    places = np.empty((2, (n_rows - 1) * (n_columns - 1) + 1), np.int64)
    levels, columns = places[0], places[1]
    counts = np.empty(levels.size)
    of_column = np.zeros(n_columns)
    for matrix in range(n_matrices):
        n_entries = 0
        for level in range(1, n_rows):
            row = tables[matrix, level]
            for column in range(1, n_columns):
                if row[column] != 0:
                    levels[n_entries], columns[n_entries], counts[n_entries] = level, column, row[column]
                    n_entries += 1
        if n_entries == 0:
            for number in range(16):
                sums[matrix, number] = np.nan
            continue
        _sum_one(levels[:n_entries], columns[:n_entries], counts[:n_entries], sizes, of_column, sums[matrix])
    return sums


@kernel_part
def _sum_one(levels, columns, counts, sizes, of_column, sums):
    """Fill the sums of one matrix; `of_column` is all 0 before and after."""
    n = small = large = low = high = small_low = small_high = large_low = large_high = 0.0
    mean_level = mean_size = of_level = level_squares = size_squares = 0.0
    level_variance = size_variance = entropy = energy = 0.0
    for count in counts:
        n += count
    for entry in range(counts.size):
        p = counts[entry] / n
        i, j = float(levels[entry]), float(sizes[columns[entry]])
        i2, j2 = i * i, j * j
        small += p / j2
        large += p * j2
        low += p / i2
        high += p * i2
        small_low += p / (i2 * j2)
        small_high += p * i2 / j2
        large_low += p * j2 / i2
        large_high += p * i2 * j2
        entropy -= p * np.log2(p)
        energy += p * p
        mean_level += counts[entry] * i
        mean_size += counts[entry] * j
        of_column[columns[entry]] += counts[entry]
        of_level += counts[entry]
        if entry + 1 == counts.size or levels[entry + 1] != levels[entry]:
            level_squares += of_level * of_level
            of_level = 0.0
    sums[15] = mean_size
    # Of whole numbers, sums are exact, and so the mean is where all are equal.
    mean_level, mean_size = mean_level / n, mean_size / n
    for entry in range(counts.size):
        p = counts[entry] / n
        from_level, from_size = levels[entry] - mean_level, sizes[columns[entry]] - mean_size
        level_variance += p * (from_level * from_level)
        size_variance += p * (from_size * from_size)
        size_squares += of_column[columns[entry]] * of_column[columns[entry]]
        of_column[columns[entry]] = 0.0
    sums[0], sums[1], sums[2] = n, small, large
    sums[3], sums[4] = low, high
    sums[5], sums[6] = small_low, small_high
    sums[7], sums[8] = large_low, large_high
    sums[9], sums[10] = level_squares / n, size_squares / n
    sums[11], sums[12] = level_variance, size_variance
    sums[13], sums[14] = entropy, energy
