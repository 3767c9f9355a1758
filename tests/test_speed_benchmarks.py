"""Options of the comparisons of speed: what makes no sense is told before hours of work."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
engine = pytest.importorskip("engine", reason="needs matplotlib")
filters = pytest.importorskip("filters")
maps = pytest.importorskip("maps")


@pytest.mark.parametrize(
    ("module", "arguments", "message"),
    [
        (engine, ["--cases", "nowhere"], "there is no folder nowhere"),
        (engine, ["--peer", "pyradiomics=nowhere/python"], "there is no interpreter 'nowhere/python'"),
        (engine, ["--peer", "nobody=python"], "expected NAME=PYTHON"),
        (engine, ["--csv", "nowhere/file.csv"], "there is no folder nowhere"),
        (engine, ["--plot", "nowhere/file.png"], "there is no folder nowhere"),
        (engine, ["--rounds", "0"], "--rounds must be at least 1, got 0"),
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


def test_a_run_without_numbers_writes_a_table_without_rows(tmp_path):
    engine.Results().write(tmp_path / "none.csv")
    assert (tmp_path / "none.csv").read_text().strip() == "what,families,case,voxels,engine,value"
