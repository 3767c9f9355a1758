"""ThresholdSegmenter: sides, classes and fixed thresholds by hand."""

import numpy as np
import pytest

from radlearn.segmentation import ThresholdSegmenter

IMAGE = np.array([[5.0, 5, 5, 5, 5], [5, 9, 5, 1, 5], [5, 9, 5, 1, 5], [5, 5, 5, 5, 5]])


def found(image, **parameters):
    return ThresholdSegmenter(**parameters).fit_transform([image])[0].load().mask


def test_the_given_side_is_taken():
    np.testing.assert_array_equal(found(IMAGE, method="multi_otsu", side="bright"), IMAGE == 9)
    np.testing.assert_array_equal(found(IMAGE, method="multi_otsu", side="dark"), IMAGE == 1)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_automatic_side_keeps_away_from_the_border(sign):
    image = sign * np.where(IMAGE == 9, 9.0, 1.0)
    np.testing.assert_array_equal(found(image), IMAGE == 9)


def test_the_border_is_one_voxel_wide():
    image = np.ones((6, 6))
    image[0], image[1:, 0] = 9, 9  # 11 of the 20 voxels of the border
    np.testing.assert_array_equal(found(image), image == 1)


def test_the_bright_side_is_taken_if_both_touch_the_border_alike():
    image = np.tile([1.0, 1, 9, 9], (4, 1))
    np.testing.assert_array_equal(found(image), image == 9)


def test_the_first_and_the_last_slice_are_no_border():
    volume = np.stack([np.where(IMAGE == 9, 9.0, 1.0)] * 2)
    np.testing.assert_array_equal(found(-volume), volume == 9)


def test_a_voxel_just_at_a_fixed_threshold_is_dark():
    np.testing.assert_array_equal(found(IMAGE, method="fixed", threshold=5, side="bright"), IMAGE == 9)
    np.testing.assert_array_equal(found(IMAGE, method="fixed", threshold=5, side="dark"), IMAGE <= 5)


def test_a_fixed_threshold_may_find_nothing_or_everything():
    assert not found(IMAGE, method="fixed", threshold=50, side="bright").any()
    assert found(np.full((3, 3), 7.0), method="fixed", threshold=5, side="bright").all()


def test_an_image_of_two_levels_has_but_two_classes():
    image = np.where(IMAGE == 9, 9.0, 1.0)
    np.testing.assert_array_equal(found(image, method="multi_otsu", n_classes=5), IMAGE == 9)


@pytest.mark.parametrize(
    ("parameters", "kind", "message"),
    [
        ({"method": "otus"}, ValueError, r"did you mean 'otsu'"),
        ({"method": "fixed"}, TypeError, r"threshold must be a number, got None; it is for method=\"fixed\""),
        ({"n_classes": 6}, ValueError, r"n_classes must be at most 5"),
        ({"side": "left"}, ValueError, r"side must be one of"),
    ],
)
def test_wrong_parameters_are_refused(parameters, kind, message):
    with pytest.raises(kind, match=message):
        ThresholdSegmenter(**parameters).fit([IMAGE])
