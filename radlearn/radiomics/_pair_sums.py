r"""Sums over all pairs of voxels, weighted by inverse distance; exact, computed in one of four ways.

A sum over all pairs is a convolution with the weights. A Fourier transform computes it without visiting each pair and
without leaving out any. With x the deviations from the mean (0 outside the region), m the mask and w the
weights:

.. math::

    \sum_{k,l} w_{kl} x_k x_l = \langle x, w * x \rangle, \qquad
    \sum_{k,l} w_{kl} (x_k - x_l)^2 = 2 \langle x^2, w * m \rangle - 2 \langle x, w * x \rangle

For few voxels, visiting each pair is fastest: with a table of all distances, or, where they are scattered over a large
box, without one. For a large region, a fast Fourier transform is. For most regions, which lie in between, the fastest
way is to transform by multiplication with matrices of cosines and sines, which needs no complex numbers and is what
libraries of linear algebra do best.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from radlearn._threads import one_blas_thread
from radlearn.radiomics import _kernels
from radlearn.radiomics._gaps import plane_positions, with_gaps
from radlearn.radiomics._pair_transforms import deviations_from, distances_from_origin, sums_by_transforms
from radlearn.radiomics._region import as_volume
from radlearn.radiomics._slabs import slabs_of

# With up to this many voxels, in a box of up to this size, summing over the pairs with a table is fastest.
FEW_VOXELS, SMALL_BOX = 600, 2**18

# An ordered pair without a table takes as long as so many multiplications of matrices, and Fourier transforms as so
# many per voxel of the box.
OF_A_PAIR, OF_TRANSFORMS = 3, 800

# With up to this many multiplications per voxel of the box (in thirds, since there are three images), matrix products
# are fastest, unless the second longest side of the box is this many times as long as the shortest.
MAX_MULTIPLICATIONS, MAX_FLATNESS = 800, 10

# Number of values that are processed at a time, which fit in a processor's cache.
SLAB = 2**15


def pair_sums(values, mask, spacing, positions=None, *, center=()):
    r"""Sums over all ordered pairs of voxels in the mask, weighted with their inverse distance.

    Parameters
    ----------
    values : ndarray of float64, shape (n_voxels,)
        Of the voxels in the mask.
    mask : ndarray of bool
        Region, in two or three dimensions.
    spacing : tuple of float
        Distance of voxel centers in mm, in the order of the axes.
    positions : tuple of three ndarrays of int64, optional
        Where the planes of the mask lie along z, y and x. Default: one after the other.
    center : tuple of float, optional
        What is taken from the values to give deviations; see `deviations_from`. Default: nothing.

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
    >>> sums = pair_sums(np.array([-1.0, 1.0]), np.array([[True, False, True]]), (1, 1))
    >>> print(np.round(sums, 9))
    [ 1. -1.  4.]
    """
    mask, spacing = as_volume(mask), (1.0, *map(float, spacing))[-3:]
    positions = plane_positions(mask.shape) if positions is None else positions
    shape = tuple(int(along[-1]) + 1 for along in positions)
    weighted_sums = _fastest_way(values.size, shape)
    if weighted_sums is sums_by_transforms:
        weights, products, mixed = sums_by_transforms(values, with_gaps(mask, positions), spacing, center=center)
    elif weighted_sums is _sums_by_pairs:
        weights, products, mixed = _sums_by_pairs(deviations_from(values, center), mask, spacing, positions)
    else:
        weights, products, mixed = weighted_sums(deviations_from(values, center), with_gaps(mask, positions), spacing)
    return weights, products, 2 * mixed - 2 * products


def _fastest_way(n_voxels, shape):
    """The fastest function for this many voxels in a box of this shape."""
    short, middle, long = sorted(shape)
    n_multiplications = long + 4 * middle + 4 * short
    by_matrices = middle < MAX_FLATNESS * short and n_multiplications <= MAX_MULTIPLICATIONS
    n_voxels_of_box = math.prod(shape)
    if n_voxels <= FEW_VOXELS and n_voxels_of_box <= SMALL_BOX:
        return _sums_by_table
    if OF_A_PAIR * n_voxels**2 <= n_voxels_of_box * (n_multiplications if by_matrices else OF_TRANSFORMS):
        return _sums_by_pairs
    return _sums_by_matrices if by_matrices else sums_by_transforms


def _sums_by_table(deviations, mask, spacing):
    """Weights, products, and products of a squared deviation with 1: from pair to pair, looking up the distances."""
    depth, height, width = mask.shape
    # Of the two voxels of a pair, one comes later in memory; along the last two axes it may come before.
    distances = distances_from_origin([(0, depth), (1 - height, height), (1 - width, width)], spacing)
    plane = distances[0].size
    places = np.argwhere(mask) @ np.array([plane, 2 * width - 1, 1])
    inverse_distances = 1 / distances.ravel()[plane // 2 + 1 :]
    return _kernels.sum_voxel_pairs(deviations, places, inverse_distances).tolist()


def _sums_by_pairs(deviations, mask, spacing, positions):
    """The same, with distances that are computed for each pair."""
    places = zip(positions, mask.nonzero(), spacing, strict=True)
    points = np.stack([along[planes] * step for along, planes, step in places])
    sums = np.zeros(points.shape)
    _kernels.sum_point_pairs(deviations, points, sums)
    of_weights, of_values, of_squares = sums
    mixed = of_squares + deviations**2 * of_weights
    return [2 * of_weights.sum(), 2 * (deviations * of_values).sum(), mixed.sum()]


def _sums_by_matrices(deviations, mask, spacing):
    """The same by Parseval's theorem, see `sums_by_transforms`; real, since the weights are even along each axis."""
    # The longest axis first, and the shortest last, which costs least.
    order = np.argsort(mask.shape)[::-1]
    depth, height, width = np.take(mask.shape, order)
    half, slabs = (width + 1) // 2, slabs_of(depth, 6 * height * width, SLAB)
    # Made once: the system takes its time to give memory.
    planes, spectra = np.empty((depth, height * 3 * half)), np.empty((slabs[0].stop, 2 * height, 3, width))
    rows = np.empty((slabs[0].stop, 2 * height, 3 * half))
    z_halves, y_matrix, x_halves = _matrices(depth).halves, _matrices(height).whole, _matrices(width).halves
    sums = np.zeros((3, width))
    with one_blas_thread():
        weights = _transformed_weights([(spacing[axis], mask.shape[axis]) for axis in order])
        for x_half, x_folded in zip(x_halves, _folded(_images(deviations, mask, order), -1), strict=True):
            x_matrix = np.ascontiguousarray(x_half.T)  # products with a transposed matrix take longer
            for z_half, folded in zip(z_halves, _folded(x_folded.reshape(depth, -1), 0), strict=True):
                np.matmul(z_half, folded, out=planes)
                for slab in slabs:
                    n = slab.stop - slab.start
                    np.matmul(y_matrix, planes[slab].reshape(n, height, 3 * half), out=rows[:n])
                    np.matmul(rows[:n].reshape(-1, half), x_matrix, out=spectra[:n].reshape(-1, width))
                    _kernels.weigh_spectra(spectra[:n], weights[slab], sums)
    return sums.sum(axis=1).tolist()


