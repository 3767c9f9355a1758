"""Filters that are a product of one-dimensional ones, and what lies beyond the edge of an image."""

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from radlearn._validation import check_choice
from radlearn.filters import _kernels

# What lies beyond the image, in IBSI's words -> in those of numpy.pad. A mirror repeats the voxel at the edge.
BOUNDARIES = {"mirror": "symmetric", "nearest": "edge", "zero": "constant", "periodic": "wrap"}


class Taps(NamedTuple):
    """A one-dimensional kernel: the response to an impulse is `weights`, with entry `center` at the impulse."""

    weights: tuple[float, ...]
    center: int

    @property
    def reversed(self):
        """The kernel that looks the other way."""
        return Taps(self.weights[::-1], len(self.weights) - 1 - self.center)

    @property
    def symmetrized(self):
        """Average of the kernel and the reversed one."""
        reach = max(self.center, len(self.weights) - 1 - self.center)
        both = np.zeros(2 * reach + 1)
        for taps in (self, self.reversed):
            start = reach - taps.center
            both[start : start + len(taps.weights)] += np.divide(taps.weights, 2)
        return Taps(tuple(both), reach)

    def dilated(self, step):
        """The kernel with ``step - 1`` zeros after each weight."""
        weights = np.zeros((len(self.weights), step))
        weights[:, 0] = self.weights
        return Taps(tuple(weights.ravel()), weights.size // 2)


def centered(weights):
    """Kernel with its center in the middle.

    Parameters
    ----------
    weights : array-like of odd length

    Returns
    -------
    taps : Taps
    """
    return Taps(tuple(float(weight) for weight in weights), len(weights) // 2)


def convolved(image, taps, axis, boundary):
    """The image after a convolution along one axis.

    Parameters
    ----------
    image : ndarray of float32 or float64, of any shape
    taps : Taps
    axis : int
    boundary : str
        A key of `BOUNDARIES`.

    Returns
    -------
    response : ndarray of the type and shape of the image
    """
    weights = np.array(taps.weights[::-1], image.dtype)
    before = weights.size - 1 - taps.center
    sources = sources_along(image.shape[axis], before, taps.center, boundary)
    image = np.ascontiguousarray(image)
    if axis % image.ndim == image.ndim - 1:
        rows = image.reshape(-1, image.shape[-1])
        return _kernels.correlate_rows(rows, weights, sources, before).reshape(image.shape)
    lines = image.reshape(-1, image.shape[axis], math.prod(image.shape[axis + 1 :]))
    return _kernels.correlate_lines(lines, weights, sources, before).reshape(image.shape)


def product_convolved(image, taps, axes, boundary):
    """The image after a convolution along each of some axes.

    Parameters
    ----------
    image : ndarray of float32 or float64, in two or three dimensions
    taps : sequence of Taps
        One for each of the axes.
    axes : tuple of int
    boundary : str
        A key of `BOUNDARIES`.

    Returns
    -------
    response : ndarray of the type and shape of the image
    """
    volume = np.ascontiguousarray(image.reshape((-1, *image.shape[-2:])))
    along = [Taps((1.0,), 0)] * 3
    for axis, chosen in zip(axes, taps, strict=True):
        along[axis - image.ndim] = chosen
    weights = [np.array(each.weights[::-1], image.dtype) for each in along]
    before = [len(each.weights) - 1 - each.center for each in along]
    sources = [
        sources_along(length, start, each.center, boundary)
        for length, start, each in zip(volume.shape, before, along, strict=True)
    ]
    places = [(weights[0], sources[0]), *zip(weights[1:], sources[1:], before[1:], strict=True)]
    return _kernels.correlate_slices(volume, *(part for place in places for part in place)).reshape(image.shape)


def box_mean(image, edge, axes, boundary):
    """Average over `edge` voxels along each of some axes, an odd number."""
    return product_convolved(image, [centered([1 / edge] * edge)] * len(axes), axes, boundary)


@cache
def sources_along(length, before, after, boundary):
    """Where along an axis stands what has a place in the image, and before and after it; -1 for zero.

    Examples
    --------
    >>> sources_along(3, 2, 1, "mirror")
    array([1, 0, 0, 1, 2, 2])
    """
    filling = {"constant_values": -1} if boundary == "zero" else {}
    return np.pad(np.arange(length), (before, after), BOUNDARIES[boundary], **filling)


def check_boundary(boundary):
    """Return `boundary` if it is one of `BOUNDARIES`, else raise a ValueError that lists them."""
    return check_choice("boundary", boundary, BOUNDARIES)


def filtered_axes(ndim, slice_wise):
    """Axes along which a filter works: all, or those of a slice.

    Parameters
    ----------
    ndim : int
    slice_wise : bool

    Returns
    -------
    axes : tuple of int
    """
    return tuple(range(ndim))[-2:] if slice_wise else tuple(range(ndim))


def support_along(axes, ndim, reach):
    """How far a filter looks along each axis: `reach` along some, not at all along the others."""
    return tuple(reach if axis in axes else 0 for axis in range(ndim))


def extended(image, axis, sources):
    """The image with what lies before and after it along one axis; see `sources_along`."""
    wide = np.take(image, sources, axis)
    np.moveaxis(wide, axis, 0)[sources < 0] = 0
    return wide
