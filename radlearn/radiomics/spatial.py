r"""Spatial autocorrelation: Moran's I and Geary's C, exact over all pairs of voxels.

Both weight each pair of voxels by its inverse distance. A sum over all pairs is a convolution with the weights, so that
the Fourier transform gives it in n log n steps instead of n^2, without leaving out any pair. With x the deviations from
the mean (0 outside the region), m the mask and w the weights:

.. math::

    \sum_{k,l} w_{kl} x_k x_l = \langle x, w * x \rangle, \qquad
    \sum_{k,l} w_{kl} (x_k - x_l)^2 = 2 \langle x^2, w * m \rangle - 2 \langle x, w * x \rangle
"""

from functools import partial

import numpy as np
from scipy import fft

from radlearn.radiomics import _kernels
from radlearn.radiomics._family import Family
from radlearn.radiomics._ratio import ratio
from radlearn.radiomics._region import as_volume

# Up to so many voxels, in a box of up to so many, to sum over the pairs themselves is quicker than any transform.
FEW_VOXELS, SMALL_BOX = 1000, 2**18

# Numbers that are worked on at a time, which fit in a processor's cache.
SLAB = 2**16

# Bytes that spectra may take: so many, or so many per voxel of the region's box.
MEMORY, MEMORY_PER_VOXEL = 2**26, 8


class Spatial(Family, name="spatial", ibsi=None):
    """Spatial autocorrelation: whether intensities that lie close together are alike.

    IBSI lists both features under morphology; they are a family of their own because they cost n log n, all others n.
    They read the intensity mask. Both are NaN for a single voxel, and where all intensities are equal.
    """

    def measure(self):
        """Sum over all pairs of voxels: weights, weighted products and weighted squared differences."""
        region = self.region
        x = region.intensities
        self.n = x.size
        if x.min() == x.max():  # rounding would make a deviation of the mean
            self.variance, self.weights, self.products, self.square_differences = 0.0, 0.0, 0.0, 0.0
            return
        self.variance = float(x.var())
        self.weights, self.products, self.square_differences = pair_sums(
            x, region.mean_intensity, region.intensity_mask, region.spacing
        )


def pair_sums(values, mean, mask, spacing):
    r"""Sums over all ordered pairs of voxels in the mask, weighted with their inverse distance.

    Parameters
    ----------
    values : ndarray of float64, shape (n_voxels,)
        Value of each voxel in the mask.
    mean : float
        What is subtracted from them to give deviations.
    mask : ndarray of bool
        Region, in two or three dimensions.
    spacing : tuple of float
        Distance of voxel centers in mm, in the order of the axes.

    Returns
    -------
    weights : float
        Sum of :math:`w_{kl} = 1 / d_{kl}`, in 1/mm.
    products : float
        Sum of :math:`w_{kl}\, x_k x_l`, with x the deviations.
    square_differences : float
        Sum of :math:`w_{kl}\, (x_k - x_l)^2`.

    Examples
    --------
    >>> sums = pair_sums(np.array([4.0, 6.0]), 5.0, np.array([[True, False, True]]), (1, 1))
    >>> print(np.round(sums, 9))
    [ 1. -1.  4.]
    """
    are_few = values.size <= FEW_VOXELS and mask.size <= SMALL_BOX
    sums = _sums_by_pairs if are_few else _sums_by_transforms
    weights, products, mixed = sums(values, mean, as_volume(mask), (1.0, *map(float, spacing))[-3:])
    return weights, products, 2 * mixed - 2 * products


