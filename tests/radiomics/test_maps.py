"""Feature maps: the numbers of PyRadiomics, the geometry of the case, and errors that say what to do."""

import io
import logging
import re
import sys
import warnings

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sklearn.pipeline import make_pipeline

from radlearn import Case, Volume
from radlearn.exceptions import MaskError
from radlearn.io import read_image
from radlearn.io.nifti import write_nifti
from radlearn.preprocessing import ClipIntensity
from radlearn.radiomics import FeatureMap, RadiomicsFeatures, map_table, maps as maps_module

CLASSES = ("firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm")
SPACING = (2.0, 1.0, 0.8)


def textured(seed=0, shape=(8, 9, 10)):
    """Whole numbers that are correlated as textures are."""
    return np.rint(300 * gaussian_filter(np.random.default_rng(seed).normal(size=shape), 1)).astype(np.int16)


def box(*, holes=False):
    """A mask of 4 x 5 x 5 voxels, or of about half of them."""
    mask = np.zeros((8, 9, 10), bool)
    mask[2:6, 2:7, 3:8] = True
    return mask & (np.random.default_rng(1).random(mask.shape) < 0.5) if holes else mask


def case_of(image, mask, **fields):
    return Case(image, mask=mask.astype(np.uint8), spacing=SPACING[-image.ndim :], id="case", **fields)


