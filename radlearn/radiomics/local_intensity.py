"""Local intensity: 2 features of the average intensity around a voxel."""

from functools import lru_cache

import numpy as np

from radlearn.radiomics import _kernels
from radlearn.radiomics._family import Family

# The average is over a sphere of 1 cm^3 (IBSI VJGA); this is its radius in mm.
RADIUS = 10 * (3 / (4 * np.pi)) ** (1 / 3)

# Differences of running sums are exact enough unless some voxels around are this many times as large as those inside.
EXTREME = 1e4


class LocalIntensity(Family, name="local_intensity", ibsi="9ST6", ndim=(3,)):
    """Local intensity: averages over a sphere of 1 cm^3 around voxels of the intensity mask.

    The only family that looks beyond the region: the sphere takes in whatever image lies within 6.2 mm of a voxel of
    the region. Voxels that are NaN or infinite out there are left out.
    """

    def measure(self):
        """Average around each voxel of the intensity mask."""
        region = self.region
        shape = region.image.shape if region.whole is None else region.whole.shape
        reaches = sphere_reaches(RADIUS, tuple(region.spacing), voxels_within(RADIUS, region.spacing, shape))
        margins = [*(length // 2 for length in reaches.shape), max(int(reaches.max()), 0)]
        image, centers = region.with_surroundings(margins)
        self.means = sphere_means(image, centers, reaches, region.intensities)


def sphere_means(image, centers, reaches, inside):
    """Average in a sphere around each center, however large what lies beyond the spheres is.

    Parameters
    ----------
    image : ndarray of float, shape (z, y, x)
    centers : ndarray of bool, shape (z, y, x)
    reaches : ndarray of int64
        As for the kernel of this name.
    inside : ndarray of shape (n_centers,)
        Intensities of the centers.

    Returns
    -------
    means : ndarray of float64, shape (n_centers,)

    Examples
    --------
    >>> image = np.array([[[1e30, 3e30, 0, 1, 2, 3]]])
    >>> centers = np.array([[[False, False, False, True, True, False]]])
    >>> sphere_means(image, centers, np.array([[1]]), np.array([1.0, 2.0])).tolist()
    [1.0, 2.0]
    """
    limit = EXTREME * max(-inside.min(), inside.max())
    if -np.fmin.reduce(image, axis=None) <= limit and np.fmax.reduce(image, axis=None) <= limit:
        return _kernels.sphere_means(image, centers, reaches)
    # Of extreme voxels, running sums of their own, which only count where there is one in the sphere.
    is_extreme = np.isfinite(image) & (np.abs(image) > limit)
    usual, extreme = (np.where(is_extreme == kind, image.dtype.type(0), image) for kind in (True, False))
    usual[~np.isfinite(image)] = extreme[~np.isfinite(image)] = np.nan
    means, extreme_means, parts = (
        _kernels.sphere_means(values, centers, reaches)
        for values in (usual, extreme, np.where(np.isfinite(image), is_extreme, np.nan).astype(image.dtype))
    )
    return means + np.where(parts > 0, extreme_means, 0)


def voxels_within(radius, spacing, shape):
    """How many voxels a sphere reaches along each axis, and no more than there are in the image.

    Voxels of a thousandth of a mm would make spheres of many gigabytes.

    Parameters
    ----------
    radius : float
        In mm.
    spacing : tuple of float
        Distance of voxel centers in mm.
    shape : tuple of int
        Shape of the image.

    Returns
    -------
    numbers : tuple of int

    Examples
    --------
    >>> voxels_within(2, (2, 1, 1e-4), (9, 9, 9))
    (1, 2, 8)
    """
    return tuple(int(min(radius / step + 1e-9, n - 1)) for step, n in zip(spacing, shape, strict=True))


@lru_cache(maxsize=128)
def sphere_reaches(radius, spacing, most):
    """How many voxels a sphere reaches along x, in each row.

    Parameters
    ----------
    radius : float
        In mm.
    spacing : tuple of float
        Distance of voxel centers (z, y, x) in mm.
    most : tuple of int
        For each axis, after how many voxels the sphere is cut off.

    Returns
    -------
    reaches : ndarray of int64, shape (2 * n_z + 1, 2 * n_y + 1)
        -1 for rows that the sphere does not meet.

    Examples
    --------
    >>> sphere_reaches(2, (2, 1, 1), (1, 2, 2)).tolist()
    [[-1, -1, 0, -1, -1], [0, 1, 2, 1, 0], [-1, -1, 0, -1, -1]]
    """
    (step_z, step_y, step_x), (n_z, n_y, n_x) = spacing, most
    z, y = np.ogrid[-n_z : n_z + 1, -n_y : n_y + 1]
    rest = radius**2 * (1 + 1e-9) - (z * step_z) ** 2 - (y * step_y) ** 2
    reaches = np.minimum(np.sqrt(np.maximum(rest, 0)) // step_x, n_x)
    return np.where(rest < 0, -1, reaches).astype(np.int64)


@LocalIntensity.feature(ibsi="VJGA", unit="intensity", formula=r"\max \{\bar{x}(k) : x_k = \max_l x_l\}")
def local_intensity_peak(m):
    """Average around the voxel of the highest intensity; the highest such average where several have it."""
    x = m.region.intensities
    return m.means[x == x.max()].max()


@LocalIntensity.feature(ibsi="0F91", unit="intensity", formula=r"\max_k \bar{x}(k)")
def global_intensity_peak(m):
    """Highest average around any voxel of the intensity mask."""
    return m.means.max()
