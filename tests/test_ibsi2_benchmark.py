"""The comparison with IBSI's reference values of filters, on files as small as they can be."""

import csv
import sys
from pathlib import Path

import nibabel
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
ibsi2 = pytest.importorskip("ibsi2", reason="needs pyyaml")

# The smallest region is all of the smallest image.
pytestmark = pytest.mark.filterwarnings("ignore:.*covers the whole image")

TESTS = "test_id,phantom,filter,dimension,boundary,parameters,rotation_invariance,pooling,reference_map,tolerance_abs\n"
MEAN = '1.a,ramp,mean,3D,nearest,"{""support_voxels"": 3}",,,maps/mean.nii.gz,0.01\n'
NO_MAP = '9.b,ramp,riesz-transformed simoncelli wavelet,3D,periodic,"{""riesz_order"": [1, 0, 0]}",,,,\n'
CONFIGURATIONS = """
common:
  resegmentation: {range: [null, 3], outlier_sigma: null}
  boundary: mirror (half-sample symmetric)
  processing:
    plain: {interpolation: {apply: false}}
    coarse: {interpolation: {apply: true, new_spacing_mm: [2, unchanged, unchanged], image_method: trilinear,
      mask_method: trilinear}}
filters:
  none: {filter: none, processing: coarse, dimension: 3D, parameters: {}}
  energy: {filter: laws, processing: plain, dimension: 2D, parameters: {kernels: L3E3, energy_distance_voxels: 0,
    rotation_invariance: 2D, pooling: max}}
  waves: {filter: gabor, processing: plain, dimension: 3D, parameters: {sigma_mm: 1, lambda_mm: 2, gamma: 1,
    theta_step_deg: 90, planes: orthogonal}}
"""
REFERENCE = "filter_id,filter,feature,code,value,tolerance\n"
WAVES = {"filter": "gabor", "dimension": "2D", "boundary": "zero", "sigma_mm": 4, "lambda_mm": 4, "theta_deg": 60}
RAMP = np.ones((4, 3, 1)) * np.arange(6.0)


@pytest.fixture
def folder(tmp_path):
    """A ramp along x as a phantom and as an image with a mask, and its mean over 3 voxels as a reference map."""
    (tmp_path / "ibsi2_phantoms").mkdir()
    (tmp_path / "maps").mkdir()
    mean = RAMP.copy()
    mean[:, :, 0], mean[:, :, -1] = 1 / 3, 14 / 3
    arrays = {"ibsi2_phantoms/ramp": RAMP, "maps/mean": mean, "image": RAMP, "mask": np.ones_like(RAMP)}
    for name, array in arrays.items():
        nibabel.Nifti1Image(array.T, np.eye(4)).to_filename(tmp_path / f"{name}.nii.gz")
    (tmp_path / "filters.yaml").write_text(CONFIGURATIONS)
    return tmp_path


def run_maps(folder, *rows):
    (folder / "tests.csv").write_text(TESTS + "".join(rows))
    return ibsi2.main(["--tests", str(folder / "tests.csv"), "--values", str(folder / "values.csv")])


def run_statistics(folder, *rows):
    (folder / "reference.csv").write_text("\n".join([REFERENCE.strip(), *rows]))
    files = {"configs": "filters.yaml", "reference": "reference.csv", "image": "image.nii.gz", "mask": "mask.nii.gz"}
    return ibsi2.main([part for name, file in files.items() for part in (f"--{name}", str(folder / file))])


def test_a_map_that_agrees_passes_and_one_without_reference_is_left_out(folder, capsys):
    assert run_maps(folder, MEAN, NO_MAP) == 0
    assert "1 of 1" in capsys.readouterr().out
    assert [row["test"] for row in csv.DictReader((folder / "values.csv").read_text("utf-8").splitlines())] == ["1.a"]


def test_one_voxel_beyond_the_tolerance_is_a_miss(folder, capsys):
    assert run_maps(folder, MEAN.replace("nearest", "zero")) == 1
    assert "MISS 1.a mean: response map: 3.33333, reference 0 +- 0.01" in capsys.readouterr().out


def test_statistics_are_those_of_the_response_in_the_resegmented_region(folder, capsys):
    # The edge of a ramp, (L3 x E3) / sqrt(12), is 8 / sqrt(12) inside and half of it at the ends.
    rows = [
        "none,none,Maximum,84IY,2.5,0.001",
        f"energy,laws,Maximum,84IY,{8 / 12**0.5},0.001",
        f"energy,laws,Minimum,1GSF,{4 / 12**0.5},0.001",
        "energy,laws,Quartile coefficient of dispersion,9S40,,",
    ]
    assert run_statistics(folder, *rows) == 0, capsys.readouterr().out
    assert "3 of 3" in capsys.readouterr().out


def test_a_statistic_beyond_its_tolerance_is_a_miss(folder, capsys):
    assert run_statistics(folder, "waves,gabor,Mean,Q4LE,100,0.5") == 1
    assert "MISS waves gabor: Mean" in capsys.readouterr().out


def test_names_of_parameters_become_ours():
    waves = ibsi2.filter_of({**WAVES, "dimension": "2D averaged over 3 orthogonal planes"}).get_params()
    assert waves | {"theta_deg": 60, "orthogonal_planes": True, "boundary": "zero"} == waves
    riesz = {"filter": "riesz-transformed laplacian of gaussian", "dimension": "3D", "boundary": "zero", "sigma_mm": 1}
    aligned = ibsi2.filter_of({**riesz, "riesz_order": [1, 2, 0], "aligned_by_structure_tensor_sigma_mm": 1.0})
    assert (aligned.order, aligned.align_sigma) == ((0, 2, 1), 1.0)


