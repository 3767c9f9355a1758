"""Damaged files of every format: whatever their bytes, reading ends in an image or in a typed error."""

import gzip
import warnings
import zlib
from typing import NamedTuple

import numpy as np
import tifffile
from hypothesis import strategies as st
from nibabel import Nifti2Image
from pydicom import dcmwrite
from pydicom.uid import EnhancedCTImageStorage

from dicom_files import ct_slice, dataset, functional_groups, pixels, run_length_encoded, shared_groups
from image_files import GREY, VOLUME, meta_bytes, nifti_bytes, nrrd_bytes, picture_bytes, saved_bytes, zip_bytes
from radlearn import Case
from radlearn.exceptions import RadlearnError
from radlearn.io import FileSource

COLORS = np.dstack([GREY] * 3)
STACK = np.stack([GREY.astype(np.uint16)] * 3)
_IMAGEJ = {"imagej": True, "resolution": (4, 2), "metadata": {"axes": "ZYX", "spacing": 3.0, "unit": "mm"}}

FRAMES = dataset(
    EnhancedCTImageStorage,
    NumberOfFrames=len(VOLUME),
    SharedFunctionalGroupsSequence=[shared_groups()],
    PerFrameFunctionalGroupsSequence=[functional_groups((0, 0, place)) for place in range(len(VOLUME))],
    **pixels(VOLUME),
)


class Seed(NamedTuple):
    """A sound file that gets damaged."""

    content: bytes
    """What is damaged."""
    pack: object = bytes
    """Makes the file of it: damage behind a compression gets further than damage of the compression."""
    beside: dict = {}  # noqa: RUF012 - a tuple of names and bytes would be no clearer
    """Other files of its folder."""
    volume: int | None = None
    """Which volume is read."""


# By the name of the file; what stands before a hyphen tells the kinds of one format apart.
SEEDS = {
    "v1-a.nii": Seed(nifti_bytes()),
    "v2-a.nii": Seed(nifti_bytes(header_class=Nifti2Image)),
    "series-a.nii": Seed(nifti_bytes(np.stack([VOLUME] * 3)), volume=1),
    "outside-a.nii.gz": Seed(gzip.compress(nifti_bytes(), mtime=0)),
    "inside-a.nii.gz": Seed(nifti_bytes(), gzip.compress),
    "raw-a.nrrd": Seed(nrrd_bytes()),
    "gzip-a.nrrd": Seed(nrrd_bytes(encoding="gzip")),
    "text-a.nrrd": Seed(nrrd_bytes(" ".join(map(str, VOLUME.ravel())).encode(), encoding="text")),
    "hex-a.nrrd": Seed(nrrd_bytes(VOLUME.tobytes().hex().encode(), encoding="hex")),
    "detached-a.nhdr": Seed(nrrd_bytes(b"", data_file="a.raw"), beside={"a.raw": VOLUME.tobytes()}),
    "raw-a.mha": Seed(meta_bytes()),
    "zlib-a.mha": Seed(meta_bytes(zlib.compress(VOLUME.tobytes()), CompressedData="True")),
    "detached-a.mhd": Seed(meta_bytes(b"", ElementDataFile="a.raw"), beside={"a.raw": VOLUME.tobytes()}),
    "grey-a.png": Seed(picture_bytes(GREY)),
    "color-a.png": Seed(picture_bytes(COLORS)),
    "palette-a.png": Seed(picture_bytes(GREY, mode="P")),
    "a.jpg": Seed(picture_bytes(GREY, "JPEG")),
    "grey-a.tif": Seed(picture_bytes(GREY, "TIFF")),
    "lzw-a.tif": Seed(picture_bytes(COLORS, "TIFF", compression="tiff_lzw")),
    "deep-a.tif": Seed(saved_bytes(tifffile.imwrite, COLORS.astype(np.uint16), photometric="rgb")),
    "stack-a.tif": Seed(saved_bytes(tifffile.imwrite, STACK, **_IMAGEJ)),
    "a.npy": Seed(saved_bytes(np.save, VOLUME)),
    "outside-a.npz": Seed(saved_bytes(np.savez_compressed, images=VOLUME)),
    "inside-a.npz": Seed(saved_bytes(np.save, VOLUME), lambda content: zip_bytes({"images.npy": content})),
    "slice-a.dcm": Seed(saved_bytes(dcmwrite, ct_slice(GREY, (0, 0, 0)), enforce_file_format=True)),
    "rle-a.dcm": Seed(saved_bytes(dcmwrite, run_length_encoded(ct_slice(GREY, (0, 0, 0))), enforce_file_format=True)),
    "frames-a.dcm": Seed(saved_bytes(dcmwrite, FRAMES, enforce_file_format=True)),
    "outside-a.zip": Seed(zip_bytes({"a.png": picture_bytes(GREY)})),
}
_TELLING = b"0123456789-+.=:,() \n\0\xff"


