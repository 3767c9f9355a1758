"""Quotients that may be undefined."""

import numpy as np


def ratio(numerator, denominator):
    """Quotient, NaN where the denominator is 0; numbers or arrays of one shape.

    Examples
    --------
    >>> ratio(1, 4), ratio(1, 0)
    (0.25, nan)
    """
    if isinstance(denominator, (float, int)) and isinstance(numerator, (float, int)):
        return float(numerator / denominator) if denominator else np.nan
    numerator, denominator = np.broadcast_arrays(np.asarray(numerator, float), np.asarray(denominator, float))
    quotient = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient if quotient.ndim else float(quotient)
