"""How well segmenters find the masks of a cohort: one number for a search, a table for a study."""

from numbers import Integral
from time import perf_counter

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils.parallel import Parallel, delayed
from tqdm.auto import tqdm

from radlearn._overlap import dice, jaccard
from radlearn._truth import no_true_mask, true_and_found
from radlearn._validation import check_n_jobs, check_names, check_number
from radlearn.cohort import check_cohort
from radlearn.evaluation.folds import check_folds
from radlearn.evaluation.segmentation_comparison import SegmentationComparison
from radlearn.evaluation.splitters import PatientKFold
from radlearn.evaluation.surface import hausdorff_and_mean


def compare_segmentations(segmenters, X, cv: object = 5, *, n_bootstrap=1000, random_state=0, n_jobs=None, verbose=0):
    """Compare segmenters on the same folds, with intervals at the level of patients.

    Every case is segmented by steps that were fitted, or tuned, on other patients. No segmenter looks at its true mask,
    but steps in front may: `CropToMask` would tell where the lesion is, so leave such steps out.

    Parameters
    ----------
    segmenters : dict of str to segmenter
        Segmenters, pipelines that hold one, or searches over either. They are cloned for each fold and stay unfitted.
    X : Cohort
        Anything `check_cohort` understands; every case has its true mask.
    cv : int, splitter, array of shape (n_cases,) or iterable of pairs, default=5
        Number of folds (`PatientKFold`); a splitter; the fold number of each case (-1: never tested); or pairs of
        training and test positions.
    n_bootstrap : int, default=1000
        Number of resamples of the patients for the 95 % intervals.
    random_state : int, default=0
        Seed of the resamples.
    n_jobs : int, optional
        Number of folds that run at once.
    verbose : int, default=0
        Whether to show a progress bar.

    Returns
    -------
    comparison : SegmentationComparison

    Raises
    ------
    CohortError
        If a patient is on both sides of a fold.
    MaskError
        If a case has no true mask.
    GeometryError
        If a step after a segmenter changes the grid.

    Examples
    --------
    >>> from radlearn.datasets import make_cohort
    >>> from radlearn.segmentation import RegionGrowing, ThresholdSegmenter
    >>> X = make_cohort("stone", n_cases=6).X
    >>> segmenters = {"threshold": ThresholdSegmenter(method="yen"), "growing": RegionGrowing()}
    >>> comparison = compare_segmentations(segmenters, X, cv=2)
    >>> list(comparison.to_frame().index)
    ['threshold', 'growing']
    """
    check_number("n_bootstrap", n_bootstrap, at_least=1, integer=True)
    check_random_state(random_state)
    check_n_jobs(n_jobs)
    _check_segmenters(segmenters)
    X = check_cohort(X)
    folds = check_folds(PatientKFold(cv) if isinstance(cv, Integral) else cv, X, np.zeros(len(X)))
    for case in X[np.concatenate([test for _, test in folds])]:  # before hours of training; a step may make the mask
        if case.mask is None and not case.pending:
            raise no_true_mask(case)
    jobs = [(name, number) for name in segmenters for number in range(len(folds))]
    tables = Parallel(n_jobs=n_jobs)(
        delayed(_run_fold)(name, segmenters[name], X, number, *folds[number])
        for name, number in tqdm(jobs, desc="folds", disable=not verbose)
    )
    scores = pd.DataFrame([row for table in tables for row in table]).set_index(["segmenter", "id"])
    return SegmentationComparison(scores, n_bootstrap=n_bootstrap, random_state=random_state)


def _run_fold(name, segmenter, X, number, train, test):
    """Fit one segmenter on one fold, and measure what it finds in the test cases: a row for each."""
    try:
        segmented = clone(segmenter).fit(X[train]).transform(X[test])
        return [{"segmenter": name, "fold": number, **_measured(case)} for case in segmented]
    except Exception as error:
        error.add_note(f"while segmenter {name!r} was fitted and tested in fold {number}")
        raise


def _measured(case):
    start = perf_counter()
    truth, volume = true_and_found(case)
    seconds = perf_counter() - start
    size = np.prod(volume.spacing)
    worst, mean = hausdorff_and_mean(truth, volume.mask, volume.spacing)
    return {
        "id": case.id,
        "patient": case.patient,
        "dice": dice(truth, volume.mask),
        "jaccard": jaccard(truth, volume.mask),
        "hausdorff": worst,
        "surface_distance": mean,
        "true_size": np.count_nonzero(truth) * size,
        "found_size": np.count_nonzero(volume.mask) * size,
        "seconds": seconds,
    }


def _check_segmenters(segmenters):
    check_names("segmenters", segmenters, "segmenters")
    for name, segmenter in segmenters.items():
        if not hasattr(segmenter, "fit"):
            raise TypeError(f"segmenter {name!r} is {segmenter!r}, which has no fit; pass an unfitted segmenter")
