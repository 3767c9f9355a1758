"""Examples run by themselves and say what they found."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from radlearn.datasets import get_data_home, make_cohort
from radlearn.io import write_case

EXAMPLES = Path(__file__).parents[1] / "examples"


def printed_by(name, *options):
    """What an example prints."""
    command = [sys.executable, EXAMPLES / name, *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_feature_maps_are_measured_and_written(tmp_path):
    printed = printed_by("plot_feature_map.py", "--out", tmp_path)
    assert "3 maps of" in printed
    for name in ("statistics_mean", "glcm_contrast", "glcm_joint_entropy"):
        assert name in printed
        assert {path.name.partition(".")[2] for path in tmp_path.glob(f"*_{name}.*")} == {"nii.gz", "png"}


@pytest.mark.slow
def test_a_parameter_file_of_pyradiomics_gives_its_numbers():
    printed = printed_by("plot_from_pyradiomics.py")
    assert "features of 4 cases" in printed
    if difference := re.search(r"largest relative difference: (\S+)", printed):  # where PyRadiomics is installed
        assert float(difference[1]) < 1e-6


@pytest.mark.slow
def test_a_table_for_the_command_line_of_pyradiomics_is_measured(tmp_path):
    case = make_cohort("tumor", n_cases=1, ndim=3).X[0]
    write_case(tmp_path / "scan.nii.gz", case)
    (tmp_path / "cohort.csv").write_text("Image,Mask,Label\nscan.nii.gz,scan_mask.nii.gz,1")
    (tmp_path / "Params.yaml").write_text("featureClass: {firstorder: [Mean]}")
    options = ("--table", tmp_path / "cohort.csv", "--params", tmp_path / "Params.yaml")
    assert "1 features of 1 cases" in printed_by("plot_from_pyradiomics.py", *options)


@pytest.mark.slow
def test_stones_are_found_and_drawn(tmp_path):
    printed = printed_by("plot_detection.py", "--out", tmp_path)
    assert "500 candidates, 48 of them stones" in printed
    sensitivity = re.search(r"at 1 false positives per image: (\S+)", printed)
    assert float(sensitivity[1]) > 0.9
    assert (tmp_path / "detection.png").stat().st_size > 10_000


@pytest.mark.slow
def test_images_and_reports_together_tell_more_than_either():
    printed = printed_by("plot_report_text.py")
    images, reports, both = (float(auc) for auc in re.findall(r"AUC (\d\.\d+)", printed))
    assert both > max(images, reports)


@pytest.mark.slow
def test_masks_are_found_compared_and_drawn(tmp_path):
    printed = printed_by("plot_segmentation.py", "--out", tmp_path / "new" / "masks.png")
    dice = {line.split("  ")[0]: float(line.split("[")[0].split()[-1]) for line in printed.splitlines() if "[" in line}
    assert dice["watershed"] > 0.9 > dice["Otsu alone"]
    assert (tmp_path / "new" / "masks.png").stat().st_size > 10_000


@pytest.mark.slow
def test_the_reference_network_is_trained_tested_saved_and_read_back(tmp_path):
    pytest.importorskip("radlearn.keras", exc_type=ImportError)
    printed = printed_by("plot_reference_cnn.py", "--quick", "--out", tmp_path)
    assert float(re.search(r"AUC (\d\.\d+)", printed)[1]) > 0.7
    assert "probabilities differ by 0e+00" in printed
    assert re.findall(r"(\S+): .* weights, the same", printed) == ["model.keras", "model.h5"]
    assert {path.suffix for path in tmp_path.iterdir()} == {".npy", ".radlearn", ".keras", ".h5", ".png"}


@pytest.mark.slow
def test_a_network_goes_from_chests_to_breasts(tmp_path):
    pytest.importorskip("radlearn.keras", exc_type=ImportError)
    if not all((get_data_home() / name).is_dir() for name in ("busi", "medmnist")):
        pytest.skip("needs the sets busi and medmnist in the data home")
    printed = printed_by("plot_transfer.py", "--quick", "--out", tmp_path)
    assert float(re.search(r"accuracy (\d\.\d+)", printed)[1]) > 0.8
    assert "difference of the AUC" in printed
    assert {path.name for path in tmp_path.iterdir()} == {"pneumonia.radlearn", "transfer.png"}


@pytest.mark.slow
def test_a_unet_finds_what_a_threshold_misses(tmp_path):
    pytest.importorskip("radlearn.keras", exc_type=ImportError)
    printed = printed_by("plot_unet.py", "--out", tmp_path / "new" / "unet.png")
    dice = {name: float(re.search(rf"{name}: mean Dice (\d\.\d+)", printed)[1]) for name in ("U-Net", "threshold")}
    assert dice["U-Net"] > 0.8
    assert dice["threshold"] < 0.6
    assert (tmp_path / "new" / "unet.png").stat().st_size > 10_000


@pytest.mark.slow
def test_a_network_is_explained_and_misled(tmp_path):
    pytest.importorskip("radlearn.keras", exc_type=ImportError)
    printed = printed_by("plot_explanation.py", "--out", tmp_path)
    assert float(re.search(r"new patients: (\S+)", printed)[1]) > 0.9
    assert min(int(share) for share in re.findall(r"points at (\d+)%", printed)) > 50
    for attack in ("fgsm", "pgd"):
        clean, *_, worst = re.findall(r": (\d\.\d+)", re.search(rf"^{attack} .*", printed, re.MULTILINE)[0])
        assert float(worst) < 0.5 < float(clean)
    for name in ("grad-cam", "integrated_gradients", "occlusion"):
        assert (tmp_path / f"{name}.png").stat().st_size > 10_000
