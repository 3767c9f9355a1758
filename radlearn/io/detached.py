"""Detached headers, whose voxels are in another file: MetaImage (.mhd) and NRRD (.nhdr)."""

import locale
import os
import re
from dataclasses import replace
from pathlib import Path, PurePosixPath

from radlearn.io.errors import cannot_read

_ENDINGS = (".mhd", ".nhdr")
# The blanks around the name are stripped later: a lazy match before them takes quadratic time in their number.
_POINTER = re.compile(rb"^[ \t]*(?:ElementDataFile[ \t]*=|data ?file[ \t]*:)(.*)", re.IGNORECASE | re.MULTILINE)
_MAX_HEADER_BYTES = 2**20


def voxel_source(source):
    """Where the voxels of a file are: in itself, or in a file of its folder that a detached header names.

    Parameters
    ----------
    source : FileSource

    Returns
    -------
    source : FileSource
        The same, or that of the other file.

    Raises
    ------
    ImageReadError
        If the header cannot be opened, or names several files or one outside of its folder.
    """
    if not source.file_name.lower().endswith(_ENDINGS):
        return source
    with source.open() as file:
        found = _POINTER.search(file.read(_MAX_HEADER_BYTES))
    target = "LOCAL" if found is None else _decoded(found[1].strip(b" \t\r"))
    if target.upper() == "LOCAL":
        return source
    # An alias hides the name of the file, which is often that of its voxels, too.
    shown = f" ({target!r})" if source.alias is None else ""
    if "%" in target or target.startswith("LIST") or target.lower().endswith(_ENDINGS):
        problem = f"it says that its voxels are in several files{shown}"
        raise cannot_read(source.name, problem, "convert it to one file, for example with SimpleITK")
    place = PurePosixPath(target.replace("\\", "/"))
    if _leads_out(source, place):
        problem = f"it says that its voxels are outside of its folder{shown}"
        raise cannot_read(source.name, problem, "put both files into one folder, and the name alone into the header")
    if source.member is None:
        there = {"path": Path(source.path).parent / place}
    else:
        there = {"member": str(PurePosixPath(source.member).parent / place)}
    return replace(source, **there, alias=source.alias or f"{source.name} (voxels in {target})")


def _decoded(name):
    try:
        return os.fsdecode(name)
    except UnicodeDecodeError:  # on Windows, where many programs write headers in the code page of the machine
        return name.decode(locale.getencoding(), "backslashreplace")


def _leads_out(source, place):
    """Whether a path from a header ends outside of the header's folder, maybe by a link."""
    if place.is_absolute() or ".." in place.parts or any(mark in str(place) for mark in ":\0"):
        return True
    folder = Path(source.place).parent
    inside = Path(os.path.realpath(folder / place)).is_relative_to(os.path.realpath(folder))
    return source.member is None and not inside
