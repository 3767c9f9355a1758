import numpy as np
import pytest

from radlearn.evaluation import bootstrap
from radlearn.evaluation.bootstrap import Interval, percentile_interval, resample_patients


def draws_of_mean(values, groups):
    weights = np.concatenate(list(resample_patients(groups, 2000, random_state=0)))
    return weights @ values / weights.sum(axis=1)


def test_patients_are_drawn_whole_and_as_many_as_there_are():
    patients = np.array(["a", "b", "a", "c", "c", "c"])
    [weights] = resample_patients(patients, 50, random_state=0)
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, [0, 1, 3]].sum(axis=1) == 3).all()


def test_interval_over_patients_is_wider_than_over_cases_when_images_of_a_patient_agree():
    # 10 patients of 20 images that are all right or all wrong: 200 cases, but ten observations.
    patients = np.repeat(np.arange(10), 20)
    is_right = (patients < 6).astype(float)
    by_patient = percentile_interval(0.6, draws_of_mean(is_right, patients))
    by_case = percentile_interval(0.6, draws_of_mean(is_right, np.arange(200)))
    assert by_patient.high - by_patient.low > 3 * (by_case.high - by_case.low)


def test_the_interval_has_the_width_that_theory_gives():
    draws = draws_of_mean(np.repeat([0.0, 1.0], 100), np.arange(200))
    interval = percentile_interval(0.5, draws)
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * np.sqrt(0.25 / 200), rel=0.1)


def test_blocks_give_the_same_draws_as_one_piece(monkeypatch):
    patients = np.arange(30) // 2
    whole = np.concatenate(list(resample_patients(patients, 20, random_state=3)))
    monkeypatch.setattr(bootstrap, "_BLOCK", 90)
    blocks = list(resample_patients(patients, 20, random_state=3))
    assert len(blocks) == 7
    np.testing.assert_array_equal(np.concatenate(blocks), whole)


def test_undefined_draws_are_left_out():
    assert percentile_interval(0.5, [0.4, np.nan, 0.4]) == Interval(0.5, 0.4, 0.4)


def test_an_undefined_estimate_says_so():
    assert str(percentile_interval(np.nan, [np.nan])) == "undefined"
