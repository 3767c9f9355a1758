"""Maximal correlation of neighboring grey levels: an eigenvalue of a co-occurrence matrix."""

import numpy as np

from radlearn._kernels.compiling import kernel
from radlearn.radiomics._kernels.eigenvalues import largest_size


@kernel
def maximal_correlations(matrices, levels, neighbors, counts, epsilon, places, scaled, vectors, correlations):
    r"""Largest correlation that functions of both grey levels of a pair can have.

    It is the second largest absolute eigenvalue of :math:`p_{ij} / \sqrt{p_i p_j + \epsilon}`; the largest belongs to
    the vector of :math:`\sqrt{p_i}`, and is taken away.

    Parameters
    ----------
    matrices, levels, neighbors : ndarray of int64, shape (n_entries,)
        Matrix, i from 1 and j from 1 of each entry; sorted by matrix.
    counts : ndarray of float64, shape (n_entries,)
        The entries of symmetric matrices, above 0.
    epsilon : float
        Not so large that it changes the vector, only what is 0 or nearly so.
    places : ndarray of int64, shape (n_g + 1,)
        All -1, and so they are left.
    scaled, vectors : ndarray of float64, shapes (n, n) and (3, n)
        For n grey levels that occur; overwritten. They are the caller's, since references to arrays that are made here
        would be counted at each look at a row, which takes longer than the row.
    correlations : ndarray of float64, shape (n_matrices,)
        Filled for each matrix that has entries: 0 for one of a single grey level.
    """
    p, root, other = vectors[0], vectors[1], vectors[2]
    stop = 0
    while stop < matrices.size:
        # Levels are numbered once more, for the matrix alone.
        start, matrix, n, total = stop, matrices[stop], 0, 0.0
        while stop < matrices.size and matrices[stop] == matrix:
            level = levels[stop]
            if places[level] < 0:
                places[level], p[n] = n, 0.0
                n += 1
            p[places[level]] += counts[stop]
            total += counts[stop]
            stop += 1
        for i in range(n):
            p[i] /= total
            root[i] = np.sqrt(p[i])
        for i in range(n):
            row = scaled[i]
            for j in range(n):
                row[j] = -root[i] * root[j]
        for entry in range(start, stop):
            i, j = places[levels[entry]], places[neighbors[entry]]
            scaled[i, j] += counts[entry] / total / np.sqrt(p[i] * p[j] + epsilon)
        for entry in range(start, stop):
            places[levels[entry]] = -1
        correlations[matrix] = largest_size(scaled, n, root, other)
