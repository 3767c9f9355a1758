"""Shape of PyRadiomics, in space and in a plane: its mesh, axes of the population of voxels, diameters in planes."""

import math
from types import SimpleNamespace

import numpy as np

from radlearn.radiomics import _kernels
from radlearn.radiomics._contour import contour_area_and_perimeter
from radlearn.radiomics._extent import axis_lengths, outer_points
from radlearn.radiomics._pyradiomics.feature_class import FeatureClass, declared
from radlearn.radiomics._pyradiomics.mesh import surface_area_and_volume
from radlearn.radiomics.morphology import Morphology
from radlearn.radiomics.morphology_2d import Morphology2D

# Axis across the plane of each diameter.
PLANES = {"Maximum2DDiameterSlice": 0, "Maximum2DDiameterColumn": 1, "Maximum2DDiameterRow": 2}


def measure(region):
    """Mesh, axes and diameters.

    Parameters
    ----------
    region : Region
        With at least two voxels.

    Returns
    -------
    measures : SimpleNamespace
        Those of `Morphology` that its shared features need; `plane_diameters`, one for each axis, in mm.
    """
    area, volume = surface_area_and_volume(region.mask, region.positions, region.spacing)
    return SimpleNamespace(
        area=area,
        volume=volume,
        voxel_volume=np.count_nonzero(region.mask) * math.prod(region.spacing),
        axes=population_axes(region),
        diameter=_diameter(region),
        plane_diameters=[plane_diameter(region, axis) for axis in range(3)],
    )


def measure_2d(region):
    """Contour, axes and diameter.

    Parameters
    ----------
    region : Region
        Of two dimensions.

    Returns
    -------
    measures : SimpleNamespace
        Those of `Morphology2D` that its shared features need.
    """
    area, perimeter = contour_area_and_perimeter(region.mask, region.spacing)
    return SimpleNamespace(
        area=area,
        perimeter=perimeter,
        pixel_area=np.count_nonzero(region.mask) * math.prod(region.spacing),
        axes=population_axes(region),
        diameter=_diameter(region),
    )


def population_axes(region):
    """Axis lengths by the population covariance of the voxel centers, longest first, in mm; shape (ndim,)."""
    n = region.position_sums[0]
    return np.sqrt((n - 1) / n) * np.array(axis_lengths(region.position_sums, region.spacing))


def plane_diameter(region, axis):
    """Largest distance of two points of the surface that lie in one plane across an axis.

    Parameters
    ----------
    region : Region
        Of three dimensions.
    axis : int

    Returns
    -------
    diameter : float
        In mm.

    Examples
    --------
    >>> from radlearn.radiomics._region import Region
    >>> mask = np.ones((2, 3, 1), bool)
    >>> plane_diameter(Region(mask, mask, mask, (1, 1, 1)), axis=0)
    3.0
    """
    slices = np.ascontiguousarray(np.moveaxis(region.mask, axis, 0))
    stretches = region.mask_stretches if axis == 0 else _kernels.list_stretches(slices)
    positions = region.positions[axis], *region.positions[:axis], *region.positions[axis + 1 :]
    points = _kernels.hull_candidates(stretches, positions, True)
    planes, in_plane = points[:, 0].copy(), points[:, 1:] * (np.delete(region.spacing, axis) / 2)
    return _kernels.largest_distance_in_planes(in_plane, planes)


def _diameter(region):
    """Largest distance of two points of the surface, or of the contour."""
    points = outer_points(region)
    if region.mask.ndim == 3:
        points, _ = _kernels.convex_hull(points.astype(float))
    return _kernels.largest_distance(points * (np.array(region.spacing) / 2))


def _plane_feature(axis):
    return lambda m: m.plane_diameters[axis]


SHAPE_CLASS = FeatureClass(
    measure, declared(Morphology) | {name: _plane_feature(axis) for name, axis in PLANES.items()}
)
SHAPE_2D_CLASS = FeatureClass(measure_2d, declared(Morphology2D))
