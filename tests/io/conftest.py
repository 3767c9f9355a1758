"""Small files of every format, made in code."""

import zipfile

import pytest
from PIL import Image

import image_files


@pytest.fixture
def volume():
    """Array (z, y, x) of int16 in which every voxel is different."""
    return image_files.VOLUME.copy()


@pytest.fixture
def nifti_bytes():
    """Make a NIfTI file of `volume`."""
    return image_files.nifti_bytes


@pytest.fixture
def nrrd_bytes():
    """Make an NRRD file of `volume`."""
    return image_files.nrrd_bytes


@pytest.fixture
def meta_bytes():
    """Make a MetaImage file of `volume`."""
    return image_files.meta_bytes


@pytest.fixture
def write(tmp_path):
    """Write bytes into a file and give its path."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def zip_file(tmp_path):
    """Write an archive of the given members and give its path."""

    def make(members, compression=zipfile.ZIP_DEFLATED, name="images.zip"):
        path = tmp_path / name
        path.write_bytes(image_files.zip_bytes(members, compression))
        return path

    return make


@pytest.fixture
def picture(tmp_path):
    """Save an array with Pillow and give its path."""

    def save(array, name="picture.png", *, mode=None, **options):
        image = Image.fromarray(array)
        (image if mode is None else image.convert(mode)).save(tmp_path / name, **options)
        return tmp_path / name

    return save
