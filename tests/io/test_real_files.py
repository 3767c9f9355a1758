"""Files as other programs wrote them; skipped where they are absent."""

import zipfile

import numpy as np
import pytest

from radlearn.io import FileSource, read_image


@pytest.fixture
def member(data_home):
    """Function of a set and a name: the file in the archive of the set."""

    def source(data_set, name):
        path = data_home / data_set / "images.zip"
        if not path.is_file():
            pytest.skip(f"the set {data_set} is not there")
        return FileSource(path, name)

    return source


def test_the_ct_phantom_of_ibsi(member):
    folder = "ibsi_1_ct_radiomics_phantom/nifti"
    image = read_image(member("radiomics_phantoms", f"{folder}/image/phantom.nii.gz"))
    mask = read_image(member("radiomics_phantoms", f"{folder}/mask/mask.nii.gz"))
    assert image.array.shape == mask.array.shape == (60, 201, 204)
    assert image.spacing == mask.spacing == (3.0, 0.977, 0.977)
    # The number of voxels that IBSI states for the region before interpolation.
    assert np.count_nonzero(mask.array) == 125_256


def test_the_digital_phantom_of_ibsi(member):
    image = read_image(member("radiomics_phantoms", "ibsi_1_digital_phantom/nifti/image/phantom.nii.gz"))
    assert image.array.shape == (4, 4, 5)
    assert image.spacing == (2.0, 2.0, 2.0)
    assert image.array[0, 0].tolist() == [1, 4, 4, 1, 1]


def test_an_nrrd_image_and_its_label_share_a_grid(member):
    image = read_image(member("radiomics_phantoms", "pyradiomics/brain1_image.nrrd"))
    label = read_image(member("radiomics_phantoms", "pyradiomics/brain1_label.nrrd"))
    assert image.array.shape == label.array.shape == (25, 256, 256)
    assert image.spacing == pytest.approx((6.5, 0.78125, 0.78125))
    assert np.array_equal(image.affine, label.affine)
    # The corner lies left and in front in the file (x = -99.6, y = 99.6 in LPS): right and behind in RAS.
    assert image.affine[:3, 3] == pytest.approx([99.609375, -99.609375, -78])
    # The number of voxels that PyRadiomics' own tests state.
    assert np.count_nonzero(label.array) == 4137


def test_an_ultrasound_image_and_its_mask(member):
    image = read_image(member("busi", "benign_1.png"))
    mask = read_image(member("busi", "benign_1_mask.png"))
    assert image.array.shape == mask.array.shape == (215, 256)
    assert np.unique(mask.array).tolist() == [0, 1]


@pytest.mark.slow
def test_every_file_of_every_set_is_read(data_home):
    archives = sorted(data_home.glob("*/images.zip"))
    for path in archives:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.endswith((".csv", "/"))]
        for name in names:
            assert read_image(FileSource(path, name)).array.ndim in (2, 3)
    assert archives
