"""PyRadiomics' parameter files: what is read, and what is refused with which words."""

import json
import re
from pathlib import Path

import pytest

from radlearn.radiomics import PyRadiomicsFeatures
from radlearn.radiomics._pyradiomics.features import CLASSES, FEATURES, ON_REQUEST, WITHDRAWN
from radlearn.radiomics._pyradiomics.parameters import IMAGE_TYPES, SETTINGS, VOXEL_SETTINGS, read_parameters

EXAMPLE = """
# bins of 10 for wavelets only
setting:
  binWidth: 25
  geometryTolerance: 1e-4
  resampledPixelSpacing:
  weightingNorm:
imageType:
  Original: {}
  LoG: {sigma: [1.0, 3]}
  Wavelet:
    binWidth: 10
featureClass:
  glcm:
  firstorder: [Mean, StandardDeviation]
  shape: []
voxelSetting: {kernelRadius: 2, initValue: nan}
"""


@pytest.fixture
def example(tmp_path):
    path = tmp_path / "Params.yaml"
    path.write_text(EXAMPLE)
    return path


def test_a_file_sets_what_it_mentions_and_leaves_the_rest(example):
    parameters = read_parameters(example)
    assert parameters.settings["geometryTolerance"] == 1e-4
    assert parameters.settings["label"] == 1
    assert parameters.image_types["Wavelet"]["binWidth"] == 10
    assert parameters.image_types["Original"]["binWidth"] == 25
    assert parameters.features["firstorder"] == ("Mean", "StandardDeviation")
    assert len(parameters.features["glcm"]) == 24
    assert len(parameters.features["shape"]) == 14


def test_columns_follow_the_file(example):
    names = PyRadiomicsFeatures(params=example)._names()
    assert len(names) == 14 + (1 + 2 + 8) * 26
    assert names[14] == "original_glcm_Autocorrelation"
    assert {name.partition("_")[0] for name in names} >= {"log-sigma-1-0-mm-3D", "log-sigma-3-mm-3D", "wavelet-LLL"}


def test_json_and_a_dict_say_the_same(tmp_path):
    params = {"setting": {"binCount": 16, "resegmentRange": [-10, 10]}, "featureClass": {"ngtdm": None}}
    (tmp_path / "params.json").write_text(json.dumps(params, indent="\t"))
    assert read_parameters(tmp_path / "params.json") == read_parameters(params)


def test_defaults_may_be_written_out():
    written = {name: setting.default for name, setting in SETTINGS.items() if name != "sigma"}
    assert read_parameters({"setting": written}).settings == read_parameters({}).settings


def test_without_parameters_there_are_107_features():
    assert len(PyRadiomicsFeatures()._names()) == 107


