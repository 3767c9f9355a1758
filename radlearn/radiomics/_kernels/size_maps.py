"""Runs, zones and dependences around each voxel, and the sums that their features are made of.

Each kernel lists the items of a neighborhood (runs, zones, voxels) with the number of their grey level and their size.
"""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part


@kernel
def map_runs(copies, found, lines, starts):
    """Sums over the runs around voxels.

    Parameters
    ----------
    copies, found
        From `map_levels`.
    lines : ndarray of int64, shape (n,)
        Positions in a copy, line by line, with a 0 behind each line.
    starts : ndarray of int64, shape (n_directions + 1,)
        Where the lines of each direction begin, and the end.

    Returns
    -------
    sums : ndarray of float64, shape (16, n_directions, n_centers)
        As `sum_sizes` gives them, NaN but for the number of runs where a direction has none. A direction has runs
        only if two voxels of the region lie on one of its lines.
    """
    n_directions = starts.size - 1
    sums = np.full((16, n_directions, len(copies)), np.nan)
    items, sizes = np.empty(copies.shape[1], np.int64), np.empty(copies.shape[1], np.int64)
    tables = _tables(found.shape[1], copies.shape[1])
    for number in range(len(copies)):
        copy = copies[number]
        for direction in range(n_directions):
            n_items = previous = size = n_on_line = 0
            has_runs = False
            for place in lines[starts[direction] : starts[direction + 1]]:
                level = copy[place]
                if level != previous:
                    if previous > 0:
                        items[n_items] = previous
                        sizes[n_items] = size
                        n_items += 1
                    previous, size = level, 0
                size += 1
                n_on_line += level > 0
                if place == 0:
                    has_runs |= n_on_line > 1
                    n_on_line = 0
            _sum_items(items[: n_items * has_runs], sizes, found[number], tables, sums[:, direction, number])
    return sums


@kernel
def map_zones(copies, found, places, neighbors):
    """Sums over the zones around voxels.

    Parameters
    ----------
    copies, found
        From `map_levels`; the copies are used up.
    places : ndarray of int64, shape (n_places,)
        Where in a copy the voxels are.
    neighbors : ndarray of int64, shape (n_neighbors,)
        How much further in a copy the neighbors of a voxel lie.

    Returns
    -------
    sums : ndarray of float64, shape (16, n_centers)
        As `sum_sizes` gives them.
    """
    sums = np.full((16, len(copies)), np.nan)
    items, sizes = np.empty(copies.shape[1], np.int64), np.empty(copies.shape[1], np.int64)
    stack = np.empty(copies.shape[1], np.int64)
    tables = _tables(found.shape[1], copies.shape[1])
    for number in range(len(copies)):
        copy = copies[number]
        n_items = 0
        for start in places:
            level = copy[start]
            if level > 0:
                stack[0], height, size = start, 1, 0
                copy[start] = 0
                while height > 0:
                    height -= 1
                    here = stack[height]
                    size += 1
                    for step in neighbors:
                        if copy[here + step] == level:
                            copy[here + step] = 0
                            stack[height] = here + step
                            height += 1
                items[n_items] = level
                sizes[n_items] = size
                n_items += 1
        _sum_items(items[:n_items], sizes, found[number], tables, sums[:, number])
    return sums


@kernel
def map_dependences(copies, found, places, neighbors):
    """Sums over voxels and how many neighbors of the same level they have, around voxels.

    Parameters
    ----------
    copies, found, places, neighbors
        As in `map_zones`; the copies stay as they are.

    Returns
    -------
    sums : ndarray of float64, shape (16, n_centers)
        As `sum_sizes` gives them; the size is one more than the number of neighbors.
    """
    sums = np.full((16, len(copies)), np.nan)
    items, sizes = np.empty(copies.shape[1], np.int64), np.empty(copies.shape[1], np.int64)
    tables = _tables(found.shape[1], copies.shape[1])
    for number in range(len(copies)):
        copy = copies[number]
        n_items = 0
        for place in places:
            level = copy[place]
            if level > 0:
                size = 1
                for step in neighbors:
                    size += copy[place + step] == level
                items[n_items] = level
                sizes[n_items] = size
                n_items += 1
        _sum_items(items[:n_items], sizes, found[number], tables, sums[:, number])
    return sums


@kernel_part
def _tables(n_levels, n):
    """Tables for up to `n` items: counts by level, by size and by both, all 0; and binary logarithms."""
    log2 = np.zeros(n + 1)
    for count in range(1, n + 1):
        log2[count] = np.log2(count)
    return np.zeros(n_levels, np.int64), np.zeros(n + 1, np.int64), np.zeros((n_levels, n + 1), np.int64), log2


@kernel_part
def _sum_items(items, sizes, found, tables, sums):
    """Fill the sums of one matrix, the first alone where there are no items; `tables` is the same before and after."""
    of_level, of_size, of_both, log2 = tables
    n = items.size
    sums[0] = n
    if n == 0:
        return
    level_total = size_total = 0
    for item in range(n):
        of_level[items[item]] += 1
        of_size[sizes[item]] += 1
        of_both[items[item], sizes[item]] += 1
        level_total += found[items[item]]
        size_total += sizes[item]
    mean_level, mean_size = level_total / n, size_total / n
    small = large = low = high = small_low = small_high = large_low = large_high = 0.0
    level_variance = size_variance = entropy = 0.0
    level_counts = size_counts = counts = 0
    for item in range(n):
        # Each of the items takes its part of what all items like it contribute.
        count = of_both[items[item], sizes[item]]
        counts += count
        level_counts += of_level[items[item]]
        size_counts += of_size[sizes[item]]
        entropy += log2[n] - log2[count]
        i, j = float(found[items[item]]), float(sizes[item])
        level_variance += (i - mean_level) * (i - mean_level)
        size_variance += (j - mean_size) * (j - mean_size)
        i2, j2 = i * i, j * j
        i_2, j_2 = 1 / i2, 1 / j2
        small += j_2
        large += j2
        low += i_2
        high += i2
        small_low += i_2 * j_2
        small_high += i2 * j_2
        large_low += j2 * i_2
        large_high += i2 * j2
    sums[1] = small / n
    sums[2] = large / n
    sums[3] = low / n
    sums[4] = high / n
    sums[5] = small_low / n
    sums[6] = small_high / n
    sums[7] = large_low / n
    sums[8] = large_high / n
    sums[9] = level_counts / n
    sums[10] = size_counts / n
    sums[11] = level_variance / n
    sums[12] = size_variance / n
    sums[13] = entropy / n
    sums[14] = counts / (n * n)
    sums[15] = size_total
    for item in range(n):
        of_level[items[item]] = of_size[sizes[item]] = of_both[items[item], sizes[item]] = 0
