"""compare_segmentations: the table, its means and intervals, and who is fitted on whom."""

from time import perf_counter

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from radlearn import Case, Cohort
from radlearn.evaluation import PatientKFold, compare_segmentations
from radlearn.evaluation.segmentation_comparison import METRICS
from radlearn.exceptions import CohortError, MaskError
from radlearn.io import ArraySource
from radlearn.preprocessing import ClipIntensity
from radlearn.segmentation import CleanMask, ClusterSegmenter, ThresholdSegmenter


def strip(found, spacing=(1.0, 0.5)):
    """An image whose bright voxels are `found`, with two voxels of truth."""
    return [ArraySource(np.array([values], float), spacing) for values in (found, [0, 1, 1, 0, 0])]


@pytest.fixture
def cohort():
    """Two patients with two images each: found exactly, half, not at all, exactly."""
    images = [[0, 9, 9, 0, 0], [0, 0, 9, 9, 0], [0, 0, 0, 0, 0], [0, 9, 9, 0, 0]]
    return Cohort(Case(*strip(image), id=f"image-{n}", patient=f"P{n // 2}") for n, image in enumerate(images))


BRIGHT = ThresholdSegmenter(method="fixed", threshold=5, side="bright")


def test_each_case_has_its_row(cohort):
    scores = compare_segmentations({"bright": BRIGHT}, cohort, cv=2).scores.loc["bright"].loc[cohort.ids]
    assert scores["dice"].tolist() == [1, 0.5, 0, 1]
    np.testing.assert_allclose(scores["jaccard"], [1, 1 / 3, 0, 1])
    assert scores["surface_distance"].tolist() == [0, 0.25, np.inf, 0]
    assert scores["true_size"].tolist() == [1] * 4
    assert scores["found_size"].tolist() == [1, 1, 0, 1]
    assert scores["patient"].tolist() == ["P0", "P0", "P1", "P1"]


def test_means_leave_out_distances_where_nothing_was_found(cohort):
    table = compare_segmentations({"bright": BRIGHT}, cohort, cv=2).to_frame().loc["bright"]
    assert table["dice"] == pytest.approx(2.5 / 4)
    assert table["surface_distance"] == pytest.approx(0.25 / 3)
    assert (table["n_cases"], table["n_empty"]) == (4, 1)


def test_where_nothing_is_found_anywhere_distances_are_undefined(cohort):
    blind = ThresholdSegmenter(method="fixed", threshold=99, side="bright")
    comparison = compare_segmentations({"blind": blind}, cohort, cv=2)
    assert comparison.interval("blind", "dice") == (0, 0, 0)
    assert str(comparison.interval("blind", "hausdorff")) == "undefined"
    assert comparison.to_frame().loc["blind", "n_empty"] == 4


def test_intervals_draw_patients(cohort):
    interval = compare_segmentations({"bright": BRIGHT}, cohort, cv=2, n_bootstrap=200).interval("bright")
    assert (interval.low, interval.high) == (0.5, 0.75)  # the means of the two patients


def test_a_number_of_folds_means_folds_of_patients(cohort):
    number, splitter = (compare_segmentations({"bright": BRIGHT}, cohort, cv=cv).scores for cv in (2, PatientKFold(2)))
    assert number.drop(columns="seconds").equals(splitter.drop(columns="seconds"))


def test_seconds_are_those_of_a_case(cohort):
    start = perf_counter()
    seconds = compare_segmentations({"bright": BRIGHT}, cohort, cv=2).scores["seconds"]
    assert seconds.min() >= 0
    assert seconds.sum() < perf_counter() - start


def test_differences_are_paired(cohort):
    same = compare_segmentations({"one": BRIGHT, "two": BRIGHT}, cohort, cv=2)
    assert same.difference("one", "two") == (0, 0, 0)


def test_who_misses_a_case_does_not_come_off_better(cohort):
    everything = ThresholdSegmenter(method="fixed", threshold=-1, side="bright")
    comparison = compare_segmentations({"bright": BRIGHT, "everything": everything}, cohort, cv=2)
    scores = comparison.scores["surface_distance"].unstack("segmenter")
    found = scores.loc[np.isfinite(scores["bright"])]
    assert len(found) == 3
    difference = comparison.difference("bright", "everything", "surface_distance")
    assert difference.estimate == pytest.approx((found["bright"] - found["everything"]).mean())


def test_segmenters_learn_from_other_patients_only():
    dark, bright = [0, 1, 1, 0, 0], [50, 60, 60, 50, 50]
    X = Cohort(Case(*strip(image), id=name, patient=name) for name, image in (("dark", dark), ("bright", bright)))
    clusters = ClusterSegmenter(n_clusters=2, side="bright")
    assert compare_segmentations({"clusters": clusters}, X, cv=2).scores["dice"].max() < 1
    assert clusters.fit(X[:1]).score(X[:1]) == 1


