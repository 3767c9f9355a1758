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
        At least two rows.
    right : ndarray of float64, shape (k, n)
    product : ndarray of float64, shape (m, n)
        Is overwritten.
    """
    m, n = product.shape
    last = len(right) - 1
    for begin in range(0, n, COLUMNS):
        for number in range(0, m, 2):
            row = min(number, m - 2)  # where m is odd, one row is computed twice
            first_factors, second_factors = left[row], left[row + 1]
            first = product[row][begin : begin + COLUMNS]
            second = product[row + 1][begin : begin + COLUMNS]
            for column in range(first.size):
                first[column] = second[column] = 0
            for place in range(0, last + 1, 4):
                # Behind the last row of `right`, that one is taken again, times 0.
                b_place, c_place, d_place = min(place + 1, last), min(place + 2, last), min(place + 3, last)
                b_share, c_share, d_share = place + 1 <= last, place + 2 <= last, place + 3 <= last
                a, b = first_factors[place], first_factors[b_place] * b_share
                c, d = first_factors[c_place] * c_share, first_factors[d_place] * d_share
                e, f = second_factors[place], second_factors[b_place] * b_share
                g, h = second_factors[c_place] * c_share, second_factors[d_place] * d_share
                row_a, row_b = right[place][begin:], right[b_place][begin:]
                row_c, row_d = right[c_place][begin:], right[d_place][begin:]
                for column in range(first.size):
                    w, x, y, z = row_a[column], row_b[column], row_c[column], row_d[column]
                    first[column] += a * w + b * x + c * y + d * z
                    second[column] += e * w + f * x + g * y + h * z


@kernel
def weigh_planes(spectra, y_matrices, x_matrices, weights, sums):
    """Transform planes of three images along both axes, and sum weighted products over all frequencies.

    Parameters
    ----------
    spectra : ndarray of float64, shape (2, n_z, y, 3 * x)
        Planes of the first, second and third image side by side, for each frequency of what is alike on both sides of
        the middle, and of what is opposite.
    y_matrices, x_matrices : ndarray of float64, shapes (2, n_y, (y + 1) // 2) and (2, n_x, (x + 1) // 2)
        What transforms half a line that is alike on both sides, or opposite.
    weights : ndarray of float64, shape (n_z, n_x, n_y)
    sums : ndarray of float64, shape (3,)
        To these are added those of the squares of the first and of the second image, and of the products of the first
        with the third.
    """
    n_z, height, length = spectra.shape[1:]
    n_y, half_height = y_matrices.shape[1:]
    n_x, half_width = x_matrices.shape[1:]
    width = length // 3
    folded, rows = np.empty((half_height, length)), np.empty((n_y, length))
    half_rows, lines = np.empty((half_width, 3 * n_y)), np.empty((n_x, 3 * n_y))
    for number in range(12 * n_z):  # for each plane and each side along y, three products
        z, y_side, x_side = number // 6 % n_z, number // 3 % 2, number % 3 - 1
        if x_side < 0:
            values = spectra[number // 6 // n_z, z]
            for y in range(half_height):
                for x in range(length):
                    folded[y, x] = values[y, x] + (1 - 2 * y_side) * values[height - 1 - y, x]
            left, right, product = y_matrices[y_side], folded, rows
        else:
            for image in range(3):
                for x in range(half_width):
                    for y in range(n_y):
                        mirrored = rows[y, (image + 1) * width - 1 - x]
                        half_rows[x, image * n_y + y] = rows[y, image * width + x] + (1 - 2 * x_side) * mirrored
            left, right, product = x_matrices[x_side], half_rows, lines
        multiply_matrices(left, right, product)  # one call for both, which is compiled into this loop
        if x_side < 0:
            continue
        for x in range(n_x):
            weight, first, second, third = weights[z, x], lines[x], lines[x][n_y:], lines[x][2 * n_y :]
            first_squares = second_squares = products = 0.0
            for y in range(n_y):
                weighted = weight[y] * first[y]
                first_squares += weighted * first[y]
                second_squares += weight[y] * second[y] * second[y]
                products += weighted * third[y]
            sums[0] += first_squares
            sums[1] += second_squares
            sums[2] += products
