r"""Matrices of grey level and size: what run lengths, zones, distances and dependences have in common.

Entry :math:`s_{ij}` of such a matrix counts items (runs, zones, voxels) of grey level i and size j (length, number of
voxels, distance, dependent neighbors). IBSI gives all of them the same 16 features under different names. The formulas
stand here, once; each family declares them under its names and codes.
"""

from types import FunctionType
from typing import NamedTuple

import numpy as np

from radlearn.radiomics import _kernels

# What the kernel sums up, in its order.
SUMS = (
    *("count", "small", "large", "low", "high", "small_low", "small_high", "large_low", "large_high"),
    *("level_non_uniformity", "size_non_uniformity", "level_variance", "size_variance", "entropy", "energy", "sizes"),
)


class SizeTables(NamedTuple):
    """Matrices of one block, a slice or a volume; see the kernel `sum_sizes`."""

    tables: np.ndarray
    """Shape (n_matrices, n_levels + 1, n_sizes + 1); row and column 0 stand for what is outside."""
    sizes: np.ndarray
    """Size of each column."""


def of_all_sizes(tables):
    """Matrices with a column for each size from 1.

    Parameters
    ----------
    tables : ndarray of shape (n_matrices, n_levels + 1, n_sizes + 1)

    Returns
    -------
    tables : SizeTables
    """
    return SizeTables(tables, np.arange(tables.shape[2]))


def tally(matrices, levels, sizes, n_matrices):
    """Count the items of the same matrix, level and size.

    Parameters
    ----------
    matrices, levels, sizes : ndarray of int32, shape (n_items,)
        At least one item.
    n_matrices : int

    Returns
    -------
    tables : SizeTables
        With columns only for the few sizes that occur, so that they are small even if one item is large.

    Examples
    --------
    >>> tables, sizes = tally(*np.array([[0, 0, 0], [2, 1, 2], [5, 7, 5]], np.int32), 1)
    >>> print(tables[0, 1:, 1:].tolist(), sizes[1:])
    [[0, 1], [2, 0]] [5 7]
    """
    tables, occurring = _kernels.count_items(matrices, levels, sizes, n_matrices)
    return SizeTables(tables.reshape(n_matrices, -1, occurring.size), occurring)


def summed(blocks):
    """Sums over the entries of the matrices of all blocks, one block after the other.

    Parameters
    ----------
    blocks : list of SizeTables

    Returns
    -------
    sums : ndarray of shape (n_matrices, n_sums)
        See `SUMS`.
    """
    sums = [_kernels.sum_sizes(*block) for block in blocks]
    return sums[0] if len(sums) == 1 else np.concatenate(sums)


def named_sums(names, sums):
    """Sums of the matrices that have entries, by name.

    Parameters
    ----------
    names : tuple of str
        The first one is that of the number of items, which is 0 or NaN for a matrix without entries.
    sums : ndarray of shape (n_matrices, n_sums)

    Returns
    -------
    sums : dict of str to float, or to ndarray of shape (n_matrices,)
        Numbers if there is a single matrix, since they are faster than arrays with one element.
    """
    if len(sums) > 1:
        sums = sums[sums[:, 0] > 0]
    return dict(zip(names, sums[0].tolist() if len(sums) == 1 else sums.T, strict=True))


class SizeMatrix:
    """Base of the families with such a matrix: a family writes `count`, which gives the matrices.

    Attributes
    ----------
    sums : dict of str to ndarray of shape (n_matrices,), or to float
        See `SUMS` and `named_sums`.
    n_voxels : ndarray of shape (n_matrices,), or float
        Number of items that there would be if all had size 1, for the percentage.
    """

    def measure(self):
        """Count items, and sum over the entries."""
        self.sums = named_sums(SUMS, summed(self.count()))
        self.n_voxels = self.potential()

    def count(self):
        """SizeTables of the region's blocks, as a list; together they have at least one entry."""
        raise NotImplementedError

    def potential(self):
        """Number of voxels that the items are made of, all together, for each matrix."""
        return self.sums["sizes"]


class Words(NamedTuple):
    """What a family calls the items of its matrix, the small ones, the large ones, and their size."""

    items: str
    small: str
    large: str
    size: str


SHARED = []
"""The shared features in the order of IBSI: function, unit and formula; the docstring is a pattern for `Words`."""


def _shared(unit, formula):
    def keep(function):
        SHARED.append((function, unit, formula))
        return function

    return keep


