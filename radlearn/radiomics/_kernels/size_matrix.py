"""Sums over matrices of grey level and size: run lengths, zones, dependences."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part

# Up to this size, what is of one size is added up in a table. Larger zones are few, since all fit into the region: the
# others of their size are looked for.
LARGEST_IN_TABLE = 2**16


@kernel
def sum_sizes(matrices, levels, sizes, counts, n_matrices):
    """Sums that the features of matrices of grey level and size are made of, in one pass over their non-zero entries.

    Parameters
    ----------
    matrices, levels, sizes : ndarray of int64, shape (n_entries,)
        Matrix, level i from 1 and size j from 1 of each entry; sorted by matrix, then by level.
    counts : ndarray of float64, shape (n_entries,)
        The entries, above 0.
    n_matrices : int
        Some may have no entries.

    Returns
    -------
    sums : ndarray of float64, shape (n_matrices, 16)
        With s the entries of a matrix, n_s their sum and p = s / n_s: n_s; then the sums of p * i**a * j**b with
        (a, b) = (0, -2), (0, 2), (-2, 0), (2, 0), (-2, -2), (2, -2), (-2, 2) and (2, 2); the sum over i of (the sum of
        s over j)**2 and the sum over j of (the sum of s over i)**2, both divided by n_s; the variances of i and of j;
        the sums of -p * log2(p) and of p**2; and the sum of s * j. NaN for a matrix without entries.
    """
    sums = np.empty((n_matrices, 16))
    for matrix in range(n_matrices):
        for number in range(16):
            sums[matrix, number] = np.nan
    largest = 0
    for size in sizes:
        largest = max(largest, size)
    of_size = np.zeros(min(largest, LARGEST_IN_TABLE) + 1)
    stop = 0
    while stop < matrices.size:
        start, matrix = stop, matrices[stop]
        while stop < matrices.size and matrices[stop] == matrix:
            stop += 1
        _sum_one(levels[start:stop], sizes[start:stop], counts[start:stop], of_size, sums[matrix])
    return sums


@kernel_part
def _sum_one(levels, sizes, counts, of_size, sums):
    """Fill the sums of one matrix; `of_size` is all 0 before and after."""
    n = small = large = low = high = small_low = small_high = large_low = large_high = 0.0
    mean_level = mean_size = of_level = level_squares = size_squares = 0.0
    level_variance = size_variance = entropy = energy = 0.0
    for count in counts:
        n += count
    for entry in range(counts.size):
        p = counts[entry] / n
        i, j = float(levels[entry]), float(sizes[entry])
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
        if sizes[entry] < of_size.size:
            of_size[sizes[entry]] += counts[entry]
        of_level += counts[entry]
        if entry + 1 == counts.size or levels[entry + 1] != levels[entry]:
            level_squares += of_level * of_level
            of_level = 0.0
    sums[15] = mean_size
    # Of whole numbers, sums are exact, and so the mean is where all are equal.
    mean_level, mean_size = mean_level / n, mean_size / n
    for entry in range(counts.size):
        p = counts[entry] / n
        from_level, from_size = levels[entry] - mean_level, sizes[entry] - mean_size
        level_variance += p * (from_level * from_level)
        size_variance += p * (from_size * from_size)
        if sizes[entry] < of_size.size:
            of_this_size = of_size[sizes[entry]]
            size_squares += of_this_size * of_this_size
            of_size[sizes[entry]] = 0
        else:  # the product of the sum with itself, taken apart by its entries
            for other in range(counts.size):
                if sizes[other] == sizes[entry]:
                    size_squares += counts[entry] * counts[other]
    sums[0], sums[1], sums[2] = n, small, large
    sums[3], sums[4] = low, high
    sums[5], sums[6] = small_low, small_high
    sums[7], sums[8] = large_low, large_high
    sums[9], sums[10] = level_squares / n, size_squares / n
    sums[11], sums[12] = level_variance, size_variance
    sums[13], sums[14] = entropy, energy
