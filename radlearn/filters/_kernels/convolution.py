"""Convolution with short kernels, line by line."""

import numpy as np

from radlearn._kernels.compiling import kernel

# So many lines are filtered side by side: what they hold stays in the fast memory of a processor.
BLOCK = 256


@kernel
def correlate_lines(image, weights, sources):
    """Weighted sums of what lies along the second axis.

    Parameters
    ----------
    image : ndarray of float32 or float64, shape (n_blocks, length, n_lines), C order
    weights : ndarray of the same type, shape (n_weights,)
    sources : ndarray of int64, shape (length + n_weights - 1,)
        Where in the line stands what has a place in the line and beyond its ends; -1 for zero.

    Returns
    -------
    response : ndarray of the type and shape of the image
        Entry (b, i, j) is the sum of ``weights[k] * image[b, sources[i + k], j]`` over all k.
    """
    n_blocks, length, n_lines = image.shape
    response = np.empty_like(image)
    x = np.zeros((sources.size, BLOCK), image.dtype)
    for block in range(n_blocks):
        for start in range(0, n_lines, BLOCK):
            n = min(BLOCK, n_lines - start)
            for place in range(sources.size):
                if sources[place] >= 0:
                    x[place, :n] = image[block, sources[place], start : start + n]
            for i in range(length):
                _weigh(x[i:].ravel(), BLOCK, weights, response[block, i, start : start + n])
    return response


@kernel
def correlate_rows(image, weights, sources):
    """The same along the last axis, for an image of shape (n_rows, length)."""
    response = np.empty_like(image)
    x = np.zeros(sources.size, image.dtype)
    for row in range(len(image)):
        for place in range(sources.size):
            if sources[place] >= 0:
                x[place] = image[row, sources[place]]
        _weigh(x, 1, weights, response[row])
    return response


@kernel
def _weigh(x, step, weights, out):
    """Sums of weighted rows of `x`, which begin every `step`; four at a time, to write each sum less often."""
    n = out.size
    out[:] = 0
    whole = weights.size // 4 * 4
    for k in range(0, whole, 4):
        w0, w1, w2, w3 = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        x0, x1, x2, x3 = x[k * step :], x[(k + 1) * step :], x[(k + 2) * step :], x[(k + 3) * step :]
        for j in range(n):
            out[j] += w0 * x0[j] + w1 * x1[j] + w2 * x2[j] + w3 * x3[j]
    for k in range(whole, weights.size):
        weight, row = weights[k], x[k * step :]
        for j in range(n):
            out[j] += weight * row[j]
