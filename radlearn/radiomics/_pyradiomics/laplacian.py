"""The Laplacian of Gaussian of ITK, to the last digit of its single precision, in a box of an image.

ITK filters lines recursively, along one axis after the other. Here only the box and the margin around it that affects
the result are filtered.

References
----------
Farnebäck G, Westin CF. Improving Deriche-style recursive Gaussian filters. Journal of Mathematical Imaging and
Vision 2006;26:293-299. ITK, ``LaplacianRecursiveGaussianImageFilter``.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from radlearn.radiomics import _kernels

# exp(-x^2 / 2), with x in units of sigma, is approximately the real part of a sum of two terms
# (a + bi) exp((l + wi) x), and so is its second derivative. SMOOTHING and CURVATURE hold the two a,
# then the two b, of these sums; FREQUENCIES and DECAYS hold the w and l that both share (table 1 of the article).
SMOOTHING = ((1.3530, -0.3531), (1.8151, 0.0902))
CURVATURE = ((-1.3563, 0.3446), (5.2318, -2.2355))
FREQUENCIES = (0.6681, 2.0787)
DECAYS = (-1.3932, -1.3732)

# The weight of a voxel more than this many sigma away is lost when the response is rounded to single precision.
REACH = 16


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
        lines.append(_Lines(sigma, step, along.start - start, along.stop - start))
    part = image[tuple(windows)]
    part = np.ascontiguousarray(part, np.result_type(part, np.float32))
    response = np.zeros([along.stop - along.start for along in box], np.float32)
    for axis in reversed(range(image.ndim)):
        derivative = _second_derivative(part, axis, lines)
        _kernels.add_scaled(derivative.ravel(), 1 / spacing[axis] ** 2, response.ravel())
    return response


class _Lines(NamedTuple):
    """The lines along an axis, and which places of them are wanted."""

    sigma: float
    step: float
    """Distance of the places, in the unit of sigma."""
    first: int
    stop: int


def _second_derivative(part, curved, lines):
    """Second derivative along an axis, then smoothed along the others, where it is wanted."""
    values = _filtered(part, curved, lines[curved], 2)
    for axis in reversed(range(part.ndim)):
        if axis != curved:
            values = _filtered(values, axis, lines[axis], 0)
    return values


def _filtered(values, axis, lines, order):
    """All lines along an axis, smoothed (order 0) or their second derivative (order 2), in single precision."""
    before, length, behind = values.shape[:axis], values.shape[axis], values.shape[axis + 1 :]
    values = values.reshape(math.prod(before), length, math.prod(behind))
    filtered = np.empty((len(values), lines.stop - lines.first, values.shape[2]), np.float32)
    _kernels.filter_lines(values, *_recursion(lines.sigma, lines.step, order), lines.first, filtered)
    return filtered.reshape(*before, -1, *behind)


@lru_cache(maxsize=64)
def _recursion(sigma, step, order):
    """Coefficients of `filter_lines`: what is fed back, forward and backward.

    They are scaled so that smoothing is exact for a constant, and the second derivative for a parabola. That is the
    derivative by the place in units of sigma.
    """
    places = sigma / step
    feedback = np.polymul(*(_poles(places, k) for k in range(2)))
    smoothing, curvature = (np.append(_numerator(places, *waves), 0) for waves in (SMOOTHING, CURVATURE))
    n = 3 * REACH * math.ceil(places)
    forward = smoothing / _both_sides(_response(feedback, smoothing, n)).sum()
    if order == 2:
        # A part of the smoothing is taken away, so that the response to a constant is zero.
        forward = curvature - forward * _both_sides(_response(feedback, curvature, n)).sum()
        second_moment = _both_sides(_response(feedback, forward, n)) @ np.arange(1 - n, n) ** 2
        forward = forward * (2 * sigma**2 / second_moment)
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
