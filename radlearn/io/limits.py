"""What a file may cost: sizes are checked before anything is allocated; decompression stops soon behind them."""

from bz2 import BZ2File
from gzip import GzipFile
from math import prod
from zipfile import ZipExtFile

import numpy as np

from radlearn.io.errors import cannot_read

MAX_VOXELS = 2**30
"""Largest number of voxels of one image: a cube of 1024."""

MAX_BYTES = 2**32
"""Largest size of one file, and of the voxels of one image, in bytes: 4 GiB."""

MAX_PIXELS = 178_956_970
"""Largest number of pixels of a PNG, JPEG or TIFF image; above it Pillow refuses to decode."""

MAX_FILES = 20_000
"""Largest number of files in the folder of a DICOM series."""

MAX_FRAMES = 100_000
"""Largest number of frames of one DICOM file."""

MAX_PAGES = 4096
"""Largest number of pages of a TIFF stack; a file of a few bytes per page can hold millions."""

MAX_SKIPPED_BYTES = 2**24
"""Largest part of a compressed file that is expanded only to be skipped: 16 MiB."""

# Deflate, the method of gzip, zip and PNG, cannot shrink anything further than 1032 : 1 (zlib's technical notes).
MAX_DEFLATE_RATIO = 1032

_CHUNK = 2**16  # bytes that are expanded at a time where they are not kept
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def check_declared_size(name, shape, dtype, *, file_bytes, offset=0, compressed=False):
    """Refuse an image that its file cannot hold, or that is too large to be read.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    shape : tuple of int
        Number of voxels along each axis, as the header declares it.
    dtype : numpy.dtype
        Type of a voxel.
    file_bytes : int
        Size of the file, or of what it holds compressed.
    offset : int, default=0
        Where the voxels begin.
    compressed : bool, default=False
        Whether the file is deflated; then it may hold `MAX_DEFLATE_RATIO` times its size.

    Returns
    -------
    n_bytes : int
        Size of the voxels.

    Raises
    ------
    ImageReadError
        If the voxels do not fit into the file or exceed `MAX_VOXELS` or `MAX_BYTES`.

    Examples
    --------
    >>> check_declared_size("scan.nii", (4, 5, 6), np.dtype("int16"), file_bytes=1000, offset=352)
    240
    """
    n_voxels = prod(shape)
    n_bytes = n_voxels * dtype.itemsize
    declared = f"its header declares {format_shape(shape)} voxels of {dtype.name} ({format_bytes(n_bytes)})"
    if offset + n_bytes > file_bytes * (MAX_DEFLATE_RATIO if compressed else 1):
        raise cannot_read(name, f"{declared}, the file has {format_bytes(file_bytes)}")
    # In a compressed file, the bytes before the voxels have to be expanded as well.
    n_read = offset + n_bytes if compressed else n_bytes
    if n_voxels > MAX_VOXELS or n_read > MAX_BYTES:
        limit = f"the limit is {MAX_VOXELS:,} voxels and {format_bytes(MAX_BYTES)}"
        raise cannot_read(
            name, f"{declared}, {limit}", "crop or downsample it, or raise the limits in radlearn.io.limits"
        )
    return n_bytes


def read_exactly(name, stream, n_bytes):
    """Read `n_bytes` from a stream; a compressed one is expanded up to `MAX_SKIPPED_BYTES` further, to its checksum.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    stream : binary file
        At the beginning of the voxels.
    n_bytes : int
        Size of the voxels, checked by `check_declared_size`.

    Returns
    -------
    buffer : ndarray of uint8, shape (n_bytes,)
        The voxels.

    Raises
    ------
    ImageReadError
        If the stream ends before that. Of damage that its checksum tells, the stream raises its own error.
    """
    buffer = np.empty(n_bytes, np.uint8)  # not filled with zeros, as a bytearray is
    view = memoryview(buffer)
    filled = 0
    while filled < n_bytes and (count := stream.readinto(view[filled:])):
        filled += count
    if filled < n_bytes:
        raise cannot_read(name, f"it ends after {format_bytes(filled)} of the {format_bytes(n_bytes)} of its voxels")
    # At its end a compressed stream compares its checksum. Damage may make it longer than it should be.
    if isinstance(stream, GzipFile | BZ2File | ZipExtFile):
        n_further = 0
        while n_further < MAX_SKIPPED_BYTES and (count := len(stream.read(_CHUNK))):
            n_further += count
    return buffer


def format_shape(shape):
    """Lengths of the axes, as people write them.

    Examples
    --------
    >>> format_shape((64, 64, 20))
    '64 x 64 x 20'
    """
    return " x ".join(map(str, shape))


def format_bytes(n_bytes):
    """Size with a unit.

    Examples
    --------
    >>> print(format_bytes(600), format_bytes(54e12))
    600 bytes 54 TB
    """
    power = 0
    while n_bytes >= 1000 and power < len(_UNITS) - 1:
        n_bytes /= 1000
        power += 1
    return f"{n_bytes:.3g} {_UNITS[power]}"


def read_voxels(name, stream, shape, dtype):
    """Read an array in C order from a stream, in the byte order of this machine.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    stream : binary file
        At the beginning of the voxels.
    shape : tuple of int
        Shape of the array, checked by `check_declared_size`.
    dtype : numpy.dtype
        Type of a voxel in the file.

    Returns
    -------
    array : ndarray
    """
    raw = np.frombuffer(read_exactly(name, stream, prod(shape) * dtype.itemsize), dtype).reshape(shape)
    return raw.astype(dtype.newbyteorder("="), copy=False)
