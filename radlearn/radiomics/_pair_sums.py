r"""Sums over all pairs of voxels, weighted by inverse distance; exact, computed in one of three ways.

A sum over all pairs is a convolution with the weights. A Fourier transform computes it without visiting each pair and
without leaving out any. With x the deviations from the mean (0 outside the region), m the mask and w the
weights:

.. math::

    \sum_{k,l} w_{kl} x_k x_l = \langle x, w * x \rangle, \qquad
    \sum_{k,l} w_{kl} (x_k - x_l)^2 = 2 \langle x^2, w * m \rangle - 2 \langle x, w * x \rangle

For few voxels, visiting each pair is fastest; for a large region, a fast Fourier transform is. For most regions, which
lie in between, the fastest way is to transform by multiplication with matrices of cosines and sines, which needs no
complex numbers and little memory.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from radlearn.radiomics import _kernels
from radlearn.radiomics._pair_transforms import distances_from_origin, sums_by_transforms
from radlearn.radiomics._region import as_volume

# With up to this many voxels, in a box of up to this size, summing over the pairs themselves is fastest.
FEW_VOXELS, SMALL_BOX = 600, 2**18

# With up to this many multiplications per voxel of the box, and at least this many voxels along each of its axes,
# matrix products are fastest.
MAX_MULTIPLICATIONS, MIN_LENGTH = 750, 4


def pair_sums(values, mean, mask, spacing):
    r"""Sums over all ordered pairs of voxels in the mask, weighted with their inverse distance.

    Parameters
    ----------
    values : ndarray of float64, shape (n_voxels,)
        Value of each voxel in the mask.
    mean : float
        What is subtracted from them to give deviations.
    mask : ndarray of bool
        Region, in two or three dimensions.
    spacing : tuple of float
        Distance of voxel centers in mm, in the order of the axes.

    Returns
    -------
    weights : float
        Sum of :math:`w_{kl} = 1 / d_{kl}`, in 1/mm.
    products : float
        Sum of :math:`w_{kl}\, x_k x_l`, with x the deviations.
    square_differences : float
        Sum of :math:`w_{kl}\, (x_k - x_l)^2`.

    Examples
    --------
    >>> sums = pair_sums(np.array([4.0, 6.0]), 5.0, np.array([[True, False, True]]), (1, 1))
    >>> print(np.round(sums, 9))
    [ 1. -1.  4.]
    """
    mask = as_volume(mask)
    weighted_sums = _fastest_way(values.size, mask.shape)
    weights, products, mixed = weighted_sums(values, mean, mask, (1.0, *map(float, spacing))[-3:])
    return weights, products, 2 * mixed - 2 * products


def _fastest_way(n_voxels, shape):
    """The fastest function for this many voxels in a box of this shape."""
    if n_voxels <= FEW_VOXELS and np.prod(shape) <= SMALL_BOX:
        return _sums_by_pairs
    short, middle, long = sorted(shape)
    if short >= MIN_LENGTH and 2 * long + 4 * middle + 8 * short <= MAX_MULTIPLICATIONS:
        return _sums_by_matrices
    return sums_by_transforms


def _sums_by_pairs(values, mean, mask, spacing):
    """Weights, products, and products of a squared deviation with 1: from pair to pair."""
    depth, height, width = mask.shape
    # Of the two voxels of a pair, one comes later in memory; along the last two axes it may come before.
    distances = distances_from_origin([(0, depth), (1 - height, height), (1 - width, width)], spacing)
    plane = distances[0].size
    places = np.argwhere(mask) @ np.array([plane, 2 * width - 1, 1])
    inverse_distances = 1 / distances.ravel()[plane // 2 + 1 :]
    return _kernels.sum_voxel_pairs(values - mean, places, inverse_distances).tolist()


def _sums_by_matrices(values, mean, mask, spacing):
    """The same by Parseval's theorem, see `sums_by_transforms`; real, since the weights are even along each axis."""
    deviations = np.zeros(mask.shape)
    deviations[mask] = values - mean
    # The longest axis first costs least, because each transform doubles the data that the next one reads.
    order = np.argsort(mask.shape)[::-1]
    depth, height, width = np.take(mask.shape, order)
    images = np.empty((depth, height, 3, width))
    images[:, :, 0], images[:, :, 1] = mask.transpose(order), deviations.transpose(order)
    np.square(images[:, :, 1], out=images[:, :, 2])
    first, second, third = (_matrices(length) for length in (depth, height, width))
    images = images.reshape(depth, height * 3 * width)
    half = (depth + 1) // 2
    upper, lower = images[:half], images[: -half - 1 : -1]
    spectra = np.empty((2, *images.shape))
    for side, folded in enumerate((upper + lower, upper - lower)):
        _kernels.multiply_matrices(first.parts[side], folded, spectra[side])
    weights = _transformed_weights([(spacing[axis], mask.shape[axis]) for axis in order[[0, 2, 1]]])
    sums = np.zeros(3)
    planes = spectra.reshape(2, depth, height, 3 * width)
    _kernels.weigh_planes(planes, second.parts, third.parts, weights, sums)
    return sums.tolist()


def _transformed_weights(axes):
    """Inverse distances from the first voxel (0 from itself), transformed along each axis: its step and its length."""
    distances = distances_from_origin([(0, length) for _, length in axes], [step for step, _ in axes])
    distances[0, 0, 0] = np.inf
    weights = 1 / distances
    for _, length in axes:
        product = np.empty((length, weights.size // length))
        _kernels.multiply_matrices(_matrices(length).weights, weights.reshape(length, -1), product)
        weights = np.ascontiguousarray(np.moveaxis(product.reshape(weights.shape), 0, -1))
    return weights


class _Matrices(NamedTuple):
    """What transforms a line of n voxels into its n lowest frequencies; the period is 2 n - 1 voxels."""

    parts: np.ndarray
    """Cosines for the sum of the line and its mirror image, of which half is enough, and sines for their difference;
    shape (2, n, (n + 1) // 2)."""
    weights: np.ndarray
    """For weights at n distances on both sides, times the share of each frequency in a sum; shape (n, n)."""


@lru_cache(maxsize=64)
def _matrices(length):
    period = 2 * length - 1
    frequencies = np.arange(length)[:, np.newaxis]
    # In half turns from the middle of the line, without whole turns, so that no digit is lost.
    half_turns = frequencies * (2 * np.arange((length + 1) // 2) - (length - 1)) % (2 * period)
    parts = np.stack([np.cos(np.pi / period * half_turns), np.sin(np.pi / period * half_turns)])
    if length % 2:
        parts[0, :, -1] /= 2  # the middle voxel is its own mirror image
    sides = np.where(frequencies > 0, 2, 1)
    turns = frequencies * frequencies.T % period
    return _Matrices(parts, sides / period * np.cos(2 * np.pi / period * turns) * sides.T)
