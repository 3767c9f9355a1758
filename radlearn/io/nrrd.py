"""NRRD images in one file (.nrrd), or with their header in a file of its own (.nhdr).

The format is described at https://teem.sourceforge.net/nrrd/format.html. All its encodings are read. What is rare or
unsafe is refused: voxels in several files or outside the folder of the header, blocks of bytes.
"""

import bz2
import io

import numpy as np

from radlearn.io import limits
from radlearn.io.detached import voxel_source
from radlearn.io.errors import cannot_read, decoding
from radlearn.io.image_data import ImageData, check_volume
from radlearn.io.inflate import gzip_stream
from radlearn.io.limits import check_declared_size, read_voxels
from radlearn.io.nrrd_header import NrrdHeader
from radlearn.io.orientation import noted_geometry


def read_nrrd(source, *, channel=None, spacing=None, volume=None):  # noqa: ARG001 - every reader is called alike
    """Read an NRRD image.

    Parameters
    ----------
    source : FileSource
        The file; of a detached header, the other file must lie in its folder.
    channel : int, optional
        Not used: of several values per voxel, `volume` chooses one.
    spacing : float or tuple of float, optional
        Voxel size in mm that replaces the one of the header.
    volume : int, optional
        Which of several volumes, or of several values per voxel, counted from 0.

    Returns
    -------
    image : ImageData
        Values in the type of the file; the affine leads to right, anterior, superior, whatever the space of the file.
        Its notes say if voxel size or orientation are unknown.

    Raises
    ------
    ImageReadError
        If the file is no NRRD image, is damaged, too large, a series of which no volume is chosen, or uses what this
        reader refuses.
    GeometryError
        If voxel size or directions are impossible.
    """
    name = source.name
    with source.open() as file, decoding(name):
        header = NrrdHeader(name, file)
        check_volume(name, header.n_volumes, volume, header.series)
        begin = file.tell()
    voxels = voxel_source(source)
    if voxels == source and header.is_detached:
        raise cannot_read(name, "its voxels are in another file", "give it the ending .nhdr")
    with voxels.open() as file, decoding(name):
        if voxels == source:
            file.seek(begin)
        array = _voxels(header, file, voxels.size)[volume or 0]
    return ImageData(array, *noted_geometry(name, header, spacing))


def _voxels(header, file, n_bytes):
    """All volumes of the file, shape (volumes, z, y, x)."""
    shape = tuple(header.sizes[::-1])
    for number in range(header.skip("line skip")):
        if not file.readline(n_bytes):
            raise cannot_read(header.name, f"it skips {header.skip('line skip')} lines and has {number}")
    stream, n_bytes, compressed = _decoded(header, file, n_bytes - file.tell())
    offset = header.skip("byte skip")
    if header.encoding != "raw" and offset > limits.MAX_SKIPPED_BYTES:
        problem = f"it skips {limits.format_bytes(offset)} of what is compressed"
        raise cannot_read(header.name, problem, "save it again without 'byte skip'")
    check_declared_size(header.name, shape, header.dtype, file_bytes=n_bytes, offset=offset, compressed=compressed)
    stream.seek(offset, io.SEEK_CUR)
    array = read_voxels(header.name, stream, shape, header.dtype)
    # The array counts the axes of the file from the last to the first.
    axes = [len(shape) - 1 - axis for axis in (*header.other_axes[::-1], *header.axes[::-1])]
    return np.ascontiguousarray(array.transpose(axes)).reshape(header.n_volumes, *header.shape[::-1])


def _decoded(header, file, n_bytes):
    """Stream of the decoded voxels, how many bytes it comes from, and whether these are deflated."""
    match header.encoding:
        case "raw":
            return file, n_bytes, False
        case "gzip":
            return gzip_stream(file), n_bytes, True
        case "bzip2":
            # It shrinks zeros a million times: only the limits count.
            return bz2.BZ2File(file), limits.MAX_BYTES, False
        case "hex":
            content = bytes.fromhex(file.read(n_bytes).decode("ascii"))
        case "text":
            content = np.array(file.read(n_bytes).split(), header.dtype).tobytes()
    return io.BytesIO(content), len(content), False
