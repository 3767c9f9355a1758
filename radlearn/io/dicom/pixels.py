"""Pixels of frames: size checked, decoded, brought to one channel, inverted where white is zero, and scaled."""

from itertools import groupby
from math import inf

import numpy as np
from pydicom.pixels import apply_color_lut, apply_modality_lut, get_decoder, iter_pixels
from pydicom.uid import ImplicitVRLittleEndian

from radlearn.io import limits
from radlearn.io.dicom.header import decoding_dicom, read_with_pixels, tags_of
from radlearn.io.errors import cannot_read
from radlearn.io.limits import check_declared_size
from radlearn.io.raster import luminance

_COLOR_TABLES = [
    f"{segmented}{color}PaletteColorLookupTable{part}"
    for segmented in ("", "Segmented")
    for color in ("Red", "Green", "Blue")
    for part in ("Data", "Descriptor")
    if not (segmented and part == "Descriptor")
]
_DESCRIBING = """
    SamplesPerPixel PhotometricInterpretation PlanarConfiguration Rows Columns NumberOfFrames BitsAllocated
    BitsStored HighBit PixelRepresentation ExtendedOffsetTable ExtendedOffsetTableLengths
""".split()  # noqa: SIM905 - so many names are easier to read as text
_PIXELS = ["PixelData", "FloatPixelData", "DoubleFloatPixelData"]
_SCALINGS = ("ModalityLUTSequence", "RescaleSlope", "RescaleIntercept", "DoseGridScaling")
_TAGS = tags_of([*_DESCRIBING, *_PIXELS, *_COLOR_TABLES])
# The decoders of pydicom, the most trusted first; gdcm has crashed on damaged files, so it is the last choice.
_DECODERS = ("pillow", "pyjpegls", "pylibjpeg", "gdcm")
_DECOMPRESS = "save it uncompressed, for example with 'gdcmconv --raw'"


def stored_pixels(source):
    """All that `stored_frames` reads of a file, for several calls of it.

    Parameters
    ----------
    source : FileSource

    Returns
    -------
    dataset : pydicom.Dataset
    """
    return read_with_pixels(source, _TAGS)


def stored_frames(source, indices, dataset=None):
    """Decode frames of one file, one after another.

    Parameters
    ----------
    source : FileSource
    indices : list of int
        Numbers of the frames, in the order wanted.
    dataset : pydicom.Dataset, optional
        From `stored_pixels`. Default: the file is read.

    Yields
    ------
    stored : ndarray of shape (y, x), or (y, x, channels) in color
        As they are stored, but YBR colors are converted to RGB. Not to be changed: it may be a view of the dataset.
    dataset : pydicom.Dataset
        The elements that describe them.

    Raises
    ------
    ImageReadError
        If the pixels are missing, damaged, too many, or compressed by a method that cannot be decoded here.
    """
    dataset = stored_pixels(source) if dataset is None else dataset
    with decoding_dicom(source.name):
        decoder = _decoder(source, dataset)
    plugin = _plugin(decoder)
    for index in indices:
        with decoding_dicom(source.name):
            try:
                if _is_packed(dataset):
                    stored = _unpacked(source.name, dataset, index)
                else:
                    stored = next(iter_pixels(dataset, indices=[index], decoding_plugin=plugin, view_only=True))
            except (RuntimeError, NotImplementedError):
                raise _cannot_decode(source.name, decoder) from None
        yield stored, dataset


