"""Zones: connected voxels of one grey level, and how far they lie from the border of the region."""

import numpy as np

from radlearn.radiomics._kernels._compile import kernel


@kernel
def border_distances(mask, is_3d):
    """Distance of each voxel from the border of the mask, in steps along the axes.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
    is_3d : bool
        Whether steps may lead into other slices.

    Returns
    -------
    distances : ndarray of int32, shape (z, y, x)
        1 for a voxel with a neighbor outside the mask or the array, more further inside; 0 outside.
    """
    depth, height, width = mask.shape
    distances = np.zeros((depth, height, width), np.int32)
    # Forwards from the nearest outside voxel that comes before, then backwards from the one that comes after.
    for z in range(depth):
        for y in range(height):
            for x in range(width):
                if mask[z, y, x]:
                    nearest = min(distances[z, y - 1, x] if y else 0, distances[z, y, x - 1] if x else 0)
                    if is_3d:
                        nearest = min(nearest, distances[z - 1, y, x] if z else 0)
                    distances[z, y, x] = nearest + 1
    for z in range(depth - 1, -1, -1):
        for y in range(height - 1, -1, -1):
            for x in range(width - 1, -1, -1):
                if mask[z, y, x]:
                    nearest = min(
                        distances[z, y + 1, x] if y < height - 1 else 0, distances[z, y, x + 1] if x < width - 1 else 0
                    )
                    if is_3d:
                        nearest = min(nearest, distances[z + 1, y, x] if z < depth - 1 else 0)
                    distances[z, y, x] = min(distances[z, y, x], nearest + 1)
    return distances


@kernel
def list_zones(levels, distances, shifts):
    """List the zones with their grey level, size and distance from the border.

    Voxels are joined with those before them (union-find); the first voxel of a zone is its root.

    Parameters
    ----------
    levels : ndarray of int16, shape (z + 2, y + 2, x + 2)
        1 to n_g inside the region, 0 outside and in the outermost layer.
    distances : ndarray of int32, shape (z, y, x)
        Distance of each voxel from the border.
    shifts : ndarray of int64, shape (n_shifts,)
        How much further in memory the neighbors lie to which a zone extends; one of each opposite pair, above 0.

    Returns
    -------
    slices, zone_levels, sizes, zone_distances : ndarray of int32, shape (n_zones,)
        Slice in which each zone begins, its grey level, number of voxels and smallest distance; in the order of the
        roots.
    """
    flat = levels.ravel()
    roots = np.zeros(flat.size, np.int32)
    n_zones = 0
    for voxel in range(flat.size):
        here = flat[voxel]
        if here == 0:
            continue
        root = voxel
        for shift in shifts:
            before = voxel - shift
            if flat[before] != here:
                continue
            while roots[before] != before:
                roots[before] = roots[roots[before]]
                before = roots[before]
            if before < root:
                if root != voxel:
                    roots[root] = before
                    n_zones -= 1
                root = before
            elif before > root:
                roots[before] = root
                n_zones -= 1
        roots[voxel] = root
        n_zones += root == voxel

    slices = np.empty(n_zones, np.int32)
    zone_levels = np.empty(n_zones, np.int32)
    sizes = np.zeros(n_zones, np.int32)
    zone_distances = np.full(n_zones, np.iinfo(np.int32).max, np.int32)
    depth, height, width = distances.shape
    voxel = -1
    zone = 0
    for z in range(depth):
        for y in range(height):
            voxel = ((z + 1) * (height + 2) + y + 1) * (width + 2)
            for x in range(width):
                voxel += 1
                if flat[voxel] == 0:
                    continue
                # From here on an entry holds the number of the zone: roots come first, so theirs is known.
                if roots[voxel] == voxel:
                    roots[voxel] = zone
                    slices[zone] = z
                    zone_levels[zone] = flat[voxel]
                    zone += 1
                else:
                    roots[voxel] = roots[roots[voxel]]
                number = roots[voxel]
                sizes[number] += 1
                zone_distances[number] = min(zone_distances[number], distances[z, y, x])
    return slices, zone_levels, sizes, zone_distances
