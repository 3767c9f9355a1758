"""Neighborhoods: what surrounds each voxel, compared with the voxel itself.

Neighbors lie at fixed distances in memory. So long stretches of voxels are worked on as a whole: each neighbor of a
stretch is a shifted stretch, and adding it up is a few instructions of the processor.
"""

import numpy as np

from radlearn.radiomics._kernels._compile import kernel

# Voxels of a stretch: few enough for it and its neighbors to stay in the nearest cache.
CHUNK = 2048


@kernel
def count_dependences(levels, shifts, coarseness, n_g, n_matrices):
    """Count voxels by grey level and by the number of neighbors that depend on them.

    Parameters
    ----------
    levels : ndarray of int16, shape (z + 2 d, y + 2 d, x + 2 d)
        1 to n_g inside the region, 0 outside and in the d outermost layers.
    shifts : ndarray of int64, shape (n_neighbors,)
        How much further in memory all the neighbors lie; none more than d voxels away.
    coarseness : int
        A neighbor depends on a voxel if their levels differ by no more than this; at most n_g.
    n_g : int
        Number of grey levels.
    n_matrices : int
        One for each of the z slices, or 1.

    Returns
    -------
    counts : ndarray of int64, shape (n_matrices, n_g, n_neighbors + 1)
        Entry (m, i - 1, k): how many voxels of level i have k dependent neighbors.
    """
    flat = levels.ravel()
    plane = levels.shape[1] * levels.shape[2]
    furthest = 0
    for shift in shifts:
        furthest = max(furthest, shift)
    counts = np.zeros((n_matrices, n_g + 1, shifts.size + 1), np.int64)
    dependent = np.empty(CHUNK, np.int16)
    lowest = np.empty(CHUNK, np.int16)
    highest = np.empty(CHUNK, np.int16)
    margin = (levels.shape[0] - n_matrices) // 2 if n_matrices > 1 else 0
    length = plane if n_matrices > 1 else flat.size
    for matrix in range(n_matrices):
        first = (margin + matrix) * plane
        for start in range(max(first, furthest), min(first + length, flat.size - furthest), CHUNK):
            n = min(CHUNK, min(first + length, flat.size - furthest) - start)
            here = flat[start : start + n]
            for voxel in range(n):
                dependent[voxel] = 0
                lowest[voxel] = max(here[voxel] - coarseness, 1)
                highest[voxel] = here[voxel] + coarseness
            for shift in shifts:
                other = flat[start + shift : start + shift + n]
                for voxel in range(n):
                    dependent[voxel] += np.int16((other[voxel] >= lowest[voxel]) & (other[voxel] <= highest[voxel]))
            for voxel in range(n):
                counts[matrix, here[voxel], dependent[voxel]] += 1
    return counts[:, 1:]


@kernel
def sum_tone_differences(levels, shifts, n_g, n_matrices):
    """Add up the difference of each voxel from the average of its neighbors, by grey level.

    Parameters
    ----------
    levels, shifts, n_g, n_matrices
        As in `count_dependences`.

    Returns
    -------
    n_voxels : ndarray of int64, shape (n_matrices, n_g)
        Number of voxels of each level that have a neighbor in the region.
    differences : ndarray of float64, shape (n_matrices, n_g)
        Sum over them of the absolute difference between their level and the average level of their neighbors.
    """
    flat = levels.ravel()
    plane = levels.shape[1] * levels.shape[2]
    furthest = 0
    for shift in shifts:
        furthest = max(furthest, shift)
    n_voxels = np.zeros((n_matrices, n_g + 1), np.int64)
    differences = np.zeros((n_matrices, n_g + 1))
    total = np.empty(CHUNK, np.int32)
    number = np.empty(CHUNK, np.int16)
    margin = (levels.shape[0] - n_matrices) // 2 if n_matrices > 1 else 0
    length = plane if n_matrices > 1 else flat.size
    for matrix in range(n_matrices):
        first = (margin + matrix) * plane
        for start in range(max(first, furthest), min(first + length, flat.size - furthest), CHUNK):
            n = min(CHUNK, min(first + length, flat.size - furthest) - start)
            here = flat[start : start + n]
            for voxel in range(n):
                total[voxel] = 0
                number[voxel] = 0
            for shift in shifts:
                other = flat[start + shift : start + shift + n]
                for voxel in range(n):
                    total[voxel] += np.int32(other[voxel])
                for voxel in range(n):
                    number[voxel] += np.int16(other[voxel] > 0)
            for voxel in range(n):
                level = here[voxel]
                if level > 0 and number[voxel] > 0:
                    n_voxels[matrix, level] += 1
                    differences[matrix, level] += abs(level - total[voxel] / number[voxel])
    return n_voxels[:, 1:], differences[:, 1:]


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
    n_matrices, n_g = n_voxels.shape
    sums = np.zeros((n_matrices, 8))
    levels = np.empty(n_g, np.int64)  # those that occur
    p = np.empty(n_g)
    s = np.empty(n_g)
    for matrix in range(n_matrices):
        n = n_levels = 0
        for level in range(n_g):
            n += n_voxels[matrix, level]
        for level in range(n_g):
            if n_voxels[matrix, level] > 0:
                levels[n_levels] = level
                p[n_levels] = n_voxels[matrix, level] / n
                s[n_levels] = differences[matrix, level]
                n_levels += 1
        sums[matrix, 0] = n
        sums[matrix, 1] = n_levels
        for first in range(n_levels):
            sums[matrix, 2] += p[first] * s[first]
            sums[matrix, 3] += s[first]
            for second in range(first):
                apart = float(levels[first] - levels[second])
                both = p[first] + p[second]
                sums[matrix, 4] += 2 * p[first] * p[second] * apart**2
                sums[matrix, 5] += 2 * abs((levels[first] + 1) * p[first] - (levels[second] + 1) * p[second])
                sums[matrix, 6] += 2 * apart * (p[first] * s[first] + p[second] * s[second]) / both
                sums[matrix, 7] += 2 * both * apart**2
    return sums
