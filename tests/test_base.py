"""CohortTransformer and CaseExtractor: laziness, caches, errors, output."""

import errno
import json
import os
import pickle
import subprocess
import sys
import textwrap
import time
import warnings
from concurrent.futures import BrokenExecutor
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from counting import CountedMoments, counted
from radlearn import Case, Cohort, read_cohort
from radlearn.base import CohortTransformer
from radlearn.detection import BlobCandidates
from radlearn.exceptions import CohortError, ImageReadError, MaskError, RadlearnWarning
from radlearn.preprocessing import NyulNormalizer

pytestmark = pytest.mark.xdist_group("base")


class Shift(CohortTransformer):
    """Adds a number to all intensities."""

    def __init__(self, *, by=1.0, image_shape=None):
        self.by = by
        self.image_shape = image_shape

    def _check_parameters(self):
        if self.by < 0:
            raise ValueError("by must not be negative")

    def _transform_volume(self, volume):
        return volume.but(image=volume.image + self.by)


class Center(CohortTransformer):
    """Takes the mean over the training cohort away."""

    def __init__(self, *, image_shape=None):
        self.image_shape = image_shape

    def _fit_volumes(self, volumes):
        self.mean_ = float(np.mean([volume.image.mean() for volume in volumes]))

    def _transform_volume(self, volume):
        return volume.but(image=volume.image - self.mean_)


class Named(CohortTransformer):
    """Changes nothing, whatever its value is."""

    def __init__(self, *, value=None, image_shape=None):
        self.value = value
        self.image_shape = image_shape

    def _transform_volume(self, volume):
        return volume


class CutCorner(CohortTransformer):
    """Cuts as much as the image's first pixel says: images end up with different shapes."""

    def __init__(self, *, image_shape=None):
        self.image_shape = image_shape

    def _transform_volume(self, volume):
        return volume.but(image=volume.image[:, int(volume.image.flat[0]) :], mask=None)


@pytest.fixture
def log(tmp_path):
    return tmp_path / "rows.log"


# Steps ------------------------------------------------------------------------------------------------------------


def test_a_step_computes_nothing_until_a_case_is_loaded(tmp_path):
    cohort = Cohort([Case(tmp_path / "gone.npy")])
    assert Shift().fit_transform(cohort).shape == (1,)


def test_steps_are_applied_in_order_and_noted_in_the_history(cohort):
    shifted = make_pipeline(Shift(by=2), Shift(by=3)).fit_transform(cohort)
    volume = shifted[0].load()
    np.testing.assert_allclose(volume.image, cohort[0].load().image + 5)
    assert [record["parameters"]["by"] for record in volume.history] == [2, 3]


@pytest.mark.parametrize(
    ("value", "noted"),
    [
        (np.int64(2), 2),
        (np.array([[1.5, 2]]), [[1.5, 2]]),
        ((1, [np.float32(2), None]), [1, [2, None]]),
        (Shift(), "Shift()"),
    ],
)
def test_parameters_of_any_kind_are_noted_as_json(cohort, value, noted):
    history = Named(value=value).fit_transform(cohort)[0].load().history
    assert json.loads(json.dumps(history))[0]["parameters"] == {"image_shape": None, "value": noted}


def test_a_step_that_learns_keeps_what_it_learned_when_fitted_again(cohort):
    step = Center()
    centered = step.fit_transform(cohort[:4])
    before = centered[0].load().image
    step.fit(cohort[4:])
    np.testing.assert_array_equal(centered[0].load().image, before)


def test_a_case_that_nothing_can_be_learned_from_is_named():
    X = Cohort([Case(np.eye(3), id="good"), Case(np.full((3, 3), np.nan), id="LUNG-7")])
    with pytest.raises(ImageReadError, match=r"case 'LUNG-7': none of the 9 voxels") as caught:
        NyulNormalizer().fit(X)
    assert caught.value.step == "NyulNormalizer"


