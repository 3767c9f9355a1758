"""PyRadiomicsFeatures: columns and numbers of PyRadiomics 3.0.1, where it is installed and where it is not."""

import csv
import logging
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from nibabel import Nifti1Image

from radlearn import Case
from radlearn.exceptions import GeometryError, MaskError
from radlearn.io import ArraySource
from radlearn.radiomics import PyRadiomicsFeatures, _kernels
from radlearn.radiomics._pyradiomics import glcm
from radlearn.radiomics._pyradiomics.parameters import read_parameters
from radlearn.radiomics._pyradiomics.scan import scan_of_case
from radlearn.radiomics.glcm import Entries

TEXTURE = dict.fromkeys(("firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm"))
REFERENCE = Path(__file__).parent / "data" / "pyradiomics_reference.csv"


def make_case(dtype=np.int16, shape=(9, 12, 11), label=1, **changes):
    """A wavy image with a tilted ellipsoid as its mask, made without random numbers."""
    z, y, x = np.indices(shape)
    waves = np.sin(0.9 * x + 0.4 * z) + np.cos(0.7 * y - 0.5 * x) + 0.5 * np.sin(1.7 * x * y / 5 + z)
    image = np.round(100 + 70 * waves).astype(dtype)
    center = np.array(shape).reshape(3, 1, 1, 1) / 2 - 0.4
    dz, dy, dx = np.indices(shape) - center
    mask = (dz / 4) ** 2 + ((dy - 0.4 * dx) / 4.7) ** 2 + (dx / 4.2) ** 2 < 1
    mask &= ~((z == 4) & (y == 5))  # a hole, so that the mesh has ambiguous cells
    affine = np.array([[0, 0, -0.7, 20.5], [0, 0.8, 0, -13.2], [2.5, 0, 0, 7.1], [0, 0, 0, 1.0]])
    sources = [
        ArraySource(array, (2.5, 0.8, 0.7), affine) for array in (image, mask.astype(np.uint8) * np.uint8(label))
    ]
    return Case(sources[0], mask=sources[1], id="waves", **changes)


def make_slice():
    """One slice of that case, as a single image."""
    case = make_case()
    image, mask = (ArraySource(source.array[3], (0.8, 0.7)) for source in (case.image, case.mask))
    return Case(image, mask=mask, id="slice")


def values(params=None, case=None, **options):
    table = (
        PyRadiomicsFeatures(params=params, **options)
        .set_output(transform="pandas")
        .fit_transform([make_case() if case is None else case])
    )
    return table.iloc[0]


def assert_equal_to_the_package(params, case=None, **options):
    pytest.importorskip("radiomics.featureextractor", reason="PyRadiomics is not installed")
    ours, theirs = (values(params, case, backend=backend, **options) for backend in ("radlearn", "pyradiomics"))
    assert theirs.notna().all()
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)


def test_default_features_have_the_recorded_numbers():
    with REFERENCE.open(encoding="utf-8") as file:
        expected = {row["name"]: float(row["value"]) for row in csv.DictReader(file)}
    found = values()
    assert list(found.index) == list(expected)
    np.testing.assert_allclose(found, list(expected.values()), rtol=1e-6)


