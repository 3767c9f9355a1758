"""Points that can be corners of the convex hull of a mask."""

import numpy as np

from radlearn._kernels.compiling import kernel


@kernel
def hull_candidates(mask, is_3d):
    """Corners of the convex hulls of all planes through the surface of a mask.

    The surface crosses the lines between voxel centers half-way. Its points lie in planes of voxel centers and, in
    space, in planes between them; only a corner of the convex hull of its plane can be one of the whole hull.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
    is_3d : bool
        Whether there are planes between the slices.

    Returns
    -------
    points : ndarray of int64, shape (n_points, 3)
        In half voxels; voxel centers have odd coordinates, from 1.
    """
    depth, height, width = mask.shape
    first = np.empty((depth, height), np.int64)
    last = np.empty((depth, height), np.int64)
    for z in range(depth):
        for y in range(height):
            first[z, y] = width
            last[z, y] = -1
            for x in range(width):
                if mask[z, y, x]:
                    first[z, y] = min(first[z, y], x)
                    last[z, y] = x

    points = np.empty(((2 * depth + 1) * (4 * height + 2), 3), np.int64)
    n_points = np.int64(0)  # a literal would be a type of its own, for which a function is compiled again
    far = 4 * width
    low = np.empty(2 * height + 1, np.int64)  # lowest and highest x of each row of a plane, in half voxels
    high = np.empty(2 * height + 1, np.int64)
    for plane in range(0 if is_3d else 1, 2 * depth + 1, 1 if is_3d else 2):
        for row in range(2 * height + 1):
            low[row] = far
            high[row] = -far
        is_between = plane % 2 == 0
        for z in range(max((plane - 1) // 2, 0), min(plane // 2, depth - 1) + 1):
            for y in range(height):
                if last[z, y] < 0:
                    continue
                left, right, row = 2 * first[z, y] + 1, 2 * last[z, y] + 1, 2 * y + 1
                reach = 0 if is_between else 1
                low[row] = min(low[row], left - reach)
                high[row] = max(high[row], right + reach)
                if not is_between:
                    for next_row in range(row - 1, row + 2, 2):
                        low[next_row] = min(low[next_row], left)
                        high[next_row] = max(high[next_row], right)
        for sign in (1, -1):
            n_points = _add_chain(points, n_points, plane, low, high, sign)
    return points[:n_points]


@kernel
def _add_chain(points, n_points, plane, low, high, sign):
    """Add the corners of a plane's convex hull on the side of the low ends (sign 1) or the high ones (-1) of its rows.

    This is Andrew's monotone chain; a row is empty if its low end is above the high one.
    """
    begin = n_points
    ends = low if sign > 0 else high
    for row in range(ends.size):
        if low[row] > high[row]:
            continue
        while n_points - begin >= 2:
            row_0, x_0 = points[n_points - 2, 1], points[n_points - 2, 2]
            row_1, x_1 = points[n_points - 1, 1], points[n_points - 1, 2]
            if sign * ((row_1 - row_0) * (ends[row] - x_0) - (x_1 - x_0) * (row - row_0)) > 0:
                break
            n_points -= 1
        points[n_points, 0], points[n_points, 1], points[n_points, 2] = plane, row, ends[row]
        n_points += 1
    return n_points


@kernel
def plane_corners(points, n_rows, far):
    """Those of the points that are corners of the convex hulls of their planes.

    Parameters
    ----------
    points : ndarray of int64, shape (n_points, 3)
        Number of a plane, and of a row in it, from 0; and a place in the row, from 0.
    n_rows, far : int
        Larger than any row and any place.

    Returns
    -------
    corners : ndarray of int64, shape (n_corners, 3)
    """
    n_planes = 0
    for point in range(points.shape[0]):
        n_planes = max(n_planes, points[point, 0] + 1)
    low = np.empty((n_planes, n_rows), np.int64)
    high = np.empty((n_planes, n_rows), np.int64)
    for plane in range(n_planes):
        for row in range(n_rows):
            low[plane, row] = far
            high[plane, row] = -1
    for point in range(points.shape[0]):
        plane, row, place = points[point, 0], points[point, 1], points[point, 2]
        low[plane, row] = min(low[plane, row], place)
        high[plane, row] = max(high[plane, row], place)
    corners = np.empty((2 * points.shape[0], 3), np.int64)
    n_corners = np.int64(0)
    for plane in range(n_planes):
        for sign in (1, -1):
            n_corners = _add_chain(corners, n_corners, plane, low[plane], high[plane], sign)
    return corners[:n_corners]
