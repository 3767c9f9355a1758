"""Free-response ROC and average precision, by hand and by laws."""

import numpy as np
import pandas as pd
import pytest

from memory import peak_memory
from radlearn import Case, Cohort
from radlearn._boxes import box_array, hits
from radlearn.evaluation import average_precision, froc
from radlearn.evaluation.bootstrap import percentile_interval, resample_patients
from radlearn.evaluation.detection import FROC
from radlearn.exceptions import CohortError


def images(n=3, patients=None):
    return Cohort(Case(np.eye(2), id=f"i{k}", patient=None if patients is None else patients[k]) for k in range(n))


def boxes(*rows):
    """Boxes of 5 x 5 pixels: image, y, x and perhaps a score."""
    columns = ["case", "y", "x", "score"][: len(rows[0])]
    return pd.DataFrame(rows, columns=columns).assign(height=5, width=5)


LESIONS = boxes(("i0", 10, 10), ("i0", 30, 30), ("i1", 10, 10))
FOUND = boxes(
    ("i0", 11, 10, 0.9),  # a lesion
    ("i2", 10, 10, 0.8),  # nothing is there
    ("i0", 9, 10, 0.7),  # the first lesion again
    ("i1", 12, 12, 0.6),  # a lesion
    ("i1", 20, 20, 0.5),  # nothing
)


def test_the_curve_counts_lesions_once_and_false_positives_per_image():
    curve = froc(FOUND, LESIONS, images()).curve
    np.testing.assert_allclose(curve["threshold"], [0.9, 0.8, 0.6, 0.5])
    np.testing.assert_allclose(curve["sensitivity"], [1 / 3, 1 / 3, 2 / 3, 2 / 3])
    np.testing.assert_allclose(curve["false_positives_per_image"], [0, 1 / 3, 1 / 3, 2 / 3])


@pytest.mark.parametrize(("rate", "sensitivity"), [(0, 1 / 3), (0.3, 1 / 3), (1 / 3, 2 / 3), (5, 2 / 3)])
def test_sensitivity_is_that_before_the_first_false_positive_too_many(rate, sensitivity):
    assert froc(FOUND, LESIONS, images()).sensitivity_at(rate).estimate == pytest.approx(sensitivity)


def test_a_lesion_with_the_score_of_a_false_positive_too_many_is_not_found():
    tied = boxes(("i0", 10, 10, 0.5), ("i2", 10, 10, 0.5))
    assert froc(tied, LESIONS, images()).sensitivity_at(0).estimate == 0
    assert froc(tied, LESIONS, images()).sensitivity_at(1).estimate == pytest.approx(1 / 3)


def test_sensitivity_agrees_with_the_curve_at_each_of_its_points():
    rng = np.random.default_rng(0)
    rows = [(f"i{rng.integers(8)}", *rng.integers(0, 25, 2), rng.integers(0, 12) / 12) for _ in range(150)]
    lesions = boxes(*{(f"i{rng.integers(8)}", *rng.integers(0, 25, 2)) for _ in range(12)})
    result = froc(boxes(*rows), lesions, images(8))
    for row in result.curve.itertuples():
        best = result.curve.sensitivity[result.curve.false_positives_per_image <= row.false_positives_per_image].max()
        found = result.sensitivity_at(row.false_positives_per_image, n_bootstrap=1).estimate
        assert found == pytest.approx(best)


def test_a_rate_that_is_rounded_allows_its_whole_number_of_false_positives():
    found = boxes(("i1", 60, 60, 0.9), ("i0", 10, 10, 0.8), ("i0", 60, 60, 0.7))
    result = froc(found, LESIONS, images(49))
    assert (1 / 49) * 49 < 1
    assert result.sensitivity_at(1 / 49, n_bootstrap=1).estimate == pytest.approx(1 / 3)


def test_the_interval_draws_patients():
    rows = [(f"i{k}", 10, 10, 1.0) for k in range(20)]
    lesions = boxes(*[(f"i{k}", 10, 10) for k in range(40)])
    many = froc(boxes(*rows), lesions, images(40)).sensitivity_at(1)
    few = froc(boxes(*rows), lesions, images(40, ["A"] * 20 + ["B"] * 20)).sensitivity_at(1)
    assert many.estimate == few.estimate == 0.5
    assert (few.low, few.high) == (0, 1)
    assert 0.3 < many.low < 0.5 < many.high < 0.7


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"level": 95}, "level must be less than 1, got 95"),
        ({"level": 0}, "level must be greater than 0, got 0"),
        ({"n_bootstrap": 0}, "n_bootstrap must be at least 1, got 0"),
    ],
)
def test_intervals_of_no_level_or_no_resamples_are_refused(how, message):
    with pytest.raises(ValueError, match=message):
        froc(FOUND, LESIONS, images()).sensitivity_at(1, **how)


