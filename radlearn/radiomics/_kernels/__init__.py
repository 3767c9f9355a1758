"""Compiled loops of the engine: arrays in, arrays out.

Each is compiled on first use and cached on disk. Importing this package does not import numba; accessing a kernel does.
What only kernels call is a `kernel_part`, which is compiled with them.

Each kind of array that a kernel creates takes time to compile, and arrays of zeros take most. So if the shape of a
result is known beforehand, the caller creates the array and the kernel fills it; and where no other kernel creates
zeros, a kernel fills an empty array in a loop::

    from radlearn.radiomics import _kernels

    counts = np.zeros((n_matrices, n_g + 1, n_g + 1), np.int64)
    _kernels.count_pairs(levels, shifts, matrices, counts)
"""

from radlearn._lazy import import_on_use

# Kernel -> the module that holds it.
HOME = {
    "accurate_sums": "deviations",
    "add_scaled": "recursion",
    "average_deviations": "deviations",
    "bin_numbers": "levels",
    "border_distances": "zones",
    "convex_hull": "polyhedron",
    "count_cells": "cells",
    "count_dependences": "neighborhoods",
    "count_items": "entries",
    "count_pairs": "cooccurrence",
    "count_pairs_of_few": "cooccurrence",
    "count_runs": "runs",
    "count_runs_of_few": "bit_plane_runs",
    "filter_lines": "recursion",
    "find_planes": "levels",
    "histogram_measures": "histogram",
    "hull_candidates": "hull",
    "hull_measures": "polyhedron",
    "largest_distance": "distance",
    "largest_distance_in_planes": "distance",
    "levels_between": "levels",
    "list_entries": "entries",
    "list_pairs": "cooccurrence",
    "list_stretches": "levels",
    "list_zones": "zones",
    "map_correlations": "correlation_maps",
    "map_dependences": "size_maps",
    "map_level_counts": "statistic_maps",
    "map_levels": "level_maps",
    "map_pairs": "pair_maps",
    "map_runs": "size_maps",
    "map_statistics": "statistic_maps",
    "map_tones": "tone_maps",
    "map_zones": "size_maps",
    "match_neighbors": "matches",
    "maximal_correlations": "correlations",
    "place_levels": "levels",
    "plane_corners": "hull",
    "position_sums": "positions",
    "second_eigenvalue": "correlations",
    "sphere_means": "spheres",
    "sum_pairs": "cooccurrence",
    "sum_point_pairs": "distance",
    "sum_sizes": "size_matrix",
    "sum_tone_differences": "neighborhoods",
    "sum_tone_differences_along": "neighborhoods",
    "sum_voxel_pairs": "distance",
    "tone_features": "neighborhoods",
    "values_inside": "levels",
    "weigh_frequencies": "frequencies",
    "weigh_spectra": "frequencies",
    "weighted_position_sums": "positions",
}

__getattr__, __dir__ = import_on_use(__name__, HOME)
