"""Sums over all pairs of voxels of a large region, by fast Fourier transforms in bounded memory."""

from functools import partial

import numpy as np
from scipy import fft

from radlearn.radiomics import _kernels
from radlearn.radiomics._slabs import slabs_of

# Size of the slabs that are processed one after the other; they fit in a processor's cache.
SLAB = 2**16

# Bytes that the spectra may take: the larger of a constant and a number per voxel of the region's bounding box.
MAX_BYTES, MAX_BYTES_PER_VOXEL = 2**26, 8


def sums_by_transforms(values, mask, spacing, *, center=()):
    """Sums over all ordered pairs of voxels, weighted with their inverse distance.

    By Parseval's theorem <a, w * b> is a sum over frequencies: nothing has to be transformed back.

    Parameters
    ----------
    values : ndarray of float64, shape (n_voxels,)
    mask : ndarray of bool, shape (z, y, x)
    spacing : tuple of three floats
    center : tuple of float, optional
        See `deviations_from`; these are never all in memory.

    Returns
    -------
    sums : list of three floats
        Of the weights, of the weighted products of two deviations, and of the weighted squares of one of them.
    """
    # Twice as long as the region, so that the periodic transform does not see a voxel's copy on the other side. The
    # weights are even along each axis: a cosine transform of one octant is the Fourier transform of them all.
    half = [fft.next_fast_len(length) if length > 1 else 0 for length in mask.shape]
    depth, height, width = (max(2 * length, 1) for length in half)
    frequencies = np.arange(width // 2 + 1)
    # A real transform leaves out the frequencies that are copies.
    copies = np.where((frequencies > 0) & (2 * frequencies < width), 2, 1) / (depth * height * width)
    sums = np.zeros(3)
    # For a large region, only some frequencies of the last axis are processed at a time, which saves memory.
    n_bytes = 64 * mask.size  # of two spectra of complex numbers, twice as long as the region along the second axis
    n_chunks = -(-n_bytes // max(MAX_BYTES, MAX_BYTES_PER_VOXEL * mask.size))
    for chunk in np.array_split(frequencies, min(n_chunks, frequencies.size)):
        columns = slice(chunk[0], chunk[-1] + 1)
        kernel = _transformed_weights(half, spacing, columns)
        kernel *= copies[columns]
        transformed = partial(_half_transformed, values, center, mask, (height, width), columns)
        sums[0::2] += _weighed_products(kernel, depth, transformed(0), transformed(2))
        sums[1] += _weighed_products(kernel, depth, transformed(1))[0]
        del kernel  # before the next one is made
    return sums.tolist()


def deviations_from(values, center):
    """Values minus each number of the center, one after the other: a single one would lose digits of a large mean.

    Parameters
    ----------
    values : ndarray of float64
    center : tuple of float

    Returns
    -------
    deviations : ndarray of float64
        `values` itself if there is no center.

    Examples
    --------
    >>> print(deviations_from(np.array([2.0**53, 2.0**53 + 2]), (2.0**53, 1.0)))
    [-1.  1.]
    """
    if not center:
        return values
    first, *others = center
    deviations = values - first
    for other in others:
        deviations -= other
    return deviations


def _weighed_products(kernel, depth, *spectra):
    """Sums over frequencies of the products of the first spectrum with itself, and with the last one."""
    sums = np.zeros(2)
    height, n_columns = spectra[0].shape[1:]
    # The first axis is transformed in slabs.
    for part in slabs_of(height, depth * n_columns, SLAB):
        rows = np.arange(height)[part]
        slabs = [fft.fft(spectrum[:, part], depth, axis=0) for spectrum in spectra]
        # Not by BLAS, whose sums depend on the number of its threads.
        sums += _kernels.weigh_frequencies(kernel, np.minimum(rows, height - rows), slabs[0], slabs[-1])
    return sums


def _half_transformed(values, center, mask, lengths, columns, power):
    """Power of the deviations, 0 outside the mask, transformed along the last two axes; some of the frequencies."""
    height, width = lengths
    spectrum = np.empty((len(mask), height, columns.stop - columns.start), complex)
    begin = 0
    for planes in slabs_of(len(mask), height * width, SLAB):
        inside = mask[planes]
        end = begin + np.count_nonzero(inside)
        image = np.zeros(inside.shape)
        image[inside] = deviations_from(values[begin:end], center) ** power
        spectrum[planes] = fft.fft(fft.rfft(image, width, axis=2)[:, :, columns], height, axis=1)
        begin = end
    return spectrum


def _transformed_weights(half, spacing, columns):
    """Inverse distances from the first voxel (0 from itself), transformed; some of the frequencies."""
    depth, height, width = (length + 1 for length in half)
    kernel = np.empty((depth, height, columns.stop - columns.start))
    for planes in slabs_of(depth, height * width, SLAB):
        distances = distances_from_origin([(planes.start, planes.stop), (0, height), (0, width)], spacing)
        distances[distances == 0] = np.inf
        kernel[planes] = (fft.dct(1 / distances, type=1) if half[2] else 1 / distances)[:, :, columns]
    return fft.dctn(kernel, type=1, axes=np.flatnonzero(half[:2]), overwrite_x=True)


def distances_from_origin(ranges, spacing):
    """Distances in mm from the origin of a grid that has these ranges of whole numbers.

    Parameters
    ----------
    ranges : sequence of three pairs of int
        First place along each axis, and the one after the last.
    spacing : sequence of three floats

    Returns
    -------
    distances : ndarray of shape (z, y, x)
    """
    z, y, x = ((step * np.arange(*ends)) ** 2 for ends, step in zip(ranges, spacing, strict=True))
    return np.sqrt(z[:, np.newaxis, np.newaxis] + y[:, np.newaxis] + x)