def test_overlap_is_intersection_over_union():
    lesion, shifted = boxes(("i0", 10, 10)), boxes(("i0", 10, 12, 1.0))  # 3 of 5 columns in common: 15 / 35
    assert froc(shifted, lesion, images(), overlap=0.42).sensitivity_at(0).estimate == 1
    assert froc(shifted, lesion, images(), overlap=0.43).sensitivity_at(0).estimate == 0
    inside = boxes(("i0", 10, 10, 1.0)).assign(height=1, width=1)
    assert froc(inside, lesion, images(), overlap=1 / 25).sensitivity_at(0).estimate == 1
    assert froc(inside, lesion, images(), overlap=0.05).sensitivity_at(0).estimate == 0


def test_depth_counts_in_three_dimensions():
    lesion = boxes(("i0", 10, 10)).assign(z=5, depth=3)
    for z, found in [(6, 1), (7, 0)]:
        detection = boxes(("i0", 10, 10, 1.0)).assign(z=z, depth=3)
        assert froc(detection, lesion, images()).sensitivity_at(0).estimate == found


def test_volumes_in_which_nothing_is_found():
    lesions, nothing = LESIONS.assign(z=1, depth=3), boxes(("i0", 1, 1, 0.5))[:0]
    assert froc(nothing, lesions, images()).sensitivity_at(1, n_bootstrap=5).estimate == 0
    assert average_precision(nothing, lesions, images()) == 0


@pytest.mark.parametrize("measure", [froc, average_precision])
def test_boxes_of_pictures_and_of_volumes_do_not_fit(measure):
    with pytest.raises(CohortError, match="the boxes of detections lack the columns z and depth that lesions have"):
        measure(FOUND, LESIONS.assign(z=1, depth=3), images())
    with pytest.raises(CohortError, match="the boxes of lesions lack the columns z and depth that detections have"):
        measure(FOUND.assign(z=1, depth=3), LESIONS, images())


def test_average_precision_by_hand():
    # Hits at ranks 1 and 4 of 5 (the second of a lesion is a miss): (1 / 1 + 2 / 4) / 3 lesions.
    assert average_precision(FOUND, LESIONS, images()) == pytest.approx((1 + 2 / 4) / 3)


def test_average_precision_is_one_for_all_lesions_first_and_zero_for_none():
    perfect = boxes(("i0", 10, 10, 0.9), ("i0", 30, 30, 0.8), ("i1", 10, 10, 0.7), ("i2", 1, 1, 0.1))
    assert average_precision(perfect, LESIONS, images()) == 1
    assert average_precision(boxes(("i2", 1, 1, 0.9)), LESIONS, images()) == 0
    assert average_precision(FOUND[:0], LESIONS, images()) == 0


def test_detections_of_one_score_count_together_in_any_order():
    found = boxes(*[(f"i{k}", 10, 10, 0.5) for k in range(2)], *[(f"i{k}", 60, 60, 0.5) for k in range(3)])
    assert average_precision(found, LESIONS, images()) == pytest.approx(2 / 3 * 2 / 5)  # two lesions of three
    assert average_precision(found[::-1], LESIONS, images()) == average_precision(found, LESIONS, images())


def test_of_two_detections_of_one_score_the_nearer_one_claims_a_lesion_first():
    lesions = boxes(("i0", 10, 10), ("i0", 10, 12))
    found = boxes(("i0", 10, 10, 0.5), ("i0", 10, 8, 0.5))  # the first one hits both, the other one the left lesion
    for rows in (found, found[::-1]):
        assert average_precision(rows, lesions, images()) == 1 / 2 * 1 / 2


@pytest.mark.parametrize("overlap", [None, 0.1])
def test_of_lesions_that_are_hit_equally_well_the_order_of_rows_does_not_choose(overlap):
    lesions = boxes(("i0", 10, 8), ("i0", 10, 12))
    found = boxes(("i0", 10, 10, 0.9), ("i0", 10, 7, 0.8))  # the first one hits both, the other one the left lesion
    one, other = (average_precision(found, rows, images(), overlap=overlap) for rows in (lesions, lesions[::-1]))
    assert one == other


def test_a_detection_claims_the_lesion_that_it_hits_best():
    lesions = boxes(("i0", 10, 10), ("i0", 10, 12))
    found = boxes(("i0", 10, 12, 0.9), ("i0", 10, 10, 0.8))
    assert average_precision(found, lesions, images()) == 1


