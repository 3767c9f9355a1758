"""Where an image comes from: a file, a member of a zip archive, or an array in memory."""

import hashlib
import io
import os
import stat
import sys
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from radlearn.io import limits
from radlearn.io.archive import find_member, read_member
from radlearn.io.detached import voxel_source
from radlearn.io.errors import cannot_read, decoding, remedy_of_system
from radlearn.io.image_data import ImageData, check_dtype

_blake2b = partial(hashlib.blake2b, digest_size=16)


def printable(name):
    r"""Name of a file as text that can be printed, and put into tables.

    Parameters
    ----------
    name : str
        As the system gives it; bytes that are no UTF-8 stand in it as surrogates.

    Returns
    -------
    printable : str

    Examples
    --------
    >>> len("K\udcf6ln.nii"), len(printable("K\udcf6ln.nii"))
    (8, 13)
    """
    return name.encode("utf-8", "backslashreplace").decode()


def folder_of_start(paths, folder=None):
    """Folder where the relative ones of some paths start, wherever the process goes on.

    A worker stays in the folder in which it was started, and a notebook may go to another one.

    Parameters
    ----------
    paths : sequence of str
    folder : str, optional
        Default: the working folder.

    Returns
    -------
    folder : str
        "" where none of the paths is relative, so that sources of one file are equal in all folders.
    """
    if all(os.path.isabs(path) for path in paths):  # noqa: PTH117 - that of pathlib makes an object of each
        return ""
    return working_folder() if folder is None else folder


def working_folder():
    """The working folder; "" where it is gone, or the system does not tell.

    Returns
    -------
    folder : str
    """
    try:
        return sys.intern(os.getcwd())  # noqa: PTH109 - one text for all sources, which pickle to a few bytes
    except OSError:  # macOS does not tell where a folder above may not be read
        return ""


def _resolved(path):
    try:
        return str(Path(path).resolve())
    except OSError:  # the working folder is not told
        return path