def test_an_error_of_all_cases_together_names_none():
    class Refusing(Center):
        def _fit_volumes(self, volumes):
            super()._fit_volumes(volumes)
            raise CohortError("the images are too different")

    with pytest.raises(CohortError, match=r"^the images are too different$"):
        Refusing().fit([np.eye(3), np.eye(4)])
    with pytest.raises(CohortError, match=r"^Center has nothing to learn from"):
        Center().fit(Cohort([]))


def test_parameters_are_checked_when_fitting(cohort):
    with pytest.raises(ValueError, match="negative"):
        Shift(by=-1).fit(cohort)


@pytest.mark.parametrize("estimator", [Shift(), CountedMoments()])
def test_nothing_is_transformed_unfitted(estimator, cohort):
    with pytest.raises(NotFittedError):
        estimator.transform(cohort)


def test_pandas_output_leaves_a_cohort_a_cohort(cohort):
    pipeline = make_pipeline(Shift(), CountedMoments()).set_output(transform="pandas")
    table = pipeline.fit_transform(cohort)
    assert isinstance(pipeline[0].transform(cohort), Cohort)
    assert table.index.tolist() == cohort.ids.tolist()
    assert table.columns.tolist() == ["mean", "std"]
    assert isinstance(Shift().set_output(transform="pandas").fit_transform(cohort), Cohort)
    with sklearn.config_context(transform_output="pandas"):
        assert isinstance(Shift().fit_transform(cohort), Cohort)
        assert CountedMoments().fit_transform(cohort).index.name == "id"


def test_dense_images_give_dense_images_of_the_same_form():
    X = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(Shift(image_shape=(3, 4)).fit_transform(X), X + 1)
    flat = X.reshape(2, -1)
    np.testing.assert_array_equal(Shift(image_shape=(3, 4)).fit_transform(flat), flat + 1)


def test_dense_images_that_end_up_different_are_refused():
    X = np.array([[1.0, 0, 0], [2, 0, 0]])
    with pytest.raises(CohortError, match="different shapes"):
        CutCorner(image_shape="row").fit_transform(X)


# Rows and errors --------------------------------------------------------------------------------------------------


def test_rows_are_numbers_in_the_order_of_the_cases(cohort):
    table = CountedMoments().fit_transform(cohort)
    expected = [case.load().image[case.load().mask].mean() for case in cohort]
    np.testing.assert_allclose(table[:, 0], expected)


def test_two_workers_give_the_same_bits_as_one(cohort):
    one = CountedMoments(n_jobs=1).fit_transform(cohort)
    np.testing.assert_array_equal(CountedMoments(n_jobs=2).fit_transform(cohort), one)


def test_any_joblib_backend_will_do(cohort):
    one = CountedMoments().fit_transform(cohort)
    with joblib.parallel_config(backend="threading", n_jobs=2):
        np.testing.assert_array_equal(CountedMoments().fit_transform(cohort), one)


def broken(cohort, tmp_path):
    """The cohort with a missing file in the second place and an empty mask in the third."""
    cases = list(cohort)
    cases[1] = Case(tmp_path / "gone.npy", id="missing")
    cases[2] = Case(np.ones((4, 4)), mask=np.zeros((4, 4), int), id="empty")
    return Cohort(cases)


def test_a_failing_case_stops_the_run_and_is_named(cohort, tmp_path):
    with pytest.raises(ImageReadError, match=r"'missing'.*gone\.npy"):
        CountedMoments().fit_transform(broken(cohort, tmp_path))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_failing_cases_become_rows_of_nan_with_a_report(cohort, tmp_path, n_jobs):
    extractor = CountedMoments(on_error="nan", n_jobs=n_jobs)
    with pytest.warns(RadlearnWarning, match="2 of 12 cases failed"):
        table = extractor.fit_transform(broken(cohort, tmp_path))
    assert np.isnan(table[1:3]).all()
    assert np.isfinite(np.delete(table, [1, 2], axis=0)).all()
    errors = extractor.errors_
    assert errors.columns.tolist() == ["case", "step", "error", "remedy"]
    assert errors[["case", "step"]].to_numpy().tolist() == [["missing", "reading"], ["empty", "reading"]]
    assert "no such file" in errors["error"][0]
    assert errors["remedy"].str.len().min() > 0


