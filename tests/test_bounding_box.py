"""The box around a mask is that of `scipy.ndimage.find_objects`, which copies the mask and takes far longer."""

import numpy as np
import pytest
from scipy import ndimage

from radlearn._bounding_box import bounding_box, box_in_image, box_within, widened


@pytest.mark.parametrize("shape", [(7,), (5, 6), (4, 5, 6)])
@pytest.mark.parametrize("seed", range(5))
def test_the_box_holds_the_mask_just_so(shape, seed):
    rng = np.random.default_rng(seed)
    mask = np.zeros(shape, bool)
    mask[tuple(rng.integers(0, shape, (2, len(shape))).T)] = True
    [expected] = ndimage.find_objects(mask.astype(np.uint8))
    assert bounding_box(mask) == expected


def test_the_margin_ends_where_the_image_ends():
    mask = np.zeros((4, 9), bool)
    mask[1, 6] = True
    assert bounding_box(mask, margin=2) == (slice(0, 4), slice(4, 9))


def test_an_empty_mask_has_no_box():
    assert bounding_box(np.zeros((2, 3), bool)) is None


@pytest.mark.parametrize("margins", [(0, 0), (1, 3), (9, 9)])
def test_a_box_lies_in_a_wider_one(margins):
    image, box = np.arange(35).reshape(5, 7), (slice(1, 3), slice(4, 6))
    wide = widened(box, margins, image.shape)
    np.testing.assert_array_equal(image[wide][box_within(box, wide)], image[box])
    assert box_in_image(box_within(box, wide), wide) == box
