"""Maximal correlation of neighboring grey levels around each voxel: an eigenvalue of small matrices."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part
from radlearn.radiomics._kernels.eigenvalues import largest_size


@kernel
def map_correlations(copies, pairs, starts):
    r"""Largest correlation that functions of both grey levels of a pair can have, around voxels.

    It is the second largest singular value of :math:`p_{ij} / \sqrt{p_i p_j}`, with the p of `map_pairs`; the largest
    is 1.

    Parameters
    ----------
    copies, pairs, starts
        As in `map_pairs`.

    Returns
    -------
    correlations : ndarray of float64, shape (n_directions, n_centers)
        0 if there is one level only, NaN where a direction has no pairs.
    """
    n_directions = starts.size - 1
    correlations = np.full((n_directions, len(copies)), np.nan)
    size = 1
    for copy in copies:
        for level in copy:
            size = max(size, level + 1)
    place, level_at = np.full(size, -1), np.empty(size, np.int64)
    of_level, joint = np.zeros(size, np.int64), np.zeros((size, size), np.int64)
    first, second = np.empty(size * size, np.int64), np.empty(size * size, np.int64)
    parent, half = np.empty(size, np.int64), np.empty(size, np.int64)
    matrix, root, other = np.empty((size, size)), np.empty(size), np.empty(size)
    for number in range(len(copies)):
        copy = copies[number]
        for direction in range(n_directions):
            n = n_pairs = n_different = 0
            for pair in range(starts[direction], starts[direction + 1]):
                i, j = copy[pairs[pair, 0]], copy[pairs[pair, 1]]
                if i > 0 and j > 0:
                    n_pairs += 1
                    # Levels are numbered once more, for the direction alone.
                    for level in (i, j):
                        if place[level] < 0:
                            place[level], level_at[n], of_level[n] = n, level, 0
                            n += 1
                        of_level[place[level]] += 1
                    i, j = min(place[i], place[j]), max(place[i], place[j])
                    if joint[i, j] == 0:
                        first[n_different], second[n_different] = i, j
                        n_different += 1
                    joint[i, j] += 1 + (i == j)
            for level in range(n):
                place[level_at[level]] = -1
            if n_pairs == 0:
                continue
            correlations[direction, number] = 1
            # With fewer different pairs than levels, there is no way around a circle of an odd number of levels.
            if n_different >= n and not _falls_apart(first[:n_different], second[:n_different], parent[:n], half):
                _fill(joint, of_level, 2 * n_pairs, n, root, matrix)
                correlations[direction, number] = largest_size(matrix, n, root, other)
            for pair in range(n_different):
                joint[first[pair], second[pair]] = 0
    return correlations


@kernel_part
def _falls_apart(first, second, parent, half):
    """Whether levels form separate groups, or alternate between two: then each tells the group of its neighbor.

    `parent` and `half` become a forest: a level's parent, and 1 or -1: whether it is in the same half of its group.
    """
    n_groups, alternates = parent.size, True
    for level in range(parent.size):
        parent[level] = level
    for pair in range(first.size):
        i, j, sign = first[pair], second[pair], 1
        while parent[i] != i:
            sign *= half[i]
            i = parent[i]
        while parent[j] != j:
            sign *= half[j]
            j = parent[j]
        if i != j:
            parent[i], half[i] = j, -sign
            n_groups -= 1
        elif sign > 0:
            alternates = False
    return alternates or n_groups > 1


@kernel_part
def _fill(joint, of_level, total, n, root, matrix):
    """Fill the matrix whose eigenvalue of the largest size is the wanted one: of p_ij, without the largest of all."""
    for i in range(n):
        root[i] = np.sqrt(of_level[i])
    for i in range(n):
        for j in range(i, n):
            product = root[i] * root[j]
            matrix[i, j] = matrix[j, i] = joint[i, j] / product - product / total
