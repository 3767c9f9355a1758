"""What PyRadiomics calls a feature class: functions by their names, and what they are computed from."""

from math import isnan
from typing import NamedTuple

import numpy as np

from radlearn.radiomics._family import mean_of_defined


class FeatureClass(NamedTuple):
    """One feature class.

    Examples
    --------
    >>> double = FeatureClass(lambda x: 2 * x, {"Itself": lambda m: m, "Next": lambda m: m + 1})
    >>> double.values(["Next"], 4)
    [9.0]
    """

    measure: object
    """Function of a region and the settings; gives what the features share."""
    features: dict[str, object]
    """Function of that for each name; gives a number, or one per texture matrix."""

    def values(self, names, *measured):
        """Values of the named features, averaged over the texture matrices in which they are defined.

        Parameters
        ----------
        names : sequence of str
        *measured
            Arguments of `measure`.

        Returns
        -------
        values : list of float
        """
        shared = self.measure(*measured)
        return averages([self.features[name](shared) for name in names])


def averages(values):
    """Average of each entry over the texture matrices in which it is defined.

    Parameters
    ----------
    values : list of float or ndarray of shape (n_matrices,)

    Returns
    -------
    averages : list of float

    Examples
    --------
    >>> averages([1.5, np.array([1.0, 3.0]), np.array([np.nan, 3.0])])
    [1.5, 2.0, 3.0]
    """
    # One sum for all that have a number per matrix.
    is_long = [getattr(value, "size", 1) > 1 for value in values]
    table = np.array([value for value, long in zip(values, is_long, strict=True) if long])
    means = iter(table.mean(axis=1).tolist() if table.size else ())
    found = [next(means) if long else mean_of_defined(value) for value, long in zip(values, is_long, strict=True)]
    return [mean_of_defined(value) if isnan(mean) else mean for value, mean in zip(values, found, strict=True)]


def declared(family):
    """Features of a family of the engine that equal those of PyRadiomics under the same grey levels, by its names.

    Parameters
    ----------
    family : type
        A Family.

    Returns
    -------
    functions : dict of str to callable
    """
    return {feature.pyradiomics: feature.function for feature in family.features.values() if feature.pyradiomics}
