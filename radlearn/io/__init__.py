"""Reading of images: files of several formats, members of zip archives and arrays, all checked before they cost memory.

Every reader gives axes in the order (z, y, x) or (y, x), spacing in mm in the same order, and, where the file knows it,
an affine to world coordinates (right, anterior, superior).
"""

import os
import warnings
from importlib import import_module
from pathlib import Path

import numpy as np

from radlearn._validation import check_number
from radlearn.exceptions import ImageReadError, MaskError, RadlearnWarning
from radlearn.io.dicom.source import DicomSource
from radlearn.io.errors import TRANSIENT, cannot_read
from radlearn.io.features import write_features
from radlearn.io.image_data import ImageData
from radlearn.io.source import ArraySource, FileSource, ReadSource, printable
from radlearn.io.writing import write_case, write_mask

__all__ = [
    "ArraySource",
    "DicomSource",
    "FileSource",
    "ImageData",
    "ReadSource",
    "as_source",
    "file_stem",
    "read_image",
    "read_mask",
    "write_case",
    "write_features",
    "write_mask",
]

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
    ".dcm": ("dicom.reader", "read_dicom"),
    ".dicom": ("dicom.reader", "read_dicom"),
}


def as_source(value):
    """Wrap a path, a list of paths or an array as a source; a source is returned unchanged.

    Parameters
    ----------
    value : str, Path, ndarray, list of path, or source
        Where the image comes from; a folder, and a list of paths, stand for a DICOM series.

    Returns
    -------
    source : FileSource, ArraySource, DicomSource or ReadSource

    Raises
    ------
    TypeError
        If it is none of these.

    Examples
    --------
    >>> as_source("scan.nii.gz")
    FileSource(path='scan.nii.gz', member=None, row=None, key=None)
    """
    if isinstance(value, FileSource | ArraySource | DicomSource | ReadSource):
        return value
    if isinstance(value, str | os.PathLike):
        return DicomSource(value) if _is_folder(value) else FileSource(value)
    if isinstance(value, np.ndarray):
        return ArraySource(value)
    if isinstance(value, list | tuple) and all(isinstance(path, str | os.PathLike) for path in value):
        return DicomSource(value)
    raise TypeError(
        f"an image is a path, a list of the files of a series, or an array, got {type(value).__name__}; pass its file, "
        "or its voxels as an array of numbers with the axes (z, y, x), and their spacing"
    )