@pytest.mark.parametrize(
    "setting",
    [
        {"binWidth": 7.3},
        {"binCount": 12},
        {"distances": [2]},
        {"distances": [1, 3]},
        {"symmetricalGLCM": False},
        {"weightingNorm": "manhattan"},
        {"weightingNorm": "euclidean"},
        {"weightingNorm": "infinity"},
        {"weightingNorm": "no_weighting", "distances": [1, 2]},
        {"gldm_a": 2},
        {"voxelArrayShift": 1000},
        {"force2D": True},
        {"force2D": True, "force2Ddimension": 1, "weightingNorm": "euclidean"},
        {"force2D": True, "force2Ddimension": 2, "distances": [2]},
        {"normalize": True, "normalizeScale": 100, "removeOutliers": 1.5},
        {"resegmentRange": [60, 190]},
        {"resegmentRange": [-1.2, 1], "resegmentMode": "sigma"},
        {"resegmentRange": [0.3], "resegmentMode": "relative", "resegmentShape": True},
        {"resampledPixelSpacing": [1, 1, 1]},
        {"resampledPixelSpacing": [1.1, 0.9, 0], "padDistance": 0},
        {"resampledPixelSpacing": [0.7, 0.8, 2.5]},
        {"resampledPixelSpacing": [1.1, 0.9, 2], "normalize": True, "normalizeScale": 100},
        {"resampledPixelSpacing": [0.5, 0.5, 1.5], "interpolator": "sitkLinear"},
        {"resampledPixelSpacing": [0.9, 1.1, 1.5], "interpolator": "sitkNearestNeighbor"},
        {"resampledPixelSpacing": [0.9, 1.1, 1.5], "interpolator": "sitkGaussian"},
        {"resampledPixelSpacing": [0.9, 1.1, 1.5], "interpolator": "sitkHammingWindowedSinc"},
        {"resampledPixelSpacing": [0.9, 1.1, 1.5], "interpolator": "sitkLanczosWindowedSinc"},
        {"preCrop": True, "padDistance": 1},
    ],
    ids=str,
)
def test_a_setting_does_what_it_does_in_pyradiomics(setting):
    assert_equal_to_the_package({"setting": setting, "featureClass": {**TEXTURE, "shape": None}})


@pytest.mark.parametrize(
    ("image_type", "arguments"),
    [
        ("Square", {}),
        ("SquareRoot", {}),
        ("Logarithm", {"binCount": 16}),
        ("Exponential", {}),
        ("Gradient", {}),
        ("Gradient", {"gradientUseSpacing": False}),
        ("LoG", {"sigma": [0.8, 1, 2.0]}),
        ("LBP2D", {"binWidth": 1}),
        ("LBP2D", {"lbp2DMethod": "var", "lbp2DRadius": 1.5, "lbp2DSamples": 6, "force2Ddimension": 2}),
        ("Wavelet", {}),
        ("Wavelet", {"wavelet": "db2", "level": 2, "start_level": 1, "binWidth": 10}),
        ("Wavelet", {"wavelet": "haar", "force2D": True, "force2Ddimension": 1}),
    ],
    ids=str,
)
@pytest.mark.parametrize("setting", [{}, {"preCrop": True, "padDistance": 2}], ids=str)
def test_an_image_type_has_the_numbers_of_pyradiomics(image_type, arguments, setting):
    classes = {"firstorder": None, "glcm": None, "glszm": None}
    assert_equal_to_the_package({"imageType": {image_type: arguments}, "featureClass": classes, "setting": setting})


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float32, np.float64])
def test_numbers_do_not_depend_on_how_an_image_is_stored(dtype):
    params = {"imageType": {"Original": {}, "Wavelet": {}}, "featureClass": {"firstorder": None, "glcm": None}}
    image = np.clip(make_case().image.array, 0, 255).astype(dtype) / (1 if np.issubdtype(dtype, np.integer) else 7.7)
    case = make_case()
    source = ArraySource(image.astype(dtype), case.image.spacing, case.image.affine)
    assert_equal_to_the_package(params, Case(source, mask=case.mask, id="stored"))


@pytest.mark.parametrize("setting", [{}, {"force2D": True}, {"force2D": True, "force2Ddimension": 1}], ids=str)
def test_single_images_have_the_numbers_of_pyradiomics(setting):
    params = {"featureClass": {**TEXTURE, "shape2D": None}, "imageType": {"Original": {}, "Wavelet": {}}}
    assert_equal_to_the_package({**params, "setting": setting}, make_slice(), ndim=2)


def test_single_images_have_no_third_axis_to_force_slices_across():
    params = {"featureClass": {"glcm": None}, "imageType": {"Original": {}, "Wavelet": {}}}
    forced = {**params, "setting": {"force2D": True, "force2Ddimension": 2}}
    assert values(forced, make_slice(), ndim=2).equals(values(params, make_slice(), ndim=2))


