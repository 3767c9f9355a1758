"""MetaImage files: header and voxels in one file (.mha), or a header (.mhd) beside its voxels.

The format is described at https://itk.org/Wiki/MetaIO/Documentation. SimpleITK reads it, too, but a damaged header can
end its whole process (a double free in version 2.5.7), which no error handling survives; so it is read here.
"""

import io
from math import prod

from radlearn.io import limits
from radlearn.io.detached import voxel_source
from radlearn.io.errors import cannot_read, decoding
from radlearn.io.image_data import ImageData
from radlearn.io.inflate import inflater
from radlearn.io.limits import check_declared_size, read_voxels
from radlearn.io.metaimage_header import MetaImageHeader
from radlearn.io.orientation import noted_geometry


def read_metaimage(source, *, channel=None, spacing=None, volume=None):  # noqa: ARG001 - every reader is called alike
    """Read a MetaImage.

    Parameters
    ----------
    source : FileSource
        The file; of an .mhd file, the voxels must lie in its folder.
    channel : int, optional
        Not used: images with several values per voxel are refused.
    spacing : float or tuple of float, optional
        Voxel size in mm that replaces the one of the header.
    volume : int, optional
        Which volume of a series (x, y, z, t), counted from 0.

    Returns
    -------
    image : ImageData
        Values in the type of the file; the affine leads to right, anterior, superior. Its notes say if voxel size or
        orientation are unknown.

    Raises
    ------
    ImageReadError
        If the file is no MetaImage, is damaged, too large, written as text, in several files, or a series of which no
        volume is chosen.
    GeometryError
        If voxel size or directions are impossible.
    """
    name = source.name
    with source.open() as file, decoding(name):
        header = MetaImageHeader(name, file, volume)
        begin = file.tell()
    voxels = voxel_source(source)
    is_local = header.fields["ElementDataFile"].upper() == "LOCAL"
    if is_local != (voxels == source):
        raise cannot_read(name, "its voxels are in another file", "give it the ending .mhd")
    with voxels.open() as file, decoding(name):
        array = _voxels(header, file, voxels.size, begin if is_local else 0)
    return ImageData(array, *noted_geometry(name, header, spacing))


def _voxels(header, file, n_bytes, begin):
    """The chosen volume, shape (z, y, x)."""
    dtype, shape = header.dtype, header.shape
    volume_bytes = prod(shape) * dtype.itemsize
    if header.skip == -1:
        begin = n_bytes - prod(header.sizes) * dtype.itemsize
        if begin < 0 or header.is_compressed:
            raise cannot_read(header.name, f"its voxels cannot lie at the end of {limits.format_bytes(n_bytes)}")
    else:
        begin += header.skip
    n_bytes = max(n_bytes - begin, 0)
    offset = header.volume * volume_bytes
    compressed = header.is_compressed
    check_declared_size(header.name, shape, dtype, file_bytes=n_bytes, offset=offset, compressed=compressed)
    file.seek(begin)
    if compressed:
        # wbits 47: the header may be that of zlib or of gzip. What is read further makes the checksum at the end count,
        # also of a stream that damage has made longer.
        limit = offset + volume_bytes + limits.MAX_SKIPPED_BYTES
        content = inflater(wbits=47).decompress(file.read(n_bytes), limit)
        file = io.BytesIO(content)
    file.seek(offset, io.SEEK_CUR)
    return read_voxels(header.name, file, shape[::-1], dtype)