def pyradiomics_maps(image, mask, **settings):
    """Values of PyRadiomics in the voxels of the mask, by name."""
    pytest.importorskip("radiomics.featureextractor", reason="PyRadiomics is not installed")
    sitk = pytest.importorskip("SimpleITK")
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    logging.getLogger("radiomics").setLevel(logging.CRITICAL)
    grids = [sitk.GetImageFromArray(array) for array in (image, mask.astype(np.uint8))]
    for grid in grids:
        grid.SetSpacing(SPACING[::-1])
    extractor = RadiomicsFeatureExtractor(additionalInfo=False, **settings)
    extractor.disableAllFeatures()
    for name in CLASSES:
        extractor.enableFeatureClassByName(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it averages nothing, and divides by it
        found = extractor.execute(*grids, voxelBased=True)
    values = {}
    for name, cropped in found.items():
        start = [round(origin / step) for origin, step in zip(cropped.GetOrigin()[::-1], SPACING, strict=True)]
        inside = mask[tuple(slice(low, low + n) for low, n in zip(start, cropped.GetSize()[::-1], strict=True))]
        values[name] = sitk.GetArrayFromImage(cropped)[inside]
    return values


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parameters", "settings"),
    [
        ({"bin_count": 8}, {"binCount": 8}),
        ({"bin_width": 25}, {"binWidth": 25}),
        ({"bin_width": 25, "radius": 2}, {"binWidth": 25, "kernelRadius": 2}),
        ({"bin_count": 16, "masked": False}, {"binCount": 16, "maskedKernel": False}),
        ({"bin_count": 16, "in_plane": True}, {"binCount": 16, "force2D": True}),
        (
            {"bin_width": 12.5, "masked": False, "in_plane": True},
            {"binWidth": 12.5, "maskedKernel": False, "force2D": True},
        ),
    ],
)
@pytest.mark.parametrize("holes", [False, True])
def test_maps_hold_the_numbers_of_pyradiomics(parameters, settings, holes):
    image, mask = textured(), box(holes=holes)
    expected = pyradiomics_maps(image, mask, **settings)
    assert len(expected) == 93
    maps = FeatureMap(features=list(expected), **parameters).maps(case_of(image, mask))
    for name, theirs in expected.items():
        ours = maps[name].image[mask]
        is_there = np.ones(ours.shape, bool)
        if holes and parameters.get("masked", True):
            # Where a direction has no pair, PyRadiomics averages nothing here, or gives up on all voxels.
            if name == "original_glcm_MCC":
                continue
            if name == "original_glcm_JointAverage":
                is_there = ~np.isnan(theirs)
        np.testing.assert_allclose(ours[is_there], theirs[is_there], rtol=1e-6, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("value", [0, 7])
def test_a_flat_region_has_the_values_of_pyradiomics(value):
    image, mask = np.full((8, 9, 10), value, np.int16), box()
    expected = pyradiomics_maps(image, mask, binCount=4)
    maps = FeatureMap(features=list(expected), bin_count=4).maps(case_of(image, mask))
    for name, theirs in expected.items():
        if name == "original_glcm_MCC":  # its 1 is that of a region with a single grey level; around a voxel it has 0
            continue
        np.testing.assert_allclose(maps[name].image[mask], theirs, rtol=1e-6, atol=1e-6, err_msg=name)


def test_every_map_of_pyradiomics_has_a_map():
    names = set(pyradiomics_maps(textured(), box(), binCount=4))
    known = {f"original_{name}" for name in map_table()["pyradiomics"].dropna()} | {"original_firstorder_Kurtosis"}
    assert names == known


def test_a_map_holds_what_the_extractor_finds_in_the_neighborhood():
    levels = np.random.default_rng(0).integers(1, 7, (3, 3, 3))
    levels[0, 0, :2] = 1, 6
    families = ["statistics", "glcm", "glrlm", "glszm", "ngldm", "ngtdm"]
    extractor = RadiomicsFeatures(families=families, bin_width=1, lowest_bin_edge=1, aggregation="3d_averaged")
    expected = extractor.set_output(transform="pandas").fit_transform([levels]).iloc[0]
    maps = FeatureMap(features=families, bin_width=1).maps(levels)
    for name, value in expected.items():
        assert maps[name].image[1, 1, 1] == pytest.approx(value, rel=1e-6, abs=1e-6), name


def test_values_by_hand():
    image = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    maps = FeatureMap(features=["statistics_mean", "statistics_total_energy", "glcm_contrast"], bin_count=2).maps(image)
    np.testing.assert_allclose(maps["statistics_mean"].image, [[0.5] * 3, [0.5, 4 / 9, 0.5], [0.5] * 3])
    assert maps["statistics_total_energy"].image[1, 1] == 4
    # Along both axes all pairs differ, along both diagonals none does.
    np.testing.assert_allclose(maps["glcm_contrast"].image, 0.5)


def test_maps_keep_spacing_and_mask_and_note_the_feature():
    mapped = FeatureMap(features="glszm").maps(case_of(textured(), box()))["glszm_zone_percentage"]
    assert mapped.spacing == SPACING
    assert mapped.image.dtype == np.float32
    np.testing.assert_array_equal(mapped.mask, box())
    assert mapped.history[-1]["parameters"]["features"] == "glszm_zone_percentage"


@pytest.mark.parametrize("value", [0, -1.5, np.nan])
def test_outside_the_region_is_the_initial_value(value):
    maps = FeatureMap(features="statistics_mean", initial_value=value).maps(case_of(textured(), box()))
    outside = maps["statistics_mean"].image[~box()]
    np.testing.assert_array_equal(outside, np.full(outside.shape, value, np.float32))


def test_what_lies_outside_is_not_read_by_masked_neighborhoods():
    image = textured().astype(np.float32)
    changed = np.where(box(), image, np.nan)
    maps = [FeatureMap().maps(case_of(array, box())) for array in (image, changed)]
    for name in maps[0]:
        np.testing.assert_array_equal(maps[0][name].image, maps[1][name].image)


@pytest.mark.parametrize("masked", [True, False])
def test_an_undefined_intensity_is_refused(masked):
    image = textured().astype(np.float32)
    image[(3, 3, 3) if masked else (1, 2, 3)] = np.inf
    with pytest.raises(
        MaskError, match=r"case 'case'.*1 of .* voxels from which maps are computed are NaN or infinite"
    ):
        FeatureMap(masked=masked).maps(case_of(image, box()))


@pytest.mark.parametrize("radius", [1, 2])
def test_threads_and_blocks_change_nothing(radius, monkeypatch):
    case = case_of(textured(), box())
    expected = FeatureMap(radius=radius).maps(case)
    monkeypatch.setattr(maps_module, "BLOCK_VOXELS", 500)
    found = FeatureMap(radius=radius, n_jobs=2).maps(case)
    assert list(found) == list(expected)
    for name in expected:
        np.testing.assert_array_equal(found[name].image, expected[name].image)


def test_an_image_is_a_volume_of_one_slice():
    image = textured()[3]
    flat, volume = FeatureMap().maps(image), FeatureMap().maps(image[np.newaxis])
    for name in flat:
        np.testing.assert_allclose(flat[name].image, volume[name].image[0], rtol=1e-6, err_msg=name)


def test_a_lonely_voxel_has_statistics_but_no_pairs():
    mask = np.zeros((8, 9, 10), bool)
    mask[4, 4, 4] = True
    maps = FeatureMap(features=["statistics_mean", "glcm_contrast", "ngtdm_coarseness"]).maps(case_of(textured(), mask))
    assert maps["statistics_mean"].image[4, 4, 4] == textured()[4, 4, 4]
    assert np.isnan(maps["glcm_contrast"].image[4, 4, 4])
    assert maps["ngtdm_coarseness"].image[4, 4, 4] == 1e6


def test_maps_are_written_with_the_geometry_of_the_case(tmp_path):
    affine = np.array([[0, 0, -0.5, 10], [0, 1, 0, -20], [2, 0, 0, 5], [0, 0, 0, 1.0]])
    write_nifti(tmp_path / "image.nii", Volume(textured(), spacing=(2, 1, 0.5), affine=affine))
    case = Case(tmp_path / "image.nii", mask=box().astype(np.uint8), id="a/b")
    paths = FeatureMap(features=["statistics_mean", "ngtdm"]).write(case, tmp_path / "maps")
    assert [path.name for path in paths.values()][:2] == ["a-b_statistics_mean.nii.gz", "a-b_ngtdm_coarseness.nii.gz"]
    assert len(paths) == 6
    written = read_image(paths["statistics_mean"])
    np.testing.assert_array_equal(written.array, FeatureMap().maps(case)["statistics_mean"].image)
    np.testing.assert_allclose(written.affine, affine)


def test_one_feature_is_a_step_of_a_pipeline():
    case = case_of(textured(), box())
    pipeline = make_pipeline(
        ClipIntensity(low=-50), FeatureMap(features="glcm_contrast"), RadiomicsFeatures(families="statistics")
    )
    table = pipeline.set_output(transform="pandas").fit_transform([case])
    mapped = FeatureMap(features="glcm_contrast").maps(ClipIntensity(low=-50).fit_transform([case])[0])
    assert table["statistics_mean"].iloc[0] == pytest.approx(mapped["glcm_contrast"].image[box()].mean())


def test_several_features_are_no_step():
    with pytest.raises(ValueError, match=r"names 5 features \(ngtdm_coarseness.*call maps\(case\)"):
        FeatureMap(features="ngtdm").fit([textured()])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"features": "glcm_contrst"}, "did you mean 'glcm_contrast'"),
        ({"features": []}, "features is empty; name at least one, such as 'glcm_contrast'"),
        ({"features": [["glcm"]]}, r"features must be one of .* got \['glcm'\]"),
        ({"radius": 0}, "radius must be at least 1, got 0"),
        ({"bin_width": -25}, "to fix the number of bins use bin_count"),
        ({"bin_width": 25, "bin_count": 32}, "exclude each other"),
        ({"initial_value": np.inf}, "initial_value must be finite"),
        ({"n_jobs": 0}, "n_jobs must not be 0"),
    ],
)
def test_wrong_parameters_are_named(parameters, message):
    with pytest.raises(ValueError, match=message):
        FeatureMap(**parameters).maps(textured())


