"""Distances between points, and sums over pairs of them."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part


@kernel
def largest_distance(points):
    """Largest distance between any two points.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, n_dimensions)
        In up to three dimensions.

    Returns
    -------
    distance : float
        0 for a single point.
    """
    return np.sqrt(_largest_square(points))


@kernel
def largest_distance_in_planes(points, planes):
    """Largest distance between any two points of one plane.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, 2)
    planes : ndarray of int64, shape (n_points,)
        The plane of each point; those of one plane follow each other.

    Returns
    -------
    distance : float
    """
    square = 0.0
    stop = 0
    while stop < planes.size:
        start = stop
        while stop < planes.size and planes[stop] == planes[start]:
            stop += 1
        square = max(square, _largest_square(points[start:stop]))
    return np.sqrt(square)


@kernel_part
def _largest_square(points):
    """Square of the largest distance."""
    n_points, n_dimensions = points.shape
    columns = np.zeros((3, n_points))
    for point in range(n_points):
        for axis in range(n_dimensions):
            columns[axis, point] = points[point, axis]
    a, b, c = columns[0], columns[1], columns[2]
    # Of the pairs with each point: a single maximum would have to wait for the pair before.
    largest = np.zeros(n_points)
    for first in range(n_points):
        here_a, here_b, here_c = a[first], b[first], c[first]
        for second in range(first):
            step_a, step_b, step_c = here_a - a[second], here_b - b[second], here_c - c[second]
            square = step_a * step_a + step_b * step_b + step_c * step_c
            largest[second] = max(largest[second], square)
    square = 0.0
    for of_point in largest:
        square = max(square, of_point)
    return square


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


@kernel
def sum_point_pairs(values, points, sums):
    """Sums over all pairs of points, weighted by their inverse distance, kept apart by the earlier point of each pair.

    Parameters
    ----------
    values : ndarray of float64, shape (n_points,)
    points : ndarray of float64, shape (3, n_points)
        No two of them at one place.
    sums : ndarray of float64, shape (3, n_points)
        All 0; of the pairs of a point with later ones, the weights, and weights times the value of the other point, and
        times its square.
    """
    z, y, x = points[0], points[1], points[2]
    of_weights, of_values, of_squares = sums[0], sums[1], sums[2]
    for later in range(values.size):
        value, square = values[later], values[later] * values[later]
        here_z, here_y, here_x = z[later], y[later], x[later]
        for point in range(later):  # one after the other in memory: the processor takes several at once
            step_z, step_y, step_x = here_z - z[point], here_y - y[point], here_x - x[point]
            # Not by the sign /, which would look for a division by 0 at each point.
            weight = np.divide(1.0, np.sqrt(step_z * step_z + step_y * step_y + step_x * step_x))
            of_weights[point] += weight
            of_values[point] += weight * value
            of_squares[point] += weight * square
