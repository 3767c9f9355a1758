"""Frames: where each picture of a file lies, how large its pixels are, and how its numbers are scaled."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.uid import UID

from radlearn.exceptions import GeometryError
from radlearn.io import limits
from radlearn.io.dicom.header import decoding_dicom
from radlearn.io.errors import cannot_read
from radlearn.io.source import FileSource

# World axes of DICOM run to the left and the back of the patient, those of radlearn to the right and the front.
TO_RADLEARN = np.array([-1.0, -1.0, 1.0])
_UNIT_CM = 3  # of a region of an ultrasound image


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a file."""

    source: FileSource
    header: Dataset
    index: int
    """Its place in the file, from 0."""
    shape: tuple[int, int]
    """Rows and columns."""
    series: tuple[str, int | None]
    """Identifier and number of its series."""
    position: np.ndarray | None
    """World coordinates (right, anterior, superior) of the center of its first pixel, in mm."""
    directions: np.ndarray | None
    """World directions in which x grows (first row) and y grows (second row)."""
    spacing: tuple[float, float] | None
    """Distance of pixel centers in mm, along y and along x."""
    thickness: float | None
    """Distance to the next slice, or else the thickness of this one, in mm."""
    scaling: Dataset
    """Holds the rescale slope and intercept, or the lookup table, if there are any."""

    @property
    def file_name(self):
        """Name of its file without folders, or the alias; for tables."""
        return Path(self.source.name).name

    @property
    def is_placed(self):
        """Whether it says where it lies."""
        return self.position is not None and self.directions is not None

    @property
    def normal(self):
        """World direction at right angles to x and y."""
        return np.cross(*self.directions)


def frames_of(source, header, row=None):
    """Frames of a file: one, or those of a multi-frame object.

    Parameters
    ----------
    source : FileSource
    header : pydicom.Dataset
        From `read_header`.
    row : int, optional
        The only frame that is wanted.

    Returns
    -------
    frames : list of Frame

    Raises
    ------
    ImageReadError
        If it declares no frames, another number than it describes, or more than `radlearn.io.limits.MAX_FRAMES`; if
        there is no such frame.
    GeometryError
        If a number of its geometry is impossible.
    """
    with decoding_dicom(source.name):
        return _frames(source, header, row)


def has_pixels(name, header):
    """Whether a file holds pictures of a patient: structure sets, reports and segmentations do not.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    header : pydicom.Dataset

    Returns
    -------
    has_pixels : bool

    Raises
    ------
    ImageReadError
        If it calls itself an image and does not say of what size, since it ends before that.
    """
    if "Rows" not in header and "Image Storage" in UID(header.get("SOPClassUID", "")).name:
        raise cannot_read(name, "it is an image whose header ends before its size")
    return "Rows" in header and "SegmentSequence" not in header


def pixel_size(header):
    """Pixel size of an image without a position in the world, and a note about it.

    Parameters
    ----------
    header : pydicom.Dataset

    Returns
    -------
    spacing : tuple of float or None
        In mm, along y and along x.
    note : str
        Empty where the size is that of the patient.
    """
    at_detector = "its pixel size is that of the detector; at the patient it is smaller"
    # Where both sizes are equal, nothing was corrected for magnification (PS3.3, 10.7.1.3).
    is_corrected = header.get("PixelSpacing") != header.get("ImagerPixelSpacing")
    for keyword, note in (
        ("PixelSpacing", "" if is_corrected else at_detector),
        ("ImagerPixelSpacing", at_detector),
        ("NominalScannedPixelSpacing", ""),
    ):
        if size := _numbers(header.get(keyword), 2):
            return size, note
    regions = header.get("SequenceOfUltrasoundRegions") or []
    if len(regions) == 1 and regions[0].get("PhysicalUnitsXDirection") == _UNIT_CM:
        size = [abs(float(regions[0].get(f"PhysicalDelta{axis}", 0))) * 10 for axis in "YX"]
        return (tuple(size), "") if all(size) else (None, "")
    return None, ""


