"""Convolution with short kernels along one axis.

Where the kernel lies inside the image, neighbors are a fixed step apart in memory: one long loop serves all lines. What
lies beyond the ends of the lines is put into a small array of its own, which the same loop works on.
"""

import numpy as np

from radlearn._kernels.compiling import kernel

# So many values are weighed at a time: they stay in the fast memory of a processor.
CHUNK = 4096


@kernel
def correlate_lines(image, weights, sources, before):
    """Weighted sums of what lies along the second axis.

    Parameters
    ----------
    image : ndarray of float32 or float64, shape (n_blocks, length, n_lines), C order
    weights : ndarray of the same type, shape (n_weights,)
    sources : ndarray of int64, shape (length + n_weights - 1,)
        Where in the line stands what has a place in the line and beyond its ends; -1 for zero.
    before : int
        How many places lie before the line.

    Returns
    -------
    response : ndarray of the type and shape of the image
        Entry (b, i, j) is the sum of ``weights[k] * image[b, sources[i + k], j]`` over all k.
    """
    n_blocks, length, n_lines = image.shape
    n_inside = length - weights.size + 1
    response = np.empty_like(image)
    for block in range(n_blocks):
        if n_inside <= 0:
            _correlate_some(image[block], weights, sources, 0, response[block])
            continue
        inside = response[block, before : before + n_inside]
        _weigh_all(image[block].ravel(), n_lines, weights, inside.ravel())
        _correlate_some(image[block], weights, sources, 0, response[block, :before])
        _correlate_some(image[block], weights, sources, before + n_inside, response[block, before + n_inside :])
    return response


@kernel
def correlate_rows(image, weights, sources, before):
    """The same along the last axis, for an image of shape (n_rows, length)."""
    n_rows, length = image.shape
    pitch = sources.size
    response = np.empty_like(image)
    n_together = max(1, CHUNK // pitch)
    x = np.zeros((n_together, pitch), image.dtype)
    sums = np.empty(n_together * pitch - weights.size + 1, image.dtype)
    for start in range(0, n_rows, n_together):
        rows = image[start : start + n_together]
        for number in range(len(rows)):
            row, line = x[number], rows[number]
            for place in range(before):
                row[place] = line[sources[place]] if sources[place] >= 0 else 0
            inner = row[before:]
            for place in range(length):
                inner[place] = line[place]
            for place in range(before + length, pitch):
                row[place] = line[sources[place]] if sources[place] >= 0 else 0
        _weigh(x.ravel(), 1, weights, sums)
        for number in range(len(rows)):
            out, found = response[start + number], sums[number * pitch :]
            for place in range(length):
                out[place] = found[place]
    return response


@kernel
def _correlate_some(lines, weights, sources, first, response):
    """Sums for some places from `first` on, of lines of shape (length, n_lines)."""
    n_lines = lines.shape[1]
    if len(response) == 0:
        return
    x = np.zeros((len(response) + weights.size - 1, n_lines), lines.dtype)
    for place in range(len(x)):
        source = sources[first + place]
        if source >= 0:
            row, line = x[place], lines[source]
            for j in range(n_lines):
                row[j] = line[j]
    _weigh_all(x.ravel(), n_lines, weights, response.ravel())


@kernel
def _weigh_all(x, step, weights, out):
    """Sums of weighted values, one chunk after the other."""
    for start in range(0, out.size, CHUNK):
        _weigh(x[start:], step, weights, out[start : start + CHUNK])


@kernel
def _weigh(x, step, weights, out):
    """Entry j is the sum of ``weights[k] * x[j + k * step]``; four at a time, to write each sum less often."""
    n = out.size
    first = (weights.size - 1) % 4 + 1
    for k in range(first):
        weight, row = weights[k], x[k * step :]
        if k == 0:
            for j in range(n):
                out[j] = weight * row[j]
        else:
            for j in range(n):
                out[j] += weight * row[j]
    for k in range(first, weights.size, 4):
        w0, w1, w2, w3 = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        x0, x1, x2, x3 = x[k * step :], x[(k + 1) * step :], x[(k + 2) * step :], x[(k + 3) * step :]
        for j in range(n):
            out[j] += w0 * x0[j] + w1 * x1[j] + w2 * x2[j] + w3 * x3[j]
