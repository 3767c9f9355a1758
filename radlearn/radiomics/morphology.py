"""Morphology of volumes: 23 features of the shape and size of a region, in mm, and 4 that are not standardised.

All read the morphological mask, which re-segmentation does not change; where intensities matter, they come from the
intensity mask. The morphology of single images is in `morphology_2d`. Two shapes of IBSI are not standardised and
measured on request only: the oriented minimum bounding box and the minimum volume enclosing ellipsoid.
"""

import math
from functools import cached_property

import numpy as np

from radlearn.radiomics import _kernels
from radlearn.radiomics._extent import axis_lengths, centre_of_mass_shift, outer_points
from radlearn.radiomics._family import Family
from radlearn.radiomics._mesh import surface_area_and_volume
from radlearn.radiomics._ratio import ratio

# The series for the area of an ellipsoid stops after this degree, as IBSI has it.
LEGENDRE_DEGREE = 20


class Morphology(Family, name="morphology", ibsi="HCUG", ndim=(3,)):
    """Shape and size of the region in three dimensions.

    Axes are those of the voxel centers: the least axis of a single slice is 0, and so is every axis of a single voxel.
    Ratios with such an axis in the denominator are NaN.
    """

    def measure(self):
        """Surface mesh, convex hull and axes."""
        region = self.region
        self.voxel_volume = region.position_sums[0] * math.prod(region.spacing)
        self.area, self.volume = surface_area_and_volume(region.mask, region.spacing)

        corners, self.triangles = _kernels.convex_hull(outer_points(region).astype(float))
        self.corners = corners * (np.array(region.spacing) / 2)
        self.hull_volume, self.hull_area, self.diameter = _kernels.hull_measures(self.corners, self.triangles)

        # A cropped mask touches all sides of its box.
        self.box = [length * step for length, step in zip(region.extent, region.spacing, strict=True)]
        self.axes = axis_lengths(region.position_sums, region.spacing)

    @cached_property
    def oriented_box(self):
        """Edges of the oriented minimum bounding box."""
        from radlearn.radiomics._enclosing import smallest_box  # noqa: PLC0415 - asked for by few

        a, b, c = self.corners[self.triangles.T]
        normals = np.cross(b - a, c - a)
        return smallest_box(self.corners, normals / np.linalg.norm(normals, axis=1, keepdims=True))

    @cached_property
    def ellipsoid(self):
        """Semi-axes of the minimum volume enclosing ellipsoid, longest first."""
        from radlearn.radiomics._enclosing import smallest_ellipsoid  # noqa: PLC0415 - asked for by few

        return smallest_ellipsoid(self.corners)


def ellipsoid_area(a, b, c):
    r"""Surface area of an ellipsoid, by the first terms of the Legendre series of IBSI.

    .. math:: A = 4 \pi a b \sum_{\nu=0}^{20} \frac{(\alpha \beta)^\nu}{1 - 4 \nu^2}
        P_\nu\left(\frac{\alpha^2 + \beta^2}{2 \alpha \beta}\right)

    with :math:`\alpha^2 = 1 - b^2 / a^2` and :math:`\beta^2 = 1 - c^2 / a^2`.

    Parameters
    ----------
    a, b, c : float
        Semi-axes in mm, longest first; `a` above 0.

    Returns
    -------
    area : float
        In mm^2.

    Notes
    -----
    The true area has :math:`\alpha^2 = 1 - c^2 / a^2` and :math:`\beta^2 = 1 - c^2 / b^2`. IBSI's definition, which its
    reference values follow, is exact for a sphere only: 8 % too large for semi-axes of 3, 2 and 1.

    References
    ----------
    Image Biomarker Standardisation Initiative, code RDD2.

    Examples
    --------
    >>> print(round(ellipsoid_area(1, 1, 1) / np.pi, 6))
    4.0
    """
    alpha2, beta2 = 1 - (b / a) ** 2, 1 - (c / a) ** 2
    # Bonnet's recursion for the Legendre polynomials, multiplied by (alpha beta)^nu: so it holds for a sphere, too,
    # where the argument of the polynomials is 0 / 0.
    before, term = 0.0, 1.0
    total = 0.0
    for nu in range(LEGENDRE_DEGREE + 1):
        total += term / (1 - 4 * nu**2)
        after = ((2 * nu + 1) * (alpha2 + beta2) / 2 * term - nu * alpha2 * beta2 * before) / (nu + 1)
        before, term = term, after
    return 4 * math.pi * a * b * total


