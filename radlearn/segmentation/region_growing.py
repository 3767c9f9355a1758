"""RegionGrowing: the region is what is connected with a seed and about as bright."""

from collections.abc import Sequence

import numpy as np
from skimage.segmentation import flood

from radlearn._validation import check_choice, check_number
from radlearn.exceptions import GeometryError, MaskError
from radlearn.segmentation.base import Segmenter

EXTREMES = {"brightest": np.nanargmax, "darkest": np.nanargmin}
UNITS = ("mm", "voxels", "world")


class RegionGrowing(Segmenter):
    """Grow a region from a seed to all connected voxels whose intensity is close to that of the seed.

    Parameters
    ----------
    seed : "brightest", "darkest", str or sequence of float or str, default="brightest"
        Where to start: at an extreme of the (smoothed) image; at the point that each case holds in its `meta` under
        this name, or under one name for each axis (columns of the cohort's table); or at one point for all cases.
    unit : {"mm", "voxels", "world"}, default="mm"
        How a point is given: from the center of the first voxel in mm or voxels, ``(z, y, x)`` or ``(y, x)``; or in
        world coordinates ``(x, y, z)`` or ``(x, y)`` in mm, as viewers show them.
    tolerance : float, default=1.0
        How far an intensity may lie from that of the seed, in units of `tolerance_unit`.
    tolerance_unit : {"std", "intensity"}, default="std"
        The standard deviation of the (smoothed) image, or the unit of the image.
    sigma : float, default=0.0
        Standard deviation (mm) of the Gaussian that smooths a copy of the image first; the image is not changed.
    background : float, optional
        Standard deviation (mm) of a wider Gaussian. The image smoothed with it is subtracted from that copy, which
        removes slow changes of brightness such as bias or attenuation. Default: nothing is subtracted.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    MaskError
        When a case is loaded that has no such point, or whose seed has no finite intensity.
    GeometryError
        When a case is loaded whose seed lies outside the image or has another number of axes, or which has no world
        coordinates where they are asked for.
    ImageReadError
        When a case is loaded that has no finite intensity.

    Notes
    -----
    Voxels that touch at a corner are connected. The brightest voxel is often noise: with ``seed="brightest"``, choose a
    `sigma` of about the size of the structure.

    References
    ----------
    Adams R, Bischof L. Seeded region growing. IEEE Trans Pattern Anal Mach Intell 1994;16:641-647.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[9.0, 8, 1, 8], [8, 1, 1, 9]])
    >>> grow = RegionGrowing(seed=(0, 1), unit="voxels", tolerance=2, tolerance_unit="intensity")
    >>> grow.fit_transform([image])[0].load().mask.astype(int)
    array([[1, 1, 0, 0],
           [1, 0, 0, 0]])
    """

    def __init__(
        self,
        *,
        seed: str | Sequence = "brightest",
        unit="mm",
        tolerance=1.0,
        tolerance_unit="std",
        sigma=0.0,
        background=None,
        image_shape=None,
    ):
        self.seed = seed
        self.unit = unit
        self.tolerance = tolerance
        self.tolerance_unit = tolerance_unit
        self.sigma = sigma
        self.background = background
        self.image_shape = image_shape

    def _check_parameters(self):
        super()._check_parameters()
        check_choice("unit", self.unit, UNITS)
        check_number("tolerance", self.tolerance, at_least=0)
        check_choice("tolerance_unit", self.tolerance_unit, ("std", "intensity"))
        if not isinstance(self.seed, str) and (not np.iterable(self.seed) or len(self.seed) not in (2, 3)):
            raise TypeError(f"seed must be a name, or 2 or 3 numbers or names, got {self.seed!r}")
        for axis, value in enumerate(self.seed):  # of a single name, its letters
            if not isinstance(value, str):
                check_number(f"seed[{axis}]", value)

    def _segment(self, volume):
        seed = self._seed_voxel(volume)
        if not volume.mask[seed]:
            raise MaskError(f"the seed, voxel {seed}, has no finite intensity", "move it into the structure")
        scale = volume.image[volume.mask].std() if self.tolerance_unit == "std" else 1.0
        # NaN is within no tolerance, so that no region grows over what is not known.
        return flood(np.where(volume.mask, volume.image, np.nan), seed, tolerance=self.tolerance * scale)

    def _seed_voxel(self, volume):
        """Index of the voxel from which the region grows."""
        if isinstance(self.seed, str) and self.seed in EXTREMES:
            position = EXTREMES[self.seed](np.where(volume.mask, volume.image, np.nan))
            return tuple(int(index) for index in np.unravel_index(position, volume.shape))
        point = self._point(volume.meta)
        if len(point) != volume.ndim:
            raise GeometryError(f"the seed {point} does not fit an image of {volume.ndim} axes", "give one number each")
        voxel = tuple(int(index) for index in np.round(self._in_voxels(point, volume)))
        if not all(0 <= index < size for index, size in zip(voxel, volume.shape, strict=True)):
            raise GeometryError(
                f"the seed {point} ({self.unit}) is voxel {voxel}, outside of an image of shape {volume.shape}",
                "check the unit and the order of the axes",
            )
        return voxel

    def _point(self, meta):
        """Coordinates of the seed; names stand for entries of the meta data."""
        try:
            if isinstance(self.seed, str):
                point = meta[self.seed]
            else:
                point = [meta[value] if isinstance(value, str) else value for value in self.seed]
            return tuple(check_number(f"coordinate {axis}", float(value)) for axis, value in enumerate(point))
        except KeyError as error:
            raise MaskError(
                f"the case has no {error} in its meta, which holds: {', '.join(map(str, meta)) or 'nothing'}",
                'name what holds the point, or use seed="brightest"',
            ) from None
        except (TypeError, ValueError) as error:
            raise MaskError(
                f"the seed {self.seed!r} of the case is not a point: {error}", "give one number for each axis"
            ) from error

    def _in_voxels(self, point, volume):
        if self.unit == "voxels":
            return np.array(point)
        if self.unit == "mm":
            return np.array(point) / volume.spacing
        if volume.affine is None:
            raise GeometryError("the case has no world coordinates (affine)", 'give the seed with unit="mm"')
        return np.linalg.solve(volume.affine, [*point, 1.0])[:-1]