def _frames(source, header, row):
    n_frames = int(header.get("NumberOfFrames") or 1)
    own = header.get("PerFrameFunctionalGroupsSequence") or []
    if not 1 <= n_frames <= limits.MAX_FRAMES:
        problem = f"it declares {n_frames} frames, the limit is {limits.MAX_FRAMES:,}"
        raise cannot_read(source.name, problem, "export it again, or raise the limits in radlearn.io.limits")
    if own and len(own) != n_frames:
        raise cannot_read(source.name, f"it declares {n_frames} frames and describes {len(own)}")
    shared = list(header.get("SharedFunctionalGroupsSequence") or [])[:1]
    chosen = range(n_frames) if row is None else [row]
    if not 0 <= chosen[0] < n_frames:
        raise cannot_read(source.name, f"there is no frame {row}: it has {n_frames}", "count from 0")
    if not own:
        return [_frame(source, header, index, [*shared, header]) for index in chosen]
    return [_frame(source, header, index, [own[index], *shared]) for index in chosen]


def _frame(source, header, index, places):
    """Frame whose elements stand in the first of `places` (its own group, the shared one, the header) that has them."""

    def find(group, keyword):
        for place in places:
            inner = place if place is header else (place.get(group) or [Dataset()])[0]
            if keyword in inner:
                return inner
        return Dataset()

    position = _numbers(find("PlanePositionSequence", "ImagePositionPatient").get("ImagePositionPatient"), 3)
    cosines = _numbers(find("PlaneOrientationSequence", "ImageOrientationPatient").get("ImageOrientationPatient"), 6)
    spacing = _numbers(find("PixelMeasuresSequence", "PixelSpacing").get("PixelSpacing"), 2)
    thickness = next(
        (
            size[0]
            for keyword in ("SpacingBetweenSlices", "SliceThickness")
            if (size := _numbers(find("PixelMeasuresSequence", keyword).get(keyword), 1)) and size[0] > 0
        ),
        None,
    )
    if places[-1] is header:
        position = _dose_position(header, index, position, cosines)
    return Frame(
        source,
        header,
        index,
        shape=(int(header.Rows), int(header.Columns)),
        series=(str(header.get("SeriesInstanceUID")), _whole(header.get("SeriesNumber"))),
        position=None if position is None else np.array(position) * TO_RADLEARN,
        directions=None if cosines is None else _unit_vectors(source.name, cosines),
        spacing=spacing,
        thickness=thickness,
        scaling=find("PixelValueTransformationSequence", "RescaleSlope")
        or find("PixelValueTransformationSequence", "RescaleIntercept")
        or header,
    )


def _dose_position(header, index, position, cosines):
    """Position of a frame of a dose, which counts from the first; other objects place none but their only frame."""
    if int(header.get("NumberOfFrames") or 1) == 1:
        return position
    offsets = header.get("GridFrameOffsetVector")
    if offsets is None or position is None or cosines is None:
        return None
    return np.add(position, np.cross(cosines[:3], cosines[3:]) * (offsets[index] - offsets[0]))


def _unit_vectors(name, cosines):
    vectors = np.reshape(cosines, (2, 3)) * TO_RADLEARN
    lengths = np.linalg.norm(vectors, axis=1)
    # Cosines are often rounded to three digits.
    if not np.allclose(lengths, 1, atol=0.01) or abs(vectors[0] @ vectors[1]) > 0.01:
        raise GeometryError(
            f"'{name}' has the impossible orientation {np.round(cosines, 4).tolist()}", "export the file again"
        )
    return vectors / lengths[:, np.newaxis]


def _whole(value):
    return None if value in (None, "") else int(value)


def _numbers(value, count):
    """Tuple of `count` finite numbers; None where the element is absent or empty."""
    if value is None or value == "":
        return None
    numbers = tuple(float(number) for number in np.atleast_1d(value))
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise ValueError
    return numbers
