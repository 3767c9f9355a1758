"""Grey level run length matrix: 16 features of how long a grey level lasts along a direction."""

from functools import partial

import numpy as np

from radlearn.radiomics import _kernels
from radlearn.radiomics._aggregation import (
    DIRECTIONAL,
    blocks_of,
    direction_weights,
    directions_of,
    largest_weight,
    shifts_of,
)
from radlearn.radiomics._bit_planes import LEVELS, suits_bit_planes
from radlearn.radiomics._family import Family
from radlearn.radiomics._size_matrix import SizeMatrix, Words, declare_shared, of_all_sizes

# A table of up to this many entries has room for runs as long as the region. A larger one starts with room for usual
# lengths at first: longer runs are rare among many grey levels.
SMALL_TABLE, USUAL_LENGTH = 2**16, 32

# The kernels need room for runs of up to this length.
SHORTEST_TABLE = 4


class GLRLM(SizeMatrix, Family, name="glrlm", ibsi="TP0I", aggregations=DIRECTIONAL):
    """Grey level run length matrix: voxels of one grey level that follow each other along a direction."""

    def measure(self):
        """Count runs, and sum over the entries."""
        super().measure()
        merge, norm = DIRECTIONAL[self.aggregation], self.region.texture.weighting_norm
        if norm is not None and not merge.per_direction:
            # What grows with the number of runs grows with their weights, of which `runs` has made the largest 1.
            weight = largest_weight(directions_of(merge), norm, self.region.spacing)
            for name in ("count", "level_non_uniformity", "size_non_uniformity", "sizes"):
                self.sums[name] = self.sums[name] * weight
            self.n_voxels = self.potential()

    def count(self):
        """Count the runs of each direction."""
        return runs(self.region, self.aggregation)


def runs(region, aggregation):
    """Count runs, merged as the aggregation asks.

    Parameters
    ----------
    region : Region
    aggregation : str
        A key of `DIRECTIONAL`.

    Returns
    -------
    blocks : list of SizeTables
        Of matrices (level, length); some may be empty. With weights, the largest is 1.
    """
    merge = DIRECTIONAL[aggregation]
    directions = directions_of(merge)
    weights = None
    if not merge.per_direction:
        weights = direction_weights(directions, region.texture.weighting_norm, region.spacing)
    matrices = np.arange(len(directions)) * (merge.per_direction or weights is not None)
    levels = region.padded_levels()
    shifts = shifts_of(directions, levels.shape)
    blocks = blocks_of(levels, 1, merge)
    if not merge.per_slice and suits_bit_planes(levels, region.n_g, LEVELS):
        counts = [_kernels.count_runs_of_few]
    else:
        counts = [partial(_kernels.count_runs, matches) for matches in blocks_of(region.matches(directions), 1, merge)]
    tables = [_count(*each, shifts, matrices, region.n_g) for each in zip(counts, blocks, strict=True)]
    if weights is not None:
        tables = [np.tensordot(weights, table, 1)[np.newaxis] for table in tables]
    return [of_all_sizes(table) for table in tables]


def _count(count, levels, shifts, matrices, n_g):
    """Table of runs; where some are longer than there is room for, all are counted again."""
    n_matrices, n_lengths = matrices[-1] + 1, max(SHORTEST_TABLE, *(length - 2 for length in levels.shape))
    if n_matrices * n_g * n_lengths > SMALL_TABLE:
        n_lengths = min(n_lengths, USUAL_LENGTH)
    while True:
        table = np.zeros((n_matrices, n_g + 1, n_lengths + 1), np.int64)
        longest = count(levels, shifts, matrices, table)
        if longest <= n_lengths:
            return table
        n_lengths = longest


declare_shared(
    GLRLM,
    Words(items="runs", small="short runs", large="long runs", size="length"),
    [
        ("22OV", "short_runs_emphasis", "ShortRunEmphasis"),
        ("W4KF", "long_runs_emphasis", "LongRunEmphasis"),
        ("V3SW", "low_grey_level_run_emphasis", "LowGrayLevelRunEmphasis"),
        ("G3QZ", "high_grey_level_run_emphasis", "HighGrayLevelRunEmphasis"),
        ("HTZT", "short_run_low_grey_level_emphasis", "ShortRunLowGrayLevelEmphasis"),
        ("GD3A", "short_run_high_grey_level_emphasis", "ShortRunHighGrayLevelEmphasis"),
        ("IVPO", "long_run_low_grey_level_emphasis", "LongRunLowGrayLevelEmphasis"),
        ("3KUM", "long_run_high_grey_level_emphasis", "LongRunHighGrayLevelEmphasis"),
        ("R5YN", "grey_level_non_uniformity", "GrayLevelNonUniformity"),
        ("OVBL", "normalised_grey_level_non_uniformity", "GrayLevelNonUniformityNormalized"),
        ("W92Y", "run_length_non_uniformity", "RunLengthNonUniformity"),
        ("IC23", "normalised_run_length_non_uniformity", "RunLengthNonUniformityNormalized"),
        ("9ZK5", "run_percentage", "RunPercentage"),
        ("8CE5", "grey_level_variance", "GrayLevelVariance"),
        ("SXLW", "run_length_variance", "RunVariance"),
        ("HJ9O", "run_entropy", "RunEntropy"),
    ],
)
