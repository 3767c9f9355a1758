"""Convolution with short kernels along one axis, or along all of them.

Where the kernel lies inside the image, neighbors are a fixed step apart in memory: one long loop serves all lines. What
lies beyond the ends of the lines is put into a small array of its own, which the same loop works on.
"""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part

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
def correlate_slices(image, weights_z, sources_z, weights_y, sources_y, before_y, weights_x, sources_x, before_x):
    """Weighted sums along all axes, slice by slice, so that nothing but the response leaves a processor's cache.

    Parameters
    ----------
    image : ndarray of float32 or float64, shape (n_z, n_y, n_x), C order
    weights_z, weights_y, weights_x : ndarray of the same type
    sources_z, sources_y, sources_x : ndarray of int64
        As for `correlate_lines`, for each axis.
    before_y, before_x : int
        How many places lie before the image.

    Returns
    -------
    response : ndarray of the type and shape of the image
    """
    n_z, n_y, n_x = image.shape
    pitch = sources_x.size
    wide = np.zeros((sources_y.size, pitch), image.dtype)
    lines = np.empty(n_y * pitch, image.dtype)
    sums = np.empty(n_y * pitch - weights_x.size + 1, image.dtype)
    response = np.empty_like(image)
    for z in range(n_z):
        for y in range(n_y):
            row = wide[before_y + y]
            inner = row[before_x : before_x + n_x]
            _weigh_slices(image, y, weights_z, sources_z[z:], inner)
            _extend(row, inner, sources_x, before_x)
        for place in range(sources_y.size):
            outside = place < before_y or place >= before_y + n_y
            if outside and sources_y[place] >= 0:
                wide[place] = wide[before_y + sources_y[place]]
        _weigh_all(wide.ravel(), pitch, weights_y, lines)
        _weigh_all(lines, 1, weights_x, sums)
        for y in range(n_y):
            row, found = response[z, y], sums[y * pitch :]
            for x in range(n_x):
                row[x] = found[x]
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
            inner = row[before:]
            for place in range(length):
                inner[place] = line[place]
            _extend(row, line, sources, before)
        _weigh(x.ravel(), 1, weights, sums)
        for number in range(len(rows)):
            out, found = response[start + number], sums[number * pitch :]
            for place in range(length):
                out[place] = found[place]
    return response


@kernel_part
def _extend(row, line, sources, before):
    """Fill what lies before and after a line in a row."""
    for place in range(before):
        row[place] = line[sources[place]] if sources[place] >= 0 else 0
    for place in range(before + line.size, row.size):
        row[place] = line[sources[place]] if sources[place] >= 0 else 0


@kernel_part
def _weigh_slices(image, y, weights, sources, out):
    """Sums of one row in several slices, in the order of `_weigh`."""
    zero = weights.dtype.type(0)
    first = weights.size - 1 - (weights.size - 1) % 4
    for k in range(weights.size - 1, first - 1, -1):
        source = sources[k]
        weight, row = weights[k] if source >= 0 else zero, image[max(source, 0), y]
        if k == weights.size - 1:
            for x in range(out.size):
                out[x] = weight * row[x]
        else:
            for x in range(out.size):
                out[x] += weight * row[x]
    for k in range(first - 4, -1, -4):
        s0, s1, s2, s3 = sources[k], sources[k + 1], sources[k + 2], sources[k + 3]
        w0, w1 = weights[k] if s0 >= 0 else zero, weights[k + 1] if s1 >= 0 else zero
        w2, w3 = weights[k + 2] if s2 >= 0 else zero, weights[k + 3] if s3 >= 0 else zero
        x0, x1, x2, x3 = image[max(s0, 0), y], image[max(s1, 0), y], image[max(s2, 0), y], image[max(s3, 0), y]
        for x in range(out.size):
            out[x] = out[x] + w3 * x3[x] + w2 * x2[x] + w1 * x1[x] + w0 * x0[x]


@kernel_part
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


@kernel_part
def _weigh_all(x, step, weights, out):
    """Sums of weighted values, one chunk after the other."""
    for start in range(0, out.size, CHUNK):
        _weigh(x[start:], step, weights, out[start : start + CHUNK])


@kernel_part
def _weigh(x, step, weights, out):
    """Entry j is the sum of ``weights[k] * x[j + k * step]``, four at a time, to write each sum less often.

    They are added one after the other, the last first: PyWavelets has the same bits.
    """
    n = out.size
    first = weights.size - 1 - (weights.size - 1) % 4
    for k in range(weights.size - 1, first - 1, -1):
        weight, row = weights[k], x[k * step :]
        if k == weights.size - 1:
            for j in range(n):
                out[j] = weight * row[j]
        else:
            for j in range(n):
                out[j] += weight * row[j]
    for k in range(first - 4, -1, -4):
        w0, w1, w2, w3 = weights[k], weights[k + 1], weights[k + 2], weights[k + 3]
        x0, x1, x2, x3 = x[k * step :], x[(k + 1) * step :], x[(k + 2) * step :], x[(k + 3) * step :]
        for j in range(n):
            out[j] = out[j] + w3 * x3[j] + w2 * x2[j] + w1 * x1[j] + w0 * x0[j]
