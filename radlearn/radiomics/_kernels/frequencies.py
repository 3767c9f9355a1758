"""Weighted sums over the frequencies of Fourier transforms."""

import numpy as np

from radlearn._kernels.compiling import kernel


@kernel
def weigh_frequencies(weights, rows, ones, x, squares):
    """Sums over frequencies of products of transforms, each weighted.

    Parameters
    ----------
    weights : ndarray of float64, shape (depth // 2 + 1, height // 2 + 1, n)
        Weight of each frequency; the same for those of the opposite sign.
    rows : ndarray of int64, shape (n_rows,)
        Which frequencies of the second axis the transforms hold, from 0 to height // 2.
    ones, x, squares : ndarray of complex128, shape (depth, n_rows, n)
        Transforms of three images.

    Returns
    -------
    sums : ndarray of float64, shape (3,)
        Of ones * conj(ones), x * conj(x), and the real part of squares * conj(ones).
    """
    sums = np.zeros(3)
    depth = ones.shape[0]
    for z in range(depth):
        for row in range(rows.size):
            weight = weights[min(z, depth - z), rows[row]]
            one, other, square = ones[z, row], x[z, row], squares[z, row]
            of_ones = of_x = of_both = 0.0
            for place in range(weight.size):
                a, b, c = one[place], other[place], square[place]
                of_ones += weight[place] * (a.real * a.real + a.imag * a.imag)
                of_x += weight[place] * (b.real * b.real + b.imag * b.imag)
                of_both += weight[place] * (a.real * c.real + a.imag * c.imag)
            sums[0] += of_ones
            sums[1] += of_x
            sums[2] += of_both
    return sums
