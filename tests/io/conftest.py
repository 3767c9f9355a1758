"""Small files of every format, made in code."""

import gzip
import zipfile

import numpy as np
import pytest
from nibabel import Nifti1Image
from PIL import Image


@pytest.fixture
def volume():
    """Array (z, y, x) of int16 in which every voxel is different."""
    return np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)


@pytest.fixture
def nifti_bytes(volume):
    """Make a NIfTI file of `volume` with voxels of 0.5 x 0.7 x 3 mm; keywords set fields of its header."""

    def make(array=volume, *, affine="default", header_class=Nifti1Image, **fields):
        if isinstance(affine, str):
            affine = np.diag([0.5, 0.7, 3.0, 1.0])
        image = header_class(np.asarray(array).T, affine)
        image.header.set_xyzt_units("mm")
        raw = bytearray(image.to_bytes())
        header = type(image.header)(bytes(raw[: image.header.sizeof_hdr]), check=False)
        for name, value in fields.items():
            header[name] = value
        raw[: image.header.sizeof_hdr] = header.binaryblock
        return bytes(raw)

    return make


@pytest.fixture
def write(tmp_path):
    """Write bytes into a file and give its path."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def nrrd_bytes(volume):
    """Make an NRRD file of `volume`; keywords (blanks as underscores) change fields, None takes one away."""

    def make(payload=None, *, extra="", **fields):
        header = {
            "type": "short",
            "dimension": "3",
            "space": "left-posterior-superior",
            "sizes": "4 3 2",
            "space directions": "(0.5,0,0) (0,0.7,0) (0,0,3)",
            "kinds": "domain domain domain",
            "endian": "little",
            "encoding": "raw",
            "space origin": "(10,20,30)",
        }
        header.update({name.replace("_", " "): value for name, value in fields.items()})
        lines = [f"{name}: {value}\n" for name, value in header.items() if value is not None]
        payload = volume.tobytes() if payload is None else payload
        if header["encoding"] in ("gzip", "gz"):
            payload = gzip.compress(payload)
        return ("NRRD0004\n# a comment: with a colon\n" + "".join(lines) + extra + "\n").encode() + payload

    return make


@pytest.fixture
def zip_file(tmp_path):
    """Write an archive of the given members and give its path."""

    def make(members, compression=zipfile.ZIP_DEFLATED, name="images.zip"):
        with zipfile.ZipFile(tmp_path / name, "w", compression) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return tmp_path / name

    return make


@pytest.fixture
def picture(tmp_path):
    """Save an array with Pillow and give its path."""

    def save(array, name="picture.png", *, mode=None, **options):
        image = Image.fromarray(array)
        (image if mode is None else image.convert(mode)).save(tmp_path / name, **options)
        return tmp_path / name

    return save
