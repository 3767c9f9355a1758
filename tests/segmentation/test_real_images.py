"""Breast lesions in real ultrasound, found without their masks."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from radlearn import Cohort
from radlearn.datasets import fetch
from radlearn.segmentation import CleanMask, ThresholdSegmenter


@pytest.mark.slow
def test_lesions_stand_out_from_their_surroundings_whether_masks_are_given_or_not(data_home):
    if not (data_home / "busi").is_dir():
        pytest.skip("the data home has no folder busi")
    X = fetch("busi", data_home=data_home).X[::20]
    cleaning = CleanMask(opening=8, border="drop", keep_largest=1)
    darkest = ThresholdSegmenter(method="multi_otsu", n_classes=4, side="dark", sigma=5)
    absolute, relative = (
        make_pipeline(segmenter, cleaning).fit(X) for segmenter in (darkest, clone(darkest).set_params(background=40))
    )
    assert relative.score(X) > absolute.score(X) + 0.05
    blind = Cohort(replace(case, mask=None) for case in X[:4])
    for seen, unseen in zip(relative.transform(X[:4]), relative.transform(blind), strict=True):
        np.testing.assert_array_equal(seen.load().mask, unseen.load().mask)
