"""Response maps of IBSI 2: some voxels of each, on phantoms of the data home; the benchmark compares all voxels."""

import csv
import gzip
import zipfile
from collections import defaultdict
from pathlib import Path

import nibabel
import numpy as np
import pytest

from radlearn.filters import (
    GaborFilter,
    LaplacianOfGaussian,
    LawsKernels,
    MeanFilter,
    NonSeparableWavelet,
    RieszLaplacianOfGaussian,
    RieszWavelet,
    SeparableWavelet,
)

SPACING = (2.0, 2.0, 2.0)
SLICE_WISE = {"slice_wise": True}
INVARIANT = {"rotation_invariant": True, "pooling": "max"}
LAWS_3D = {"kernels": "E3W5R5"}
NARROW = {"sigma": 10.0, "wavelength": 4.0, "gamma": 0.5, "boundary": "zero"}
WIDE = {"sigma": 20.0, "wavelength": 8.0, "gamma": 2.5}
COIFLET = {"wavelet": "coif1", "bands": "HHL", "boundary": "periodic"}
HAAR = {"wavelet": "haar", "level": 2, "rotation_invariant": True}
LOG = {"sigma": 3.0, "boundary": "zero"}

TESTS = {
    "1.a.1": ("checkerboard", MeanFilter(support=15, boundary="zero")),
    "1.a.2": ("checkerboard", MeanFilter(support=15, boundary="nearest")),
    "1.a.3": ("checkerboard", MeanFilter(support=15, boundary="periodic")),
    "1.a.4": ("checkerboard", MeanFilter(support=15)),
    "1.b.1": ("impulse", MeanFilter(support=15, boundary="zero", **SLICE_WISE)),
    "2.a": ("impulse", LaplacianOfGaussian(**LOG)),
    "2.b": ("checkerboard", LaplacianOfGaussian(sigma=5.0)),
    "2.c": ("checkerboard", LaplacianOfGaussian(sigma=5.0, **SLICE_WISE)),
    "3.a.1": ("impulse", LawsKernels(kernels="E5L5S5", boundary="zero")),
    "3.a.2": ("impulse", LawsKernels(kernels="E5L5S5", boundary="zero", **INVARIANT)),
    "3.a.3": ("impulse", LawsKernels(kernels="E5L5S5", boundary="zero", energy_distance=7, **INVARIANT)),
    "3.b.1": ("checkerboard", LawsKernels(**LAWS_3D)),
    "3.b.2": ("checkerboard", LawsKernels(**LAWS_3D, **INVARIANT)),
    "3.b.3": ("checkerboard", LawsKernels(**LAWS_3D, energy_distance=7, **INVARIANT)),
    "3.c.1": ("checkerboard", LawsKernels(kernels="L5S5", **SLICE_WISE)),
    "3.c.2": ("checkerboard", LawsKernels(kernels="L5S5", **SLICE_WISE, **INVARIANT)),
    "3.c.3": ("checkerboard", LawsKernels(kernels="L5S5", energy_distance=7, **SLICE_WISE, **INVARIANT)),
    "4.a.1": ("impulse", GaborFilter(theta_deg=60, **NARROW)),
    "4.a.2": ("impulse", GaborFilter(theta_step_deg=45, orthogonal_planes=True, **NARROW)),
    "4.b.1": ("sphere", GaborFilter(theta_deg=225, **WIDE)),
    "4.b.2": ("sphere", GaborFilter(theta_step_deg=22.5, orthogonal_planes=True, **WIDE)),
    "5.a.1": ("impulse", SeparableWavelet(wavelet="db2", bands="LHL", boundary="zero")),
    "5.a.2": ("impulse", SeparableWavelet(wavelet="db2", bands="LHL", boundary="zero", rotation_invariant=True)),
    "6.a.1": ("sphere", SeparableWavelet(**COIFLET)),
    "6.a.2": ("sphere", SeparableWavelet(**COIFLET, rotation_invariant=True)),
    "7.a.1": ("checkerboard", SeparableWavelet(bands="LLL", **HAAR)),
    "7.a.2": ("checkerboard", SeparableWavelet(bands="HHH", **HAAR)),
    "8.a.1": ("checkerboard", NonSeparableWavelet(level=1)),
    "8.a.2": ("checkerboard", NonSeparableWavelet(level=2)),
    "8.a.3": ("checkerboard", NonSeparableWavelet(level=3)),
    "9.a": ("impulse", RieszLaplacianOfGaussian(order=(0, 0, 1), **LOG)),
    "9.b.1": ("sphere", RieszLaplacianOfGaussian(order=(0, 2, 0), **LOG)),
    "10.b.1": ("pattern_1", RieszWavelet(order=(0, 2, 0), boundary="nearest")),
}

VOXELS = defaultdict(list)
for row in csv.DictReader(
    (Path(__file__).parent / "data" / "ibsi2_response_voxels.csv").read_text("utf-8").splitlines()
):
    VOXELS[row["test_id"]].append(row)


@pytest.fixture(scope="module")
def phantoms(data_home):
    """Function of a name: the phantom, as an array (z, y, x)."""
    archive = data_home / "radiomics_phantoms" / "images.zip"
    if not archive.is_file():
        pytest.skip("the phantoms of IBSI 2 are not here")

    def phantom(name):
        with zipfile.ZipFile(archive) as members:
            packed = members.read(f"ibsi_2_digital_phantom/nifti/{name}/image/{name}.nii.gz")
        return nibabel.Nifti1Image.from_bytes(gzip.decompress(packed)).get_fdata().T

    return phantom


def test_each_reference_map_is_compared():
    assert TESTS.keys() == VOXELS.keys()


@pytest.mark.parametrize("test", TESTS)
def test_the_response_is_that_of_the_reference_map(test, phantoms):
    name, image_filter = TESTS[test]
    [(_, response)] = image_filter.filtered(phantoms(name), SPACING)
    for row in VOXELS[test]:
        voxel = tuple(int(row[axis]) for axis in "zyx")
        assert response[voxel] == pytest.approx(float(row["value"]), rel=0, abs=float(row["tolerance"])), voxel
    assert np.isfinite(response).all()
