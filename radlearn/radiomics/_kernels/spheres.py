"""Averages over a sphere around each voxel."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part

# Voxels that are worked on at a time: few enough for their sums to stay in the nearest cache of a processor.
CHUNK = 1024


@kernel
def sphere_means(image, centers, reaches):
    """Average of the image in a sphere around each center.

    A sphere is a bundle of rows; the sum over a row is the difference of two running sums. All voxels of a slice are
    worked on as one long row, with what lies between its rows; whatever is not asked for is left there.

    Parameters
    ----------
    image : ndarray of float, shape (z, y, x)
        Voxels that are NaN or infinite are left out; beyond the border there are none.
    centers : ndarray of bool, shape (z, y, x)
        Of a slice, only the rows from the first center to the last are worked on; every center must be a finite voxel.
    reaches : ndarray of int64, shape (2 * n_z + 1, 2 * n_y + 1)
        How far the sphere reaches along x, n_z slices and n_y rows off its center and so on; -1 where it has no voxel.

    Returns
    -------
    means : ndarray of float64, shape (n_centers,)
        In the order of the voxels in memory.
    """
    depth, height, width = image.shape
    n_z, n_y = reaches.shape[0] // 2, reaches.shape[1] // 2
    margin = np.int64(0)  # a literal would be a type of its own, for which a function is compiled again
    for row in range(reaches.shape[0]):
        for column in range(reaches.shape[1]):
            margin = max(margin, reaches[row, column])
    n_centers = 0
    for is_center in centers.flat:
        n_centers += is_center
    # Running sums along the rows of those slices that a sphere meets, which take turns. Above and below all is 0.
    n_slices = min(2 * n_z + 1, depth)
    stride = width + 2 * margin + 1
    sums = np.zeros((n_slices, (height + 2 * n_y) * stride + 2 * margin + 1))
    numbers = np.zeros(sums.shape, np.int32)
    total_of = np.empty(height * stride)
    number_of = np.empty(height * stride, np.int32)

    means = np.empty(n_centers)
    center = 0
    n_summed = 0
    for z in range(depth):
        for new_z in range(n_summed, min(z + n_z + 1, depth)):
            for y in range(height):
                row = slice((n_y + y) * stride, (n_y + y + 1) * stride)
                add_along(image[new_z, y], margin, sums[new_z % n_slices][row], numbers[new_z % n_slices][row])
        n_summed = min(z + n_z + 1, depth)
        first_row, stop_row = height, 0  # of those with a center
        for y in range(height):
            for x in range(width):
                if centers[z, y, x]:
                    first_row, stop_row = min(first_row, y), y + 1
                    break
        for start in range(first_row * stride, stop_row * stride, CHUNK):
            stop = min(start + CHUNK, stop_row * stride)
            totals, counts = total_of[start:stop], number_of[start:stop]
            for place in range(totals.size):
                totals[place] = 0
                counts[place] = 0
            for other_z in range(max(z - n_z, 0), min(z + n_z + 1, depth)):
                for row in range(2 * n_y + 1):
                    reach = reaches[other_z - z + n_z, row]
                    if reach < 0:
                        continue
                    before = start + row * stride + margin - reach
                    behind = start + row * stride + margin + reach + 1
                    sum_before, sum_behind = sums[other_z % n_slices][before:], sums[other_z % n_slices][behind:]
                    number_before = numbers[other_z % n_slices][before:]
                    number_behind = numbers[other_z % n_slices][behind:]
                    for place in range(totals.size):
                        totals[place] += sum_behind[place] - sum_before[place]
                        counts[place] += number_behind[place] - number_before[place]
        for y in range(first_row, stop_row):
            for x in range(width):
                if centers[z, y, x]:
                    means[center] = total_of[y * stride + x] / number_of[y * stride + x]
                    center += 1
    return means


@kernel_part
def add_along(row, margin, sums, numbers):
    """Running sums along a row, and how many voxels they are made of.

    Parameters
    ----------
    row : ndarray of float, shape (n,)
        What is NaN or infinite does not count.
    margin : int
        Number of places before the row, where the sums are 0, and behind it, where they stay what they are.
    sums, numbers : ndarray of float64 and int32, shape (n + 2 * margin + 1,)
        Written to.
    """
    for x in range(margin + 1):
        sums[x] = 0
        numbers[x] = 0
    total = 0.0
    number = 0
    for x in range(row.size + margin):
        if x < row.size and np.isfinite(row[x]):
            total += row[x]
            number += 1
        sums[margin + 1 + x] = total
        numbers[margin + 1 + x] = number
