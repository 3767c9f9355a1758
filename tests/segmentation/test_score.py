"""Scores: where the truth comes from, and searches over segmenters and pipelines."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from radlearn import Case, Cohort
from radlearn.evaluation import PatientKFold, dice, dice_scorer
from radlearn.exceptions import GeometryError, MaskError
from radlearn.preprocessing import Checkpoint, CropToMask, NormalizeIntensity, Resample
from radlearn.radiomics import RadiomicsFeatures
from radlearn.segmentation import CleanMask, ThresholdSegmenter

SHARP = ThresholdSegmenter(method="fixed", threshold=130)


def test_the_score_is_the_mean_dice_coefficient():
    image = np.array([[0.0, 0, 9, 9]])
    X = [(image, np.array([mask])) for mask in ([0, 0, 1, 1], [0, 1, 1, 0])]
    assert ThresholdSegmenter(side="bright").fit(X).score(X) == pytest.approx((1 + 0.5) / 2)


def test_where_nothing_is_found_the_score_is_zero(balls):
    X = balls()
    assert ThresholdSegmenter(method="fixed", threshold=1e6, side="bright").fit(X).score(X) == 0


@pytest.mark.parametrize(
    "steps",
    [
        (SHARP,),
        (NormalizeIntensity(), ThresholdSegmenter()),
        (SHARP, CleanMask(keep_largest=1)),
        (SHARP, CleanMask(), Checkpoint()),
        (Resample(spacing=1.0), SHARP, CleanMask()),
    ],
)
def test_the_truth_is_the_mask_before_the_first_segmenter(steps, balls):
    X = balls(n_cases=3)
    pipeline = make_pipeline(*steps).fit(X)
    truth = make_pipeline(*[step for step in steps if isinstance(step, (NormalizeIntensity, Resample))], Checkpoint())
    pairs = zip(truth.fit_transform(X), pipeline.transform(X), strict=True)
    expected = np.mean([dice(true.load().mask, found.load().mask) for true, found in pairs])
    assert 0.9 < expected == pytest.approx(dice_scorer(pipeline, X))
    if not isinstance(steps[-1], Checkpoint):
        assert pipeline.score(X) == pytest.approx(expected)


def test_a_mask_of_a_segmenter_never_passes_for_the_truth(balls):
    X = balls(n_cases=2)
    nonsense = ThresholdSegmenter(method="fixed", threshold=1e6, side="bright")
    assert make_pipeline(nonsense, CleanMask()).fit(X).score(X) == 0


def test_what_cleaning_changes_of_the_truth_is_measured():
    mask = np.array([[1, 1, 1, 0, 1]])
    assert CleanMask(keep_largest=1).fit([mask]).score([(mask, mask)]) == pytest.approx(6 / 7)


@pytest.mark.parametrize("scoring", [None, "dice", dice_scorer, {"dice": dice_scorer}, {"dice": "dice"}])
@pytest.mark.parametrize("y", ["none", "classes", "cases"])
def test_a_search_finds_the_best_threshold(scoring, y, balls):
    X = balls()
    labels = {"none": None, "classes": np.arange(len(X)) % 2, "cases": X}[y]
    grid = {"method": ["fixed"], "threshold": [101, 130, 165]}
    search = GridSearchCV(ThresholdSegmenter(), grid, scoring=scoring, cv=3, refit="dice", error_score="raise")
    search.fit(X, labels)
    assert search.best_params_["threshold"] == 130
    assert search.best_score_ > 0.99
    assert isinstance(search.transform(X), Cohort)


def test_the_scorer_has_what_tools_expect_of_all_scorers():
    needed = {"_score_func", "_sign", "_kwargs", "_response_method"}
    assert needed <= vars(get_scorer("accuracy")).keys() & vars(get_scorer("dice")).keys()


@pytest.mark.slow
@pytest.mark.parametrize("package", ["radlearn.segmentation", "radlearn.evaluation"])
@pytest.mark.parametrize("is_first", [True, False])
def test_scikit_learn_knows_the_name_whatever_is_imported_first(package, is_first):
    imports = [f"import {package}", "from sklearn.model_selection import RandomizedSearchCV, cross_val_score"]
    code = """
import numpy as np
from radlearn.segmentation import ThresholdSegmenter
image = np.array([[1, 1, 1, 1], [1, 5, 9, 1], [1, 1, 1, 1]])
X = [(image, image == 9), (2 * image, image == 9)]
segmenter = ThresholdSegmenter(method="multi_otsu")
print(*cross_val_score(segmenter, X, cv=2, scoring="dice"))
print(RandomizedSearchCV(segmenter, {"side": ["bright"]}, n_iter=1, cv=2, scoring="dice").fit(X).best_score_)
"""
    code = "\n".join(imports if is_first else imports[::-1]) + code
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1.0", "1.0", "1.0"]


def test_steps_before_and_behind_the_segmenter_are_tuned_together(balls):
    X = balls(noise=25)
    pipeline = make_pipeline(NormalizeIntensity(), ThresholdSegmenter(), CleanMask())
    grid = {
        "normalizeintensity__method": ["zscore", "minmax"],
        "thresholdsegmenter__sigma": [0.0, 1.0],
        "cleanmask__keep_largest": [None, 1],
    }
    search = GridSearchCV(pipeline, grid, cv=PatientKFold(3), error_score="raise").fit(X)
    assert search.best_params_["thresholdsegmenter__sigma"] == 1.0
    assert search.best_score_ > 0.95


def test_features_are_those_of_the_same_mask_if_it_is_given(balls):
    X = balls(noise=2)
    blind = Cohort(replace(case, mask=None) for case in X)
    features = RadiomicsFeatures(families=["statistics"], ndim=2)
    found = make_pipeline(SHARP, features).fit_transform(blind)
    np.testing.assert_array_equal(found, features.fit_transform(X))


def test_an_extractor_reports_that_nothing_was_found():
    empty = ThresholdSegmenter(method="fixed", threshold=99, side="bright")
    with pytest.raises(MaskError, match="empty"):
        make_pipeline(empty, RadiomicsFeatures(ndim=2)).fit_transform([np.eye(5)])


def test_a_case_without_a_true_mask_cannot_be_scored():
    X = Cohort([Case(np.eye(4), id="LUNG")])
    with pytest.raises(MaskError, match=r"case 'LUNG': the case has no true mask to score by; give it one"):
        SHARP.fit(X).score(X)


def test_a_step_that_makes_no_mask_cannot_be_scored(balls):
    X = balls(n_cases=1)
    with pytest.raises(MaskError, match=r"no step has made a mask.*; score a segmenter, or a pipeline"):
        dice_scorer(NormalizeIntensity().fit(X), X)


def test_a_change_of_the_grid_behind_the_segmenter_is_refused(balls):
    X = balls(n_cases=1)
    with pytest.raises(GeometryError, match=r"the true mask has shape .*; change the grid"):
        dice_scorer(make_pipeline(SHARP, CropToMask()).fit(X), X)


def test_rows_of_a_dense_array_have_no_score():
    assert not hasattr(ThresholdSegmenter(image_shape="row"), "score")
