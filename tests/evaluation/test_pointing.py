"""The pointing game, on maps made by hand."""

import numpy as np

from radlearn import Case
from radlearn.evaluation import pointing_game


def test_what_is_undefined_in_a_map_is_not_its_maximum():
    case = Case(np.zeros((3, 3)), mask=np.diag([0, 0, 1]))
    undefined = np.full((3, 3), np.nan)
    known = undefined.copy()
    known[2, 2], known[1, 1] = 0.5, 0.2
    assert pointing_game([known, undefined], [case, case]) == 0.5
