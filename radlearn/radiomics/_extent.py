"""Position and extent of a region, in two and three dimensions: what volumes and single images share."""

import numpy as np

from radlearn.radiomics import _kernels

# Variances below this part of the largest are rounding errors of 0.
ROUNDING = 1e-12


def outer_points(mask, spacing):
    """The points of the outline that can be corners of its convex hull.

    The outline runs half-way between the voxels inside and those outside.

    Parameters
    ----------
    mask : ndarray of bool
        Two- or three-dimensional, with at least one voxel.
    spacing : tuple of float
        Distance of voxel centers in mm.

    Returns
    -------
    points : ndarray of shape (n_points, ndim)
        Positions in mm.

    Examples
    --------
    >>> outer_points(np.array([[True]]), (1, 2)).tolist()
    [[-0.5, 0.0], [0.0, -1.0], [0.5, 0.0], [-0.5, 0.0], [0.0, 1.0], [0.5, 0.0]]
    """
    is_3d = mask.ndim == 3
    points = _kernels.hull_candidates(mask.reshape((-1, *mask.shape[-2:])), is_3d)
    return (points[:, -mask.ndim :] - 1) / 2 * spacing


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
    axes = range(mask.ndim)
    # Counts along two axes at a time hold all of the covariance, and take no list of voxels.
    lines = [np.count_nonzero(mask, axis=_others(axes, axis)) for axis in axes]
    n_voxels = lines[0].sum()
    centers = [step * np.arange(length) for step, length in zip(spacing, mask.shape, strict=True)]
    centered = [center - center @ line / n_voxels for center, line in zip(centers, lines, strict=True)]
    covariance = np.diag([line @ center**2 for center, line in zip(centered, lines, strict=True)])
    for a in axes:
        for b in axes[a + 1 :]:
            plane = np.count_nonzero(mask, axis=_others(axes, a, b))
            covariance[a, b] = covariance[b, a] = centered[a] @ plane @ centered[b]
    # The reference values are those of the sample covariance. A single voxel has none; its axes are 0.
    variances = np.linalg.eigvalsh(covariance / max(n_voxels - 1, 1))[::-1]
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
    masses = np.where(region.intensity_mask, region.image, 0).astype(float)
    if masses.sum() == 0:
        return np.nan
    return float(np.linalg.norm((_center(region.mask) - _center(masses)) * region.spacing))


def _center(weights):
    """Weighted average position, in voxels."""
    axes = range(weights.ndim)
    lines = [weights.sum(axis=_others(axes, axis)) for axis in axes]
    return np.array([np.arange(line.size) @ line / line.sum() for line in lines])


def _others(axes, *kept):
    return tuple(axis for axis in axes if axis not in kept)
