"""Reading of images: files of several formats, members of zip archives and arrays, all checked before they cost memory.

Every reader gives axes in the order (z, y, x) or (y, x), spacing in mm in the same order, and, where the file knows it,
an affine to world coordinates (right, anterior, superior).
"""

import errno
from importlib import import_module

from radlearn._validation import check_number
from radlearn.exceptions import ImageReadError
from radlearn.io.errors import cannot_read
from radlearn.io.features import write_features
from radlearn.io.image_data import ImageData
from radlearn.io.source import ArraySource, FileSource, ReadSource, as_source
from radlearn.io.writing import write_case, write_mask

__all__ = [
    "ArraySource",
    "FileSource",
    "ImageData",
    "ReadSource",
    "as_source",
    "read_image",
    "write_case",
    "write_features",
    "write_mask",
]

# What a network disk says that is away for a moment; reading is tried once more.
_TRANSIENT = {errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EAGAIN, errno.EINTR, errno.ENETDOWN, errno.EHOSTDOWN}
# Modules whose files may hold a series of volumes.
_SERIES = ("nifti", "nrrd", "metaimage")
# Module and function that read the files of each ending. They are imported on first use: nibabel alone takes a second.
_READERS = {
    ".nii": ("nifti", "read_nifti"),
    ".nii.gz": ("nifti", "read_nifti"),
    ".nrrd": ("nrrd", "read_nrrd"),
    ".nhdr": ("nrrd", "read_nrrd"),
    ".mha": ("metaimage", "read_metaimage"),
    ".mhd": ("metaimage", "read_metaimage"),
    ".png": ("raster", "read_raster"),
    ".jpg": ("raster", "read_raster"),
    ".jpeg": ("raster", "read_raster"),
    ".tif": ("raster", "read_raster"),
    ".tiff": ("raster", "read_raster"),
    ".npy": ("arrays", "read_npy"),
    ".npz": ("arrays", "read_npy"),
}


def read_image(source, *, channel=None, spacing=None, volume=None):
    """Read one image; the ending of its file name, in upper or lower case, tells the format.

    Parameters
    ----------
    source : str, Path, ndarray, FileSource, ArraySource or ReadSource
        Where the image comes from; what was read already is handed over as it is.
    channel : {0, 1, 2}, optional
        Red, green or blue of a color picture, instead of its luminance. Grey images have only one channel.
    spacing : float or tuple of float, optional
        Distance of voxel centers in mm, in the order of the axes, instead of what the file says. The affine keeps its
        directions and its origin.
    volume : int, optional
        Which volume of a file of four dimensions, counted from 0.

    Returns
    -------
    image : ImageData
        Array of shape (z, y, x) or (y, x) in the type of the file; spacing and affine, None where they are unknown.

    Raises
    ------
    ImageReadError
        If the file is missing, damaged, too large, or of a kind that is not read.
    GeometryError
        If voxel size or orientation are impossible.

    Warns
    -----
    RadlearnWarning
        If the file does not say how the patient lies, or its scaling of the values is unusable.

    Examples
    --------
    >>> import numpy as np
    >>> image = read_image(ArraySource(np.zeros((4, 5), np.uint8), spacing=0.5))
    >>> image.array.shape, image.spacing
    ((4, 5), (0.5, 0.5))
    """
    source = as_source(source)
    if isinstance(source, ReadSource):
        return source.data
    check_number("channel", channel, at_least=0, at_most=2, integer=True, optional=True)
    check_number("volume", volume, at_least=0, integer=True, optional=True)
    module, reader = ("arrays", "read_array") if isinstance(source, ArraySource) else _reader_of(source)
    options = {"channel": channel, "spacing": spacing}
    if module in _SERIES:
        options["volume"] = volume
    elif volume is not None:
        problem = f"volume={volume} is asked for, which only files of four dimensions have"
        raise cannot_read(source.name, problem, "leave volume out; of an .npy or .npz file choose a row")
    read = getattr(import_module(f"radlearn.io.{module}"), reader)
    try:
        return read(source, **options)
    except ImageReadError as error:
        if getattr(error.__context__, "errno", None) not in _TRANSIENT:
            raise
    return read(source, **options)


def _reader_of(source):
    # The longest ending first: .nii.gz before .gz.
    for ending in sorted(_READERS, key=len, reverse=True):
        if source.file_name.lower().endswith(ending):
            if _READERS[ending][0] != "arrays" and (source.row, source.key) != (None, None):
                raise cannot_read(source.name, "only .npy and .npz files have rows and keys", "leave row and key out")
            return _READERS[ending]
    raise cannot_read(
        source.name, "the ending of its name is of no format that is read", f"read are {', '.join(_READERS)}"
    )
