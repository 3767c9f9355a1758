"""Pairs of neighboring grey levels: counting them, and the sums that co-occurrence features are made of."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def count_pairs(levels, shifts, matrices, n_matrices, n_g):
    """Count pairs of neighboring grey levels.

    Parameters
    ----------
    levels : ndarray of int16, shape (n,)
        Flattened volume: 1 to n_g inside the region, 0 outside; padded so that no shift leaves it or its row.
    shifts : ndarray of int64, shape (n_directions,)
        How much further the neighbor lies, for each direction.
    matrices : ndarray of int64, shape (n_directions,)
        Number of the matrix in which each direction is counted.
    n_matrices, n_g : int
        Numbers of matrices and of grey levels.

    Returns
    -------
    counts : ndarray of int32, shape (n_matrices, n_g, n_g)
        Entry (m, i - 1, j - 1) with i <= j: how often i and j are neighbors, in whichever order. 0 below the diagonal.
    """
    counts = np.zeros((n_matrices, n_g, n_g), np.int32)
    for voxel in range(levels.size):
        here = levels[voxel]
        if here == 0:
            continue
        for direction in range(shifts.size):
            there = levels[voxel + shifts[direction]]
            if there > 0:
                counts[matrices[direction], min(here, there) - 1, max(here, there) - 1] += 1
    return counts


@njit(cache=True, nogil=True)
def list_pairs(levels, shifts, matrices, n_g):
    """List pairs of neighboring grey levels, where there are too many levels for a table of all pairs.

    Parameters
    ----------
    levels, shifts, matrices, n_g
        As in `count_pairs`.

    Returns
    -------
    places : ndarray of int64, shape (n_pairs,)
        For each pair, its flat position in the table that `count_pairs` would make.
    """
    n_pairs = 0
    for voxel in range(levels.size):
        if levels[voxel] > 0:
            for shift in shifts:
                n_pairs += levels[voxel + shift] > 0
    places = np.empty(n_pairs, np.int64)
    pair = 0
    for voxel in range(levels.size):
        here = np.int64(levels[voxel])
        if here == 0:
            continue
        for direction in range(shifts.size):
            there = np.int64(levels[voxel + shifts[direction]])
            if there > 0:
                places[pair] = (matrices[direction] * n_g + min(here, there) - 1) * n_g + max(here, there) - 1
                pair += 1
    return places


@njit(cache=True, nogil=True)
def sum_pairs(places, counts, n_matrices, n_g):
    """Distributions and sums of symmetric co-occurrence matrices, in one pass over their non-zero entries.

    Each pair is counted both ways, as (i, j) and as (j, i); p is the matrix divided by its total.

    Parameters
    ----------
    places : ndarray of int64, shape (n_entries,)
        Flat positions of the non-zero entries in a table (n_matrices, n_g, n_g), on and above the diagonal.
    counts : ndarray of integers, shape (n_entries,)
        Number of pairs in each.
    n_matrices, n_g : int
        Numbers of matrices and of grey levels.

    Returns
    -------
    marginal : ndarray of shape (n_matrices, n_g)
        Sum of p over j for each grey level i from 1.
    difference : ndarray of shape (n_matrices, n_g)
        Sum of p over all (i, j) with abs(i - j) = 0, 1, ...
    total : ndarray of shape (n_matrices, 2 * n_g - 1)
        Sum of p over all (i, j) with i + j = 2, 3, ...
    joint : ndarray of shape (n_matrices, 4)
        Largest p, and the sums of p**2, of -p * log2(p) and of i * j * p. All of a matrix without pairs is NaN.
    """
    n_pairs = np.zeros(n_matrices)
    for entry in range(places.size):
        n_pairs[places[entry] // (n_g * n_g)] += counts[entry]

    marginal = np.zeros((n_matrices, n_g))
    difference = np.zeros((n_matrices, n_g))
    total = np.zeros((n_matrices, 2 * n_g - 1))
    joint = np.zeros((n_matrices, 4))
    for entry in range(places.size):
        m = places[entry] // (n_g * n_g)
        i = places[entry] // n_g % n_g
        j = places[entry] % n_g
        both = counts[entry] / n_pairs[m]  # the part of the pairs that are (i, j) or (j, i)
        p = both if i == j else both / 2
        marginal[m, i] += both / 2
        marginal[m, j] += both / 2
        difference[m, j - i] += both
        total[m, i + j] += both
        joint[m, 0] = max(joint[m, 0], p)
        joint[m, 1] += both * p
        joint[m, 2] -= both * np.log2(p)
        joint[m, 3] += both * (i + 1) * (j + 1)
    for m in range(n_matrices):
        if n_pairs[m] == 0:
            marginal[m], difference[m], total[m], joint[m] = np.nan, np.nan, np.nan, np.nan
    return marginal, difference, total, joint
