"""Local intensity: 2 features of the average intensity around a voxel."""

from functools import lru_cache

import numpy as np

from radlearn.radiomics import _kernels
from radlearn.radiomics._family import Family

# The average is over a sphere of 1 cm^3 (IBSI VJGA); this is its radius in mm.
RADIUS = 10 * (3 / (4 * np.pi)) ** (1 / 3)


class LocalIntensity(Family, name="local_intensity", ibsi="9ST6", ndim=(3,)):
    """Local intensity: averages over a sphere of 1 cm^3 around voxels of the intensity mask.

    The only family that looks beyond the region: the sphere takes in whatever image lies within 6.2 mm of a voxel of
    the region. Voxels that are NaN or infinite out there are left out.
    """

    def measure(self):
        """Average around each voxel of the intensity mask."""
        region = self.region
        reaches = sphere_reaches(RADIUS, tuple(region.spacing))
        margins = [*(length // 2 for length in reaches.shape), max(int(reaches.max()), 0)]
        image, centers = region.with_surroundings(margins)
        self.means = _kernels.sphere_means(image, centers, reaches)


@lru_cache(maxsize=128)
def sphere_reaches(radius, spacing):
    """How many voxels a sphere reaches along x, in each row.

    Parameters
    ----------
    radius : float
        In mm.
    spacing : tuple of float
        Distance of voxel centers (z, y, x) in mm.

    Returns
    -------
    reaches : ndarray of int64, shape (2 * n_z + 1, 2 * n_y + 1)
        -1 for rows that the sphere does not meet.

    Examples
    --------
    >>> sphere_reaches(2, (2, 1, 1)).tolist()
    [[-1, -1, 0, -1, -1], [0, 1, 2, 1, 0], [-1, -1, 0, -1, -1]]
    """
    step_z, step_y, step_x = spacing
    n_z, n_y = (int(radius / step + 1e-9) for step in (step_z, step_y))
    z, y = np.ogrid[-n_z : n_z + 1, -n_y : n_y + 1]
    rest = radius**2 * (1 + 1e-9) - (z * step_z) ** 2 - (y * step_y) ** 2
    return np.where(rest < 0, -1, np.sqrt(np.maximum(rest, 0)) // step_x).astype(np.int64)


@LocalIntensity.feature(ibsi="VJGA", unit="intensity", formula=r"\max \{\bar{x}(k) : x_k = \max_l x_l\}")
def local_intensity_peak(m):
    """Average around the voxel of the highest intensity; the highest such average where several have it."""
    x = m.region.intensities
    return m.means[x == x.max()].max()


@LocalIntensity.feature(ibsi="0F91", unit="intensity", formula=r"\max_k \bar{x}(k)")
def global_intensity_peak(m):
    """Highest average around any voxel of the intensity mask."""
    return m.means.max()