@pytest.mark.parametrize("name", ["masked", "in_plane"])
def test_a_text_is_no_flag(name):
    with pytest.raises(TypeError, match=f"{name} must be True or False, got 'no'"):
        FeatureMap(**{name: "no"}).maps(textured())


def test_too_many_grey_levels_are_refused():
    with pytest.raises(MaskError, match=r"bin_width=0\.001 makes .* bin_width of at least .*, or bin_count") as caught:
        FeatureMap(features="glcm", bin_width=1e-3).maps(textured())
    wide_enough = float(str(caught.value).split("at least ")[1].partition(",")[0])
    FeatureMap(features="histogram", bin_width=wide_enough).maps(textured())
    with pytest.raises(MaskError, match="more than 10,000"):
        FeatureMap(features="histogram", bin_width=0.99 * wide_enough).maps(textured())


def test_both_kurtoses_are_there():
    maps = FeatureMap(features=["statistics_kurtosis", "firstorder_Kurtosis"]).maps(textured())
    np.testing.assert_allclose(maps["firstorder_Kurtosis"].image, maps["statistics_kurtosis"].image + 3, rtol=1e-5)


def test_an_estimate_is_printed_before(capsys):
    FeatureMap(features="statistics", verbose=1).maps(case_of(textured(), box()))
    message = capsys.readouterr().err
    assert "FeatureMap: 100 voxels of case 'case', 19 features: about " in message
    assert message.index("about") < message.index("1/1")