def test_a_region_in_one_slice_of_a_volume_has_the_numbers_of_pyradiomics():
    case = make_case()
    mask = case.mask.array.copy()
    mask[:3], mask[4:] = 0, 0
    flat = Case(case.image, mask=ArraySource(mask, case.mask.spacing, case.mask.affine), id="flat")
    params = {"featureClass": {**TEXTURE, "shape2D": None}, "setting": {"force2D": True}}
    assert_equal_to_the_package(params, flat)
    assert_equal_to_the_package({"featureClass": TEXTURE}, flat)


@pytest.mark.parametrize("n_slices", [2, 3])
def test_a_region_in_several_slices_has_no_shape_in_two_dimensions(n_slices):
    mask = np.zeros((4, 6, 7), np.uint8)
    mask[:n_slices, 1:5, :6] = 1
    case = Case(np.arange(168.0).reshape(mask.shape), mask=mask, id="slices")
    told = f"shape2D needs a region in one slice, but it extends over {n_slices} slices across axis 0; leave shape2D"
    with pytest.raises(MaskError, match=told):
        values({"featureClass": {"shape2D": None}, "setting": {"force2D": True}}, case)


def test_directions_without_two_voxels_behind_each_other_do_not_count():
    mask = np.zeros((3, 4, 5), np.uint8)
    mask[0, 0, 0] = mask[0, 2, 2] = mask[2, 0, 0] = mask[2, 2, 1] = 1
    case = Case(np.arange(60, dtype=np.int16).reshape(3, 4, 5), mask=mask, id="sparse")
    assert_equal_to_the_package({"featureClass": {"glrlm": None, "ngtdm": None}, "setting": {"binWidth": 10}}, case)


def test_a_region_of_one_grey_level_has_the_numbers_of_pyradiomics():
    case = make_case()
    flat = Case(np.full(case.image.array.shape, 30), mask=case.mask.array, id="flat")
    for setting in ({"binWidth": 25}, {"binCount": 8}):
        assert_equal_to_the_package({"featureClass": TEXTURE, "setting": setting}, flat)


def test_images_of_one_grey_level_share_their_texture_if_it_is_measured_alike(monkeypatch):
    case, n_counted = make_case(), Counter()

    def counted(*arguments, count=_kernels.count_dependences):
        n_counted["dependences"] += 1
        count(*arguments)

    monkeypatch.setattr(_kernels, "count_dependences", counted)
    flat = Case(np.full(case.image.array.shape, 30), mask=case.mask.array, id="flat")
    own = {"Square": {}, "SquareRoot": {"distances": [2], "weightingNorm": "euclidean"}}
    both = values({"featureClass": TEXTURE, "imageType": {"Original": {}, **own}}, flat)
    assert n_counted["dependences"] == 2
    for name, setting in own.items():
        alone = values({"featureClass": TEXTURE, "imageType": {name: {}}, "setting": setting}, flat)
        np.testing.assert_array_equal(both[alone.index], alone)
    assert both["squareroot_glrlm_RunEntropy"] != both["square_glrlm_RunEntropy"]


@pytest.mark.parametrize(
    ("places", "correlation"), [([(1, 1, 1), (6, 9, 8)], np.nan), ([(1, 1, 1), (1, 1, 2), (6, 9, 8)], 0)]
)
@pytest.mark.parametrize("backend", ["radlearn", "pyradiomics"])
@pytest.mark.parametrize("symmetric", [True, False])
def test_grey_levels_without_neighbors_have_no_correlation(places, correlation, symmetric, backend):
    if backend == "pyradiomics":
        pytest.importorskip("radiomics.featureextractor", reason="PyRadiomics is not installed")
    image, mask = np.full((9, 12, 11), 30), np.zeros((9, 12, 11), int)
    image[5:] = 90
    mask[tuple(np.transpose(places))] = 1
    params = {"featureClass": {"glcm": None, "ngtdm": None}, "setting": {"symmetricalGLCM": symmetric}}
    found = values(params, Case(image, mask=mask, id="few"), backend=backend)
    assert found["original_glcm_MCC"] == pytest.approx(correlation, abs=1e-12, nan_ok=True)
    assert np.isnan(found["original_glcm_Contrast"]) == np.isnan(correlation)
    assert found["original_ngtdm_Coarseness"] == 1e6


