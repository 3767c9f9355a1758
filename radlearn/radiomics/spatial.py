r"""Spatial autocorrelation: Moran's I and Geary's C, exact over all pairs of voxels.

Both weight each pair of voxels by its inverse distance. A sum over all pairs is a convolution with the weights, so that
the Fourier transform gives it in n log n steps instead of n^2, without leaving out any pair. With x the deviations from
the mean (0 outside the region), m the mask and w the weights:

.. math::

    \sum_{k,l} w_{kl} x_k x_l = \langle x, w * x \rangle, \qquad
    \sum_{k,l} w_{kl} (x_k - x_l)^2 = 2 \langle x^2, w * m \rangle - 2 \langle x, w * x \rangle
"""

import numpy as np
from scipy import fft

from radlearn.radiomics import _kernels
from radlearn.radiomics._family import Family
from radlearn.radiomics._ratio import ratio

# Frequencies that are worked on at a time; 3 slabs of them fit in a processor's cache.
SLAB = 2**16


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
        deviations = x - x.mean()
        self.variance = (deviations**2).mean()
        self.weights, self.products, self.square_differences = pair_sums(
            deviations, region.intensity_mask, region.spacing
        )


def pair_sums(values, mask, spacing):
    r"""Sums over all ordered pairs of voxels in the mask, weighted with their inverse distance.

    Parameters
    ----------
    values : ndarray of float64, shape (n_voxels,)
        Value of each voxel in the mask; of a mean near 0, for the sake of rounding.
    mask : ndarray of bool
        Region, in two or three dimensions.
    spacing : tuple of float
        Distance of voxel centers in mm, in the order of the axes.

    Returns
    -------
    weights : float
        Sum of :math:`w_{kl} = 1 / d_{kl}`, in 1/mm.
    products : float
        Sum of :math:`w_{kl}\, x_k x_l`.
    square_differences : float
        Sum of :math:`w_{kl}\, (x_k - x_l)^2`.

    Examples
    --------
    >>> sums = pair_sums(np.array([-1.0, 1.0]), np.array([[True, False, True]]), (1, 1))
    >>> print(np.round(sums, 9))
    [ 1. -1.  4.]
    """
    mask = mask.reshape((-1, *mask.shape[-2:]))
    spacing = (1.0, *spacing)[-3:]

    # Twice as long as the region, so that the periodic transform does not see a voxel's copy on the other side. The
    # weights are even along each axis: a cosine transform of one octant is the Fourier transform of them all.
    half = [fft.next_fast_len(length) if length > 1 else 0 for length in mask.shape]
    depth, height, width = (max(2 * length, 1) for length in half)
    kernel = _inverse_distances(half, spacing) / (depth * height * width)
    kernel = fft.dctn(kernel, type=1, axes=np.flatnonzero(half))
    kernel[:, :, 1:-1] *= 2  # a real transform leaves out the frequencies that are copies

    spectra = [_half_transformed(image, mask, height, width) for image in (1.0, values, values**2)]
    sums = np.zeros(3)
    # By Parseval's theorem <a, w * b> is a sum over frequencies: nothing has to be transformed back, and the last axis
    # can be transformed in slabs, which stay in the processor's cache.
    n_slabs = max(1, min(height, spectra[0][0].size * depth // SLAB))
    for rows in np.array_split(np.arange(height), n_slabs):
        # Not by a library of linear algebra, whose sums depend on the number of its threads.
        sums += _kernels.weigh_frequencies(
            kernel,
            np.minimum(rows, height - rows),
            *(fft.fft(spectrum[:, rows], depth, axis=0) for spectrum in spectra),
        )
    weights, products, mixed = sums.tolist()
    return weights, products, 2 * mixed - 2 * products


def _half_transformed(values, mask, height, width):
    """Transform along the last two axes of an image that is 0 outside the mask; one at a time, to save memory."""
    image = np.zeros(mask.shape)
    image[mask] = values
    return fft.fft(fft.rfft(image, width, axis=2), height, axis=1)


def _inverse_distances(half, spacing):
    """Inverse distance in mm from the first voxel, up to `half` voxels along each axis; 0 for the voxel itself."""
    z, y, x = np.ogrid[tuple(slice(length + 1) for length in half)]
    depth, height, width = (float(step) for step in spacing)
    squares = (depth * z) ** 2 + (height * y) ** 2 + (width * x) ** 2
    squares[0, 0, 0] = np.inf
    return 1 / np.sqrt(squares)


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
