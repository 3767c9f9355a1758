"""Points that can be corners of the convex hull of a mask."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part


@kernel
def hull_candidates(stretches, positions, is_3d):
    """Corners of the convex hulls of all planes through the surface of a mask.

    The surface crosses the lines between voxel centers half-way. Its points lie in planes of voxel centers and, in
    space, in planes between them; only a corner of the convex hull of its plane can be one of the whole hull.

    Parameters
    ----------
    stretches : ndarray of int64, shape (n_stretches, 4)
        Those of the mask, see `list_stretches`.
    positions : tuple of three ndarrays of int64
        Position of each plane across z, y and x; those beside a plane that is not empty are next to it.
    is_3d : bool
        Whether there are planes between the slices.

    Returns
    -------
    points : ndarray of int64, shape (n_points, 3)
        In half voxels; voxel centers have odd coordinates, from 1. They go around plane by plane.
    """
    along_z, along_y, along_x = positions
    depth, height = along_z.size, along_y.size
    first = np.empty((depth, height), np.int64)
    last = np.empty((depth, height), np.int64)
    for z in range(depth):
        for y in range(height):
            last[z, y] = -1
    for number in range(len(stretches)):
        z, y = stretches[number, 0], stretches[number, 1]
        if last[z, y] < 0:
            first[z, y] = stretches[number, 2]
        last[z, y] = stretches[number, 3] - 1

    points = np.empty(((2 * depth + 1) * (4 * height + 2), 3), np.int64)
    n_points = np.int64(0)  # a literal would be a type of its own, for which a function is compiled again
    far = 4 * (along_x[along_x.size - 1] + 1)
    low = np.empty(2 * height + 1, np.int64)  # lowest and highest x of each row of a plane, in half voxels
    high = np.empty(2 * height + 1, np.int64)
    rows = np.empty(2 * height + 1, np.int64)  # those that are not empty
    for plane in range(0 if is_3d else 1, 2 * depth + 1, 1 if is_3d else 2):
        for row in range(2 * height + 1):
            low[row] = far
            high[row] = -far
        is_between = plane % 2 == 0
        for z in range(max((plane - 1) // 2, 0), min(plane // 2, depth - 1) + 1):
            for y in range(height):
                if last[z, y] < 0:
                    continue
                left, right, row = 2 * along_x[first[z, y]] + 1, 2 * along_x[last[z, y]] + 1, 2 * y + 1
                reach = 0 if is_between else 1
                low[row] = min(low[row], left - reach)
                high[row] = max(high[row], right + reach)
                if not is_between:
                    for next_row in range(row - 1, row + 2, 2):
                        low[next_row] = min(low[next_row], left)
                        high[next_row] = max(high[next_row], right)
        n_rows = 0
        for row in range(2 * height + 1):
            if low[row] <= high[row]:
                rows[n_rows], low[n_rows], high[n_rows] = _in_half_voxels(row, along_y), low[row], high[row]
                n_rows += 1
        if n_rows > 0:
            across = _in_half_voxels(plane, along_z)
            n_points = _add_polygon(points, n_points, (0, 1, 2), across, rows[:n_rows], low, high)
    return points[:n_points]


@kernel_part
def _in_half_voxels(place, positions):
    """Position of a plane or row of which every other lies between two of voxel centers, the first before all."""
    if place == 2 * positions.size:
        return 2 * positions[place // 2 - 1] + 2
    return 2 * positions[place // 2] + place % 2


@kernel_part
def _add_polygon(points, n_points, axes, plane, rows, low, high):
    """Add the corners of the convex hull of rows in a plane, going around: up along their low ends, down the high ones.

    This is Andrew's monotone chain. The axes are those across the planes, across the rows, and along them; the rows
    come in their order.
    """
    across, upwards, along = axes
    first = n_points
    for way in range(2):
        begin = first if way == 0 else n_points - 1
        ends = low if way == 0 else high
        for number in range(rows.size):
            end = number if way == 0 else rows.size - 1 - number
            row, place = rows[end], ends[end]
            while n_points - begin >= 2:
                row_0, place_0 = points[n_points - 2, upwards], points[n_points - 2, along]
                row_1, place_1 = points[n_points - 1, upwards], points[n_points - 1, along]
                if (row_1 - row_0) * (place - place_0) - (place_1 - place_0) * (row - row_0) > 0:
                    break
                n_points -= 1
            points[n_points, across], points[n_points, upwards], points[n_points, along] = plane, row, place
            n_points += 1
    last = n_points - 1
    if last > first and points[last, upwards] == points[first, upwards] and points[last, along] == points[first, along]:
        return last
    return n_points


@kernel
def plane_corners(points, axes):
    """Those of the points that are corners of the convex hulls of their planes across another axis.

    Parameters
    ----------
    points : ndarray of int64, shape (n_points, 3)
        From 0 along each axis. As `hull_candidates` and this function give them, they go around the planes across the
        second of the axes, one after the other.
    axes : tuple of three int
        The axis across the planes to look at, that across their rows, and that along these.

    Returns
    -------
    corners : ndarray of int64, shape (n_corners, 3)
        They go around plane by plane.
    """
    across, upwards, along = axes
    n_points, n_planes = points.shape[0], np.int64(0)
    for point in range(n_points):
        n_planes = max(n_planes, points[point, across] + 1)
    # Sorted by plane; those of a plane come by row already.
    starts = np.zeros(n_planes + 1, np.int64)
    for point in range(n_points):
        starts[points[point, across] + 1] += 1
    ends = np.zeros(n_planes, np.int64)
    for plane in range(n_planes):
        ends[plane] = starts[plane]
        starts[plane + 1] += starts[plane]
    rows, low, high = np.empty(n_points, np.int64), np.empty(n_points, np.int64), np.empty(n_points, np.int64)
    for point in range(n_points):
        plane, row, place = points[point, across], points[point, upwards], points[point, along]
        last = ends[plane] - 1
        if last >= starts[plane] and rows[last] == row:
            low[last], high[last] = min(low[last], place), max(high[last], place)
        else:
            rows[last + 1], low[last + 1], high[last + 1] = row, place, place
            ends[plane] += 1
    corners = np.empty((2 * n_points, 3), np.int64)
    n_corners = np.int64(0)
    for plane in range(n_planes):
        start, end = starts[plane], ends[plane]
        if start < end:
            n_corners = _add_polygon(corners, n_corners, axes, plane, rows[start:end], low[start:end], high[start:end])
    return corners[:n_corners]