@pytest.mark.parametrize("symmetric", [True, False])
def test_the_correlation_of_many_grey_levels_is_that_of_few(symmetric, monkeypatch):
    setting = {"binWidth": 1, "symmetricalGLCM": symmetric}
    params = {"featureClass": {"glcm": ["MCC"]}, "setting": setting}
    expected = values(params)
    monkeypatch.setattr(glcm, "MANY_LEVELS", 20)
    np.testing.assert_allclose(values(params), expected, rtol=1e-8)
    assert_equal_to_the_package(params)


@pytest.mark.parametrize(
    ("levels", "neighbors"),
    [
        (np.arange(200), np.arange(1, 201)),  # all different, in a line
        (np.arange(0, 200, 2), np.arange(1, 201, 2)),  # in pairs, far from each other
        (np.arange(1, 201), np.arange(1, 201)),
        (np.zeros(200, int), np.arange(200)),
        (np.arange(2000) % 201, np.arange(2000) ** 2 % 199),
        np.random.default_rng(12).integers(0, 201, (2, 150)),  # groups of a few levels, each with an eigenvalue of 1
    ],
    ids=["line", "pairs", "equal", "star", "mixed", "rare"],
)
@pytest.mark.parametrize("max_steps", [1000, 10])
def test_singular_values_are_found_step_by_step(levels, neighbors, max_steps, monkeypatch):
    p = np.zeros((201, 201))
    np.add.at(p, (levels, neighbors), 1)
    p = (p + p.T) / (2 * p.sum())
    monkeypatch.setattr(glcm, "MANY_LEVELS", 20)
    monkeypatch.setattr(glcm, "MAX_STEPS", max_steps)
    i, j = np.nonzero(p)
    found = glcm._second_singular_value(i, j, p[p > 0])
    entries = Entries(np.zeros_like(i), i + 1, j + 1, p[p > 0], 1)
    of_symmetric = SimpleNamespace(entries=entries, is_symmetric=True, occurs=p.any(axis=0))
    root = np.sqrt(p.sum(axis=0))
    scaled = np.divide(p, np.outer(root, root), out=np.zeros(p.shape), where=p > 0)
    expected = np.linalg.svd(scaled, compute_uv=False)[1]
    assert [found, *glcm._maximal_correlation(of_symmetric)] == pytest.approx([expected, expected], rel=1e-10)


def test_features_on_request_have_the_numbers_of_pyradiomics():
    shape = ["Compactness1", "Compactness2", "SphericalDisproportion"]
    classes = {"shape": shape, "firstorder": ["StandardDeviation"]}
    assert_equal_to_the_package({"featureClass": classes})
    assert values({"featureClass": classes}).index[0] == "original_shape_Compactness1"


def test_a_mask_on_another_grid_is_corrected_as_in_pyradiomics():
    case = make_case()
    moved = case.mask.affine.copy()
    moved[:3, 3] += (0.3, -0.2, -1.0)
    shifted = Case(case.image, mask=ArraySource(case.mask.array, case.mask.spacing, moved), id="shifted")
    grids = r"origin \[20.5, -13.2, 7.1\], axes .* the mask .* origin \[20.8, -13.4, 6.1\], axes"
    with pytest.raises(GeometryError, match=rf"{grids} .*\(up to 1\.06 mm apart\).*geometryTolerance.*correctMask"):
        values(case=shifted)
    features = {"shape": None, "firstorder": None}
    assert_equal_to_the_package({"setting": {"correctMask": True}, "featureClass": features}, shifted)
    resampling = {"resampledPixelSpacing": [0.9, 0.9, 2]}
    assert_equal_to_the_package({"setting": resampling, "featureClass": features}, shifted)


