"""CleanMask: every measure by hand, in mm."""

import numpy as np
import pytest
from scipy import ndimage

from radlearn import Case, Volume
from radlearn.exceptions import MaskError
from radlearn.segmentation import CleanMask, ThresholdSegmenter

MASK = np.array(
    [
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 1, 1, 1, 0, 0, 0, 1],
        [0, 1, 0, 1, 0, 0, 0, 1],
        [0, 1, 1, 1, 0, 1, 0, 1],
        [0, 0, 0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ],
    bool,
)
RING, DOT, EDGE = (np.zeros_like(MASK) for _ in range(3))
RING[1:4, 1:4], DOT[3, 5], EDGE[1:5, 7] = MASK[1:4, 1:4], True, True


def cleaned(mask=MASK, spacing=None, **parameters):
    step = CleanMask(**{"fill_holes": False, **parameters}).fit([np.eye(2)])
    return step._transform_volume(Volume(np.zeros(np.shape(mask)), mask=mask, spacing=spacing)).mask


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, MASK),
        (
            {"fill_holes": True, "keep_largest": 1},
            RING | ~np.pad(~np.ones((3, 3), bool), ((1, 2), (1, 4)), constant_values=True),
        ),
        ({"keep_largest": 1}, RING),
        ({"keep_largest": 2}, RING | EDGE),
        ({"keep_largest": 9}, MASK),
        ({"border": "drop"}, RING | DOT),
        ({"min_size": 4}, RING | EDGE),
        ({"min_size": 4.1}, RING),
        ({"min_size": 99}, np.zeros_like(MASK)),
        ({"border": "drop", "min_size": 2}, RING),
    ],
)
def test_parts_are_kept_by_size_and_place(parameters, expected):
    np.testing.assert_array_equal(cleaned(**parameters), expected)


@pytest.mark.parametrize(("spacing", "kept"), [((1, 1), RING | EDGE), ((2, 0.5), RING | EDGE), ((0.5, 0.5), 0 * MASK)])
def test_sizes_are_in_square_mm(spacing, kept):
    np.testing.assert_array_equal(cleaned(spacing=spacing, min_size=4), kept)


def test_sizes_of_volumes_are_in_cubic_mm():
    mask = np.zeros((3, 4, 5), bool)
    mask[1, 1, 1:4] = True
    assert cleaned(mask, spacing=(2, 1, 1), min_size=6).any()
    assert not cleaned(mask, spacing=(2, 1, 1), min_size=6.1).any()


def test_the_first_and_the_last_slice_are_no_border():
    volume = np.stack([MASK, MASK])
    np.testing.assert_array_equal(cleaned(volume, border="drop"), np.stack([RING | DOT] * 2))
    np.testing.assert_array_equal(cleaned(MASK[np.newaxis], border="drop")[0], RING | DOT)


@pytest.mark.parametrize("turns", range(4))
def test_each_of_the_four_sides_is_border(turns):
    turned = [np.rot90(mask, turns) for mask in (MASK, RING | DOT)]
    np.testing.assert_array_equal(cleaned(turned[0], border="drop"), turned[1])


def test_what_ends_one_voxel_before_the_border_does_not_touch_it():
    mask = np.pad(np.ones((2, 2), bool), 1)
    np.testing.assert_array_equal(cleaned(mask, border="drop"), mask)


def test_of_two_parts_of_one_size_the_first_is_kept():
    assert cleaned([[1, 0, 1]], keep_largest=1).tolist() == [[True, False, False]]


def test_parts_that_touch_at_a_corner_are_one():
    assert cleaned([[1, 0, 0, 0], [0, 1, 0, 1]], keep_largest=1).sum() == 2


def test_opening_cuts_what_is_thinner_than_its_disk():
    mask = np.zeros((9, 16), bool)
    mask[2:7, 1:6] = mask[2:7, 9:14] = mask[4, 6:9] = True
    opened = cleaned(mask, opening=1)
    assert not opened[4, 7]
    np.testing.assert_array_equal(opened[3:6, 1:6], mask[3:6, 1:6])
    assert not (opened & ~mask).any()


def test_the_radius_of_the_opening_is_in_mm():
    mask = np.zeros((9, 9), bool)
    mask[2:7, 2:7] = True
    assert cleaned(mask, spacing=(1, 1), opening=2.5).any()
    assert not cleaned(mask, spacing=(0.5, 0.5), opening=2.5).any()


