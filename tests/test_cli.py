"""The command `radlearn extract`: a table of PyRadiomics in, its columns out."""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radlearn.cli import main
from radlearn.exceptions import RadlearnWarning
from radlearn.radiomics._pyradiomics import extraction


@pytest.fixture
def table(tmp_path):
    """Two cases as npy files; the second has label 2."""
    rng = np.random.default_rng(0)
    (tmp_path / "files").mkdir()
    for number in (1, 2):
        mask = np.zeros((4, 6, 7), np.uint8)
        mask[1:3, 1:5, 2:6] = number
        np.save(tmp_path / f"files/image{number}.npy", rng.integers(0, 200, mask.shape).astype(np.int16))
        np.save(tmp_path / f"files/mask{number}.npy", mask)
    path = tmp_path / "cohort.csv"
    path.write_text(
        "ID,Image,Mask,Label,Site\n007,files/image1.npy,files/mask1.npy,,A\n8,files/image2.npy,files/mask2.npy,2,B\n"
    )
    return path


def test_features_stand_behind_the_columns_of_the_table(table, capsys):
    params = table.with_name("params.yaml")
    params.write_text("featureClass: {firstorder: [Mean, Maximum]}")
    out = table.with_name("features.csv")
    assert main(["extract", str(table), "--params", str(params), "--out", str(out)]) == 0
    found = pd.read_csv(out, dtype={"ID": str})
    features = ["original_firstorder_Mean", "original_firstorder_Maximum"]
    assert list(found) == ["ID", "Image", "Mask", "Label", "Site", *features]
    assert list(found.ID) == ["007", "8"]
    assert found[features].notna().all(axis=None)
    assert "2 of 2 cases extracted" in capsys.readouterr().err


def test_a_failing_case_has_empty_features_and_a_reason(table, capsys):
    out = table.with_name("features.csv")
    table.write_text(table.read_text().replace("mask2.npy,2", "mask2.npy,5").replace("image1", "image9"))
    table.write_text(table.read_text() + "9,files/image1.npy,files/mask1.npy,1,C\n")
    assert main(["extract", str(table), "--out", str(out)]) == 1
    found = pd.read_csv(out)
    assert found["original_shape_MeshVolume"].notna().tolist() == [False, False, True]
    messages = capsys.readouterr().err.splitlines()
    assert "row 2" in messages[0]
    assert "image9.npy" in messages[0]
    assert "does not have the label 5" in messages[1]
    assert messages[-1] == "1 of 3 cases extracted"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mask1.npy,", "mask1.npy,two", "Label must be a whole number above 0, got 'two'"),
        ("mask1.npy,", "mask1.npy,1.5", "Label must be a whole number above 0, got '1.5'"),
        ("mask1.npy,", "mask1.npy,0", "Label must be a whole number above 0, got '0'"),
        ("Site", "Label_channel", "Label_channel must be 0, got 'A'"),
        ("files/image1.npy", "", "Image is empty; name a file, or leave the row out"),
        ("files/mask1.npy", " ", "Mask is empty; name a file, or leave the row out"),
    ],
)
def test_a_row_that_makes_no_sense_keeps_no_other_from_being_measured(table, capsys, old, new, message):
    table.write_text(table.read_text().replace(old, new).replace(",B", ",0"))
    out = table.with_name("features.csv")
    assert main(["extract", str(table), "--out", str(out)]) == 1
    assert pd.read_csv(out)["original_glcm_Contrast"].notna().tolist() == [False, True]
    assert f"row 2: CohortError: {message}" in capsys.readouterr().err


def test_a_label_may_have_been_saved_as_a_number_with_a_point(table):
    table.write_text(table.read_text().replace("mask2.npy,2", "mask2.npy,2.0"))
    assert main(["extract", str(table)]) == 0


@pytest.mark.parametrize("name", ["label", "LABEL"])
def test_a_column_that_is_nearly_called_label_is_told(table, name):
    table.write_text(table.read_text().replace("Label", name).replace("mask2.npy,2", "mask1.npy,2"))
    with pytest.warns(RadlearnWarning, match=f"the column '{name}' .* is only copied: .* stand in 'Label'"):
        assert main(["extract", str(table)]) == 0


