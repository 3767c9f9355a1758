"""Grey levels of PyRadiomics: bins that begin at multiples of their width, or numpy's bins of the range."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from radlearn.exceptions import MaskError
from radlearn.radiomics import _kernels
from radlearn.radiomics.discretize import MAX_GREY_LEVELS, wide_enough


@dataclass(frozen=True)
class PyRadiomicsBins:
    """How a region is discretized; takes the place of `radlearn.radiomics.discretize.Bins`.

    Parameters
    ----------
    width : float
        Width of each bin, in units of intensity.
    count : int or None
        Number of bins between the lowest and the highest intensity, instead.
    dtype : numpy.dtype
        Type of the image. The edges of the bins are computed in it, as PyRadiomics does.
    names : tuple of two str
        What width and count are called where they are asked for, for messages.

    Examples
    --------
    >>> levels, counts = PyRadiomicsBins(25, None, np.dtype(float)).grey_levels(np.array([54.0, 75.0, 166.0]))
    >>> print(levels, counts)  # from 50 up
    [1 2 5] [1 1 0 0 1]
    """

    width: float
    count: int | None
    dtype: np.dtype
    names: tuple[str, str] = ("binWidth", "binCount")

    def grey_levels(self, intensities):
        """Grey level of each intensity, from 1, and how many have each.

        Parameters
        ----------
        intensities : ndarray of float64, shape (n,)

        Returns
        -------
        levels : ndarray of int16, shape (n,)
        counts : ndarray of int64, shape (n_g,)

        Raises
        ------
        MaskError
            If there were more than `MAX_GREY_LEVELS` levels, or bins too narrow for numbers.
        """
        ends = np.array([intensities.min(), intensities.max()], self.dtype)
        return _kernels.levels_between(intensities, self._edges(ends).astype(float, copy=False))

    def _edges(self, ends):
        lowest, highest = ends
        if self.count is not None:
            are_apart = False
            with suppress(ValueError):  # some versions of NumPy refuse edges that are equal
                edges = np.histogram_bin_edges(ends, self.count)
                are_apart = (edges[1:] > edges[:-1]).all()
            if not are_apart:
                raise MaskError(
                    f"{self.names[1]}={self.count} makes bins between {lowest:g} and {highest:g} that are narrower "
                    "than numbers of this size can tell apart",
                    f"choose a smaller {self.names[1]}, or subtract the mean in an earlier step",
                )
            edges[-1] += 1  # the highest intensity belongs to the last bin
            return edges
        lowest_edge = lowest - lowest % self.width
        width, count = self.names
        if not (highest - lowest_edge) / self.width < MAX_GREY_LEVELS:
            raise MaskError(
                f"{width}={self.width:g} makes {(highest - lowest_edge) / self.width:,.0f} grey levels of the "
                f"intensities {lowest:g} to {highest:g} in the region, more than {MAX_GREY_LEVELS:,}",
                f"use a {width} of at least {wide_enough(highest - lowest):g}, or {count}",
            )
        return np.arange(lowest_edge, highest + 2 * self.width, self.width)
