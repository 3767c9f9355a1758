"""Zones: connected voxels of one grey level, and how far they lie from the border of the region."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part
from radlearn.radiomics._kernels.matches import LOWEST_BIT

# The largest distance that is told from others; no region is twice as thick along all axes.
FARTHEST = 2**15

# Voxels that are worked on at a time: few enough to stay in a near cache of a processor.
CHUNK = 4096


@kernel
def border_distances(mask, is_3d, distances):
    """Distance of each voxel from the border of the mask, in steps along the axes.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
    is_3d : bool
        Whether steps may lead into other slices.
    distances : ndarray of uint16, shape (z + 2, y + 2, x + 2)
        All 0; becomes 1 for a voxel with a neighbor outside the mask or the array, more further inside.
    """
    depth, height, width = mask.shape
    plane = (height + 2) * (width + 2)
    n_together = max(CHUNK // plane, 1)
    # A few slices, as one long row; what is outside lies between their rows, and before and behind them.
    here = np.empty((n_together + 2) * plane, np.uint16)
    there = np.empty((n_together + 2) * plane, np.uint16)
    for voxel in range(here.size):
        here[voxel] = there[voxel] = 0
    for first in range(0, depth, n_together):
        slab = distances[first + 1 : min(first + n_together, depth) + 1].ravel()
        for z in range(slab.size // plane):
            for y in range(height):
                inside, place = mask[first + z, y], (z + 1) * plane + (y + 1) * (width + 2) + 1
                row = here[place : place + width]
                for x in range(width):
                    row[x] = FARTHEST if inside[x] else 0
        # Along each axis a step to both sides, then two at once, then four: together they are of any length.
        for length, stride in ((width, 1), (height, width + 2)):
            n_steps = 1
            while n_steps <= (length + 1) // 2 and n_steps < FARTHEST:
                before, behind = here[plane - n_steps * stride :], here[plane + n_steps * stride :]
                inner, lower = here[plane : plane + slab.size], there[plane : plane + slab.size]
                for voxel in range(inner.size):
                    # A sum is wider, unless one says so.
                    further = np.uint16(min(before[voxel], behind[voxel]) + np.uint16(n_steps))
                    lower[voxel] = min(inner[voxel], further)
                here, there = there, here
                n_steps *= 2
        found = here[plane : plane + slab.size]
        for voxel in range(slab.size):
            slab[voxel] = found[voxel]
    if is_3d:
        for z in range(1, depth + 1):
            _advance(distances[z].ravel(), distances[z - 1].ravel())
        for z in range(depth, 0, -1):
            _advance(distances[z].ravel(), distances[z + 1].ravel())


@kernel_part
def _advance(distances, before):
    """Lower distances to a step more than those of the voxels before."""
    for voxel in range(distances.size):
        distances[voxel] = min(distances[voxel], np.uint16(before[voxel] + np.uint16(1)))


@kernel
def list_zones(levels, matches, distances, directions, linked, covers, per_slice):
    """List the zones with their grey level, size and distance from the border.

    A voxel takes the number of a neighbor of its zone that comes before it in memory, or a new one. Where it has other
    such neighbors, which may have other numbers, these are joined (union-find on the numbers).

    Parameters
    ----------
    levels : ndarray of int16, shape (z + 2, y + 2, x + 2)
        1 to n_g inside the region, 0 outside and in the outermost layer.
    matches : ndarray of uint16, of the same shape
        What `match_neighbors` gives for the directions.
    distances : ndarray of uint16, of the same shape
        Distance of each voxel from the border.
    directions : ndarray of int64, shape (n_directions, 3)
        Steps (z, y, x) from a neighbor to the voxel, which comes later in memory.
    linked : int
        The directions along which a zone extends, as bits.
    covers : ndarray of uint16, shape (n_directions,)
        The directions, as bits, that need no look after a match along each: their neighbors are linked with that one.
    per_slice : ndarray of int64, shape (z,)
        Written to: the number of zones that begin in each slice.

    Returns
    -------
    zones : ndarray of int32, shape (3, n_zones)
        Grey level of each zone, its number of voxels and smallest distance; in the order of their first voxels.
    """
    depth, height, width = levels.shape[0] - 2, levels.shape[1] - 2, levels.shape[2] - 2
    flat_levels, flat_matches, flat_distances = levels.ravel(), matches.ravel(), distances.ravel()
    n_numbers = 0
    for voxel in range(flat_levels.size):
        n_numbers += (flat_levels[voxel] > 0) & (flat_matches[voxel] & linked == 0)
    # One more, for the zone that may begin next. Unsigned: an index of numba that is no negative one needs no check.
    parents = np.empty(n_numbers + 1, np.uint32)
    zones = np.empty((3, n_numbers + 1), np.int32)
    zone_levels, sizes, zone_distances = zones[0], zones[1], zones[2]
    for number in range(n_numbers + 1):
        parents[number], sizes[number], zone_distances[number] = number, 0, FARTHEST
    plane = (height + 2) * (width + 2)
    numbers = np.empty(2 * plane, np.uint32)  # of voxels, in two slices that take turns
    # From a voxel's place in them to that of each neighbor, for each turn.
    ways = np.empty((2, len(directions)), np.int64)
    for turn in range(2):
        for direction in range(len(directions)):
            way = directions[direction, 1] * (width + 2) + directions[direction, 2]
            ways[turn, direction] = ((turn - directions[direction, 0]) % 2 - turn) * plane - way
    listed = np.empty(width, np.int64)
    n_begun = np.uint64(0)
    for z in range(depth):
        turn_ways = ways[z % 2]
        for y in range(height):
            first_voxel = (z + 1) * plane + (y + 1) * (width + 2) + 1
            first_place = (z % 2) * plane + (y + 1) * (width + 2) + 1
            n_listed = np.uint64(0)
            for x in range(width):
                voxel = np.uint64(first_voxel + x)
                level = flat_levels[voxel]
                if level == 0:
                    continue
                bits = np.uint64(flat_matches[voxel] & linked)
                direction = np.uint64(LOWEST_BIT[bits])
                before = np.uint64(numbers[np.uint64(first_place + x + turn_ways[direction])])
                number = n_begun if bits == 0 else before
                numbers[np.uint64(first_place + x)] = number
                # Whether a zone begins is hard to guess: what would be known of it is written anyway.
                zone_levels[n_begun] = level
                n_begun += np.uint64(bits == 0)
                sizes[number] += 1
                # The smaller of both, by the sign of their difference: that needs no guess, either.
                less = np.int32(flat_distances[voxel]) - zone_distances[number]
                zone_distances[number] += less & (less >> np.int32(31))
                listed[n_listed] = x
                n_listed += np.uint64(bits & ~np.uint64(covers[direction]) > 0)
            for entry in range(n_listed):
                x = listed[np.uint64(entry)]
                bits = np.uint64(flat_matches[np.uint64(first_voxel + x)] & linked)
                bits &= ~np.uint64(covers[LOWEST_BIT[bits]])
                root = np.uint64(numbers[np.uint64(first_place + x)])
                while parents[root] != root:
                    parents[root] = parents[parents[root]]
                    root = np.uint64(parents[root])
                while bits > 0:
                    direction = np.uint64(LOWEST_BIT[bits])
                    bits &= ~np.uint64(covers[direction])
                    before = np.uint64(parents[numbers[np.uint64(first_place + x + turn_ways[direction])]])
                    if before == root:
                        continue
                    while parents[before] != before:
                        parents[before] = parents[parents[before]]
                        before = np.uint64(parents[before])
                    lower = min(root, before)
                    parents[max(root, before)] = lower
                    root = lower
        per_slice[z] = n_begun  # so far

    # A number that was joined with another one has a lower parent: from the last to the first, all goes to the roots.
    for number in range(np.int64(n_begun) - 1, -1, -1):
        parent = parents[number]
        if parent != number:
            sizes[parent] += sizes[number]
            zone_distances[parent] = min(zone_distances[parent], zone_distances[number])
    first_number = n_zones = 0
    for z in range(depth):
        first_zone, stop = n_zones, per_slice[z]
        for number in range(first_number, stop):
            if parents[number] == number:
                zone_levels[n_zones] = zone_levels[number]
                sizes[n_zones] = sizes[number]
                zone_distances[n_zones] = zone_distances[number]
                n_zones += 1
        first_number, per_slice[z] = stop, n_zones - first_zone
    return zones[:, :n_zones]
