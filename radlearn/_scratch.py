"""Folders for files that are not complete yet."""

import secrets
import shutil
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_folder(parent):
    """New folder in `parent`, which is removed afterwards with all that is still in it.

    It is not made by tempfile. On Windows, what lies in folders of tempfile stays closed to all other users, even after
    it has been moved to its place; and in a folder that may not be written, tempfile tries two billion names.

    Parameters
    ----------
    parent : Path

    Yields
    ------
    folder : Path

    Raises
    ------
    OSError
        If there is no such folder, or it may not be written.
    """
    folder = Path(parent) / f".tmp{secrets.token_hex(8)}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
