"""Intervals of segmenters for many cases."""

import numpy as np
import pandas as pd

from memory import peak_memory
from radlearn.evaluation.bootstrap import percentile_interval, resample_patients
from radlearn.evaluation.segmentation_comparison import SegmentationComparison


def test_intervals_of_many_cases_need_no_second_copy_of_the_weights():
    rows = [{"segmenter": "a", "id": str(n), "patient": str(n), "dice": n % 7 / 7} for n in range(3000)]
    scores = pd.DataFrame(rows).set_index(["segmenter", "id"])
    with peak_memory() as memory:
        comparison = SegmentationComparison(scores, n_bootstrap=1500, random_state=0)
        comparison.interval("a")
    assert memory.peak < 1.8 * 3000 * 1500 * 8
    weights = np.concatenate(list(resample_patients(scores["patient"], 1500, 0)))
    draws = weights @ scores["dice"].to_numpy() / weights.sum(axis=1)
    expected = percentile_interval(scores["dice"].mean(), draws)
    np.testing.assert_allclose(comparison.interval("a"), expected)
