"""Small files of every format, made in code."""

import gzip
import io
import zipfile
import zlib
from struct import pack

import numpy as np
from nibabel import Nifti1Image
from PIL import Image

# Every voxel is different.
VOLUME = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)
GREY = np.arange(7 * 9, dtype=np.uint8).reshape(7, 9)


def nifti_bytes(array=VOLUME, *, affine="default", header_class=Nifti1Image, **fields):
    """NIfTI file with voxels of 0.5 x 0.7 x 3 mm; keywords set fields of its header."""
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


def nrrd_bytes(payload=None, *, extra="", **fields):
    """NRRD file of `VOLUME`; keywords (blanks as underscores) change fields, None takes one away."""
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
    payload = VOLUME.tobytes() if payload is None else payload
    if header["encoding"] in ("gzip", "gz"):
        payload = gzip.compress(payload, mtime=0)
    return ("NRRD0004\n# a comment: with a colon\n" + "".join(lines) + extra + "\n").encode() + payload


def meta_bytes(payload=None, *, ElementDataFile="LOCAL", **fields):
    """MetaImage file of `VOLUME`; keywords change fields, None takes one away."""
    header = {
        "ObjectType": "Image",
        "NDims": "3",
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": "False",
        "TransformMatrix": "1 0 0 0 1 0 0 0 1",
        "Offset": "10 20 30",
        "CenterOfRotation": "0 0 0",
        "AnatomicalOrientation": "RAI",
        "ElementSpacing": "0.5 0.7 3",
        "DimSize": "4 3 2",
        "ElementType": "MET_SHORT",
        **fields,
        "ElementDataFile": ElementDataFile,
    }
    lines = [f"{name} = {value}\n" for name, value in header.items() if value is not None]
    return "".join(lines).encode() + (VOLUME.tobytes() if payload is None else payload)


def picture_bytes(array, kind="PNG", *, mode=None, **options):
    """Picture that Pillow writes."""
    file = io.BytesIO()
    image = Image.fromarray(array)
    (image if mode is None else image.convert(mode)).save(file, kind, **options)
    return file.getvalue()


def png_of_header(width, height, rows=b"", *, depth=8, color_type=0, interlaced=0):
    """PNG file with any header; `rows` are its pixels, compressed, which stand in two pieces."""
    header = pack(">IIBBBBB", width, height, depth, color_type, 0, 0, interlaced)
    chunks = (b"IHDR", header), (b"IDAT", rows[:20]), (b"IDAT", rows[20:]), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content)) for kind, content in chunks
    )


def saved_bytes(save, *arrays, **named):
    """File that a function of NumPy or tifffile saves."""
    file = io.BytesIO()
    save(file, *arrays, **named)
    return file.getvalue()


def npy_of_header(shape, n_bytes=100, descr="<i2"):
    """NumPy file whose header declares `shape`, with `n_bytes` behind it."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"shape": shape, "fortran_order": False, "descr": descr})
    return file.getvalue() + bytes(n_bytes)


def zip_bytes(members, compression=zipfile.ZIP_DEFLATED):
    """Archive of the given members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()
