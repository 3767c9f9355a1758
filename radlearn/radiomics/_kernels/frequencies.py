"""Weighted sums over the frequencies of Fourier transforms."""

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
