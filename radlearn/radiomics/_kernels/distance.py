"""Distances between points, and sums over pairs of them."""

import numpy as np

from radlearn._kernels.compiling import kernel


@kernel
def largest_distance(points):
    """Largest distance between any two points.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, n_dimensions)

    Returns
    -------
    distance : float
        0 for a single point.
    """
    largest = 0.0
    for first in range(points.shape[0]):
        for second in range(first):
            square = 0.0
            for axis in range(points.shape[1]):
                square += (points[first, axis] - points[second, axis]) ** 2
            largest = max(largest, square)
    return np.sqrt(largest)


@kernel
def sum_voxel_pairs(values, places, weights):
    """Sums over all ordered pairs of voxels, weighted by the difference of their places.

    Parameters
    ----------
    values : ndarray of float64, shape (n_voxels,)
    places : ndarray of int64, shape (n_voxels,)
        Increasing.
    weights : ndarray of float64, shape (n_differences,)
        Weight of each difference of places, from 1.

    Returns
    -------
    sums : ndarray of float64, shape (3,)
        Of the weights, of the weighted products of two values, and of the weighted squares of one of them.
    """
    sums = np.zeros(3)
    for voxel in range(values.size):
        value, place = values[voxel], places[voxel]
        of_weights = of_values = of_squares = 0.0
        for earlier in range(voxel):
            weight = weights[place - places[earlier] - 1]
            other = values[earlier]
            of_weights += weight
            of_values += weight * other
            of_squares += weight * (other * other + value * value)
        sums[0] += 2 * of_weights
        sums[1] += 2 * value * of_values
        sums[2] += of_squares
    return sums
