"""Interpolation along one axis: which voxels count for a place between them, and how much."""

import numpy as np
from scipy.sparse import csr_array


def spline_neighbors(places):
    """The four coefficients of a cubic spline that count at each place of a line.

    Parameters
    ----------
    places : ndarray of shape (n_places,)
        In voxels.

    Returns
    -------
    neighbors : ndarray of int, shape (n_places, 4)
        Their numbers; some may lie beyond the line, see `mirrored`.
    weights : ndarray of float64, shape (n_places, 4)

    Examples
    --------
    >>> neighbors, weights = spline_neighbors(np.array([1.5]))
    >>> neighbors.tolist(), weights.round(4).tolist()
    ([[0, 1, 2, 3]], [[0.0208, 0.4792, 0.4792, 0.0208]])
    """
    before = np.floor(places).astype(int)
    w = places - before
    last = w**3 / 6
    first = 1 / 6 + w * (w - 1) / 2 - last
    third = w + first - 2 * last
    return before[:, np.newaxis] + np.arange(-1, 3), np.stack([first, 1 - first - third - last, third, last], axis=1)


def mirrored(neighbors, n):
    """Numbers of voxels in a line of n, which goes on as its mirror image up to as many voxels beyond both ends.

    Examples
    --------
    >>> mirrored(np.array([-2, -1, 0, 3, 4]), 4)
    array([2, 1, 0, 3, 2])
    """
    return n - 1 - np.abs(n - 1 - np.abs(neighbors))


def weighted_sums(lines, neighbors, weights):
    """Sums of voxels along the first axis, each times its weight.

    Parameters
    ----------
    lines : ndarray of float64, shape (n, ...)
    neighbors, weights : ndarray of shape (n_places, n_neighbors)
        From 0 to n - 1.

    Returns
    -------
    sums : ndarray of float64, shape (n_places, ...)

    Examples
    --------
    >>> weighted_sums(np.array([1.0, 2.0, 4.0]), np.array([[0, 2]]), np.array([[0.5, 0.25]]))
    array([1.5])
    """
    n_places, n_neighbors = neighbors.shape
    rows = np.repeat(np.arange(n_places), n_neighbors)
    matrix = csr_array((weights.ravel(), (rows, neighbors.ravel())), shape=(n_places, len(lines)))
    return (matrix @ lines.reshape(len(lines), -1)).reshape(n_places, *lines.shape[1:])
