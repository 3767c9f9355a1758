"""Neighborhoods: what surrounds each voxel, compared with the voxel itself.

Rows are worked on as a whole: each neighbor of a row of voxels is a shifted row, and adding it up is a few
instructions of the processor.
"""

import numpy as np

from radlearn.radiomics._kernels._compile import kernel


@kernel
def count_dependences(levels, neighbors, coarseness, n_g, per_slice):
    """Count voxels by grey level and by the number of neighbors that depend on them.

    Parameters
    ----------
    levels : ndarray of int16, shape (z + 2 d, y + 2 d, x + 2 d)
        1 to n_g inside the region, 0 outside and in the d outermost layers.
    neighbors : ndarray of int64, shape (n_neighbors, 3)
        Steps (z, y, x) to all neighbors; none longer than d.
    coarseness : int
        A neighbor depends on a voxel if their levels differ by no more than this.
    n_g : int
        Number of grey levels.
    per_slice : bool
        Whether each slice has a matrix of its own.

    Returns
    -------
    counts : ndarray of int64, shape (n_matrices, n_g, n_neighbors + 1)
        Entry (m, i - 1, k): how many voxels of level i have k dependent neighbors.
    """
    depth, height, width = levels.shape
    margin = np.max(np.abs(neighbors))
    n_matrices = depth - 2 * margin if per_slice else 1
    counts = np.zeros((n_matrices, n_g + 1, neighbors.shape[0] + 1), np.int64)
    n = width - 2 * margin
    dependent = np.empty(n, np.int16)
    furthest = np.int16(coarseness)
    for z in range(margin, depth - margin):
        matrix = counts[z - margin if per_slice else 0]
        for y in range(margin, height - margin):
            row = levels[z, y, margin : margin + n]
            dependent[:] = 0
            for neighbor in range(neighbors.shape[0]):
                dz, dy, dx = neighbors[neighbor]
                other = levels[z + dz, y + dy, margin + dx : margin + dx + n]
                for x in range(n):
                    apart = np.int16(other[x] - row[x])
                    dependent[x] += np.int16((other[x] > 0) & (apart <= furthest) & (apart >= -furthest))
            for x in range(n):
                matrix[row[x], dependent[x]] += 1
    return counts[:, 1:]


@kernel
def sum_tone_differences(levels, neighbors, n_g, per_slice):
    """Add up the difference of each voxel from the average of its neighbors, by grey level.

    Parameters
    ----------
    levels, neighbors, n_g, per_slice
        As in `count_dependences`.

    Returns
    -------
    n_voxels : ndarray of int64, shape (n_matrices, n_g)
        Number of voxels of each level that have a neighbor in the region.
    differences : ndarray of float64, shape (n_matrices, n_g)
        Sum over them of the absolute difference between their level and the average level of their neighbors.
    """
    depth, height, width = levels.shape
    margin = np.max(np.abs(neighbors))
    n_matrices = depth - 2 * margin if per_slice else 1
    n_voxels = np.zeros((n_matrices, n_g), np.int64)
    differences = np.zeros((n_matrices, n_g))
    n = width - 2 * margin
    total = np.empty(n, np.int32)
    number = np.empty(n, np.int32)
    for z in range(margin, depth - margin):
        matrix = z - margin if per_slice else 0
        for y in range(margin, height - margin):
            row = levels[z, y, margin : margin + n]
            total[:] = 0
            number[:] = 0
            for neighbor in range(neighbors.shape[0]):
                dz, dy, dx = neighbors[neighbor]
                other = levels[z + dz, y + dy, margin + dx : margin + dx + n]
                for x in range(n):
                    total[x] += np.int32(other[x])
                    number[x] += np.int32(other[x] > 0)
            for x in range(n):
                if row[x] > 0 and number[x] > 0:
                    n_voxels[matrix, row[x] - 1] += 1
                    differences[matrix, row[x] - 1] += abs(row[x] - total[x] / number[x])
    return n_voxels, differences


@kernel
def sum_tones(n_voxels, differences):
    """Sums that the features of grey tone differences are made of.

    With n_i the number of voxels of level i, N their sum, p_i = n_i / N and s_i the differences; double sums go over
    the levels that occur.

    Parameters
    ----------
    n_voxels : ndarray of int64, shape (n_matrices, n_g)
    differences : ndarray of float64, shape (n_matrices, n_g)

    Returns
    -------
    sums : ndarray of float64, shape (n_matrices, 8)
        N; how many levels occur; the sum of p_i * s_i; the sum of s_i; then the sums over all i and j of
        p_i * p_j * (i - j)**2, of abs(i * p_i - j * p_j), of abs(i - j) * (p_i * s_i + p_j * s_j) / (p_i + p_j), and
        of (p_i + p_j) * (i - j)**2.
    """
    n_matrices = n_voxels.shape[0]
    sums = np.zeros((n_matrices, 8))
    for matrix in range(n_matrices):
        levels = np.flatnonzero(n_voxels[matrix])
        n = n_voxels[matrix].sum()
        p = n_voxels[matrix][levels] / max(n, 1)
        s = differences[matrix][levels]
        sums[matrix, 0] = n
        sums[matrix, 1] = levels.size
        sums[matrix, 2] = (p * s).sum()
        sums[matrix, 3] = s.sum()
        for first in range(levels.size):
            for second in range(first):
                apart = float(levels[first] - levels[second])
                both = p[first] + p[second]
                sums[matrix, 4] += 2 * p[first] * p[second] * apart**2
                sums[matrix, 5] += 2 * abs((levels[first] + 1) * p[first] - (levels[second] + 1) * p[second])
                sums[matrix, 6] += 2 * apart * (p[first] * s[first] + p[second] * s[second]) / both
                sums[matrix, 7] += 2 * both * apart**2
    return sums
