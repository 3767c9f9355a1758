"""Regions of several parts far apart: features do not depend on whether the gaps between them are left out."""

import numpy as np
import pytest
from scipy import ndimage

from radlearn import Case, Volume
from radlearn.exceptions import MaskError
from radlearn.filters import (
    GradientMagnitude,
    LaplacianOfGaussian,
    LocalBinaryPatterns2D,
    MeanFilter,
    NonSeparableWavelet,
    SeparableWavelet,
    Square,
)
from radlearn.radiomics import PyRadiomicsFeatures, RadiomicsFeatures, _gaps
from radlearn.radiomics._gaps import (
    box_around,
    box_of_region,
    kept_planes,
    near,
    occupied_planes,
    part_of,
    pieces_of,
    with_gaps,
)
from radlearn.radiomics._pyradiomics import images
from radlearn.radiomics._pyradiomics.parameters import read_parameters
from radlearn.radiomics._pyradiomics.preparation import prepared
from radlearn.radiomics._pyradiomics.scan import scan_of_case
from radlearn.radiomics._region import region_of
from radlearn.radiomics.discretize import Bins


def lesions(shape, n_parts=3, radius=2, seed=0):
    """Noise, and a mask of balls far apart."""
    rng = np.random.default_rng(seed)
    mask = np.zeros(shape, bool)
    corners = np.array([[0] * len(shape), [1] * len(shape), [0, 1, 0][: len(shape)]])[:n_parts]
    mask[tuple((corners * np.subtract(shape, 1)).T)] = True
    mask = ndimage.binary_dilation(mask, iterations=radius) & (rng.random(shape) < 0.9)
    return ndimage.gaussian_filter(rng.normal(100, 60, shape), 0.7), mask


@pytest.fixture(params=[(9, 40, 45), (40, 12, 60), (7, 7, 200)])
def volume(request):
    image, mask = lesions(request.param)
    return Volume(image.astype(np.float32), mask=mask, spacing=(2.0, 0.75, 1.25))


def features(volume, monkeypatch, *, with_gaps, **parameters):
    with monkeypatch.context() as patch:
        patch.setattr(_gaps, "WORTHWHILE", 0 if with_gaps else 0.9)
        case = Case(volume.image, mask=volume.mask, spacing=volume.spacing)
        return RadiomicsFeatures(bin_width=10, ndim=volume.ndim, **parameters).fit_transform([case])


FILTERS = [
    *(MeanFilter(), LaplacianOfGaussian(sigma=1.5), SeparableWavelet(bands=["LHH", "HLL"]), GradientMagnitude()),
    *(Square(), LocalBinaryPatterns2D(), NonSeparableWavelet()),
]


@pytest.mark.parametrize(
    "parameters",
    [
        {
            "not_standardised": True,
            "aggregation": ["2d_averaged", "2d_slice_merged", "2.5d_direction_merged", "2.5d_merged"],
        },
        {"aggregation": ["3d_averaged", "3d_merged"], "zone_connectivity": 6, "weighting_norm": "euclidean"},
        {"glcm_distance": 3, "ngtdm_distance": 2, "ngldm_distance": 4, "ngldm_coarseness": 1},
        {"resegment_range": (80, None), "outlier_sigma": 2},
        {"filters": FILTERS},
        {"filters": FILTERS, "families": ["spatial", "statistics", "glcm"]},
    ],
    ids=["slices", "space", "distances", "resegmented", "filters", "filters in pieces"],
)
def test_features_do_not_depend_on_gaps(volume, parameters, monkeypatch):
    kept = kept_planes(occupied_planes(volume.mask), 4)
    assert kept is not None
    expected = features(volume, monkeypatch, with_gaps=True, **parameters)
    found = features(volume, monkeypatch, with_gaps=False, **parameters)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("n_parts", [2, 3])
def test_features_of_single_images_do_not_depend_on_gaps(n_parts, monkeypatch):
    image, mask = lesions((60, 80), n_parts, radius=5)
    volume = Volume(image, mask=mask, spacing=(0.5, 0.75))
    expected, found = (features(volume, monkeypatch, with_gaps=with_gaps) for with_gaps in (True, False))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_gaps_are_left_out_of_the_arrays_only(volume):
    region = region_of(volume, Bins())
    assert region.mask.size < 0.5 * np.prod(region.extent)
    assert region.extent == tuple(np.ptp(places) + 1 for places in np.nonzero(volume.mask))
    np.testing.assert_array_equal(with_gaps(region.mask, region.positions), volume.mask[region.box])
    np.testing.assert_array_equal(region.intensities, volume.image[volume.mask])
    margins = [1, 5, 3]
    image, centers = region.with_surroundings(margins)
    assert image.size < volume.image.size
    np.testing.assert_array_equal(image[centers], volume.image[volume.mask])
    around = [ndimage.maximum_filter(mask, [2 * margin + 1 for margin in margins]) for mask in (volume.mask, centers)]
    np.testing.assert_array_equal(image[around[1]], volume.image[around[0]])


def test_an_empty_mask_is_refused():
    with pytest.raises(MaskError, match="the mask is empty"):
        box_of_region(np.zeros((2, 3, 4), bool))


@pytest.mark.parametrize("voxel", [(0, 0, 0), (1, 2, 3), (2, 3, 4)])
def test_the_box_of_a_voxel_is_the_voxel(voxel):
    mask = np.zeros((3, 4, 5), bool)
    mask[voxel] = True
    assert box_of_region(mask) == tuple(slice(place, place + 1) for place in voxel)


