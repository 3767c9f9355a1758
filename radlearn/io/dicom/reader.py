"""Images of DICOM files: a series as a volume, a single image as a picture."""

import numpy as np

from radlearn._validation import check_per_axis
from radlearn.exceptions import GeometryError
from radlearn.io.dicom.frames import frames_of, has_pixels, pixel_size
from radlearn.io.dicom.header import decoding_dicom, describe, modality_of, read_header
from radlearn.io.dicom.pixels import read_values
from radlearn.io.dicom.series import frames_of_series, only_group
from radlearn.io.dicom.source import DicomSource
from radlearn.io.dicom.stack import Stack
from radlearn.io.dicom.suv import suv_factor
from radlearn.io.errors import cannot_read
from radlearn.io.image_data import ImageData
from radlearn.io.orientation import image_geometry

_ONE_FRAME = "read one of them with FileSource(path, row=), counted from 0"


def read_dicom(source, *, channel=None, spacing=None):
    """Read a DICOM series, a multi-frame object or a single image.

    The slices of a series, and the frames of an enhanced object, are sorted along their normal and become a volume
    (z, y, x), also if there is only one. A single file of one frame becomes a picture (y, x).

    Parameters
    ----------
    source : DicomSource or FileSource
        The series or the file; `row` of a file picks one frame as a picture.
    channel : {0, 1, 2}, optional
        Red, green or blue of an image in color, instead of its luminance.
    spacing : float or tuple of float, optional
        Voxel size in mm that replaces the one of the header.

    Returns
    -------
    image : ImageData
        Values after rescaling, as floats; `history` says whether they were inverted, converted or repaired, and the
        notes if the pixel size of a picture is unknown, or that of the detector.

    Raises
    ------
    ImageReadError
        If a file is damaged, too large, no image, a mosaic of slices, or compressed in a way that cannot be decoded; if
        there are several series, or frames that do not say where they lie.
    GeometryError
        If slices are repeated, missing, uneven or tilted, and `repair` is not set; if the voxel size of a volume is
        unknown.
    """
    if isinstance(source, DicomSource):
        frames, options = frames_of_series(source), source
        is_picture = len(frames) == 1 and not frames[0].is_placed
    else:
        frames, options = _frames_of_file(source), DicomSource(source.file_name)
        is_picture = len(frames) == 1
    with decoding_dicom(source.name):
        is_mosaic = "MOSAIC" in (frames[0].header.get("ImageType") or ())
    if is_mosaic:
        problem = "all slices of its volume lie side by side in one picture (mosaic), as Siemens scanners store them"
        raise cannot_read(source.name, problem, "convert it to NIfTI, for example with dcm2niix")
    return (_picture if is_picture else _volume)(source.name, frames, options, channel, spacing)


def _frames_of_file(source):
    header = read_header(source)
    with decoding_dicom(source.name):
        is_image = has_pixels(source.name, header)
    if not is_image:
        raise cannot_read(
            source.name, "it is not an image", "give a structure set or a segmentation as the mask of a case"
        )
    frames = frames_of(source, header, source.row)
    return only_group(source.name, frames, _ONE_FRAME) if source.row is None else frames


def _picture(name, frames, options, channel, given):
    (frame,) = frames
    values, done = _values(name, frames, frames, options, channel)
    with decoding_dicom(name):
        stated, note = pixel_size(frame.header)
    if frame.spacing not in (None, stated):
        stated, note = frame.spacing, ""
    stated = stated if given is None else check_per_axis("spacing", given, 2, above=0)
    notes = (f"'{name}': {note}",) if note and given is None else ()
    if stated is None:
        notes = (f"'{name}' has no pixel size: 1 mm is assumed where a step needs one; pass spacing=",)
        return _image(frame, values[0], None, None, notes, done)
    size = np.array(stated)[::-1]
    affine = _affine(frame, frame.position, (*size, 1)) if frame.is_placed else None
    spacing, affine = image_geometry(name, size, affine, given)
    return _image(frame, values[0], spacing, affine, notes, done)


def _volume(name, frames, options, channel, given):
    if not all(frame.is_placed for frame in frames):
        is_one_file = all(frame.source == frames[0].source for frame in frames)
        remedy = _ONE_FRAME if is_one_file else "they are no volume, maybe radiographs: make a case of each file"
        problem = f"it has {len(frames)} frames that do not say where they lie, such as those of a movie"
        raise cannot_read(name, problem, remedy)
    given = None if given is None else check_per_axis("spacing", given, 3, above=0)
    pixel = given[1:] if given else frames[0].spacing
    if not pixel or min(pixel) <= 0:
        raise GeometryError(f"'{name}' has no PixelSpacing above 0", "pass the true voxel size with spacing=")
    with decoding_dicom(name):
        stack = Stack(name, frames, pixel)
        if options.repair:
            stack.drop_repeated(lambda a, b: np.array_equal(read_values([a])[0], read_values([b])[0]))
        else:
            stack.check()
    values, done = _values(name, frames, stack.frames, options, channel)
    origin = stack.frames[0].position
    if options.repair:
        with decoding_dicom(name):
            values, origin = stack.straighten(values)
        done["repaired"] = stack.changes
    depth = stack.step if len(stack.frames) > 1 else frames[0].thickness or (given and given[0])
    notes = () if depth else (f"'{name}' is one slice of unknown thickness: 1 mm is assumed; pass spacing=",)
    size = (*pixel[::-1], depth or 1.0)
    spacing, affine = image_geometry(name, size, _affine(frames[0], origin, size), given)
    return _image(frames[0], values, spacing, affine, notes, done)


def _values(name, frames, chosen, options, channel):
    values, is_inverted = read_values(chosen, channel)
    if options.suv is not None:
        with decoding_dicom(name):
            values *= values.dtype.type(suv_factor(name, [frame.header for frame in frames], options.suv))
    return values, {"inverted": is_inverted, "suv": options.suv}


def _affine(frame, origin, size):
    """Matrix that takes ``(x, y, z, 1)`` to the world; `size` in the order x, y, z."""
    affine = np.eye(4)
    affine[:3, :3] = np.column_stack([*frame.directions, frame.normal]) * size
    affine[:3, 3] = origin
    return affine + 0.0  # no -0.0


def _image(frame, array, spacing, affine, notes, done):
    with decoding_dicom(frame.source.name):
        meta, modality = describe(frame.header), modality_of(frame.header)
    done = {name: value for name, value in done.items() if value}
    history = ({"step": "read_dicom", "parameters": done},) if done else ()
    return ImageData(array, spacing, affine, modality, notes, meta, history)
