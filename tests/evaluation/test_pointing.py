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


def test_the_first_of_several_maxima_has_no_right_of_its_own():
    # maps of `occlusion` are the same in squares of `stride` pixels
    square = np.zeros((6, 6))
    square[1:5, 1:5] = 0.7
    mask = np.zeros((6, 6), int)
    mask[:3, :3] = 1
    for turned in (mask, mask[::-1], mask[:, ::-1]):
        assert pointing_game([square], [Case(np.zeros((6, 6)), turned)]) == 4 / 16
    assert pointing_game([np.ones((6, 6))], [Case(np.zeros((6, 6)), mask)]) == 9 / 36  # no map at all
