"""Files that are written whole or not at all, whatever stands in their place."""

import os
import stat
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from nibabel.nifti1 import Nifti1Image

from radlearn import Volume
from radlearn.io import write_case, write_features
from radlearn.io.whole import whole_file


class Full:
    """A cell that cannot be written, as if the disk were full."""

    def __str__(self):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("before", [None, "the features of last year"])
def test_no_half_of_a_table_is_left(tmp_path, before):
    path = tmp_path / "features.csv"
    if before is not None:
        path.write_text(before)
    with pytest.raises(OSError, match=r"No space left on device: '.*features\.csv'"):
        write_features(path, pd.DataFrame({"volume": [1.5] * 1000 + [Full()]}, dtype=object))
    left = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert left == ({} if before is None else {"features.csv": before})


def test_no_half_of_an_image_is_left(tmp_path, monkeypatch):
    def stop(_, path):
        path.write_bytes(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(Nifti1Image, "to_filename", stop)
    with pytest.raises(KeyboardInterrupt):
        write_case(tmp_path / "scan.nii.gz", Volume(np.eye(3)))
    assert list(tmp_path.iterdir()) == []


def write(path, text="new"):
    with whole_file(path) as part:
        part.write_text(text)


def test_the_longest_names_are_written(tmp_path):
    write(tmp_path / ("n" * 251 + ".csv"))
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_keeps_its_permissions_and_a_new_one_gets_the_usual_ones(tmp_path):
    (tmp_path / "shared.csv").touch()
    (tmp_path / "shared.csv").chmod(0o664)
    (tmp_path / "plain.csv").touch()
    write(tmp_path / "shared.csv")
    write(tmp_path / "new.csv")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes["new.csv"] == modes["plain.csv"]
    assert modes["shared.csv"] == (0o666 if os.name == "nt" else 0o664)


def test_nothing_is_made_in_a_folder_that_is_closed_to_others(tmp_path):
    # On Windows, what lies in a folder of tempfile keeps its permissions, even after it has been moved.
    (tmp_path / "plain").mkdir()
    with whole_file(tmp_path / "new.csv") as part:
        assert part.parent.stat().st_mode == (tmp_path / "plain").stat().st_mode
        part.touch()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.csv", "plain"]


@pytest.mark.skipif(os.name == "nt", reason="has no such links")
def test_a_link_stays_one(tmp_path):
    (tmp_path / "results").mkdir()
    link = tmp_path / "features.csv"
    link.symlink_to(tmp_path / "results" / "features.csv")
    for text in ("first", "second"):
        write(link, text)
        assert link.is_symlink()
        assert (tmp_path / "results" / "features.csv").read_text() == text


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this platform")
def test_a_pipe_is_written_to(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    writer = threading.Thread(target=write, args=[tmp_path / "pipe.csv"])
    writer.start()
    assert (tmp_path / "pipe.csv").read_text() == "new"
    writer.join()


def test_a_file_may_be_written_in_a_folder_that_may_not(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", "hidden")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(PermissionError, match=r"features\.csv"):
        write(tmp_path / "features.csv")
    (tmp_path / "features.csv").touch()
    write(tmp_path / "features.csv")
    assert (tmp_path / "features.csv").read_text() == "new"


@pytest.mark.parametrize("missing", ["shutil.copymode", "pathlib.Path.replace"])
def test_a_file_system_need_not_know_permissions_or_rename(tmp_path, monkeypatch, missing):
    def unknown(*_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(missing, unknown)
    for text in ("first", "second"):
        write(tmp_path / "features.csv", text)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"features.csv": "second"}


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"features\.csv"):
        write(tmp_path / "none" / "features.csv")
