"""Position and extent of a region, in two and three dimensions: what volumes and single images share."""

import numpy as np

from radlearn.radiomics import _kernels

# Variances below this part of the largest are rounding errors of 0.
ROUNDING = 1e-12


def outer_points(mask):
    """The points of the outline that can be corners of its convex hull.

    The outline runs half-way between the voxels inside and those outside.

    Parameters
    ----------
    mask : ndarray of bool
        Two- or three-dimensional, with at least one voxel.

    Returns
    -------
    points : ndarray of int64, shape (n_points, ndim)
        In half voxels; the centers of voxels have odd coordinates, from 1.

    Examples
    --------
    >>> outer_points(np.array([[True]])).tolist()
    [[0, 1], [1, 0], [2, 1], [0, 1], [1, 2], [2, 1]]
    """
    is_3d = mask.ndim == 3
    points = _kernels.hull_candidates(mask.reshape((-1, *mask.shape[-2:])), is_3d)
    if is_3d:
        # What is a corner in the planes along one axis need not be one along the others: two more turns of the axes.
        depth, height, width = (2 * length + 1 for length in mask.shape)
        points = _kernels.plane_corners(np.ascontiguousarray(points[:, [1, 2, 0]]), width, depth)
        points = _kernels.plane_corners(np.ascontiguousarray(points[:, [1, 2, 0]]), depth, height)[:, [1, 2, 0]]
    return points[:, -mask.ndim :]


def axis_lengths(mask, spacing):
    r"""Lengths of the axes of the ellipsoid that has the same second moments, longest first.

    .. math:: l = 4 \sqrt{\lambda}

    with :math:`\lambda` the eigenvalues of the sample covariance of the voxel centers.

    Parameters
    ----------
    mask : ndarray of bool
        Two- or three-dimensional, with at least one voxel.
    spacing : tuple of float
        Distance of voxel centers in mm.

    Returns
    -------
    lengths : ndarray of shape (ndim,)
        In mm; 0 where the voxel centers lie in a plane, on a line or in one point.

    Examples
    --------
    >>> print(axis_lengths(np.ones((1, 3), bool), (1, 1)).round(3))
    [4. 0.]
    """
    n, *first, zz, yy, xx, zy, zx, yx = _kernels.position_sums(mask.reshape((-1, *mask.shape[-2:]))).tolist()
    if n == 1:  # a single voxel has no sample covariance, which the reference values are those of
        return np.zeros(mask.ndim)
    second = (zz, zy, zx), (zy, yy, yx), (zx, yx, xx)
    # Whole numbers of Python: nothing is rounded before the division.
    covariance = [
        [(n * product - a * b) / (n * (n - 1)) for product, b in zip(row, first, strict=True)]
        for row, a in zip(second, first, strict=True)
    ]
    scaled = np.array(covariance)[-mask.ndim :, -mask.ndim :] * np.multiply.outer(spacing, spacing)
    variances = np.linalg.eigvalsh(scaled)[::-1]
    return 4 * np.sqrt(np.where(variances > ROUNDING * variances[0], variances, 0))


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
    mask, intensity_mask = (array.reshape((-1, *array.shape[-2:])) for array in (region.mask, region.intensity_mask))
    mass, *moments = _kernels.weighted_position_sums(intensity_mask, region.intensities).tolist()
    if mass == 0:
        return np.nan
    n, *sums = _kernels.position_sums(mask)[:4].tolist()
    shift = np.array(sums) / n - np.array(moments) / mass
    return float(np.linalg.norm(shift[-region.mask.ndim :] * region.spacing))
