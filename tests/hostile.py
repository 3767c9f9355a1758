"""Hostile files, made in code: what is in them, and how reading each of them must end.

Every entry is a function that gives the files of one case, by name; the first is the image. The decorator names its
fault, one of `FAULTS`, and the outcome: an `error` (its class and a pattern of its message), a `warning`, or only a
`mean` of the image inside its mask, after a `step` if one is given. Further keywords, such as other files, go to
`Case`. A new kind of file is a new function. The file is long because it is one list, in the order of `FAULTS`.

Run as a script, it reads entries in a process of limited address space, and prints one line of JSON for each.
"""

import gzip
import json
import sys
import tempfile
import time
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tifffile

from image_files import (
    GREY,
    VOLUME,
    meta_bytes,
    nifti_bytes,
    npy_of_header,
    nrrd_bytes,
    picture_bytes,
    png_of_header,
    saved_bytes,
    zip_bytes,
)
from radlearn import Case, exceptions
from radlearn.base import CohortTransformer
from radlearn.io import FileSource
from radlearn.preprocessing import ClipIntensity, FillPadding

# More than reading the small files costs, less than any of the bombs asks for.
EXTRA_BYTES = 2**29
BOMB_BYTES = 2**30

TB_54 = "30000 30000 30000"
SECRET = "Doe^Jane"  # must never come out
MASK = (VOLUME > 11).astype(np.uint8)  # mean of the image inside: 17.5


class Hostile(NamedTuple):
    """One entry: how its files are made, and what reading them must give."""

    fault: str
    make: Callable[[], dict[str, bytes]]
    error: str | None
    pattern: str | None
    warning: str | None
    mean: float | None
    step: CohortTransformer | None
    case: dict


# What can be wrong with a file, or unusual about it. Each fault has at least one entry.
FAULTS = (
    "declared size",
    "expansion",
    "truncation",
    "wrong content",
    "dimension below 1",
    "voxel size 0",
    "geometry not finite",
    "no orientation",
    "unusable scaling",
    "complex values",
    "color",
    "number of dimensions",
    "mask on another grid",
    "unusual axes",
    "empty mask",
    "values of a mask",
    "region of one voxel",
    "mask of the whole image",
    "constant region",
    "NaN outside the region",
    "extreme intensities",
    "end of the integer range",
    "byte order",
    "path out of the folder",
    "too many pixels",
    "kinds of pictures",
    "pickle",
    "name of a patient",
    "missing file",
    "unusual file name",
    "markup in names",
)

CORPUS = {}


def hostile(fault, *, error=None, warning=None, mean=None, step=None, **case):
    """Put a function into the corpus; `error` is ``"ImageReadError: pattern"``."""
    assert fault in FAULTS
    kind, _, pattern = (error or "").partition(": ")

    def register(make):
        CORPUS[make.__name__] = Hostile(fault, make, kind or None, pattern or None, warning, mean, step, case)
        return make

    return register


# More than there is.


@hostile(
    "declared size", error=r"ImageReadError: 30000 x 30000 x 30000 voxels of int16 \(54 TB\), the file has 600 bytes"
)
def nifti_of_54_terabytes():
    return {"a.nii": nifti_bytes(dim=[3, 30000, 30000, 30000, 1, 1, 1, 1]).ljust(600, b"\0")}


@hostile("declared size", error=r"ImageReadError: \(54 TB\), the file has")
def compressed_nifti_of_54_terabytes():
    return {"a.nii.gz": gzip.compress(nifti_bytes(dim=[3, 30000, 30000, 30000, 1, 1, 1, 1]))}


@hostile("declared size", error=r"ImageReadError: 4 x 3 x 2 voxels of int16 \(48 bytes\), the file has", volume=32766)
def nifti_series_of_which_only_the_first_volume_is_there():
    return {"a.nii": nifti_bytes(dim=[4, 4, 3, 2, 32767, 1, 1, 1])}


@hostile("declared size", error=r"ImageReadError: \(54 TB\), the file has")
def nrrd_of_54_terabytes():
    return {"a.nrrd": nrrd_bytes(sizes=TB_54)}


@hostile("declared size", error=r"ImageReadError: \(54 TB\), the file has")
def bzip2_nrrd_of_54_terabytes():
    return {"a.nrrd": nrrd_bytes(b"BZh9", sizes=TB_54, encoding="bzip2")}


@hostile("declared size", error=r"ImageReadError: \(54 TB\), the file has")
def metaimage_of_54_terabytes():
    return {"a.mha": meta_bytes(DimSize=TB_54)}


