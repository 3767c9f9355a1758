"""Which files of a folder belong together: the frames of one series."""

import numpy as np

from radlearn.io.dicom.frames import frames_of, has_pixels
from radlearn.io.dicom.header import decoding_dicom, modality_of, read_header
from radlearn.io.dicom.stack import table
from radlearn.io.errors import cannot_read

# Headers round directions (cosines) and pixel sizes (mm) to this many digits.
_SAME_DIRECTION = 1e-3
_SAME_SIZE_MM = 1e-3


def frames_of_series(source):
    """Frames of the one series of a source.

    Files that are no DICOM files, and objects without pixels such as structure sets and reports, are passed over in
    a folder; a file that was named has to be an image.

    Parameters
    ----------
    source : DicomSource

    Returns
    -------
    frames : list of Frame
        All of one series, size, orientation and pixel size.

    Raises
    ------
    ImageReadError
        If there is no image, or there are several series: with a table of them.
    """
    frames = []
    for file in source.dicom_files():
        header = read_header(file)
        with decoding_dicom(file.name):
            is_image = has_pixels(file.name, header)
        if is_image:
            frames += frames_of(file, header)
        elif file.path in source.paths:
            raise cannot_read(file.name, "it is not an image", "give a structure set or a segmentation as the mask")
    if not frames:
        remedy = "check the path; of a folder of other images, list the files: sorted(Path(folder).glob('*.nii.gz'))"
        raise cannot_read(source.name, "there is no DICOM image in it", remedy)
    remedy = "choose one by its number with DicomSource(..., series=), or give the files of one as a list"
    return only_group(source.name, frames, remedy, source.series)


def only_group(name, frames, remedy, series=None):
    """Frames of one series, size, orientation and pixel size.

    Parameters
    ----------
    name : str
        The folder or file as the user knows it.
    frames : list of Frame
    remedy : str
        What to do where there are several.
    series : int, optional
        Number of the wanted series.

    Returns
    -------
    frames : list of Frame

    Raises
    ------
    ImageReadError
        If there are several groups, with a table of them.
    """
    groups = []
    for frame in frames:
        group = next((group for group in groups if _belong_together(frame, group[0])), None)
        if group is None:
            groups.append([frame])
        else:
            group.append(frame)
    chosen = [group for group in groups if series in (None, group[0].series[1])]
    if len(chosen) == 1:
        return chosen[0]
    problem = f"there are {len(chosen)} series, sizes or directions" if chosen else f"there is no series {series}"
    raise cannot_read(name, f"{problem} in it:\n{_overview(chosen or groups)}\n", remedy)


def _belong_together(a, b):
    if a.series != b.series or a.shape != b.shape or a.is_placed != b.is_placed:
        return False
    return _close(a.directions, b.directions, _SAME_DIRECTION) and _close(a.spacing, b.spacing, _SAME_SIZE_MM)


def _close(a, b, tolerance):
    return a is b is None or (a is not None and b is not None and np.allclose(a, b, rtol=0, atol=tolerance))


def _overview(groups):
    rows = [("series", "modality", "images", "plane", "size", "pixel mm", "first file")]
    for first, *others in sorted(groups, key=lambda group: group[0].series[1] or 0):
        number = "?" if first.series[1] is None else first.series[1]
        size = "?" if first.spacing is None else " x ".join(f"{value:.3g}" for value in first.spacing)
        shape = "{} x {}".format(*first.shape)
        modality = modality_of(first.header) or "?"
        rows.append((number, modality, 1 + len(others), _plane(first), shape, size, first.file_name))
    return table(rows)


def _plane(frame):
    """Plane of the body that a frame is nearest to."""
    return ("sagittal", "coronal", "axial")[np.abs(frame.normal).argmax()] if frame.is_placed else "?"