@st.composite
def damaged(draw, content):
    """Bytes of a file with up to four damages: bytes changed, pieces or lines exchanged, repeated or lost."""
    content = bytearray(content)
    for damage in draw(st.lists(st.sampled_from(_DAMAGES), min_size=1, max_size=4)):
        # Most of what can be misread stands in the first bytes.
        reach = draw(st.sampled_from([64, 400, len(content)]))
        places = st.integers(0, max(min(reach, len(content)) - 1, 0))
        content = damage(draw, content, draw(places), draw(places))
    return bytes(content)


def _change(draw, content, here, there):
    content[here : here + 1] = draw(st.binary(min_size=1, max_size=1))
    return content


def _change_to_what_means_something(draw, content, here, there):
    content[here : here + 1] = bytes([draw(st.sampled_from(_TELLING))])
    return content


def _set_a_number(draw, content, here, there):
    size = draw(st.sampled_from([1, 2, 4, 8]))
    number = draw(st.sampled_from([0, 1, -1, 2 ** (8 * size - 1) - 1, -(2 ** (8 * size - 1))]))
    content[here : here + size] = number.to_bytes(size, draw(st.sampled_from(["little", "big"])), signed=True)
    return content


def _exchange(draw, content, here, there):
    size = draw(st.sampled_from([2, 4, 8]))
    content[here : here + size], content[there : there + size] = (
        content[there : there + size],
        content[here : here + size],
    )
    return content


def _exchange_values_of_lines(draw, content, here, there):
    lines = content.split(b"\n")
    first, second = here % len(lines), there % len(lines)
    kept = draw(st.sampled_from([b":", b"="]))
    (name, mark, value), (other_name, other_mark, other_value) = (
        lines[number].partition(kept) for number in (first, second)
    )
    lines[first], lines[second] = name + mark + other_value, other_name + other_mark + value
    return bytearray(b"\n".join(lines))


def _cut(draw, content, here, there):
    del content[there:]
    return content


def _lose(draw, content, here, there):
    del content[min(here, there) : max(here, there)]
    return content


def _repeat(draw, content, here, there):
    piece = content[min(here, there) : max(here, there)]
    content[here:here] = piece
    return content


_DAMAGES = (
    _change,
    _change_to_what_means_something,
    _set_a_number,
    _exchange,
    _exchange_values_of_lines,
    _cut,
    _lose,
    _repeat,
)


def read_damaged(name, content, folder):
    """Read a damaged file as a case of a study.

    Parameters
    ----------
    name : str
        Of the seed.
    content : bytes
        The damaged content of the seed.
    folder : Path
        Where the files are written.

    Returns
    -------
    outcome : str
        ``"read"``, or the class of the typed error. Anything else goes up.
    """
    seed = SEEDS[name]
    for file_name, other in seed.beside.items():
        (folder / file_name).write_bytes(other)
    (folder / name).write_bytes(seed.pack(content))
    member = "a.png" if name.endswith(".zip") else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            volume = Case(FileSource(folder / name, member), id="fuzzed", volume=seed.volume).load()
        except RadlearnError as error:
            assert "case 'fuzzed'" in str(error)  # noqa: PT017 - reading is as good as refusing
            assert name in str(error)  # noqa: PT017
            assert error.remedy  # noqa: PT017
            return type(error).__name__
    assert volume.image.size
    return "read"
