"""What a scenario of synthetic images declares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scenario:
    """A diagnostic question, the signs that answer it, and the function that paints a case.

    Parameters
    ----------
    question : str
        One sentence for the description of the cohort.
    classes : pair of str
        Without and with the disease. The disease sorts last, so that scikit-learn takes it as the positive class.
    signs : mapping of str to str
        Name and meaning of each sign; a higher value speaks for the disease.
    modality, unit : mapping of int to str
        What makes the images, and the unit of their intensities, for 2 and 3 dimensions.
    region : str
        What the mask marks.
    spacing : mapping of int to tuple of float
        Typical spacing in mm for 2 and 3 dimensions.
    paint : callable
        ``paint(grid, signs, patient, case) -> image, mask``, with the signs by name and a random generator each for
        what all images of a patient share and for what is particular to the case.
    """

    question: str
    classes: tuple[str, str]
    signs: Mapping[str, str]
    modality: Mapping[int, str]
    unit: Mapping[int, str]
    region: str
    spacing: Mapping[int, tuple[float, ...]]
    paint: Callable


def strength(sign, low=0.0, high=1.0):
    """How strongly a sign is painted: its normal score brought between `low` and `high`.

    Parameters
    ----------
    sign : float
    low, high : float

    Returns
    -------
    strength : float
    """
    return low + (high - low) * 0.5 * (1 + np.tanh(0.6 * sign))