def test_a_tolerance_is_forgotten_by_the_package_before_the_next_case():
    pytest.importorskip("radiomics.featureextractor", reason="PyRadiomics is not installed")
    case = make_case()
    moved = case.mask.affine.copy()
    moved[0, 3] += 1e-3
    shifted = Case(case.image, mask=ArraySource(case.mask.array, case.mask.spacing, moved), id="shifted")
    mean = {"featureClass": {"firstorder": ["Mean"]}}
    assert values({"setting": {"geometryTolerance": 1e-2}} | mean, shifted, backend="pyradiomics").notna().all()
    with pytest.raises(ValueError, match="geometry mismatch"):
        values(mean, shifted, backend="pyradiomics")


def test_filtering_around_the_region_gives_the_numbers_of_filtering_the_image():
    params = {"imageType": {"Wavelet": {"level": 2}, "Gradient": {}}, "featureClass": {"firstorder": None}}
    case = make_case(shape=(40, 50, 60))
    mask = np.zeros((40, 50, 60), np.uint8)
    mask[18:24, 20:27, 30:38] = 1
    for small in (mask, np.roll(mask, (-17, 22, -29), axis=(0, 1, 2))):
        assert_equal_to_the_package(params, Case(case.image.array, mask=small, id="large"))


def test_nifti_files_are_resampled_as_in_pyradiomics(tmp_path):
    case = make_case()
    files = [str(tmp_path / name) for name in ("image.nii.gz", "mask.nii")]
    for source, file in zip((case.image, case.mask), files, strict=True):
        Nifti1Image(source.array.T, np.diag([-0.9, 1.1, 2.3, 1])).to_filename(file)
    params = {"setting": {"resampledPixelSpacing": [1, 1, 1]}, "featureClass": {"shape": None, "firstorder": None}}
    stored = Case(files[0], mask=files[1])
    ours = values(params, stored)
    # 0.9 in single precision; in double precision, new voxels would lie right between two old ones.
    scan = scan_of_case(stored, read_parameters(params))
    assert scan.grid.spacing == scan.mask_grid.spacing == tuple(np.array([2.3, 1.1, 0.9], np.float32).tolist())
    extractor = pytest.importorskip("radiomics.featureextractor", reason="PyRadiomics is not installed")
    theirs = extractor.RadiomicsFeatureExtractor(params, additionalInfo=False).execute(*files)
    np.testing.assert_allclose(ours, [float(theirs[name]) for name in ours.index], rtol=1e-6)


def test_the_chosen_volume_of_a_series_is_measured(tmp_path):
    case = make_case()
    image, mask = case.load().image, case.load().mask.astype(np.uint8)
    for name, array in {"series": np.stack([image, 2 * image]), "second": 2 * image, "mask": mask}.items():
        Nifti1Image(array.T, np.eye(4)).to_filename(tmp_path / f"{name}.nii")
    alone = values(case=Case(tmp_path / "second.nii", mask=tmp_path / "mask.nii"))
    chosen = values(case=Case(tmp_path / "series.nii", mask=tmp_path / "mask.nii", volume=1))
    np.testing.assert_array_equal(chosen, alone)


def test_the_label_of_the_case_comes_before_that_of_the_parameters():
    expected = values({"setting": {"label": 3}}, make_case(label=3))
    assert values({"setting": {"label": 2}}, make_case(label=3, mask_label=3)).equals(expected)
    with pytest.raises(MaskError, match="does not have the label 1; labels present: 0, 3"):
        values(case=make_case(label=3))


