"""The smallest box and the smallest ellipsoid around a convex hull."""

import numpy as np
from scipy.spatial import ConvexHull

# How far, relative to its size, the ellipsoid may be from the smallest one, and the steps that it may take.
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
    The very smallest box may lean on edges only, with no side in a face [1]_; it is hardly smaller, and IBSI does not
    say how the box is to be found.

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
    """Semi-axes of the ellipsoid of the smallest volume that holds all points, longest first.

    Khachiyan's algorithm, with the steps away from points that Todd and Yildirim added [1]_.

    Parameters
    ----------
    points : ndarray of shape (n_points, n_dimensions)
        Not all in a plane; in mm. Those inside the convex hull make it slower only.

    Returns
    -------
    semi_axes : ndarray of shape (n_dimensions,)
        In mm; a millionth too long rather than too short.

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
    n_rows = n_dimensions + 1
    lifted = np.column_stack([points - points.mean(axis=0), np.ones(n_points)])
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
            largest = weights[inner] / (1 - weights[inner])
            step = largest
            if distances[inner] > 1:
                step = min((n_rows - distances[inner]) / (n_rows * (distances[inner] - 1)), largest)
            weights *= 1 + step
            weights[inner] = 0.0 if step == largest else weights[inner] - step
    centered = lifted[:, :-1] - weights @ lifted[:, :-1]
    spread = n_dimensions * (centered.T * weights) @ centered
    reach = np.einsum("pi,pi->p", centered, np.linalg.solve(spread, centered.T).T).max()
    return np.sqrt(np.linalg.eigvalsh(spread)[::-1] * reach)
