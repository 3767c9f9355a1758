"""Files that appear whole under their names, or not at all."""

import os
import shutil
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from radlearn._scratch import scratch_folder


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
    with ExitStack() as stack:
        folder = _prepared(target, stack)
        if folder is None:
            yield target
            return
        part = folder / target.name
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


def check_writable(path):
    """Raise the error that `whole_file` would raise now, before hours of work; nothing is changed.

    Permissions do not tell it: on Windows, a table that a spreadsheet has open cannot be written.

    Parameters
    ----------
    path : str or path

    Raises
    ------
    OSError
        If neither the folder nor the file can be written.
    """
    with ExitStack() as stack:
        _prepared(Path(os.path.realpath(path)), stack)


def _prepared(target, stack):
    """New folder for the part, while the stack lasts; None where `target` itself is to be written."""
    if target.exists() and not target.is_file():
        return None
    if target.exists():
        target.open("ab").close()  # refused where it may not be written
    return _folder_beside(target, stack)


def _folder_beside(target, stack):
    """New folder in that of a file, while the stack lasts; None where it may not be made, but the file be written."""
    try:
        return stack.enter_context(scratch_folder(target.parent))
    except OSError as error:
        if isinstance(error, PermissionError) and target.exists():
            return None
        raise type(error)(error.errno, error.strerror, str(target)) from None  # not the name of the folder
