"""Deflated streams, expanded by ISA-L where the package isal is installed, which takes half of the time of zlib."""

import zlib
from gzip import GzipFile


def gzip_stream(file):
    """Stream of what a gzip file holds; at its end, its checksum is compared.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    stream : GzipFile
    """
    try:
        from isal.igzip import IGzipFile  # noqa: PLC0415 - not everybody has it
    except ImportError:
        return GzipFile(fileobj=file)
    return IGzipFile(fileobj=file)


def inflater(wbits):
    """What expands a deflated stream.

    Parameters
    ----------
    wbits : int
        Kind of header, in zlib's words: -15 for none, 47 for that of zlib or of gzip.

    Returns
    -------
    inflater : object
        With the interface of `zlib.decompressobj`.
    """
    try:
        from isal import isal_zlib  # noqa: PLC0415 - not everybody has it
    except ImportError:
        return zlib.decompressobj(wbits)
    return isal_zlib.decompressobj(wbits)
