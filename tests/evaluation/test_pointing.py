"""The pointing game, on maps made by hand."""

import numpy as np
import pytest
from scipy import ndimage

from radlearn import Case
from radlearn.evaluation import pointing_game
from radlearn.exceptions import GeometryError, MaskError
from radlearn.segmentation import ThresholdSegmenter


def test_what_is_undefined_in_a_map_is_not_its_maximum():
    case = Case(np.zeros((3, 3)), mask=np.diag([0, 0, 1]))
    undefined = np.full((3, 3), np.nan)
    known = undefined.copy()
    known[2, 2], known[1, 1] = 0.5, 0.2
    assert pointing_game([known, undefined], [case, case]) == 0.5


def test_an_empty_region_is_never_hit():
    cases = ThresholdSegmenter().fit_transform([np.ones((3, 3))])
    assert pointing_game([np.eye(3)], cases) == 0


def test_maps_and_cases_that_do_not_fit_are_refused():
    with pytest.raises(MaskError, match="case 'a': the case has no mask to point at"):
        pointing_game([np.eye(3)], [Case(np.zeros((3, 3)), id="a")])
    with pytest.raises(GeometryError, match=r"case 'a': the map has shape \(3, 2\), the image \(3, 3\)"):
        pointing_game([np.eye(3, 2)], [Case(np.zeros((3, 3)), mask=np.eye(3, dtype=int), id="a")])


def test_the_first_of_several_maxima_has_no_right_of_its_own():
    # maps of `occlusion` are the same in squares of `stride` pixels
    square = np.zeros((6, 6))
    square[1:5, 1:5] = 0.7
    mask = np.zeros((6, 6), int)
    mask[:3, :3] = 1
    for turned in (mask, mask[::-1], mask[:, ::-1]):
        assert pointing_game([square], [Case(np.zeros((6, 6)), turned)]) == 4 / 16
    assert pointing_game([np.ones((6, 6))], [Case(np.zeros((6, 6)), mask)]) == 9 / 36  # no map at all


@pytest.mark.parametrize("tolerance", [0.0, 1.0, 2.5, 100.0])
def test_distances_are_those_in_the_whole_image(tolerance):
    rng = np.random.default_rng(0)
    mask = np.zeros((9, 14, 12), int)
    mask[3:5, 6:9, 5] = 1
    case = Case(np.zeros(mask.shape), mask, spacing=(3.0, 0.7, 1.0))
    distance = ndimage.distance_transform_edt(mask == 0, sampling=case.spacing)
    for _ in range(20):
        values = rng.integers(0, 30, mask.shape)
        expected = np.mean(distance[values == values.max()] <= tolerance)
        assert pointing_game([values], [case]) <= pointing_game([values], [case], tolerance=tolerance) == expected


def test_distances_are_computed_near_the_mask_only(monkeypatch):
    shapes, compute = [], ndimage.distance_transform_edt
    monkeypatch.setattr(
        ndimage, "distance_transform_edt", lambda mask, **options: shapes.append(mask.shape) or compute(mask, **options)
    )
    mask = np.zeros((500, 500), int)
    mask[100:110, 200:220] = 1
    assert pointing_game([mask], [Case(np.zeros(mask.shape), mask)], tolerance=3) == 1
    assert shapes == [(18, 28)]
