"""DicomSource: a series in a folder or a list of files, with what to do about its flaws."""

import os
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from radlearn._validation import check_choice, check_flag, check_number
from radlearn.io import limits
from radlearn.io.errors import cannot_read, remedy_of_system
from radlearn.io.source import FileSource, folder_of_start, printable

SUV_KINDS = ("bw", "lbm", "bsa")


@dataclass(frozen=True)
class DicomSource:
    """A DICOM series; nothing is opened before it is read.

    Parameters
    ----------
    paths : path or sequence of path
        A folder, which is searched with all folders below it, or the files of the series in any order.
    series : int, optional
        Series number of the wanted series, where there are several.
    repair : bool, default=False
        Whether to repair a series that would be refused otherwise: of several slices with the same position and
        pixels, one is kept; missing or unevenly spaced slices are interpolated linearly at even distances; the shift
        of a tilted gantry is undone by linear interpolation. The history of the volume says what was done.
    suv : {"bw", "lbm", "bsa"}, optional
        Turn a PET image into standardized uptake values, by body weight (g/ml), lean body mass (g/ml) or body surface
        area (cm^2/ml). Default: the values of the file.
    alias : str, optional
        Name that messages show instead of the paths, for folders that are named after a patient.
    folder : str, optional
        Absolute path of the folder where relative paths start. Default: the working folder of now.

    Raises
    ------
    TypeError, ValueError
        If an option has the wrong type or value.

    Examples
    --------
    >>> DicomSource("P1/CT", series=2).name
    'P1/CT'
    """

    paths: tuple[str, ...]
    series: int | None = None
    repair: bool = False
    suv: str | None = None
    alias: str | None = None
    folder: str | None = None

    def __post_init__(self):
        is_one = isinstance(self.paths, str | os.PathLike)
        object.__setattr__(self, "paths", tuple(os.fspath(path) for path in ([self.paths] if is_one else self.paths)))
        if not self.paths:
            raise ValueError("paths is empty; give a folder, or the files of a series")
        check_number("series", self.series, integer=True, optional=True)
        check_flag("repair", self.repair)
        check_choice("suv", self.suv, SUV_KINDS, optional=True)
        object.__setattr__(self, "folder", folder_of_start(self.paths, self.folder))

    def __repr__(self):
        if self.alias is not None:
            return f"DicomSource(alias={self.alias!r})"
        return f"DicomSource({self.paths!r}, series={self.series}, repair={self.repair}, suv={self.suv!r})"

    def named(self, alias):
        """The same series under another name in all messages.

        Parameters
        ----------
        alias : str

        Returns
        -------
        source : DicomSource
        """
        return replace(self, alias=alias)

    @property
    def name(self):
        """The folder, or the first file and how many more there are, or the alias; for messages."""
        if self.alias is not None:
            return self.alias
        more = len(self.paths) - 1
        return printable(self.paths[0]) + (f" and {more} more" if more else "")

    def files(self):
        """The files, those of a folder in the order of their names.

        Returns
        -------
        files : list of FileSource

        Raises
        ------
        ImageReadError
            If there is none, there are more than `radlearn.io.limits.MAX_FILES`, or a folder cannot be searched.
        """
        try:
            files = [file for path in self.paths for file in _files_of(path, self.folder, self.name)]
        except OSError as error:
            place = "it" if self.alias is not None or error.filename is None else repr(printable(str(error.filename)))
            problem = f"{place} cannot be searched ({error.strerror})"
            remedy = remedy_of_system(error) or "check the path, and the permissions of its folders"
            raise cannot_read(self.name, problem, remedy) from None
        if not files:
            raise cannot_read(self.name, "there is no file in it", "check the path")
        if self.alias is not None:
            return [file.named(f"{self.alias} (file {number})") for number, file in enumerate(files, start=1)]
        return files

    def dicom_files(self):
        """The files that were named, and those of a folder that are DICOM files.

        Returns
        -------
        files : list of FileSource

        Raises
        ------
        ImageReadError
            As `files`, or if one of a folder may not be read.
        """
        return [
            file for file in self.files() if file.path in self.paths or has_dicom_ending(file.path) or file.is_dicom()
        ]

    def exists(self):
        """Whether all files, or the folder, are there.

        Returns
        -------
        exists : bool
        """
        places = [FileSource(path, folder=self.folder).place for path in self.paths]
        return all(os.path.exists(place) for place in places)  # noqa: PTH110 - as `FileSource.exists`

    def fingerprint(self):
        """Digest that changes when a file or an option changes, or when a file is added or removed.

        Returns
        -------
        digest : str
            32 hexadecimal digits.

        Raises
        ------
        ImageReadError
            If a file is missing.
        """
        what = (self.series, self.repair, self.suv, [file.fingerprint() for file in self.files()])
        return blake2b(repr(what).encode(), digest_size=16).hexdigest()


def _files_of(path, start, name):
    """The path itself, or all files below a folder; links to folders are not followed, since they may form a loop."""
    top = FileSource(path, folder=start).place
    if not Path(top).is_dir():
        return [FileSource(path, folder=start)]
    files = []
    for folder, subfolders, names in os.walk(top, onerror=_raise):  # else slices would be missing without a word
        subfolders.sort()
        files += [Path(folder, name) for name in sorted(names)]
        if len(files) > limits.MAX_FILES:
            raise cannot_read(name, f"it has more than {limits.MAX_FILES:,} files", "give the folder of one series")
    files = [file for file in files if file.is_file() and (file.stat().st_size or has_dicom_ending(file))]
    return [FileSource(Path(path, file.relative_to(top)), folder=start) for file in files]


def _raise(error):
    raise error


def has_dicom_ending(path):
    """Whether a file name ends as those of DICOM files do, if they have an ending at all.

    What macOS puts beside each file on disks of other systems, under its name after ``._``, is no such file.

    Parameters
    ----------
    path : path

    Returns
    -------
    has_ending : bool

    Examples
    --------
    >>> has_dicom_ending("IM0001.DCM"), has_dicom_ending("IM0001")
    (True, False)
    """
    name = Path(path).name.lower()
    return name.endswith((".dcm", ".dicom")) and not name.startswith("._")
