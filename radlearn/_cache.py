"""What radlearn keeps on disk: rows of features, arrays and volumes, by digest, without pickles."""

import errno
import io
import json
import os
import secrets
import warnings
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np

from radlearn._scratch import scratch_folder
from radlearn.exceptions import RadlearnError, RadlearnWarning
from radlearn.volume import Volume

_DIGEST_BYTES = 16

# Part of each key, so that files of another form are not read.
CACHE_FORMAT = 2


def cache_folder(memory, kind):
    """Folder of one kind of entries below `memory`, or None where nothing is to be kept.

    Parameters
    ----------
    memory : None, path or joblib.Memory
    kind : str
        Such as ``"rows"``.

    Returns
    -------
    folder : Path or None

    Raises
    ------
    TypeError
        If `memory` is none of these.
    ValueError
        If it is an empty text.
    """
    location = getattr(memory, "location", memory)
    if location is None:
        return None
    if not isinstance(location, (str, os.PathLike)):
        raise TypeError(f"memory must be a folder, a joblib.Memory or None, got {memory!r}")
    if not os.fspath(location):
        raise ValueError("memory is empty; name a folder, '.' for the working folder, or None to keep nothing")
    with suppress(OSError):  # the working folder is gone, or not told
        location = Path(location).absolute()  # workers may stand in another one
    return Path(location) / "radlearn" / kind


def is_unchanged(item, fingerprint):
    """Whether an item still has its fingerprint: what was made of a file that was replaced meanwhile is not kept.

    Parameters
    ----------
    item : Case, or what else has a ``fingerprint()``
    fingerprint : str
        What it was before.

    Returns
    -------
    is_unchanged : bool
    """
    try:
        return item.fingerprint() == fingerprint
    except RadlearnError:  # a file is gone
        return False


class Row(NamedTuple):
    """A row of a table."""

    suffix: str
    """What is appended to the id of its case, if the case has several rows."""
    outcome: object
    """Its numbers, or why there are none."""


class RowCache:
    """The rows of each case in a small file, which is written whole or not at all.

    A file holds a digest, the suffixes of the ids (a line of JSON) and the numbers (little-endian float64), so that
    a damaged one is noticed and computed again. Several processes may write at once: a file appears by renaming.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder):
        self.folder = folder

    def read(self, key):
        """Rows of `key`, or None where there are none or they are damaged.

        Parameters
        ----------
        key : str

        Returns
        -------
        rows : list of Row, or None
        """
        path = self._path(key)
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return _warn_unreadable(path, error)
        digest, payload = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        if digest != _digest(payload):
            return _warn_unreadable(path, "its content does not match its digest")
        suffixes, _, numbers = payload.partition(b"\n")
        suffixes = json.loads(suffixes)
        table = np.frombuffer(numbers, "<f8").astype(float).reshape(len(suffixes), -1)
        return [Row(suffix, numbers) for suffix, numbers in zip(suffixes, table, strict=True)]

    def write(self, key, rows):
        """Keep `rows` under `key`; a full or read-only disk costs the cache, not the study.

        Parameters
        ----------
        key : str
        rows : list of Row
            With numbers in all of them.
        """
        suffixes = json.dumps([row.suffix for row in rows]).encode()
        payload = suffixes + b"\n" + np.array([row.outcome for row in rows], "<f8").tobytes()
        _write_whole(self._path(key), _digest(payload) + payload, self.folder)

    def _path(self, key):
        return self.folder / key[:2] / f"{key}.row"


class ArrayStore:
    """Arrays in .npy files, each written whole or not at all.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder):
        self.folder = folder

    def read(self, key):
        """Array of `key`, or None where there is none or it is damaged.

        Parameters
        ----------
        key : str

        Returns
        -------
        array : ndarray or None
        """
        path = self._path(key)
        try:
            return np.load(path, allow_pickle=False)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except Exception as error:  # noqa: BLE001 - NumPy fails in many ways over damaged headers
            return _warn_unreadable(path, error)

    def write(self, key, array):
        """Keep `array` under `key`; a full or read-only disk costs the cache, not the study.

        Parameters
        ----------
        key : str
        array : ndarray
        """
        content = io.BytesIO()
        np.save(content, array, allow_pickle=False)
        _write_whole(self._path(key), content.getbuffer(), self.folder)

    def _path(self, key):
        return self.folder / key[:2] / f"{key}.npy"