@pytest.mark.parametrize("margin", [1, 2, 5])
def test_planes_near_occupied_ones_are_kept(margin):
    occupied = np.array([3, 4, 20, 28])
    kept = near(occupied - 3, margin, 26)
    expected = [place for place in range(26) if np.abs(place - (occupied - 3)).min() <= margin]
    assert kept.tolist() == expected


def test_pieces_hold_scattered_voxels_and_nothing_else():
    mask = np.zeros((60, 200, 200), bool)
    mask[tuple(np.random.default_rng(0).integers(0, mask.shape, (20, 3)).T)] = True
    planes = occupied_planes(mask)
    box, kept = box_around(planes), kept_planes(planes, 1)
    compact = part_of(mask, box, kept)
    pieces = pieces_of(compact, box, kept)
    assert 1 < len(pieces) <= 20
    assert sum(mask[box].sum() for box, _ in pieces) == mask.sum()
    for box, place in pieces:
        np.testing.assert_array_equal(mask[box], compact[place])


def test_a_region_without_large_gaps_stays_as_it_is():
    mask = np.zeros((12, 12, 12), bool)
    mask[2:5, 2:9, 2:9] = mask[8:10, 2:9, 2:9] = True
    assert kept_planes(occupied_planes(mask), 1) is None
    assert region_of(Volume(np.zeros(mask.shape), mask=mask), Bins()).kept is None


def pyradiomics_row(volume, monkeypatch, params, *, with_gaps, backend="radlearn"):
    with monkeypatch.context() as patch:
        patch.setattr(_gaps, "WORTHWHILE", 0 if with_gaps else 0.9)
        case = Case(volume.image.astype(float), mask=volume.mask.astype(np.uint8), spacing=volume.spacing)
        extractor = PyRadiomicsFeatures(params=params, backend=backend, ndim=volume.ndim)
        return extractor.set_output(transform="pandas").fit_transform([case]).iloc[0]


KINDS = ("Original", "Square", "Logarithm", "Gradient", "LBP2D", "Wavelet")
IMAGE_TYPES = {kind: {} for kind in KINDS} | {"LoG": {"sigma": [0.8, 2.0]}}


@pytest.mark.parametrize(
    "setting",
    [
        {},
        {"distances": [1, 3], "weightingNorm": "euclidean"},
        {"force2D": True, "force2Ddimension": 1},
        {"resegmentRange": [80, 160]},
        {"resegmentRange": [80, 160], "resegmentShape": True, "binCount": 9},
        {
            "normalize": True,
            "normalizeScale": 100,
            "resampledPixelSpacing": [1.0, 1.0, 1.0],
            "interpolator": "sitkLinear",
        },
    ],
    ids=["defaults", "distances", "slices", "resegmented", "resegmented shape", "resampled"],
)
def test_features_of_pyradiomics_do_not_depend_on_gaps(volume, setting, monkeypatch):
    in_space = dict.fromkeys(("shape", "firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm"))
    params = {"imageType": IMAGE_TYPES, "featureClass": in_space, "setting": {"binWidth": 10} | setting}
    assert_gaps_do_not_matter(volume, monkeypatch, params)


def assert_gaps_do_not_matter(volume, monkeypatch, params):
    rows = [pyradiomics_row(volume, monkeypatch, params, with_gaps=with_gaps) for with_gaps in (True, False)]
    of_laplacian = rows[0].index.str.startswith("log")  # of single precision, whose last digit may differ
    expected, found = (row[~of_laplacian] for row in rows)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    expected, found = (row[of_laplacian] for row in rows)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_features_of_pyradiomics_of_single_images_do_not_depend_on_gaps(monkeypatch):
    image, mask = lesions((60, 80), radius=5)
    volume = Volume(image, mask=mask, spacing=(0.5, 0.75))
    assert_gaps_do_not_matter(volume, monkeypatch, {"imageType": IMAGE_TYPES, "setting": {"binWidth": 10}})


def test_gaps_are_measured_as_pyradiomics_does(volume, monkeypatch):
    pytest.importorskip("radiomics.featureextractor", reason="PyRadiomics is not installed")
    params = {"imageType": {"Original": {}, "Wavelet": {}, "LoG": {"sigma": [1.5]}}, "setting": {"binWidth": 10}}
    expected = pyradiomics_row(volume, monkeypatch, params, with_gaps=True, backend="pyradiomics")
    found = pyradiomics_row(volume, monkeypatch, params, with_gaps=False)
    is_shape = found.index.str.contains("shape")
    np.testing.assert_allclose(found[is_shape], expected[is_shape], rtol=1e-4)
    np.testing.assert_allclose(found[~is_shape], expected[~is_shape], rtol=1e-6, atol=1e-9)


def test_distant_parts_are_filtered_one_by_one_where_that_is_less_work(volume, monkeypatch):
    boxes = []
    monkeypatch.setattr(images, "laplacian_of_gaussian", lambda *parts: boxes.append(parts[-1]))
    for sigma in (0.1, 6.0):
        boxes.clear()
        parameters = read_parameters({"imageType": {"LoG": {"sigma": [sigma]}}})
        ready = prepared(scan_of_case(Case(volume.image, mask=volume.mask), parameters), parameters.settings)
        assert list(images.images("LoG", ready, parameters.image_types["LoG"])) == []
        pieces = [volume.mask[box] for box in boxes]
        assert sum(piece.sum() for piece in pieces) == volume.mask.sum()
        assert (len(pieces) > 1) == (sigma < 1)
