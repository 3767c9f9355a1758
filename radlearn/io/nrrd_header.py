"""The header of an NRRD file, read line by line and understood field by field."""

import re
from math import prod

import numpy as np

from radlearn.io.errors import cannot_read, wrong_format
from radlearn.io.image_data import check_shape
from radlearn.io.orientation import MILLIMETERS

_MAX_BYTES = 2**20
_CONVERT = "convert it, for example with SimpleITK: WriteImage(ReadImage('old.nrrd'), 'new.nii.gz')"

_TYPES = {
    synonym: dtype
    for dtype, synonyms in {
        "i1": "signed char, int8, int8_t",
        "u1": "uchar, unsigned char, uint8, uint8_t",
        "i2": "short, short int, signed short, signed short int, int16, int16_t",
        "u2": "ushort, unsigned short, unsigned short int, uint16, uint16_t",
        "i4": "int, signed int, int32, int32_t",
        "u4": "uint, unsigned int, uint32, uint32_t",
        "i8": "longlong, long long, long long int, signed long long, signed long long int, int64, int64_t",
        "u8": "ulonglong, unsigned long long, unsigned long long int, uint64, uint64_t",
        "f4": "float",
        "f8": "double",
    }.items()
    for synonym in synonyms.split(", ")
}
_BYTE_ORDERS = {"little": "<", "big": ">"}
_ENCODINGS = {
    synonym: synonyms[0]
    for synonyms in (("raw",), ("gzip", "gz"), ("bzip2", "bz2"), ("text", "txt", "ascii"), ("hex",))
    for synonym in synonyms
}
# Signs that turn the axes of a space into right, anterior, superior.
_TO_RAS = {
    "right-anterior-superior": (1, 1, 1),
    "ras": (1, 1, 1),
    "left-anterior-superior": (-1, 1, 1),
    "las": (-1, 1, 1),
    "left-posterior-superior": (-1, -1, 1),
    "lps": (-1, -1, 1),
}
_SPATIAL_KINDS = ("domain", "space", "none", "???")


