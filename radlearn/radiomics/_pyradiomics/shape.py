"""Shape of PyRadiomics, in space and in a plane: its mesh, axes of the population of voxels, diameters in planes."""

from types import SimpleNamespace

import numpy as np

from radlearn.radiomics import _kernels
from radlearn.radiomics._contour import contour_area_and_perimeter
from radlearn.radiomics._extent import axis_lengths, outer_points
from radlearn.radiomics._gaps import all_positions
from radlearn.radiomics._pyradiomics.feature_class import FeatureClass, declared
from radlearn.radiomics._pyradiomics.mesh import surface_area_and_volume
from radlearn.radiomics._region import as_volume
from radlearn.radiomics.morphology import Morphology
from radlearn.radiomics.morphology_2d import Morphology2D

# Axis across the plane of each diameter.
PLANES = {"Maximum2DDiameterSlice": 0, "Maximum2DDiameterColumn": 1, "Maximum2DDiameterRow": 2}


def measure(mask, spacing):
    """Mesh, axes and diameters.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
        The bounding box of a region, with at least two voxels.
    spacing : tuple of float
        Distance of voxel centers in mm.

    Returns
    -------
    measures : SimpleNamespace
        Those of `Morphology` that its shared features need; `plane_diameters`, one for each axis, in mm.
    """
    area, volume = surface_area_and_volume(mask, spacing)
    return SimpleNamespace(
        area=area,
        volume=volume,
        voxel_volume=np.count_nonzero(mask) * float(np.prod(spacing)),
        axes=population_axes(mask, spacing),
        diameter=_diameter(mask, spacing),
        plane_diameters=[plane_diameter(mask, spacing, axis) for axis in range(3)],
    )


def measure_2d(mask, spacing):
    """Contour, axes and diameter.

    Parameters
    ----------
    mask : ndarray of bool, shape (y, x)
    spacing : tuple of float

    Returns
    -------
    measures : SimpleNamespace
        Those of `Morphology2D` that its shared features need.
    """
    area, perimeter = contour_area_and_perimeter(mask, spacing)
    return SimpleNamespace(
        area=area,
        perimeter=perimeter,
        pixel_area=np.count_nonzero(mask) * float(np.prod(spacing)),
        axes=population_axes(mask, spacing),
        diameter=_diameter(mask, spacing),
    )


def population_axes(mask, spacing):
    """Axis lengths by the population covariance of the voxel centers, longest first, in mm; shape (ndim,)."""
    volume = as_volume(mask)
    sums = _kernels.position_sums(volume, all_positions(volume.shape)).tolist()
    return np.sqrt((sums[0] - 1) / sums[0]) * np.array(axis_lengths(sums, spacing))


def plane_diameter(mask, spacing, axis):
    """Largest distance of two points of the surface that lie in one plane across an axis.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
    spacing : tuple of float
        In mm.
    axis : int

    Returns
    -------
    diameter : float
        In mm.

    Examples
    --------
    >>> plane_diameter(np.ones((2, 3, 1), bool), (1, 1, 1), axis=0)
    3.0
    """
    slices = np.ascontiguousarray(np.moveaxis(mask, axis, 0))
    points = _kernels.hull_candidates(slices, all_positions(slices.shape), True)
    planes = np.split(points[:, 1:] / 2 * np.delete(spacing, axis), np.flatnonzero(np.diff(points[:, 0])) + 1)
    return max(_kernels.largest_distance(plane) for plane in planes)


def _diameter(mask, spacing):
    """Largest distance of two points of the surface, or of the contour."""
    points = outer_points(mask, all_positions(as_volume(mask).shape))
    if mask.ndim == 3:
        points, _ = _kernels.convex_hull(points.astype(float))
    return _kernels.largest_distance(points * (np.array(spacing) / 2))


def _plane_feature(axis):
    return lambda m: m.plane_diameters[axis]


SHAPE_CLASS = FeatureClass(
    measure, declared(Morphology) | {name: _plane_feature(axis) for name, axis in PLANES.items()}
)
SHAPE_2D_CLASS = FeatureClass(measure_2d, declared(Morphology2D))
