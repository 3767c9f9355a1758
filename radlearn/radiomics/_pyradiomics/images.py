"""PyRadiomics' image types: what their images are called, and how they are made.

A value at the edge of a bin must not fall on the other side, so that these are its own operations in its own order, in
its own precision, but on no more of the image than the region needs.
"""

import math
from functools import cache

import numpy as np
import pywt

from radlearn.exceptions import GeometryError
from radlearn.filters import GradientMagnitude
from radlearn.filters.lbp_2d import reach_of, slice_patterns
from radlearn.filters.lbp_3d import sphere_patterns
from radlearn.filters.separable import Taps, convolved
from radlearn.radiomics._gaps import made_in_pieces, part_of, pieces_of, pieces_pay
from radlearn.radiomics._pyradiomics.laplacian import REACH, laplacian_of_gaussian
from radlearn.radiomics._pyradiomics.scan import to_float
from radlearn.radiomics._pyradiomics.steps import axis_across


def image_names(image_type, settings, ndim):
    """Names of the images of one type, the beginning of their column names.

    Parameters
    ----------
    image_type : str
    settings : dict
        Those of the image type.
    ndim : int

    Returns
    -------
    names : list of str

    Raises
    ------
    GeometryError
        If the type is not for images of `ndim` dimensions.

    Examples
    --------
    >>> image_names("LoG", {"sigma": [1.0, 3]}, 3)
    ['log-sigma-1-0-mm-3D', 'log-sigma-3-mm-3D']
    """
    if image_type == "LoG":
        return [f"log-sigma-{str(sigma).replace('.', '-')}-mm-3D" for sigma in settings["sigma"]]
    if image_type == "Wavelet":
        return _wavelet_names(settings, ndim)
    if image_type == "LBP2D":
        return ["lbp-2D"]
    if image_type == "LBP3D":
        if ndim != len("zyx"):
            raise GeometryError(
                "the image type LBP3D is for volumes, not for single images",
                "leave it out of imageType, or use LBP2D",
            )
        return [*(f"lbp-3D-m{level}" for level in range(1, settings["lbp3DLevels"] + 1)), "lbp-3D-k"]
    return [image_type.lower()]


def images(image_type, prepared, settings):
    """Images of one type, where the region is.

    Parameters
    ----------
    image_type : str
    prepared : Prepared
    settings : dict
        Those of the image type.

    Yields
    ------
    name : str
        See `image_names`; a name may be missing where the image is too small for its filter.
    image : ndarray
        Of the shape of the bounding box without its gaps, in the type that PyRadiomics computes with.
    """
    names = image_names(image_type, settings, prepared.image.ndim)
    for name, image in zip(names, _without_gaps(image_type, prepared, settings), strict=True):
        if image is not None:
            yield name, image


def _without_gaps(image_type, prepared, settings):
    """Images of one type; where parts of the region are far apart, each is filtered by itself if that is less work."""
    make = _MAKERS[image_type]
    if prepared.kept is None:
        yield from make(prepared, settings)
        return
    mask = part_of(prepared.intensity_mask, prepared.box, prepared.kept)
    pieces = pieces_of(mask, prepared.box, prepared.kept)
    if pieces_pay(pieces, prepared.box, _support(image_type, prepared, settings)):
        yield from made_in_pieces(lambda box: make(prepared._replace(box=box), settings), pieces, mask.shape)
        return
    for image in make(prepared, settings):
        yield None if image is None else image[np.ix_(*prepared.kept)]


def _support(image_type, prepared, settings):
    """How far the filter of an image type reaches along each axis, in voxels; None if all of the image counts."""
    if image_type == "LoG":
        return [math.ceil(REACH * max(settings["sigma"]) / step) for step in prepared.spacing]
    if image_type == "Wavelet":
        return [_wavelet_reach(settings)] * prepared.image.ndim
    if image_type == "Gradient":
        return [1] * prepared.image.ndim
    return None


def _original(prepared, settings):  # noqa: ARG001 - all image types are made alike
    yield to_float(prepared.image[prepared.box])


