"""Weighted sums over frequencies."""

import numpy as np

from radlearn._kernels.compiling import kernel


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
def weigh_spectra(spectra, weights, sums):
    """Sums over frequencies of products of three real transforms, each weighted.

    Parameters
    ----------
    spectra : ndarray of float64, shape (n_z, 2 * n_y, 3, n_x)
        Of three images side by side; along y cosines, then sines.
    weights : ndarray of float64, shape (n_z, n_y, n_x)
    sums : ndarray of float64, shape (3, n_x)
        To these are added those of the squares of the first and of the second image, and of the products of the first
        with the third; for each frequency along x apart, so that none has to wait for another.
    """
    n_z, n_rows, _, n_x = spectra.shape
    n_y = weights.shape[1]
    first_squares, second_squares, products = sums[0], sums[1], sums[2]
    for z in range(n_z):
        for y in range(n_rows):
            weight, row = weights[z, y % n_y], spectra[z, y]
            first, second, third = row[0], row[1], row[2]
            for x in range(n_x):
                weighted = weight[x] * first[x]
                first_squares[x] += weighted * first[x]
                second_squares[x] += weight[x] * second[x] * second[x]
                products[x] += weighted * third[x]
