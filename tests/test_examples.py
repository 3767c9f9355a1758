"""Examples run by themselves and say what they found."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.slow
def test_feature_maps_are_measured_and_written(tmp_path):
    command = [sys.executable, EXAMPLES / "plot_feature_map.py", "--out", tmp_path]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "3 maps of" in printed
    for name in ("statistics_mean", "glcm_contrast", "glcm_joint_entropy"):
        assert name in printed
        assert {path.name.partition(".")[2] for path in tmp_path.glob(f"*_{name}.*")} == {"nii.gz", "png"}