@dataclass(frozen=True)
class FileSource:
    """A file, a member of a zip archive, one row of an array in an npy or npz file, or one frame of a DICOM file.

    It holds names only: nothing is opened before an image is read, and it pickles to a few bytes. It means the same
    file in every process, and after a change of the working folder.

    Parameters
    ----------
    path : str or Path
        The file, or the zip archive.
    member : str, optional
        Name of the file inside the archive, with forward slashes.
    row : int, optional
        Which image of an array ``(n, y, x)`` or ``(n, z, y, x)``, or which frame of a DICOM file.
    key : str, optional
        Which array of an npz file; not needed if it holds only one.
    alias : str, optional
        Name that messages show instead of the path, for files that are named after a patient.
    folder : str, optional
        Absolute path of the folder where a relative path starts. Default: the working folder of now.

    Examples
    --------
    >>> FileSource("images.zip", "benign_1.png").name
    'images.zip/benign_1.png'
    >>> FileSource("pneumonia.npz", key="train_images", row=7).name
    'pneumonia.npz:train_images[7]'
    """

    path: str
    member: str | None = None
    row: int | None = None
    key: str | None = None
    alias: str | None = None
    folder: str | None = None

    def __post_init__(self):
        object.__setattr__(self, "path", os.fspath(self.path))
        object.__setattr__(self, "folder", folder_of_start([self.path], self.folder))

    def __repr__(self):
        if self.alias is not None:
            return f"FileSource(alias={self.alias!r})"
        return f"FileSource(path={self.path!r}, member={self.member!r}, row={self.row}, key={self.key!r})"

    def named(self, alias):
        """The same file under another name in all messages.

        Parameters
        ----------
        alias : str

        Returns
        -------
        source : FileSource
        """
        return replace(self, alias=alias)

    @property
    def name(self):
        """The file as the user gave it, with member, array and row, or its alias; for messages."""
        if self.alias is not None:
            return self.alias
        key = "" if self.key is None else f":{self.key}"
        row = "" if self.row is None else f"[{self.row}]"
        return printable(f"{self.file_name}{key}{row}")

    @property
    def file_name(self):
        """Path of the file, with the member if there is one; its ending determines the format."""
        return self.path if self.member is None else f"{self.path}/{self.member}"

    @property
    def place(self):
        """Path of the file, wherever the process is."""
        return os.path.join(self.folder or "", self.path)  # noqa: PTH118 - that of pathlib changes the name

    @property
    def size(self):
        """Size in bytes, of a member when it is decompressed."""
        status = self._status()
        return status.st_size if self.member is None else self._entry(status).file_size

    def exists(self):
        """Whether the file exists and, if a member is named, contains it.

        Returns
        -------
        exists : bool

        Raises
        ------
        ImageReadError
            If the archive is damaged.
        """
        if not os.path.isfile(self.place):  # noqa: PTH113 - that of pathlib raises for names that no disk can hold
            return False
        return self.member is None or find_member(self.place, self.member, self._status(), self.name) is not None

    def fingerprint(self, *, content=False):
        """Digest that changes when the file changes, without reading it.

        Parameters
        ----------
        content : bool, default=False
            Whether to hash the bytes of the file instead of its path, size and time; slower, and the same wherever
            the file lies.

        Returns
        -------
        digest : str
            32 hexadecimal digits.

        Raises
        ------
        ImageReadError
            If there is no such file.
        """
        if content:
            with self.open() as file:
                what = (hashlib.file_digest(file, _blake2b).hexdigest(), self.row, self.key)
        else:
            status = self._status()
            place = (_resolved(self.place), self.member, self.row, self.key)
            what = (*place, status.st_size, status.st_mtime_ns)
            if self.member is not None:
                entry = self._entry(status)
                what += (entry.CRC, entry.file_size)
        voxels = voxel_source(self)
        if voxels != self:
            what += (voxels.fingerprint(content=content),)
        return _blake2b(repr(what).encode("utf-8", "surrogateescape")).hexdigest()

    def is_dicom(self):
        """Whether the file has the signature of DICOM, whose files may have any ending or none.

        Returns
        -------
        is_dicom : bool

        Raises
        ------
        ImageReadError
            If it is missing, or may not be read.
        """
        with self.open() as file:
            return file.read(132)[128:] == b"DICM"

    def open(self):
        """Open the file, or the member, for reading bytes.

        Returns
        -------
        file : binary file

        Raises
        ------
        ImageReadError
            If it is missing, empty, not a regular file, or may not be read.
        """
        if self.member is not None:
            return io.BytesIO(self.read_bytes())
        self._status()
        try:
            return Path(self.place).open("rb")
        except OSError as error:
            remedy = remedy_of_system(error) or "check the permissions of the file"
            raise cannot_read(self.name, error.strerror, remedy) from None

    def read_bytes(self, limit=None):
        """Content of the file, or of the member.

        Parameters
        ----------
        limit : int, optional
            Largest size that is accepted. Default: `radlearn.io.limits.MAX_BYTES`.

        Returns
        -------
        content : bytes

        Raises
        ------
        ImageReadError
            If it is too large, or cannot be opened.
        """
        limit = limits.MAX_BYTES if limit is None else limit
        status = self._status()
        if self.member is not None:
            return read_member(self.place, self._entry(status), limit, self.name)
        if status.st_size > limit:
            problem = f"it has {limits.format_bytes(status.st_size)}, the limit is {limits.format_bytes(limit)}"
            raise cannot_read(self.name, problem, "crop or downsample it, or raise the limits in radlearn.io.limits")
        with self.open() as file, decoding(self.name):
            return file.read(status.st_size)

    def _status(self):
        """Size and time of the file, which must be a regular file with something in it."""
        try:
            status = Path(self.place).stat()
        except (OSError, ValueError) as error:
            missing = isinstance(error, FileNotFoundError)
            problem = "there is no such file" if missing else getattr(error, "strerror", None) or str(error)
            raise cannot_read(self.name, problem, "check the path, and the folder it is relative to") from None
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a device or a pipe"
            raise cannot_read(self.name, f"it is {kind}, not a file", "give the path of an image file")
        if status.st_size == 0:
            raise cannot_read(self.name, "it is empty (0 bytes)")
        return status

    def _entry(self, status):
        entry = find_member(self.place, self.member, status, self.name)
        if entry is None:
            raise cannot_read(self.name, "the archive has no such member", "check its spelling, case and folder")
        if entry.file_size == 0:
            raise cannot_read(self.name, "it is empty (0 bytes)")
        return entry


