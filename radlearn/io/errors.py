"""Errors of the readers: one wording for all, and a guess at what a file of the wrong format is."""

import errno
from contextlib import contextmanager

from radlearn.exceptions import ImageReadError, RadlearnError

GET_AGAIN = "download or export the file again"
_INCOMPLETE = f"was the download complete? {GET_AGAIN}"
_MISNAMED = "give the file the ending of its format"

# Errors of a network disk that is out of reach for a moment.
TRANSIENT = {errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EAGAIN, errno.EINTR, errno.ENETDOWN, errno.EHOSTDOWN}

# First bytes (in lower case) of other files that are often found under the name of an image, and what to do then.
_BEGINNINGS = (
    (b"<!doctype html", "a web page", _INCOMPLETE),
    (b"<html", "a web page", _INCOMPLETE),
    (b"<?xml", "an XML document", _INCOMPLETE),
    (b"version https://git-lfs", "a Git LFS pointer", "fetch the file itself with 'git lfs pull'"),
    (b"\x1f\x8b", "a gzip file", _MISNAMED),
    (b"pk\x03\x04", "a zip archive", _MISNAMED),
    (b"\x89png", "a PNG image", _MISNAMED),
    (b"\xff\xd8\xff", "a JPEG image", _MISNAMED),
    (b"ii*\x00", "a TIFF image", _MISNAMED),
    (b"mm\x00*", "a TIFF image", _MISNAMED),
    (b"nrrd00", "an NRRD image", _MISNAMED),
    (b"\x93numpy", "a NumPy array", _MISNAMED),
    (b"\x5c\x01\x00\x00", "an uncompressed NIfTI image", _MISNAMED),
    (b"\x00\x00\x01\x5c", "an uncompressed NIfTI image", _MISNAMED),
)


def cannot_read(name, problem, remedy=GET_AGAIN):
    """Error of a file that is no readable image.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    problem, remedy : str
        What was found, and what to do.

    Returns
    -------
    error : ImageReadError
        Ready to be raised.

    Examples
    --------
    >>> print(cannot_read("scan.nii", "it is empty (0 bytes)"))
    cannot read 'scan.nii': it is empty (0 bytes); download or export the file again
    """
    return ImageReadError(f"cannot read '{name}': {problem}", remedy)


def wrong_format(name, expected, head):
    """Error of a file that is not what its name says, with a guess at what it is.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    expected : str
        What it should have been, such as ``"a NIfTI image"``.
    head : bytes
        First bytes of the file; 132 are enough.

    Returns
    -------
    error : ImageReadError
        Ready to be raised.

    Examples
    --------
    >>> print(wrong_format("scan.nii", "a NIfTI image", b"NRRD0004"))
    cannot read 'scan.nii': it is not a NIfTI image, it looks like an NRRD image; give the file the ending of its format
    """
    if head[128:132] == b"DICM":  # whatever stands before it, which may be the beginning of a TIFF image
        return cannot_read(name, f"it is not {expected}, it looks like a DICOM file", "give it the ending .dcm")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for beginning, kind, remedy in _BEGINNINGS:
        if text.startswith(beginning):
            return cannot_read(name, f"it is not {expected}, it looks like {kind}", remedy)
    return cannot_read(name, f"it is not {expected}", _INCOMPLETE)


def remedy_of_system(error):
    """What to do about an error that is the system's fault, and not that of the file.

    Parameters
    ----------
    error : OSError

    Returns
    -------
    remedy : str or None
        None where the file may be at fault.
    """
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "let the process open more files (ulimit -n), or keep fewer loaded cases"
    return "check that its disk can be reached, and read it again" if error.errno in TRANSIENT else None


@contextmanager
def decoding(name, *, quote=True):
    """Turn whatever a decoder raises over hostile bytes into one typed error.

    Decoders fail in many ways (zlib.error, struct.error, SyntaxError, OverflowError, RecursionError ...), so every
    exception is caught; keep the block down to the call of the decoder.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    quote : bool, default=True
        Whether the decoder's own words are passed on; not where they could repeat what a file says of a person.
    """
    try:
        yield
    except RadlearnError:
        raise
    except MemoryError:
        remedy = "crop or downsample it, read fewer cases at a time, or lower the limits in radlearn.io.limits"
        raise cannot_read(name, "there is not enough memory for it", remedy) from None
    except OSError as error:
        if remedy := remedy_of_system(error):
            raise cannot_read(name, error.strerror, remedy) from None
        # Its full text may hold the path, which an alias hides.
        raise _damaged(name, error, (error.strerror or str(error)) if quote else "") from None
    except Exception as error:  # noqa: BLE001 - it is raised again under another name
        raise _damaged(name, error, str(error) if quote else "") from (error if quote else None)


def _damaged(name, error, text):
    reason = text.strip().split("\n")[0] or type(error).__name__
    return cannot_read(name, f"its data are damaged or incomplete ({reason})")
