"""PNG, JPEG and TIFF images, and stacks of TIFF pages: grey values of 8 or 16 bits, whatever the file holds.

One conversion for all of them:

- grey images keep their values and type; images of 1 bit become 0 and 1;
- color becomes luminance (ITU-R BT.601, as Pillow's mode L) with the depth of the file, or one channel if asked for;
- a palette is looked up first; transparency is dropped; the orientation that a camera noted (EXIF) is applied;
- no pixel size is taken from a single page: what it states is a printing resolution. Of a stack, the voxel size that
  ImageJ or OME wrote is taken, and without it spacing= is needed.
"""

import io
import logging
import warnings
from functools import partial

import numpy as np
from PIL import Image

from radlearn._validation import check_per_axis
from radlearn.io import limits
from radlearn.io.deep_color import is_deep_color, read_deep_color
from radlearn.io.errors import cannot_read, decoding, wrong_format
from radlearn.io.image_data import ImageData
from radlearn.io.tiff_stack import count_pages, read_stack, stack_spacing

_FORMATS = ("PNG", "JPEG", "TIFF")
_SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
_ORIENTATION = 0x0112
_PHOTOMETRIC, _SAMPLE_FORMAT = 262, 339
# Layouts of big-endian files whose bytes Pillow (13.0) swaps, although libtiff has done so already.
_SWAPPED = {"I;16BS": np.int16, "I;32BS": np.int32, "F;32BF": np.float32}
# What brings an image of each EXIF orientation upright; 1 is upright.
_UPRIGHT = {
    2: np.fliplr,
    3: lambda array: np.rot90(array, 2),
    4: np.flipud,
    5: lambda array: array.swapaxes(0, 1),
    6: lambda array: np.rot90(array, -1),
    7: lambda array: np.rot90(array, 2).swapaxes(0, 1),
    8: np.rot90,
}
# Where a program logs all that libraries tell, Pillow adds the tags of TIFF and EXIF, such as the name of a patient.
logging.getLogger("PIL.TiffImagePlugin").addFilter(lambda record: record.levelno > logging.DEBUG)


def read_raster(source, *, channel=None, spacing=None):
    """Read a PNG, JPEG or TIFF image, or a stack of TIFF pages.

    Parameters
    ----------
    source : FileSource
        The file; its content determines which of the three formats it is.
    channel : {0, 1, 2}, optional
        Red, green or blue of a color image, instead of its luminance. A grey image has only one.
    spacing : float or tuple of float, optional
        Pixel or voxel size in mm.

    Returns
    -------
    image : ImageData
        Array (y, x), or (z, y, x) of a stack; without affine.

    Raises
    ------
    ImageReadError
        If the file is none of the three, is damaged, or has more than `radlearn.io.limits.MAX_PIXELS` on a page.
    GeometryError
        If the file is a stack, says no voxel size, and none is given.
    """
    name = source.name
    content = source.read_bytes()
    with _opened(name, content) as image, decoding(name):
        if image.format == "TIFF" and count_pages(name, image) > 1:
            spacing = stack_spacing(name, image) if spacing is None else spacing
            array = read_stack(name, image, content, partial(_page, name, content, channel))
        else:
            array = _page(name, content, channel, image)
    spacing = None if spacing is None else check_per_axis("spacing", spacing, array.ndim, above=0)
    return ImageData(np.ascontiguousarray(array, array.dtype.newbyteorder("=")), spacing)


