"""Maximal correlation of neighboring grey levels: an eigenvalue of a co-occurrence matrix."""

import numpy as np

from radlearn._kernels.compiling import kernel
from radlearn.radiomics._kernels.eigenvalues import largest_size, largest_size_of_sparse

# The direct way takes n^3 additions for n levels, many at once; a step takes as long as so many of them for each entry.
# Steps are tried if that many fit into the time of the direct way.
PARTS_OF_A_STEP, FEWEST_STEPS = 8, 60

# Rare levels that have no neighbors but each other make eigenvalues of 1, which epsilon moves by up to a small number.
# Steps do not tell them apart: if that number is above this one, they are found directly, among up to so many levels.
TOLERATED, LARGEST_DIRECT = 1e-9, 600


@kernel
def maximal_correlations(matrices, levels, neighbors, counts, epsilon, start, places, scaled, vectors, correlations):
    r"""Largest correlation that functions of both grey levels of a pair can have.

    It is the second largest absolute eigenvalue of :math:`p_{ij} / \sqrt{p_i p_j + \epsilon}`; the largest belongs to
    the vector of :math:`\sqrt{p_i}`, and is taken away.

    Parameters
    ----------
    matrices, levels, neighbors : ndarray of int64, shape (n_entries,)
        Matrix, i from 1 and j from 1 of each entry; sorted by matrix, then by i.
    counts : ndarray of float64, shape (n_entries,)
        The entries of symmetric matrices, above 0.
    epsilon : float
        Not so large that it changes the vector, only what is 0 or nearly so.
    start : ndarray of float64, shape (n,)
        Any numbers without a pattern, to begin with.
    places : ndarray of int64, shape (n_g + 1,)
        Overwritten.
    scaled, vectors : ndarray of float64, shapes (n, n) and (3, n)
        For n grey levels that occur; overwritten. They are the caller's, since references to arrays that are made here
        would be counted at each look at a row, which takes longer than the row.
    correlations : ndarray of float64, shape (n_matrices,)
        Written to: 0 for a matrix of a single grey level, NaN for one without entries.
    """
    for matrix in range(correlations.size):
        correlations[matrix] = np.nan
    for level in range(places.size):
        places[level] = -1
    p, root, other = vectors[0], vectors[1], vectors[2]
    columns, values = np.empty(counts.size, np.int64), np.empty(counts.size)
    row_starts = np.empty(len(scaled) + 1, np.int64)
    stop = 0
    while stop < matrices.size:
        # Levels are numbered once more, for the matrix alone.
        first, matrix, n, total, smallest = stop, matrices[stop], 0, 0.0, 1.0
        while stop < matrices.size and matrices[stop] == matrix:
            level = levels[stop]
            if places[level] < 0:
                places[level], row_starts[n], p[n] = n, stop, 0.0
                n += 1
            p[n - 1] += counts[stop]
            total += counts[stop]
            stop += 1
        row_starts[n] = stop
        for i in range(n):
            p[i] /= total
            root[i] = np.sqrt(p[i])
            smallest = min(smallest, p[i])
        for i in range(n):
            for entry in range(row_starts[i], row_starts[i + 1]):
                j = places[neighbors[entry]]
                columns[entry], values[entry] = j, counts[entry] / total / np.sqrt(p[i] * p[j] + epsilon)
        for entry in range(first, stop):
            places[levels[entry]] = -1
        n_steps, found = min(n, n**3 // (PARTS_OF_A_STEP * (stop - first))), -1.0
        if n_steps >= FEWEST_STEPS:
            sparse = row_starts[: n + 1], columns, values
            found = largest_size_of_sparse(*sparse, root[:n], start, n_steps)
        moved = epsilon / (2 * smallest * smallest)
        if found < 0 or (found > 1 - 2 * moved and moved > TOLERATED and n <= LARGEST_DIRECT):
            for i in range(n):
                row = scaled[i]
                for j in range(n):
                    row[j] = -root[i] * root[j]
                for entry in range(row_starts[i], row_starts[i + 1]):
                    row[columns[entry]] += values[entry]
            found = largest_size(scaled, n, root, other)
        correlations[matrix] = found


@kernel
def second_eigenvalue(row_starts, columns, values, root, start, n_steps):
    """Second largest absolute eigenvalue of a sparse symmetric matrix whose largest is 1.

    Parameters
    ----------
    row_starts, columns, values
        As for `largest_size_of_sparse`.
    root : ndarray of float64, shape (n,)
        The vector of length 1 that belongs to the largest eigenvalue.
    start : ndarray of float64, shape (n,)
        Any numbers without a pattern, to begin with.
    n_steps : int
        Largest number of products with the matrix.

    Returns
    -------
    eigenvalue : float
        -1 if the steps do not suffice.
    """
    return largest_size_of_sparse(row_starts, columns, values, root, start, n_steps)