def test_a_long_run_is_announced_unasked(monkeypatch, capsys):
    case = case_of(textured(), box())
    FeatureMap(features="statistics").maps(case)
    monkeypatch.setattr(maps_module, "BLOCK_VOXELS", 50)
    monkeypatch.setattr(maps_module, "FEW_VOXELS", 50)
    FeatureMap(features="statistics").maps(case)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(maps_module, "LONG_SECONDS", 0.0)
    FeatureMap(features="statistics", verbose=0).maps(case)
    assert capsys.readouterr().err == ""
    FeatureMap(features="statistics").maps(case)
    assert "about" in capsys.readouterr().err


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_long_run_needs_nobody_who_reads_that(monkeypatch, capsys, is_closed):
    stderr = io.StringIO() if is_closed else None
    if is_closed:
        stderr.close()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setattr(maps_module, "LONG_SECONDS", 0.0)
    FeatureMap(features="statistics_mean", radius=6).maps(np.random.default_rng(0).normal(size=(11, 11, 11)))
    assert capsys.readouterr().out == ""


def test_large_neighborhoods_of_few_voxels_may_be_a_long_run(monkeypatch, capsys):
    monkeypatch.setattr(maps_module, "LONG_SECONDS", 0.0)
    FeatureMap(features="statistics_mean", radius=6).maps(np.random.default_rng(0).normal(size=(11, 11, 11)))
    assert "about" in capsys.readouterr().err


def test_no_more_processors_are_announced_than_there_are(capsys):
    FeatureMap(n_jobs=1000, verbose=1).maps(case_of(textured(), box()))
    used, there = re.search(r"on (\d+) of (\d+) processors", capsys.readouterr().err).groups()
    assert int(used) <= int(there)


@pytest.mark.parametrize(("dtype", "largest"), [(np.float32, 1e20), (float, 1e100)])
def test_intensities_whose_energy_is_no_number_are_refused(dtype, largest):
    image = textured().astype(dtype)
    image[3, 3, 3] = largest
    with pytest.raises(MaskError, match="outside the computable range"):
        FeatureMap().maps(case_of(image, box()))


def test_a_number_in_the_place_of_names_is_refused():
    with pytest.raises(TypeError, match="features must be a string such as 'glcm_contrast', or several, got 3"):
        FeatureMap(features=3).maps(case_of(textured(), box()))
