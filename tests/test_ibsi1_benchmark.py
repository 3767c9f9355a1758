"""The comparison with IBSI's reference values, on files as small as they can be."""

import csv
import re
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest

from radlearn import Case
from radlearn.radiomics import RadiomicsFeatures

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
ibsi1 = pytest.importorskip("ibsi1", reason="needs pyyaml")

# The smallest region is all of the smallest image.
pytestmark = pytest.mark.filterwarnings("ignore:.*covers the whole image")

CONFIGURATIONS = """
configurations:
  digital_phantom:
    resegmentation: {range: null, outlier_sigma: null}
    discretisation_texture_and_ih: {method: none}
    glcm_glrlm_aggregations: [3D_merged]
    other_texture_aggregations: [2D, 3D]
  ramp:
    interpolation: {apply: true, new_spacing_mm: [2, 2, unchanged], image_method: bilinear, mask_method: bilinear,
      intensity_rounding: nearest integer}
    resegmentation: {range: [null, 20], outlier_sigma: 3}
    discretisation_texture_and_ih: {method: FBS, bin_width: 2, lowest_bin_edge: -2}
    discretisation_ivh: {method: FBN, bins: 100}
    other_texture_aggregations: [2.5D]
    texture: {glcm_distance: 2, glcm_symmetric: false, ngldm_coarseness_alpha: 1, distance_norm: Manhattan,
      distance_weighting: gaussian}
"""
COLUMNS = "data_set,family,feature,code,parameter_code,tag,aggregation,value,tolerance"
MESH_VOLUME = "digital_phantom,morphology,Volume (mesh),RNU0,,morph_volume,3D_volume,556,4"
ZONES = "digital_phantom,size zones,Zone percentage,P30P,,szm_z_perc,2D,0.24,0"
MEAN = "ramp,statistics,Mean intensity,Q4LE,,stat_mean,3D_volume,8,0"


@pytest.fixture
def arguments(tmp_path):
    """Options that run both configurations, but for the reference."""
    ramp = np.arange(18.0).reshape(1, 3, 6) * np.ones((4, 1, 1))
    for name, array in (("image", ramp), ("mask", np.ones_like(ramp))):
        nibabel.Nifti1Image(array.T, np.eye(4)).to_filename(tmp_path / f"{name}.nii")
    (tmp_path / "configs.yaml").write_text(CONFIGURATIONS)
    files = {"configs": "configs.yaml", "reference": "reference.csv", "image": "image.nii", "mask": "mask.nii"}
    return [part for name, file in files.items() for part in (f"--{name}", str(tmp_path / file))]


def run(tmp_path, arguments, *rows):
    (tmp_path / "reference.csv").write_text("\n".join([COLUMNS, *rows]))
    return ibsi1.main(arguments)


def test_values_that_agree_pass(tmp_path, arguments, capsys):
    assert run(tmp_path, arguments, MESH_VOLUME, ZONES, MEAN) == 0
    printed = capsys.readouterr().out
    assert "3 of 3 passed" in printed
    assert "MISS" not in printed


def test_a_value_beyond_its_tolerance_is_a_miss(tmp_path, arguments, capsys):
    assert run(tmp_path, arguments, MESH_VOLUME.replace("556,4", "600,4"), ZONES) == 1
    assert "MISS digital_phantom morphology: Volume (mesh) 3D_volume: 556" in capsys.readouterr().out


def test_an_aggregation_that_is_not_configured_is_a_miss(tmp_path, arguments):
    assert run(tmp_path, arguments, ZONES.replace("2D", "2.5D")) == 1


def test_diagnostics_are_compared_and_values_written(tmp_path, arguments, capsys):
    (tmp_path / "diagnostics.csv").write_text(
        "data_set,stage,diagnostic,tag,value,tolerance\n"
        "ramp,initial image,Image dimension x,img_dim_x_init_img,6,0\n"
        "ramp,interpolated image,Image dimension y,img_dim_y_interp_img,2,0\n"
        "ramp,interpolated image,Voxel dimension z,vox_dim_z_interp_img,1,0\n"
        "ramp,resegmented ROI,Int. mask voxel count,int_mask_vox_count_reseg_roi,24,0\n"
    )
    more = ["--diagnostics", str(tmp_path / "diagnostics.csv"), "--values", str(tmp_path / "values.csv")]
    assert run(tmp_path, [*arguments, *more], MEAN) == 0, capsys.readouterr().out
    written = list(csv.DictReader((tmp_path / "values.csv").read_text("utf-8").splitlines()))
    assert [row["family"] for row in written] == ["statistics", *["diagnostics"] * 4]
    assert all(row["passed"] == "True" for row in written)


def test_a_configuration_without_image_is_refused(tmp_path, arguments):
    with pytest.raises(SystemExit, match="ramp need --image and --mask"):
        run(tmp_path, arguments[:4], MEAN)


