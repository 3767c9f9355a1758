"""NumPy arrays: in memory, in .npy files and in .npz archives, whole or one row of them."""

import warnings
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from math import prod

from numpy.lib import format as npy_format

from radlearn._validation import check_per_axis
from radlearn.exceptions import RadlearnWarning
from radlearn.io.archive import check_method
from radlearn.io.errors import cannot_read, decoding, wrong_format
from radlearn.io.image_data import ImageData, check_dtype, check_shape
from radlearn.io.limits import MAX_DEFLATE_RATIO, check_declared_size, read_voxels
from radlearn.io.orientation import array_geometry

# Volumes of 3 or 4 columns with more slices and rows than this are pictures in color.
_LARGEST_SMALL_SIDE = 16
_HEADER_READERS = {(1, 0): npy_format.read_array_header_1_0, (2, 0): npy_format.read_array_header_2_0}


def read_array(source, *, channel=None, spacing=None):  # noqa: ARG001 - every reader is called alike
    """Check an array that is in memory; it is not copied unless its byte order is foreign.

    Parameters
    ----------
    source : ArraySource
        The array.
    channel : int, optional
        Not used.
    spacing : float or tuple of float, optional
        Voxel size in mm that replaces the one of the source; the affine keeps its directions and its origin.

    Returns
    -------
    image : ImageData

    Raises
    ------
    ImageReadError
        If it does not have two or three dimensions, or has no values.
    GeometryError
        If spacing and affine disagree, or one of them is impossible.

    Warns
    -----
    RadlearnWarning
        If it looks like a picture in color, which would be read as a volume.
    """
    array = source.array.reshape(check_shape(source.name, source.array.shape))
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    spacing, affine = array_geometry(source.name, array.ndim, source.spacing, source.affine, spacing)
    _warn_of_colors(source.name, array.shape, spacing)
    return ImageData(array, spacing, affine)


def read_npy(source, *, channel=None, spacing=None):  # noqa: ARG001 - every reader is called alike
    """Read an array, or one row of it, from an .npy file or an .npz archive.

    One row of an .npy file in C order costs no more than its own bytes. Of any other, the whole array is read, and the
    last such array is kept in memory for the next row.

    Parameters
    ----------
    source : FileSource
        The file; `row` picks one image, `key` the array of an archive.
    channel : int, optional
        Not used.
    spacing : float or tuple of float, optional
        Voxel size in mm; the file knows none.

    Returns
    -------
    image : ImageData

    Raises
    ------
    ImageReadError
        If the file is damaged, too large, holds Python objects, or has no such array or row.

    Warns
    -----
    RadlearnWarning
        As `read_array`.
    """
    if source.row is None:
        array = _whole(source)
        array = array.reshape(check_shape(source.name, array.shape))
    else:
        array = _row(source)
    _warn_of_colors(source.name, array.shape, spacing)
    spacing = None if spacing is None else check_per_axis("spacing", spacing, array.ndim, above=0)
    return ImageData(array, spacing)


def _warn_of_colors(name, shape, spacing):
    """Warn that an array without spacing that looks like a picture in color is read as a volume."""
    if spacing is None and len(shape) == 3 and shape[-1] in (3, 4) and min(shape[:-1]) > _LARGEST_SMALL_SIDE:
        message = f"'{name}' of shape {shape} is read as a volume (z, y, x); of colors pass the mean over the last axis"
        warnings.warn(message, RadlearnWarning, stacklevel=4)


def _row(source):
    with _opened(source) as (stream, n_bytes):
        (n_rows, *shape), in_fortran_order, dtype = _read_header(source.name, stream)
        if not 0 <= source.row < n_rows:
            raise cannot_read(source.name, f"there is no row {source.row}: it has {n_rows}", "count rows from 0")
        squeezed = check_shape(source.name, shape)
        if not in_fortran_order and not _is_npz(source):
            start = stream.tell() + source.row * prod(shape) * dtype.itemsize
            check_declared_size(source.name, squeezed, dtype, file_bytes=n_bytes, offset=start)
            stream.seek(start)
            return read_voxels(source.name, stream, squeezed, dtype)
    whole = replace(source, row=None)
    return _kept_whole(whole, whole.fingerprint())[source.row].reshape(squeezed)


@lru_cache(maxsize=1)
def _kept_whole(source, fingerprint):  # noqa: ARG001 - tells a changed file from the cached one
    array = _whole(source)
    array.flags.writeable = False
    return array


def _whole(source):
    with _opened(source) as (stream, n_bytes):
        shape, in_fortran_order, dtype = _read_header(source.name, stream)
        check_declared_size(source.name, shape, dtype, file_bytes=n_bytes, offset=stream.tell())
        if in_fortran_order:
            return read_voxels(source.name, stream, shape[::-1], dtype).T
        return read_voxels(source.name, stream, shape, dtype)


@contextmanager
def _opened(source):
    """The stream of an .npy file, or of one in an .npz archive, and how many bytes it can hold at most."""
    with source.open() as file, decoding(source.name):
        if not _is_npz(source):
            yield file, source.size
            return
        with zipfile.ZipFile(file) as archive:
            entry = _choose(source, archive)
            check_method(source.name, entry)
            with archive.open(entry) as stream:
                yield stream, min(entry.file_size, entry.compress_size * MAX_DEFLATE_RATIO)


def _is_npz(source):
    return source.file_name.lower().endswith(".npz")


def _choose(source, archive):
    """Entry of the wanted array; without a key there must be only one."""
    entries = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
    key = source.key
    if key is None and len(entries) == 1:
        (key,) = entries
    if key not in entries:
        if not entries:
            raise cannot_read(source.name, "it holds no array", "save it again with numpy.savez")
        problem = "it holds several arrays" if key is None else f"it has no array '{key}'"
        raise cannot_read(source.name, problem, f"choose one with key=: {', '.join(sorted(entries)[:20])}")
    return entries[key]


def _read_header(name, stream):
    head = stream.read(npy_format.MAGIC_LEN)
    if not head.startswith(npy_format.MAGIC_PREFIX):
        raise wrong_format(name, "a NumPy array", head + stream.read(132 - len(head)))
    version = tuple(head[-2:])
    if version not in _HEADER_READERS:
        raise cannot_read(name, f"its format version is {version}", "save it again as an array of plain numbers")
    shape, in_fortran_order, dtype = _HEADER_READERS[version](stream)
    check_dtype(name, dtype)
    if min(shape, default=0) <= 0:
        raise cannot_read(name, f"its header declares the shape {shape}", "save it again")
    return shape, in_fortran_order, dtype
