"""Averages over a sphere around each voxel."""

import numpy as np

from radlearn._kernels.compiling import kernel


@kernel
def sphere_means(image, centers, reaches):
    """Average of the image in a sphere around each center.

    A sphere is a bundle of rows; the sum over a row is the difference of two running sums.

    Parameters
    ----------
    image : ndarray of float, shape (z, y, x)
        Voxels that are NaN or infinite are left out; beyond the border there are none.
    centers : ndarray of bool, shape (z, y, x)
        Only rows with a center in them are worked on; every center must be a finite voxel.
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
    # Running sums along the rows of those slices that a sphere meets, which take turns.
    n_slices = min(2 * n_z + 1, depth)
    sums = np.empty((n_slices, height, width + 2 * margin + 1))
    numbers = np.empty(sums.shape, np.int32)

    means = np.empty(n_centers)
    center = 0
    total_of = np.empty(width)
    number_of = np.empty(width, np.int32)
    n_summed = 0
    for z in range(depth):
        for new_z in range(n_summed, min(z + n_z + 1, depth)):
            for y in range(height):
                add_along(image[new_z, y], margin, sums[new_z % n_slices, y], numbers[new_z % n_slices, y])
        n_summed = min(z + n_z + 1, depth)
        for y in range(height):
            n_of_row = 0
            for x in range(width):
                n_of_row += centers[z, y, x]
                total_of[x] = 0
                number_of[x] = 0
            if n_of_row == 0:
                continue
            for other_z in range(max(z - n_z, 0), min(z + n_z + 1, depth)):
                for other_y in range(max(y - n_y, 0), min(y + n_y + 1, height)):
                    reach = reaches[other_z - z + n_z, other_y - y + n_y]
                    if reach < 0:
                        continue
                    before, behind = margin - reach, margin + reach + 1
                    row_sums, row_numbers = sums[other_z % n_slices, other_y], numbers[other_z % n_slices, other_y]
                    sum_before, sum_behind = row_sums[before : before + width], row_sums[behind : behind + width]
                    number_before = row_numbers[before : before + width]
                    number_behind = row_numbers[behind : behind + width]
                    for x in range(width):
                        total_of[x] += sum_behind[x] - sum_before[x]
                        number_of[x] += number_behind[x] - number_before[x]
            for x in range(width):
                if centers[z, y, x]:
                    means[center] = total_of[x] / number_of[x]
                    center += 1
    return means


@kernel
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