@pytest.mark.parametrize(
    ("histogram", "fraction"),
    [
        ("{method: none}", 0.889),
        ("{method: none, range: [0, 200], interval: 1}", 0),
        ("{method: none, range: [-100, null], interval: 1}", 1),
        ("{method: FBS, bin_width: 1, lowest_bin_edge: -200.5}", 1),
    ],
)
def test_the_volume_histogram_has_the_range_of_the_configuration(tmp_path, arguments, histogram, fraction):
    configurations = tmp_path / "configs.yaml"
    text = CONFIGURATIONS.replace("apply: true", "apply: false").replace("range: [null, 20]", "range: null")
    configurations.write_text(text.replace("{method: FBN, bins: 100}", histogram))
    row = "ramp,intensity-volume histogram,Volume fraction at 10% intensity,BC2M,NK6P,ivh_v10,3D_volume"
    assert run(tmp_path, arguments, f"{row},{fraction},0.01") == 0


def test_a_configuration_that_cannot_be_computed_misses_all_and_the_others_run(tmp_path, arguments, capsys):
    configurations = tmp_path / "configs.yaml"
    for old, new, message in [
        ("method: FBS", "method: FBX", "ramp cannot be computed: ValueError: method must be one of"),
        ("lowest_bin_edge: -2", "lowest_bin_edge: 5", "ramp cannot be computed: MaskError: .* first bin begins at 5"),
        ("bin_width: 2", "bin_widths: 2", "ramp cannot be computed: KeyError: 'bin_width'"),
        ("image_method: bilinear", "image_method: linar", "image_method must be one of .* did you mean 'linear'"),
    ]:
        configurations.write_text(CONFIGURATIONS.replace(old, new))
        assert run(tmp_path, arguments, MESH_VOLUME, ZONES, MEAN) == 1
        printed = capsys.readouterr()
        assert "2 of 3 passed" in printed.out
        assert re.search(message, printed.err)


def test_keys_that_are_not_known_are_named_and_numbers_may_be_text_or_whole(tmp_path, arguments, capsys):
    text = CONFIGURATIONS.replace("bins: 100", "bins: 1.0e2").replace("bin_width: 2", "bin_width: '2e0'")
    text = text.replace("outlier_sigma: 3", "outlier_sgima: 3").replace("glcm_distance: 2", "glcm_distance: 2.0")
    (tmp_path / "configs.yaml").write_text(text)
    assert run(tmp_path, arguments, MESH_VOLUME, ZONES, MEAN) == 0
    printed = capsys.readouterr().err
    assert (
        "ramp, resegmentation: 'outlier_sgima' is not known and passed over; did you mean 'outlier_sigma'?" in printed
    )


def test_a_configuration_may_name_the_digital_phantom_as_its_image(tmp_path, arguments):
    text = CONFIGURATIONS.replace("  digital_phantom:", "  other:\n    image: ibsi_1_digital_phantom (2 mm)")
    (tmp_path / "configs.yaml").write_text(text)
    assert run(tmp_path, arguments, MESH_VOLUME.replace("digital_phantom,", "other,")) == 0


def test_all_aggregations_are_computed_where_none_are_listed(tmp_path, arguments):
    lines = [line for line in CONFIGURATIONS.splitlines() if "aggregations" not in line]
    (tmp_path / "configs.yaml").write_text("\n".join(lines))
    assert run(tmp_path, arguments, ZONES, ZONES.replace("2D,0.24", "2.5D,0.243")) == 0


def test_grey_levels_without_bins_are_the_intensities(tmp_path, arguments):
    text = CONFIGURATIONS.replace("range: null", "range: [3, 6]", 1)
    (tmp_path / "configs.yaml").write_text(text)
    minimum = "digital_phantom,intensity histogram,Minimum,1PR8,,ih_min,3D_volume"
    assert run(tmp_path, arguments, f"{minimum},3,0") == 0


def test_a_missing_value_of_a_diagnostic_is_passed_over_and_a_short_row_is_a_miss(tmp_path, arguments):
    table = tmp_path / "diagnostics.csv"
    table.write_text("data_set,stage,diagnostic,tag,value,tolerance\nramp,initial image,Mean,mean_int_init_img,,\n")
    assert run(tmp_path, [*arguments, "--diagnostics", str(table)], MEAN) == 0
    table.write_text("data_set,stage,diagnostic,tag,value,tolerance\nramp,initial image,Mean,mean_of_all,5\n")
    assert run(tmp_path, [*arguments, "--diagnostics", str(table)], MEAN) == 1


def test_a_folder_that_is_not_there_is_told_before_anything_is_computed(tmp_path, arguments):
    with pytest.raises(SystemExit, match="there is no folder"):
        run(tmp_path, [*arguments, "--values", str(tmp_path / "none" / "values.csv")], MEAN)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("nearest", "nearest"), ("Nearest-neighbour", "nearest"), ("bilinear", "linear"), ("tricubic spline", "cubic")],
)
def test_interpolations_have_the_names_of_the_standard(theirs, ours):
    assert ibsi1.method_in({"image_method": theirs}, "image_method") == ours


@pytest.mark.parametrize("steps", [[2, 3], [2, 3, "unchanged"], [2, 3, None]])
def test_slices_keep_their_distance_where_only_their_pixels_get_a_size(steps):
    assert ibsi1.spacing_of(steps) == [None, 3, 2]