def _sums_by_pairs(values, mean, mask, spacing):
    """Weights, products, and products of a squared deviation with 1: from pair to pair."""
    depth, height, width = mask.shape
    # Of the two voxels of a pair, one comes later in memory; along the last two axes it may come before.
    distances = _distances([(0, depth), (1 - height, height), (1 - width, width)], spacing)
    plane = distances[0].size
    places = np.argwhere(mask) @ np.array([plane, 2 * width - 1, 1])
    inverse_distances = 1 / distances.ravel()[plane // 2 + 1 :]
    return _kernels.sum_voxel_pairs(values - mean, places, inverse_distances).tolist()


def _sums_by_transforms(values, mean, mask, spacing):
    """The same by Parseval's theorem: <a, w * b> is a sum over frequencies, nothing has to be transformed back."""
    # Twice as long as the region, so that the periodic transform does not see a voxel's copy on the other side. The
    # weights are even along each axis: a cosine transform of one octant is the Fourier transform of them all.
    half = [fft.next_fast_len(length) if length > 1 else 0 for length in mask.shape]
    depth, height, width = (max(2 * length, 1) for length in half)
    frequencies = np.arange(width // 2 + 1)
    # A real transform leaves out the frequencies that are copies.
    copies = np.where((frequencies > 0) & (2 * frequencies < width), 2, 1) / (depth * height * width)
    sums = np.zeros(3)
    # Of a large region only some frequencies of the last axis are kept at a time: less memory for some more time.
    n_bytes = 64 * mask.size  # of two spectra of complex numbers, twice as long as the region along the second axis
    n_chunks = -(-n_bytes // max(MEMORY, MEMORY_PER_VOXEL * mask.size))
    for chunk in np.array_split(frequencies, min(n_chunks, frequencies.size)):
        columns = slice(chunk[0], chunk[-1] + 1)
        kernel = _transformed_weights(half, spacing, columns)
        kernel *= copies[columns]
        transformed = partial(_half_transformed, values, mean, mask, (height, width), columns)
        sums[0::2] += _weighed_products(kernel, depth, transformed(0), transformed(2))
        sums[1] += _weighed_products(kernel, depth, transformed(1))[0]
        del kernel  # before the next one is made
    return sums.tolist()


def _weighed_products(kernel, depth, *spectra):
    """Sums over frequencies of the products of the first spectrum with itself, and with the last one."""
    sums = np.zeros(2)
    height, n_columns = spectra[0].shape[1:]
    # The first axis is transformed in slabs.
    for part in _slabs(height, depth * n_columns):
        rows = np.arange(height)[part]
        slabs = [fft.fft(spectrum[:, part], depth, axis=0) for spectrum in spectra]
        # Not by a library of linear algebra, whose sums depend on the number of its threads.
        sums += _kernels.weigh_frequencies(kernel, np.minimum(rows, height - rows), slabs[0], slabs[-1])
    return sums


def _half_transformed(values, mean, mask, lengths, columns, power):
    """Power of the deviations, 0 outside the mask, transformed along the last two axes; some of the frequencies."""
    height, width = lengths
    spectrum = np.empty((len(mask), height, columns.stop - columns.start), complex)
    begin = 0
    for planes in _slabs(len(mask), height * width):
        inside = mask[planes]
        end = begin + np.count_nonzero(inside)
        image = np.zeros(inside.shape)
        image[inside] = (values[begin:end] - mean) ** power
        spectrum[planes] = fft.fft(fft.rfft(image, width, axis=2)[:, :, columns], height, axis=1)
        begin = end
    return spectrum


def _transformed_weights(half, spacing, columns):
    """Inverse distances from the first voxel (0 from itself), transformed; some of the frequencies."""
    depth, height, width = (length + 1 for length in half)
    kernel = np.empty((depth, height, columns.stop - columns.start))
    for planes in _slabs(depth, height * width):
        distances = _distances([(planes.start, planes.stop), (0, height), (0, width)], spacing)
        distances[distances == 0] = np.inf
        kernel[planes] = (fft.dct(1 / distances, type=1) if half[2] else 1 / distances)[:, :, columns]
    return fft.dctn(kernel, type=1, axes=np.flatnonzero(half[:2]), overwrite_x=True)


def _distances(ranges, spacing):
    """Distances in mm from the origin of a grid that has these ranges of whole numbers."""
    z, y, x = ((step * np.arange(*ends)) ** 2 for ends, step in zip(ranges, spacing, strict=True))
    return np.sqrt(z[:, np.newaxis, np.newaxis] + y[:, np.newaxis] + x)


def _slabs(length, size):
    """Slices of an axis along which each place holds `size` numbers."""
    n_places = max(1, SLAB // size)
    return [slice(begin, min(begin + n_places, length)) for begin in range(0, length, n_places)]


@Spatial.feature(
    ibsi="N365",
    unit="1",
    formula=r"\frac{N}{\sum_{k,l} w_{kl}}"
    r" \frac{\sum_{k,l} w_{kl} (x_k - \mu)(x_l - \mu)}{\sum_k (x_k - \mu)^2},\ w_{kl} = 1 / d_{kl}",
)
def morans_i(m):
    """Likeness of close intensities: near 0 at random, towards 1 if alike, below 0 if opposite."""
    return ratio(m.products, m.weights * m.variance)


@Spatial.feature(
    ibsi="NPT7",
    unit="1",
    formula=r"\frac{N - 1}{2 \sum_{k,l} w_{kl}} \frac{\sum_{k,l} w_{kl} (x_k - x_l)^2}{\sum_k (x_k - \mu)^2}",
)
def gearys_c(m):
    """Difference of close intensities: near 1 at random, below if alike, above if opposite."""
    return ratio((m.n - 1) * m.square_differences, 2 * m.weights * m.n * m.variance)