def _pointwise(function):
    """Image whose voxels are a function of the intensities and of the largest magnitude in the whole image."""

    def make(prepared, settings):  # noqa: ARG001 - all image types are made alike
        largest = max(abs(float(np.nanmin(prepared.image))), abs(float(np.nanmax(prepared.image))))
        # An image of zeros is undefined.
        yield function(prepared.image[prepared.box].astype(float), largest) if largest else None

    return make


def _square(x, largest):
    return (x * (1 / np.sqrt(largest))) ** 2


def _square_root(x, largest):
    return np.sign(x) * np.sqrt(np.abs(x) * largest)


def _logarithm(x, largest):
    if largest + 1 == 1:  # no logarithm would be left
        return np.full_like(x, np.nan)
    return np.sign(x) * np.log(np.abs(x) + 1) * (largest / np.log(largest + 1))


def _exponential(x, largest):
    return np.exp(np.log(largest) / largest * x)


def _gradient(prepared, settings):
    gradient = GradientMagnitude(use_spacing=settings["gradientUseSpacing"])
    for _, response in gradient.filtered(prepared.image, prepared.spacing, prepared.box):
        yield response.astype(np.float32)


def _log(prepared, settings):
    shape, spacing = np.array(prepared.image.shape), np.array(prepared.spacing)
    for sigma in settings["sigma"]:
        is_large_enough = shape.min() >= 4 and (shape >= np.ceil(sigma / spacing) + 1).all()
        image = None
        if is_large_enough:
            image = laplacian_of_gaussian(prepared.image, prepared.spacing, sigma, prepared.box)
        yield image


def _lbp_2d(prepared, settings):
    axis = settings["force2Ddimension"] if prepared.image.ndim == 3 else 0
    planes, box = np.swapaxes(prepared.image, 0, axis), list(prepared.box)
    box[0], box[axis] = box[axis], box[0]
    if planes.ndim == 3:
        planes, box[0] = planes[box[0]], slice(None)
    # Nothing is cut off before the box: where neighbors are equal, rounding at their positions decides.
    reach = reach_of(settings["lbp2DRadius"])
    planes = planes[..., : box[-2].stop + reach, : box[-1].stop + reach].astype(prepared.dtype)
    patterns = slice_patterns(planes, settings["lbp2DRadius"], settings["lbp2DSamples"], settings["lbp2DMethod"])
    patterns = np.swapaxes(patterns[tuple(box)], 0, axis)
    # What is no whole number is cut off where the image holds whole numbers.
    yield np.trunc(patterns) if prepared.dtype.kind in "biu" else patterns.astype(prepared.dtype)


def _lbp_3d(prepared, settings):
    mask = prepared.intensity_mask
    places = np.argwhere(mask)
    sphere = settings["lbp3DIcosphereRadius"], settings["lbp3DIcosphereSubdivision"], settings["lbp3DLevels"]
    for values in sphere_patterns(prepared.image.astype(prepared.dtype), places, *sphere):
        response = np.zeros(mask.shape)
        response[mask] = values
        yield response[prepared.box]


