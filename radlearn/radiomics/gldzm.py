"""Grey level distance zone matrix: 16 features of how far zones of one grey level lie from the border."""

import numpy as np

from radlearn.radiomics._aggregation import UNDIRECTED
from radlearn.radiomics._family import Family
from radlearn.radiomics._size_matrix import SizeMatrix, Words, declare_shared, tally
from radlearn.radiomics._zones import zones_of


class GLDZM(SizeMatrix, Family, name="gldzm", ibsi="VMDZ", aggregations=UNDIRECTED):
    """Grey level distance zone matrix: connected voxels of one grey level, and how far they lie from the border.

    The distance of a zone is that of its outermost voxel from the border of the morphological mask, in steps along the
    axes; it is 1 at the border.
    """

    def count(self):
        """Count the zones at each distance."""
        zones = self.zones = zones_of(self.region, self.aggregation)
        return [tally(zones.matrices, zones.levels, zones.distances, len(zones.per_matrix))]

    def potential(self):
        """Number of voxels, for each matrix that has any."""
        per_matrix = self.zones.per_matrix
        if per_matrix.size == 1:
            return self.region.intensities.size
        per_matrix = per_matrix[per_matrix > 0]
        return np.add.reduceat(self.zones.sizes, per_matrix.cumsum() - per_matrix, dtype=np.int64)


declare_shared(
    GLDZM,
    Words(items="zones", small="zones near the border", large="zones far from the border", size="distance"),
    [
        ("0GBI", "small_distance_emphasis", None),
        ("MB4I", "large_distance_emphasis", None),
        ("S1RA", "low_grey_level_zone_emphasis", None),
        ("K26C", "high_grey_level_zone_emphasis", None),
        ("RUVG", "small_distance_low_grey_level_emphasis", None),
        ("DKNJ", "small_distance_high_grey_level_emphasis", None),
        ("A7WM", "large_distance_low_grey_level_emphasis", None),
        ("KLTH", "large_distance_high_grey_level_emphasis", None),
        ("VFT7", "grey_level_non_uniformity", None),
        ("7HP3", "normalised_grey_level_non_uniformity", None),
        ("V294", "zone_distance_non_uniformity", None),
        ("IATH", "normalised_zone_distance_non_uniformity", None),
        ("VIWW", "zone_percentage", None),
        ("QK93", "grey_level_variance", None),
        ("7WT1", "zone_distance_variance", None),
        ("GBDU", "zone_distance_entropy", None),
    ],
)
