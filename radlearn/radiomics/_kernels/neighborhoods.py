"""Neighborhoods: what surrounds each voxel, compared with the voxel itself.

Neighbors lie at fixed distances in memory. So long stretches of voxels are worked on as a whole: each neighbor of a
stretch is a shifted stretch, and adding it up is a few instructions of the processor.
"""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part
from radlearn.radiomics._kernels.memory import aligned

# Voxels of a stretch: few enough for it and its neighbors to stay in the nearest cache.
CHUNK = 1024

# Whole numbers up to this one fit into a byte, of which a processor takes twice as many at once.
IN_A_BYTE = 127


@kernel
def count_dependences(levels, shifts, coarseness, counts):
    """Count voxels by grey level and by the number of neighbors that depend on them.

    Parameters
    ----------
    levels : ndarray of int16, shape (z + 2 d, y + 2 d, x + 2 d)
        1 to n_g inside the region, 0 outside and in the d outermost layers.
    shifts : ndarray of int64, shape (n_neighbors,)
        How much further in memory all the neighbors lie; none more than d voxels away.
    coarseness : int
        A neighbor depends on a voxel if their levels differ by no more than this; at most n_g.
    counts : ndarray of int64, shape (n_matrices, n_g + 1, n_neighbors + 2)
        All 0, a matrix for each of the z slices, or one; entry (m, i, k + 1) becomes the number of voxels of level i
        with k dependent neighbors.
    """
    n_matrices = counts.shape[0]
    flat = levels.ravel()
    plane = levels.shape[1] * levels.shape[2]
    margin = (levels.shape[0] - n_matrices) // 2 if n_matrices > 1 else 0
    if counts.shape[1] + coarseness <= IN_A_BYTE and shifts.size < IN_A_BYTE:
        narrow = aligned(flat.size, np.int8)
        for voxel in range(flat.size):
            narrow[voxel] = flat[voxel]
        _count_dependences(narrow, margin * plane, plane, shifts, coarseness, counts)
    else:
        _count_dependences(flat, margin * plane, plane, shifts, coarseness, counts)


@kernel_part
def _count_dependences(levels, first, plane, shifts, coarseness, counts):
    """The same for levels of any type; the first of several slices begins at the first place."""
    n_matrices = counts.shape[0]
    furthest = 0
    for shift in shifts:
        furthest = max(furthest, shift)
    dependent = aligned(CHUNK, levels.dtype)
    lowest = aligned(CHUNK, levels.dtype)
    highest = aligned(CHUNK, levels.dtype)
    length = plane if n_matrices > 1 else levels.size
    for matrix in range(n_matrices):
        begin = first + matrix * plane
        end = min(begin + length, levels.size - furthest)
        for start in range(max(begin, furthest), end, CHUNK):
            n = min(CHUNK, end - start)
            here = levels[start : start + n]
            is_met = False
            for voxel in range(n):
                is_met |= here[voxel] > 0
            if not is_met:
                continue
            for voxel in range(n):
                dependent[voxel] = 1
                lowest[voxel] = max(here[voxel] - coarseness, 1)
                highest[voxel] = here[voxel] + coarseness
            for shift in shifts:
                other = levels[start + shift : start + shift + n]
                for voxel in range(n):
                    dependent[voxel] += (other[voxel] >= lowest[voxel]) & (other[voxel] <= highest[voxel])
            for voxel in range(n):
                if here[voxel] > 0:
                    counts[matrix, np.uint64(here[voxel]), np.uint64(dependent[voxel])] += 1


@kernel
def sum_tone_differences(levels, distance, is_3d, boxes, number_bits, n_voxels, differences):
    """Add up the difference of each voxel from the average of its neighbors, by grey level.

    The sum over a box of neighbors is made along one axis after the other.

    Parameters
    ----------
    levels : ndarray of int16, shape (z + 2 * distance, y + 2 * distance, x + 2 * distance)
        1 to n_g inside the region, 0 outside and in the outermost layers.
    distance : int
        Chebyshev distance up to which voxels are neighbors.
    is_3d : bool
        Whether neighbors may lie in other slices.
    boxes : ndarray of int32 or int64, shape ((y + 2 * distance) * (x + 2 * distance),)
        All 0; overwritten. Each number holds a sum of levels in its upper bits, and a number of voxels in the lower
        ones: its type is one with room for both.
    number_bits : int
        How many bits the number of voxels takes.
    n_voxels : ndarray of int64, shape (n_matrices, n_g)
        All 0, a row for each of the z slices, or one; becomes the number of voxels of each level that have a neighbor
        in the region.
    differences : ndarray of float64, shape (n_matrices, n_g)
        All 0; becomes the sum over them of the absolute difference between their level and the average level of their
        neighbors.
    """
    depth, height, width = levels.shape
    plane = height * width
    n_planes = 2 * distance + 1
    unit = 1 << number_bits
    packed = aligned(plane, boxes.dtype)
    along_x = np.zeros(plane, boxes.dtype)
    squares = np.zeros((n_planes, plane), boxes.dtype)  # sums of as many slices, which `boxes` adds up
    one = np.int64(1)  # a literal would be a type of its own, for which a function is compiled again
    for z in range(depth):
        flat = levels[z].ravel()
        square = squares[z % n_planes]
        for voxel in range(plane):
            boxes[voxel] -= square[voxel]
        for voxel in range(plane):
            packed[voxel] = np.int64(flat[voxel]) * unit + (flat[voxel] > 0)
        _sum_stretches(packed, one, distance, along_x)
        _sum_stretches(along_x, width, distance, square)
        for voxel in range(plane):
            boxes[voxel] += square[voxel]
        center = z - distance if is_3d else z
        if center < distance or center >= depth - distance:
            continue
        sums = boxes if is_3d else square
        matrix = center - distance if len(n_voxels) > 1 else 0
        of_level_voxels, of_level = n_voxels[matrix], differences[matrix]
        here = levels[center].ravel()
        for voxel in range(plane):
            level = np.int64(here[voxel])
            if level == 0:
                continue
            both = np.int64(sums[voxel])
            number = (both & (unit - 1)) - 1
            if number > 0:
                total = (both >> number_bits) - level
                of_level_voxels[np.uint64(level - 1)] += 1
                # In even areas, each sum would wait for the one before to add nothing.
                if total != level * number:
                    of_level[np.uint64(level - 1)] += abs(level - total / number)