def test_without_a_file_the_table_goes_to_standard_output(table, capsys):
    assert main(["extract", str(table)]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.count(",") == 5 + 107 - 1
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Mask", "Segmentation", "no column 'Mask'"),
        ("ID,Image", "ID;Image", "its columns are ID;Image"),
        ("8,files", "8,9,files", "row 3 of the table"),
        ("Label,Site", "Label,Mask", "has two columns 'Mask'"),
        ("Site", "original_glcm_Contrast", "has a column 'original_glcm_Contrast', which is the name of a feature"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(table, capsys, old, new, message):
    table.write_text(table.read_text().replace(old, new))
    assert main(["extract", str(table)]) == 2
    assert message in capsys.readouterr().err


def test_a_stopped_run_is_taken_up(table, monkeypatch):
    arguments = ["extract", str(table), "--memory", str(table.with_name("rows")), "--out"]
    assert main([*arguments, str(table.with_name("first.csv"))]) == 0
    monkeypatch.setattr(extraction, "features_of", None)
    assert main([*arguments, str(table.with_name("second.csv"))]) == 0
    assert table.with_name("second.csv").read_text() == table.with_name("first.csv").read_text()


def test_the_folder_of_the_features_is_made(table):
    out = table.with_name("new") / "folder" / "features.csv"
    assert main(["extract", str(table), "--out", str(out)]) == 0
    assert out.is_file()


def test_a_missing_table_is_told(capsys):
    assert main(["extract", "nowhere.csv"]) == 2
    assert "there is no table 'nowhere.csv'; check the path" in capsys.readouterr().err


def test_bad_parameters_are_refused(table, capsys):
    assert main(["extract", str(table), "--params", "missing.yaml"]) == 2
    assert "'missing.yaml' does not exist" in capsys.readouterr().err


def test_another_format_is_refused_before_anything_is_computed(table, capsys):
    assert main(["extract", str(table), "--out", str(table.with_name("features.xlsx"))]) == 2
    assert "path must end with '.csv', '.parquet' or '.pq'" in capsys.readouterr().err


def test_a_missing_package_is_told_before_anything_is_computed(table, capsys, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr(extraction, "features_of", stop)
    assert main(["extract", str(table), "--out", str(table.with_name("features.parquet"))]) == 2
    assert 'needs pyarrow; install radlearn with the extra "parquet"' in capsys.readouterr().err


def test_too_many_cells_in_all_rows_are_no_index(table, capsys):
    table.write_text(table.read_text().replace(",A", ",A,x").replace(",B", ",B,x"))
    assert main(["extract", str(table)]) == 2
    assert "row 2 of the table" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_blanks_and_blank_lines_do_not_matter(table, capsys, delimiter, encoding):
    text = table.read_text().replace(",", f" {delimiter} ").replace("\n8", "\n\n8")
    table.write_text(text.replace("image2", "image9"), encoding=encoding)
    out = table.with_name("features.csv")
    assert main(["extract", str(table), "--out", str(out)]) == 1
    found = pd.read_csv(out)
    assert list(found)[:5] == ["ID", "Image", "Mask", "Label", "Site"]
    assert found["original_glcm_Contrast"].notna().tolist() == [True, False]
    assert "row 4: " in capsys.readouterr().err


def test_no_name_of_a_file_commands_the_terminal(table, capsys):
    named = table.read_text().replace("image2", "\x1b]0;title\x07\x1b[2J\x9b2Jimage2")
    table.write_text(named, encoding="utf-8")
    assert main(["extract", str(table), "--out", str(table.with_name("features.csv"))]) == 1
    assert "]0;title[2J2Jimage2.npy': there is no such file" in capsys.readouterr().err


def test_a_table_in_another_encoding_is_refused(table, capsys):
    table.write_text(table.read_text(), encoding="utf-16")
    assert main(["extract", str(table)]) == 2
    assert "save it as CSV in UTF-8" in capsys.readouterr().err


def test_a_folder_in_the_place_of_the_file_is_told_before_anything_is_computed(table, capsys, monkeypatch):
    monkeypatch.setattr(extraction, "features_of", None)
    out = table.with_name("features.csv")
    out.mkdir()
    assert main(["extract", str(table), "--out", str(out)]) == 2
    assert "is a folder; name a file" in capsys.readouterr().err


def test_the_table_of_the_cases_is_not_written_over(table, capsys):
    before = table.read_text()
    assert main(["extract", str(table), "--out", str(table.parent / "files" / ".." / table.name)]) == 2
    assert "is the table of the cases; name another file" in capsys.readouterr().err
    assert table.read_text() == before


def test_a_stopped_run_says_where_its_rows_are(table, capsys, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(extraction, "features_of", stop)
    assert main(["extract", str(table), "--memory", str(table.with_name("rows"))]) == 130
    assert "stopped; what was computed is kept in" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
def test_a_terminated_run_ends_as_one_that_was_stopped(table, capsys, monkeypatch):
    def terminate(*_):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(extraction, "features_of", terminate)
    assert main(["extract", str(table), "--memory", str(table.with_name("rows"))]) == 130
    assert "stopped; what was computed is kept in" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
def test_a_handler_that_is_not_one_of_python_stays(table, monkeypatch):
    monkeypatch.setattr(signal, "getsignal", lambda _: None)
    monkeypatch.setattr(signal, "signal", None)
    assert main(["extract", str(table), "--out", str(table.with_name("features.csv"))]) == 0


def test_a_table_that_cannot_be_read_leaves_no_output_and_keeps_an_old_one(table):
    new, old = table.with_name("new.csv"), table.with_name("old.csv")
    old.write_text("kept")
    for out in (new, old):
        assert main(["extract", "nowhere.csv", "--out", str(out)]) == 2
    assert not new.exists()
    assert old.read_text() == "kept"


def test_names_in_any_script_go_to_standard_output(table):
    table.write_text(table.read_text().replace("Site", "病院"), encoding="utf-8")
    command = [sys.executable, "-m", "radlearn", "extract", str(table)]
    done = subprocess.run(command, env=os.environ | {"PYTHONIOENCODING": "ascii"}, capture_output=True, check=True)
    assert done.stdout.decode("utf-8").startswith('"ID","Image","Mask","Label","病院"')


@pytest.mark.skipif(sys.platform == "win32", reason="has no such pipes")
@pytest.mark.parametrize("command", ["extract", "warmup"])
def test_a_reader_that_has_seen_enough_gets_no_error(command, table):
    arguments = [command, str(table)] if command == "extract" else [command]
    quick = (
        "import radlearn.radiomics; from radlearn.radiomics._warm_up import WarmUp; "
        "radlearn.radiomics.warm_up = lambda: WarmUp(3, 0, 'folder')"
    )
    script = f"{quick}; from radlearn.cli import main; import sys; sys.exit(main({arguments}))"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        run.stdout.close()
        told = run.stderr.read().decode()
        assert run.wait() == 1
    assert "Broken pipe" not in told
    assert "Traceback" not in told


@pytest.mark.parametrize("memory", [[], ["--memory", "rows"]])
def test_a_full_disk_at_the_end_is_told_with_what_is_kept(table, capsys, monkeypatch, memory):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.chdir(table.parent)
    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    assert main(["extract", str(table), "--out", "features.csv", *memory]) == 2
    kept = "what was computed is kept in rows" if memory else "nothing is kept without --memory"
    assert f"features.csv'; {kept}\n" in capsys.readouterr().err
    assert not Path("features.csv").exists()


def test_a_file_that_a_spreadsheet_has_open_is_told_before_anything_is_computed(table, capsys, monkeypatch):
    monkeypatch.setattr(extraction, "features_of", None)
    out = table.with_name("features.csv")
    out.write_text("of last year")
    really_open = Path.open

    def refuse(path, mode="r", **options):  # as Windows does
        if path == out and mode != "r":
            raise PermissionError(13, "Permission denied", str(path))
        return really_open(path, mode, **options)

    monkeypatch.setattr(Path, "open", refuse)
    assert main(["extract", str(table), "--out", str(out)]) == 2
    assert re.search(r"features\.csv' cannot be written \(Permission denied\); close it", capsys.readouterr().err)
    assert out.read_text() == "of last year"


def test_without_standard_error_nothing_but_the_table_is_written(table, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    table.write_text(table.read_text().replace("image2", "image9"))
    assert main(["extract", str(table)]) == 1
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.startswith('"ID"')
    assert len(rows) == 2


def test_nobody_has_to_read_standard_error(table, monkeypatch):
    out = table.with_name("features.csv")
    with Path(os.devnull).open() as unwritable:  # as a terminal that is gone
        monkeypatch.setattr(sys, "stderr", unwritable)
        assert main(["extract", str(table), "--out", str(out)]) == 0
    assert len(pd.read_csv(out)) == 2


def test_without_standard_output_a_file_is_asked_for(table, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["extract", str(table)]) == 2
    assert "standard output is closed; name a file with --out" in capsys.readouterr().err


def test_a_killed_worker_is_told_without_a_traceback(table, capsys, monkeypatch):
    def stop(*_, **__):
        error = BrokenExecutor("A worker was killed")
        error.add_note("fewer n_jobs need less memory")
        raise error

    monkeypatch.setattr("radlearn.radiomics.extract_table", stop)
    assert main(["extract", str(table), "--n-jobs", "2"]) == 1
    assert capsys.readouterr().err == "radlearn extract: A worker was killed\nfewer n_jobs need less memory\n"