class NrrdHeader:
    """Fields of an NRRD header.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    file : binary file
        At the beginning of the header; afterwards at the beginning of the voxels.

    Raises
    ------
    ImageReadError
        If it is no NRRD header, has no end, or asks for something that is not supported.
    """

    modality = None

    def __init__(self, name, file):
        self.name = name
        self.fields = dict(_lines(name, file))
        self.sizes = self._sizes()
        self.vectors = self._vectors()
        self.axes = self._spatial_axes()
        self.other_axes = [axis for axis in range(len(self.sizes)) if axis not in self.axes]

    @property
    def is_detached(self):
        """Whether the voxels are in another file."""
        return "data file" in self.fields or "datafile" in self.fields

    @property
    def encoding(self):
        """One of raw, gzip, bzip2, text and hex."""
        return self._choice("encoding", _ENCODINGS)

    def skip(self, field):
        """How much precedes the voxels.

        Parameters
        ----------
        field : {"line skip", "byte skip"}

        Returns
        -------
        count : int
        """
        text = self.fields.get(field, "0").replace(" ", "")
        if not re.fullmatch(r"\d{1,9}", text):
            raise cannot_read(self.name, f"its header has the field '{field}: {self.fields[field]}'", _CONVERT)
        return int(text)

    @property
    def n_volumes(self):
        """Number of images in the file."""
        return prod(self.sizes[axis] for axis in self.other_axes)

    @property
    def series(self):
        """What the axes are that are not of space, for a message."""
        kinds = self.fields.get("kinds", "").lower().split() or ["domain"] * len(self.sizes)
        words = [f"{self.sizes[axis]} values of the kind '{kinds[axis]}'" for axis in self.other_axes]
        return f"it has {len(self.sizes)} dimensions ({' and '.join(words)})"

    @property
    def dtype(self):
        """Type of a voxel, with the byte order of the file."""
        dtype = np.dtype(self._choice("type", _TYPES))
        has_order = dtype.itemsize > 1 and self.encoding != "text"
        return dtype.newbyteorder(self._choice("endian", _BYTE_ORDERS)) if has_order else dtype

    @property
    def shape(self):
        """Number of voxels along x, y and z."""
        return tuple(self.sizes[axis] for axis in self.axes)

    @property
    def spacing(self):
        """Voxel size in mm along x, y and z, or None."""
        if self.vectors is not None:
            sizes = [np.nan if vector is None else float(np.linalg.norm(vector)) for vector in self.vectors]
        elif "spacings" in self.fields:
            sizes = self._per_axis("spacings", self._floats("spacings", self.fields["spacings"].split()))
        else:
            return None
        return [sizes[axis] * self._scale for axis in self.axes]

    @property
    def is_anatomical(self):
        """Whether the space of the file says which way the patient lies."""
        return self._space in _TO_RAS

    @property
    def affine(self):
        """Affine of shape (4, 4) from indices x, y, z to the world in mm, or None.

        The world is right, anterior, superior if `is_anatomical`, else the unnamed space of the file.
        """
        if self.vectors is None:
            return None
        origin = self._floats("space origin", re.findall(r"[^(),\s]+", self.fields.get("space origin", "(0,0,0)")))
        columns = [self.vectors[axis] for axis in self.axes] + [origin]
        if any(len(column) != 3 for column in columns):
            return None
        # An image of two axes gets a third one that is never used.
        columns[2:-1] = columns[2:-1] or [np.zeros(3)]
        signs = np.reshape(_TO_RAS.get(self._space, (1, 1, 1)), (3, 1))
        return np.vstack([signs * np.column_stack(columns) * self._scale, [0, 0, 0, 1]]) + 0.0

    @property
    def _space(self):
        return self.fields.get("space", "").lower()

    @property
    def _scale(self):
        """Millimeters per unit of the file; mm where it does not say."""
        units = re.findall(r'"([^"]*)"', self.fields.get("space units", "") or self.fields.get("units", ""))
        known = {MILLIMETERS[unit.strip().lower()] for unit in units if unit.strip().lower() in MILLIMETERS}
        if len(known) > 1:
            raise cannot_read(self.name, f"its axes have different units ({', '.join(units)})", _CONVERT)
        return known.pop() if known else 1.0

    def _sizes(self):
        sizes = self._floats("sizes", self._text("sizes").split())
        if not all(size.is_integer() for size in sizes):
            raise self._not_understood("sizes")
        if min(sizes, default=0) <= 0:
            raise cannot_read(self.name, f"it declares {' x '.join(f'{size:g}' for size in sizes)} voxels")
        return [int(size) for size in sizes]

    def _vectors(self):
        """One space direction for each axis of the file, None for an axis without; or None if the file has none."""
        if "space directions" not in self.fields:
            return None
        found = re.findall(r"none|\([^()]*\)", self.fields["space directions"].lower())
        vectors = [
            None if text == "none" else self._floats("space directions", text[1:-1].split(",")) for text in found
        ]
        if len({len(vector) for vector in vectors if vector is not None}) > 1:
            raise self._not_understood("space directions")
        return self._per_axis("space directions", vectors)

    def _spatial_axes(self):
        """Numbers of the axes that make up an image: of space, not more than three."""
        kinds = self._per_axis("kinds", self.fields.get("kinds", "").lower().split() or ["domain"] * len(self.sizes))
        spatial = [
            axis
            for axis, kind in enumerate(kinds)
            if kind in _SPATIAL_KINDS and (self.vectors is None or self.vectors[axis] is not None)
        ][:3]
        check_shape(self.name, [self.sizes[axis] for axis in spatial])
        return spatial

    def _per_axis(self, field, values):
        if len(values) != len(self.sizes):
            raise cannot_read(self.name, f"its field '{field}' has {len(values)} entries for {len(self.sizes)} axes")
        return values

    def _choice(self, field, choices):
        value = self._text(field).lower()
        if value not in choices:
            raise cannot_read(self.name, f"its {field} is '{value}'", _CONVERT)
        return choices[value]

    def _floats(self, field, words):
        try:
            return np.array(words, float)
        except ValueError as error:
            raise self._not_understood(field) from error

    def _not_understood(self, field):
        return cannot_read(self.name, f"its header has the field '{field}: {self.fields[field]}'")

    def _text(self, field):
        if field not in self.fields:
            raise cannot_read(self.name, f"its header lacks the field '{field}'")
        return self.fields[field]


def _lines(name, file):
    """Fields and values, up to the empty line that ends the header; comments and key/value pairs are left out."""
    magic = file.readline(_MAX_BYTES)
    if not re.match(rb"NRRD000[1-5]\s*$", magic):
        raise wrong_format(name, "an NRRD image", magic)
    while line := file.readline(_MAX_BYTES).rstrip(b"\r\n"):
        if file.tell() > _MAX_BYTES:
            raise cannot_read(name, f"its header has no end within {_MAX_BYTES:,} bytes")
        field, _, value = line.decode("utf-8", "replace").partition(":")
        if not line.startswith(b"#") and not value.startswith("="):
            yield field.strip().lower(), value.strip()
