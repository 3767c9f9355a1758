"""NRRD images with their header in the same file (.nrrd), raw or gzip-compressed.

The format is described at https://teem.sourceforge.net/nrrd/format.html. What is rare or unsafe is refused: voxels in
another file, text and bzip2 encodings, skipped lines and bytes, several values per voxel.
"""

import warnings
from gzip import GzipFile

from radlearn.exceptions import RadlearnWarning
from radlearn.io.errors import decoding
from radlearn.io.image_data import ImageData
from radlearn.io.limits import check_declared_size, read_voxels
from radlearn.io.nrrd_header import NrrdHeader
from radlearn.io.orientation import image_geometry


def read_nrrd(source, *, channel=None, spacing=None):  # noqa: ARG001 - every reader is called alike
    """Read an NRRD image.

    Parameters
    ----------
    source : FileSource
        The file.
    channel : int, optional
        Not used: NRRD images with several values per voxel are refused.
    spacing : float or tuple of float, optional
        Voxel size in mm that replaces the one of the header.

    Returns
    -------
    image : ImageData
        Values in the type of the file; the affine leads to right, anterior, superior, whatever the space of the file.

    Raises
    ------
    ImageReadError
        If the file is no NRRD image, is damaged, too large, or uses what this reader refuses.
    GeometryError
        If voxel size or directions are impossible.

    Warns
    -----
    RadlearnWarning
        If voxel size or orientation are unknown.
    """
    with source.open() as file, decoding(source.name):
        header = NrrdHeader(source.name, file)
        array = _voxels(source, file, header)
    spacing, affine, notes = _geometry(source.name, header, spacing)
    for note in notes:
        warnings.warn(note, RadlearnWarning, stacklevel=3)
    return ImageData(array, spacing, affine, notes=notes)


def _voxels(source, file, header):
    size = {"file_bytes": source.size, "offset": file.tell(), "compressed": False}
    if header.is_compressed:
        size = {"file_bytes": source.size - file.tell(), "compressed": True}
        file = GzipFile(fileobj=file)
    check_declared_size(source.name, header.shape, header.dtype, **size)
    return read_voxels(source.name, file, header.shape[::-1], header.dtype)


def _geometry(name, header, given):
    notes = ()
    stated = header.spacing
    if stated is None and given is None:
        return None, None, (f"'{name}' has no voxel size: 1 mm is assumed where a step needs one; pass spacing=",)
    spacing, affine = image_geometry(name, stated or [1.0] * len(header.shape), header.affine, given)
    if affine is None or not header.is_anatomical:
        affine = None
        notes = (f"'{name}' does not say how the patient lies: its axes are used as they are stored",)
    return spacing, affine, notes