def declare_shared(family, words, names):
    """Declare the shared features in a family.

    Parameters
    ----------
    family : type
        A Family that is a SizeMatrix.
    words : Words
    names : list of tuple
        IBSI code, name and PyRadiomics name (or None) of each, in the order of `SHARED`.
    """
    for (function, unit, formula), (ibsi, name, pyradiomics) in zip(SHARED, names, strict=True):
        declare = family.feature(ibsi=ibsi, unit=unit, formula=formula, pyradiomics=pyradiomics)
        declare(_renamed(function, name, (function.__doc__ or "").format(**words._asdict())))


def _renamed(function, name, description):
    feature = FunctionType(function.__code__, function.__globals__, name)
    feature.__doc__ = description
    return feature


@_shared("1", r"\frac{1}{N_s} \sum_{i,j} \frac{s_{ij}}{j^2}")
def _small(m):
    """Weight of {small}."""
    return m.sums["small"]


@_shared("1", r"\frac{1}{N_s} \sum_{i,j} j^2 s_{ij}")
def _large(m):
    """Weight of {large}."""
    return m.sums["large"]


@_shared("bin^-2", r"\frac{1}{N_s} \sum_{i,j} \frac{s_{ij}}{i^2}")
def _low(m):
    """Weight of {items} of low grey levels."""
    return m.sums["low"]


@_shared("bin^2", r"\frac{1}{N_s} \sum_{i,j} i^2 s_{ij}")
def _high(m):
    """Weight of {items} of high grey levels."""
    return m.sums["high"]


@_shared("bin^-2", r"\frac{1}{N_s} \sum_{i,j} \frac{s_{ij}}{i^2 j^2}")
def _small_low(m):
    """Weight of {small} of low grey levels."""
    return m.sums["small_low"]


@_shared("bin^2", r"\frac{1}{N_s} \sum_{i,j} \frac{i^2 s_{ij}}{j^2}")
def _small_high(m):
    """Weight of {small} of high grey levels."""
    return m.sums["small_high"]


@_shared("bin^-2", r"\frac{1}{N_s} \sum_{i,j} \frac{j^2 s_{ij}}{i^2}")
def _large_low(m):
    """Weight of {large} of low grey levels."""
    return m.sums["large_low"]


@_shared("bin^2", r"\frac{1}{N_s} \sum_{i,j} i^2 j^2 s_{ij}")
def _large_high(m):
    """Weight of {large} of high grey levels."""
    return m.sums["large_high"]


@_shared("1", r"\frac{1}{N_s} \sum_i \left(\sum_j s_{ij}\right)^2")
def _level_non_uniformity(m):
    """How unevenly {items} are spread over the grey levels; grows with their number."""
    return m.sums["level_non_uniformity"]


@_shared("1", r"\frac{1}{N_s^2} \sum_i \left(\sum_j s_{ij}\right)^2")
def _normalised_level_non_uniformity(m):
    """How unevenly {items} are spread over the grey levels: 1 if all have one."""
    return m.sums["level_non_uniformity"] / m.sums["count"]


@_shared("1", r"\frac{1}{N_s} \sum_j \left(\sum_i s_{ij}\right)^2")
def _size_non_uniformity(m):
    """How unevenly {items} are spread over their {size}; grows with their number."""
    return m.sums["size_non_uniformity"]


@_shared("1", r"\frac{1}{N_s^2} \sum_j \left(\sum_i s_{ij}\right)^2")
def _normalised_size_non_uniformity(m):
    """How unevenly {items} are spread over their {size}: 1 if all have the same."""
    return m.sums["size_non_uniformity"] / m.sums["count"]


@_shared("1", r"\frac{N_s}{N_v}")
def _percentage(m):
    """Number of {items} divided by the largest possible number."""
    return m.sums["count"] / m.n_voxels


@_shared("bin^2", r"\frac{1}{N_s} \sum_{i,j} (i - \mu)^2 s_{ij}")
def _level_variance(m):
    """Variance of the grey levels of the {items}."""
    return m.sums["level_variance"]


@_shared("1", r"\frac{1}{N_s} \sum_{i,j} (j - \mu)^2 s_{ij}")
def _size_variance(m):
    """Variance of the {size} of the {items}."""
    return m.sums["size_variance"]


@_shared("bit", r"-\sum_{i,j} p_{ij} \log_2 p_{ij},\ p_{ij} = s_{ij} / N_s")
def _entropy(m):
    """Disorder of grey levels and {size}: 0 if all {items} are alike."""
    return m.sums["entropy"]
