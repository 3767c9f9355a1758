"""Finding, checking and downloading public sets, with a data home made here."""

import hashlib
import io
import os
import shutil
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pooch
import pytest
from PIL import Image

from radlearn.datasets import fetch, fetching, get_data_home
from radlearn.datasets.fetching import SETS
from radlearn.exceptions import CohortError


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def png(array):
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A data home with a small set in the form of BUSI, whose sums are registered."""
    folder = tmp_path / "busi"
    folder.mkdir()
    rng = np.random.default_rng(0)
    rows = []
    with zipfile.ZipFile(folder / "images.zip", "w") as archive:
        for number, label in enumerate(["benign", "malignant", "normal"] * 3):
            archive.writestr(f"{label}_{number}.png", png(rng.integers(0, 255, (8, 10), np.uint8)))
            archive.writestr(f"{label}_{number}_mask.png", png(np.tri(8, 10, dtype=np.uint8) * 255))
            mask = "" if label == "normal" else f"{label}_{number}_mask.png"
            rows.append((f"{label}_{number}.png", mask, label, number // 2, 10, 8, 30, 16, 1, number % 3))
    columns = ["file", "mask", "label", "group", "width", "height", "orig_width", "orig_height", "n_masks", "fold"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "manifest.csv", index=False)
    sums = {name: sha256(folder / name) for name in ("manifest.csv", "images.zip")}
    monkeypatch.setitem(SETS, "busi", replace(SETS["busi"], sha256=sums))
    return tmp_path


def test_a_user_without_a_home_folder_is_asked_for_one(monkeypatch):
    def unknown(_):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("RADLEARN_DATA", raising=False)
    monkeypatch.setattr(fetching.Path, "expanduser", unknown)
    with pytest.raises(CohortError, match="no home folder; set RADLEARN_DATA or data_home= to a folder"):
        get_data_home()


def test_lesions_come_with_masks_and_without_normal_images(home):
    data = fetch("busi", data_home=home)
    assert set(data.y) == {"benign", "malignant"}
    assert len(data.X) == len(data.folds) == 6
    assert np.array_equal(data.X[0].load().mask, np.tri(8, 10))


def test_the_spacing_counts_original_pixels(home):
    assert fetch("busi", data_home=home).X[0].load().spacing == (2.0, 3.0)


def test_another_task_has_three_classes_and_no_masks(home):
    data = fetch("busi", task="three_class", data_home=home)
    assert set(data.y) == {"benign", "malignant", "normal"}
    assert all(case.mask is None for case in data.X)


def test_groups_are_the_patients_of_the_cohort(home):
    data = fetch("busi", data_home=home)
    np.testing.assert_array_equal(data.groups, data.X.patients)


def test_the_description_has_source_license_citation_and_pitfalls(home):
    description = fetch("busi", data_home=home).description
    for words in ("github.com/yirutsai", "CC BY 4.0", "Data in Brief", "near duplicates", "Not for clinical use"):
        assert words in description


def test_a_changed_file_is_refused_with_both_sums(home):
    published = SETS["busi"].sha256["manifest.csv"]
    path = home / "busi" / "manifest.csv"
    path.write_text(path.read_text() + "\n")
    with pytest.raises(CohortError) as caught:
        fetch("busi", data_home=home)
    assert all(words in str(caught.value) for words in (str(path), sha256(path), published, "read_cohort"))


def test_a_file_changed_after_the_first_look_is_noticed(home):
    fetch("busi", data_home=home)
    path = home / "busi" / "images.zip"
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(1, 1))
    with pytest.raises(CohortError, match="not the published file"):
        fetch("busi", data_home=home)


@pytest.mark.parametrize("name", [name for name in SETS if name != "medmnist"])
def test_an_absent_set_says_what_to_get_from_where_under_which_license(tmp_path, name):
    with pytest.raises(CohortError) as caught:
        fetch(name, data_home=tmp_path)
    message = str(caught.value)
    for words in (name, str(tmp_path), "images.zip", SETS[name].license, SETS[name].source, "RADLEARN_DATA"):
        assert words in message


def test_a_set_that_lacks_one_file_names_it(home):
    (home / "busi" / "images.zip").unlink()
    with pytest.raises(CohortError, match=r"lacks images\.zip;"):
        fetch("busi", data_home=home)


def test_an_unknown_set_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'busi'"):
        fetch("busy")


def test_an_unknown_task_is_refused(home):
    with pytest.raises(ValueError, match="task must be one of 'lesion', 'three_class'"):
        fetch("busi", task="stage", data_home=home)


def test_the_data_home_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("RADLEARN_DATA", str(tmp_path))
    assert get_data_home() == tmp_path
    monkeypatch.delenv("RADLEARN_DATA")
    assert get_data_home().name == "radlearn_data"


def write_medmnist(path):
    arrays = {}
    for split, n in (("train", 4), ("val", 2), ("test", 3)):
        arrays[f"{split}_images"] = np.arange(n * 4, dtype=np.uint8).reshape(n, 2, 2)
        arrays[f"{split}_labels"] = (np.arange(n) % 2).astype(np.uint8)[:, np.newaxis]
    np.savez_compressed(path, **arrays)


def test_medmnist_is_downloaded_with_its_official_checksum(tmp_path, monkeypatch):
    calls = []

    def retrieve(url, known_hash, fname, path, **_):
        calls.append((url, known_hash))
        path.mkdir(parents=True)
        write_medmnist(path / fname)

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    data = fetch("medmnist", task="breast", data_home=tmp_path)
    assert calls == [
        ("https://zenodo.org/records/10519652/files/breastmnist.npz?download=1", "md5:750601b1f35ba3300ea97c75c52ff8f6")
    ]
    assert data.y.tolist() == ["malignant", "benign_or_normal"] * 3
    assert data.folds.tolist() == [-1, -1, -1, -1, 0, 0]
    np.testing.assert_array_equal(data.X[5].load().image, [[4, 5], [6, 7]])


def test_what_is_downloaded_may_be_read_by_all_whom_the_umask_allows(tmp_path, monkeypatch):
    original = tmp_path / "original.npz"
    write_medmnist(original)
    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", lambda self, url, path, _: shutil.copyfile(original, path))
    breast = SETS["medmnist"].tasks["breast"]
    known = replace(breast.download, md5=hashlib.md5(original.read_bytes(), usedforsecurity=False).hexdigest())
    record = replace(SETS["medmnist"], tasks={"breast": replace(breast, download=known)})
    monkeypatch.setitem(SETS, "medmnist", record)
    fetch("medmnist", data_home=tmp_path)
    assert (tmp_path / "medmnist" / "breastmnist.npz").stat().st_mode == original.stat().st_mode


def test_a_failed_download_says_what_to_do(tmp_path, monkeypatch):
    def retrieve(*args, **kwargs):
        raise ConnectionError("no route")

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    with pytest.raises(CohortError, match=r"(?s)zenodo\.org.*no route.*by hand.*md5 28209eda") as caught:
        fetch("medmnist", data_home=tmp_path)
    assert isinstance(caught.value.__cause__, ConnectionError)


def test_every_task_needs_files_whose_sums_are_known():
    for record in SETS.values():
        for task in record.tasks.values():
            assert set(task.files) <= set(record.sha256)
        assert all(len(digest) == 64 for digest in record.sha256.values())


def test_the_docstring_lists_every_set_and_task():
    for record in fetching.SETS.values():
        assert all(word in fetch.__doc__ for word in (f"``{record.name}``", *record.tasks))
