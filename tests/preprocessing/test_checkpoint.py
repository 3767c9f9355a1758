"""Checkpoint: what lies before it runs once."""

import json
import os
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from dicom_files import write_series
from radlearn import Case
from radlearn.base import CohortTransformer
from radlearn.exceptions import RadlearnWarning
from radlearn.preprocessing import Checkpoint


class Slow(CohortTransformer):
    """A step that counts how often it runs."""

    runs = 0

    def __init__(self, *, power=2, image_shape=None):
        self.power = power
        self.image_shape = image_shape

    def _transform_volume(self, volume):
        type(self).runs += 1
        return volume.but(image=volume.image**self.power)


@pytest.fixture(autouse=True)
def _count_anew():
    Slow.runs = 0


def load_all(cohort):
    return [case.load() for case in cohort]


def test_the_step_before_runs_once(cohort, tmp_path):
    pipeline = make_pipeline(Slow(), Checkpoint(memory=tmp_path))
    first = load_all(pipeline.fit_transform(cohort))
    again = load_all(pipeline.fit_transform(cohort))
    assert Slow.runs == len(cohort)
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.image, two.image)
        np.testing.assert_array_equal(one.mask, two.mask)
        assert (one.spacing, one.history, one.id, one.meta) == (two.spacing, two.history, two.id, two.meta)


def test_another_parameter_before_it_runs_anew(cohort, tmp_path):
    for power in (2, 3):
        load_all(make_pipeline(Slow(power=power), Checkpoint(memory=tmp_path)).fit_transform(cohort))
    assert Slow.runs == 2 * len(cohort)


def test_steps_behind_it_share_it(cohort, tmp_path):
    for _ in range(3):
        load_all(make_pipeline(Slow(), Checkpoint(memory=tmp_path), Slow(power=3)).fit_transform(cohort))
    assert Slow.runs == len(cohort) * (1 + 3)


def test_stored_volumes_are_mapped_read_only(cohort, tmp_path):
    pipeline = make_pipeline(Slow(), Checkpoint(memory=tmp_path))
    load_all(pipeline.fit_transform(cohort))
    volume = pipeline.transform(cohort)[0].load()
    assert isinstance(volume.image.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        volume.image[0] = 0


def test_more_volumes_may_be_kept_than_files_may_be_open(cohort, tmp_path):
    resource = pytest.importorskip("resource", reason="Windows has no such limit")
    stored = Checkpoint(memory=tmp_path).fit_transform(cohort)
    load_all(stored)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.dup(0)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + 8, limits[1]))
    try:
        kept = [case.load() for case in stored]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    for volume, case in zip(kept, cohort, strict=True):
        np.testing.assert_array_equal(volume.image, case.load().image)
        assert not volume.image.flags.writeable


def test_without_memory_nothing_is_stored(cohort):
    pipeline = make_pipeline(Slow(), Checkpoint())
    load_all(pipeline.fit_transform(cohort[:1]))
    load_all(pipeline.fit_transform(cohort[:1]))
    assert Slow.runs == 2


def test_both_masks_are_stored(cohort, tmp_path):
    class Resegment(CohortTransformer):
        def __init__(self, *, image_shape=None):
            self.image_shape = image_shape

        def _transform_volume(self, volume):
            return volume.but(intensity_mask=volume.mask & (volume.image > 140))

    pipeline = make_pipeline(Resegment(), Checkpoint(memory=tmp_path))
    first, again = (pipeline.fit_transform(cohort)[0].load() for _ in range(2))
    assert 0 < again.intensity_mask.sum() < again.mask.sum()
    np.testing.assert_array_equal(first.intensity_mask, again.intensity_mask)


@pytest.mark.parametrize("content", [b"no array", b"", b"\0" * 4096, b"\x93NUMPY\1\0\1\0{", b"null"])
@pytest.mark.parametrize("name", ["image.npy", "volume.json"])
def test_a_damaged_store_is_filled_again(cohort, tmp_path, name, content):
    pipeline = make_pipeline(Slow(), Checkpoint(memory=tmp_path))
    expected = pipeline.fit_transform(cohort)[0].load()
    for path in tmp_path.rglob(name):
        path.write_bytes(content)
    with pytest.warns(RadlearnWarning, match="damaged"):
        volume = pipeline.transform(cohort)[0].load()
    np.testing.assert_array_equal(volume.image, expected.image)
    assert len(list(tmp_path.rglob("volume.json"))) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pipeline.transform(cohort)[0].load().shape == expected.shape


