"""The Laplacian of Gaussian of ITK, to the last digit of its single precision, in a box of an image.

ITK filters lines recursively, along one axis after the other. What comes out in a box is a sum over a line, with
weights that follow from the impulse response: so each axis takes one product of matrices, and what is not needed later
is never computed.

References
----------
Farnebäck G, Westin CF. Improving Deriche-style recursive Gaussian filters. Journal of Mathematical Imaging and
Vision 2006;26:293-299. ITK, ``LaplacianRecursiveGaussianImageFilter``.
"""

from functools import lru_cache

import numpy as np
from scipy.signal import lfilter

# exp(-x^2 / 2) is near the real part of sum of (a + bi) exp((l + wi) x), for x in units of sigma; the second derivative
# is near another such sum. Two values of each of a and b for both, and of w and l (table 1 of the article).
SMOOTHING = ((1.3530, -0.3531), (1.8151, 0.0902))
CURVATURE = ((-1.3563, 0.3446), (5.2318, -2.2355))
FREQUENCIES = (0.6681, 2.0787)
DECAYS = (-1.3932, -1.3732)

# Further away than so many sigma, a voxel counts less than double precision shows beside single precision.
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
    windows, operators = [], []
    for length, step, along in zip(image.shape, spacing, box, strict=True):
        margin = int(np.ceil(REACH * sigma / step))
        window = slice(max(along.start - margin, 0), min(along.stop + margin, length))
        first, last = along.start - window.start, along.stop - window.start
        windows.append(window)
        operators.append(_operators(sigma / step, window.stop - window.start, first, last))
    part = image[tuple(windows)].astype(float)
    axes = list(reversed(range(image.ndim)))
    response = np.zeros([along.stop - along.start for along in box], np.float32)
    for curved in axes:
        values = part
        for axis in (curved, *(axis for axis in axes if axis != curved)):
            operator = operators[axis][1] * spacing[axis] ** 2 if axis == curved else operators[axis][0]
            values = _along(operator, values, axis).astype(np.float32).astype(float)
        response = (response + values * (1 / spacing[curved] ** 2)).astype(np.float32)
    return response


def _along(operator, values, axis):
    """Product of a matrix with all lines along an axis; each axis in the way that copies nothing."""
    if axis == values.ndim - 1:
        return values @ operator.T
    if axis == values.ndim - 2:
        return operator @ values
    return (operator @ values.reshape(len(values), -1)).reshape(-1, *values.shape[1:])


@lru_cache(maxsize=64)
def _operators(sigma, length, start, stop):
    """Matrices of smoothing and of the second derivative: places `start` to `stop` of a line from all of it.

    Beyond its ends, a line goes on with its last value.
    """
    distances = np.arange(start, stop)[:, np.newaxis] - np.arange(length)
    return tuple(_matrix(response, distances) for response in _impulse_responses(sigma, length))


def _matrix(response, distances):
    matrix = response[np.abs(distances)]
    tails = response[::-1].cumsum()[::-1]  # what lies so far away or further
    matrix[:, 0], matrix[:, -1] = tails[np.abs(distances[:, 0])], tails[np.abs(distances[:, -1])]
    return matrix


def _impulse_responses(sigma, length):
    """Responses of smoothing and of the second derivative at the distances 0, 1, 2 and so on; sigma is in voxels.

    Each is scaled so that it is exact for a constant, or for a parabola; the derivative is that by x / sigma.
    """
    feedback = np.polymul(*(_poles(sigma, k) for k in range(2)))
    impulse = np.zeros(length + int(np.ceil(2 * REACH * sigma)) + 8)
    impulse[0] = 1
    smoothing, curvature = (lfilter(_numerator(sigma, *parts), feedback, impulse) for parts in (SMOOTHING, CURVATURE))
    total = 2 * smoothing.sum() - smoothing[0]
    smoothing = smoothing / total
    # A part of the smoothing is taken away, so that the response to a constant is zero.
    curvature = curvature - smoothing * (2 * curvature.sum() - curvature[0])
    second_moment = 2 * curvature @ np.arange(impulse.size, dtype=float) ** 2
    return smoothing, curvature * (2 * sigma**2 / second_moment)


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
