"""The features of which there are maps: names, units, and how they come from the sums of the kernels.

Most are declared in their families, whose functions serve here, too: they take arrays with one number per voxel, or per
voxel and direction, as well as single numbers.
"""

from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd

from radlearn._validation import check_choice, check_texts
from radlearn.radiomics import _kernels
from radlearn.radiomics._aggregation import shifts_of
from radlearn.radiomics._family import declared_families, features_of
from radlearn.radiomics._ratio import ratio
from radlearn.radiomics._size_matrix import SUMS as SIZE_SUMS
from radlearn.radiomics.ngtdm import LARGEST_COARSENESS

STATISTICS = (
    *("n", "mean", "lowest", "highest", "p10", "p25", "p50", "p75", "p90"),
    *("second", "third", "fourth", "from_mean", "from_median", "square", "robust"),
)
LEVEL_SUMS = ("entropy", "uniformity")
PAIR_SUMS = (
    *("count", "largest", "energy", "entropy", "product", "mean", "variance", "level_entropy", "covariance"),
    *("difference_mean", "difference_variance", "difference_entropy", "contrast"),
    *("inverse", "normalised_inverse", "inverse_square", "normalised_inverse_square", "inverse_variance"),
    *("sum_variance", "sum_third", "sum_fourth", "sum_entropy"),
)
# Pairs count both ways, so what holds for the level of a voxel holds for that of its neighbor.
SAME_SUMS = {"neighbor_mean": "mean", "neighbor_variance": "variance", "neighbor_entropy": "level_entropy"}
TONE_FEATURES = ("coarseness", "contrast", "busyness", "complexity", "strength")

# Family -> what PyRadiomics calls it.
PYRADIOMICS_CLASS = {
    "statistics": "firstorder",
    "histogram": "firstorder",
    "glcm": "glcm",
    "glrlm": "glrlm",
    "glszm": "glszm",
    "ngtdm": "ngtdm",
    "ngldm": "gldm",
}

# What a map holds where the definition has no value, though there is something to measure, as PyRadiomics has it.
WHERE_UNDEFINED = {
    "statistics_skewness": 0.0,
    "statistics_kurtosis": 0.0,
    "glcm_correlation": 1.0,
    "glcm_information_correlation_1": 0.0,
}


@dataclass(frozen=True)
class MapFeature:
    """A feature of which there are maps.

    Attributes
    ----------
    name : str
        ``<family>_<feature>``.
    family : str
        Whose measures `function` takes.
    unit, description : str
        As in `feature_table`.
    pyradiomics : str or None
        Name of the map in PyRadiomics.
    function : callable
        Takes measures and gives one number per voxel, or per voxel and direction.
    where_undefined : float
        Value that replaces NaN.
    """

    name: str
    family: str
    unit: str
    description: str
    pyradiomics: str | None
    function: object
    where_undefined: float = np.nan

    def values(self, measures):
        """Value in each voxel; where there is one for each direction, the average of those that are defined.

        Parameters
        ----------
        measures : SimpleNamespace
            See `measures_of`.

        Returns
        -------
        values : ndarray of shape (n_voxels,)
        """
        values = self.function(measures)
        if not np.isnan(self.where_undefined):
            something = measures.sums["count"] > 0 if values.ndim == 2 else True
            values = np.where(np.isnan(values) & something, self.where_undefined, values)
        if values.ndim == 1:
            return values
        is_defined = ~np.isnan(values)
        if is_defined.all():
            return values.mean(axis=0)
        return ratio(np.where(is_defined, values, 0).sum(axis=0), is_defined.sum(axis=0))


def skewness(m):
    """Skewness of many voxels at a time."""
    return ratio(m.third, m.second**1.5)


def kurtosis(m):
    """Kurtosis of many voxels at a time, 3 for a normal distribution."""
    return ratio(m.fourth, m.second**2)


# Functions that are written for one region, for many voxels.
FOR_MANY = {
    "statistics_skewness": skewness,
    "statistics_kurtosis": lambda m: kurtosis(m) - 3,
    "histogram_entropy": lambda m: m.entropy,
    "histogram_uniformity": lambda m: m.uniformity,
}

# What PyRadiomics has beyond the families.
FURTHER = (
    MapFeature(
        "statistics_total_energy",
        "statistics",
        "intensity^2*mm^3",
        "Sum of the squared intensities times the volume of a voxel.",
        "firstorder_TotalEnergy",
        lambda m: m.square * m.n * m.voxel_volume,
    ),
    MapFeature(
        "glcm_maximal_correlation_coefficient",
        "glcm",
        "1",
        "Largest correlation that functions of both grey levels of a pair can have; 0 if there is one grey level only.",
        "glcm_MCC",
        lambda m: m.maximal_correlation(),
    ),
)

# Its kurtosis is not ours: it is higher by 3, unless all intensities are equal.
PYRADIOMICS_KURTOSIS = MapFeature(
    "firstorder_Kurtosis",
    "statistics",
    "1",
    "Weight of the tails, 3 for a normal distribution; 0 if all intensities are equal.",
    "firstorder_Kurtosis",
    kurtosis,
    where_undefined=0.0,
)


