"""Grey tone differences around each voxel."""

import numpy as np

from radlearn._kernels.compiling import kernel, kernel_part


@kernel
def map_tones(copies, found, places, neighbors, largest_coarseness):
    """Features of grey tone differences around voxels.

    A voxel without neighbors counts, with the difference 0.

    Parameters
    ----------
    copies, found
        From `map_levels`.
    places : ndarray of int64, shape (n_places,)
        Where in a copy the voxels are.
    neighbors : ndarray of int64, shape (n_neighbors,)
        How much further in a copy the neighbors of a voxel lie.
    largest_coarseness : float
        The coarseness where no voxel differs from its neighbors.

    Returns
    -------
    features : ndarray of float64, shape (5, n_centers)
        Coarseness, contrast, busyness, complexity and strength; where a feature divides by 0, it is 0.
    """
    features = np.zeros((5, len(copies)))
    n_voxels, differences = np.empty(found.shape[1], np.int64), np.empty(found.shape[1])
    for number in range(len(copies)):
        copy, level_of = copies[number], found[number]
        n_levels = 0
        for place in places:
            n_levels = max(n_levels, copy[place])
        for level in range(n_levels + 1):
            n_voxels[level] = differences[level] = 0
        for place in places:
            here = copy[place]
            if here > 0:
                total = n_around = 0
                for step in neighbors:
                    there = copy[place + step]
                    total += level_of[there]
                    n_around += there > 0
                n_voxels[here] += 1
                if n_around > 0:
                    differences[here] += abs(level_of[here] - total / n_around)
        _fill(
            level_of[1 : n_levels + 1],
            n_voxels[1 : n_levels + 1],
            differences[1 : n_levels + 1],
            largest_coarseness,
            features[:, number],
        )
    return features


@kernel_part
def _fill(levels, n_voxels, differences, largest_coarseness, features):
    """Fill the features of one neighborhood, from the levels that occur in it."""
    n = 0
    for count in n_voxels:
        n += count
    rate = total = spread = busy = complexity = strength = 0.0
    for i in range(levels.size):
        p_i, s_i = n_voxels[i] / n, differences[i]
        rate += p_i * s_i
        total += s_i
        for j in range(i):
            p_j, s_j = n_voxels[j] / n, differences[j]
            apart = abs(levels[i] - levels[j])
            square = float(apart * apart)
            spread += 2 * p_i * p_j * square
            busy += 2 * abs(levels[i] * n_voxels[i] - levels[j] * n_voxels[j]) / n
            complexity += 2 * apart * (p_i * s_i + p_j * s_j) / (p_i + p_j)
            strength += 2 * (p_i + p_j) * square
    features[0] = 1 / rate if rate > 0 else largest_coarseness
    features[1] = spread * total / (levels.size * (levels.size - 1) * n) if levels.size > 1 else 0.0
    features[2] = rate / busy if busy > 0 else 0.0
    features[3] = complexity / n
    features[4] = strength / total if total > 0 else 0.0
