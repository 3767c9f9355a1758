"""Magnitudes of complex responses."""

import numpy as np

from radlearn._kernels.compiling import kernel


@kernel
def pool_moduli(response, left, is_max, total):
    """Add the modulus of each value to `total`, or put it there if it is larger.

    Parameters
    ----------
    response : ndarray of complex64 or complex128, shape (n_slices, n_y, at least left + n_x)
    left : int
        Where `total` begins in each row of the response.
    is_max : bool
        Whether the larger value stays; else both are added.
    total : ndarray of float32 or float64, shape (n_slices, n_y, n_x)
        Changed in place.
    """
    n_slices, n_y, n_x = total.shape
    for number in range(n_slices):
        for y in range(n_y):
            row = response[number, y]
            out = total[number, y]
            for x in range(n_x):
                value = row[left + x]
                modulus = np.sqrt(value.real * value.real + value.imag * value.imag)
                out[x] = max(out[x], modulus) if is_max else out[x] + modulus