@hostile("declared size", error=r"ImageReadError: \(54 TB\), the file has")
def npy_of_54_terabytes():
    return {"a.npy": npy_of_header((30000,) * 3)}


@hostile("declared size", error=r"ImageReadError: \(54 TB\), the file has")
def npz_of_54_terabytes():
    return {"a.npz": zip_bytes({"a.npy": npy_of_header((30000,) * 3)})}


@hostile("declared size", error="ImageReadError: declares 4000 x 1000 x 1000 voxels, the file has", spacing=1)
def tiff_of_4000_pages_of_one_strip():
    return {"a.tif": tiff_of_one_strip(4000)}


@hostile("declared size", error="ImageReadError: more than 4,096 pages", spacing=1)
def tiff_of_too_many_pages():
    return {"a.tif": tiff_of_one_strip(100_000)}


def tiff_of_one_strip(n_pages):
    """All pages share the pixels of the first: the file grows by 100 bytes where the stack grows by 1 MB."""
    page = saved_bytes(tifffile.imwrite, np.zeros((1000, 1000), np.uint8), metadata=None)
    first = int.from_bytes(page[4:8], "little")
    n_entries = int.from_bytes(page[first : first + 2], "little")
    size = 2 + 12 * n_entries
    directory = page[first : first + size]
    body = page[:first] + page[first + size + 4 :]
    begin = len(body) + len(body) % 2
    pages = [directory + (begin + (number + 1) * (size + 4)).to_bytes(4, "little") for number in range(n_pages - 1)]
    content = body.ljust(begin, b"\0") + b"".join(pages) + directory + bytes(4)
    return content[:4] + begin.to_bytes(4, "little") + content[8:]