@Morphology.feature(
    ibsi="RNU0",
    unit="mm^3",
    formula=r"V = \frac{1}{6} \left| \sum_k a_k \cdot (b_k \times c_k) \right|",
    pyradiomics="MeshVolume",
)
def mesh_volume_(m):
    """Volume inside the surface mesh."""
    return m.volume


@Morphology.feature(ibsi="YEKZ", unit="mm^3", formula="N_{voxels} V_{voxel}", pyradiomics="VoxelVolume")
def voxel_volume(m):
    """Volume of all voxels of the region."""
    return m.voxel_volume


@Morphology.feature(
    ibsi="C0JK",
    unit="mm^2",
    formula=r"A = \frac{1}{2} \sum_k |(b_k - a_k) \times (c_k - a_k)|",
    pyradiomics="SurfaceArea",
)
def surface_area(m):
    """Area of the surface mesh."""
    return m.area


@Morphology.feature(ibsi="2PR5", unit="mm^-1", formula=r"\frac{A}{V}", pyradiomics="SurfaceVolumeRatio")
def surface_to_volume_ratio(m):
    """Surface per volume: small for large and compact regions."""
    return m.area / m.volume


@Morphology.feature(ibsi="SKGS", unit="1", formula=r"\frac{V}{\sqrt{\pi} A^{3/2}}", pyradiomics="Compactness1")
def compactness_1(m):
    """Volume in relation to the surface; 0.053 for a sphere, less for all others."""
    return m.volume / (math.sqrt(math.pi) * m.area**1.5)


@Morphology.feature(ibsi="BQWJ", unit="1", formula=r"36 \pi \frac{V^2}{A^3}", pyradiomics="Compactness2")
def compactness_2(m):
    """Squared volume in relation to the surface; 1 for a sphere, less for all others."""
    return 36 * math.pi * m.volume**2 / m.area**3


@Morphology.feature(
    ibsi="KRCK", unit="1", formula=r"\frac{A}{(36 \pi V^2)^{1/3}}", pyradiomics="SphericalDisproportion"
)
def spherical_disproportion(m):
    """Surface area divided by that of a sphere of the same volume; 1 for a sphere, else more."""
    return m.area / _area_of_sphere(m.volume)


@Morphology.feature(ibsi="QCFX", unit="1", formula=r"\frac{(36 \pi V^2)^{1/3}}{A}", pyradiomics="Sphericity")
def sphericity(m):
    """Surface area of a sphere of the same volume, divided by that of the region; 1 for a sphere, else less."""
    return _area_of_sphere(m.volume) / m.area


@Morphology.feature(ibsi="25C7", unit="1", formula=r"\left(\frac{A^3}{36 \pi V^2}\right)^{1/3} - 1")
def asphericity(m):
    """By how much the surface is larger than that of a sphere of the same volume; 0 for a sphere."""
    return m.area / _area_of_sphere(m.volume) - 1


@Morphology.feature(ibsi="KLMA", unit="mm", formula=r"\| \bar{r} - \frac{\sum_k x_k r_k}{\sum_k x_k} \|")
def centre_of_mass_shift_(m):
    """Distance of the center of the region from that of its intensities; NaN if the intensities add up to 0."""
    return centre_of_mass_shift(m.region)


@Morphology.feature(ibsi="L0JK", unit="mm", formula=r"\max_{k,l} \|r_k - r_l\|", pyradiomics="Maximum3DDiameter")
def maximum_3d_diameter(m):
    """Largest distance between two points of the surface mesh."""
    return m.diameter


@Morphology.feature(ibsi="TDIC", unit="mm", formula=r"2a = 4 \sqrt{\lambda_{major}}", pyradiomics="MajorAxisLength")
def major_axis_length(m):
    """Length of the ellipsoid with the region's second moments."""
    return m.axes[0]


@Morphology.feature(ibsi="P9VJ", unit="mm", formula=r"2b = 4 \sqrt{\lambda_{minor}}", pyradiomics="MinorAxisLength")
def minor_axis_length(m):
    """Width of the ellipsoid with the region's second moments."""
    return m.axes[1]


@Morphology.feature(ibsi="7J51", unit="mm", formula=r"2c = 4 \sqrt{\lambda_{least}}", pyradiomics="LeastAxisLength")
def least_axis_length(m):
    """Thickness of the ellipsoid with the region's second moments."""
    return m.axes[2]