def test_another_thread_may_transform_while_failures_are_counted(cohort, tmp_path, monkeypatch):
    extractor = CountedMoments(on_error="nan").fit(cohort)
    monkeypatch.setattr("warnings.warn", lambda *_, **__: extractor.transform(cohort))  # as the other thread would
    assert np.isnan(extractor.transform(broken(cohort, tmp_path))[1:3]).all()


def test_an_extractor_learns_from_the_cases_that_can_be_read(cohort, tmp_path):
    class Learning(CountedMoments):
        def _fit_volumes(self, volumes):
            self.n_seen_ = len(list(volumes))

    assert Learning(on_error="nan").fit(broken(cohort, tmp_path)).n_seen_ == 10
    with pytest.raises(ImageReadError, match="'missing'"):
        Learning().fit(broken(cohort, tmp_path))


def test_a_failed_case_is_not_cached(tmp_path, log):
    extractor = CountedMoments(on_error="nan", memory=tmp_path / "cache", log=log)
    path = tmp_path / "late.npy"
    late = Cohort([Case(path, id="late")])
    with pytest.warns(RadlearnWarning, match="1 of 1"):
        extractor.fit_transform(late)
    np.save(path, np.ones((3, 3)))
    assert extractor.transform(late).tolist() == [[1, 0]]
    assert extractor.errors_.empty


def test_a_case_that_fails_by_chance_is_not_cached(cohort, tmp_path):
    class Unlucky(CountedMoments):
        fails = True

        def _row(self, volume):
            if self.fails:
                raise MemoryError
            return super()._row(volume)

    extractor = Unlucky(on_error="nan", memory=tmp_path).fit(cohort)
    with pytest.warns(RadlearnWarning, match="12 of 12 cases failed"):
        extractor.transform(cohort)
    Unlucky.fails = False
    assert np.isfinite(extractor.transform(cohort)).all()


def test_an_error_of_the_wrong_kind_keeps_its_type_and_gets_a_note(cohort):
    class Sloppy(CountedMoments):
        def _row(self, volume):
            raise ZeroDivisionError("oops")

    with pytest.raises(ZeroDivisionError) as caught:
        Sloppy().fit_transform(cohort)
    assert "in case 'case-00', step Sloppy" in caught.value.__notes__[0]
    extractor = Sloppy(on_error="nan")
    with pytest.warns(RadlearnWarning, match="12 of 12 cases failed"):
        extractor.fit_transform(cohort)
    row = ["case-00", "Sloppy", "ZeroDivisionError: oops", "see the error; report it if it is ours"]
    assert extractor.errors_.iloc[0].tolist() == row


def test_an_error_of_the_wrong_kind_in_a_step_is_noted_once(cohort):
    class Broken(Named):
        def _transform_volume(self, volume):
            raise ZeroDivisionError("oops")

    case = make_pipeline(Broken(), Shift()).fit_transform(cohort)[0]
    with pytest.raises(ZeroDivisionError) as caught:
        case.load()
    [note] = caught.value.__notes__
    assert note.startswith("in case 'case-00', step Broken (")


@pytest.mark.parametrize(("given", "kind"), [(None, "NoneType"), (np.eye(3), "ndarray")])
def test_a_step_that_gives_no_volume_is_told_so(cohort, given, kind):
    class Broken(Named):
        def _transform_volume(self, volume):
            return given

    with pytest.raises(TypeError, match=rf"Broken._transform_volume gave a {kind}, not a Volume; return volume.but"):
        Broken().fit_transform(cohort)[0].load()