@pytest.mark.parametrize(
    ("words", "is_averaged"),
    [
        ({"dimension": "3D"}, True),
        ({"dimension": "2D", "planes": "orthogonal"}, True),
        ({"dimension": "2D", "planes": "all three"}, True),
        ({"dimension": "2D", "planes": ["axial", "coronal", "sagittal"]}, True),
        ({"dimension": "2D (axial plane)"}, False),
        ({"dimension": "2D", "planes": "axial"}, False),
        ({"dimension": "2D"}, False),
    ],
)
def test_a_flat_filter_is_averaged_over_three_planes_where_the_words_say_so(words, is_averaged):
    assert ibsi2.filter_of(WAVES | words).orthogonal_planes is is_averaged


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"filter": "sobel"}, "the filter 'sobel' is not supported"),
        ({"filter": "separable wavelet", "decimated": True}, "decimated transforms are not supported"),
        ({"filter": "gabor", "response": "real"}, "response 'real' of gabor is not supported"),
        ({**WAVES, "dimension": "2D (coronal plane)"}, "planes must be axial, or all three"),
        ({**WAVES, "planes": ["axial", "sagittal"]}, "planes must be axial, or all three"),
        ({"filter": "simoncelli wavelet", "map": "A"}, "map 'A' of simoncelli wavelet is not supported"),
        ({"filter": "mean", "dimension": "4D"}, "dimension must be 2D or 3D, got '4D'"),
        ({"filter": "mean", "dimension": "2D", "boundary": "wall"}, "support_voxels"),
        ({"filter": "mean", "dimension": "2D", "boundary": None, "support_voxels": 3}, "boundary must be one of"),
    ],
)
def test_what_is_not_supported_is_refused(configuration, message):
    with pytest.raises((ValueError, KeyError), match=message):
        ibsi2.checked(ibsi2.filter_of(configuration))


def test_numbers_may_be_whole_and_parameters_that_are_not_known_are_named(folder, capsys):
    rows = [
        MEAN.replace(""": 3}""", """: 3.0, ""suport"": 5}"""),
        MEAN.replace('"{""support_voxels"": 3}"', "").replace(",mean,", ",none,").replace("mean.nii", "ramp.nii"),
    ]
    (folder / "maps" / "ramp.nii.gz").write_bytes((folder / "ibsi2_phantoms" / "ramp.nii.gz").read_bytes())
    assert run_maps(folder, *rows) == 0
    printed = capsys.readouterr()
    assert "2 of 2" in printed.out
    assert "'suport' is not known and passed over; did you mean 'support_voxels'?" in printed.err


@pytest.mark.parametrize(
    ("given", "number"), [("5", 5), ("1e-1", 0.1), (7.0, 7), (["1", 0.0], [1, 0]), ("L5E5", "L5E5"), (True, True)]
)
def test_a_parameter_that_reads_as_a_number_is_one(given, number):
    image_filter = {"filter": "mean", "dimension": "3D", "boundary": "zero", "support_voxels": given}
    support = ibsi2.filter_of(image_filter).support
    assert support == number
    assert type(support) is type(number)


def test_a_map_without_tolerance_has_to_be_met_to_the_last_digit(folder):
    assert run_maps(folder, MEAN.replace(",0.01", ",")) == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "image_method: trilinear",
            "method: trilinear",
            "none cannot be computed: KeyError: 'image_method' is missing",
        ),
        ("processing: coarse", "processing: fine", "none cannot be computed: KeyError: 'fine' is missing"),
        ("{kernels: L3E3, energy", "{energy", "energy cannot be computed: KeyError: 'kernels' is missing"),
        ("{interpolation: {apply: false}}", "plain", "processing plain must hold keys with values, got 'plain'"),
        ("[null, 3]", "[3, 1]", "resegment_range must have its lower bound below its upper bound"),
    ],
)
def test_a_filter_whose_processing_makes_no_sense_is_a_miss(folder, capsys, old, new, message):
    configurations = folder / "filters.yaml"
    configurations.write_text(configurations.read_text().replace(old, new))
    assert run_statistics(folder, "none,none,Maximum,84IY,2.5,0.001", "energy,laws,Maximum,84IY,2.3,0.1") == 1
    assert message in capsys.readouterr().err


def test_what_cannot_be_computed_is_a_miss_and_the_rest_is_compared(folder, capsys):
    assert run_maps(folder, MEAN.replace(",mean,", ",sobel,"), MEAN, MEAN.replace("maps/mean", "maps/median")) == 1
    printed = capsys.readouterr()
    assert "1 of 3" in printed.out
    assert "1.a cannot be computed: ValueError: the filter 'sobel' is not supported" in printed.err
    assert "median.nii.gz': there is no such file" in printed.err
    configurations = folder / "filters.yaml"
    configurations.write_text(configurations.read_text().replace("kernels: L3E3", "kernels: L3Q3"))
    rows = ["none,none,Maximum,84IY,2.5,0.001", "energy,laws,Maximum,84IY,2,0.001", "none,none,Nothing,ZZZZ,2,0.001"]
    assert run_statistics(folder, *rows) == 1
    printed = capsys.readouterr()
    assert "1 of 3" in printed.out
    assert "energy cannot be computed: ValueError: kernels must be" in printed.err


@pytest.mark.parametrize("arguments", [[], ["--configs", "filters.yaml"]])
def test_files_that_are_missing_are_named(arguments, capsys):
    with pytest.raises(SystemExit):
        ibsi2.main(arguments)
    assert "--configs" in capsys.readouterr().err