def test_two_dimensional_shape_needs_slices():
    everything = {"setting": {"force2D": True}}
    assert any("shape2D" in name for name in PyRadiomicsFeatures(params=everything)._names())
    assert not any("shape2D" in name for name in PyRadiomicsFeatures(params={})._names())
    assert not any("_shape_" in name for name in PyRadiomicsFeatures(ndim=2)._names())


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"settings": {}}, ValueError, "a category of params .* did you mean 'setting'"),
        ({"setting": {"binwidth": 25}}, ValueError, "'setting' of params .* got 'binwidth'; did you mean 'binWidth'"),
        ({"setting": {"binWidth": 0}}, ValueError, "binWidth in 'setting' of params must be greater than 0, got 0"),
        ({"setting": {"binWidth": "25"}}, TypeError, "binWidth .* must be a number, got '25'"),
        ({"setting": {"binCount": 8.5}}, TypeError, "binCount .* must be a whole number or None"),
        ({"setting": {"normalize": "yes"}}, TypeError, "normalize .* must be true or false, got 'yes'"),
        ({"setting": {"distances": 1}}, ValueError, "distances .* must be a list of some numbers, got 1"),
        ({"setting": {"resampledPixelSpacing": [1]}}, ValueError, "must be a list of 2 or 3 numbers"),
        ({"setting": {"resegmentMode": "absolut"}}, ValueError, "resegmentMode .* did you mean 'absolute'"),
        ({"setting": {"weightingNorm": "euclid"}}, ValueError, "weightingNorm .* did you mean 'euclidean'"),
        ({"setting": {"interpolator": "sitkBspline"}}, ValueError, "interpolator .* did you mean 'sitkBSpline'"),
        ({"setting": {"interpolator": 11}}, ValueError, "interpolator .* must be at most 10"),
        ({"setting": {"interpolator": "sitkLabelGaussian"}}, ValueError, "sitkLabelGaussian, which .* sitkGaussian"),
        ({"setting": {"label_channel": 1}}, ValueError, "label_channel .* save channel 1 of the masks"),
        ({"imageType": {"Wavelets": {}}}, ValueError, "'imageType' of params .* did you mean 'Wavelet'"),
        ({"imageType": {"Wavelet": {"wavelet": "coif0"}}}, ValueError, "wavelet in 'Wavelet' of params .*'coif1'"),
        ({"imageType": {"LoG": {}}}, ValueError, "'LoG' of params needs the setting sigma"),
        ({"imageType": {"LoG": {"sigma": [-1]}}}, ValueError, "sigma in 'LoG' of params must be greater than 0"),
        ({"featureClass": {"GLCM": None}}, ValueError, "'featureClass' of params .* got 'GLCM'"),
        ({"featureClass": {"glcm": "Contrast"}}, TypeError, "'glcm' of params must be a list of features"),
        ({"featureClass": {"glcm": ["contrast"]}}, ValueError, "a feature in 'glcm' .* did you mean 'Contrast'"),
        ({"featureClass": {"glcm": [["Contrast"]]}}, ValueError, "a feature in 'glcm' .* got \\['Contrast'\\]"),
        ({"featureClass": {"glcm": ["Dissimilarity"]}}, ValueError, "withdrawn: it equals DifferenceAverage"),
        ({"voxelSetting": {"kernelradius": 1}}, ValueError, "'voxelSetting' of params .* did you mean 'kernelRadius'"),
        ({"setting": [1]}, TypeError, "'setting' of params must hold keys with values"),
        (7, TypeError, "params must be a path, a dict or None, got 7"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(params, error, message):
    with pytest.raises(error, match=message):
        PyRadiomicsFeatures(params=params).fit([])


def test_an_error_names_the_file(tmp_path):
    path = tmp_path / "Params.yaml"
    path.write_text("setting:\n  binWith: 25\n")
    with pytest.raises(ValueError, match=r"'setting' of Params.yaml .* did you mean 'binWidth'"):
        read_parameters(path)
    for text in ("setting: [25\n", "[" * 10_000, "setting: {binWidth: 2025-99-99}\n"):
        path.write_text(text)
        with pytest.raises(ValueError, match=r"Params.yaml is neither YAML nor JSON"):
            read_parameters(path)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        read_parameters(tmp_path / "other.yaml")


@pytest.mark.parametrize(
    ("text", "number"),
    [("010", 10), ("0x10", 16), ("0o10", 8), ("1_0", 10), ("1e1", 10), ("1.e+1", 10), (".5", 0.5), ("+2.5E-1", 0.25)],
)
def test_numbers_are_those_of_yaml_1_2(tmp_path, text, number):
    (tmp_path / "Params.yaml").write_text(f"setting: {{binWidth: {text}}}")
    assert read_parameters(tmp_path / "Params.yaml").settings["binWidth"] == number


@pytest.mark.parametrize("text", ["1:10", "1:10.5", "1e", "."])
def test_what_only_looks_like_a_number_is_a_text(tmp_path, text):
    (tmp_path / "Params.yaml").write_text(f"setting:\n  binWidth: {text}")
    with pytest.raises(TypeError, match=f"binWidth .* must be a number, got '{text}'"):
        read_parameters(tmp_path / "Params.yaml")


def test_a_key_that_stands_twice_is_refused_but_not_one_that_takes_the_place_of_a_shared_one(tmp_path):
    path = tmp_path / "Params.yaml"
    path.write_text("setting: {binWidth: 10}\nimageType:\n  Original: {}\nsetting: {normalize: true}\n")
    with pytest.raises(ValueError, match=r"(?s)the key 'setting' stands there twice.* line 4"):
        read_parameters(path)
    path.write_text("setting: &own {binWidth: 10, level: 2}\nimageType:\n  Wavelet: {<<: *own, binWidth: 5}\n")
    wavelet = read_parameters(path).image_types["Wavelet"]
    assert (wavelet["binWidth"], wavelet["level"]) == (5, 2)


def test_aliases_that_expand_beyond_all_measure_are_refused(tmp_path):
    path = tmp_path / "Params.yaml"
    path.write_text("featureClass: &all {firstorder: *all}\n")
    with pytest.raises(TypeError, match="must be a list of features"):
        read_parameters(path)
    # A page of text, of which an error message would repeat 10^7 letters.
    levels = [f"&a{level} [{', '.join(10 * [f'*a{level - 1}'])}]" for level in range(1, 7)]
    path.write_text(f"setting: {{binWidth: [&a0 [{', '.join(10 * 'x')}], {', '.join(levels)}]}}\n")
    with pytest.raises(ValueError, match=r"Params.yaml repeats its values by aliases \(\*\)"):
        read_parameters(path)


def test_defaults_are_those_that_the_package_falls_back_on():
    pytest.importorskip("radiomics.featureextractor", reason="PyRadiomics is not installed")
    import radiomics

    source = "".join(path.read_text(encoding="utf-8") for path in Path(radiomics.__file__).parent.glob("*.py"))
    found = {}
    for name, default in re.findall(r"\.get\(['\"](\w+)['\"], ([^()]+)\)", source):
        found.setdefault(name, []).append(default)
    known = {name: repr(setting.default) for name, setting in SETTINGS.items() if name in found}
    assert len(known) > 30
    # The first is another one where no extractor has made the settings; the second is named as an object.
    differ = {name for name, default in known.items() if default not in found[name]}
    assert differ <= {"additionalInfo", "interpolator"}


def test_settings_and_features_are_those_of_the_package():
    # Not the package itself: this folder of tests has its name.
    pytest.importorskip("radiomics.featureextractor", reason="PyRadiomics is not installed")
    import radiomics
    import yaml

    schema = yaml.safe_load(Path(radiomics.getParameterValidationFiles()[0]).read_text(encoding="utf-8"))["mapping"]
    assert set(SETTINGS) == set(schema["setting"]["mapping"])
    assert set(VOXEL_SETTINGS) == set(schema["voxelSetting"]["mapping"])
    assert set(IMAGE_TYPES) == set(radiomics.getImageTypes())
    classes = radiomics.getFeatureClasses()
    assert list(CLASSES) == list(classes)
    for name, feature_class in classes.items():
        deprecated = feature_class.getFeatureNames()
        withdrawn = set(WITHDRAWN.get(name, ()))
        assert set(FEATURES[name]) == set(deprecated) - withdrawn
        assert ON_REQUEST.get(name, frozenset()) == {key for key, value in deprecated.items() if value} - withdrawn
