"""What PyRadiomics calls a feature class: functions by their names, and what they are computed from.

Images of one case share their masks. A class measures one image after the other; where features follow from sums over
texture matrices, they are then computed for all images at a time.
"""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from radlearn.radiomics._family import mean_of_defined


class FeatureClass(NamedTuple):
    """A feature class whose features are numbers.

    Examples
    --------
    >>> double = FeatureClass(lambda x: 2 * x, {"Itself": lambda m: m, "Next": lambda m: m + 1})
    >>> double.table([double.measured(["Next"], 4)], ["Next"])
    array([[9.]])
    """

    measure: object
    """Function of what is measured and the settings; gives what the features share."""
    features: dict[str, object]
    """Function of that for each name."""

    def measured(self, names, *parts):
        """What `table` needs of one image.

        Parameters
        ----------
        names : sequence of str
            The features that are asked for.
        *parts
            Arguments of `measure`.

        Returns
        -------
        values : list of float
        """
        shared = self.measure(*parts)
        return [self.features[name](shared) for name in names]

    def table(self, measured, names):  # noqa: ARG002 - as `MatrixClass.table`
        """Values of the features.

        Parameters
        ----------
        measured : list
            What `measured` gave for each image.
        names : sequence of str

        Returns
        -------
        values : ndarray of shape (n_images, n_names)
        """
        return np.array(measured, float)


class MatrixClass(NamedTuple):
    """A feature class whose features follow from sums over texture matrices; they are averaged over the matrices.

    Examples
    --------
    >>> def measure(x):
    ...     return SimpleNamespace(sums=np.array([[x, 2.0], [x, 4.0]]))
    >>> scale = MatrixClass(measure, ("a", "b"), {"Product": lambda m: m.sums["a"] * m.sums["b"]})
    >>> scale.table([scale.measured(["Product"], x) for x in (4, 5)], ["Product"])
    array([[12.],
           [15.]])
    """

    measure: object
    """Function of a region and the settings; gives `sums`, an ndarray of shape (n_matrices, n_sums)."""
    sums: tuple[str, ...]
    """What they are called; the first is the number of items, which is not above 0 for a matrix without entries."""
    features: dict[str, object]
    """Function of the sums of all matrices of all images for each name."""
    apart: frozenset[str] = frozenset()
    """The features that do not follow from the sums: their functions take the result of `measure` for one image."""

    def measured(self, names, *parts):
        """What `table` needs of one image; as for `FeatureClass`.

        Returns
        -------
        sums : ndarray of shape (n_matrices, n_sums)
        apart : dict of str to float
        """
        shared = self.measure(*parts)
        apart = {name: mean_of_defined(self.features[name](shared)) for name in names if name in self.apart}
        return shared.sums, apart

    def table(self, measured, names):
        """Values of the features, averaged over the matrices in which they are defined; as for `FeatureClass`."""
        of_images, apart = zip(*measured, strict=True)
        sums, counts = _with_entries(of_images)
        shared = SimpleNamespace(sums=dict(zip(self.sums, sums.T, strict=True)))
        shared.n_voxels = shared.sums.get("sizes")
        followed = [name for name in names if name not in self.apart]
        values = np.reshape([self.features[name](shared) for name in followed], (len(followed), len(sums)))
        averages = _averages(values, counts)
        table = dict(zip(followed, averages, strict=True))
        table |= {name: [own[name] for own in apart] for name in names if name in self.apart}
        return np.array([table[name] for name in names]).T


def _with_entries(of_images):
    """The sums of all images, but those of matrices without entries, unless it is the only one of its image.

    Parameters
    ----------
    of_images : sequence of ndarray, shapes (n_matrices, n_sums)
        The first sum is above 0 where a matrix has entries.

    Returns
    -------
    sums : ndarray of shape (n_matrices, n_sums)
    counts : list of int
        Number of matrices of each image.

    Examples
    --------
    >>> sums, counts = _with_entries([np.array([[3.0], [0.0], [2.0]]), np.array([[0.0]])])
    >>> sums.tolist(), counts
    ([[3.0], [2.0], [0.0]], [2, 1])
    """
    sums, counts = np.concatenate(of_images), list(map(len, of_images))
    has_entries = sums[:, 0] > 0
    if has_entries.all() or max(counts) == 1:
        return sums, counts
    stops = np.cumsum(counts)
    has_entries[stops[np.equal(counts, 1)] - 1] = True
    return sums[has_entries], np.diff(np.cumsum(has_entries)[stops - 1], prepend=0).tolist()


def _averages(values, counts):
    """Averages over the matrices of each image in which a feature is defined; NaN where there are none.

    Parameters
    ----------
    values : ndarray of shape (n_features, n_matrices)
    counts : list of int
        Number of matrices of each image.

    Returns
    -------
    averages : ndarray of shape (n_features, n_images)

    Examples
    --------
    >>> _averages(np.array([[1.0, 2.0, np.nan], [1.0, np.nan, 3.0]]), [2, 1])
    array([[1.5, nan],
           [1. , 3. ]])
    """
    most = max(*counts, 1)
    of_images = np.full((len(values), len(counts), most), np.nan)
    of_images[:, np.arange(most) < np.reshape(counts, (-1, 1))] = values
    averages = of_images.mean(axis=2)
    for place in zip(*np.nonzero(np.isnan(averages)), strict=True):
        averages[place] = mean_of_defined(of_images[place])
    return averages


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
