"""The convex hull of points in space."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part
from radlearn.radiomics._kernels.distance import largest_distance

# A tetrahedron: the ends of its triangles, counterclockwise from outside, and the triangle beyond the edge that begins
# at each end.
ENDS = np.array([[0, 1, 2], [1, 0, 3], [2, 1, 3], [0, 2, 3]])
BEYOND = np.array([[1, 2, 3], [0, 3, 2], [0, 1, 3], [0, 2, 1]])


@kernel
def convex_hull(points):
    """Convex hull of points with whole coordinates.

    Points are added one by one to a tetrahedron: the triangles that see the new point from outside give way to a fan of
    triangles between the point and their horizon. They are connected, so that one of them leads to the others; where
    points follow their neighbors, it is mostly one of the fan around the point before. All numbers are whole and below
    2**53, so that nothing is rounded: points in one plane are seen to be.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, 3)
        Whole numbers from 0 to 2**16, not all in one plane.

    Returns
    -------
    corners : ndarray of float64, shape (n_corners, 3)
        Those of the points at which triangles end.
    triangles : ndarray of int64, shape (n_triangles, 3)
        Numbers of their corners, counterclockwise from outside.
    """
    n_points = points.shape[0]
    # A hull of n points has up to 2 n - 4 triangles, and a fan, of up to n, is made before what it replaces is gone.
    n_places = 3 * n_points + 4
    ends = np.empty((n_places, 3), np.int64)
    beyond = np.empty((n_places, 3), np.int64)
    planes = np.empty((4, n_places))  # normal of each triangle, and how far along it the plane lies
    first = _tetrahedron(points)
    for face in range(4):
        for place in range(3):
            ends[face, place] = first[ENDS[face, place]]
            beyond[face, place] = BEYOND[face, place]
        _set_plane(planes, face, points, ends)
    n_faces = 4
    n_free = n_horizon = 0
    seen = np.empty(n_places, np.int64)
    seen_by = np.empty(n_places, np.int64)  # the last point that sees each triangle
    for face in range(n_places):
        seen_by[face] = -1
    free = np.empty(n_places, np.int64)  # places of triangles that are no more
    horizon = np.empty(n_places, np.int64)  # triangles of the fan around the new point
    fan_from = np.empty(n_points, np.int64)  # that of them which begins at a point
    for point in range(n_points):
        n_seen = 0
        for face in horizon[:n_horizon]:
            if _height(planes, face, points, point) > 0:
                seen[0], n_seen = face, 1
                break
        if n_seen == 0:
            for face in range(n_faces):
                if _height(planes, face, points, point) > 0:
                    seen[0], n_seen = face, 1
                    break
        if n_seen == 0:
            continue
        seen_by[seen[0]] = point
        n_horizon = number = 0
        while number < n_seen:
            face = seen[number]
            number += 1
            for place in range(3):
                other = beyond[face, place]
                if seen_by[other] == point:
                    continue
                if _height(planes, other, points, point) > 0:
                    seen_by[other] = point
                    seen[n_seen] = other
                    n_seen += 1
                    continue
                if n_free > 0:
                    n_free -= 1
                    new = free[n_free]
                else:
                    new = n_faces
                    n_faces += 1
                back = 0
                while beyond[other, back] != face:
                    back += 1
                beyond[other, back] = new
                beyond[new, 0] = other
                ends[new, 0], ends[new, 1], ends[new, 2] = ends[face, place], ends[face, (place + 1) % 3], point
                fan_from[ends[new, 0]] = new
                horizon[n_horizon] = new
                n_horizon += 1
        for face in horizon[:n_horizon]:
            _set_plane(planes, face, points, ends)
            following = fan_from[ends[face, 1]]
            beyond[face, 1] = following
            beyond[following, 2] = face
        for face in seen[:n_seen]:
            planes[0, face] = planes[1, face] = planes[2, face] = 0.0
            planes[3, face] = 1.0  # nothing is above it
            free[n_free] = face
            n_free += 1

    numbers = np.empty(n_points, np.int64)
    for point in range(n_points):
        numbers[point] = -1
    corners = np.empty((n_points, 3))
    triangles = np.empty((n_faces - n_free, 3), np.int64)
    n_corners = n_triangles = 0
    for face in range(n_faces):
        if planes[0, face] == 0 and planes[1, face] == 0 and planes[2, face] == 0:
            continue
        for place in range(3):
            point = ends[face, place]
            if numbers[point] < 0:
                numbers[point] = n_corners
                for axis in range(3):
                    corners[n_corners, axis] = points[point, axis]
                n_corners += 1
            triangles[n_triangles, place] = numbers[point]
        n_triangles += 1
    return corners[:n_corners], triangles


@kernel_part
def _tetrahedron(points):
    """Numbers of the first four points not in one plane; the first three turn clockwise as seen from the last."""
    chosen = np.zeros(4, np.int64)
    place = 1
    line = plane = (0.0, 0.0, 0.0)  # from the first point to the second; normal of the first three
    for point in range(1, points.shape[0]):
        step = _step(points, chosen[0], point)
        across = step if place == 1 else _cross(line, step)
        if _dot(across, across) == 0 or (place == 3 and _dot(plane, step) == 0):
            continue
        chosen[place] = point
        if place == 3:
            break
        if place == 1:
            line = step
        else:
            plane = across
        place += 1
    if _dot(plane, _step(points, chosen[0], chosen[3])) > 0:
        chosen[1], chosen[2] = chosen[2], chosen[1]
    return chosen


@kernel_part
def _set_plane(planes, face, points, ends):
    """Fill in the plane of a triangle."""
    a = ends[face, 0]
    normal = _cross(_step(points, a, ends[face, 1]), _step(points, a, ends[face, 2]))
    planes[0, face], planes[1, face], planes[2, face] = normal
    planes[3, face] = _dot(normal, (points[a, 0], points[a, 1], points[a, 2]))


@kernel_part
def _height(planes, face, points, point):
    """How far a point lies above the plane of a triangle, in multiples of the length of its normal."""
    along = planes[0, face] * points[point, 0] + planes[1, face] * points[point, 1] + planes[2, face] * points[point, 2]
    return along - planes[3, face]


@kernel
def hull_measures(corners, triangles):
    """Measures of a convex hull.

    Parameters
    ----------
    corners : ndarray of float64, shape (n_corners, 3)
    triangles : ndarray of int64, shape (n_triangles, 3)
        Numbers of their corners, counterclockwise from outside.

    Returns
    -------
    volume, area, diameter : float
        The last is the largest distance between two corners.
    """
    volume = area = 0.0
    for triangle in range(triangles.shape[0]):
        a = triangles[triangle, 0]
        normal = _cross(_step(corners, a, triangles[triangle, 1]), _step(corners, a, triangles[triangle, 2]))
        area += np.sqrt(_dot(normal, normal)) / 2
        volume += _dot(normal, (corners[a, 0], corners[a, 1], corners[a, 2])) / 6
    return volume, area, largest_distance(corners)


@kernel_part
def _step(points, first, second):
    """The way from one point to another."""
    return (
        points[second, 0] - points[first, 0],
        points[second, 1] - points[first, 1],
        points[second, 2] - points[first, 2],
    )


@kernel_part
def _cross(a, b):
    """Vector product."""
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


@kernel_part
def _dot(a, b):
    """Scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
