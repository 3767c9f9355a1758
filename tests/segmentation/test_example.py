"""The example runs by itself."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "plot_segmentation.py"


@pytest.mark.slow
def test_the_example_prints_its_table_and_draws_its_picture(tmp_path):
    pytest.importorskip("matplotlib")
    command = [sys.executable, str(EXAMPLE), "--out", str(tmp_path / "masks.png")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    dice = {
        line.split("  ")[0]: float(line.split("[")[0].split()[-1]) for line in done.stdout.splitlines() if "[" in line
    }
    assert dice["watershed"] > 0.9 > dice["Otsu alone"]
    assert (tmp_path / "masks.png").stat().st_size > 10_000
