"""RegionGrowing: seeds of all kinds, and what grows from them."""

import numpy as np
import pytest

from radlearn import Case
from radlearn.exceptions import GeometryError, MaskError
from radlearn.io import ArraySource
from radlearn.segmentation import RegionGrowing

IMAGE = np.zeros((5, 7))
IMAGE[1:3, 1:3] = 10
IMAGE[3, 5] = 12
AFFINE = np.array([[0, -0.5, 3], [2, 0, 40], [0, 0, 1]])  # x = 3 - 0.5 i_x, y = 40 + 2 i_y


def found(meta=None, image=IMAGE, **parameters):
    parameters = {"tolerance": 3, "tolerance_unit": "intensity", **parameters}
    case = Case(ArraySource(image, (2.0, 0.5), AFFINE), id="one", meta=meta or {})
    return RegionGrowing(**parameters).fit_transform([case])[0].load().mask


def test_it_grows_from_the_brightest_and_from_the_darkest_point():
    np.testing.assert_array_equal(found(), IMAGE == 12)
    np.testing.assert_array_equal(found(seed="darkest", tolerance=0), IMAGE == 0)


@pytest.mark.parametrize(
    ("seed", "unit"), [((2, 1), "voxels"), ((4, 0.5), "mm"), ((2.5, 44), "world"), (("row", "column"), "voxels")]
)
def test_a_point_is_given_in_any_unit(seed, unit):
    mask = found({"row": 2, "column": 1}, seed=seed, unit=unit)
    np.testing.assert_array_equal(mask, IMAGE == 10)


def test_each_case_may_hold_its_point():
    np.testing.assert_array_equal(found({"click": (3, 5)}, seed="click", unit="voxels"), IMAGE == 12)


def test_the_tolerance_counts_standard_deviations_of_the_image():
    scale = IMAGE.std()
    ramp = scale * np.arange(4.0)[np.newaxis]
    image = np.vstack([ramp, ramp])
    steps = scale / image.std()
    mask = found(image=image, seed="darkest", tolerance=2.01 * steps, tolerance_unit="std")
    assert mask[0].tolist() == [True, True, True, False]


def test_what_touches_at_a_corner_is_connected():
    image = np.array([[9.0, 0, 0], [0, 9, 0], [0, 0, 0]])
    np.testing.assert_array_equal(found(image=image), image == 9)


def test_no_region_grows_over_what_is_not_known():
    image = np.array([[5.0, np.nan, 5, 9], [5, np.nan, 5, 1]])  # whose median is 5
    mask = found(image=image, seed=(0, 0), unit="voxels", tolerance=1)
    assert mask.tolist() == [[True, False, False, False]] * 2


def test_the_brightest_known_point_is_taken():
    image = IMAGE.copy()
    image[3, 5] = np.inf
    np.testing.assert_array_equal(found(image=image), IMAGE == 10)


@pytest.mark.parametrize(
    ("parameters", "kind", "message"),
    [
        ({"seed": (2, 9), "unit": "voxels"}, GeometryError, r"voxel \(2, 9\), outside of an image of shape \(5, 7\)"),
        ({"seed": (0, 0, 0)}, GeometryError, r"does not fit an image of 2 axes"),
        ({"seed": "click"}, MaskError, r"case 'one': the case has no 'click' in its meta, which holds: site"),
        ({"seed": "site"}, MaskError, r"the seed 'site' of the case is not a point"),
        ({"seed": (3, 5), "unit": "voxels", "image": np.where(IMAGE == 12, np.nan, 1)}, MaskError, r"no finite"),
    ],
)
def test_a_seed_that_does_not_fit_the_case_is_refused(parameters, kind, message):
    with pytest.raises(kind, match=message):
        found({"site": "A"}, **parameters)


def test_world_coordinates_need_an_affine():
    case = RegionGrowing(seed=(0, 0), unit="world").fit_transform([IMAGE])[0]
    with pytest.raises(GeometryError, match=r"no world coordinates \(affine\); give the seed with unit=\"mm\""):
        case.load()


@pytest.mark.parametrize("seed", [3, (1,), (1, 2, 3, 4), (np.nan, 2), None])
def test_what_is_no_point_is_refused_at_once(seed):
    with pytest.raises((TypeError, ValueError), match="seed"):
        RegionGrowing(seed=seed).fit([IMAGE])