def test_a_mask_of_fractions_is_refused_and_one_of_whole_floats_is_not():
    # PyRadiomics cuts fractions off: 1.4 belongs to the label 1, and a probability of 0.9 to none.
    case = make_case()
    labels = case.mask.array.astype(np.float32)
    assert values(case=Case(case.image.array, mask=labels)).equals(values(case=Case(case.image.array, case.mask.array)))
    probable = np.where(labels > 0, np.float32(1.5), np.float32(0.25))
    with pytest.raises(MaskError, match=r"mask of case 'soft' .* holds 0\.25, 1\.5, not whole numbers; threshold it"):
        values(case=Case(case.image.array, mask=probable, id="soft"))


@pytest.mark.parametrize("step", [0.01, 1])
def test_numbers_in_a_mask_that_a_message_does_not_list_are_counted(step):
    image = make_case().image.array
    many = 2 + step * np.arange(image.size, dtype=np.float32).reshape(image.shape) % 99
    n_more = np.unique(many[many % 1 != 0] if step < 1 else many).size - 20
    with pytest.raises(MaskError, match=rf"(, [\d.]+){{19}} and {n_more} more"):
        values(case=Case(image, mask=many))


def test_different_grids_are_named_with_their_files_and_their_distance(tmp_path):
    case = make_case()
    for name, x in (("image", 0.0), ("mask", 3e-6)):
        affine = case.image.affine[:, [2, 1, 0, 3]] + np.array([[0, 0, 0, x], [0] * 4, [0] * 4, [0] * 4])
        array = (case.image if name == "image" else case.mask).array.T
        Nifti1Image(array, affine).to_filename(tmp_path / f"{name}.nii")
    message = r"the image \(.*image\.nii'?\) has .*, the mask \(.*mask\.nii'?\) .* \(up to [23]\.\d*e-06 mm apart\)"
    with pytest.raises(GeometryError, match=message):
        values(case=Case(tmp_path / "image.nii", mask=tmp_path / "mask.nii"))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"minimumROIDimensions": 3}, "minimumROIDimensions=3"),
        ({"minimumROISize": 24}, "24 voxels, not more than minimumROISize=24"),
        ({"resegmentRange": [5000]}, "leaves 0 voxels"),
        ({"resegmentRange": [75]}, "leaves 1 voxels"),
        ({"binWidth": 1e-4}, "grey levels"),
    ],
    ids=str,
)
def test_a_region_that_does_not_fit_the_settings_is_refused(setting, message):
    mask = np.zeros((3, 6, 7), np.uint8)
    mask[1, 1:5, :6] = 1
    case = Case(np.arange(126.0).reshape(3, 6, 7), mask=mask, id="flat")
    with pytest.raises(MaskError, match=message):
        values({"setting": setting}, case)


@pytest.mark.parametrize(
    ("spacing", "message"), [([1e-4, 1e-4, 1e-4], "voxels is too large"), ([1, 1], "does not fit an image of shape")]
)
def test_a_spacing_that_does_not_fit_is_refused(spacing, message):
    with pytest.raises(GeometryError, match=message):
        values({"setting": {"resampledPixelSpacing": spacing}})


def test_a_filter_that_is_undefined_leaves_its_columns_empty():
    case = Case(np.zeros((5, 6, 7)), mask=np.ones((5, 6, 7), np.uint8), id="zeros")
    found = values({"imageType": {"Original": {}, "Square": {}}, "featureClass": {"firstorder": ["Mean"]}}, case)
    assert found["original_firstorder_Mean"] == 0
    assert np.isnan(found["square_firstorder_Mean"])


def test_an_error_names_the_image():
    with pytest.raises(MaskError, match=r"exponential: binWidth=1e-06 makes .* grey levels"):
        values({"imageType": {"Original": {}, "Exponential": {"binWidth": 1e-6}}, "featureClass": {"glcm": None}})


def test_nan_that_a_filter_brings_into_the_region_is_refused():
    case = make_case()
    image = case.image.array.astype(float)
    image[case.mask.array == 0] = np.nan
    outside = Case(image, mask=case.mask.array, id="outside")
    assert values(case=outside).notna().all()
    with pytest.raises(MaskError, match="image type wavelet-LLH is NaN or infinite in the region; fill NaN"):
        values({"imageType": {"Wavelet": {}}}, outside)


