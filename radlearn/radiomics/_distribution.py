"""Moments and entropies of probability distributions, many at once."""

from functools import cached_property

import numpy as np


class Distributions:
    """Distributions over the same values, one a row.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
        What is distributed, such as grey levels.
    probabilities : ndarray of shape (n_rows, n_values)
        Rows that add up to 1.

    Examples
    --------
    >>> coin = Distributions(np.array([0, 1]), np.array([[0.5, 0.5]]))
    >>> print(coin.mean, coin.moment(2), coin.entropy)
    [0.5] [0.25] [1.]
    """

    def __init__(self, values, probabilities):
        self.values = values.astype(float)
        self.probabilities = probabilities

    def average(self, weights):
        """Expected value of `weights`, one per value; shape (n_rows,)."""
        return self.probabilities @ weights

    @cached_property
    def mean(self):
        """Expected value; shape (n_rows,)."""
        return self.average(self.values)

    def moment(self, order):
        """Central moment of the given order; shape (n_rows,)."""
        return (self.probabilities * (self.values - self.mean[:, np.newaxis]) ** order).sum(axis=1)

    @cached_property
    def entropy(self):
        """Entropy in bits; shape (n_rows,)."""
        logarithms = np.log2(self.probabilities, out=np.zeros_like(self.probabilities), where=self.probabilities > 0)
        return 0.0 - (self.probabilities * logarithms).sum(axis=1)


def ratio(numerator, denominator):
    """Quotient, NaN where the denominator is 0; numbers or arrays of one shape.

    Examples
    --------
    >>> ratio(1, 4), ratio(1, 0)
    (0.25, nan)
    """
    numerator, denominator = np.broadcast_arrays(np.asarray(numerator, float), np.asarray(denominator, float))
    quotient = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient if quotient.ndim else float(quotient)
