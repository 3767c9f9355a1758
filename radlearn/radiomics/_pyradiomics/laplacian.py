"""The Laplacian of Gaussian of ITK, to the last digit of its single precision, in a box of an image.

ITK filters lines recursively, along one axis after the other. Here only the box and the margin around it that affects
the result are filtered. The response at one place is also a weighted sum over the line; if few places of a line are
wanted, computing these sums as a matrix product is faster than the recursion.

References
----------
Farnebäck G, Westin CF. Improving Deriche-style recursive Gaussian filters. Journal of Mathematical Imaging and
Vision 2006;26:293-299. ITK, ``LaplacianRecursiveGaussianImageFilter``.
"""

import math
from contextlib import nullcontext
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from radlearn._threads import one_blas_thread
from radlearn.radiomics import _kernels
from radlearn.radiomics._slabs import slabs_of

# exp(-x^2 / 2), with x in units of sigma, is approximately the real part of a sum of two terms
# (a + bi) exp((l + wi) x), and so is its second derivative. SMOOTHING and CURVATURE hold the two a,
# then the two b, of these sums; FREQUENCIES and DECAYS hold the w and l that both share (table 1 of the article).
SMOOTHING = ((1.3530, -0.3531), (1.8151, 0.0902))
CURVATURE = ((-1.3563, 0.3446), (5.2318, -2.2355))
FREQUENCIES = (0.6681, 2.0787)
DECAYS = (-1.3932, -1.3732)

# The weight of a voxel more than this many sigma away is lost when the response is rounded to single precision.
REACH = 16

# If at least this many places of a line are wanted, the recursion is faster than the matrix product.
MIN_RECURSIVE_LENGTH = 40

# Numbers that matrices are multiplied with at a time: few enough to stay in a near cache of a processor.
SLAB = 2**17


def laplacian_of_gaussian(image, spacing, sigma, box):
    """Response in a box of an image, normalized across scales.

    Parameters
    ----------
    image : ndarray of shape (z, y, x) or (y, x)
    spacing : tuple of float
        Distance of voxel centers in mm.
    sigma : float
        In mm.
    box : tuple of slices

    Returns
    -------
    response : ndarray of float32, of the shape of the box
    """
    windows, lines = [], []
    for length, step, along in zip(image.shape, spacing, box, strict=True):
        margin = int(np.ceil(REACH * sigma / step))
        start, stop = max(along.start - margin, 0), min(along.stop + margin, length)
        windows.append(slice(start, stop))
        lines.append(_Lines(sigma, step, stop - start, along.start - start, along.stop - start))
    part = image[tuple(windows)]
    part = np.ascontiguousarray(part, np.result_type(part, np.float32))
    response = np.zeros([along.stop - along.start for along in box], np.float32)
    with one_blas_thread() if any(along.are_short for along in lines) else nullcontext():
        for axis in reversed(range(image.ndim)):
            derivative = _second_derivative(part, axis, lines)
            _kernels.add_scaled(derivative.ravel(), 1 / spacing[axis] ** 2, response.ravel())
    return response


class _Lines(NamedTuple):
    """The lines along an axis, and which places of them are wanted."""

    sigma: float
    step: float
    """Distance of the places, in the unit of sigma."""
    length: int
    first: int
    stop: int

    @property
    def are_short(self):
        """Whether so few places are wanted that a product of matrices is quicker than the recursion."""
        return self.stop - self.first < MIN_RECURSIVE_LENGTH


def _second_derivative(part, curved, lines):
    """Second derivative along an axis, then smoothed along the others, where it is wanted."""
    *axes, last = (curved, *(axis for axis in reversed(range(part.ndim)) if axis != curved))
    size = part.size // part.shape[last]
    pieces = []
    for slab in slabs_of(part.shape[last], size, SLAB if lines[curved].are_short else part.size):
        values = part[(slice(None),) * last + (slab,)]
        for axis in axes:
            values = _filtered(values, axis, lines[axis], 2 if axis == curved else 0)
        pieces.append(values)
    values = np.concatenate(pieces, last) if len(pieces) > 1 else pieces[0]
    return _filtered(values, last, lines[last], 0)


