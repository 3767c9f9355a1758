"""Intervals from a bootstrap over patients.

Images of one patient resemble each other. Drawing cases would count them as independent and give intervals that are too
narrow, so whole patients are drawn.
"""

from typing import NamedTuple

import numpy as np
from sklearn.utils import check_random_state

_BLOCK = 2_000_000  # weights in memory at once (16 MB): blocks of resamples keep large cohorts small


class Interval(NamedTuple):
    """An estimate with the bounds of its interval.

    Examples
    --------
    >>> print(Interval(0.957, 0.938, 0.974))
    0.957 [0.938, 0.974]
    """

    estimate: float
    low: float
    high: float

    def __str__(self):
        if np.isnan(self.estimate):
            return "undefined"
        return f"{self.estimate:.3f} [{self.low:.3f}, {self.high:.3f}]"


def resample_patients(patients, n_bootstrap, random_state):
    """Yield weights of cases for resamples of the patients, drawn with replacement.

    Every draw takes as many patients as there are; the weight of a case is how often its patient was drawn.

    Parameters
    ----------
    patients : array of shape (n_cases,)
        Patient of each case.
    n_bootstrap : int
        Number of resamples.
    random_state : int, RandomState or None
        Seed; the same seed draws the same patients.

    Yields
    ------
    weights : array of shape (n_rows, n_cases)
        The next block of resamples; all blocks together have `n_bootstrap` rows.

    Examples
    --------
    >>> [weights] = resample_patients(["a", "a", "b"], n_bootstrap=4, random_state=0)
    >>> print((weights[:, 0] == weights[:, 1]).all(), weights.shape)
    True (4, 3)
    """
    _, patient = np.unique(np.asarray(patients), return_inverse=True)
    n_patients = patient.max() + 1
    rng = check_random_state(random_state)
    n_rows = max(1, _BLOCK // len(patient))
    for start in range(0, n_bootstrap, n_rows):
        n_draws = min(n_rows, n_bootstrap - start)
        drawn = rng.multinomial(n_patients, np.full(n_patients, 1 / n_patients), size=n_draws)
        yield drawn[:, patient].astype(float)


def percentile_interval(estimate, draws, level=0.95):
    """Interval between the percentiles of bootstrap draws.

    Parameters
    ----------
    estimate : float
        Value for the cohort itself.
    draws : array of shape (n_bootstrap,)
        Values for the resamples; those that are NaN (undefined) are left out.
    level : float, default=0.95
        Share of the draws inside the interval.

    Returns
    -------
    interval : Interval
        Bounds are NaN if no draw is defined.

    References
    ----------
    Efron B, Tibshirani RJ. An Introduction to the Bootstrap. Chapman & Hall, 1993; chapter 13.

    Examples
    --------
    >>> print(percentile_interval(0.5, np.linspace(0, 1, 101)))
    0.500 [0.025, 0.975]
    """
    draws = np.asarray(draws, dtype=float)
    draws = draws[~np.isnan(draws)]
    if not draws.size:
        return Interval(float(estimate), np.nan, np.nan)
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(estimate), float(low), float(high))