def _images(deviations, mask, order):
    """Mask, deviations (0 outside) and their squares, side by side along the third axis; the others in this order."""
    depth, height, width = np.take(mask.shape, order)
    placed = np.zeros(mask.shape)
    placed[mask] = deviations
    images = np.empty((depth, height, 3, width))
    images[:, :, 0], images[:, :, 1] = mask.transpose(order), placed.transpose(order)
    np.square(images[:, :, 1], out=images[:, :, 2])
    return images


def _folded(images, axis):
    """Sum and difference of the lines along an axis and their mirror images, of which half tell all."""
    images = np.moveaxis(images, axis, -1)
    half = (images.shape[-1] + 1) // 2
    lower, upper = images[..., :half], images[..., : -half - 1 : -1]
    return [np.moveaxis(folded, -1, axis) for folded in (lower + upper, lower - upper)]


def _transformed_weights(axes):
    """Inverse distances from the first voxel (0 from itself), transformed along each axis: its step and its length."""
    distances = distances_from_origin([(0, length) for _, length in axes], [step for step, _ in axes])
    distances[0, 0, 0] = np.inf
    weights = 1 / distances
    for _, length in axes:
        product = _matrices(length).weights @ weights.reshape(length, -1)
        weights = np.ascontiguousarray(np.moveaxis(product.reshape(weights.shape), 0, -1))
    return weights


class _Matrices(NamedTuple):
    """What transforms a line of n voxels into its n lowest frequencies; the period is 2 n - 1 voxels."""

    halves: np.ndarray
    """Cosines for the sum of the line and its mirror image, of which half is enough, and sines for their difference;
    shape (2, n, (n + 1) // 2)."""
    whole: np.ndarray
    """Cosines, and below them sines, for the line itself; shape (2 n, n)."""
    weights: np.ndarray
    """For weights at n distances on both sides, times the share of each frequency in a sum; shape (n, n)."""


@lru_cache(maxsize=64)
def _matrices(length):
    period, half = 2 * length - 1, (length + 1) // 2
    frequencies = np.arange(length)[:, np.newaxis]
    # In half turns from the middle of the line, without whole turns, so that no digit is lost.
    half_turns = frequencies * (2 * np.arange(length) - (length - 1)) % (2 * period)
    waves = np.stack([np.cos(np.pi / period * half_turns), np.sin(np.pi / period * half_turns)])
    halves = waves[:, :, :half].copy()
    if length % 2:
        halves[0, :, -1] /= 2  # the middle voxel is its own mirror image
    sides = np.where(frequencies > 0, 2, 1)
    turns = frequencies * frequencies.T % period
    weights = sides / period * np.cos(2 * np.pi / period * turns) * sides.T
    return _Matrices(halves, waves.reshape(2 * length, length), weights)
