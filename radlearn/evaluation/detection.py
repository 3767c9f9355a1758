"""How well lesions are found: free-response ROC and average precision."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from radlearn._boxes import box_array, box_table, check_overlap, check_same_axes, hits
from radlearn._validation import check_number
from radlearn.cohort import check_cohort
from radlearn.evaluation.bootstrap import percentile_interval, resample_patients
from radlearn.exceptions import CohortError


@dataclass(frozen=True, eq=False, repr=False)
class FROC:
    """Free-response ROC: fraction of the lesions that is found, against the number of false positives per image.

    Parameters
    ----------
    lesion_scores : ndarray of shape (n_lesions,)
        Highest score of the detections that hit each lesion; minus infinity where there is none.
    lesion_images : ndarray of int, shape (n_lesions,)
        Position of the image of each lesion.
    false_positive_scores : ndarray of shape (n_false_positives,)
        Scores of the detections that hit no lesion.
    false_positive_images : ndarray of int, shape (n_false_positives,)
        Position of the image of each of them.
    patients : ndarray of str, shape (n_images,)
        Patient of each image.

    Examples
    --------
    Of three lesions in two images, two are hit; one detection hits nothing:

    >>> lesion_scores, lesion_images = np.array([0.9, 0.4, -np.inf]), np.array([0, 1, 1])
    >>> patients = np.array(["P1", "P2"])
    >>> result = FROC(lesion_scores, lesion_images, np.array([0.6]), np.array([0]), patients)
    >>> print(result.curve.round(2).to_string(index=False))
     threshold  false_positives_per_image  sensitivity
           0.9                        0.0         0.33
           0.6                        0.5         0.33
           0.4                        0.5         0.67
    """

    lesion_scores: np.ndarray
    lesion_images: np.ndarray
    false_positive_scores: np.ndarray
    false_positive_images: np.ndarray
    patients: np.ndarray

    def __repr__(self):
        n_lesions, n_false_positives = len(self.lesion_scores), len(self.false_positive_scores)
        return f"FROC({n_lesions} lesions, {n_false_positives} false positives, {len(self.patients)} images)"

    @property
    def curve(self):
        """DataFrame with a row per `threshold`, in decreasing order: `false_positives_per_image` and `sensitivity`."""
        found = self.lesion_scores[np.isfinite(self.lesion_scores)]
        thresholds = np.unique(np.concatenate([found, self.false_positive_scores]))[::-1]
        wrong, hit = np.sort(self.false_positive_scores), np.sort(found)
        return pd.DataFrame(
            {
                "threshold": thresholds,
                "false_positives_per_image": (wrong.size - np.searchsorted(wrong, thresholds)) / len(self.patients),
                "sensitivity": (hit.size - np.searchsorted(hit, thresholds)) / len(self.lesion_scores),
            }
        )

    def sensitivity_at(self, false_positives_per_image, *, level=0.95, n_bootstrap=1000, random_state=0):
        """Fraction of the lesions that is found with the threshold that allows this many false positives per image.

        Parameters
        ----------
        false_positives_per_image : float
            Largest average number of false positives per image.
        level : float, default=0.95
            Share of the bootstrap draws inside the interval.
        n_bootstrap : int, default=1000
            Number of resamples; patients are drawn, with all of their images.
        random_state : int, RandomState or None, default=0
            Seed of the resamples.

        Returns
        -------
        sensitivity : Interval
            Estimate, low, high.
        """
        rate = check_number("false_positives_per_image", false_positives_per_image, at_least=0)
        check_number("level", level, above=0, below=1)
        check_number("n_bootstrap", n_bootstrap, at_least=1, integer=True)
        estimate = self._sensitivities(rate, np.ones((1, len(self.patients))))[0]
        blocks = resample_patients(self.patients, n_bootstrap, random_state)
        # Blocks are made for numbers of images; of false positives there are many times as many.
        n_parts = 1 + len(self.false_positive_scores) // len(self.patients)
        draws = np.concatenate(
            [
                self._sensitivities(rate, rows)
                for weights in blocks
                for rows in np.array_split(weights, min(n_parts, len(weights)))
            ]
        )
        return percentile_interval(estimate, draws, level)

    @cached_property
    def _falling(self):
        """Positions of the false positives, the highest score first."""
        return np.argsort(-self.false_positive_scores, kind="stable")

    def _sensitivities(self, rate, weights):
        """Sensitivity for each row of weights of the images; NaN where no lesion counts."""
        order = self._falling
        n_wrong = np.cumsum(weights[:, self.false_positive_images[order]], axis=1)
        # The first false positive that is too many: a threshold must lie above its score. Rates such as 1/49 are
        # rounded, and 49 times the rounded one is a little less than 1.
        n_allowed = (n_wrong <= (1 + 1e-9) * rate * weights.sum(axis=1, keepdims=True)).sum(axis=1)
        limits = np.append(self.false_positive_scores[order], -np.inf)[n_allowed]
        weight = weights[:, self.lesion_images]
        found = (weight * (self.lesion_scores > limits[:, np.newaxis])).sum(axis=1)
        with np.errstate(invalid="ignore"):
            return found / weight.sum(axis=1)


def froc(detections, lesions, X, *, overlap=None):
    """Free-response ROC of detections.

    The score of a lesion is the highest one of the detections that hit it; the other ones do not count. Detections that
    hit no lesion are false positives.

    Parameters
    ----------
    detections : DataFrame
        One row per detection: `case`, the id of the image; center ``(z,) y, x`` and size ``(depth,) height, width`` in
        voxels; `score`. See `radlearn.detection.detections`.
    lesions : DataFrame
        One row per lesion, without a score.
    X : Cohort or anything that `check_cohort` takes
        All images, also those without lesions or without detections.
    overlap : float, optional
        Smallest intersection over union of the two boxes that counts as a hit. Default: a detection is a hit if its
        center lies in the box of the lesion.

    Returns
    -------
    froc : FROC

    Raises
    ------
    CohortError
        If a table lacks a column, names an image that is not in `X`, only one of both tables is 3-D, there is no
        lesion, or an id of `X` is repeated.

    References
    ----------
    Bunch PC, Hamilton JF, Sanderson GK, Simmons AH. A free-response approach to the measurement and characterization of
    radiographic-observer performance. Journal of Applied Photographic Engineering 1978;4:166-171.

    Examples
    --------
    >>> from radlearn import Case
    >>> box = {"height": 3, "width": 3}
    >>> lesions = pd.DataFrame([{"case": "a", "y": 4, "x": 4, **box}, {"case": "a", "y": 9, "x": 9, **box}])
    >>> found = [{"case": "a", "y": 5, "x": 4, **box, "score": 0.9}, {"case": "b", "y": 5, "x": 4, **box, "score": 0.5}]
    >>> result = froc(found, lesions, [Case(np.eye(12), id="a"), Case(np.eye(12), id="b")])
    >>> print(result.sensitivity_at(1).estimate)
    0.5
    """
    detections, lesions, cohort = _checked(detections, lesions, X, overlap)
    position = pd.Series(range(len(cohort)), index=cohort.ids)
    scores = detections["score"].to_numpy(float)
    best, is_wrong = np.full(len(lesions), -np.inf), np.ones(len(detections), bool)
    boxes, true_boxes = box_array(detections), box_array(lesions)
    for found, there in _images(detections, lesions):
        hit = hits(boxes[found], true_boxes[there], overlap) > 0
        best[there] = np.where(hit, scores[found, np.newaxis], -np.inf).max(axis=0, initial=-np.inf)
        is_wrong[found] = ~hit.any(axis=1)
    return FROC(
        best,
        position[lesions["case"]].to_numpy(),
        scores[is_wrong],
        position[detections["case"][is_wrong]].to_numpy(),
        cohort.patients,
    )


def average_precision(detections, lesions, X, *, overlap=None):
    """Average precision: area under the curve of precision against sensitivity.

    Detections are matched with lesions by decreasing score, each with the one that it hits best among those not yet
    matched; a detection without a match is a false positive, and so is a second one of the same lesion. Detections of
    the same score are counted together, in whatever order they stand. Precision is made non-increasing in sensitivity
    before the area is computed.

    Parameters
    ----------
    detections, lesions, X, overlap
        As for `froc`.

    Returns
    -------
    average_precision : float

    Raises
    ------
    CohortError
        If a table lacks a column, names an image that is not in `X`, only one of both tables is 3-D, there is no
        lesion, or an id of `X` is repeated.

    References
    ----------
    Everingham M et al. The PASCAL visual object classes challenge: a retrospective. International Journal of Computer
    Vision 2015;111:98-136.

    Examples
    --------
    >>> from radlearn import Case
    >>> box = {"case": "a", "height": 3, "width": 3}
    >>> lesions = pd.DataFrame([{"y": 4, "x": 4, **box}, {"y": 9, "x": 9, **box}])
    >>> found = [{"y": 5, "x": 4, **box, "score": 0.9}, {"y": 4, "x": 5, **box, "score": 0.5}]
    >>> average_precision(found, lesions, [Case(np.eye(12), id="a")])
    0.5
    """
    *tables, _ = _checked(detections, lesions, X, overlap)
    # Of lesions that are hit equally well the place decides, and not the order of the rows.
    (detections, boxes), (lesions, true_boxes) = map(_sorted_by_place, tables)
    scores, is_hit = detections["score"].to_numpy(float), np.zeros(len(detections), bool)
    for found, there in _images(detections, lesions):
        quality = hits(boxes[found], true_boxes[there], overlap)
        for number in np.lexsort((-quality.max(axis=1, initial=0), -scores[found])):
            if quality[number].any():
                is_hit[found[number]] = True
                quality[:, quality[number].argmax()] = 0
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.diff(scores[order], append=-np.inf))  # of each score: a threshold lies below all of them
    n_hits = np.cumsum(is_hit[order])[last]
    precision = n_hits / (last + 1)
    falling = np.maximum.accumulate(precision[::-1])[::-1]
    return float(falling @ np.diff(n_hits, prepend=0) / len(lesions))


def _checked(detections, lesions, X, overlap):
    """Both tables and the images, if they fit together."""
    check_overlap(overlap)
    cohort = check_cohort(X)
    ids, counts = np.unique(cohort.ids, return_counts=True)
    if counts.max(initial=1) > 1:
        raise CohortError(f"X has the image {str(ids[counts.argmax()])!r} {counts.max()} times", "pass each image once")
    detections, lesions = box_table(detections, "detections", further=["score"]), box_table(lesions, "lesions")
    for table, name in ((detections, "detections"), (lesions, "lesions")):
        if strangers := set(table["case"]) - set(cohort.ids):
            raise CohortError(f"{name} has the image {min(strangers)!r}, which is not in X", "pass all images as X")
    if lesions.empty:
        raise CohortError("lesions is empty, so that none can be found", "pass the boxes of all lesions")
    return check_same_axes(detections, lesions, "detections"), lesions, cohort


def _sorted_by_place(table):
    """A table of boxes and its boxes as numbers, in the order of these."""
    boxes = box_array(table)
    order = np.lexsort(boxes.T)
    return table.iloc[order], boxes[order]


def _images(detections, lesions):
    """Positions of the detections and of the lesions of each image that has one of them."""
    found, there = (table.groupby("case").indices for table in (detections, lesions))
    nothing = np.array([], int)
    for case in {**found, **there}:
        yield found.get(case, nothing), there.get(case, nothing)
