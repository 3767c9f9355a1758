r"""How a feature is declared: its name, code, unit, formula and the function that computes it stand in one place.

A family is a class whose instances hold the measures of one region; each of its features is a plain function of such
an instance. The name of the function is the name of the feature (an underscore at its end, which keeps it from hiding
another name, is dropped), the first line of its docstring the description::

    class Statistics(Family, name="statistics", ibsi="UHIW"):
        "Distribution of the intensities in the region."

        def measure(self):
            self.x = self.region.intensities


    @Statistics.feature(ibsi="Q4LE", unit="intensity", formula=r"\frac{1}{N}\sum_k x_k")
    def mean(m):
        "Average intensity."
        return m.x.mean()

Column names, `feature_table`, the pages of the documentation and many tests are made from these declarations. Whatever
is wrong with one (a repeated name or code, no docstring, a unit that nobody knows) fails when the module is imported.
"""

import re
import sys
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from radlearn._validation import check_flag, check_ndim

# Under python -OO there are no docstrings, and no descriptions.
HAS_DOCSTRINGS = sys.flags.optimize < 2

# All families in the order of their columns, each with the class that serves 2-D and 3-D images. Classes add themselves
# when their module is imported.
FAMILIES = {
    name: {}
    for name in (
        "morphology",
        "spatial",
        "local_intensity",
        "statistics",
        "histogram",
        "volume_histogram",
        "glcm",
        "glrlm",
        "glszm",
        "gldzm",
        "ngtdm",
        "ngldm",
    )
}

# What a unit is made of; "1" stands for none of them.
BASE_UNITS = ("mm", "intensity", "bin", "bit")

# The whole region gives one value; families of texture matrices name their aggregations instead.
WHOLE_REGION = ("region",)


@dataclass(frozen=True)
class Feature:
    """One declared feature.

    Attributes
    ----------
    name, family : str
        Together they make the column name.
    unit : str
        Such as ``"1"``, ``"mm^3"`` or ``"intensity*mm^3"``; see `unit_exponents`.
    formula : str
        Definition in LaTeX.
    description : str
        What the value says, in one line.
    ibsi : str or None
        Permanent code of the Image Biomarker Standardisation Initiative.
    reason : str or None
        Why there is no code.
    pyradiomics : str or None
        Name of the PyRadiomics feature of the same meaning; its number may differ in a detail.
    standardised : bool
        False for what IBSI describes without a reference value; such a feature is computed on request only.
    function : callable
        Takes the measures of a region (an instance of the family) and gives a number, or an array with one number per
        texture matrix.
    """

    name: str
    family: str
    unit: str
    formula: str
    description: str
    ibsi: str | None
    reason: str | None
    pyradiomics: str | None
    standardised: bool
    function: object

    @property
    def column(self):
        """Column name, ``<family>_<feature>``."""
        return f"{self.family}_{self.name}"


class Family:
    """Base of the families; an instance holds what the features of one region are computed from.

    Parameters
    ----------
    region : Region
        Image, masks, spacing and grey levels.
    aggregation : str
        One of the family's `aggregations`.

    Attributes
    ----------
    name : str
        Name of the family, the beginning of its column names.
    ibsi : str or None
        Code of the family.
    ndim : tuple of int
        Dimensions of the images that the class serves.
    aggregations : tuple of str
        Ways to merge texture matrices; ``("region",)`` where there is nothing to merge.
    features : dict of str to Feature
        In the order of declaration.
    """

    def __init_subclass__(cls, *, name, ibsi, ndim=(2, 3), aggregations=WHOLE_REGION, **kwargs):
        super().__init_subclass__(**kwargs)
        if name not in FAMILIES:
            raise TypeError(f"family {name!r} has no place in FAMILIES; add it where its columns belong")
        if HAS_DOCSTRINGS and not cls.__doc__:
            raise TypeError(f"family {name!r} has no docstring; say in one line what it measures")
        if taken := [dimension for dimension in ndim if dimension in FAMILIES[name]]:
            raise TypeError(f"family {name!r} is declared twice for ndim={taken[0]}")
        _check_code(ibsi, f"family {name!r}")
        cls.name, cls.ibsi, cls.ndim, cls.aggregations = name, ibsi, tuple(ndim), tuple(aggregations)
        cls.features = {}
        FAMILIES[name].update(dict.fromkeys(ndim, cls))

    def __init__(self, region, aggregation="region"):
        self.region = region
        self.aggregation = aggregation
        self.measure()

    def measure(self):
        """Compute what the features share."""
        raise NotImplementedError

    @classmethod
    def feature(cls, *, unit, formula, ibsi=None, reason=None, pyradiomics=None, standardised=True):
        """Declare the decorated function as a feature of the family; the function itself stays as it is.

        Parameters
        ----------
        unit, formula, ibsi, reason, pyradiomics : str
            See `Feature`. Either a code or the reason why there is none.
        standardised : bool, default=True
            See `Feature`.

        Returns
        -------
        decorator : callable

        Raises
        ------
        TypeError
            If the declaration is incomplete, or repeats another one.
        """

        def declare(function):
            name = function.__name__.rstrip("_")
            place = f"feature {cls.name}_{name}"
            if name in cls.features:
                raise TypeError(f"{place} is declared twice")
            if HAS_DOCSTRINGS and not function.__doc__:
                raise TypeError(f"{place} has no docstring; say in one line what its value means")
            if bool(ibsi) == bool(reason):
                raise TypeError(f"{place} needs either an IBSI code or the reason why it has none")
            if ibsi:
                _check_code(ibsi, place)
            unit_exponents(unit)
            description = (function.__doc__ or "").strip().partition("\n")[0]
            cls.features[name] = Feature(
                name, cls.name, unit, formula, description, ibsi, reason, pyradiomics, standardised, function
            )
            return function

        return declare

    @classmethod
    def values(cls, region, aggregation="region", *, not_standardised=False):
        """Values of the features that `features_of` names, in its order.

        Where a feature has one number per texture matrix, they are averaged; a matrix in which the feature is
        undefined does not take part. A feature that is defined nowhere is NaN.

        Parameters
        ----------
        region : Region
        aggregation : str
        not_standardised : bool, default=False
            Whether to compute what IBSI does not standardise, too.

        Returns
        -------
        values : list of float
        """
        measures = cls(region, aggregation)
        return [
            value if type(value := function(measures)) is float else mean_of_defined(value)
            for function in _functions_of(cls, not_standardised)
        ]