def _wavelet_reach(settings):
    length = pywt.Wavelet(settings["wavelet"]).dec_len
    return (length // 2 + 1) * (settings["start_level"] + settings["level"])


def _wavelet_axes(settings, ndim):
    """Axes along which there are two bands, in the order of the letters."""
    across = axis_across(settings, ndim)
    return [axis for axis in reversed(range(ndim)) if axis != across]


def _wavelet_names(settings, ndim):
    n_axes = len(_wavelet_axes(settings, ndim))
    details = [np.binary_repr(band, n_axes).replace("0", "L").replace("1", "H") for band in range(1, 2**n_axes)]
    levels = ["wavelet"] + [f"wavelet{number}" for number in range(2, settings["level"] + 1)]
    return [f"{level}-{band}" for level in levels for band in details] + [f"{levels[-1]}-{'L' * n_axes}"]


def _wavelet(prepared, settings):
    axes = _wavelet_axes(settings, prepared.image.ndim)
    n_levels = settings["start_level"] + settings["level"]
    part, inner = _with_surroundings(prepared, axes, _wavelet_reach(settings))
    part = to_float(part)  # the types that PyWavelets computes with
    whole = {axis for axis in axes if part.shape[axis] >= prepared.image.shape[axis]}
    for level in range(n_levels):
        bands = wavelet_bands(part, settings["wavelet"], axes, whole)
        part = next(bands)
        for band in bands if level >= settings["start_level"] else ():
            yield band[inner]
    yield part[inner]


def wavelet_bands(image, wavelet, axes, whole):
    """All products of low and high pass along some axes, with the bits of PyWavelets, which adds up in a fixed order.

    Parameters
    ----------
    image : ndarray of float32 or float64
    wavelet : str
    axes : sequence of int
        In the order in which they are filtered.
    whole : set of int
        The axes along which the image is whole, and so goes on periodically. Along others, the ends are not meant.

    Yields
    ------
    band : ndarray of the type and shape of the image
        LLL, LLH, LHL and so on, with a letter for each of the axes.
    """
    if not axes:
        yield image
        return
    for taps in _taps(wavelet, image.dtype):
        response = convolved(image, taps, axes[0], "periodic")
        if axes[0] in whole:
            _end_as_pywavelets(response, image, taps, axes[0])
        yield from wavelet_bands(response, wavelet, axes[1:], whole)


def _end_as_pywavelets(response, image, taps, axis):
    """Add up the last places again: the weights for what lies beyond the end come first there, the last of them first.

    Everywhere else, they come in their order, as in `convolved`.
    """
    n, n_weights = image.shape[axis], len(taps.weights)
    beyond = range(max(1, taps.center - n), taps.center)  # how many voxels beyond the end the kernel begins
    first = beyond.start - n_weights + 1
    sides = math.prod(image.shape[:axis]), n, math.prod(image.shape[axis + 1 :])
    responses = response.reshape(sides)
    lines = image.reshape(sides).take(np.arange(first, beyond.stop), 1, mode="wrap")
    for place in beyond:
        order = [*range(place, -1, -1), *range(place + 1, n_weights)]
        responses[:, n - taps.center + place] = sum(taps.weights[k] * lines[:, place - k - first] for k in order)


@cache
def _taps(wavelet, dtype):
    """Low and high pass: in single precision, those of PyWavelets are not the rounded ones of double precision."""
    length = pywt.Wavelet(wavelet).dec_len
    impulse = np.zeros(2 * length, dtype)
    impulse[length] = 1
    (responses,) = pywt.swt(impulse, wavelet, level=1)
    start = length - length // 2
    return [Taps(tuple(response[start : start + length].tolist()), length // 2) for response in responses]


def _with_surroundings(prepared, axes, margin):
    """Image around the box, of even length along the axes, and the box in it.

    PyRadiomics' image goes on periodically; where it has an odd length, its first voxel is repeated at its end.
    """
    part, inner = prepared.image, []
    for axis, (length, along) in enumerate(zip(prepared.image.shape, prepared.box, strict=True)):
        reach = margin if axis in axes else 0
        begin, end = along.start - reach, along.stop + reach
        end += (end - begin) % 2
        period = length + length % 2
        if end - begin >= period:
            begin, end = 0, period
        if begin >= 0 and end <= length:
            part = part[(*(slice(None),) * axis, slice(begin, end))]
        else:
            part = part.take(np.arange(begin, end) % period % length, axis)
        inner.append(slice(along.start - begin, along.stop - begin))
    return np.ascontiguousarray(part), tuple(inner)


_MAKERS = {
    "Original": _original,
    "Square": _pointwise(_square),
    "SquareRoot": _pointwise(_square_root),
    "Logarithm": _pointwise(_logarithm),
    "Exponential": _pointwise(_exponential),
    "Gradient": _gradient,
    "LoG": _log,
    "Wavelet": _wavelet,
    "LBP2D": _lbp_2d,
    "LBP3D": _lbp_3d,
}
