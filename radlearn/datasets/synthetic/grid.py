"""The grid that a synthetic image is painted on: positions in mm, shapes and smooth random fields."""

from typing import NamedTuple

import numpy as np
from scipy import fft, ndimage


class Grid(NamedTuple):
    """Number of voxels and their distance in mm, in the order of the axes; the center of the image is 0 mm.

    Parameters
    ----------
    shape : tuple of int
    spacing : tuple of float
    """

    shape: tuple[int, ...]
    spacing: tuple[float, ...]

    @property
    def ndim(self):
        """2 for ``(y, x)``, 3 for ``(z, y, x)``."""
        return len(self.shape)

    @property
    def axes(self):
        """Position along each axis in mm, shaped so that they broadcast against each other."""
        lines = [
            (np.arange(n, dtype=np.float32) - (n - 1) / 2) * np.float32(step)
            for n, step in zip(self.shape, self.spacing, strict=True)
        ]
        return np.ix_(*lines)

    def smooth_noise(self, rng, length):
        """Random field of mean 0 and variance 1 whose bumps are about `length` mm wide.

        Parameters
        ----------
        rng : numpy.random.Generator
        length : float

        Returns
        -------
        field : float32 ndarray of the grid's shape
        """
        spectrum = fft.rfftn(rng.standard_normal(self.shape, dtype=np.float32))
        for axis, (n, step) in enumerate(zip(self.shape, self.spacing, strict=True)):
            frequency = (fft.rfftfreq if axis == self.ndim - 1 else fft.fftfreq)(n, step)
            damping = np.exp(-0.5 * (np.pi * length * frequency) ** 2)  # of a Gaussian with sigma = length / 2
            spectrum *= damping.astype(np.float32).reshape((-1,) + (1,) * (self.ndim - 1 - axis))
        field = fft.irfftn(spectrum, self.shape)
        return (field - field.mean()) / field.std()

    def ramp(self, rng, strength):
        """Slowly varying factor around 1: the bias field of a coil, the heel effect of an x-ray tube.

        Parameters
        ----------
        rng : numpy.random.Generator
        strength : float
            Typical deviation from 1 at the border.

        Returns
        -------
        factor : float32 ndarray of the grid's shape
        """
        exponent = np.zeros(self.shape, np.float32)
        for axis in self.axes:
            relative = axis / np.abs(axis).max()
            linear, curved = rng.normal(0, strength, 2).astype(np.float32)
            exponent = exponent + linear * relative + curved * (relative**2 - np.float32(1 / 3))
        return np.exp(exponent)

    def ellipsoid(self, center, radii, angle=0.0):
        """Relative distance from an ellipsoid's center: 0 in the center, 1 on the surface.

        Parameters
        ----------
        center, radii : sequence of float
            In mm, in the order of the axes.
        angle : float
            Turn in the ``(y, x)`` plane, in radians.

        Returns
        -------
        distance : float32 ndarray of the grid's shape
        """
        offsets = [axis - np.float32(middle) for axis, middle in zip(self.axes, center, strict=True)]
        sine, cosine = np.float32(np.sin(angle)), np.float32(np.cos(angle))
        *rest, y, x = offsets
        turned = [*rest, cosine * y - sine * x, sine * y + cosine * x]
        return np.sqrt(sum((offset / np.float32(radius)) ** 2 for offset, radius in zip(turned, radii, strict=True)))

    def blob(self, rng, center, radius, irregularity, *, detail=0.5):
        """Distance in mm from the wavy surface of a slightly elongated ball, negative inside.

        Parameters
        ----------
        rng : numpy.random.Generator
        center : sequence of float
            In mm.
        radius : float
            Mean radius in mm.
        irregularity : float
            Typical height of the waves, as a part of the radius.
        detail : float
            Width of the waves, as a part of the radius.

        Returns
        -------
        distance : float32 ndarray of the grid's shape
        """
        stretch = np.exp(rng.normal(0, 0.12, self.ndim))
        radii = radius * stretch / np.prod(stretch) ** (1 / self.ndim)
        waves = self.smooth_noise(rng, detail * radius)
        return np.float32(radius) * (self.ellipsoid(center, radii, rng.uniform(0, np.pi)) - 1 - irregularity * waves)


def inside(distance, width):
    """Part of each voxel that lies inside a surface: 1 deep inside, 0 outside, a ramp of `width` mm between.

    Parameters
    ----------
    distance : ndarray
        Distance from the surface in mm, negative inside.
    width : float
        Blur of the edge in mm.

    Returns
    -------
    part : ndarray of the same shape
    """
    return np.clip(0.5 - distance / np.float32(width), 0, 1)


def blend(image, part, value):
    """Image in which `part` of each voxel has been replaced by `value`.

    Parameters
    ----------
    image, part : ndarray of the same shape
    value : float or ndarray

    Returns
    -------
    image : ndarray of the same shape
    """
    return image + part * (value - image)


def largest_piece(mask):
    """The largest connected piece of a mask, with its holes filled.

    Parameters
    ----------
    mask : bool ndarray

    Returns
    -------
    mask : bool ndarray of the same shape
    """
    labels, n_pieces = ndimage.label(mask)
    if n_pieces > 1:
        mask = labels == 1 + np.argmax(np.bincount(labels.ravel())[1:])
    return ndimage.binary_fill_holes(mask)
