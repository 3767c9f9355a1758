"""TIFF files of several pages, as volumes: the pages are the slices, from the first (z = 0) to the last."""

import re
from contextlib import suppress
from math import prod

import numpy as np

from radlearn.exceptions import GeometryError
from radlearn.io import limits
from radlearn.io.errors import cannot_read
from radlearn.io.limits import check_declared_size, format_bytes, format_shape
from radlearn.io.orientation import MILLIMETERS

_DESCRIPTION, _X_RESOLUTION, _Y_RESOLUTION = 270, 282, 283
_ALIKE = "save the pages that are slices in a file of their own"


def count_pages(name, image):
    """Number of pages of a TIFF file; afterwards it is at its first page again.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    image : PIL.Image.Image
        The opened file.

    Returns
    -------
    n_pages : int

    Raises
    ------
    ImageReadError
        If there are more than the limit; counting stops there.
    """
    n_pages = 1
    with suppress(EOFError):
        while n_pages <= limits.MAX_PAGES:
            image.seek(n_pages)
            n_pages += 1
        raise cannot_read(name, f"it has more than {limits.MAX_PAGES:,} pages", "split it, or convert it to NIfTI")
    image.seek(0)
    return n_pages


def read_stack(name, image, content, decode):
    """Read all pages.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    image : PIL.Image.Image
        The opened file.
    content : bytes
        The file.
    decode : callable
        Makes an array (y, x) of the current page of `image`.

    Returns
    -------
    array : ndarray of shape (z, y, x)

    Raises
    ------
    ImageReadError
        If the pages differ in size or type, hold several channels or times, or are larger than the limits.
    """
    description = _description(image)
    for kind, pattern in (("channels", r"channels=(\d+)|SizeC=\"(\d+)\""), ("times", r"frames=(\d+)|SizeT=\"(\d+)\"")):
        found = re.search(pattern, description)
        if found and int(found[1] or found[2]) > 1:
            raise cannot_read(name, f"it holds {found[1] or found[2]} {kind}", "save one of them in a file of its own")
    size, first = image.size, decode(image)
    shape = (image.n_frames, *first.shape)
    is_plain = image.info.get("compression") == "raw"
    if is_plain and prod(shape) / 8 > len(content):
        raise cannot_read(name, f"it declares {format_shape(shape)} voxels, the file has {format_bytes(len(content))}")
    check_declared_size(name, shape, first.dtype, file_bytes=np.inf)
    array = np.empty(shape, first.dtype)
    array[0] = first
    for number in range(1, shape[0]):
        image.seek(number)
        if image.size != size:
            problem = f"page {number} has {format_shape(image.size)} pixels, the first {format_shape(size)}"
            raise cannot_read(name, problem, _ALIKE)
        page = decode(image)
        if page.dtype != first.dtype:
            raise cannot_read(name, f"page {number} is of type {page.dtype}, the first of {first.dtype}", _ALIKE)
        array[number] = page
    return array


def stack_spacing(name, image):
    """Voxel size in mm that ImageJ or OME noted, in the order z, y, x.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    image : PIL.Image.Image
        The opened file.

    Returns
    -------
    spacing : tuple of float

    Raises
    ------
    GeometryError
        If there is no such note, or an impossible one.
    """
    image.seek(0)
    description = _description(image)
    sizes = _of_ome(description) if "<OME" in description else _of_imagej(description, image.tag_v2)
    if sizes is None or not (np.isfinite(sizes).all() and min(sizes) > 0):
        raise GeometryError(
            f"'{name}' is a stack of {image.n_frames} pages without a usable voxel size",
            "pass it with spacing=(z, y, x) in mm",
        )
    return tuple(sizes)


def _of_imagej(description, tags):
    """`spacing` between the slices, and pixels per unit in the tags of the resolution."""
    fields = {key: value.strip() for key, _, value in (line.partition("=") for line in description.splitlines())}
    scale = MILLIMETERS.get(fields.get("unit", "").lower())
    resolution = [float(tags.get(tag, 0)) for tag in (_Y_RESOLUTION, _X_RESOLUTION)]
    if "ImageJ" not in fields or "spacing" not in fields or scale is None or not all(resolution):
        return None
    return [float(fields["spacing"]) * scale, *(scale / pixels for pixels in resolution)]


def _of_ome(description):
    """The attributes PhysicalSizeX, Y and Z, in micrometers where no unit is given."""
    sizes = []
    for axis in "ZYX":
        size = re.search(rf'PhysicalSize{axis}="([^"]*)"', description)
        unit = re.search(rf'PhysicalSize{axis}Unit="([^"]*)"', description)
        if size is None or (unit and unit[1] not in MILLIMETERS):
            return None
        sizes.append(float(size[1]) * MILLIMETERS[unit[1] if unit else "um"])
    return sizes


def _description(image):
    text = image.tag_v2.get(_DESCRIPTION, "")
    # Pillow takes the bytes for Latin-1, OME writes UTF-8.
    return text.encode("latin-1", "replace").decode("utf-8", "replace") if isinstance(text, str) else ""