@pytest.mark.parametrize("measure", [froc, average_precision])
@pytest.mark.parametrize(
    ("found", "lesions", "message"),
    [
        (FOUND.drop(columns="score"), LESIONS, "detections lacks the columns score"),
        (FOUND, LESIONS.drop(columns=["y", "width"]), "lesions lacks the columns y, width"),
        (FOUND.assign(x=np.nan), LESIONS, "detections has no number in row 0"),
        (FOUND, LESIONS.assign(case="i9"), "lesions has the image 'i9', which is not in X"),
        (FOUND, LESIONS[:0], "lesions is empty"),
        (FOUND.assign(score="high"), LESIONS, "detections has no number in row 0"),
        (FOUND, LESIONS.assign(height=-3), "lesions has a size that is not above 0 in row 0"),
        (FOUND, "lesions.csv", "lesions is a str, not a table of boxes"),
    ],
)
def test_tables_that_do_not_fit_are_refused(measure, found, lesions, message):
    with pytest.raises(CohortError, match=message):
        measure(found, lesions, images())


def test_text_that_is_a_number_is_one():
    text = FOUND.astype({"score": str, "x": str})
    assert average_precision(text, LESIONS, images()) == average_precision(FOUND, LESIONS, images())


def test_images_that_are_called_by_numbers_are_found():
    box = {"case": 7, "y": 4, "x": 4, "height": 3, "width": 3}
    assert average_precision([{**box, "score": 1}], [box], [Case(np.eye(9), id="7")]) == 1


def test_an_image_counts_once():
    with pytest.raises(CohortError, match="X has the image 'i0' 2 times; pass each image once"):
        froc(FOUND, LESIONS, [*images(), images()[0]])


def test_a_curve_tells_what_is_in_it():
    result = froc(FOUND, LESIONS, images())
    n_false_positives = len(result.false_positive_scores)
    assert repr(result) == f"FROC({len(LESIONS)} lesions, {n_false_positives} false positives, {len(images())} images)"


def test_an_overlap_is_a_share():
    with pytest.raises(ValueError, match="overlap must be at most 1, got 50; it is intersection over union"):
        froc(FOUND, LESIONS, images(), overlap=50)


@pytest.mark.parametrize(("n_images", "n_false_positives"), [(3, 0), (4, 100), (30, 60)])
def test_the_interval_is_that_of_all_resamples_at_once(n_images, n_false_positives):
    rng = np.random.default_rng(0)
    result = FROC(
        rng.random(9),
        rng.integers(0, n_images, 9),
        rng.random(n_false_positives),
        rng.integers(0, n_images, n_false_positives),
        np.arange(n_images),
    )
    [weights] = resample_patients(result.patients, 200, 0)
    expected = percentile_interval(0, result._sensitivities(1, weights))
    assert result.sensitivity_at(1, n_bootstrap=200)[1:] == expected[1:]


def test_images_may_be_called_by_categories():
    X = Cohort(Case(np.eye(2), id=str(k)) for k in range(3))
    found, lesions = (table.assign(case=table["case"].str[1:].astype(int)) for table in (FOUND, LESIONS))
    categories = [table.astype({"case": "category"}) for table in (found, lesions)]
    assert average_precision(*categories, X) == average_precision(FOUND, LESIONS, images())


def test_resamples_are_split_at_most_into_single_ones(monkeypatch):
    calls, count = [], FROC._sensitivities
    monkeypatch.setattr(FROC, "_sensitivities", lambda *arguments: calls.append(1) or count(*arguments))
    result = FROC(np.zeros(1), np.zeros(1, int), np.arange(3000.0), np.zeros(3000, int), np.arange(2))
    result.sensitivity_at(1, n_bootstrap=50)
    assert len(calls) == 1 + 50  # of the estimate, and of each resample


@pytest.mark.parametrize("function", [froc, average_precision])
def test_tables_become_numbers_once_for_all_images(function, monkeypatch):
    made = []
    monkeypatch.setattr(
        "radlearn.evaluation.detection.box_array", lambda table: made.append(len(table)) or box_array(table)
    )
    function(FOUND, LESIONS, images())
    assert made == [5, 3]


@pytest.mark.parametrize("overlap", [None, 0.1])
def test_many_boxes_of_one_image_need_a_few_matrices(overlap):
    boxes = np.random.default_rng(0).uniform(1, 99, (400, 6))
    with peak_memory() as memory:
        quality = hits(boxes, boxes, overlap)
    assert memory.peak < 5.5 * quality.nbytes