@dataclass(frozen=True, eq=False)
class ArraySource:
    """An image that is in memory already; the array is kept, not copied, and must not be changed afterwards.

    Parameters
    ----------
    array : ndarray of shape (z, y, x) or (y, x)
        Real numbers; a memory map stays one.
    spacing : float or tuple of float, optional
        Distance of voxel centers in mm, in the order of the axes. Default: that of the affine, if there is one.
    affine : ndarray of shape (ndim + 1, ndim + 1), optional
        Takes ``(z, y, x, 1)`` to world ``(x, y, z, 1)`` in mm.

    Raises
    ------
    ImageReadError
        If the values are not real numbers, or some are masked.

    Examples
    --------
    >>> source = ArraySource(np.arange(6, dtype=">u2").reshape(2, 3))
    >>> same_values = ArraySource(np.arange(6, dtype="<u2").reshape(2, 3))
    >>> source.fingerprint() == same_values.fingerprint()
    True
    """

    array: np.ndarray
    spacing: tuple[float, ...] | None = None
    affine: np.ndarray | None = None

    def __post_init__(self):
        object.__setattr__(self, "array", np.asanyarray(self.array))
        if self.array.dtype == object:
            raise cannot_read(self.name, "its values are Python objects", "make them numbers: array.astype(float)")
        check_dtype(self.name, self.array.dtype)
        if np.ma.is_masked(self.array):
            n_masked = np.ma.count_masked(self.array)
            raise cannot_read(self.name, f"{n_masked} of its values are masked", "replace them: array.filled(np.nan)")

    @cached_property
    def name(self):
        """Shape and type of the array, for messages."""
        return f"array of shape {self.array.shape} and type {self.array.dtype.name}"

    def named(self, alias):  # noqa: ARG002 - every source is called alike
        """The source itself: its name, made of shape and type, identifies nobody.

        Parameters
        ----------
        alias : str
            Not used.

        Returns
        -------
        source : ArraySource
        """
        return self

    def exists(self):
        """Whether it exists: always, since it is in memory.

        Returns
        -------
        exists : bool
        """
        return True

    def fingerprint(self):
        """Digest of values, type, shape, spacing and affine, the same for every layout in memory; computed once.

        Returns
        -------
        digest : str
            32 hexadecimal digits.
        """
        return self._digest

    @cached_property
    def _digest(self):
        dtype = self.array.dtype.newbyteorder("<")
        affine = None if self.affine is None else np.asarray(self.affine, float).tolist()
        # In 0.1.0 an affine alone stood for 1 mm; what a cache holds of such an array must not be found.
        default = None if affine is None else "affine"
        spacing = default if self.spacing is None else np.asarray(self.spacing, float).tolist()
        digest = _blake2b(repr((dtype.str, self.array.shape, spacing, affine)).encode())
        # One slice at a time, so that a Fortran, big-endian or memory-mapped array is never copied as a whole.
        for piece in np.atleast_2d(self.array):
            digest.update(np.ascontiguousarray(piece, dtype).view(np.uint8))
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class ReadSource:
    """A source together with what was read from it, for several cases of one file; it is never read again.

    Parameters
    ----------
    source : FileSource, ArraySource or DicomSource
    data : ImageData
        What `read_image` gave.

    Examples
    --------
    >>> from radlearn import Case
    >>> from radlearn.io import read_image
    >>> source = ArraySource(np.arange(16.0).reshape(4, 4))
    >>> once = ReadSource(source, read_image(source))
    >>> cases = [Case(once, mask=np.eye(4, k=k, dtype=int), id=f"diagonal {k}") for k in (0, 1)]
    >>> [int(case.load().mask.sum()) for case in cases]
    [4, 3]
    """

    source: object
    data: ImageData

    @property
    def name(self):
        """Name of the source."""
        return self.source.name

    def named(self, alias):
        """The same source under another name in all messages.

        Parameters
        ----------
        alias : str

        Returns
        -------
        source : ReadSource
        """
        return replace(self, source=self.source.named(alias))

    def exists(self):
        """Whether it exists: always, since it is in memory.

        Returns
        -------
        exists : bool
        """
        return True

    def fingerprint(self):
        """Digest of the source.

        Returns
        -------
        digest : str
            32 hexadecimal digits.
        """
        return self.source.fingerprint()
