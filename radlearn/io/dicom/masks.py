"""Masks of DICOM objects: segmentations (SEG) and structure sets (RTSTRUCT), put on the grid of an image."""

from fnmatch import fnmatchcase

import numpy as np
from pydicom.uid import RTStructureSetStorage, SegmentationStorage

from radlearn._bounding_box import bounding_box
from radlearn._validation import listed
from radlearn.exceptions import GeometryError, MaskError
from radlearn.io.dicom.header import decoding_dicom, digest, read_header
from radlearn.io.dicom.segmentation import Segmentation
from radlearn.io.dicom.source import DicomSource
from radlearn.io.dicom.structure_set import StructureSet
from radlearn.io.image_data import ImageData

_LABEL_MAP_STORAGE = "1.2.840.10008.5.1.4.1.1.66.7"  # younger than pydicom's list
_OBJECTS = {
    SegmentationStorage: Segmentation,
    _LABEL_MAP_STORAGE: Segmentation,
    RTStructureSetStorage: StructureSet,
}
_MAX_LISTED = 60


def read_dicom_mask(source, image, *, label=None, spacing=None):
    """Read the mask of a segmentation or a structure set.

    Parameters
    ----------
    source : FileSource or DicomSource
        The file, or a folder that holds no other DICOM file.
    image : ImageData
        The image on whose grid the mask is wanted.
    label : int, str or sequence of them, optional
        Numbers, names or patterns of names. Default: all.
    spacing : float or tuple of float, optional
        Must not be given, since the object is placed by its coordinates.

    Returns
    -------
    mask : ImageData or None
        Numbers of the segments or structures on the grid of the image; its notes say which lie on slices far apart.
        None if the file is an image.

    Raises
    ------
    ImageReadError
        If the object is damaged, or of a kind that is not read.
    GeometryError
        If it does not fit the image.
    MaskError
        If there is no region of that name, or regions overlap that must be kept apart.
    """
    files = source.dicom_files() if isinstance(source, DicomSource) else [source]
    if len(files) != 1:
        return None
    header = read_header(files[0])
    name = files[0].name
    with decoding_dicom(name):
        kind = _OBJECTS.get(header.get("SOPClassUID"))
    if kind is None:
        return None
    if spacing is not None:
        raise GeometryError(f"'{name}' is placed by its coordinates in mm", "leave spacing= out")
    with decoding_dicom(name):
        segments = kind(files[0], header)
        labels, notes = np.zeros(image.array.shape, np.int32), []
        for number in _choose(name, segments.names, label):
            _check_frame_of_reference(name, segments.frames_of_reference.get(number), image)
            region = segments.region(number, image)
            # Within its box, since there may be hundreds of them.
            if (box := bounding_box(region)) is None:
                continue
            place, inside = labels[box], region[box]
            if _skips_slices(inside):
                flaw = f"region {number} of '{name}' lies on slices no two of which are neighbors, with nothing between"
                notes.append(f"{flaw}; if it was drawn on every second one, interpolate it where it was drawn")
            if label is None and place[inside].any():
                raise MaskError(
                    f"regions of '{name}' overlap, {_quoted(segments.names, [number])} with another",
                    f"choose one with mask_label=: {_quoted(segments.names, segments.names)}",
                )
            place[inside] = number
    return ImageData(labels, image.spacing, image.affine, notes=tuple(notes), label_names=segments.names)


def _check_frame_of_reference(name, uid, image):
    expected = image.meta.get("frame_of_reference")
    if None not in (digest(uid), expected) and digest(uid) != expected:
        raise GeometryError(
            f"'{name}' has another frame of reference than its image: their coordinates cannot be compared",
            "check that it was drawn on this series",
        )


def _skips_slices(region):
    """Whether a region in three or more slices lies in no two that are neighbors."""
    slices = np.flatnonzero(region.any(axis=(-2, -1)))
    return len(slices) > 2 and np.diff(slices).min() > 1


def _choose(name, names, wanted):
    """Numbers of the wanted segments, all greater than 0, which stands for what lies outside."""
    there = {number: text for number, text in names.items() if number > 0}
    if wanted is None:
        return list(there)
    chosen = {}
    for choice in np.atleast_1d(np.array(wanted, object)):
        # A name may look like a pattern, or like another name but for its case.
        found = [number for number, text in there.items() if choice in (number, text)]
        found = found or [number for number, text in there.items() if _matches(text, choice)]
        if not found:
            present = _quoted(names, names) or "none"
            raise MaskError(f"'{name}' has no segment or structure {choice!r}; it has {present}", "choose one")
        chosen.update(dict.fromkeys(found))
    return list(chosen)


def _matches(text, choice):
    return isinstance(choice, str) and fnmatchcase(text.casefold(), choice.casefold())


def _quoted(names, numbers):
    """Segments and structures with their names; of many, the first."""
    return listed([f"{number} ({names[number]!r})" for number in list(numbers)[:_MAX_LISTED]], len(numbers))