def test_an_image_too_small_for_a_sigma_leaves_its_columns_empty():
    # Along x there are 11 voxels of 0.7 mm: 7 mm and one voxel more.
    params = {"imageType": {"LoG": {"sigma": [1.0, 6.9, 7.1]}}, "featureClass": {"firstorder": ["Mean"]}}
    assert values(params).isna().to_dict() == {
        "log-sigma-1-0-mm-3D_firstorder_Mean": False,
        "log-sigma-6-9-mm-3D_firstorder_Mean": False,
        "log-sigma-7-1-mm-3D_firstorder_Mean": True,
    }
    nothing_is_filtered = {**params, "imageType": {"LoG": {"sigma": [7.1]}}}
    assert values(nothing_is_filtered).isna().to_dict() == {"log-sigma-7-1-mm-3D_firstorder_Mean": True}


def test_image_types_with_other_neighbors_are_measured_as_if_alone():
    # Texture is averaged over 13 directions, over 62, and over those 4 in the slices.
    types = {"Original": {}, "Wavelet": {"distances": [1, 2]}, "Square": {"force2D": True}}
    features = {"glcm": ["Contrast", "MCC"], "glrlm": ["RunEntropy"], "ngtdm": ["Busyness"]}
    alone = [values({"imageType": {kind: own}, "featureClass": features}) for kind, own in types.items()]
    together = values({"imageType": types, "featureClass": features})
    assert together.to_dict() == pd.concat(alone).to_dict()


@pytest.mark.parametrize("features", [{"shape": None}, {"shape2D": ["Perimeter"]}])
def test_shape_alone_needs_no_filtered_images(features):
    alone = values({"featureClass": features}, make_slice(), ndim=2)
    params = {"featureClass": features, "imageType": {"LoG": {"sigma": [1.0]}}}
    assert alone.equals(values(params, make_slice(), ndim=2))
    assert alone.index.tolist() == [f"original_{name}_{each[0]}" for name, each in features.items() if each]


def test_patterns_on_a_sphere_count_how_much_of_it_is_as_bright_as_its_center():
    # The harmonic of degree 0 is constant: the pattern is the number of such points times sqrt(42) / (4 pi).
    image = np.zeros((7, 7, 7))
    image[3, 3, 3] = 1
    mask = np.zeros(image.shape, np.uint8)
    mask[3, 3, 2:4] = 1
    params = {
        "imageType": {"LBP3D": {}},
        "featureClass": {"firstorder": ["Minimum"]},
        "setting": {"minimumROIDimensions": 1},
    }
    found = values(params, Case(image, mask=mask, id="impulse"))
    assert list(found.index) == [f"lbp-3D-{name}_firstorder_Minimum" for name in ("m1", "m2", "k")]
    assert found.iloc[0] == 0  # all around the impulse is darker


def test_a_changed_file_of_parameters_is_not_served_from_the_cache(tmp_path):
    file = tmp_path / "params.yaml"
    means = []
    for name in ("Mean", "Maximum"):
        file.write_text(f"featureClass: {{firstorder: [{name}]}}")
        means.append(values(file, memory=tmp_path).to_dict())
    assert [list(mean) for mean in means] == [["original_firstorder_Mean"], ["original_firstorder_Maximum"]]
    file.write_text("featureClass: {firstorder: [Energy]}\nsetting: {voxelArrayShift: 0}")
    before = values(file, memory=tmp_path).iloc[0]
    file.write_text("featureClass: {firstorder: [Energy]}\nsetting: {voxelArrayShift: 99}")
    assert values(file, memory=tmp_path).iloc[0] > before


@pytest.mark.parametrize("ndim", [2, 3])
def test_workers_find_the_kernels_compiled(ndim):
    extractor = PyRadiomicsFeatures(params={"setting": {"resegmentRange": [1000]}}, ndim=ndim).fit([make_case()])
    extractor._warm_up()  # whatever the settings make of so few voxels


