"""The comparison with the teams of IBSI 2's third phase, on scans as small as they can be."""

import sys
import zipfile
from pathlib import Path

import nibabel
import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
phase3 = pytest.importorskip("ibsi2_phase3", reason="needs pyyaml")

CONFIGURATIONS = """
common:
  boundary: mirror (half-sample symmetric)
  interpolation: {image_method: trilinear, mask_method: trilinear}
modalities:
  CT: {new_spacing_mm: [1, 1, 1], intensity_rounding: nearest integer, resegmentation_range: [-200, 4]}
  PET: {new_spacing_mm: [1, 1, 1], intensity_rounding: none, resegmentation_range: [0, inf]}
filters:
  '1': {filter: none}
  '2': {filter: mean, dimension: 3D, support_voxels: 3}
"""
MEDIANS = """patient,modality,filter_id,filter,tag,code,team_median,teams,teams_within_0p1_percent
A,CT,1,none,stat_max,84IY,4,8,8
A,CT,1,none,stat_mean,Q4LE,2.5,8,5
A,CT,2,mean,stat_max,84IY,7,8,4
A,PET,1,none,stat_max,84IY,5.6,9,9
B,CT,1,none,stat_max,84IY,4,8,8
"""
RAMP = np.ones((4, 3, 1)) * np.arange(6.0) + 0.4


@pytest.fixture
def folder(tmp_path):
    """A ramp along x as CT and PET of one patient, of which the mask leaves the last place out."""
    (tmp_path / "A").mkdir()
    inside = np.ones_like(RAMP)
    inside[:, :, 5] = 0
    for modality in ("CT", "PET"):
        for role, array in (("image", RAMP), ("mask", inside)):
            nibabel.Nifti1Image(array.T, np.eye(4)).to_filename(tmp_path / f"A/{modality}_{role}.nii.gz")
    (tmp_path / "configs.yaml").write_text(CONFIGURATIONS)
    (tmp_path / "medians.csv").write_text(MEDIANS)
    return tmp_path


def run(folder, images):
    files = {"configs": "configs.yaml", "reference": "medians.csv", "csv": "values.csv"}
    arguments = [part for name, file in files.items() for part in (f"--{name}", str(folder / file))]
    return phase3.main([*arguments, "--images", str(images)])


def test_values_stand_beside_the_medians_of_scans_that_are_there(folder, capsys):
    assert run(folder, folder) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 scans: A CT, A PET"
    assert [" ".join(line.split()) for line in lines[1:]] == [
        "1 none 3 statistics, teams agree on 3, radlearn with them on 1",
        "2 mean 1 statistics, teams agree on 0, radlearn with them on 0",
        "all 4 statistics, teams agree on 3, radlearn with them on 1",
    ]
    table = pd.read_csv(folder / "values.csv")
    # CT is rounded to 0, 1, ..., 4; PET stays at 0.4, 1.4, ..., 4.4.
    assert table["value"].tolist() == pytest.approx([4, 2, 4, 4.4])


def test_scans_may_lie_in_an_archive(folder, capsys):
    with zipfile.ZipFile(folder / "images.zip", "w") as archive:
        for path in (folder / "A").iterdir():
            archive.write(path, f"A/{path.name}")
    assert run(folder, folder / "images.zip") == 0
    assert "2 scans" in capsys.readouterr().out


def test_a_folder_without_these_scans_is_told(folder, tmp_path_factory, capsys):
    assert run(folder, tmp_path_factory.mktemp("empty")) == 1
    assert "no scan of" in capsys.readouterr().err
