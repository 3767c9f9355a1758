"""Grey level size zone matrix: 16 features of how large the zones of one grey level are."""

from radlearn.radiomics._aggregation import UNDIRECTED
from radlearn.radiomics._family import Family
from radlearn.radiomics._size_matrix import SizeMatrix, Words, declare_shared, tally
from radlearn.radiomics._zones import zones_of


class GLSZM(SizeMatrix, Family, name="glszm", ibsi="9SAK", aggregations=UNDIRECTED):
    """Grey level size zone matrix: connected voxels of one grey level, and how many they are."""

    def count(self):
        """Count the zones of each size."""
        return zone_sizes(self.region, self.aggregation)


def zone_sizes(region, aggregation):
    """Count the zones of each size.

    Parameters
    ----------
    region : Region
    aggregation : str
        A key of `UNDIRECTED`.

    Returns
    -------
    blocks : list of SizeTables
        Of matrices (level, size).
    """
    zones = zones_of(region, aggregation)
    return [tally(zones.matrices, zones.levels, zones.sizes, len(zones.per_matrix))]


declare_shared(
    GLSZM,
    Words(items="zones", small="small zones", large="large zones", size="size"),
    [
        ("5QRC", "small_zone_emphasis", "SmallAreaEmphasis"),
        ("48P8", "large_zone_emphasis", "LargeAreaEmphasis"),
        ("XMSY", "low_grey_level_zone_emphasis", "LowGrayLevelZoneEmphasis"),
        ("5GN9", "high_grey_level_zone_emphasis", "HighGrayLevelZoneEmphasis"),
        ("5RAI", "small_zone_low_grey_level_emphasis", "SmallAreaLowGrayLevelEmphasis"),
        ("HW1V", "small_zone_high_grey_level_emphasis", "SmallAreaHighGrayLevelEmphasis"),
        ("YH51", "large_zone_low_grey_level_emphasis", "LargeAreaLowGrayLevelEmphasis"),
        ("J17V", "large_zone_high_grey_level_emphasis", "LargeAreaHighGrayLevelEmphasis"),
        ("JNSA", "grey_level_non_uniformity", "GrayLevelNonUniformity"),
        ("Y1RO", "normalised_grey_level_non_uniformity", "GrayLevelNonUniformityNormalized"),
        ("4JP3", "zone_size_non_uniformity", "SizeZoneNonUniformity"),
        ("VB3A", "normalised_zone_size_non_uniformity", "SizeZoneNonUniformityNormalized"),
        ("P30P", "zone_percentage", "ZonePercentage"),
        ("BYLV", "grey_level_variance", "GrayLevelVariance"),
        ("3NSA", "zone_size_variance", "ZoneVariance"),
        ("GU8N", "zone_size_entropy", "ZoneEntropy"),
    ],
)
