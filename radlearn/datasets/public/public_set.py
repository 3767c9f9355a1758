"""What is recorded of a public image set, and how its files are found and checked."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pooch

from radlearn.cohort import read_cohort
from radlearn.exceptions import CohortError


@dataclass(frozen=True)
class Download:
    """A file that its publisher offers under a checksum.

    Parameters
    ----------
    url : str
    file : str
        Name under which it is kept.
    md5 : str
        The published checksum.
    """

    url: str
    file: str
    md5: str


@dataclass(frozen=True)
class Task:
    """One question that a set can answer.

    Parameters
    ----------
    question : str
        What `y` says.
    files : tuple of str
        Files that are needed.
    read : callable
        ``read(folder) -> X, y, folds``, and behind these the boxes of lesions where the task is to find them.
    download : Download, optional
        Takes the place of `files` where they are absent.
    """

    question: str
    files: tuple[str, ...]
    read: Callable
    download: Download | None = None


@dataclass(frozen=True)
class PublicSet:
    """Origin, terms, checksums and pitfalls of a public image set.

    Parameters
    ----------
    name : str
        Name of its folder in the data home.
    title : str
        What the images show.
    source : str
        Where the originals are.
    changes : str
        What was selected and changed since.
    license : str
    citation : str
    pitfalls : str
        What leads to wrong conclusions, one point per line.
    tasks : mapping of str to Task
        The first is the default.
    sha256 : mapping of str to str
        Checksum of each file.
    """

    name: str
    title: str
    source: str
    changes: str
    license: str
    citation: str
    pitfalls: str
    tasks: Mapping[str, Task]
    sha256: Mapping[str, str]

    def prepare(self, task, folder):
        """Make sure that the files of a task are there and are the published ones.

        Parameters
        ----------
        task : str
        folder : Path

        Raises
        ------
        CohortError
            If a file is absent, or differs from the published one.
        """
        files, download = self.tasks[task].files, self.tasks[task].download
        absent = [file for file in files if not (folder / file).is_file()]
        if absent and download is not None:
            self._download(download, folder)
        elif absent:
            raise CohortError(
                f"the set {self.name!r} is not in the data home: {str(folder)!r} lacks {', '.join(absent)}",
                self._how_to_get(files, folder),
            )
        else:
            for file in files:
                self._check_sum(folder / file)

    def describe(self, task):
        """Everything a user should know of the set before drawing conclusions.

        Parameters
        ----------
        task : str

        Returns
        -------
        description : str
        """
        return (
            f"{self.title}\n\nTask {task!r}: {self.tasks[task].question}\n\nSource: {self.source}\n"
            f"Selection and changes: {self.changes}\nLicense: {self.license}\nCite: {self.citation}\n\n"
            f"Pitfalls:\n{self.pitfalls}\n\nNot for clinical use."
        )

    def _check_sum(self, path):
        status = path.stat()
        found = _sha256(path, status.st_size, status.st_mtime_ns)
        if found != self.sha256[path.name]:
            raise CohortError(
                f"{str(path)!r} is not the published file: its sha256 is {found}, expected {self.sha256[path.name]}",
                "get it again; a selection of your own is read with radlearn.read_cohort(table, root=archive)",
            )

    def _download(self, download, folder):
        known = {"known_hash": f"md5:{download.md5}", "fname": download.file, "path": folder}
        try:
            pooch.retrieve(download.url, **known, downloader=_download_for_all)
        except (OSError, ValueError) as error:
            raise CohortError(
                f"the set {self.name!r} is not in the data home, and {download.url} could not be stored in "
                f"{str(folder)!r}: {error}",
                f"download it by hand to that folder (md5 {download.md5}, license {self.license}), or set "
                f"RADLEARN_DATA or data_home= to a folder that holds {self.name!r} or may be written to",
            ) from error

    def _how_to_get(self, files, folder):
        return (
            f"get the originals from {self.source} (license: {self.license}; selection and changes: {self.changes}), "
            f"and lay {', '.join(files)} into {str(folder)!r}, or set RADLEARN_DATA or data_home= to the folder that "
            f"holds {self.name!r}; a selection of your own is read with radlearn.read_cohort(table, root=archive)"
        )


def _download_for_all(url, path, _):
    """Download to a file that all may read whom the umask allows; the one that pooch has made is closed to others."""
    Path(path).unlink()
    pooch.HTTPDownloader()(url, path, None)


def cohort_of_rows(frame, folder, *, meta=(), label="label"):
    """Cohort of the rows of a manifest, whose images lie in ``images.zip``.

    Parameters
    ----------
    frame : DataFrame
        With the columns `file` and `group`, and perhaps `mask`, `mask_label` and `id`.
    folder : Path
    meta : sequence of str
        Further columns for `Case.meta`.
    label : str or None
        Column of the labels.

    Returns
    -------
    X : Cohort
    y : ndarray
        Only with `label`.
    """
    columns = [column for column in ("id", "file", "mask", "mask_label", "group", label) if column in frame]
    return read_cohort(
        frame[[*columns, *meta]],
        label=label,
        image="file",
        patient="group",
        mask_label="mask_label" if "mask_label" in frame else None,
        root=Path(folder, "images.zip").resolve(),
    )


@lru_cache
def _sha256(path, size, mtime_ns):  # noqa: ARG001 - size and time tell a changed file from the one that was hashed
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
