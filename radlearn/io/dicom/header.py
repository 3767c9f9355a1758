"""Headers of DICOM files: read without pixels, and what is kept of them.

The lists below say what is kept, not what is removed: an element that they do not name never leaves the reader.
"""

import logging
import re
from contextlib import contextmanager
from hashlib import blake2b

from pydicom import dcmread
from pydicom.datadict import tag_for_keyword
from pydicom.filereader import _read_file_meta_info
from pydicom.tag import BaseTag
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from radlearn._quiet import is_quiet, quiet
from radlearn.io import limits
from radlearn.io.errors import cannot_read, decoding, wrong_format

# What is kept, under the name it gets; in the unit of the standard (mm, ms, kV, tesla, degrees).
KEPT_TEXT = {
    "manufacturer": "Manufacturer",
    "scanner": "ManufacturerModelName",
    "kernel": "ConvolutionKernel",
    "body_part": "BodyPartExamined",
    "view": "ViewPosition",
    "laterality": "ImageLaterality",
    "sex": "PatientSex",
}
KEPT_NUMBERS = {
    "slice_thickness": "SliceThickness",
    "kvp": "KVP",
    "field_strength": "MagneticFieldStrength",
    "repetition_time": "RepetitionTime",
    "echo_time": "EchoTime",
    "flip_angle": "FlipAngle",
}
KEPT_HASHED = {
    "study": "StudyInstanceUID",
    "series": "SeriesInstanceUID",
    "frame_of_reference": "FrameOfReferenceUID",
}
_NEEDED = """
    SOPClassUID ImageType Modality SeriesNumber InstanceNumber PatientAge Rows Columns NumberOfFrames SamplesPerPixel
    BitsAllocated BitsStored PixelRepresentation PhotometricInterpretation ImagePositionPatient
    ImageOrientationPatient PixelSpacing ImagerPixelSpacing NominalScannedPixelSpacing
    SequenceOfUltrasoundRegions SpacingBetweenSlices RescaleSlope RescaleIntercept ModalityLUTSequence
    SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence GridFrameOffsetVector DoseGridScaling Units
    SUVType DecayCorrection PatientWeight PatientSize SeriesDate SeriesTime AcquisitionDate AcquisitionTime
    RadiopharmaceuticalInformationSequence SegmentationType SegmentSequence StructureSetROISequence
    ROIContourSequence
""".split()  # noqa: SIM905 - so many names are easier to read as text
# Longest text that is kept; a name of a scanner is shorter.
_MAX_TEXT = 64
# An age above it is given as this one, since few people are older (HIPAA, Safe Harbor).
_MAX_AGE = 90
_YEARS = {"Y": 1, "M": 12, "W": 52.18, "D": 365.25}
# While radlearn reads in a thread, the loggers of pydicom are silent there; a filter is not that of the loggers below.
for _logger in ("pydicom", "pydicom.pixels.decoders.base", "pydicom.pixels.utils"):
    logging.getLogger(_logger).addFilter(lambda _: not is_quiet())


def tags_of(keywords):
    """Tags of elements, which are quicker to look for than their keywords.

    Parameters
    ----------
    keywords : iterable of str

    Returns
    -------
    tags : list of pydicom.tag.BaseTag
    """
    return [BaseTag(tag_for_keyword(keyword)) for keyword in keywords]


_TAGS = tags_of([*KEPT_TEXT.values(), *KEPT_NUMBERS.values(), *KEPT_HASHED.values(), *_NEEDED])


@contextmanager
def decoding_dicom(name):
    """As `decoding`, but silences pydicom, whose errors, warnings and logs repeat values such as the name of a patient.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    """
    with quiet(), decoding(name, quote=False):
        yield


def read_header(source):
    """Read the elements of a file that are needed, without its pixels.

    Parameters
    ----------
    source : FileSource
        The file. The content of its preamble does not matter.

    Returns
    -------
    header : pydicom.Dataset

    Raises
    ------
    ImageReadError
        If the file is no DICOM file, or is damaged.
    """
    return _read(source, _TAGS, stop_before_pixels=True)


def read_with_pixels(source, tags):
    """Read some elements of a file, pixels among them if they are named.

    Parameters
    ----------
    source : FileSource
    tags : list of pydicom.tag.BaseTag

    Returns
    -------
    dataset : pydicom.Dataset

    Raises
    ------
    ImageReadError
        If the file is no DICOM file, or is damaged.
    """
    return _read(source, tags, stop_before_pixels=False)


def describe(header):
    """What is kept of a header: image and scanner, sex, age in years up to 90, identifiers as digests.

    Parameters
    ----------
    header : pydicom.Dataset

    Returns
    -------
    meta : dict

    Examples
    --------
    >>> from pydicom import Dataset
    >>> header = Dataset()
    >>> header.PatientName, header.PatientAge, header.KVP = "Doe^Jane", "093Y", "120"
    >>> describe(header)
    {'kvp': 120.0, 'age': 90}
    """
    texts = {name: _clean(header.get(keyword)) for name, keyword in KEPT_TEXT.items()}
    numbers = {name: _number(header.get(keyword)) for name, keyword in KEPT_NUMBERS.items()}
    hashed = {name: digest(header.get(keyword)) for name, keyword in KEPT_HASHED.items()}
    found = {**texts, **numbers, "age": _age(header.get("PatientAge")), **hashed}
    return {name: value for name, value in found.items() if value is not None}


def modality_of(header):
    """Modality of a header, such as ``"CT"``; None where it is absent or no code.

    Parameters
    ----------
    header : pydicom.Dataset

    Returns
    -------
    modality : str or None
    """
    modality = str(header.get("Modality") or "")
    return modality if re.fullmatch("[A-Z]{2,16}", modality) else None


def digest(uid):
    """What is kept of an identifier: enough to compare it with another one.

    Parameters
    ----------
    uid : str or None

    Returns
    -------
    digest : str or None
        16 hexadecimal digits; None without an identifier.
    """
    return blake2b(str(uid).encode(), digest_size=8).hexdigest() if uid else None


def _read(source, tags, *, stop_before_pixels):
    with source.open() as file, decoding_dicom(source.name):
        head = file.read(132)
        if not head.endswith(b"DICM"):
            raise wrong_format(source.name, "a DICOM file", head)
        # A deflated file is expanded as a whole before its first element is read.
        if source.size * limits.MAX_DEFLATE_RATIO > limits.MAX_BYTES and _is_deflated(file):
            raise cannot_read(source.name, "it is deflated as a whole", "save it with another transfer syntax")
        file.seek(0)
        return dcmread(file, stop_before_pixels=stop_before_pixels, specific_tags=tags)


def _is_deflated(file):
    syntax = _read_file_meta_info(file).get("TransferSyntaxUID", ExplicitVRLittleEndian)
    return syntax == DeflatedExplicitVRLittleEndian


def _clean(value):
    """Text of one line and of limited length; None where there is none."""
    text = "" if value is None else "".join(c for c in str(value) if c.isprintable()).strip()
    return text[:_MAX_TEXT] or None


def _number(value):
    try:
        return None if value in (None, "") else float(value)
    except (TypeError, ValueError):
        return None


def _age(value):
    """Age in years of a text such as 045Y or 018M."""
    text = str(value or "")
    if not text[:-1].isdigit() or text[-1] not in _YEARS:
        return None
    return min(int(int(text[:-1]) / _YEARS[text[-1]]), _MAX_AGE)