def luminance(color):
    """Luminance after ITU-R BT.601, in whole numbers: 0.299 red + 0.587 green + 0.114 blue.

    Parameters
    ----------
    color : ndarray of uint8 or uint16, shape (y, x, 3)
        Red, green, blue.

    Returns
    -------
    luminance : ndarray of the same type, shape (y, x)

    Examples
    --------
    >>> print(luminance(np.array([[[255, 0, 0], [7, 7, 7]]], np.uint8)))
    [[76  7]]
    """
    # Pillow's weights, which add up to 2^16; 16 bits times them just fit into 32.
    red, green, blue = np.moveaxis(color.astype(np.uint32), -1, 0)
    return ((19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16).astype(color.dtype)


def _page(name, content, channel, image):
    """Array (y, x) of the current page of the image, upright, without color."""
    _check_size(name, image, len(content))
    is_deep = is_deep_color(image, content)
    if is_deep and getattr(image, "n_frames", 1) > 1:
        raise cannot_read(name, "it is a stack with 16 bits per color", "save it as 16-bit grey")
    array = read_deep_color(name, content) if is_deep else _decoded(image, channel)
    array = _UPRIGHT.get(image.getexif().get(_ORIENTATION), np.asarray)(array)
    if array.ndim == 3:
        array = luminance(array) if channel is None else array[..., channel]
    return array


def _opened(name, content):
    with warnings.catch_warnings(), decoding(name):
        # MAX_PIXELS takes the place of this warning.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            return Image.open(io.BytesIO(content), formats=_FORMATS)
        except Image.UnidentifiedImageError as error:
            if content.startswith(_SIGNATURES) and content[128:132] != b"DICM":
                problem = "it is damaged, or of an unusual kind that Pillow cannot read"
                remedy = "export it again as 8-bit or 16-bit grey, or as TIFF of 32-bit floats"
                raise cannot_read(name, problem, remedy) from error
            raise wrong_format(name, "a PNG, JPEG or TIFF image", content[:132]) from error
        except Image.DecompressionBombError as error:
            problem = f"it has more than {limits.MAX_PIXELS:,} pixels ({error})"
            raise cannot_read(name, problem, "crop or downsample it") from error


def _check_size(name, image, file_bytes):
    """Refuse more pixels than the limit, or than the file can hold; a pixel takes one bit at least."""
    n_pixels = image.width * image.height
    declared = f"it declares {image.width} x {image.height} pixels"
    if n_pixels > limits.MAX_PIXELS:
        raise cannot_read(name, f"{declared}, the limit is {limits.MAX_PIXELS:,}", "crop or downsample it")
    ratio = limits.MAX_DEFLATE_RATIO if image.format == "PNG" else 1
    has_known_ratio = image.format == "PNG" or image.info.get("compression") == "raw"
    if has_known_ratio and n_pixels / 8 > ratio * file_bytes:
        raise cannot_read(name, f"{declared}, the file has {limits.format_bytes(file_bytes)}")


def _decoded(image, channel):
    """Array (y, x) of grey values, or (y, x, 3) of red, green and blue where one of them is wanted."""
    if image.mode in ("L", "F", "I") or image.mode.startswith("I;16"):
        return _as_tiff_means(image) if image.format == "TIFF" else np.asarray(image)
    if image.mode == "1":
        return np.asarray(image).astype(np.uint8)
    if image.mode in ("LA", "La"):
        return np.asarray(image.convert("L"))
    color = image.convert("RGB")
    return np.asarray(color.convert("L") if channel is None else color)


def _as_tiff_means(image):
    """Values of a grey TIFF image, put right where Pillow reads the bits but not what they mean."""
    codec, _, _, (layout, *_) = image.tile[0]
    array = np.asarray(image)
    if codec == "libtiff" and layout in _SWAPPED:
        array = array.astype(_SWAPPED[layout]).byteswap().astype(array.dtype)
    is_signed = image.tag_v2.get(_SAMPLE_FORMAT, (1,))[0] == 2
    if image.mode == "L" and is_signed:
        return array.view(np.int8)
    if image.mode == "I" and not is_signed:
        return array.view(np.uint32)
    if image.mode.startswith("I;16") and image.tag_v2.get(_PHOTOMETRIC) == 0:
        # White is zero; Pillow knows that of 8 bits only.
        return 0xFFFF - array
    return array