def test_searches_and_pipelines_are_compared():
    rng = np.random.default_rng(0)
    truth = np.pad(np.ones((6, 6), int), 5)
    images = rng.normal(100, 8, (6, 16, 16)) + 60 * truth
    X = Cohort(Case(image, truth, id=f"image-{n}", patient=f"P{n // 2}") for n, image in enumerate(images))
    models = {
        "tuned": GridSearchCV(ThresholdSegmenter(method="fixed"), {"threshold": [90, 130]}, cv=PatientKFold(2)),
        "cleaned": make_pipeline(ThresholdSegmenter(), CleanMask(keep_largest=1)),
    }
    comparison = compare_segmentations(models, X, cv=[0, 0, 1, 1, 2, 2])
    assert comparison.segmenters == ["tuned", "cleaned"]
    assert comparison.to_frame()["dice"].min() > 0.95
    assert comparison.scores.loc["tuned", "fold"].tolist() == [0, 0, 1, 1, 2, 2]
    assert not hasattr(models["tuned"], "best_params_")


@pytest.mark.slow
def test_workers_change_nothing(cohort):
    one, two = (compare_segmentations({"b": BRIGHT}, cohort, cv=2, n_jobs=n_jobs) for n_jobs in (1, 2))
    columns = list(METRICS)
    np.testing.assert_array_equal(one.scores[columns], two.scores[columns])


def test_any_backend_of_joblib_will_do(cohort, all_at_once):
    assert compare_segmentations({"bright": BRIGHT}, cohort, cv=2).segmenters == ["bright"]


def test_it_reads_as_a_table(cohort):
    comparison = compare_segmentations({"bright": BRIGHT}, cohort, cv=2)
    assert "0.625 [0.500, 0.750]" in str(comparison)
    assert "surface distance mm" in str(comparison)
    assert "<table" in comparison._repr_html_()


def test_a_patient_on_both_sides_is_refused(cohort):
    with pytest.raises(CohortError, match="tests patients that are in its training cases"):
        compare_segmentations({"bright": BRIGHT}, cohort, cv=[0, 1, 0, 1])


def test_a_case_without_a_true_mask_is_named_before_anything_is_fitted(cohort):
    X = Cohort([*cohort, Case(np.zeros((1, 5)), id="none", patient="P2")])
    with pytest.raises(MaskError, match=r"case 'none': the case has no true mask") as caught:
        compare_segmentations({"bright": BRIGHT}, X, cv=2)
    assert not hasattr(caught.value, "__notes__")
    never_tested = np.where(X.ids == "none", -1, np.unique(X.patients, return_inverse=True)[1])
    assert len(compare_segmentations({"bright": BRIGHT}, X, cv=never_tested).scores) == len(cohort)


def test_an_error_names_segmenter_and_fold(cohort):
    [unmasked] = ClipIntensity().fit_transform([Case(np.zeros((1, 5)), id="none", patient="P2")])
    with pytest.raises(MaskError, match=r"case 'none': the case has no true mask") as caught:
        compare_segmentations({"bright": BRIGHT}, Cohort([*cohort, unmasked]), cv=2)
    assert "while segmenter 'bright' was fitted and tested in fold" in caught.value.__notes__[-1]


@pytest.mark.parametrize("segmenters", [BRIGHT, [BRIGHT], {}, {8: BRIGHT}, {"bright": "otsu"}])
def test_segmenters_need_names(segmenters, cohort):
    with pytest.raises(TypeError, match=r"give each a name|must be text|pass an unfitted segmenter"):
        compare_segmentations(segmenters, cohort, cv=2)


def test_a_seed_that_is_none_is_refused_before_anything_is_fitted(cohort):
    refused = ThresholdSegmenter(method="none")  # when it is fitted
    with pytest.raises(ValueError, match="cannot be used to seed"):
        compare_segmentations({"refused": refused}, cohort, cv=2, random_state=np.random.default_rng(0))


def test_unknown_names_no_resamples_and_no_jobs_are_refused(cohort):
    comparison = compare_segmentations({"bright": BRIGHT}, cohort, cv=2, n_bootstrap=5)
    with pytest.raises(ValueError, match="segmenter must be one of 'bright', got 'dark'"):
        comparison.interval("dark")
    with pytest.raises(ValueError, match="n_bootstrap must be at least 1, got 0"):
        compare_segmentations({"bright": BRIGHT}, cohort, cv=2, n_bootstrap=0)
    with pytest.raises(ValueError, match="n_jobs must not be 0"):
        compare_segmentations({"bright": BRIGHT}, cohort, cv=2, n_jobs=0)
    with pytest.raises(ValueError, match="metric must be one of"):
        comparison.interval("bright", "auc")