def _filtered(values, axis, lines, order):
    """All lines along an axis, smoothed (order 0) or their second derivative (order 2), in single precision."""
    if lines.are_short:
        return _product(_matrix(lines, order), values.astype(float, copy=False), axis).astype(np.float32)
    shape = list(values.shape)
    shape[axis] = lines.stop - lines.first
    values = np.ascontiguousarray(values).reshape(math.prod(shape[:axis]), lines.length, -1)
    filtered = np.empty((len(values), shape[axis], values.shape[2]), np.float32)
    _kernels.filter_lines(values, *_recursion(lines, order), lines.first, filtered)
    return filtered.reshape(shape)


def _product(matrix, values, axis):
    """Product of a matrix with all lines along an axis; each axis in the way that copies nothing."""
    if axis == values.ndim - 1:
        return values @ matrix.T
    if axis == values.ndim - 2:
        return matrix @ values
    return (matrix @ values.reshape(len(values), -1)).reshape(-1, *values.shape[1:])


@lru_cache(maxsize=64)
def _matrix(lines, order):
    """How much each wanted place of a line takes from each place of it.

    Beyond its ends, a line goes on with its last value. The matrix is stored by columns: products with its transpose,
    for lines along the last axis, are faster then, and others are as fast.
    """
    feedback, forward, _ = _recursion(lines, order)
    response = _response(feedback, forward, lines.length + 3 * REACH * math.ceil(lines.sigma / lines.step))
    distances = np.abs(np.arange(lines.first, lines.stop)[:, np.newaxis] - np.arange(lines.length))
    matrix = np.asfortranarray(response[distances])
    tails = response[::-1].cumsum()[::-1]  # what lies so far away or further
    matrix[:, 0], matrix[:, -1] = tails[distances[:, 0]], tails[distances[:, -1]]
    return matrix


@lru_cache(maxsize=64)
def _recursion(lines, order):
    """Coefficients of `filter_lines`: what is fed back, forward and backward.

    They are scaled so that smoothing is exact for a constant, and the second derivative for a parabola. That is the
    derivative by the place in units of sigma.
    """
    sigma = lines.sigma / lines.step
    feedback = np.polymul(*(_poles(sigma, k) for k in range(2)))
    smoothing, curvature = (np.append(_numerator(sigma, *waves), 0) for waves in (SMOOTHING, CURVATURE))
    n = 3 * REACH * math.ceil(sigma)
    forward = smoothing / _both_sides(_response(feedback, smoothing, n)).sum()
    if order == 2:
        # A part of the smoothing is taken away, so that the response to a constant is zero.
        forward = curvature - forward * _both_sides(_response(feedback, curvature, n)).sum()
        second_moment = _both_sides(_response(feedback, forward, n)) @ np.arange(1 - n, n) ** 2
        forward = forward * (2 * lines.sigma**2 / second_moment)
    return feedback, forward, forward - feedback * forward[0]


def _response(feedback, forward, n):
    """Impulse response of the forward part: the filtered 1 with n - 1 zeros after it."""
    from scipy.signal import lfilter  # noqa: PLC0415 - slow to import

    return lfilter(forward, feedback, np.eye(1, n)[0])


def _both_sides(response):
    return np.concatenate([response[:0:-1], response])


def _poles(sigma, k):
    """Denominator of the k-th damped wave, as a polynomial in the delay, constant first."""
    decay = np.exp(DECAYS[k] / sigma)
    return np.array([1.0, -2 * decay * np.cos(FREQUENCIES[k] / sigma), decay**2])


def _numerator(sigma, cosines, sines):
    """Numerator of the sum of both damped waves over their common denominator."""
    numerator = np.zeros(4)
    for k in range(2):
        angle, decay = FREQUENCIES[k] / sigma, np.exp(DECAYS[k] / sigma)
        wave = np.array([cosines[k], decay * (sines[k] * np.sin(angle) - cosines[k] * np.cos(angle))])
        numerator += np.polymul(wave, _poles(sigma, 1 - k))
    return numerator