@pytest.mark.parametrize(
    ("part", "content", "message"),
    [
        ("interpolation", {"apply": "false"}, "apply must be true or false, got 'false'"),
        ("interpolation", {"apply": True, "new_spacing_mm": None}, "new_spacing_mm must be a list .* got None"),
        ("interpolation", {"new_spacing_mm": "2 mm"}, "new_spacing_mm must be a list of 2 or 3 numbers"),
        ("interpolation", {"new_spacing_mm": [2, "two", 2]}, "new_spacing_mm must be a number, got 'two'"),
        ("interpolation", {"intensity_rounding": "up"}, "intensity_rounding must be 'nearest integer' or 'none'"),
        ("resegmentation", {"range": [400, -500]}, "range must have its lower bound below its upper bound"),
        ("resegmentation", {"range": [0, "HU"]}, "range must hold two numbers or null, got 'HU'"),
        ("resegmentation", {"outlier_sigma": -1}, "outlier_sigma must be greater than 0"),
        ("discretisation_texture_and_ih", {"bin_width": None}, "bin_width"),
        ("discretisation_texture_and_ih", {"bin_width": "25 HU"}, "bin_width must be a number, got '25 HU'"),
        ("discretisation_ivh", "none", "discretisation_ivh must hold keys with values, got 'none'"),
        ("texture", {"glcm_symmetric": "sometimes"}, "glcm_symmetric must be true or false"),
        ("texture", {"distance_weighting": "inverse"}, "distance_weighting must be none, gaussian or a norm"),
        ("other_texture_aggregations", ["4D"], "other_texture_aggregations must be one of '2d', '2.5d', '3d'"),
    ],
)
def test_a_part_that_makes_no_sense_is_named(part, content, message):
    configuration = {
        "interpolation": {"new_spacing_mm": [1, 1, 1], "image_method": "nearest", "mask_method": "nearest"},
        "discretisation_texture_and_ih": {"method": "FBS", "bin_width": 2},
    }
    if isinstance(content, dict):
        content = configuration.get(part, {}) | content
    case = Case(np.arange(27.0).reshape(3, 3, 3))
    with pytest.raises((TypeError, ValueError, KeyError), match=message):
        ibsi1.computed(configuration | {part: content}, case, has_diagnostics=False)


@pytest.mark.parametrize(
    ("histogram", "fraction", "intensity"),
    [
        ({"method": "none", "range": [0, 20], "interval": 1}, 0.8, 9),
        ({"method": "none", "range": [0, 20], "interval": 4}, 0.8, 12),  # 6 to 9 count as 8
        ({"method": "FBS", "bin_width": 2, "lowest_bin_edge": 0, "range": [1, 19]}, 0.8, 11),
    ],
)
def test_the_interval_of_a_volume_histogram_is_that_of_its_intensities(histogram, fraction, intensity):
    parameters = ibsi1.volume_histogram_of(histogram, None, np.arange(10.0))
    extractor = RadiomicsFeatures(families="volume_histogram", **parameters).set_output(transform="pandas")
    values = extractor.fit_transform([np.arange(10.0).reshape(1, 1, 10)]).iloc[0]
    assert values["volume_histogram_volume_fraction_at_10_intensity"] == fraction
    assert values["volume_histogram_intensity_at_10_volume"] == intensity


def test_aggregations_may_all_be_left_out(tmp_path, arguments):
    configurations = tmp_path / "configs.yaml"
    configurations.write_text(CONFIGURATIONS.replace("[3D_merged]", "[]").replace("[2D, 3D]", "[]"))
    assert run(tmp_path, arguments, MESH_VOLUME, MEAN) == 0


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("configs.yaml", "configurations: [a, b", "configs.yaml cannot be read"),
        ("configs.yaml", "configs: {}", "configs.yaml has no mapping 'configurations'"),
        ("reference.csv", "", "reference.csv has no rows"),
        ("reference.csv", "data_set,tag\nramp,a", "no column value, tolerance, family"),
        ("reference.csv", COLUMNS + "\n" + MEAN.replace("8,0", "8,none"), "tolerance in row 2 of .* got 'none'"),
        ("image.nii", "", "image.nii"),
    ],
)
def test_a_file_that_makes_no_sense_is_named(tmp_path, arguments, file, text, message):
    (tmp_path / "reference.csv").write_text(f"{COLUMNS}\n{MEAN}")
    (tmp_path / file).write_text(text)
    with pytest.raises(SystemExit, match=message):
        ibsi1.main(arguments)


def test_a_configuration_that_is_not_there_is_refused(tmp_path, arguments):
    with pytest.raises(SystemExit, match=r"configs\.yaml has no slope; it has digital_phantom, ramp"):
        run(tmp_path, [*arguments, "--only", "slope"], MEAN)


@pytest.mark.parametrize(
    ("given", "bounds"),
    [
        (None, None),
        ([None, None], None),
        ([0, "inf"], (0, None)),
        ([-np.inf, 4.5], (None, 4.5)),
        ([-5, 400], (-5, 400)),
    ],
)
def test_an_infinite_bound_leaves_its_side_open(given, bounds):
    assert ibsi1.bounds_of({"range": given}) == bounds