@cache
def map_features():
    """All features of which there are maps, by name and in the order of their families.

    Returns
    -------
    features : dict of str to MapFeature
    """
    features = {}
    for family, pyradiomics_class in PYRADIOMICS_CLASS.items():
        for declared in features_of(declared_families(3)[family], not_standardised=False):
            if family != "histogram" or declared.column in FOR_MANY:
                features[declared.column] = MapFeature(
                    declared.column,
                    family,
                    declared.unit,
                    declared.description,
                    f"{pyradiomics_class}_{declared.pyradiomics}" if declared.pyradiomics else None,
                    FOR_MANY.get(declared.column, declared.function),
                    WHERE_UNDEFINED.get(declared.column, np.nan),
                )
        features |= {feature.name: feature for feature in FURTHER if feature.family == family}
    return features


def chosen_features(asked_for):
    """The features that are asked for.

    Parameters
    ----------
    asked_for : str or list of str
        Names of features or of families, names of PyRadiomics, or ``"all"``.

    Returns
    -------
    features : dict of str to MapFeature
        By the names that were used.

    Raises
    ------
    TypeError
        If it is neither a text nor a list.
    ValueError
        If a name is unknown, or there is none.

    Examples
    --------
    >>> list(chosen_features(["original_glcm_Contrast", "glcm_contrast"]))
    ['original_glcm_Contrast', 'glcm_contrast']
    """
    known = features_by_name()
    chosen = {}
    for word in check_texts("features", asked_for, "glcm_contrast"):
        if isinstance(word, str) and word in known:
            chosen[word] = known[word]
        else:
            check_choice("features", word, ["all", *PYRADIOMICS_CLASS, *known])
            chosen |= {name: feature for name, feature in map_features().items() if word in ("all", feature.family)}
    return chosen


@cache
def features_by_name():
    """The features by our names and by those of PyRadiomics.

    Returns
    -------
    features : dict of str to MapFeature
    """
    ours = map_features()
    theirs = {feature.pyradiomics: feature for feature in ours.values() if feature.pyradiomics}
    theirs[PYRADIOMICS_KURTOSIS.name] = PYRADIOMICS_KURTOSIS
    return ours | theirs | {f"original_{name}": feature for name, feature in theirs.items()}


def map_table():
    """Everything that is known about the features of which `FeatureMap` makes maps, as a table.

    Returns
    -------
    table : DataFrame
        One row per feature. Columns: `name`, `family`, `pyradiomics` (the name there, or None), `unit`, `description`.

    Examples
    --------
    >>> table = map_table().set_index("name")
    >>> print(table.loc["glcm_joint_maximum", "pyradiomics"])
    glcm_MaximumProbability
    """
    return pd.DataFrame(map(vars, map_features().values()))[["name", "family", "pyradiomics", "unit", "description"]]


def measures_of(family, arrays, centers, around):
    """What the features of a family are computed from, in the neighborhoods of voxels.

    Parameters
    ----------
    family : str
        A key of `PYRADIOMICS_CLASS`.
    arrays : MapArrays
    centers : ndarray of int64, shape (n_centers,)
        Positions of the voxels in the arrays.
    around : Neighborhood

    Returns
    -------
    measures : SimpleNamespace
        Of arrays of shape (n_centers,) or (n_directions, n_centers).
    """
    offsets = shifts_of(around.steps, arrays.padded.shape)
    if family == "statistics":
        sums = _kernels.map_statistics(arrays.image, centers, offsets, around.exchanges)
        return SimpleNamespace(voxel_volume=arrays.voxel_volume, **_named(STATISTICS, sums))
    levels, n_g = arrays.levels, arrays.n_g
    if family == "histogram":
        return SimpleNamespace(**_named(LEVEL_SUMS, _kernels.map_level_counts(levels, centers, offsets, n_g)))
    copies, found = _kernels.map_levels(levels, centers, offsets, around.places, n_g)
    if family == "glcm":
        sums = _named(PAIR_SUMS, _kernels.map_pairs(copies, found, around.pairs, around.pair_starts, n_g))
        sums |= {neighbor: sums[level] for neighbor, level in SAME_SUMS.items()}
        # Below 0 by rounding only.
        sums["mutual_information"] = np.maximum(2 * sums["level_entropy"] - sums["entropy"], 0)
        return SimpleNamespace(
            sums=sums,
            maximal_correlation=lambda: _kernels.map_correlations(copies, around.pairs, around.pair_starts),
        )
    if family == "ngtdm":
        values = _kernels.map_tones(copies, found, around.places, around.neighbors, LARGEST_COARSENESS)
        return SimpleNamespace(sums=_named(TONE_FEATURES, values))
    if family == "glrlm":
        sums = _kernels.map_runs(copies, found, around.lines, around.line_starts)
    else:
        kernel = _kernels.map_zones if family == "glszm" else _kernels.map_dependences
        sums = kernel(copies, found, around.places, around.neighbors)
    sums = _named(SIZE_SUMS, sums)
    return SimpleNamespace(sums=sums, n_voxels=sums["count" if family == "ngldm" else "sizes"])


def _named(names, sums):
    return dict(zip(names, sums, strict=True))
