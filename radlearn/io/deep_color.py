"""PNG and TIFF images with 16 bits per color, which Pillow would reduce to 8."""

import io
import zlib
from struct import pack, unpack_from

import numpy as np
import tifffile
from PIL import Image

from radlearn.io.errors import cannot_read

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_REMEDY = "save it with 8 bits per color, or as 16-bit grey"
# Values per pixel of those PNG color types that have more than one: color, grey and alpha, color and alpha.
_N_SAMPLES = {2: 3, 4: 2, 6: 4}
_BITS_PER_SAMPLE = 258


def is_deep_color(image, content):
    """Whether an image has several values of more than 8 bits per pixel.

    Parameters
    ----------
    image : PIL.Image.Image
        Opened, not loaded.
    content : bytes
        Its file.

    Returns
    -------
    is_deep_color : bool
    """
    if image.format == "TIFF":
        bits = image.tag_v2.get(_BITS_PER_SAMPLE, (1,))
        return len(bits) > 1 and max(bits) > 8
    return content.startswith(_SIGNATURE) and content[24] == 16 and content[25] in _N_SAMPLES


def read_deep_color(name, content):
    """Colors, or grey values, of a PNG or TIFF image with 16 bits per value.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    content : bytes
        Its content; its number of pixels is checked already.

    Returns
    -------
    array : ndarray of uint16, shape (y, x, 3) or (y, x)

    Raises
    ------
    ImageReadError
        If the image is damaged, or packed in a way that is not supported.
    """
    array = _read_png(name, content) if content.startswith(_SIGNATURE) else _read_tiff(name, content)
    return array[..., 0] if array.shape[-1] == 2 else array[..., :3]


def _read_tiff(name, content):
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        page = file.pages[0]
        kind = (page.compression, page.photometric, page.dtype)
        # The decompressors of tifffile do not limit the size of what they expand.
        if kind != (tifffile.COMPRESSION.NONE, tifffile.PHOTOMETRIC.RGB, np.uint16):
            raise cannot_read(name, "it is a compressed or unusual TIFF image of more than 8 bits per color", _REMEDY)
        if page.nbytes > len(content):
            raise cannot_read(name, f"it is cut off after {len(content)} bytes")
        array = page.asarray()
        return np.moveaxis(array, 0, -1) if page.planarconfig == tifffile.PLANARCONFIG.SEPARATE else array


def _read_png(name, content):
    """Decode a PNG image of 16-bit colors, byte plane by byte plane.

    PNG predicts every byte from the byte at the same place of the neighboring pixels. So the first bytes of all pixels
    are an image of 8 bits that needs no other byte, and so are the second bytes, ...; Pillow decodes each of them.
    """
    width, height, _, color_type, _, _, interlaced = unpack_from(">IIBBBBB", content, 16)
    if interlaced:
        raise cannot_read(name, "it is an interlaced PNG image of 16 bits per color", _REMEDY)
    n_bytes = 2 * _N_SAMPLES[color_type]
    size = height * (1 + width * n_bytes)
    inflater = zlib.decompressobj()
    rows = inflater.decompress(_chunks(content), size + 1)
    if len(rows) != size or not inflater.eof:
        raise cannot_read(name, "its pixels are cut off or damaged")
    rows = np.frombuffer(rows, np.uint8).reshape(height, -1)
    # The first byte of a row names its predictor.
    planes = [_decode_plane(np.hstack([rows[:, :1], rows[:, 1 + byte :: n_bytes]])) for byte in range(n_bytes)]
    return np.ascontiguousarray(np.stack(planes, axis=-1)).view(">u2").astype(np.uint16)


def _chunks(content):
    """The compressed pixels: contents of all IDAT chunks."""
    parts, position, kind = [], len(_SIGNATURE), b""
    while kind != b"IEND":
        length, kind = unpack_from(">I4s", content, position)
        if kind == b"IDAT":
            parts.append(content[position + 8 : position + 8 + length])
        position += length + 12
    return b"".join(parts)


def _decode_plane(rows):
    """Undo the prediction of one byte plane: an 8-bit grey PNG image is built around it and read."""
    height, width = rows.shape[0], rows.shape[1] - 1
    header = pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    content = b"".join(
        pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 0)), (b"IEND", b""))
    )
    with Image.open(io.BytesIO(_SIGNATURE + content), formats=("PNG",)) as image:
        return np.asarray(image)
