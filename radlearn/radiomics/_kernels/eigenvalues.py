"""The largest eigenvalue, in size, of a small symmetric matrix: quicker than all of them from a library."""

import numpy as np

from radlearn._kernels.compiling import kernel_part

# The steps towards a single root shrink with the third power, those towards several equal ones by a factor only: so a
# small step is the last one if it is also far smaller than the one before.
MAX_STEPS, SMALL_STEP, FAR_SMALLER, SMALLEST_STEP = 40, 1e-7, 1e-4, 1e-15

# Steps with a sparse matrix end when so many of them change the result by less than this.
STEPS_BETWEEN, SETTLED = 5, 1e-13


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
    for i in range(n):
        v[i] = a[i, i]
    for i in range(n - 1):
        w[i] = a[i, i + 1]
    return _largest_size_of_tridiagonal(v, w, n)


@kernel_part
def largest_size_of_sparse(row_starts, columns, values, root, start, n_steps):
    """Largest absolute eigenvalue of a sparse symmetric matrix less the product of a vector with itself (Lanczos).

    There is none above 1. A step takes one product with the matrix, and a few dozen steps do, where the way above takes
    as many as there are rows. Directions that rounding brings back only repeat what was found.

    Parameters
    ----------
    row_starts : ndarray of int64, shape (n + 1,)
        Where the entries of each row begin and the last ones end.
    columns : ndarray of int64, shape (n_entries,)
    values : ndarray of float64, shape (n_entries,)
    root : ndarray of float64, shape (n,)
        The vector.
    start : ndarray of float64, shape (n,)
        Where to begin; not orthogonal to the vector that belongs to the result.
    n_steps : int
        How many steps there may be.

    Returns
    -------
    largest : float
        -1 if the steps do not suffice.
    """
    n = root.size
    before, here, after = np.zeros(n), np.empty(n), np.empty(n)
    diagonal, beside = np.empty(n_steps), np.empty(n_steps)
    square = 0.0
    for i in range(n):
        square += start[i] * start[i]
    for i in range(n):
        here[i] = start[i] / np.sqrt(square)
    length, largest = 0.0, -1.0
    for step in range(n_steps):
        along = within = square = 0.0
        for i in range(n):
            along += root[i] * here[i]
        for i in range(n):
            product = 0.0
            for entry in range(row_starts[i], row_starts[i + 1]):
                product += values[np.uint64(entry)] * here[np.uint64(columns[np.uint64(entry)])]
            after[i] = product - along * root[i] - length * before[i]
            within += after[i] * here[i]
        for i in range(n):
            after[i] -= within * here[i]
            square += after[i] * after[i]
        length = np.sqrt(square)
        diagonal[step], beside[step] = within, length
        if (step + 1) % STEPS_BETWEEN == 0 or length < SETTLED:
            before_these, largest = largest, _largest_size_of_tridiagonal(diagonal, beside, step + 1)
            if length < SETTLED or abs(largest - before_these) < SETTLED:
                return largest
        for i in range(n):
            before[i], here[i] = here[i], after[i] / length
    return -1.0


@kernel_part
def _largest_size_of_tridiagonal(diagonal, beside, n):
    """Largest absolute eigenvalue of a symmetric tridiagonal matrix of n rows that has none above 1."""
    highest = _largest_root(diagonal, beside, n, 1.0)
    ratio = 0.0
    for i in range(n):  # all are positive if no eigenvalue is below -highest
        minor = highest + diagonal[i] - ratio
        if minor <= 0:
            return max(highest, _largest_root(diagonal, beside, n, -1.0))
        ratio = beside[i] * beside[i] / minor
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
def _largest_root(diagonal, beside, n, sign):
    """Largest eigenvalue of `sign` times a tridiagonal matrix with none above 1 (Laguerre's method, from above)."""
    x, before = 1.0, 0.0
    for _ in range(MAX_STEPS):
        first = second = slope = curve = ratio = 0.0  # sums of 1 / (x - root) and of its square; of one minor
        for i in range(n):
            minor = x - sign * diagonal[i] - ratio
            if minor <= 0:  # rounding: x is the root
                return x
            slope, curve = (1 + ratio * slope) / minor, ratio * (curve - 2 * slope * slope) / minor
            first += slope
            second += slope * slope - curve
            ratio = beside[i] * beside[i] / minor
        step = n / (first + np.sqrt(max((n - 1) * (n * second - first * first), 0.0)))
        x -= step
        if step < SMALLEST_STEP or (step < SMALL_STEP and step < FAR_SMALLER * before):
            break
        before = step
    return x
