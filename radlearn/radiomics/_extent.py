"""Position and extent of a region, in two and three dimensions: what volumes and single images share."""

import math

import numpy as np

from radlearn.radiomics import _kernels

# A variance below this fraction of the largest one is 0 with a rounding error.
ROUNDING = 1e-12


def outer_points(region):
    """The points of the outline that can be corners of its convex hull.

    The outline runs half-way between the voxels inside and those outside.

    Parameters
    ----------
    region : Region

    Returns
    -------
    points : ndarray of int64, shape (n_points, ndim)
        In half voxels; the centers of voxels have odd coordinates, from 1.

    Examples
    --------
    >>> from radlearn.radiomics._region import Region
    >>> mask = np.array([[True]])
    >>> outer_points(Region(mask, mask, mask, spacing=(1, 1))).tolist()
    [[0, 1], [1, 0], [2, 1], [1, 2]]
    """
    ndim = region.mask.ndim
    points = _kernels.hull_candidates(region.mask_stretches, region.positions, ndim == 3)
    if ndim == 3:
        # A corner within the planes across one axis may lie inside the hull of a plane across another one.
        points = _kernels.plane_corners(_kernels.plane_corners(points, (1, 0, 2)), (2, 1, 0))
    return points[:, -ndim:]


def axis_lengths(position_sums, spacing):
    r"""Lengths of the axes of the ellipsoid that has the same second moments, longest first.

    .. math:: l = 4 \sqrt{\lambda}

    with :math:`\lambda` the eigenvalues of the sample covariance of the voxel centers.

    Parameters
    ----------
    position_sums : list of int
        Result of the kernel `position_sums` for the mask.
    spacing : tuple of float
        Distance of voxel centers in mm, in the order of the axes.

    Returns
    -------
    lengths : list of float
        In mm; 0 where the voxel centers lie in a plane, on a line or in one point.

    Examples
    --------
    >>> from radlearn.radiomics._region import Region
    >>> mask = np.ones((1, 3), bool)
    >>> [round(length, 3) for length in axis_lengths(Region(mask, mask, mask, (1, 1)).position_sums, (1, 1))]
    [4.0, 0.0]
    """
    n, *first, zz, yy, xx, zy, zx, yx = position_sums
    ndim = len(spacing)
    if n == 1:  # IBSI's reference values use the sample covariance, which a single voxel does not have
        return [0.0] * ndim
    second = (zz, zy, zx), (zy, yy, yx), (zx, yx, xx)
    # Python integers: nothing is rounded before the division.
    covariance = [
        [(n * product - a * b) / (n * (n - 1)) for product, b in zip(row, first, strict=True)]
        for row, a in zip(second, first, strict=True)
    ]
    spacing = np.array(spacing)
    variances = np.linalg.eigvalsh(np.array(covariance)[-ndim:, -ndim:] * spacing * spacing[:, np.newaxis]).tolist()
    return [4 * math.sqrt(value) if value > ROUNDING * variances[-1] else 0.0 for value in reversed(variances)]


def centre_of_mass_shift(region):
    """Distance of the center of the morphological mask from the center of mass of the intensities.

    Parameters
    ----------
    region : Region

    Returns
    -------
    distance : float
        In mm. NaN if the intensities add up to 0.
    """
    x, stretches, where = region.intensities, region.stretches, region.positions
    n, *sums = region.position_sums[:4]
    is_same = region.intensity_mask is region.mask
    n_x, *sums_x = (n, *sums) if is_same else _kernels.position_sums(stretches, where).tolist()[:4]
    # Of the differences from any intensity, so that the intensities may be as far from 0 as they want.
    rest, *moments = _kernels.weighted_position_sums(stretches, where, x - x[0]).tolist()
    mass = n_x * float(x[0]) + rest
    if mass == 0:
        return np.nan
    shifts = [
        along / n - along_x / n_x - (moment - rest * along_x / n_x) / mass
        for along, along_x, moment in zip(sums, sums_x, moments, strict=True)
    ][-len(region.spacing) :]
    return math.hypot(*(shift * step for shift, step in zip(shifts, region.spacing, strict=True)))