def test_a_row_that_does_not_fit_its_names_is_a_bug(cohort):
    class Short(CountedMoments):
        def _row(self, volume):
            return np.ones(1)

    with pytest.raises(RuntimeError, match="names 2 features"):
        Short().fit_transform(cohort)


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"on_error": "ignore"}, ValueError, "on_error must be one of 'raise', 'nan'"),
        ({"n_jobs": 1.5}, TypeError, "n_jobs must be a whole number or None, got 1.5"),
        ({"n_jobs": 0}, ValueError, "n_jobs must not be 0; 1 is one job at a time"),
        ({"memory": 3}, TypeError, "memory must be a folder"),
        ({"memory": ""}, ValueError, "memory is empty; name a folder"),
    ],
)
def test_bad_parameters_are_refused(cohort, parameters, error, message):
    with pytest.raises(error, match=message):
        CountedMoments(**parameters).fit(cohort)


def test_the_progress_bar_counts_cases(cohort, capsys):
    CountedMoments(verbose=1).fit_transform(cohort)
    assert "12/12" in capsys.readouterr().err


def test_a_fitted_extractor_pickles_and_clones(cohort):
    extractor = CountedMoments(scale=2).fit(cohort)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(extractor)).transform(cohort), extractor.transform(cohort))
    assert clone(extractor).scale == 2


# The cache --------------------------------------------------------------------------------------------------------


def search(log, memory):
    pipeline = make_pipeline(Shift(), CountedMoments(log=log, memory=memory), StandardScaler(), SVC())
    return GridSearchCV(pipeline, {"svc__C": [0.1, 1, 10, 100]}, cv=StratifiedKFold(5))


def test_a_grid_search_computes_every_row_once_and_a_second_one_none(log, tmp_path):
    rng = np.random.default_rng(0)
    X = Cohort(Case(rng.normal(size=(8, 8)) + number % 2, id=f"{number}") for number in range(24))
    y = np.arange(24) % 2
    search(log, tmp_path / "cache").fit(X, y)
    assert sorted(counted(log), key=int) == [f"{number}" for number in range(24)]
    search(log, tmp_path / "cache").fit(X, y)
    assert len(counted(log)) == 24


def test_the_memory_of_a_pipeline_computes_no_row_again(log, tmp_path):
    X, y = Cohort(Case(np.eye(8) * number, id=f"{number}") for number in range(4)), [0, 1, 0, 1]
    for _ in range(2):
        make_pipeline(Shift(), CountedMoments(log=log), SVC(), memory=str(tmp_path)).fit(X, y)
    assert counted(log) == ["0", "1", "2", "3"]


def test_the_cache_gives_the_same_bits(cohort, tmp_path):
    fresh = CountedMoments().fit_transform(cohort)
    cached = CountedMoments(memory=joblib.Memory(tmp_path, verbose=0))
    np.testing.assert_array_equal(cached.fit_transform(cohort), fresh)
    np.testing.assert_array_equal(cached.fit_transform(cohort), fresh)


def test_the_cache_notices_a_changed_parameter_step_version_or_file(cohort_files, log, tmp_path):
    X = read_cohort(cohort_files)[:2]
    extractor = CountedMoments(log=log, memory=tmp_path / "cache")
    extractor.fit_transform(X)
    extractor.set_params(n_jobs=2, on_error="nan").fit_transform(X)
    assert len(counted(log)) == 2, "how rows are computed does not matter"
    clone(extractor).set_params(scale=2).fit_transform(X)
    assert len(counted(log)) == 4
    make_pipeline(Shift(), extractor).fit_transform(X)
    assert len(counted(log)) == 6

    class Newer(CountedMoments):
        _version = 2

    Newer.__qualname__ = CountedMoments.__qualname__
    Newer(log=log, memory=tmp_path / "cache").fit_transform(X)
    assert len(counted(log)) == 8
    np.save(cohort_files.with_name("case-00.npy"), np.zeros((16, 16)))
    extractor.fit_transform(X)
    assert counted(log)[8:] == ["case-00"]