def gzip_bomb():
    """Zeros, 1 GiB of them in 1 MB: one compressed piece, again and again, which gzip joins."""
    return gzip.compress(bytes(2**24)) * (BOMB_BYTES // 2**24)


@hostile("expansion", mean=11.5)
def gzip_bomb_behind_a_small_nifti():
    return {"a.nii.gz": gzip.compress(nifti_bytes()) + gzip_bomb()}


@hostile("expansion", mean=11.5)
def gzip_bomb_behind_a_small_nrrd():
    return {"a.nrrd": nrrd_bytes(encoding="gzip") + gzip_bomb()}


@hostile("expansion", error=r"ImageReadError: puts the voxels at byte 1e\+09")
def nifti_whose_voxels_stand_behind_a_gzip_bomb():
    return {"a.nii.gz": gzip.compress(nifti_bytes(vox_offset=1e9)) + gzip_bomb()}


@hostile("expansion", error="ImageReadError: it skips 900 MB of what is compressed")
def nrrd_whose_voxels_stand_behind_a_gzip_bomb():
    return {"a.nrrd": nrrd_bytes(encoding="gzip", byte_skip=900_000_000) + gzip_bomb()}


@hostile("expansion", error="ImageReadError: there is not enough memory")
def image_within_the_limits_for_which_memory_is_too_small():
    header = nifti_bytes(np.zeros((1, 1, 1), np.uint8), dim=[3, 1024, 1024, 1000, 1, 1, 1, 1])
    return {"a.nii.gz": gzip.compress(header) + gzip_bomb()}


@hostile("expansion", mean=11.5)
def zlib_bomb_behind_a_small_metaimage():
    return {"a.mha": meta_bytes(zlib.compress(VOLUME.tobytes() + bytes(2**26), 1), CompressedData="True")}


@hostile("expansion", mean=0)
def npz_that_expands_beyond_what_it_declares():
    return {"a.npz": zip_bytes({"a.npy": npy_of_header((2, 2), n_bytes=2**26)})}


@hostile("expansion", error="ImageReadError: File name too long")
def header_of_blanks_that_no_lazy_match_ends():
    blanks = b" " * 200_000
    return {"a.mhd": meta_bytes(b"", ElementDataFile="a" + blanks.decode() + "b")}


@hostile("expansion", error="GeometryError: a stack of 2 pages without a usable voxel size")
def stack_described_by_blanks():
    pages = np.zeros((2, 4, 5), np.uint8)
    return {"a.tif": saved_bytes(tifffile.imwrite, pages, description="a=" + " " * 200_000 + "x", metadata=None)}


@hostile("expansion", error="ImageReadError: it skips 999999999 lines and has")
def nrrd_that_skips_a_billion_lines():
    return {"a.nrrd": nrrd_bytes(line_skip=999_999_999)}


# Incomplete, or something else.


@hostile("truncation", error="ImageReadError: the file has 399 bytes; download or export the file again")
def truncated_nifti():
    return {"a.nii": nifti_bytes()[:-1]}


@hostile("truncation", error="ImageReadError: the file has 47 bytes")
def truncated_nrrd():
    return {"a.nrrd": nrrd_bytes()[:-1]}


@hostile("truncation", error="ImageReadError: the file has 47 bytes")
def truncated_metaimage():
    return {"a.mha": meta_bytes()[:-1]}


@hostile("wrong content", error="ImageReadError: damaged or incomplete")
def truncated_gzip():
    return {"a.nii.gz": gzip.compress(nifti_bytes())[:-20]}


@hostile("wrong content", error="ImageReadError: an uncompressed NIfTI image; give the file the ending of its format")
def nifti_that_is_not_compressed():
    return {"a.nii.gz": nifti_bytes()}


@hostile("wrong content", error=r"ImageReadError: a web page; was the download complete\?")
def web_page():
    return {"a.nii.gz": b"<!DOCTYPE html><html><body>Please log in"}


@hostile("wrong content", error=r"ImageReadError: it is empty \(0 bytes\)")
def empty_file():
    return {"a.png": b""}


@hostile("wrong content", error="ImageReadError: it holds no array; save it again")
def archive_without_arrays():
    return {"a.npz": zip_bytes({})}


# Impossible headers.


@hostile("dimension below 1", error="ImageReadError: declares 4 x -3 x 2 voxels")
def negative_dimension():
    return {"a.nii": nifti_bytes(dim=[3, 4, -3, 2, 1, 1, 1, 1])}


@hostile("dimension below 1", error="ImageReadError: declares 4 x 3 x 0 voxels")
def zero_dimension():
    return {"a.nrrd": nrrd_bytes(sizes="4 3 0")}


@hostile("dimension below 1", error="ImageReadError: declares 4 x 3 x -2 voxels")
def negative_dimension_of_a_metaimage():
    return {"a.mha": meta_bytes(DimSize="4 3 -2")}


@hostile("voxel size 0", error="GeometryError: voxel size .* mm; pass the true one with spacing=")
def voxel_size_zero():
    return {"a.nii": nifti_bytes(pixdim=np.zeros(8))}


@hostile("voxel size 0", mean=11.5, spacing=(3, 1, 1))
def voxel_size_zero_with_the_true_one_given():
    return {"a.nii": nifti_bytes(pixdim=np.zeros(8))}


@hostile("geometry not finite", error="GeometryError: voxel size")
def voxel_size_nan():
    return {"a.nii": nifti_bytes(pixdim=np.full(8, np.nan))}


@hostile("geometry not finite", error="GeometryError: NaN or infinity in its affine")
def affine_of_infinity():
    return {"a.nii": nifti_bytes(srow_x=np.full(4, np.inf))}


@hostile("geometry not finite", error="GeometryError: voxel size")
def spacing_of_a_metaimage_nan():
    return {"a.mha": meta_bytes(ElementSpacing="nan 1 1")}


@hostile("no orientation", warning="no qform and no sform: its orientation is unknown", mean=11.5)
def no_orientation():
    return {"a.nii": nifti_bytes(sform_code=0, qform_code=0)}


@hostile("unusable scaling", warning="unusable scaling slope 0", mean=11.5)
def slope_zero():
    return {"a.nii": nifti_bytes(scl_slope=0, scl_inter=0)}


@hostile("unusable scaling", warning="unusable scaling slope inf", mean=11.5)
def slope_infinite():
    return {"a.nii": nifti_bytes(scl_slope=np.inf, scl_inter=0)}


# Other values, other shapes.


@hostile("complex values", error="ImageReadError: complex numbers .*; save their magnitude")
def complex_values():
    return {"a.nii": nifti_bytes(VOLUME.astype(np.complex64))}


@hostile("color", error=r"ImageReadError: 3 values per voxel \(R, G, B\), probably colors")
def colors():
    return {"a.nii": nifti_bytes(np.zeros((2, 3, 4), [("R", "u1"), ("G", "u1"), ("B", "u1")]))}


@hostile("number of dimensions", error="ImageReadError: 4 dimensions .*; choose one with volume=, from 0 to 4")
def series():
    return {"a.nii": nifti_bytes(np.stack([VOLUME] * 5))}


@hostile("number of dimensions", mean=11.5, volume=3)
def series_of_which_one_volume_is_chosen():
    return {"a.nii": nifti_bytes(np.stack([VOLUME] * 5))}


@hostile("number of dimensions", mean=11.5)
def single_axes_at_the_end():
    return {"a.nii": nifti_bytes(VOLUME[np.newaxis, np.newaxis])}


# Masks.


@hostile(
    "mask on another grid",
    error=r"GeometryError: different grids: the image .* has shape \(2, 3, 4\).*the mask .* shape \(2, 3, 3\)",
    mask="m.nii",
)
def mask_of_another_shape():
    return {"a.nii": nifti_bytes(), "m.nii": nifti_bytes(MASK[..., :3])}


@hostile("mask on another grid", error=r"GeometryError: \(up to 2 mm apart\); resample the mask", mask="m.nii")
def mask_of_another_place():
    affine = np.diag([0.5, 0.7, 3.0, 1.0])
    affine[0, 3] = 2
    return {"a.nii": nifti_bytes(), "m.nii": nifti_bytes(MASK, affine=affine)}


@hostile("unusual axes", error="GeometryError: sheared axes: two of them meet at 84.29 degrees")
def sheared_axes():
    affine = np.eye(4)
    affine[1, 2] = 0.1
    return {"a.nii": nifti_bytes(affine=affine)}


@hostile("unusual axes", error="ImageReadError: has the field 'space directions: ")
def directions_of_two_lengths():
    return {"a.nrrd": nrrd_bytes(space_directions="(0.5,0) (0,0.7,0) (0,0,3)")}


@hostile("unusual axes", mean=17.5, mask="m.nii")
def left_handed_axes():
    affine = np.diag([-0.5, 0.7, 3.0, 1.0])
    return {"a.nii": nifti_bytes(affine=affine), "m.nii": nifti_bytes(MASK, affine=affine)}


@hostile("empty mask", error="MaskError: is empty; labels present: 0; draw a region", mask="m.nii")
def empty_mask():
    return {"a.nii": nifti_bytes(), "m.nii": nifti_bytes(0 * MASK)}


@hostile("empty mask", error="MaskError: is empty for label 7; labels present: 0, 1", mask="m.nii", mask_label=7)
def absent_label():
    return {"a.nii": nifti_bytes(), "m.nii": nifti_bytes(MASK)}


@hostile("values of a mask", error="MaskError: not whole numbers from 0 up; threshold it first", mask="m.nii")
def mask_of_probabilities():
    return {"a.nii": nifti_bytes(), "m.nii": nifti_bytes(VOLUME / np.float32(23))}


@hostile("values of a mask", error="MaskError: not whole numbers from 0 up", mask="m.nii")
def mask_of_negative_labels():
    return {"a.nii": nifti_bytes(), "m.nii": nifti_bytes(-MASK.astype(np.int16))}


@hostile("values of a mask", error="MaskError: not whole numbers from 0 up", mask="m.nii")
def mask_of_infinity():
    return {"a.nii": nifti_bytes(), "m.nii": nifti_bytes(np.where(MASK, np.float32(np.inf), 0))}


@hostile("values of a mask", error="MaskError: not whole numbers from 0 up", mask="m.nii")
def mask_of_labels_beyond_all_whole_numbers():
    return {"a.nii": nifti_bytes(), "m.nii": nifti_bytes(MASK * 1e19)}


@hostile("values of a mask", mean=17.5, mask="m.nii")
def mask_of_255():
    return {"a.nii": nifti_bytes(), "m.nii": nifti_bytes(255 * MASK)}


@hostile("region of one voxel", mean=23, mask="m.nii")
def mask_of_one_voxel():
    return {"a.nii": nifti_bytes(), "m.nii": nifti_bytes((VOLUME > 22).astype(np.uint8))}


@hostile("mask of the whole image", warning="covers the whole image; leave it out", mean=11.5, mask="m.nii")
def mask_of_the_whole_image():
    return {"a.nii": nifti_bytes(), "m.nii": nifti_bytes(np.ones_like(MASK))}


@hostile("constant region", mean=7, mask="m.nii")
def constant_region():
    return {"a.nii": nifti_bytes(np.where(MASK, 7, VOLUME).astype(np.int16)), "m.nii": nifti_bytes(MASK)}


@hostile("NaN outside the region", mean=17.5, mask="m.nii")
def nan_outside_of_the_mask():
    return {"a.nii": nifti_bytes(np.where(MASK, VOLUME, np.float32(np.nan))), "m.nii": nifti_bytes(MASK)}


# Arithmetic and layout.


@hostile("extreme intensities", mean=13.75, step=FillPadding(), mask="m.nii")
def padding_far_below_air():
    """It is found and becomes the lowest other intensity, 1."""
    image = VOLUME.copy()
    image[..., 0] = -3024
    return {"a.nii": nifti_bytes(image), "m.nii": nifti_bytes(MASK)}


@hostile("extreme intensities", mean=17.5, step=ClipIntensity(high=23), mask="m.nii")
def metal():
    image = np.where(VOLUME == 23, 32767, VOLUME).astype(np.int16)
    return {"a.nii": nifti_bytes(image), "m.nii": nifti_bytes(MASK)}


@hostile("end of the integer range", mean=2 * 32767 - 1024)
def scaled_values_beyond_their_type():
    return {"a.nii": nifti_bytes(np.full((2, 3, 4), 32767, np.int16), scl_slope=2, scl_inter=-1024)}


@hostile("end of the integer range", mean=255)
def bytes_at_their_end():
    return {"a.png": picture_bytes(np.full((4, 5), 255, np.uint8))}


@hostile("byte order", mean=11.5)
def big_endian_array_in_fortran_order():
    return {"a.npy": saved_bytes(np.save, np.asfortranarray(VOLUME.astype(">f8")))}


@hostile("byte order", mean=11.5)
def big_endian_metaimage():
    return {"a.mha": meta_bytes(VOLUME.astype(">i2").tobytes(), BinaryDataByteOrderMSB="True")}


# Places, pictures, pickles.


@hostile("path out of the folder", error="ImageReadError: outside of its folder")
def metaimage_that_points_out_of_its_folder():
    return {"a.mhd": meta_bytes(b"", ElementDataFile="../../etc/passwd")}


@hostile("path out of the folder", error="ImageReadError: outside of its folder")
def nrrd_that_points_out_of_its_folder():
    return {"a.nhdr": nrrd_bytes(b"", data_file="/etc/passwd")}


@hostile("path out of the folder", error="ImageReadError: several files")
def metaimage_that_points_to_itself():
    return {"a.mhd": meta_bytes(b"", ElementDataFile="a.mhd")}


@hostile("path out of the folder", mean=0, image=FileSource("a.zip", "../a.npy"))
def member_of_an_archive_that_would_lie_outside():
    """It is read where it is, and never written anywhere."""
    return {"a.zip": zip_bytes({"../a.npy": npy_of_header((2, 2), 8)})}


@hostile("too many pixels", error="ImageReadError: more than 178,956,970 pixels")
def png_of_400_million_pixels():
    compressor = zlib.compressobj(1)
    rows = b"".join(compressor.compress(bytes(20_001 * 100)) for _ in range(200)) + compressor.flush()
    return {"a.png": png_of_header(20_000, 20_000, rows)}


@hostile("too many pixels", error="ImageReadError: declares 13000 x 13000 pixels, the file has")
def png_of_more_pixels_than_it_can_hold():
    return {"a.png": png_of_header(13_000, 13_000, zlib.compress(bytes(1000)))}


@hostile("kinds of pictures", mean=31000)
def png_of_16_bits():
    return {"a.png": picture_bytes(GREY.astype(np.uint16) * 1000)}


@hostile("kinds of pictures", mean=31)
def png_with_transparency():
    return {"a.png": picture_bytes(np.dstack([GREY, GREY]))}


@hostile("kinds of pictures", mean=31)
def png_with_a_palette():
    return {"a.png": picture_bytes(GREY, mode="P")}


@hostile("kinds of pictures", mean=100)
def lossy_jpeg():
    return {"a.jpg": picture_bytes(np.full((16, 16), 100, np.uint8), "JPEG")}


@hostile(
    "kinds of pictures", error="GeometryError: stack of 3 pages without a usable voxel size; pass it with spacing="
)
def tiff_stack_without_voxel_size():
    return {"a.tif": saved_bytes(tifffile.imwrite, np.zeros((3, 5, 7), np.uint8), photometric="minisblack")}


@hostile("kinds of pictures", mean=0)
def tiff_whose_pages_run_in_a_circle():
    content = bytearray(saved_bytes(tifffile.imwrite, np.zeros((5, 7), np.uint8), metadata=None))
    first = int.from_bytes(content[4:8], "little")
    end = first + 2 + 12 * int.from_bytes(content[first : first + 2], "little")
    content[end : end + 4] = content[4:8]
    return {"a.tif": bytes(content)}


@hostile("pickle", error="ImageReadError: pickled Python objects, which could run code")
def npy_with_a_pickle():
    return {"a.npy": saved_bytes(np.save, np.array([[{"a": 1}]], object))}


@hostile("pickle", error="ImageReadError: pickled Python objects, which could run code")
def npz_with_a_pickle():
    return {"a.npz": saved_bytes(np.savez, a=np.array([[{"a": 1}]], object))}


# Names and texts.


@hostile("name of a patient", error="ImageReadError: the file has 399 bytes")
def damaged_nifti_with_the_name_of_a_patient_in_its_header():
    return {"a.nii": nifti_bytes(descrip=SECRET, db_name=SECRET, aux_file=SECRET, intent_name=SECRET)[:-1]}


@hostile("name of a patient", error="ImageReadError: complex")
def unusable_nrrd_with_the_name_of_a_patient_in_its_header():
    return {"a.nrrd": nrrd_bytes(extra=f"content: {SECRET}\nPatient:={SECRET}\n", type="complex")}


@hostile("missing file", error="ImageReadError: there is no such file", image="a.nii")
def image_that_is_gone():
    return {}


@hostile("missing file", error="ImageReadError: there is no such file", mask="m.nii")
def mask_that_is_gone():
    return {"a.nii": nifti_bytes()}


@hostile("unusual file name", mean=11.5)
def name_with_blanks_and_letters_of_the_world():
    return {"größe und maß 日本語 \N{SKULL}.nii": nifti_bytes()}


@hostile("unusual file name", mean=11.5)
def name_as_long_as_can_be():
    return {"x" * 251 + ".nii": nifti_bytes()}


@hostile("unusual file name", error="ImageReadError: cannot read", image="C:\\scans\\a.nii")
def path_with_a_drive_letter():
    return {}


@hostile("unusual file name", error="ImageReadError: cannot read", image="x" * 300 + ".nii")
def name_longer_than_can_be():
    return {}


@hostile("markup in names", mean=11.5, meta={"site": "=HYPERLINK(A1)\n<script>alert(1)</script>"})
def name_and_metadata_of_markup_formula_and_newline():
    return {"=1+1 <img src=x onerror=alert(1)>\n.nii": nifti_bytes()}


@hostile("markup in names", error="ImageReadError: the file has 399 bytes")
def damaged_file_with_a_name_of_markup_and_newline():
    return {"=1+1 <img src=x onerror=alert(1)>\n.nii": nifti_bytes()[:-1]}


# Reading ------------------------------------------------------------------------------------------------------------


def make_case(name, folder):
    """Write the files of an entry into a new folder and give their case, whose id is the name of the entry."""
    folder.mkdir()
    entry = CORPUS[name]
    files = entry.make()
    for file_name, content in files.items():
        (folder / file_name).write_bytes(content)
    keywords = dict(entry.case)
    image = keywords.pop("image", next(iter(files), None))
    source = image if isinstance(image, FileSource) else FileSource(image)
    keywords |= {"mask": folder / keywords["mask"]} if "mask" in keywords else {}
    case = Case(FileSource(folder / source.path, source.member), id=name, **keywords)
    return case if entry.step is None else entry.step.fit_transform([case])[0]


def read(case):
    """What comes out of a case: an error with its message or the mean, the warnings, the seconds of processor time."""
    begin = time.process_time()
    outcome = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            volume = case.load()
            outcome["mean"] = float(volume.image[volume.region].mean())
        except exceptions.RadlearnError as error:
            outcome["error"], outcome["message"] = type(error).__name__, str(error)
        except BaseException as error:  # noqa: BLE001 - it is what must not happen, and the test tells it
            outcome["error"], outcome["message"] = type(error).__name__, repr(error)
    outcome["warnings"] = [
        str(warning.message) for warning in caught if issubclass(warning.category, exceptions.RadlearnWarning)
    ]
    outcome["seconds"] = time.process_time() - begin
    return outcome


def limit_memory():
    """Allow this process `EXTRA_BYTES` more of address space than it has."""
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + EXTRA_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def main():
    """Read the entries that are named, or all, and print what comes out."""
    names = sys.argv[1:] or list(CORPUS)
    read(Case(np.zeros((2, 2))))  # what is imported late is imported before memory is limited
    with tempfile.TemporaryDirectory() as folder:
        cases = [make_case(name, Path(folder) / name) for name in names]
        limit_memory()
        for case in cases:
            print(json.dumps({"name": case.id, **read(case)}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