@pytest.mark.parametrize(
    ("version", "way"),
    [
        ((3, 11, 7), "pip alone cannot build it: uv sync --extra pyradiomics"),
        ((3, 13, 0), r"cannot be built on Python 3\.13: take Python 3\.11"),
    ],
)
def test_the_missing_package_is_named_with_a_way_to_install_it(monkeypatch, version, way):
    for name in ("radiomics", "radiomics.featureextractor"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(ImportError, match=rf"backend='pyradiomics' needs PyRadiomics 3\.0\.1; .*{way}"):
        PyRadiomicsFeatures(backend="pyradiomics", on_error="nan").fit([make_case()])


def test_columns_are_those_of_pyradiomics_in_its_order():
    pytest.importorskip("radiomics.featureextractor", reason="PyRadiomics is not installed")
    import SimpleITK
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    logging.getLogger("radiomics").setLevel(logging.CRITICAL)
    params = {"imageType": {"Original": {}, "Wavelet": {"level": 2}, "Square": {}}, "setting": {"force2D": True}}
    case = make_case()
    mask = case.mask.array.copy()
    mask[:3], mask[4:] = 0, 0
    found = RadiomicsFeatureExtractor(params, additionalInfo=False).execute(
        SimpleITK.GetImageFromArray(case.image.array), SimpleITK.GetImageFromArray(mask)
    )
    assert PyRadiomicsFeatures(params=params)._names() == list(found)


def test_half_precision_is_measured_as_single_precision():
    case = make_case()
    half = case.image.array.astype(np.float16)
    rows = [values(case=Case(half.astype(dtype), mask=case.mask.array)) for dtype in (np.float16, np.float32)]
    pd.testing.assert_series_equal(*rows, check_names=False)


@pytest.mark.parametrize("setting", [{"normalize": True}, {"resegmentRange": [-1, 1], "resegmentMode": "sigma"}])
@pytest.mark.parametrize(("dtype", "factor"), [(np.float32, 1e30), (float, 1e300), (float, 1e70)])
def test_large_intensities_are_measured_or_refused(setting, dtype, factor):
    case = make_case()
    large = Case(case.image.array.astype(dtype) * dtype(factor), mask=case.mask.array)
    params = {"setting": {**setting, "binCount": 16}, "featureClass": {"glcm": None}}
    if factor == 1e300:
        with pytest.raises(MaskError, match=r"cannot be normalized|outside the computable range"):
            values(params, large)
    else:
        assert values(params, large).notna().all()


def test_bins_narrower_than_numbers_are_refused():
    image = np.full((4, 4, 4), 1e16)
    image[0] += 4
    params = {"setting": {"binCount": 16}, "featureClass": {"glcm": None}}
    with pytest.raises(MaskError, match=r"binCount=16 makes bins between .* narrower than numbers"):
        values(params, Case(image, mask=np.ones(image.shape, int)))


def test_the_layout_of_an_array_does_not_change_a_bit():
    case = make_case()
    params = {"setting": {"resampledPixelSpacing": [1, 1.2, 2], "normalize": True, "binWidth": 0.3}}
    image, mask = case.image.array, case.mask.array
    layouts = [image, np.asfortranarray(image), image.transpose(2, 0, 1).copy().transpose(1, 2, 0)]
    rows = [values(params, Case(layout, mask=mask, spacing=(2, 1, 1.5)), ndim=3) for layout in layouts]
    assert (rows[0].to_numpy() == rows[1].to_numpy()).all()
    assert (rows[0].to_numpy() == rows[2].to_numpy()).all()


def test_single_images_have_no_patterns_on_spheres():
    with pytest.raises(GeometryError, match="LBP3D is for volumes, not for single images; leave it out"):
        values({"imageType": {"LBP3D": {}}}, make_slice(), ndim=2)