def read_image(source, *, channel=None, spacing=None, volume=None):
    """Read one image; the ending of its file name, in upper or lower case, determines the format.

    Parameters
    ----------
    source : str, Path, ndarray, list of path, FileSource, ArraySource, DicomSource or ReadSource
        Where the image comes from; a folder or a list of files is a DICOM series. Of a `ReadSource`, the image that
        was read before is returned.
    channel : {0, 1, 2}, optional
        Red, green or blue of a color picture, instead of its luminance. Grey images have only one channel.
    spacing : float or tuple of float, optional
        Distance of voxel centers in mm, in the order of the axes, instead of what the file says. The affine keeps its
        directions and its origin.
    volume : int, optional
        Which volume of a four-dimensional file, counted from 0.

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
        If the file does not say how the patient lies or how large a pixel is, or its scaling of the values is unusable.

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
    image = _read(source, channel=channel, spacing=spacing, volume=volume)
    _warn(image.notes)
    return image


def _read(source, *, channel=None, spacing=None, volume=None):
    """Read a source without warnings; the notes of the image say what its file lacks."""
    check_number("channel", channel, at_least=0, at_most=2, integer=True, optional=True)
    check_number("volume", volume, at_least=0, integer=True, optional=True)
    module, reader = _reader_of(source)
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
        if getattr(error.__context__, "errno", None) not in TRANSIENT:  # else it is read once more
            raise
    return read(source, **options)


def read_mask(source, image, *, label=None, spacing=None):
    """Read a mask: an image of labels, a DICOM segmentation or a DICOM structure set.

    Parameters
    ----------
    source : as for `read_image`
        Where the mask comes from.
    image : ImageData
        The image it belongs to; the objects of DICOM are put on its grid.
    label : int, str or sequence of them, optional
        Which segments or structures of a DICOM object are wanted: numbers, names, or patterns of names such as
        ``"GTV*"``, ignoring case. Default: all of them. Images keep all their labels.
    spacing : float or tuple of float, optional
        Voxel size in mm that replaces the one of the file; not for objects that are placed by their coordinates.

    Returns
    -------
    mask : ImageData
        Labels, with their names in `label_names` where the file has some; 0 lies outside.

    Raises
    ------
    ImageReadError
        If the file is missing, damaged or too large.
    GeometryError
        If the object does not fit the grid of the image.
    MaskError
        If there is no such segment or structure (the message lists those that exist), or if some overlap and no
        `label` is given.

    Warns
    -----
    RadlearnWarning
        As `read_image`, except about what the file of the image lacks as well; and if a segment or structure lies on
        three or more slices, no two of which are neighbors, as if it had been drawn on every second one.

    Examples
    --------
    >>> import numpy as np
    >>> image = read_image(np.zeros((2, 3, 3)))
    >>> labels = read_mask(np.array([[[0, 1, 4]] * 3] * 2), image).array
    >>> np.unique(labels).tolist()
    [0, 1, 4]
    """
    source = as_source(source)
    if not isinstance(source, ReadSource) and _reader_of(source)[0] == "dicom.reader":
        masks = import_module("radlearn.io.dicom.masks")
        if (mask := masks.read_dicom_mask(source, image, label=label, spacing=spacing)) is not None:
            _warn(mask.notes)
            return mask
    names = [] if label is None else [name for name in np.atleast_1d(np.array(label, object)) if isinstance(name, str)]
    if names:
        raise MaskError(f"the labels of '{source.name}' have no names, so there is no {names[0]!r}", "give its number")
    if isinstance(source, ReadSource):
        return source.data
    mask = _read(source, spacing=spacing)
    # What the file of the image lacks as well was reported when the image was read.
    _warn(note for note in mask.notes if not _is_told(note.removeprefix(f"'{source.name}'"), image.notes))
    return mask


def _is_told(flaw, notes):
    return any(note.endswith(flaw) for note in notes)


def _warn(notes):
    for note in notes:
        warnings.warn(note, RadlearnWarning, stacklevel=3)


def file_stem(path):
    """Name of a file without its folder and without the ending of its format; other dots are part of the name.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    stem : str

    Examples
    --------
    >>> file_stem("P1/scan.v2.nii.gz"), file_stem("1.2.840.113")
    ('scan.v2', '1.2.840.113')
    """
    name = Path(path).name
    return printable(name[: len(name) - len(_ending(name) or "")])


def _ending(name):
    """Ending of a format, .nii.gz before .gz; None where there is none."""
    endings = sorted(_READERS, key=len, reverse=True)
    return next((ending for ending in endings if name.lower().endswith(ending)), None)


def _is_folder(path):
    try:
        return path != "" and Path(path).is_dir()  # Path("") is the working folder
    except (OSError, ValueError):  # a name that is too long, or a folder that may not be entered
        return False


def _reader_of(source):
    """Module and function that read a source."""
    if isinstance(source, ArraySource):
        return "arrays", "read_array"
    if isinstance(source, DicomSource):
        return _READERS[".dcm"]
    ending = _ending(source.file_name)
    # The files of a scanner often have no ending, or a number in its place.
    if ending is None and source.exists() and source.is_dicom():
        ending = ".dcm"
    if ending is None and source.file_name.lower().endswith((".hdr", ".img")):
        problem = "it is one of a pair of files (.hdr and .img), whose orientation is unsafe"
        raise cannot_read(source.name, problem, "convert the pair to one .nii file")
    if ending is None:
        raise cannot_read(
            source.name, "the ending of its name is of no supported format", f"supported are {', '.join(_READERS)}"
        )
    module, reader = _READERS[ending]
    if source.key is not None and module != "arrays":
        raise cannot_read(source.name, "only .npz files have keys", "leave key out")
    if source.row is not None and module not in ("arrays", "dicom.reader"):
        raise cannot_read(source.name, "only .npy, .npz and DICOM files have rows", "leave row out")
    return module, reader
