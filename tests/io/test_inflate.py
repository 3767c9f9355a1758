"""ISA-L and zlib expand the same files to the same voxels, and refuse the same ones."""

import gzip
import sys
import zlib

import numpy as np
import pytest

from radlearn.exceptions import ImageReadError
from radlearn.io import FileSource, read_image
from radlearn.io.inflate import gzip_stream, inflater


@pytest.fixture(params=["isal", "zlib"])
def library(request, monkeypatch):
    """The package that expands."""
    if request.param == "isal":
        pytest.importorskip("isal", reason="isal is not installed")
    else:
        for name in ("isal", "isal.igzip"):
            monkeypatch.setitem(sys.modules, name, None)
    return request.param


def test_isal_is_used_where_it_is_installed(library, tmp_path):
    with (tmp_path / "empty.gz").open("w+b") as file, gzip_stream(file) as stream:
        makers = type(stream).__module__, type(inflater(47)).__module__
    assert makers == {"isal": ("isal.igzip", "isal_zlib"), "zlib": ("gzip", "zlib")}[library]


@pytest.fixture
def compressed_files(write, nifti_bytes, nrrd_bytes, meta_bytes, volume, zip_file):
    """A compressed file of each format, all with the same voxels."""
    content = nifti_bytes()
    parts = gzip.compress(content[:400]) + gzip.compress(content[400:])
    deflated = zlib.compress(volume.tobytes())
    return {
        "nifti": write("a.nii.gz", gzip.compress(content)),
        "in two parts": write("b.nii.gz", parts),
        "nrrd": write("a.nrrd", nrrd_bytes(encoding="gzip")),
        "zlib": write("a.mha", meta_bytes(deflated, CompressedData="True")),
        "gzip": write("b.mha", meta_bytes(gzip.compress(volume.tobytes()), CompressedData="True")),
        "zip": FileSource(str(zip_file({"a.nii": content})), "a.nii"),
    }


@pytest.mark.parametrize("kind", ["nifti", "in two parts", "nrrd", "zlib", "gzip", "zip"])
@pytest.mark.usefixtures("library")
def test_voxels_do_not_depend_on_it(compressed_files, kind, volume):
    np.testing.assert_array_equal(read_image(compressed_files[kind]).array, volume)


@pytest.mark.parametrize("kind", ["nifti", "in two parts", "nrrd", "zlib", "gzip"])
@pytest.mark.parametrize("place", [-6, -20])
@pytest.mark.usefixtures("library")
def test_damage_is_noticed(compressed_files, kind, place):
    path = compressed_files[kind]
    content = bytearray(path.read_bytes())
    content[place] ^= 0x55
    path.write_bytes(content)
    with pytest.raises(ImageReadError, match="damaged"):
        read_image(path)


@pytest.mark.parametrize("kind", ["nifti", "in two parts", "nrrd", "zlib", "gzip"])
@pytest.mark.usefixtures("library")
def test_a_file_that_is_cut_off_is_refused(compressed_files, kind):
    path = compressed_files[kind]
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ImageReadError):
        read_image(path)