def test_what_a_step_learned_belongs_to_the_key(cohort, log, tmp_path):
    pipeline = make_pipeline(Center(), CountedMoments(log=log, memory=tmp_path / "cache"))
    first = pipeline.fit(cohort[:6]).transform(cohort[6:8])
    second = clone(pipeline).fit(cohort[2:6]).transform(cohort[6:8])
    assert (first != second).any()


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 32])
def test_a_damaged_entry_is_computed_again(cohort, log, tmp_path, damage):
    extractor = CountedMoments(log=log, memory=tmp_path / "cache")
    table = extractor.fit_transform(cohort)
    next((tmp_path / "cache").rglob("*.row")).write_bytes(damage)
    with pytest.warns(RadlearnWarning, match="damaged"):
        np.testing.assert_array_equal(extractor.fit_transform(cohort), table)
    assert len(counted(log)) == 13


def test_a_cache_that_cannot_be_written_costs_only_the_cache(cohort, tmp_path):
    (tmp_path / "cache").write_text("a file stands where the folder should be")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        table = CountedMoments(memory=tmp_path / "cache").fit_transform(cohort)
    assert np.isfinite(table).all()
    [message] = [str(warning.message) for warning in told]  # one for all cases
    assert message.startswith(f"cannot write to the cache {str(tmp_path / 'cache/radlearn/rows')!r} (Not a directory);")


def test_an_entry_that_another_process_was_quicker_to_write_is_no_fault_of_the_cache(cohort, tmp_path, monkeypatch):
    replace = Path.replace

    def quicker(part, target):
        replace(part, target)
        raise PermissionError(13, "Permission denied")  # as on Windows, while somebody reads the file of that name

    monkeypatch.setattr(Path, "replace", quicker)
    CountedMoments(memory=tmp_path).fit_transform(cohort)  # warnings of radlearn are errors in tests
    assert len(list(tmp_path.rglob("*.row"))) == len(cohort)
    monkeypatch.setattr(Path, "replace", lambda *_: quicker(tmp_path, tmp_path))
    for path in tmp_path.rglob("*.row"):
        path.unlink()
    with pytest.warns(RadlearnWarning, match="cannot write to the cache"):
        CountedMoments(memory=tmp_path).fit_transform(cohort)


def test_a_file_that_was_replaced_before_it_was_read_does_not_lend_its_features_to_the_first_one(tmp_path):
    path = tmp_path / "a.npy"

    def as_first():
        np.save(path, np.ones((3, 3)))
        os.utime(path, (1e9, 1e9))  # a backup, too, restores the time

    class Late(CountedMoments):
        def _volumes(self, case):
            np.save(path, np.full((3, 3), 7.0))
            return super()._volumes(case)

    Late.__module__, Late.__qualname__ = CountedMoments.__module__, CountedMoments.__qualname__
    as_first()
    assert Late(memory=tmp_path / "cache").fit_transform([path])[0, 0] == 7
    as_first()
    assert CountedMoments(memory=tmp_path / "cache").fit_transform([path])[0, 0] == 1


def test_the_system_need_not_tell_the_working_folder(tmp_path, monkeypatch):
    def refuse():
        raise PermissionError(1, "Operation not permitted")  # as on macOS, below a folder that may not be read

    np.save(tmp_path / "a.npy", np.full((3, 3), 7.0))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.getcwd", refuse)
    for _ in range(2):
        assert CountedMoments(memory="cache").fit_transform(["a.npy"])[0, 0] == 7
    assert len(list(tmp_path.rglob("*.row"))) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="has no umask")