class VolumeStore:
    """Volumes in folders: arrays as npy files that are mapped into memory, the rest as JSON.

    The identity and the meta data of the case are not kept; they come from the case again.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder):
        self.folder = folder

    def read(self, key, case):
        """Volume of `key` with the identity of `case`, or None where there is none.

        Parameters
        ----------
        key : str
        case : Case

        Returns
        -------
        volume : Volume or None
        """
        path = self.folder / key
        if not _is_folder(path):
            return None
        try:
            fields = json.loads((path / "volume.json").read_text(encoding="utf-8"))
            meta = {**fields.pop("meta", {}), **case.meta}
            # Named, since without the file of its mask a volume would pass for one that has none; in the folders of
            # earlier versions they are not.
            names = fields.pop("arrays", None) or [file.stem for file in path.glob("*.npy")]
            arrays = {name: _mapped(path / f"{name}.npy") for name in names}
            return Volume(**fields, **arrays, id=case.id, patient=case.patient, meta=meta)
        except Exception as error:  # noqa: BLE001 - as above, and JSON may hold anything
            return _warn_unreadable(path, error)

    def write(self, key, volume, case):
        """Keep `volume` under `key`; a full or read-only disk costs the store, not the study.

        Parameters
        ----------
        key : str
        volume : Volume
        case : Case
            That it was made of.
        """
        path = self.folder / key
        arrays = {"image": volume.image, "mask": volume.mask}
        if volume.intensity_mask is not volume.mask:
            arrays["intensity_mask"] = volume.intensity_mask
        arrays = {name: array for name, array in arrays.items() if array is not None}
        fields = {
            "arrays": list(arrays),
            "spacing": volume.spacing,
            "affine": None if volume.affine is None else volume.affine.tolist(),
            "modality": volume.modality,
            "history": volume.history,
            # What a header of DICOM has added: numbers and short texts.
            "meta": {
                name: value
                for name, value in volume.meta.items()
                if name not in case.meta and isinstance(value, (str, int, float))
            },
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with scratch_folder(self.folder) as scratch:
                part = scratch / key
                part.mkdir()
                for name, array in arrays.items():
                    np.save(part / f"{name}.npy", array)
                (part / "volume.json").write_text(json.dumps(fields), encoding="utf-8")
                if path.exists():  # moved at once, since others may be reading it
                    path.rename(scratch / "damaged")
                part.rename(path)
        except OSError as error:
            if not _is_folder(path):  # else another process was quicker with the same volume
                _warn_unwritable(self.folder, error)


def _mapped(path):
    """Array of a file, mapped into memory; read where no more files may be open, since each map keeps its file open."""
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        if error.errno not in (errno.EMFILE, errno.ENFILE):
            raise
        array = np.load(path, allow_pickle=False)
        array.flags.writeable = False
        return array


def _is_folder(path):
    return os.path.isdir(path)  # noqa: PTH112 - that of pathlib raises where the folder may not be entered


def _write_whole(path, content, folder):
    """Write a file under another name first, so that nobody reads half of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not made by tempfile, whose files the colleagues who share a folder may not read, whatever the umask says.
        part = path.with_name(f"tmp{secrets.token_hex(8)}")
        try:
            part.write_bytes(content)
            part.replace(path)
        except BaseException:  # a full disk, or Ctrl-C: no half of a file stays
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        # Windows does not replace a file that somebody reads: often what another process has just written there.
        if not _holds(path, content):
            _warn_unwritable(folder, error)


def _holds(path, content):
    try:
        return path.read_bytes() == content
    except OSError:
        return False


def _digest(payload):
    return blake2b(payload, digest_size=_DIGEST_BYTES).digest()


def _warn_unreadable(path, reason):
    warnings.warn(f"cache entry {path.name} is damaged ({reason}); it is computed again", RadlearnWarning, stacklevel=4)


def _warn_unwritable(folder, error):
    # The same words for every entry, so that Python shows them once. Of a full disk, NumPy only tells how many numbers
    # were written.
    reason = error.strerror or "is the disk full?"
    warnings.warn(
        f"cannot write to the cache {str(folder)!r} ({reason}); results are used, but not kept",
        RadlearnWarning,
        stacklevel=5,
    )
