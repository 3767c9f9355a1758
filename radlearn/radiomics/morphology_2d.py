"""Morphology of single images: the shape and size of a region in two dimensions, in mm.

IBSI defines shape in three dimensions only. These are the two-dimensional forms of its features, and of those that
PyRadiomics has for slices.
"""

import math

import numpy as np

from radlearn.radiomics import _kernels
from radlearn.radiomics._contour import contour_area_and_perimeter
from radlearn.radiomics._extent import axis_lengths, centre_of_mass_shift, outer_points
from radlearn.radiomics._family import Family
from radlearn.radiomics._ratio import ratio

NO_CODE = "IBSI defines shape in three dimensions only"


class Morphology2D(Family, name="morphology", ibsi=None, ndim=(2,)):
    """Shape and size of the region in two dimensions."""

    def measure(self):
        """Contour, convex hull and axes."""
        from scipy.spatial import ConvexHull  # noqa: PLC0415 - slow to import, and needed here only

        region = self.region
        self.pixel_area = np.count_nonzero(region.mask) * math.prod(region.spacing)
        self.area, self.perimeter = contour_area_and_perimeter(region.mask, region.spacing)

        hull = ConvexHull(outer_points(region) / 2 * region.spacing)
        corners = hull.points[hull.vertices]
        self.hull_area, self.hull_perimeter = hull.volume, hull.area  # scipy's names are those of three dimensions
        self.diameter = _kernels.largest_distance(corners)

        self.box = np.ptp(corners, axis=0)
        self.axes = axis_lengths(region.position_sums, region.spacing)


@Morphology2D.feature(
    reason=NO_CODE,
    unit="mm^2",
    formula=r"A = \frac{1}{2} \left| \sum_k (x_k y_{k+1} - x_{k+1} y_k) \right|",
    pyradiomics="MeshSurface",
)
def area(m):
    """Area inside the contour."""
    return m.area


@Morphology2D.feature(reason=NO_CODE, unit="mm^2", formula="N_{pixels} A_{pixel}", pyradiomics="PixelSurface")
def pixel_area(m):
    """Area of all pixels of the region."""
    return m.pixel_area


@Morphology2D.feature(reason=NO_CODE, unit="mm", formula=r"P = \sum_k \|r_{k+1} - r_k\|", pyradiomics="Perimeter")
def perimeter(m):
    """Length of the contour, with the edges of holes."""
    return m.perimeter


@Morphology2D.feature(reason=NO_CODE, unit="mm^-1", formula=r"\frac{P}{A}", pyradiomics="PerimeterSurfaceRatio")
def perimeter_to_area_ratio(m):
    """Contour per area: small for large and compact regions."""
    return m.perimeter / m.area


@Morphology2D.feature(reason=NO_CODE, unit="1", formula=r"\frac{4 \pi A}{P^2}")
def circularity(m):
    """Area divided by that of a disc of the same perimeter; 1 for a disc, else less."""
    return 4 * np.pi * m.area / m.perimeter**2


@Morphology2D.feature(reason=NO_CODE, unit="1", formula=r"\frac{2 \sqrt{\pi A}}{P}", pyradiomics="Sphericity")
def sphericity(m):
    """Perimeter of a disc of the same area, divided by that of the region; 1 for a disc, else less."""
    return 2 * np.sqrt(np.pi * m.area) / m.perimeter


@Morphology2D.feature(
    reason=NO_CODE, unit="1", formula=r"\frac{P}{2 \sqrt{\pi A}}", pyradiomics="SphericalDisproportion"
)
def spherical_disproportion(m):
    """Perimeter divided by that of a disc of the same area; 1 for a disc, else more."""
    return m.perimeter / (2 * np.sqrt(np.pi * m.area))


@Morphology2D.feature(reason=NO_CODE, unit="mm", formula=r"\| \bar{r} - \frac{\sum_k x_k r_k}{\sum_k x_k} \|")
def centre_of_mass_shift_(m):
    """Distance of the center of the region from that of its intensities; NaN if the intensities add up to 0."""
    return centre_of_mass_shift(m.region)


@Morphology2D.feature(reason=NO_CODE, unit="mm", formula=r"\max_{k,l} \|r_k - r_l\|", pyradiomics="MaximumDiameter")
def maximum_diameter(m):
    """Largest distance between two points of the contour."""
    return m.diameter


@Morphology2D.feature(
    reason=NO_CODE, unit="mm", formula=r"2a = 4 \sqrt{\lambda_{major}}", pyradiomics="MajorAxisLength"
)
def major_axis_length(m):
    """Length of the ellipse with the region's second moments."""
    return m.axes[0]


@Morphology2D.feature(
    reason=NO_CODE, unit="mm", formula=r"2b = 4 \sqrt{\lambda_{minor}}", pyradiomics="MinorAxisLength"
)
def minor_axis_length(m):
    """Width of the ellipse with the region's second moments."""
    return m.axes[1]


@Morphology2D.feature(
    reason=NO_CODE, unit="1", formula=r"\sqrt{\lambda_{minor} / \lambda_{major}}", pyradiomics="Elongation"
)
def elongation(m):
    """Minor axis divided by the major one: 1 if the region is as wide as it is long; NaN for a single pixel."""
    return ratio(m.axes[1], m.axes[0])


@Morphology2D.feature(reason=NO_CODE, unit="1", formula=r"\frac{A}{A_{aabb}}")
def area_density_aabb(m):
    """Part of the axis-aligned bounding box that the region fills (extent)."""
    return m.area / np.prod(m.box)


@Morphology2D.feature(reason=NO_CODE, unit="1", formula=r"\frac{P}{P_{aabb}}")
def perimeter_density_aabb(m):
    """Perimeter divided by that of the axis-aligned bounding box."""
    return m.perimeter / (2 * m.box.sum())


@Morphology2D.feature(reason=NO_CODE, unit="1", formula=r"\frac{A}{\pi a b}")
def area_density_aee(m):
    """Area divided by that of the ellipse with the same second moments; NaN if an axis is 0."""
    return ratio(m.area, np.pi * np.prod(m.axes) / 4)


@Morphology2D.feature(reason=NO_CODE, unit="1", formula=r"\frac{A}{A_{convex}}")
def area_density_convex_hull(m):
    """Part of the convex hull that the region fills (solidity)."""
    return m.area / m.hull_area


@Morphology2D.feature(reason=NO_CODE, unit="1", formula=r"\frac{P}{P_{convex}}")
def perimeter_density_convex_hull(m):
    """Perimeter divided by that of the convex hull."""
    return m.perimeter / m.hull_perimeter


@Morphology2D.feature(reason=NO_CODE, unit="intensity*mm^2", formula=r"A \mu")
def integrated_intensity(m):
    """Area times average intensity."""
    return m.area * m.region.mean_intensity
