"""The smallest box and the smallest ellipsoid around a convex hull."""

import numpy as np
from scipy.spatial import ConvexHull

# Khachiyan's algorithm stops when no point lies further outside or inside than this, relative to the ellipsoid.
TOLERANCE = 1e-6
MAX_STEPS = 10_000


def smallest_box(corners, normals):
    """Edges of the smallest of all boxes that have a side in a face of the hull, and another one along an edge.

    Parameters
    ----------
    corners : ndarray of shape (n_corners, 3)
        Corners of the hull, in mm.
    normals : ndarray of shape (n_faces, 3)
        Unit vectors, perpendicular to the faces of the hull.

    Returns
    -------
    edges : ndarray of shape (3,)
        Lengths in mm.

    Notes
    -----
    The smallest of all boxes may touch the hull at edges only, with no side in a face [1]_; it is hardly smaller, and
    IBSI does not say how to find the box.

    References
    ----------
    .. [1] O'Rourke J. Finding minimal enclosing boxes. International Journal of Computer and Information Sciences
       1985;14:183-99.
    """
    # Many faces lie in one plane or in opposite planes.
    normals = np.where(normals @ [1.0, np.pi, np.pi**2] < 0, -1, 1)[:, np.newaxis] * normals
    boxes = [_box_on(corners, normal) for normal in np.unique(normals.round(9), axis=0)]
    return min(boxes, key=np.prod)


def _box_on(corners, normal):
    """Edges of the smallest box with two sides perpendicular to the normal."""
    along = np.linalg.svd(normal[np.newaxis])[2][1:]  # two directions that span the plane
    flat = corners @ along.T
    outline = flat[ConvexHull(flat).vertices]
    sides = np.roll(outline, -1, axis=0) - outline
    sides /= np.linalg.norm(sides, axis=1, keepdims=True)
    # The smallest rectangle around a convex polygon has a side along one of its sides.
    lengths = np.ptp(outline @ sides.T, axis=0)
    widths = np.ptp(outline @ np.stack([-sides[:, 1], sides[:, 0]]), axis=0)
    best = np.argmin(lengths * widths)
    return np.array([np.ptp(corners @ normal), lengths[best], widths[best]])


def smallest_ellipsoid(points):
    """Semi-axes of the ellipsoid of smallest volume that contains all points, longest first.

    Khachiyan's algorithm, with the steps that take weight from points that Todd and Yildirim added [1]_.

    Parameters
    ----------
    points : ndarray of shape (n_points, n_dimensions)
        In mm; not all in one plane.

    Returns
    -------
    semi_axes : ndarray of shape (n_dimensions,)
        In mm, up to a millionth too long.

    References
    ----------
    .. [1] Todd MJ, Yildirim EA. On Khachiyan's algorithm for the computation of minimum-volume enclosing ellipsoids.
       Discrete Applied Mathematics 2007;155:1731-44.

    Examples
    --------
    >>> smallest_ellipsoid(np.array([[2.0, 0], [-2, 0], [0, 1], [0, -1]])).round(4).tolist()
    [2.0, 1.0]
    """
    points = points[ConvexHull(points).vertices]
    n_points, n_dimensions = points.shape
    lifted = np.column_stack([points - points.mean(axis=0), np.ones(n_points)])
    weights = _khachiyan_weights(lifted)
    centered = lifted[:, :-1] - weights @ lifted[:, :-1]
    spread = n_dimensions * (centered.T * weights) @ centered
    # The weights are not quite optimal, so that points may lie outside by a millionth: grow to the farthest of them.
    farthest = np.einsum("pi,pi->p", centered, np.linalg.solve(spread, centered.T).T).max()
    return np.sqrt(np.linalg.eigvalsh(spread)[::-1] * farthest)


def _khachiyan_weights(lifted):
    """Weights of points whose weighted mean and covariance are center and shape of the smallest ellipsoid.

    The points have a last coordinate of 1. Each step gives weight to the point that lies farthest outside the current
    ellipsoid, or takes weight from the one that lies farthest inside.
    """
    n_points, n_rows = lifted.shape
    weights = np.full(n_points, 1 / n_points)
    for _ in range(MAX_STEPS):
        distances = np.einsum("pi,pi->p", lifted, np.linalg.solve((lifted.T * weights) @ lifted, lifted.T).T)
        outer, inner = distances.argmax(), np.where(weights > 0, distances, np.inf).argmin()
        outside, inside = distances[outer] / n_rows - 1, 1 - distances[inner] / n_rows
        if max(outside, inside) <= TOLERANCE:
            break
        if outside > inside:
            step = (distances[outer] - n_rows) / (n_rows * (distances[outer] - 1))
            weights *= 1 - step
            weights[outer] += step
        else:
            largest = weights[inner] / (1 - weights[inner])  # takes all weight from the point
            step = largest
            if distances[inner] > 1:
                step = min((n_rows - distances[inner]) / (n_rows * (distances[inner] - 1)), largest)
            weights *= 1 + step
            weights[inner] = 0.0 if step == largest else weights[inner] - step
    return weights