def feature_table(ndim=3, *, not_standardised=False):
    """Everything that is known about each feature, as a table.

    Parameters
    ----------
    ndim : {3, 2}, default=3
        For volumes, or for single images.
    not_standardised : bool, default=False
        Whether to list what IBSI describes without a reference value, too.

    Returns
    -------
    table : DataFrame
        One row per feature and aggregation in which it can be computed. Columns: `name` (of the column that
        `RadiomicsFeatures` makes), `family`, `ibsi` (code, or None), `aggregation` (``"region"`` where there is
        nothing to merge), `unit`, `formula` (LaTeX), `description`, `standardised` (False for what IBSI describes
        without a reference value).

    Raises
    ------
    ValueError
        If `ndim` is neither.

    Examples
    --------
    >>> table = feature_table().set_index("name")
    >>> print(table.loc["morphology_mesh_volume", ["ibsi", "unit"]].to_list())
    ['RNU0', 'mm^3']
    """
    check_ndim(ndim)
    check_flag("not_standardised", not_standardised)
    rows = [
        vars(feature) | {"name": feature.column, "aggregation": aggregation}
        for family in declared_families(ndim).values()
        for feature in features_of(family, not_standardised)
        for aggregation in aggregations_of(family, ndim)
    ]
    columns = ["name", "family", "ibsi", "aggregation", "unit", "formula", "description", "standardised"]
    return pd.DataFrame(rows, columns=columns)


def declared_families(ndim):
    """The families that exist for images of `ndim` dimensions, in the order of their columns.

    Returns
    -------
    families : dict of str to Family
    """
    return {name: classes[ndim] for name, classes in FAMILIES.items() if ndim in classes}


def aggregations_of(family, ndim):
    """The family's aggregations that make sense for images of `ndim` dimensions: a single image has one slice.

    Returns
    -------
    aggregations : tuple of str
    """
    return tuple(name for name in family.aggregations if ndim == 3 or name == "region" or name.startswith("2d"))


def features_of(family, not_standardised):
    """The family's features in the order of declaration; those that IBSI does not standardise if asked for.

    Returns
    -------
    features : list of Feature
    """
    return [feature for feature in family.features.values() if feature.standardised or not_standardised]


@cache
def _functions_of(family, not_standardised):
    return [feature.function for feature in features_of(family, not_standardised)]


def unit_exponents(unit):
    """Exponent of each base unit.

    Parameters
    ----------
    unit : str
        Products of `BASE_UNITS` with whole exponents, or ``"1"``.

    Returns
    -------
    exponents : dict of str to int

    Raises
    ------
    TypeError
        If a part of the unit is unknown.

    Examples
    --------
    >>> unit_exponents("intensity*mm^3"), unit_exponents("bin^-2"), unit_exponents("1")
    ({'intensity': 1, 'mm': 3}, {'bin': -2}, {})
    """
    if unit == "1":
        return {}
    exponents = {}
    for factor in unit.split("*"):
        base, caret, exponent = factor.partition("^")
        if base not in BASE_UNITS or not re.fullmatch(r"-?[1-9]", exponent if caret else "1"):
            raise TypeError(f"unit {unit!r} is not made of {', '.join(BASE_UNITS)} with whole exponents, nor '1'")
        exponents[base] = int(exponent or 1)
    return exponents


def mean_of_defined(values):
    """Average of the entries that are not NaN; NaN where there are none.

    Examples
    --------
    >>> mean_of_defined(np.array([1.0, np.nan, 3.0])), mean_of_defined(np.nan)
    (2.0, nan)
    """
    if isinstance(values, float | int):
        return float(values)
    values = np.asarray(values)
    if values.size == 1:
        return float(values.item())
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else float("nan")


def _check_code(code, place):
    """Refuse a code that is malformed, or that stands for another feature or family already."""
    if code is None:
        return
    if not re.fullmatch("[0-9A-Z]{4}", code):
        raise TypeError(f"{place} has the code {code!r}; IBSI codes are four digits or capital letters")
    families = {family for classes in FAMILIES.values() for family in classes.values()}
    owners = {family.ibsi: f"family {family.name!r}" for family in families}
    owners.update({item.ibsi: item.column for family in families for item in family.features.values()})
    if code in owners:
        raise TypeError(f"{place} has the code {code} of {owners[code]}")
