"""The header of a MetaImage: read line by line and understood field by field."""

import numpy as np

from radlearn.io.errors import cannot_read, wrong_format
from radlearn.io.image_data import choose_volume

_MAX_HEADER_BYTES = 2**16
_CONVERT = "convert it, for example with SimpleITK: WriteImage(ReadImage('old.mha'), 'new.nii.gz')"
_TYPES = {
    f"MET_{name}": dtype
    for name, dtype in {
        "CHAR": "i1",
        "UCHAR": "u1",
        "SHORT": "i2",
        "USHORT": "u2",
        "INT": "i4",
        "UINT": "u4",
        "LONG": "i4",
        "ULONG": "u4",
        "LONG_LONG": "i8",
        "ULONG_LONG": "u8",
        "FLOAT": "f4",
        "DOUBLE": "f8",
    }.items()
}
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


class MetaImageHeader:
    """Fields of a MetaImage header.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    file : binary file
        At the beginning of the header; afterwards after its end.
    volume : int, optional
        Which volume of a series is wanted.

    Raises
    ------
    ImageReadError
        If it is no such header, or asks for something that is not supported.
    """

    def __init__(self, name, file, volume=None):
        self.name = name
        self.fields = _fields(name, file)
        self.sizes = tuple(self._numbers("DimSize", int, count=None))
        self.shape, self.volume = choose_volume(name, self.sizes, volume)
        if self._flag("BinaryData", default=True) is False:
            raise cannot_read(name, "its voxels are written as text", _CONVERT)
        if self.fields.get("ElementNumberOfChannels", "1") != "1":
            problem = f"it holds {self.fields['ElementNumberOfChannels']} values per voxel, probably colors"
            raise cannot_read(name, problem, "save one of them, or the luminance, in a file of its own")

    @property
    def is_compressed(self):
        """Whether the voxels are deflated."""
        return self._flag("CompressedData", default=False)

    @property
    def dtype(self):
        """Type of a voxel, with the byte order of the file."""
        word = self._text("ElementType")
        if word not in _TYPES:
            raise cannot_read(self.name, f"its ElementType is '{word}'", _CONVERT)
        is_big = self._flag("BinaryDataByteOrderMSB", default=self._flag("ElementByteOrderMSB", default=False))
        return np.dtype(_TYPES[word]).newbyteorder(">" if is_big else "<")

    @property
    def skip(self):
        """Number of bytes before the voxels; -1 if these are the end of their file."""
        (count,) = self._numbers("HeaderSize", int, count=1) if "HeaderSize" in self.fields else (0,)
        if count < -1:
            raise self._not_understood("HeaderSize")
        return count

    @property
    def spacing(self):
        """Voxel size in mm along x, y and z, or None."""
        for field in ("ElementSpacing", "ElementSize"):
            if field in self.fields:
                return self._numbers(field)[: len(self.shape)]
        return None

    @property
    def affine(self):
        """Affine of shape (4, 4) from indices x, y, z to right, anterior, superior in mm; None if it does not say."""
        matrix = self._first("TransformMatrix", "Orientation", "Rotation", count=len(self.sizes) ** 2)
        origin = self._first("Offset", "Origin", "Position", count=len(self.sizes))
        if matrix is None or origin is None or self.spacing is None or len(self.shape) < 3:
            return None
        # Each row of the file's matrix is the direction of an axis; its space is left, posterior, superior.
        columns = np.reshape(matrix, (len(self.sizes),) * 2)[:3, :3].T * self.spacing
        affine = np.vstack([np.column_stack([columns, origin[:3]]), [0, 0, 0, 1]])
        return np.diag([-1, -1, 1, 1]) @ affine + 0.0

    @property
    def is_anatomical(self):
        """Whether the file says which way the patient lies: always, where there is an affine."""
        return True

    @property
    def modality(self):
        """Such as ``"CT"``, where the file says."""
        word = self.fields.get("Modality", "").removeprefix("MET_MOD_")
        return word if word in ("CT", "MR", "US", "NM") else None

    def _first(self, *synonyms, count):
        return next((self._numbers(field, count=count) for field in synonyms if field in self.fields), None)

    def _numbers(self, field, kind=float, count=0):
        """Numbers of a field: as many as there are axes, if no other count is given."""
        words = self._text(field).split()
        try:
            numbers = [kind(word) for word in words]
        except ValueError:
            raise self._not_understood(field) from None
        if count is not None and len(numbers) != (count or len(self.sizes)):
            raise self._not_understood(field)
        return numbers

    def _flag(self, field, *, default):
        value = self.fields.get(field, str(default)).lower()
        if value not in _FLAGS:
            raise self._not_understood(field)
        return _FLAGS[value]

    def _text(self, field):
        if field not in self.fields:
            raise cannot_read(self.name, f"its header lacks the field '{field}'")
        return self.fields[field]

    def _not_understood(self, field):
        return cannot_read(self.name, f"its header has the field '{field} = {self.fields[field][:80]}'")


def _fields(name, file):
    """Fields and values, up to the one that says where the voxels are, which is the last."""
    fields = {}
    while file.tell() < _MAX_HEADER_BYTES:
        line = file.readline(_MAX_HEADER_BYTES)
        field, separator, value = line.decode("utf-8", "replace").partition("=")
        if not separator and not fields:
            raise wrong_format(name, "a MetaImage", line)
        fields[field.strip()] = value.strip()
        if field.strip() == "ElementDataFile":
            return fields
        if not line:
            break
    raise cannot_read(name, "its header has no field 'ElementDataFile'")
