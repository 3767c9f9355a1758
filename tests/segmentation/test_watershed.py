"""WatershedSegmenter: what is flooded from inside, and what from outside."""

import numpy as np
import pytest
from skimage.segmentation import watershed

from radlearn.segmentation import WatershedSegmenter
from radlearn.segmentation._gradient import gradient_magnitude
from radlearn.segmentation._sides import REGION, markers


@pytest.mark.parametrize("n_classes", [3, 4])
@pytest.mark.parametrize("ndim", [2, 3])
def test_the_outline_is_that_of_a_flood_of_the_whole_image(ndim, n_classes, ball_case):
    volume = ball_case(ndim, noise=30).load()
    segmenter = WatershedSegmenter(n_classes=n_classes).fit([volume])
    seen = segmenter._visible(volume)
    labels = markers(seen, n_classes, "auto")
    expected = watershed(gradient_magnitude(seen.image, seen.spacing), labels) == REGION
    np.testing.assert_array_equal(segmenter._transform_volume(volume).mask, expected)
