"""Distances between points."""

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