def test_a_store_of_an_earlier_version_is_read(cohort, tmp_path):
    pipeline = make_pipeline(Slow(), Checkpoint(memory=tmp_path))
    expected = pipeline.fit_transform(cohort)[0].load()
    [path] = tmp_path.rglob("volume.json")
    fields = json.loads(path.read_text())
    assert set(fields.pop("arrays")) == {"image", "mask"}
    path.write_text(json.dumps(fields))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        volume = pipeline.transform(cohort)[0].load()
    np.testing.assert_array_equal(volume.mask, expected.mask)


@pytest.mark.parametrize("name", ["mask.npy", "image.npy", "volume.json"])
def test_a_store_that_lacks_a_file_is_filled_again(cohort, tmp_path, name):
    pipeline = make_pipeline(Slow(), Checkpoint(memory=tmp_path))
    expected = pipeline.fit_transform(cohort)[0].load()
    for path in tmp_path.rglob(name):
        path.unlink()
    with pytest.warns(RadlearnWarning, match="damaged"):
        volume = pipeline.transform(cohort)[0].load()
    np.testing.assert_array_equal(volume.mask, expected.mask)
    assert len(list(tmp_path.rglob(name))) == 1


def test_identity_is_not_stored(cohort, tmp_path):
    load_all(make_pipeline(Slow(), Checkpoint(memory=tmp_path)).fit_transform(cohort))
    stored = "".join(path.read_text() for path in tmp_path.rglob("volume.json"))
    assert cohort[0].id not in stored
    assert cohort[0].patient not in stored


def test_what_a_header_tells_is_the_same_from_the_store(tmp_path):
    folder = write_series(tmp_path / "ct", np.arange(64, dtype=np.int16).reshape(4, 4, 4), KVP=120)
    [case] = Checkpoint(memory=tmp_path / "store").fit_transform([Case(folder, meta={"site": "A"})])
    first, again = case.load().meta, case.load().meta
    assert dict(again) == dict(first)
    assert (again["kvp"], again["site"]) == (120, "A")


@pytest.mark.parametrize("name", ["file", "too long" * 40])
def test_a_store_that_cannot_be_reached_costs_only_the_store(tmp_path, name):
    (tmp_path / "file").touch()
    [case] = Checkpoint(memory=tmp_path / name).fit_transform([np.eye(3)])
    with pytest.warns(RadlearnWarning, match="cannot write to the cache .*results are used, but not kept"):
        assert case.load().shape == (3, 3)


def test_a_full_disk_is_told_once(tmp_path, monkeypatch):
    def full(_, array):  # as NumPy tells it
        raise OSError(f"{array.size} requested and 9 written")

    monkeypatch.setattr(np, "save", full)
    with pytest.warns(RadlearnWarning, match=r"cannot write to the cache .* \(is the disk full\?\)") as warned:
        load_all(Checkpoint(memory=tmp_path).fit_transform([np.eye(3), np.eye(4)]))
    assert len({str(warning.message) for warning in warned}) == 1
    assert not list(tmp_path.rglob("*tmp*"))


@pytest.mark.skipif(sys.platform == "win32", reason="keeps the working folder")
def test_a_working_folder_that_is_gone_costs_only_the_store(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    [case] = Checkpoint(memory="store").fit_transform([np.eye(3)])
    with pytest.warns(RadlearnWarning, match="cannot write to the cache"):
        assert case.load().shape == (3, 3)


def test_a_relative_folder_stays_where_it_was(cohort, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stored = Checkpoint(memory="store").fit_transform(cohort)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    stored[0].load()
    assert list((tmp_path / "store").rglob("image.npy"))


@pytest.mark.parametrize("change", [lambda path: np.save(path, np.zeros((3, 3))), Path.unlink])
def test_what_was_made_of_a_file_that_changed_meanwhile_is_not_stored(tmp_path, change):
    class Meanwhile(Slow):
        def _transform_volume(self, volume):
            change(tmp_path / "a.npy")
            return volume

    np.save(tmp_path / "a.npy", np.eye(3))
    os.utime(tmp_path / "a.npy", (1e9, 1e9))
    [case] = make_pipeline(Meanwhile(), Checkpoint(memory=tmp_path)).fit_transform([tmp_path / "a.npy"])
    np.testing.assert_array_equal(case.load().image, np.eye(3))
    assert not list(tmp_path.rglob("image.npy"))