def test_those_who_share_a_cache_may_read_it(cohort, tmp_path):
    before = os.umask(0o027)
    try:
        CountedMoments(memory=tmp_path).fit_transform(cohort)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*.row")} == {0o640}


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_stopped(cohort_files, log, tmp_path):
    script = f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from counting import CountedMoments
        from radlearn import read_cohort
        X = read_cohort({str(cohort_files)!r})
        CountedMoments(log={str(log)!r}, memory={str(tmp_path / "cache")!r}, seconds=0.2).fit_transform(X)
    """
    run = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)])
    deadline = time.monotonic() + 60
    while len(list((tmp_path / "cache").rglob("*.row"))) < 5:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    run.kill()
    run.wait()
    kept = len(list((tmp_path / "cache").rglob("*.row")))
    before = counted(log)
    X = read_cohort(cohort_files)
    again = CountedMoments(log=str(log), memory=tmp_path / "cache", seconds=0.2)
    table = again.fit_transform(X)
    assert 5 <= kept < 12
    assert len(counted(log)[len(before) :]) == 12 - kept, "only what is missing is computed"
    np.testing.assert_array_equal(table, CountedMoments().fit_transform(X))


class Killed:
    """Three tasks are done when a worker is killed, as the system does where memory is used up."""

    def __init__(self, n_jobs):
        self.n_jobs = n_jobs

    def __call__(self, tasks):
        for _, (function, arguments, keywords) in zip(range(3), tasks, strict=False):
            function(*arguments, **keywords)
        raise BrokenExecutor("A worker was killed")


@pytest.mark.filterwarnings("ignore:`sklearn.utils.parallel.delayed`")
def test_a_killed_worker_is_told_with_what_is_left_and_what_to_do(cohort, tmp_path, monkeypatch):
    monkeypatch.setattr("radlearn.base.Parallel", Killed)
    with pytest.raises(BrokenExecutor, match="A worker was killed") as told:
        CountedMoments(n_jobs=2, memory=tmp_path).fit_transform(cohort)
    [note] = told.value.__notes__
    assert "while CountedMoments computed rows; fewer n_jobs need less memory; rows that were finished are kept" in note
    assert f"the first case without any is {cohort[3].id!r}" in note
    with pytest.raises(BrokenExecutor) as told:
        CountedMoments(n_jobs=2).fit_transform(cohort)
    assert "with memory= a folder, the rows of all other cases would be kept" in told.value.__notes__[0]


def test_a_case_too_large_for_the_memory_says_what_to_do(cohort):
    class Greedy(CountedMoments):
        def _row(self, volume):
            if volume.id == cohort[1].id:
                raise MemoryError
            return super()._row(volume)

    extractor = Greedy(on_error="nan")
    with pytest.warns(RadlearnWarning, match="1 of 12 cases failed"):
        extractor.fit_transform(cohort)
    [failure] = extractor.errors_.itertuples()
    assert failure.case == cohort[1].id
    assert failure.remedy.startswith("use fewer n_jobs or a machine with more memory, or crop the image")


# Inside scikit-learn ----------------------------------------------------------------------------------------------


def test_extractors_stand_side_by_side_in_a_feature_union(cohort):
    union = FeatureUnion([("a", CountedMoments()), ("b", make_pipeline(Shift(), CountedMoments()))])
    table = union.set_output(transform="pandas").fit_transform(cohort)
    assert table.columns.tolist() == ["a__mean", "a__std", "b__mean", "b__std"]
    assert isinstance(table, pd.DataFrame)


def test_a_pipeline_knows_its_feature_names(cohort):
    pipeline = make_pipeline(Shift(), CountedMoments(), StandardScaler()).fit(cohort)
    assert pipeline.get_feature_names_out().tolist() == ["mean", "std"]


@pytest.mark.parametrize(
    ("error", "X"), [(CohortError, np.ones((3, 4))), (MaskError, [(np.ones((2, 2)), np.zeros((2, 2)))])]
)
def test_errors_are_typed_through_a_pipeline(error, X):
    with pytest.raises(error):
        make_pipeline(Shift(), CountedMoments()).fit_transform(X)


@pytest.mark.parametrize("step", [Shift(), CountedMoments(), BlobCandidates()], ids=lambda step: type(step).__name__)
@pytest.mark.parametrize(
    "X", [(case for case in ()), zip([np.eye(3)], [np.eye(3)], strict=True)], ids=["generator", "zip"]
)
def test_what_can_be_read_only_once_is_refused(step, X):
    with pytest.raises(CohortError, match=r"which can be read only once; pass a list: list\(X\)"):
        clone(step).fit_transform(X)


def test_a_full_disk_is_left_without_halves_of_files(cohort, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.warns(RadlearnWarning, match="No space left on device.*results are used, but not kept"):
        CountedMoments(memory=tmp_path).fit_transform(cohort)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
