"""NIfTI images in one file (.nii) or compressed (.nii.gz): versions 1 and 2 are read, and version 1 is written.

Images with more than 32,767 voxels along an axis do not fit into version 1 and are written as version 2.
"""

from math import prod
from pathlib import Path

import numpy as np
from nibabel.nifti1 import Nifti1Header, Nifti1Image
from nibabel.nifti2 import Nifti2Header, Nifti2Image
from nibabel.spatialimages import HeaderDataError

from radlearn._validation import check_per_axis
from radlearn.exceptions import GeometryError
from radlearn.io import limits
from radlearn.io.errors import cannot_read, decoding, wrong_format
from radlearn.io.image_data import ImageData, check_dtype, choose_volume
from radlearn.io.inflate import gzip_stream
from radlearn.io.limits import check_declared_size, read_voxels
from radlearn.io.orientation import image_geometry
from radlearn.io.whole import whole_file

# The first field of a header is its own size, in the byte order of the file.
_HEADERS = {
    header.sizeof_hdr.to_bytes(4, order): (header, sign)
    for header in (Nifti1Header, Nifti2Header)
    for order, sign in (("little", "<"), ("big", ">"))
}
# Codes 1 to 3 of xyzt_units: meters, millimeters, micrometers.
_MM = {1: 1000.0, 2: 1.0, 3: 0.001}


def read_nifti(source, *, channel=None, spacing=None, volume=None):  # noqa: ARG001 - every reader is called alike
    """Read a NIfTI image.

    nibabel understands the header; the voxels are read here, so that a hostile header cannot ask for more than its
    file holds. The axes x, y, z of the file become z, y, x; nothing is flipped, the affine holds the orientation.

    Parameters
    ----------
    source : FileSource
        The file.
    channel : int, optional
        Not used: NIfTI images in color are refused.
    spacing : float or tuple of float, optional
        Voxel size in mm that replaces the one of the header.
    volume : int, optional
        Which volume of a series (x, y, z, t), counted from 0.

    Returns
    -------
    image : ImageData
        Integers stay integers, unless the header scales them: then floats. Its notes say if the orientation is unknown,
        or the scaling of the values unusable.

    Raises
    ------
    ImageReadError
        If the file is no NIfTI image, is damaged, too large, complex, in color, or a series of which no volume is
        chosen.
    GeometryError
        If voxel size or orientation are impossible.
    """
    name = source.name
    compressed = source.file_name.lower().endswith(".gz")
    with source.open() as file, decoding(name):
        stream = _decompressed(name, file) if compressed else file
        header = _read_header(name, stream)
        shape, dtype, offset = _layout(name, header, volume)
        check_declared_size(name, shape, dtype, file_bytes=source.size, offset=offset, compressed=compressed)
        stream.seek(offset)
        array = read_voxels(name, stream, shape[::-1], dtype)
    array, scaling_notes = _scaled(name, array, header)
    spacing, affine, geometry_notes = _geometry(name, header, len(shape), spacing)
    return ImageData(array, spacing, affine, notes=scaling_notes + geometry_notes)


def write_nifti(path, volume):
    """Write the image of a volume to a NIfTI file; `read_nifti` gives array, spacing and affine back.

    Parameters
    ----------
    path : str or path
        Ends with ``.nii``, or with ``.nii.gz`` to be compressed. Its folder is made if it does not exist.
    volume : Volume
        Its image is stored as it is, its geometry in single precision. Without an affine, the file says that the
        orientation is unknown.

    Raises
    ------
    ValueError
        If the path has another ending.

    Examples
    --------
    >>> from radlearn import Volume
    >>> write_nifti("map.nii.gz", Volume(np.ones((4, 5, 6)), spacing=(3, 1, 1)))  # doctest: +SKIP
    """
    write_array(path, volume.image, volume)


def write_array(path, array, volume):
    """Write an array on the grid of a volume.

    Parameters
    ----------
    path : str or path
        As in `write_nifti`.
    array : ndarray of the shape of the volume
        Stored in its own type.
    volume : Volume
        Tells spacing and affine.

    Raises
    ------
    ValueError
        If the path has another ending.
    """
    if not str(path).lower().endswith((".nii", ".nii.gz")):
        raise ValueError(f"path must end with '.nii' or '.nii.gz', got '{path}'")
    # The file has x, y, z in the place of z, y, x, and its affine always three axes.
    affine = np.eye(4)
    if volume.affine is None:
        affine[range(volume.ndim), range(volume.ndim)] = volume.spacing[::-1]
    else:
        rows = [0, 1, 2][: volume.ndim]
        affine[np.ix_(rows, rows)] = volume.affine[:-1, -2::-1]
        affine[rows, 3] = volume.affine[:-1, -1]
    fits = max(array.shape) <= np.iinfo(np.int16).max  # the type of the sizes in version 1
    image = (Nifti1Image if fits else Nifti2Image)(array.T, affine)
    image.header.set_xyzt_units("mm")
    code = 0 if volume.affine is None else 1  # 1: coordinates of the scanner
    image.set_sform(affine, code)
    image.set_qform(affine, code)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        image.to_filename(part)