@kernel
def sum_tone_differences_along(levels, shifts, n_g):
    """The same for neighbors that need not fill a box.

    Parameters
    ----------
    levels : ndarray of int16, shape (z + 2 d, y + 2 d, x + 2 d)
        1 to n_g inside the region, 0 outside and in the d outermost layers.
    shifts : ndarray of int64, shape (n_neighbors,)
        How much further in memory the neighbors lie; none more than d voxels away.
    n_g : int
        Number of grey levels.

    Returns
    -------
    differences : ndarray of float64, shape (n_g,)
        Sum over the voxels of each level of the absolute difference between their level and the average level of their
        neighbors.
    """
    flat = levels.ravel()
    furthest = 0
    for shift in shifts:
        furthest = max(furthest, shift)
    differences = np.zeros(n_g + 1)
    total = aligned(CHUNK, np.int32)
    number = aligned(CHUNK, np.int32)
    for start in range(furthest, flat.size - furthest, CHUNK):
        n = min(CHUNK, flat.size - furthest - start)
        here = flat[start : start + n]
        for voxel in range(n):
            total[voxel] = number[voxel] = 0
        for shift in shifts:
            other = flat[start + shift : start + shift + n]
            for voxel in range(n):
                total[voxel] += np.int32(other[voxel])
                number[voxel] += np.int32(other[voxel] > 0)
        for voxel in range(n):
            if here[voxel] > 0 and number[voxel] > 0:
                differences[here[voxel]] += abs(here[voxel] - total[voxel] / number[voxel])
    return differences[1:]


@kernel_part
def _sum_stretches(values, step, distance, sums):
    """Fill `sums` with the sum of each value and of those up to `distance` steps before and behind it.

    The first and last ``step * distance``, which have not so many on both sides, stay as they are.
    """
    first, stop = step * distance, values.size - step * distance
    inner, here = sums[first:stop], values[first:stop]
    for number in range(1, distance + 1):
        before, behind = values[first - number * step :], values[first + number * step :]
        if number == 1:
            for place in range(inner.size):
                inner[place] = before[place] + here[place] + behind[place]
        else:
            for place in range(inner.size):
                inner[place] += before[place] + behind[place]


@kernel
def tone_features(n_voxels, differences, largest_coarseness):
    """Features of grey tone differences.

    With n_i the number of voxels of level i, N their sum, p_i = n_i / N and s_i the differences; double sums go over
    the levels that occur.

    Parameters
    ----------
    n_voxels : ndarray of int64, shape (n_matrices, n_g)
    differences : ndarray of float64, shape (n_matrices, n_g)
    largest_coarseness : float
        Coarseness where no voxel differs from its surroundings.

    Returns
    -------
    features : ndarray of float64, shape (n_matrices, 6)
        N, coarseness, contrast, busyness, complexity and strength; all but N are NaN for a matrix without voxels.
    """
    n_matrices, n_g = n_voxels.shape
    features = np.empty((n_matrices, 6))
    levels = np.empty(n_g, np.int64)  # those that occur
    p = np.empty(n_g)
    s = np.empty(n_g)
    weights = np.empty(n_g)  # levels times their numbers of voxels: whole, so that it is seen where all are equal
    for matrix in range(n_matrices):
        n = n_levels = 0
        for level in range(n_g):
            n += n_voxels[matrix, level]
        for level in range(n_g):
            if n_voxels[matrix, level] > 0:
                levels[n_levels] = level + 1
                p[n_levels] = n_voxels[matrix, level] / n
                s[n_levels] = differences[matrix, level]
                weights[n_levels] = (level + 1) * n_voxels[matrix, level]
                n_levels += 1
        weighted = total = spread = busy = complexity = strong = 0.0
        for first in range(n_levels):
            weighted += p[first] * s[first]
            total += s[first]
            for second in range(first):
                apart = float(levels[first] - levels[second])
                both = p[first] + p[second]
                spread += 2 * p[first] * p[second] * (apart * apart)
                busy += abs(weights[first] - weights[second])
                complexity += 2 * apart * (p[first] * s[first] + p[second] * s[second]) / both
                strong += 2 * both * (apart * apart)
        features[matrix, 0] = n
        if n == 0:
            for number in range(1, 6):
                features[matrix, number] = np.nan
            continue
        features[matrix, 1] = 1 / weighted if weighted > 0 else largest_coarseness
        features[matrix, 2] = spread * total / (max(n_levels * (n_levels - 1), 1) * n)
        features[matrix, 3] = 0.0 if n_levels == 1 else weighted * n / (2 * busy) if busy > 0 else np.nan
        features[matrix, 4] = complexity / n
        features[matrix, 5] = strong / total if total > 0 else 0.0
    return features
