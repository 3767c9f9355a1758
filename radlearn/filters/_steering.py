"""Riesz transforms of what a band-pass filter leaves, along the axes or along the directions of the image itself."""

from functools import cached_property
from math import factorial, prod, sqrt

import numpy as np
from scipy import ndimage

from radlearn.filters._fourier import image_of, kept, riesz_transfer

# Where the window of the structure tensor ends, in standard deviations.
WINDOW = 4.0


class Band:
    """What a band-pass filter leaves of an image, and its Riesz transforms.

    Parameters
    ----------
    spectrum : ndarray of complex64 or complex128
        As of `spectrum_of`, along all axes.
    shape : tuple of int
        Shape of the image.
    highest : tuple of int
        Highest frequency of the spectrum along each axis.
    """

    def __init__(self, spectrum, shape, highest):
        self.spectrum = spectrum
        self.shape = shape
        self.highest = highest

    def riesz(self, order):
        """Riesz transform of an order along each axis.

        Parameters
        ----------
        order : tuple of int
            Along ``(z, y, x)`` or ``(y, x)``.

        Returns
        -------
        response : ndarray of the shape of the image
        """
        transfer = _transfer(self.shape, self.highest, tuple(order), self.spectrum.dtype)
        return image_of(self.spectrum * transfer, self.shape, tuple(range(len(self.shape))))

    def aligned_riesz(self, order, sigma):
        r"""Riesz transform along the directions in which the image changes least, more, and most.

        These are the eigenvectors u of the structure tensor, the products of the first-order transforms under a
        Gaussian window. They turn the derivatives p along the axes into those along directions:

        .. math:: \sqrt{\frac{|l|!}{\prod_k l_k!}} \prod_k (u_k \cdot p)^{l_k}

        An eigenvector points to where the first-order transform is positive.

        Parameters
        ----------
        order : tuple of int
            How often along each direction; the last one is that of the largest change.
        sigma : sequence of float
            Standard deviation of the window along each axis, in voxels.

        Returns
        -------
        response : ndarray of the shape of the image
        """
        directions = self._directions(sigma)
        coefficients = {(0,) * len(order): 1.0}
        for number, exponent in enumerate(order):
            for _ in range(exponent):
                coefficients = _times(coefficients, directions[..., number])
        permutations = prod(map(factorial, order))
        # Numbers of numpy would make all of it double precision.
        return sum(
            sqrt(prod(map(factorial, powers)) / permutations) * coefficient * self.riesz(powers)
            for powers, coefficient in coefficients.items()
        )

    @cached_property
    def _gradient(self):
        """First-order transform along each axis, with the axis last."""
        return np.stack([self.riesz(unit) for unit in np.eye(len(self.shape), dtype=int)], axis=-1)

    def _directions(self, sigma):
        """Unit vectors of the structure tensor, in columns, from the smallest to the largest change."""
        gradient = self._gradient
        tensor = gradient[..., np.newaxis, :] * gradient[..., np.newaxis]
        window = {"sigma": (*sigma, 0, 0), "mode": "wrap", "truncate": WINDOW}  # as the transform sees the image
        _, directions = np.linalg.eigh(ndimage.gaussian_filter(tensor, **window))
        along = np.einsum("...i,...ij->...j", gradient, directions)
        return directions * np.where(along < 0, -1, 1)[..., np.newaxis, :].astype(directions.dtype)


def _times(coefficients, direction):
    """A polynomial in the derivatives along the axes, times the derivative along a direction."""
    product = {}
    for powers, coefficient in coefficients.items():
        for axis in range(len(powers)):
            raised = tuple(power + (axis == other) for other, power in enumerate(powers))
            product[raised] = product.get(raised, 0) + coefficient * direction[..., axis]
    return product


@kept
def _transfer(shape, highest, order, dtype):
    return riesz_transfer(shape, tuple(range(len(shape))), highest, order).astype(dtype)
