"""Whatever bytes a file holds: it is read, or refused with a RadlearnError; nothing else comes out."""

import gzip
import io
import warnings

import nibabel
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom import dcmwrite
from pydicom.uid import EnhancedCTImageStorage

from dicom_files import ct_slice, dataset, functional_groups, pixels, run_length_encoded, shared_groups
from radlearn.exceptions import RadlearnError
from radlearn.io import read_image

GREY = np.arange(7 * 9, dtype=np.uint8).reshape(7, 9)
VOLUME = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)


def _nifti(header_class=nibabel.Nifti1Image):
    return header_class(VOLUME.T, np.eye(4)).to_bytes()


def _nrrd(encoding, payload):
    header = f"""NRRD0004
type: short
dimension: 3
space: left-posterior-superior
sizes: 4 3 2
space directions: (0.5,0,0) (0,0.7,0) (0,0,3)
kinds: domain domain domain
endian: little
encoding: {encoding}
space origin: (10,20,30)

"""
    return header.encode() + payload


def _picture(array, kind, **options):
    file = io.BytesIO()
    Image.fromarray(array).save(file, kind, **options)
    return file.getvalue()


def _saved(save, *arrays, **named):
    file = io.BytesIO()
    save(file, *arrays, **named)
    return file.getvalue()


def _dicom(data):
    file = io.BytesIO()
    dcmwrite(file, data, enforce_file_format=True)
    return file.getvalue()


def _enhanced():
    groups = [functional_groups((0, 0, place)) for place in range(2)]
    return dataset(
        EnhancedCTImageStorage,
        NumberOfFrames=2,
        SharedFunctionalGroupsSequence=[shared_groups()],
        PerFrameFunctionalGroupsSequence=groups,
        **pixels(VOLUME),
    )


FILES = {
    "v1.nii": _nifti(),
    "v2.nii": _nifti(nibabel.Nifti2Image),
    "a.nii.gz": gzip.compress(_nifti()),
    "raw.nrrd": _nrrd("raw", VOLUME.tobytes()),
    "gzip.nrrd": _nrrd("gzip", gzip.compress(VOLUME.tobytes())),
    "grey.png": _picture(GREY, "PNG"),
    "color.png": _picture(np.dstack([GREY] * 3), "PNG"),
    "a.jpg": _picture(GREY, "JPEG"),
    "a.tif": _picture(GREY, "TIFF"),
    "lzw.tif": _picture(np.dstack([GREY] * 3), "TIFF", compression="tiff_lzw"),
    "a.npy": _saved(np.save, VOLUME),
    "ct.dcm": _dicom(ct_slice(GREY, (0, 0, 0))),
    "rle.dcm": _dicom(run_length_encoded(ct_slice(GREY, (0, 0, 0)))),
    "enhanced.dcm": _dicom(_enhanced()),
    "a.npz": _saved(np.savez_compressed, images=VOLUME),
}


@pytest.mark.parametrize("name", FILES)
def test_the_undamaged_file_is_read(write, name):
    assert read_image(write(name, FILES[name])).array.size


@pytest.mark.parametrize("name", FILES)
@settings(
    derandomize=True,
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_with_a_typed_error(write, name, data):
    content = bytearray(FILES[name])
    places = st.integers(0, len(content) - 1)
    for place, value in data.draw(st.dictionaries(places, st.integers(0, 255), max_size=6)).items():
        content[place] = value
    if data.draw(st.booleans()):
        del content[data.draw(places) :]
    path = write(name, bytes(content))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            read_image(path)
        except RadlearnError as error:
            assert name in str(error)  # noqa: PT017 - reading is as good as refusing
            assert error.remedy  # noqa: PT017
