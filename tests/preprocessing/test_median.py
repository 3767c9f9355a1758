"""The median around each voxel, in blocks of any size."""

import numpy as np
import pytest
from scipy import ndimage

from radlearn.preprocessing import _median

RING = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool)


@pytest.mark.parametrize("block", [1, 50, 2**16])
@pytest.mark.parametrize(
    ("shape", "footprint"),
    [
        ((7, 12), np.ones((3, 5), bool)),
        ((7, 12), np.ones((1, 1), bool)),
        ((2, 3), np.ones((9, 11), bool)),
        ((7, 12), RING),
        ((4, 5, 6), RING[np.newaxis]),
        ((4, 5, 6), np.ones((3, 1, 5), bool)),
    ],
)
def test_medians_are_those_of_scipy(shape, footprint, block, monkeypatch):
    monkeypatch.setattr(_median, "_BLOCK", block)
    image = np.random.default_rng(0).normal(size=shape)
    expected = ndimage.median_filter(image, footprint=footprint, mode="nearest")
    np.testing.assert_array_equal(_median.median_filter(image, footprint), expected)
