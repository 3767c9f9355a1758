"""Voxels of a region: where it lies, its intensities, its grey levels."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part


@kernel
def find_planes(mask, is_occupied):
    """Find the planes across each axis that hold a voxel of the mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
    is_occupied : ndarray of bool, shape (z + y + x,)
        Filled for the planes across z, then those across y, then those across x.
    """
    depth, height, width = mask.shape
    slices = np.empty(height * width, np.bool_)
    _overlay(mask.ravel(), is_occupied[:depth], slices)
    _overlay(slices, is_occupied[depth : depth + height], is_occupied[depth + height : depth + height + width])


@kernel_part
def _overlay(layers, is_occupied, overlaid):
    """What is inside in any of several layers, and which layers are not empty.

    Most layers may be empty: to look for anything inside is quicker than to lay them over each other.
    """
    for place in range(overlaid.size):
        overlaid[place] = False
    for number in range(is_occupied.size):
        layer = layers[number * overlaid.size : (number + 1) * overlaid.size]
        is_met = False
        for place in range(layer.size):
            is_met |= layer[place]
        is_occupied[number] = is_met
        if is_met:
            for place in range(layer.size):
                overlaid[place] |= layer[place]


@kernel
def list_stretches(mask):
    """List the stretches of voxels in the mask that follow each other along x.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)

    Returns
    -------
    stretches : ndarray of int64, shape (n_stretches, 4)
        Slice, row, first place in the row, and the place behind the last one; in the order of the voxels in memory.
    """
    flat, height, width = mask.ravel(), mask.shape[1], np.uint64(mask.shape[2])
    n_rows = mask.shape[0] * height
    n = n_rows  # where a row begins within the mask, it is not seen here that a stretch does
    for place in range(1, flat.size):
        n += flat[place] & ~flat[place - 1]
    stretches = np.empty((n, 4), np.int64)
    n = np.uint64(0)
    for row in range(n_rows):
        first = np.uint64(row) * width
        is_met = False
        for x in range(width):
            is_met |= flat[first + x]
        if not is_met:
            continue
        is_inside = False
        for x in range(width):
            if flat[first + x] != is_inside:
                is_inside = not is_inside
                if is_inside:
                    stretches[n, 0], stretches[n, 1], stretches[n, 2] = row // height, row % height, x
                else:
                    stretches[n, 3] = x
                    n += np.uint64(1)
        if is_inside:
            stretches[n, 3] = width
            n += np.uint64(1)
    return stretches[:n]


@kernel
def values_inside(image, stretches):
    """Values of the voxels in a mask.

    Parameters
    ----------
    image : ndarray of float32 or float64, shape (z, y, x)
    stretches : ndarray of int64, shape (n_stretches, 4)
        Those of the mask, see `list_stretches`.

    Returns
    -------
    values : ndarray of float64, shape (n_voxels,)
        In the order of the voxels in memory.
    """
    n = 0
    for number in range(len(stretches)):
        n += stretches[number, 3] - stretches[number, 2]
    values = np.empty(n)
    flat, height, width = image.ravel(), image.shape[1], image.shape[2]
    n = 0
    for number in range(len(stretches)):
        row = (stretches[number, 0] * height + stretches[number, 1]) * width
        first, length = np.uint64(row + stretches[number, 2]), stretches[number, 3] - stretches[number, 2]
        for voxel in range(length):
            values[np.uint64(n) + np.uint64(voxel)] = flat[first + np.uint64(voxel)]
        n += length
    return values


@kernel
def bin_numbers(intensities, lowest, factor, divisor, n_g):
    """Number of the bin of each intensity, ``floor(factor * (x - lowest) / divisor) + 1`` and at most `n_g`.

    Parameters
    ----------
    intensities : ndarray of float64, shape (n_voxels,)
    lowest, factor, divisor : float
    n_g : int

    Returns
    -------
    levels : ndarray of int16, shape (n_voxels,)
    counts : ndarray of int64, shape (n_g,)
        Number of voxels of each level.
    """
    levels = np.empty(intensities.size, np.int16)
    for voxel in range(intensities.size):
        level = np.int64(factor * (intensities[voxel] - lowest) / divisor) + 1  # not below 0: as good as floor
        levels[voxel] = min(level, n_g)
    # Neighbors are often of one level: voxels take turns, so that one need not wait until the one before is counted.
    turns = np.zeros((2, n_g + 1), np.int64)
    for voxel in range(levels.size):
        turns[voxel & 1, np.uint64(levels[voxel])] += 1
    counts = np.empty(n_g, np.int64)
    for level in range(n_g):
        counts[level] = turns[0, level + 1] + turns[1, level + 1]
    return levels, counts


@kernel
def levels_between(intensities, edges):
    """Number of the bin of each intensity between edges that lie about the same width apart.

    Parameters
    ----------
    intensities : ndarray of float64, shape (n_voxels,)
    edges : ndarray of float64, shape (n_bins + 1,)
        The first is not above any intensity, the last not below. An intensity at an edge is in the upper bin.

    Returns
    -------
    levels : ndarray of int16, shape (n_voxels,)
        From 1.
    counts : ndarray of int64, shape (n_g,)
        Number of voxels of each level, up to the highest that there is.
    """
    levels = np.empty(intensities.size, np.int16)
    turns = np.zeros((2, edges.size + 1), np.int64)  # as in `bin_numbers`
    first, width, last = edges[0], edges[1] - edges[0], np.float64(edges.size - 2)
    for voxel in range(intensities.size):
        # About the right bin by division, which rounding may miss by one.
        levels[voxel] = np.int32(min(max((intensities[voxel] - first) / width, 0.0), last))
    for voxel in range(intensities.size):
        x, place = intensities[voxel], np.uint64(levels[voxel])
        place += np.uint64(x >= edges[place + np.uint64(1)])
        place += np.uint64(1) - np.uint64(x < edges[place])
        levels[voxel] = place
        turns[voxel & 1, place] += 1
    counts = turns[0] + turns[1]
    n_g = counts.size - 1
    while counts[n_g] == 0:
        n_g -= 1
    return levels, counts[1 : n_g + 1]


@kernel
def place_levels(stretches, levels, margin, placed):
    """Put the levels of the voxels in a mask in their places.

    Parameters
    ----------
    stretches : ndarray of int64, shape (n_stretches, 4)
        Those of the mask, see `list_stretches`.
    levels : ndarray of int16, shape (n_voxels,)
    margin : int
    placed : ndarray of int16, shape (z + 2 * margin, y + 2 * margin, x + 2 * margin)
        All 0; voxels in the mask get their levels.
    """
    flat, height, width = placed.ravel(), placed.shape[1], placed.shape[2]
    n = 0
    for number in range(len(stretches)):
        row = ((stretches[number, 0] + margin) * height + stretches[number, 1] + margin) * width + margin
        first, length = np.uint64(row + stretches[number, 2]), stretches[number, 3] - stretches[number, 2]
        for voxel in range(length):
            flat[first + np.uint64(voxel)] = levels[np.uint64(n) + np.uint64(voxel)]
        n += length
