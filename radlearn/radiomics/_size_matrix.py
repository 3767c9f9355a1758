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


class Entries(NamedTuple):
    """Non-zero entries of matrices, sorted by matrix, level and size; the arrays are of one length."""

    matrices: np.ndarray
    levels: np.ndarray
    sizes: np.ndarray
    counts: np.ndarray
    n_matrices: int


def entries_of(tables):
    """Entries of dense tables.

    Parameters
    ----------
    tables : ndarray of shape (n_matrices, n_levels + 1, n_sizes + 1)
        Row 0 and column 0 belong to voxels outside the region, and are left out.

    Returns
    -------
    entries : Entries

    Examples
    --------
    >>> entries = entries_of(np.array([[[9, 9, 9], [9, 0, 7], [9, 5, 0]]]))
    >>> print(entries.levels, entries.sizes, entries.counts)
    [1 2] [2 1] [7. 5.]
    """
    places, counts = _kernels.list_entries(tables)
    return Entries(*places, counts, len(tables))


def concatenated(blocks):
    """Entries of several blocks as those of one, with the matrices of each after those of the one before.

    Parameters
    ----------
    blocks : list of Entries
        With the same number of matrices.

    Returns
    -------
    entries : Entries
    """
    if len(blocks) == 1:
        return blocks[0]
    n_matrices = blocks[0].n_matrices
    matrices = [block.matrices + number * n_matrices for number, block in enumerate(blocks)]
    columns = [np.concatenate(column) for column in list(zip(*blocks, strict=True))[1:4]]
    return Entries(np.concatenate(matrices), *columns, n_matrices * len(blocks))


def tally(matrices, levels, sizes, n_matrices):
    """Entries that count the items of the same matrix, level and size.

    Parameters
    ----------
    matrices, levels, sizes : ndarray of int32, shape (n_items,)
        At least one item.
    n_matrices : int

    Returns
    -------
    entries : Entries

    Examples
    --------
    >>> entries = tally(*np.array([[0, 0, 0], [2, 1, 2], [5, 7, 5]], np.int32), 1)
    >>> print(entries.levels, entries.sizes, entries.counts)
    [1 2] [7 5] [1. 2.]
    """
    # The table has columns only for the few sizes that occur, so that it is small even if one item is large.
    tables, occurring = _kernels.count_items(matrices, levels, sizes, n_matrices)
    entries = entries_of(tables.reshape(n_matrices, -1, occurring.size))
    return entries._replace(sizes=occurring[entries.sizes])


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
    """Base of the families with such a matrix: a family writes `count`, which gives the entries.

    Attributes
    ----------
    sums : dict of str to ndarray of shape (n_matrices,), or to float
        See `SUMS` and `named_sums`.
    n_voxels : ndarray of shape (n_matrices,), or float
        Number of items that there would be if all had size 1, for the percentage.
    """

    def measure(self):
        """Count items, and sum over the entries."""
        self.sums = named_sums(SUMS, _kernels.sum_sizes(*self.count()))
        self.n_voxels = self.potential()

    def count(self):
        """Entries of the region's matrices, at least one."""
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