def read_values(frames, channel=None):
    """Values of frames of one size in the unit of their file.

    Rescale slope and intercept, or the lookup table, are applied frame by frame. Where white is zero (MONOCHROME1), the
    stored values are mirrored in the range of their bits. Color becomes luminance, or one channel.

    Parameters
    ----------
    frames : list of Frame
    channel : {0, 1, 2}, optional
        Red, green or blue, instead of the luminance.

    Returns
    -------
    values : ndarray of shape (n_frames, y, x)
        float32; float64 where more than 16 bits are stored.
    is_inverted : bool
        Whether white was zero.

    Raises
    ------
    ImageReadError
        If they are too many, damaged, or cannot be decoded; if some are rescaled and others do not say how, or one has
        a rescale slope without intercept, or the reverse.
    """
    shape = (len(frames), *frames[0].shape)
    _check_all_have_scalings(frames)
    with decoding_dicom(frames[0].source.name):
        dtype = np.dtype(np.float32 if int(frames[0].header.get("BitsAllocated", 32)) <= 16 else np.float64)
    check_declared_size(frames[0].source.name, shape, dtype, file_bytes=inf)
    values = np.empty(shape, dtype)
    inverted = False
    plane = iter(values)
    for source, group in groupby(frames, key=lambda frame: frame.source):
        parts = list(group)
        for frame, (stored, dataset) in zip(parts, stored_frames(source, [part.index for part in parts]), strict=True):
            with decoding_dicom(source.name):
                if dataset.PhotometricInterpretation == "MONOCHROME1":
                    stored, inverted = _mirrored(stored, dataset), True  # noqa: PLW2901 - the same picture
                next(plane)[:] = _scaled(frame, _one_channel(source.name, stored, dataset, channel))
    return values, inverted


def _decoder(source, dataset):
    """Decoder of the pixels, after all that can be checked without it."""
    syntax = dataset.file_meta.get("TransferSyntaxUID", ImplicitVRLittleEndian)
    n_frames = int(dataset.get("NumberOfFrames") or 1)
    rows, columns, bits = int(dataset.Rows), int(dataset.Columns), int(dataset.BitsAllocated)
    shape = (n_frames, rows, columns, int(dataset.get("SamplesPerPixel", 1)))
    if min(shape) < 1:
        raise cannot_read(source.name, f"it declares {rows} x {columns} pixels")
    if not any(keyword in dataset for keyword in _PIXELS):
        raise cannot_read(source.name, "it has no pixels", "give the files of an image")
    bits_stored, high_bit = dataset.get("BitsStored"), dataset.get("HighBit")
    if None not in (bits_stored, high_bit) and high_bit != bits_stored - 1:
        problem = f"its {bits_stored} stored bits end at bit {high_bit}, not at bit {bits_stored - 1} (HighBit)"
        raise cannot_read(source.name, problem)
    dtype = np.dtype(f"u{max(bits // 8, 1)}")
    if syntax.is_encapsulated:
        check_declared_size(source.name, shape, dtype, file_bytes=inf)
        # A fragment has 8 bytes at least, and no frame of a scanner has as many pixels as Pillow's limit.
        if rows * columns > limits.MAX_PIXELS or 8 * n_frames > source.size:
            declared = f"it declares {n_frames} x {rows} x {columns} pixels"
            raise cannot_read(source.name, f"{declared}, the file has {limits.format_bytes(source.size)}")
    else:
        # Eight pixels of one bit share a byte, and two pixels of a subsampled color share two of their six values.
        held = source.size * (8 if bits == 1 else 1.5 if dataset.PhotometricInterpretation == "YBR_FULL_422" else 1)
        check_declared_size(source.name, shape, dtype, file_bytes=held, compressed=syntax.is_deflated)
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        raise cannot_read(source.name, f"its transfer syntax '{syntax.name}' is not known", _DECOMPRESS) from None
    if not decoder.is_available:
        raise _cannot_decode(source.name, decoder)
    return decoder


def _is_packed(dataset):
    """Whether eight pixels share a byte."""
    is_grey = int(dataset.get("SamplesPerPixel", 1)) == 1
    syntax = dataset.file_meta.get("TransferSyntaxUID", ImplicitVRLittleEndian)
    return is_grey and int(dataset.BitsAllocated) == 1 and not syntax.is_encapsulated and "PixelData" in dataset


