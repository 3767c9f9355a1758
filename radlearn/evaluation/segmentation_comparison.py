"""SegmentationComparison: scores of several segmenters for the same cases, with means and their intervals."""

import numpy as np
import pandas as pd

from radlearn._validation import check_choice
from radlearn.evaluation.bootstrap import percentile_interval, resample_patients

_TITLES = {"hausdorff": "hausdorff mm", "surface_distance": "surface distance mm"}
METRICS = ("dice", "jaccard", "hausdorff", "surface_distance")


class SegmentationComparison:
    """Overlap and distance of masks for each case, with means and intervals; made by `compare_segmentations`.

    Means are those over cases. Where nothing was found, Dice and Jaccard coefficients are 0 and distances infinite;
    such cases do not count for mean distances, and `n_empty` says how many there are. Intervals hold 95 % of the means
    that resamples of the patients give; all segmenters see the same resamples, so that differences are paired.

    Parameters
    ----------
    scores : DataFrame
        One row for each segmenter and case, see below.
    n_bootstrap : int
        Number of resamples.
    random_state : int
        Seed of the resamples.

    Attributes
    ----------
    segmenters : list of str
        Their names.
    scores : DataFrame
        Indexed by `segmenter` and `id`: `fold`, `patient`, `dice`, `jaccard`, `hausdorff` (95 %, mm),
        `surface_distance` (mm), `true_size` and `found_size` (mm^3 or mm^2), `seconds` of loading and segmenting.

    Examples
    --------
    >>> from radlearn.datasets import make_cohort
    >>> from radlearn.evaluation import compare_segmentations
    >>> from radlearn.segmentation import ThresholdSegmenter
    >>> methods = {name: ThresholdSegmenter(method=name, sigma=2) for name in ("otsu", "yen")}
    >>> comparison = compare_segmentations(methods, make_cohort("tumor", n_cases=12).X, cv=2)
    >>> comparison.difference("yen", "otsu").estimate > 0
    True
    """

    def __init__(self, scores, *, n_bootstrap, random_state):
        self.scores = scores
        self.segmenters = list(scores.index.unique("segmenter"))
        patients = scores.loc[self.segmenters[0], "patient"]  # all segmenters have the same cases in the same order
        self._weights = list(resample_patients(patients, n_bootstrap, random_state))

    def interval(self, segmenter, metric="dice"):
        """Mean of one metric for one segmenter, with its 95 % interval.

        Parameters
        ----------
        segmenter : str
            Name of a segmenter.
        metric : {"dice", "jaccard", "hausdorff", "surface_distance"}, default="dice"
            See `scores`.

        Returns
        -------
        interval : Interval
            ``(estimate, low, high)``; NaN for distances where nothing was found in any case.
        """
        return percentile_interval(*self._means(self._values(segmenter, metric)))

    def difference(self, segmenter, other, metric="dice"):
        """How much larger the mean of one segmenter is than that of another, on the same resamples.

        Parameters
        ----------
        segmenter, other : str
            Names of two segmenters.
        metric : {"dice", "jaccard", "hausdorff", "surface_distance"}, default="dice"
            See `scores`.

        Returns
        -------
        interval : Interval
            Metric of `segmenter` minus that of `other`, with its 95 % interval. Of distances, the mean over the cases
            in which both have found something: one that misses the difficult cases does not come off better.
        """
        return percentile_interval(*self._means(self._values(segmenter, metric) - self._values(other, metric)))

    def to_frame(self):
        """Means, intervals and times as numbers.

        Returns
        -------
        table : DataFrame
            One row per segmenter. Columns: for each metric its mean and the bounds of its interval (`dice`,
            `dice_low`, `dice_high`, …), `n_cases`, `n_empty` (cases in which nothing was found) and `seconds`, the mean
            per case.
        """
        return pd.DataFrame(map(self._row, self.segmenters), index=pd.Index(self.segmenters, name="segmenter"))

    def __str__(self):
        return self._text().to_string()

    __repr__ = __str__

    def _repr_html_(self):
        return self._text().to_html()

    def _text(self):
        """The table as text: means with their intervals."""
        table = self.to_frame()
        means = {
            _TITLES.get(metric, metric): [str(self.interval(name, metric)) for name in self.segmenters]
            for metric in METRICS
        }
        return pd.DataFrame({**means, "empty": table["n_empty"], "seconds": table["seconds"].round(2)}, table.index)

    def _row(self, name):
        row = {}
        for metric in METRICS:
            row[metric], row[f"{metric}_low"], row[f"{metric}_high"] = self.interval(name, metric)
        scores = self.scores.loc[name]
        return row | {
            "n_cases": len(scores),
            "n_empty": int((scores["found_size"] == 0).sum()),
            "seconds": scores["seconds"].mean(),
        }

    def _values(self, segmenter, metric):
        """One metric for each case, NaN where it is infinite."""
        check_choice("segmenter", segmenter, self.segmenters)
        check_choice("metric", metric, METRICS)
        values = self.scores.loc[segmenter, metric].to_numpy()
        return np.where(np.isfinite(values), values, np.nan)

    def _means(self, values):
        """Mean over all cases, and the means over the resamples."""
        is_finite = np.isfinite(values)
        numbers = np.column_stack([np.where(is_finite, values, 0), is_finite])
        # Block by block, since there are a thousand times as many weights as cases.
        sums = np.concatenate([weights @ numbers for weights in [np.ones((1, len(values))), *self._weights]])
        means = np.full(len(sums), np.nan)
        np.divide(*sums.T, out=means, where=sums[:, 1] > 0)
        return means[0], means[1:]
