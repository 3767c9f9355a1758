"""Files that appear whole under their names, or not at all."""

import os
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def whole_file(path):
    """Path to write to, of a file that takes the place of `path` once it is complete.

    A table that ends in the middle can be read like a whole one. So nothing is left of a file that a full disk or
    Ctrl-C cut short, and what was there before stays.

    Parameters
    ----------
    path : str or path

    Yields
    ------
    part : Path
        In a new folder beside `path`, and with its name; `path` itself where that is a device or a pipe, or a file in a
        folder that may not be written.

    Raises
    ------
    OSError
        If neither the folder nor the file can be written.

    Examples
    --------
    >>> with whole_file("features.csv") as part:  # doctest: +SKIP
    ...     part.write_text("id,volume")
    """
    target = Path(os.path.realpath(path))  # a link stays one
    if target.exists() and not target.is_file():
        yield target
        return
    if target.exists():
        target.open("ab").close()  # refused where it may not be written
    scratch = _folder_beside(target)
    if scratch is None:
        yield target
        return
    with scratch as folder:
        part = Path(folder) / target.name
        try:
            yield part
        except OSError as error:  # that of a full disk has no name, others have that of the part
            error.filename = str(target)
            raise
        if target.exists():
            with suppress(OSError):  # not every file system has permissions
                shutil.copymode(target, part)
        try:
            part.replace(target)
        except OSError:  # not every network disk can rename
            shutil.copyfile(part, target)


def _folder_beside(target):
    """New folder in that of a file; None where it may not be made, but the file may be written."""
    try:
        return TemporaryDirectory(dir=target.parent, prefix=".tmp")
    except OSError as error:
        if isinstance(error, PermissionError) and target.exists():
            return None
        raise type(error)(error.errno, error.strerror, str(target)) from None  # not the name of the folder
