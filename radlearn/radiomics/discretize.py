"""Intensities to grey levels 1, 2, 3 and so on: bins of a fixed size, or a fixed number of bins."""

from dataclasses import dataclass

import numpy as np

from radlearn._validation import check_number
from radlearn.exceptions import MaskError
from radlearn.radiomics import _kernels

# More grey levels than this come from a wrong bin width, and would make texture matrices of gigabytes.
MAX_GREY_LEVELS = 10_000


@dataclass(frozen=True)
class Bins:
    """How a region is discretized: by `width`, or else by `count`.

    Parameters
    ----------
    width : float, optional
        Width of each bin, in units of intensity (fixed bin size, IBSI code Q3RU).
    lowest : float, optional
        Where the first bin of a fixed size begins. Default: the smallest intensity in the region.
    count : int, default=32
        Number of bins where there is no `width` (fixed bin number, IBSI code K15C).
    """

    width: float | None = None
    lowest: float | None = None
    count: int = 32

    def grey_levels(self, intensities):
        """Grey level of each intensity, and how many have each; see `fixed_bin_size`, `fixed_bin_number`."""
        if self.width is None:
            return fixed_bin_number(intensities, self.count)
        return fixed_bin_size(intensities, self.width, self.lowest)


def check_bins(width, count, *, prefix=""):
    """Refuse a bin width or a number of bins that is not valid, or both together.

    Parameters
    ----------
    width, count : object
        What the user gave for the parameters ``bin_width`` and ``bin_count``.
    prefix : str, optional
        What the names of the parameters begin with, such as ``"ivh_"``.

    Raises
    ------
    TypeError
        If one is neither a number nor None.
    ValueError
        If one is out of range, or both are given.
    """
    hint = f"to fix the number of bins use {prefix}bin_count instead"
    check_number(f"{prefix}bin_width", width, above=0, optional=True, hint=hint)
    check_number(f"{prefix}bin_count", count, at_least=1, at_most=MAX_GREY_LEVELS, integer=True, optional=True)
    if width is not None and count is not None:
        raise ValueError(f"{prefix}bin_width={width} and {prefix}bin_count={count} exclude each other; give one")


def fixed_bin_size(intensities, width, lowest=None):
    r"""Discretize with bins of one width.

    .. math:: x_d = \left\lfloor \frac{x - x_{lowest}}{w} \right\rfloor + 1

    Parameters
    ----------
    intensities : ndarray of shape (n,)
        Intensities in the region, all finite.
    width : float
        Width of a bin, above 0.
    lowest : float, optional
        Lower edge of the first bin. Default: the smallest intensity.

    Returns
    -------
    levels : ndarray of int16, shape (n,)
        From 1.
    counts : ndarray of int64, shape (n_g,)
        Number of voxels of each grey level, up to the highest that occurs.

    Raises
    ------
    MaskError
        If there were more than `MAX_GREY_LEVELS` levels, or an intensity is below `lowest`.

    References
    ----------
    Image Biomarker Standardisation Initiative, code Q3RU.

    Examples
    --------
    >>> levels, counts = fixed_bin_size(np.array([-500.0, -475.5, -475.0, -420.0]), 25, lowest=-500)
    >>> print(levels, counts)
    [1 1 2 4] [2 1 0 1]
    """
    lowest = lowest_edge(intensities, lowest)
    if intensities.min() < lowest:
        raise MaskError(
            f"the first bin begins at {lowest:g}, but intensities in the region go down to {intensities.min():g}",
            "lower lowest_bin_edge, or take such intensities out with resegment_range",
        )
    highest = intensities.max()
    n_g = np.floor((highest - lowest) / width) + 1
    if not n_g <= MAX_GREY_LEVELS:
        raise MaskError(
            f"bin_width={width:g} makes {n_g:,.0f} grey levels of the intensities {lowest:g} to {highest:g} in the "
            f"region, more than {MAX_GREY_LEVELS:,}",
            f"use a bin_width of at least {wide_enough(highest - lowest):g}, or bin_count",
        )
    return _kernels.bin_numbers(intensities, float(lowest), 1.0, float(width), int(n_g))


def lowest_edge(intensities, lowest):
    """Where the first bin begins.

    Parameters
    ----------
    intensities : ndarray of shape (n,)
    lowest : float or None
        Where it is wanted. In an image of single precision, 0.7 is 0.69999999: an intensity that differs from it by
        that rounding only lies in the first bin.

    Returns
    -------
    edge : float

    Examples
    --------
    >>> lowest_edge(np.array([-1.0, 2.0]), None), lowest_edge(np.array([-1.0, 2.0]), -5.0)
    (-1.0, -5.0)
    >>> lowest_edge(np.array([0.7], np.float32).astype(float), 0.7) < 0.7
    True
    """
    smallest = float(intensities.min())
    if lowest is None or (smallest < lowest and np.float32(smallest) == np.float32(lowest)):
        return smallest
    return float(lowest)


def fixed_bin_number(intensities, count):
    r"""Discretize the range of the intensities with a fixed number of bins.

    .. math:: x_d = \min\left(\left\lfloor n_g \frac{x - x_{min}}{x_{max} - x_{min}} \right\rfloor + 1, n_g\right)

    Parameters
    ----------
    intensities : ndarray of shape (n,)
        Intensities in the region, all finite.
    count : int
        Number of bins.

    Returns
    -------
    levels : ndarray of int16, shape (n,)
        From 1 to `count`; all 1 where there is one intensity only.
    counts : ndarray of int64, shape (count,)
        Number of voxels of each grey level.

    References
    ----------
    Image Biomarker Standardisation Initiative, code K15C.

    Examples
    --------
    >>> levels, counts = fixed_bin_number(np.array([0.0, 1.9, 2.0, 4.0]), 2)
    >>> print(levels, counts)
    [1 1 2 2] [2 2]
    """
    lowest, highest = intensities.min(), intensities.max()
    span = float(highest - lowest) or 1.0
    return _kernels.bin_numbers(intensities, float(lowest), float(count), span, count)


def wide_enough(span):
    """A bin width with at most three digits that makes no more than `MAX_GREY_LEVELS` grey levels.

    Parameters
    ----------
    span : float
        Difference of the highest and the lowest intensity.

    Returns
    -------
    width : float

    Examples
    --------
    >>> print(f"{wide_enough(660_000.0):g}")
    66.1
    """
    width = span / (MAX_GREY_LEVELS - 1)
    digit = 10.0 ** (np.floor(np.log10(width)) - 2)
    return np.ceil(width / digit) * digit