@pytest.mark.parametrize("mm", [0.1, 0.3, 0.7, 1e-3])
@pytest.mark.parametrize("radius", [2, 3])
def test_rounded_lengths_do_not_matter(mm, radius):
    mask = ndimage.binary_dilation(np.random.default_rng(0).random((9, 24, 21)) < 0.01, iterations=4)
    expected = cleaned(mask, opening=radius)
    np.testing.assert_array_equal(cleaned(mask, spacing=(mm,) * 3, opening=radius * mm), expected)
    assert 0 < expected.sum() < mask.sum()


@pytest.mark.parametrize("mm", [0.1, 0.3, 0.7, 1.1])
def test_a_part_of_just_the_smallest_size_is_kept(mm):
    mask = np.zeros((12, 12), bool)
    mask[1:11, 1:11] = True
    np.testing.assert_array_equal(cleaned(mask, spacing=(mm, mm), min_size=round(100 * mm**2, 6)), mask)


def test_opening_does_not_eat_from_the_border_of_the_image():
    mask = np.zeros((9, 9), bool)
    mask[:, :4] = True
    np.testing.assert_array_equal(cleaned(mask, opening=1.5), mask)
    assert cleaned(np.ones((3, 3)), opening=5).all()


def test_a_cavity_is_filled_in_three_dimensions():
    shell = np.pad(np.zeros((1, 1, 1), bool), 1, constant_values=True)
    assert cleaned(shell, fill_holes=True).all()
    assert not cleaned(shell).all()


def test_an_empty_mask_stays_empty():
    assert not cleaned(np.zeros((4, 4)), opening=1, border="drop", keep_largest=1, fill_holes=True).any()


def test_it_follows_a_segmenter():
    image = np.where(MASK, 9.0, 1.0)
    X = CleanMask(keep_largest=1).fit_transform(ThresholdSegmenter(side="bright").fit_transform([image]))
    assert X[0].load().mask.sum() == 9


def test_a_case_without_a_mask_is_refused():
    case = CleanMask().fit_transform([Case(np.eye(3), id="LUNG")])[0]
    with pytest.raises(MaskError, match=r"case 'LUNG': the case has no mask to clean; put a segmenter in front"):
        case.load()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"opening": -1}, r"opening must be at least 0, got -1; opening is in mm"),
        ({"min_size": -1}, r"min_size must be at least 0.*mm\^3"),
        ({"keep_largest": 0}, r"keep_largest must be at least 1"),
        ({"border": "cut"}, r"border must be one of"),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        CleanMask(**parameters).fit([np.eye(3)])


def whole_image_cleaned(mask, spacing, *, opening, border, keep_largest):
    """The slow twin, which looks at the whole image."""
    if opening and not mask.all():
        core = ndimage.distance_transform_edt(mask, spacing) > opening
        near = ndimage.distance_transform_edt(~core, spacing) <= opening
        mask = near if core.any() else core
    parts, n_parts = ndimage.label(mask, np.ones((3,) * mask.ndim))
    regions = [parts == number for number in range(1, n_parts + 1)]
    inner = np.s_[..., 1:-1, 1:-1]
    if border == "drop":
        regions = [region for region in regions if region[inner].sum() == region.sum()]
    regions.sort(key=lambda region: -region.sum())
    return ndimage.binary_fill_holes(sum(regions[:keep_largest], np.zeros(mask.shape, bool)))


@pytest.mark.parametrize(
    "place", [np.s_[:, :6, :7], np.s_[2:, 4:11, 9:], np.s_[1:4, 2:9, 3:11], np.s_[:], np.s_[3, 5, 5]]
)
@pytest.mark.parametrize("border", ["keep", "drop"])
@pytest.mark.parametrize("opening", [0, 1.2])
def test_only_the_surroundings_of_the_mask_decide(place, border, opening):
    mask = np.zeros((5, 12, 14), bool)
    mask[place] = np.random.default_rng(0).random(mask[place].shape) > 0.2
    parameters = {"opening": opening, "border": border, "keep_largest": 2}
    found = cleaned(mask, (1.5, 1.0, 0.7), fill_holes=True, **parameters)
    np.testing.assert_array_equal(found, whole_image_cleaned(mask, (1.5, 1.0, 0.7), **parameters))