def _unpacked(name, dataset, index):
    """One frame of one bit per pixel; pydicom 3.0.2 reads a byte too little of frames that begin inside a byte."""
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    n_pixels = rows * columns
    first = index * n_pixels
    packed = np.frombuffer(dataset.PixelData, np.uint8)[first // 8 : (first + n_pixels + 7) // 8]
    bits = np.unpackbits(packed, bitorder="little")[first % 8 :][:n_pixels]
    if len(bits) < n_pixels:
        raise cannot_read(name, "its pixels are damaged or incomplete")
    return bits.reshape(rows, columns)


def _plugin(decoder):
    """The decoder that is most trusted; empty where pydicom decodes by itself."""
    return next((name for name in _DECODERS if name in decoder.available_plugins), "")


def _cannot_decode(name, decoder):
    """Error of compressed pixels, which names the extra if that could help."""
    if not decoder.is_encapsulated:
        return cannot_read(name, "its pixels are damaged or incomplete")
    if decoder.is_available:
        unable = _plugin(decoder) or "pydicom"
        problem = f"its pixels ({decoder.UID.name}) are damaged, or compressed in a way that {unable} cannot decode"
        return cannot_read(name, problem, _DECOMPRESS)
    problem = f"its pixels ({decoder.UID.name}) need a decoder that is not installed"
    known = decoder.missing_dependencies  # such as "gdcm - requires gdcm>=3.0.10"
    if any(one.startswith("gdcm") for one in known):
        return cannot_read(name, problem, 'install radlearn with the extra "dicom": pip install "radlearn[dicom]"')
    return cannot_read(name, problem, f"install one that pydicom knows ({'; '.join(known)})")


def _mirrored(stored, dataset):
    """Stored values with black and white exchanged, in the range of the stored bits."""
    highest = -1 if dataset.PixelRepresentation else 2 ** int(dataset.BitsStored) - 1
    return highest - stored.astype(np.int64)


def _one_channel(name, stored, dataset, channel):
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        stored = apply_color_lut(stored, dataset)[..., :3]
    if stored.ndim == 2:
        return stored
    if channel is not None:
        return stored[..., channel]
    if stored.dtype not in (np.uint8, np.uint16):
        raise cannot_read(name, f"its colors have the type {stored.dtype}", "choose one of them with channel=")
    return luminance(stored)


def _check_all_have_scalings(frames):
    """Refuse frames that do not say how they are rescaled, beside others that are: their values would be far off."""
    unscaled = [frame for frame in frames if not any(keyword in frame.scaling for keyword in _SCALINGS)]
    for frame in frames if 0 < len(unscaled) < len(frames) else ():
        with decoding_dicom(frame.source.name):
            is_changed = bool(frame.scaling.get("ModalityLUTSequence")) or _slope_and_intercept(frame) != (1, 0)
        if is_changed:
            problem = f"it has no rescale slope and intercept, unlike '{frame.file_name}' of the same volume"
            raise cannot_read(unscaled[0].source.name, problem, "export the series again")


def _slope_and_intercept(frame):
    present = [keyword for keyword in ("RescaleSlope", "RescaleIntercept") if keyword in frame.scaling]
    if len(present) == 1:
        raise cannot_read(frame.source.name, f"of its rescale slope and intercept, it has the {present[0]} alone")
    slope = frame.scaling.get("RescaleSlope", frame.scaling.get("DoseGridScaling", 1))
    return float(slope), float(frame.scaling.get("RescaleIntercept", 0))


def _scaled(frame, stored):
    scaling = frame.scaling
    if scaling.get("ModalityLUTSequence"):
        return apply_modality_lut(stored, scaling)
    slope, intercept = _slope_and_intercept(frame)
    if slope == 0 or not np.isfinite([slope, intercept]).all():
        raise cannot_read(frame.source.name, f"its rescale slope is {slope:g}, its intercept {intercept:g}")
    values = stored * slope
    values += intercept
    return values
