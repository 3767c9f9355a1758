"""The largest eigenvalue, in size, of a small symmetric matrix: quicker than all of them from a library."""

import numpy as np

from radlearn._kernels.compiling import kernel_part

# The steps towards a single root shrink with the third power, those towards several equal ones by a factor only: so a
# small step is the last one if it is also far smaller than the one before.
MAX_STEPS, SMALL_STEP, FAR_SMALLER, SMALLEST_STEP = 40, 1e-7, 1e-4, 1e-15


@kernel_part
def largest_size(a, n, v, w):
    """Largest absolute eigenvalue of a symmetric matrix that has none above 1.

    Parameters
    ----------
    a : ndarray of float64, shape (size, size)
        The matrix is that of the first n rows and columns; it is overwritten.
    n : int
        At least 1.
    v, w : ndarray of float64, shape (size,)
        Overwritten.

    Returns
    -------
    largest : float
    """
    _make_tridiagonal(a, n, v, w)
    highest = _largest_root(a, n, 1.0)
    ratio = 0.0
    for i in range(n):  # all are positive if no eigenvalue is below -highest
        minor = highest + a[i, i] - ratio
        if minor <= 0:
            return max(highest, _largest_root(a, n, -1.0))
        ratio = a[i, i + 1] * a[i, i + 1] / minor if i + 1 < n else 0.0
    return highest


@kernel_part
def _make_tridiagonal(a, n, v, w):
    """Reflect a symmetric matrix (Householder) until only the diagonal and its neighbors are left; in place.

    What is left stands in the diagonal and to the right of it. Inner loops go along rows: the processor takes several
    entries at once.
    """
    for k in range(n - 2):
        vector, product = v[k + 1 : n], w[k + 1 : n]
        square = 0.0
        for i in range(vector.size):
            vector[i], product[i] = a[k, k + 1 + i], 0.0
            square += vector[i] * vector[i]
        beside = -np.sqrt(square) if vector[0] > 0 else np.sqrt(square)
        half = square - beside * vector[0]  # of the squared length of the vector to reflect at
        a[k, k + 1] = beside
        if half <= 0:
            continue
        vector[0] -= beside
        for j in range(vector.size):
            part, row = vector[j] / half, a[k + 1 + j, k + 1 : n]
            for i in range(row.size):
                product[i] += row[i] * part
        along = 0.0
        for i in range(vector.size):
            along += vector[i] * product[i]
        for i in range(vector.size):
            product[i] -= along / (2 * half) * vector[i]
        for j in range(vector.size):
            ours, theirs, row = vector[j], product[j], a[k + 1 + j, k + 1 : n]
            for i in range(row.size):
                row[i] -= ours * product[i] + theirs * vector[i]


@kernel_part
def _largest_root(a, n, sign):
    """Largest eigenvalue of `sign` times a tridiagonal matrix with none above 1 (Laguerre's method, from above)."""
    x = before = 1.0
    for _ in range(MAX_STEPS):
        first = second = slope = curve = ratio = 0.0  # sums of 1 / (x - root) and of its square; of one minor
        for i in range(n):
            minor = x - sign * a[i, i] - ratio
            if minor <= 0:  # rounding: x is the root
                return x
            slope, curve = (1 + ratio * slope) / minor, ratio * (curve - 2 * slope * slope) / minor
            first += slope
            second += slope * slope - curve
            ratio = a[i, i + 1] * a[i, i + 1] / minor if i + 1 < n else 0.0
        step = n / (first + np.sqrt(max((n - 1) * (n * second - first * first), 0.0)))
        x -= step
        if step < SMALLEST_STEP or (step < SMALL_STEP and step < FAR_SMALLER * before):
            break
        before = step
    return x