def _decompressed(name, file):
    head = file.read(132)
    file.seek(0)
    if not head.startswith(b"\x1f\x8b"):
        raise wrong_format(name, "a gzip-compressed NIfTI image", head)
    return gzip_stream(file)


def _read_header(name, stream):
    head = stream.read(540)
    if head[:4] not in _HEADERS:
        raise wrong_format(name, "a NIfTI image", head)
    header_class, byte_order = _HEADERS[head[:4]]
    if len(head) < header_class.sizeof_hdr:
        raise cannot_read(name, f"it ends inside its header, after {len(head)} bytes")
    header = header_class(head[: header_class.sizeof_hdr], byte_order, check=False)
    magic = header["magic"].item()[:3]
    if magic in (b"ni1", b"ni2"):
        raise cannot_read(name, "its voxels are in another file (.img)", "convert the pair to one .nii file")
    if magic not in (b"n+1", b"n+2"):
        raise cannot_read(name, "it is an Analyze image or damaged", "convert it to NIfTI")
    return header


def _layout(name, header, volume):
    """Shape (x, y, z), type and position of the voxels of one volume."""
    n_axes = int(header["dim"][0])
    if not 1 <= n_axes <= 7:
        raise cannot_read(name, f"its header declares {n_axes} dimensions")
    shape, volume = choose_volume(name, header["dim"][1 : n_axes + 1].tolist(), volume)
    try:
        dtype = header.get_data_dtype()
    except (HeaderDataError, KeyError) as error:
        raise cannot_read(name, f"its header has the unknown data type {int(header['datatype'])}") from error
    check_dtype(name, dtype)
    offset = float(header["vox_offset"]) or header.single_vox_offset
    if not 0 <= offset - header.single_vox_offset <= limits.MAX_SKIPPED_BYTES:
        raise cannot_read(name, f"its header puts the voxels at byte {offset:g}")
    return shape, dtype, int(offset) + volume * prod(shape) * dtype.itemsize


def _scaled(name, array, header):
    slope, intercept = float(header["scl_slope"]), float(header["scl_inter"])
    if slope == 0 or not np.isfinite([slope, intercept]).all():
        flaw = f"'{name}' has the unusable scaling slope {slope:g} and intercept {intercept:g}"
        return array, (f"{flaw}; its values are used as they are stored",)
    if (slope, intercept) == (1, 0):
        return array, ()
    # float32 holds 16 bits and a scaling well; wider integers keep the precision they came with.
    narrow = array.dtype == np.float32 or array.dtype.itemsize <= 2
    with np.errstate(over="ignore"):
        return (array * slope + intercept).astype(np.float32 if narrow else np.float64), ()


def _geometry(name, header, ndim, given):
    scale = _MM.get(int(header["xyzt_units"]) & 7, 1.0)
    zooms = header["pixdim"][1 : ndim + 1]
    if given is not None:
        # Also the quaternion's affine is built from these numbers.
        zooms[:] = np.divide(check_per_axis("spacing", given, ndim, above=0)[::-1], scale)
    # Headers of version 1 hold float32; the shortest decimal that rounds to it (0.977) is what was meant.
    stated = [float(str(zoom)) * scale for zoom in zooms]
    plain_spacing, _ = image_geometry(name, stated, None, given)
    if header["sform_code"] == 0 and header["qform_code"] == 0:
        flaw = f"'{name}' has no qform and no sform: its orientation is unknown"
        return plain_spacing, None, (f"{flaw}; its axes are used as they are stored",)
    affine = _world(name, header)
    affine[:3] *= scale
    return *image_geometry(name, stated, affine, given), ()


def _world(name, header):
    """Affine of the sform, or else of the qform, in the units of the file."""
    if header["sform_code"] != 0:
        return header.get_sform()
    # Only the sign of pixdim[0] counts, and 0 stands for 1.
    header["pixdim"][0] = -1 if header["pixdim"][0] < 0 else 1
    try:
        with np.errstate(invalid="ignore", over="ignore"):
            return header.get_qform()
    except (ValueError, HeaderDataError) as error:
        raise GeometryError(f"'{name}' has an impossible qform ({error})", "export the file again") from error
