"""Fourier transforms of short lines, and weighted sums over frequencies."""

import numpy as np

from radlearn._kernels.compiling import kernel

# Columns of a matrix that are worked on at a time, which fit in a processor's nearest cache.
COLUMNS = 256


@kernel
def weigh_frequencies(weights, rows, first, other):
    """Sums over frequencies of products of transforms, each weighted.

    Parameters
    ----------
    weights : ndarray of float64, shape (depth // 2 + 1, height // 2 + 1, n)
        Weight of each frequency; the same for those of the opposite sign.
    rows : ndarray of int64, shape (n_rows,)
        Which frequencies of the second axis the transforms hold, from 0 to height // 2.
    first, other : ndarray of complex128, shape (depth, n_rows, n)
        Transforms of two images.

    Returns
    -------
    sums : ndarray of float64, shape (2,)
        Of first * conj(first), and the real part of first * conj(other).
    """
    sums = np.zeros(2)
    depth = first.shape[0]
    for z in range(depth):
        for row in range(rows.size):
            weight = weights[min(z, depth - z), rows[row]]
            a_row, b_row = first[z, row], other[z, row]
            of_first = of_both = 0.0
            for place in range(weight.size):
                a, b = a_row[place], b_row[place]
                of_first += weight[place] * (a.real * a.real + a.imag * a.imag)
                of_both += weight[place] * (a.real * b.real + a.imag * b.imag)
            sums[0] += of_first
            sums[1] += of_both
    return sums


@kernel
def multiply_matrices(left, right, product):
    """Product of two matrices, which does not depend on the number of threads as that of a library may.

    Parameters
    ----------
    left : ndarray of float64, shape (m, k)
    right : ndarray of float64, shape (k, n)
    product : ndarray of float64, shape (m, n)
        Is overwritten.
    """
    k, n = right.shape
    for begin in range(0, n, COLUMNS):
        for row in range(len(left)):
            factors, sums = left[row], product[row][begin : begin + COLUMNS]
            for column in range(sums.size):
                sums[column] = 0
            for place in range(0, k, 4):
                # Behind the last row, it is taken again, times 0.
                second, third, fourth = min(place + 1, k - 1), min(place + 2, k - 1), min(place + 3, k - 1)
                a = factors[place]
                b = factors[second] * (second == place + 1)
                c = factors[third] * (third == place + 2)
                d = factors[fourth] * (fourth == place + 3)
                row_a, row_b = right[place][begin:], right[second][begin:]
                row_c, row_d = right[third][begin:], right[fourth][begin:]
                for column in range(sums.size):
                    sums[column] += a * row_a[column] + b * row_b[column] + c * row_c[column] + d * row_d[column]


@kernel
def weigh_planes(spectra, y_matrices, x_matrices, weights, sums):
    """Transform planes of three images along both axes, and sum weighted products over all frequencies.

    Parameters
    ----------
    spectra : ndarray of float64, shape (2, n_z, y, 3 * x)
        Planes of the first, second and third image side by side, for each frequency of what is alike on both sides of
        the middle, and of what is opposite.
    y_matrices : ndarray of float64, shape (2, n_y, (y + 1) // 2)
        What transforms half a line that is alike on both sides, or opposite.
    x_matrices : ndarray of float64, shape (2, (x + 1) // 2, n_x)
    weights : ndarray of float64, shape (n_z, n_y, n_x)
    sums : ndarray of float64, shape (3,)
        To these are added those of the squares of the first and of the second image, and of the products of the first
        with the third.
    """
    n_z, height, length = spectra.shape[1:]
    n_y, half_height = y_matrices.shape[1:]
    half_width, n_x = x_matrices.shape[1:]
    width = length // 3
    folded, rows = np.empty((half_height, length)), np.empty((n_y, length))
    half_rows, lines = np.empty((3 * n_y, half_width)), np.empty((3 * n_y, n_x))
    for number in range(8 * n_z):  # each plane, with both sides along both axes
        z, y_side, x_side = number // 4 % n_z, number // 2 % 2, number % 2
        if x_side == 0:
            values = spectra[number // 4 // n_z, z]
            for y in range(half_height):
                for x in range(length):
                    folded[y, x] = values[y, x] + (1 - 2 * y_side) * values[height - 1 - y, x]
            multiply_matrices(y_matrices[y_side], folded, rows)
        for y in range(n_y):
            for image in range(3):
                for x in range(half_width):
                    mirrored = rows[y, (image + 1) * width - 1 - x]
                    half_rows[3 * y + image, x] = rows[y, image * width + x] + (1 - 2 * x_side) * mirrored
        multiply_matrices(half_rows, x_matrices[x_side], lines)
        for y in range(n_y):
            weight, first, second, third = weights[z, y], lines[3 * y], lines[3 * y + 1], lines[3 * y + 2]
            first_squares = second_squares = products = 0.0
            for x in range(n_x):
                weighted = weight[x] * first[x]
                first_squares += weighted * first[x]
                second_squares += weight[x] * second[x] * second[x]
                products += weighted * third[x]
            sums[0] += first_squares
            sums[1] += second_squares
            sums[2] += products
