"""Options of the benchmarks: what makes no sense is told before hours of work."""

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
deep = pytest.importorskip("deep")
engine = pytest.importorskip("engine", reason="needs matplotlib")
filters = pytest.importorskip("filters")
maps = pytest.importorskip("maps")


@pytest.mark.parametrize(
    ("module", "arguments", "message"),
    [
        (engine, ["--cases", "nowhere"], "there is no folder nowhere"),
        (engine, ["--only", "cases"], "--only cases needs --cases"),
        (engine, ["--peer", "pyradiomics=nowhere/python"], "there is no interpreter 'nowhere/python'"),
        (engine, ["--peer", "nobody=python"], "expected NAME=PYTHON"),
        (engine, ["--csv", "nowhere/file.csv"], "there is no folder nowhere"),
        (engine, ["--plot", "nowhere/file.png"], "there is no folder nowhere"),
        (engine, ["--rounds", "0"], "--rounds must be at least 1, got 0"),
        (deep, ["--models", "tree"], "invalid choice: 'tree'"),
        (deep, ["--folds", "0"], "--folds must be at least 1, got 0"),
        (maps, ["--peer", "nowhere/python"], "there is no interpreter 'nowhere/python'"),
        (maps, ["--csv", "nowhere/file.csv"], "there is no folder nowhere"),
        (maps, ["--voxels", "0"], "--voxels must be at least 1, got 0"),
        (filters, ["--peer", "nowhere/python"], "there is no interpreter 'nowhere/python'"),
        (filters, ["--rounds", "0"], "--rounds must be at least 1, got 0"),
    ],
)
def test_options_that_make_no_sense_are_refused(module, arguments, message, capsys):
    with pytest.raises(SystemExit):
        module.parsed(arguments)
    assert message in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("name", ["attack", "deep_segmentation", "detection", "fuzz", "lesion_masks", "segmentation"])
def test_a_folder_for_the_numbers_that_is_not_there_is_told_first(name):
    if name in ("attack", "deep_segmentation"):
        pytest.importorskip("radlearn.keras", exc_type=ImportError)
    command = [sys.executable, BENCHMARKS / f"{name}.py", "--csv", "nowhere/file.csv"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1] == "nowhere/file.csv cannot be written: there is no folder nowhere"


def test_a_run_without_numbers_writes_a_table_without_rows(tmp_path):
    engine.Results().write(tmp_path / "none.csv")
    assert (tmp_path / "none.csv").read_text().strip() == "what,families,case,voxels,engine,value"


def test_the_picture_names_its_engines_also_where_one_part_is_empty(tmp_path):
    results = engine.Results()
    results.add("growth", "common", "25", 15_625, "radlearn", 0.1)
    engine.plot(results, tmp_path / "times.svg")
    cases, noise = engine.plt.gcf().axes
    engine.plt.close()
    assert cases.get_legend() is None
    assert [text.get_text() for text in noise.get_legend().texts] == ["radlearn"]


def test_an_engine_has_one_color_in_both_parts_of_the_picture(tmp_path):
    results = engine.Results()
    for what, names in (("arrays", ("radlearn", "pyradiomics", "fastrad")), ("growth", ("radlearn", "fastrad"))):
        for name in names:
            results.add(what, "common", "case", 100, name, 0.1)
    engine.plot(results, tmp_path / "times.svg")
    assert (tmp_path / "times.svg").stat().st_size > 0
    cases, noise = ({line.get_label(): line for line in ax.lines} for ax in engine.plt.gcf().axes)
    engine.plt.close()
    assert list(cases) == ["radlearn", "pyradiomics", "fastrad"]
    assert {name: (cases[name].get_color(), cases[name].get_marker()) for name in noise} == {
        name: (line.get_color(), line.get_marker()) for name, line in noise.items()
    }
