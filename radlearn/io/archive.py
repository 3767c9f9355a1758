"""Members of zip archives, read one by one without extracting anything."""

import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from struct import unpack

from radlearn.io.errors import cannot_read, decoding
from radlearn.io.inflate import inflater
from radlearn.io.limits import format_bytes

_ENCRYPTED = 0x1


def find_member(path, member, status, name):
    """Entry of a member in the directory of an archive.

    The directory is kept, since a cohort reads hundreds of members of one archive; it is read again when the archive
    has changed.

    Parameters
    ----------
    path : str
        The archive.
    member : str
        Name of the member, with forward slashes.
    status : os.stat_result
        Size and time of the archive.
    name : str
        The member as the user knows it.

    Returns
    -------
    entry : zipfile.ZipInfo or None
        None if there is no such member.

    Raises
    ------
    ImageReadError
        If the file is no zip archive.
    """
    with decoding(name):
        return _directory(path, status.st_size, status.st_mtime_ns).get(member)


def read_member(path, entry, limit, name):
    """Bytes of one member, their checksum compared.

    Parameters
    ----------
    path : str
        The archive.
    entry : zipfile.ZipInfo
        From `find_member`.
    limit : int
        Largest size that is accepted; the declared size is checked before anything is decompressed.
    name : str
        The member as the user knows it.

    Returns
    -------
    content : bytes

    Raises
    ------
    ImageReadError
        If the member is too large, damaged, encrypted, or compressed by a method other than deflate.
    """
    if entry.file_size > limit:
        problem = f"it declares {format_bytes(entry.file_size)}, the limit is {format_bytes(limit)}"
        raise cannot_read(name, problem, "crop or downsample it, or raise the limits in radlearn.io.limits")
    check_method(name, entry)
    with decoding(name):
        content = _compressed(path, entry, name)
        if entry.compress_type == zipfile.ZIP_DEFLATED:
            content = inflater(-zlib.MAX_WBITS).decompress(content, entry.file_size + 1)
        if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
            raise cannot_read(name, "its checksum is wrong")
    return content


def check_method(name, entry):
    """Refuse a member that is encrypted, or compressed by a method whose expansion has no bound.

    Parameters
    ----------
    name : str
        The member as the user knows it.
    entry : zipfile.ZipInfo
        Its entry in the directory.

    Raises
    ------
    ImageReadError
        If it is neither stored nor deflated, or encrypted.
    """
    if entry.flag_bits & _ENCRYPTED:
        raise cannot_read(name, "it is encrypted", "make an archive without a password")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        method = zipfile.compressor_names.get(entry.compress_type, entry.compress_type)
        raise cannot_read(name, f"it is compressed by the method '{method}'", "pack the archive again with deflate")


def _compressed(path, entry, name):
    """The member as it is stored in the archive, after its local header of 30 bytes, name and extra field."""
    with Path(path).open("rb") as file:
        file.seek(0, 2)
        if entry.compress_size > file.tell():
            raise cannot_read(name, "it is larger than its archive")
        file.seek(entry.header_offset)
        signature, name_length, extra_length = unpack("<4s22xHH", file.read(30))
        if signature != b"PK\x03\x04":
            raise cannot_read(name, "the directory of its archive is damaged")
        file.seek(name_length + extra_length, 1)
        return file.read(entry.compress_size)


@lru_cache(maxsize=8)
def _directory(path, size, mtime_ns):  # noqa: ARG001 - size and time tell a changed archive from the cached one
    with zipfile.ZipFile(path) as archive:
        return archive.NameToInfo