@Morphology.feature(
    ibsi="Q3CK", unit="1", formula=r"\sqrt{\lambda_{minor} / \lambda_{major}}", pyradiomics="Elongation"
)
def elongation(m):
    """Minor axis divided by the major one: 1 if the region is as wide as it is long; NaN for a single voxel."""
    return ratio(m.axes[1], m.axes[0])


@Morphology.feature(ibsi="N17B", unit="1", formula=r"\sqrt{\lambda_{least} / \lambda_{major}}", pyradiomics="Flatness")
def flatness(m):
    """Least axis divided by the major one: 0 for a single slice; NaN for a single voxel."""
    return ratio(m.axes[2], m.axes[0])


@Morphology.feature(ibsi="PBX1", unit="1", formula=r"\frac{V}{V_{aabb}}")
def volume_density_aabb(m):
    """Part of the axis-aligned bounding box that the region fills."""
    return m.volume / math.prod(m.box)


@Morphology.feature(ibsi="R59B", unit="1", formula=r"\frac{A}{A_{aabb}}")
def area_density_aabb(m):
    """Surface area divided by that of the axis-aligned bounding box."""
    return m.area / _area_of_box(*m.box)


@Morphology.feature(ibsi="ZH1A", unit="1", formula=r"\frac{V}{V_{ombb}}", standardised=False)
def volume_density_ombb(m):
    """Part of the oriented minimum bounding box that the region fills."""
    return m.volume / np.prod(m.oriented_box)


@Morphology.feature(ibsi="IQYR", unit="1", formula=r"\frac{A}{A_{ombb}}", standardised=False)
def area_density_ombb(m):
    """Surface area divided by that of the oriented minimum bounding box."""
    return m.area / _area_of_box(*m.oriented_box)


@Morphology.feature(ibsi="6BDE", unit="1", formula=r"\frac{3 V}{4 \pi a b c}")
def volume_density_aee(m):
    """Volume divided by that of the ellipsoid with the same second moments; NaN if an axis is 0."""
    return ratio(m.volume, math.pi * math.prod(m.axes) / 6)


@Morphology.feature(
    ibsi="RDD2",
    unit="1",
    formula=r"\frac{A}{4 \pi a b \sum_{\nu=0}^{20} \frac{(\alpha \beta)^\nu}{1 - 4 \nu^2}"
    r" P_\nu\left(\frac{\alpha^2 + \beta^2}{2 \alpha \beta}\right)}",
)
def area_density_aee(m):
    """Surface area divided by that of the ellipsoid with the same second moments; NaN if two axes are 0."""
    if m.axes[1] == 0:
        return np.nan
    return m.area / ellipsoid_area(*(length / 2 for length in m.axes))


@Morphology.feature(ibsi="SWZ1", unit="1", formula=r"\frac{3 V}{4 \pi a b c}", standardised=False)
def volume_density_mvee(m):
    """Volume divided by that of the minimum volume enclosing ellipsoid."""
    return 3 * m.volume / (4 * np.pi * np.prod(m.ellipsoid))


@Morphology.feature(ibsi="BRI8", unit="1", formula=r"\frac{A}{A_{mvee}}", standardised=False)
def area_density_mvee(m):
    """Surface area divided by that of the minimum volume enclosing ellipsoid (series as for `area_density_aee`)."""
    return m.area / ellipsoid_area(*m.ellipsoid)


@Morphology.feature(ibsi="R3ER", unit="1", formula=r"\frac{V}{V_{convex}}")
def volume_density_convex_hull(m):
    """Part of the convex hull that the region fills (solidity)."""
    return m.volume / m.hull_volume


@Morphology.feature(ibsi="7T7F", unit="1", formula=r"\frac{A}{A_{convex}}")
def area_density_convex_hull(m):
    """Surface area divided by that of the convex hull."""
    return m.area / m.hull_area


@Morphology.feature(ibsi="99N0", unit="intensity*mm^3", formula=r"V \mu")
def integrated_intensity(m):
    """Volume times average intensity."""
    return m.volume * m.region.mean_intensity


def _area_of_box(z, y, x):
    return 2 * (z * y + z * x + y * x)


def _area_of_sphere(volume):
    return (36 * math.pi * volume**2) ** (1 / 3)
