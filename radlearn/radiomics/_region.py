"""What the families measure: the region of one case, cropped to its bounding box, without large gaps."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from radlearn._bounding_box import box_within, widened
from radlearn.exceptions import MaskError
from radlearn.radiomics import _kernels
from radlearn.radiomics._aggregation import shifts_of
from radlearn.radiomics._gaps import box_around, kept_planes, near, occupied_planes, part_of, plane_positions
from radlearn.radiomics.discretize import Bins

# Fourth powers of larger intensities overflow, and those of smaller differences underflow, in double precision.
LARGEST, SMALLEST_SPAN = 1e75, 1e-75

# Relative error up to which an intensity is as far from the mean as an outlier may just be.
ROUNDING = 1e-9

# What to do about voxels of a region that are NaN or infinite.
REMEDY = "remove them from the mask, or fill them in an earlier step (NaN outside the region does no harm)"


@dataclass(frozen=True)
class TextureOptions:
    """How texture matrices are counted; see `RadiomicsFeatures` for the meaning of each."""

    glcm_distance: int = 1
    glcm_symmetric: bool = True
    weighting_norm: str | None = None
    zone_connectivity: int = 26
    ngtdm_distance: int = 1
    ngldm_distance: int = 1
    ngldm_coarseness: int = 0

    @property
    def reach(self):
        """How far apart two voxels may be that are counted together."""
        return max(self.glcm_distance, self.ngtdm_distance, self.ngldm_distance)


@dataclass(frozen=True, eq=False)
class Region:
    """Image, masks and grey levels of a region; all arrays have the same shape ``(z, y, x)`` or ``(y, x)``.

    Parameters
    ----------
    image : ndarray
        Intensities; whatever lies outside the mask is not read.
    mask : ndarray of bool
        Morphological mask, with at least one voxel.
    intensity_mask : ndarray of bool
        What re-segmentation left of it, at least one voxel.
    spacing : tuple of float
        Distance of voxel centers in mm, in the order of the axes.
    bins : Bins
        How grey levels are made.
    texture : TextureOptions
        How texture matrices are counted.
    ivh_bin_width, ivh_bin_count : float, int, optional
        How the intensity-volume histogram is discretized.
    ivh_range : tuple of two floats or None
        Its lowest and highest intensity; None where these are those of the region.
    whole : ndarray, optional
        The image that the region was cut out of, for what looks beyond the region. Default: `image`.
    box : tuple of slices, optional
        Where in it the region lies.
    kept : tuple of ndarray of int64, optional
        Which planes of the box the arrays hold, for each axis; see `kept_planes`. Default: all.
    """

    image: np.ndarray
    mask: np.ndarray
    intensity_mask: np.ndarray
    spacing: tuple[float, ...]
    bins: Bins = field(default_factory=Bins)
    texture: TextureOptions = field(default_factory=TextureOptions)
    ivh_bin_width: float | None = None
    ivh_bin_count: int | None = None
    ivh_range: tuple[float | None, float | None] = (None, None)
    whole: np.ndarray | None = None
    box: tuple[slice, ...] | None = None
    kept: tuple[np.ndarray, ...] | None = None
    _known: dict = field(default_factory=dict, repr=False)
    _of_masks: dict = field(default_factory=dict, repr=False)

    @cached_property
    def intensities(self):
        """Intensities in the intensity mask; float64 of shape (n_voxels,)."""
        return self.once("intensities", lambda: _kernels.values_inside(as_volume(self.image), self.stretches))

    @cached_property
    def stretches(self):
        """Voxels of the intensity mask that follow each other along x; see `list_stretches` of the kernels."""
        if self.intensity_mask is self.mask:
            return self.mask_stretches
        return self.once_for_masks("stretches", lambda: _stretches(self.intensity_mask))

    @cached_property
    def mask_stretches(self):
        """Those of the morphological mask."""
        return self.once_for_masks("mask stretches", lambda: _stretches(self.mask))

    @cached_property
    def mean_intensity(self):
        """Average of `intensities`."""
        return float(self.intensities.mean())

    @cached_property
    def n_g(self):
        """Number of grey levels."""
        return len(self.level_counts)

    @cached_property
    def level_counts(self):
        """Number of voxels of each grey level from 1; int64 of shape (n_g,)."""
        return self._discretized[1]

    @property
    def shares_one_level(self):
        """Whether grey levels were needed, and different intensities all got the first one."""
        return "_discretized" in vars(self) and self.n_g == 1 and self.intensities.min() < self.intensities.max()

    def padded_levels(self, margin=1):
        """Grey levels from 1, and 0 outside the intensity mask, as a volume with layers of 0 around it.

        Parameters
        ----------
        margin : int
            Number of layers.

        Returns
        -------
        levels : ndarray of int16, shape (z + 2 * margin, y + 2 * margin, x + 2 * margin)
        """
        return self.once(("padded levels", margin), lambda: self._placed_levels(margin))

    def matches(self, directions):
        """Which neighbors along the directions have the level of a voxel; see `match_neighbors` of the kernels.

        Parameters
        ----------
        directions : ndarray of shape (n_directions, 3)
            `DIRECTIONS_2D` or `DIRECTIONS_3D`.

        Returns
        -------
        matches : ndarray of uint16, of the shape of `padded_levels`
        """
        return self.once(("matches", len(directions)), lambda: self._found_matches(directions))

    def with_surroundings(self, margins):
        """The image with what surrounds the region, and the intensity mask on the same grid.

        Parameters
        ----------
        margins : list of int
            Number of voxels around the region, for each axis; fewer where the image ends.

        Returns
        -------
        image : ndarray
        intensity_mask : ndarray of bool
        """
        if self.whole is None:
            return self.image, self.intensity_mask
        if self.kept is not None:
            return self._with_wider_gaps(margins)
        wide = widened(self.box, margins, self.whole.shape)
        if wide == self.box:
            return self.image, self.intensity_mask
        image = np.array(self.whole[wide], order="C")
        mask = np.zeros(image.shape, bool)
        mask[box_within(self.box, wide)] = self.intensity_mask
        return image, mask

    def once(self, key, function):
        """What `function()` gives; computed when a family asks for it first, and kept for the others.

        Parameters
        ----------
        key : hashable
        function : callable
        """
        if key not in self._known:
            self._known[key] = function()
        return self._known[key]

    def once_for_masks(self, key, function):
        """Like `once`, for results that depend on the masks only; other images share them, see `with_image`."""
        if key not in self._of_masks:
            self._of_masks[key] = function()
        return self._of_masks[key]

    def with_image(self, image, bins, **changes):
        """The same masks with another image.

        Parameters
        ----------
        image : ndarray of the shape of the masks
        bins : Bins
        **changes
            Other fields to change.

        Returns
        -------
        region : Region
        """
        # Always contiguous and writable, so that kernels are compiled for one kind of array only.
        return replace(self, image=np.require(image, None, ["C", "W"]), bins=bins, _known={}, **changes)

    @property
    def extent(self):
        """Number of voxels of the bounding box along each axis."""
        return self.mask.shape if self.kept is None else tuple(int(places[-1]) + 1 for places in self.kept)

    @cached_property
    def positions(self):
        """Where the planes of the arrays lie in the bounding box, along z, y and x."""
        return plane_positions(as_volume(self.mask).shape, self.kept)

    @cached_property
    def position_sums(self):
        """Sums over the positions in the morphological mask, as Python integers; see the kernel of that name."""
        return _kernels.position_sums(self.mask_stretches, self.positions).tolist()

    @cached_property
    def _discretized(self):
        return self.bins.grey_levels(self.intensities)

    def _with_wider_gaps(self, margins):
        """As `with_surroundings`: of each gap, so much is left that surroundings do not meet."""
        places = [along.start + kept for along, kept in zip(self.box, self.kept, strict=True)]
        wide = [near(*each) for each in zip(places, margins, self.whole.shape, strict=True)]
        image = np.array(self.whole[np.ix_(*wide)], order="C")
        mask = np.zeros(image.shape, bool)
        mask[np.ix_(*map(np.searchsorted, wide, places))] = self.intensity_mask
        return image, mask

    def _placed_levels(self, margin):
        placed = np.zeros([length + 2 * margin for length in as_volume(self.intensity_mask).shape], np.int16)
        _kernels.place_levels(self.stretches, self._discretized[0], margin, placed)
        return placed

    def _found_matches(self, directions):
        levels = self.padded_levels()
        matches = np.zeros(levels.shape, np.uint16)
        _kernels.match_neighbors(levels, shifts_of(directions, levels.shape), matches)
        return matches


def as_volume(array):
    """A volume as it is, and an image as a volume of one slice; no copy."""
    return array if array.ndim == 3 else array[np.newaxis]


def _stretches(mask):
    return _kernels.list_stretches(as_volume(mask))


def region_of(volume, bins, resegment_range=None, outlier_sigma=None, **options):
    """Crop a volume to its region, and re-segment the intensity mask.

    Parameters
    ----------
    volume : Volume
        Without a mask, the whole volume is the region.
    bins : Bins
        How grey levels are made.
    resegment_range : tuple of two floats, optional
        Lowest and highest intensity (both included) that stay in the intensity mask; None leaves a side open. The
        morphological mask stays as it is (IBSI code USB3).
    outlier_sigma : float, optional
        Intensities up to this many standard deviations from the mean stay in the intensity mask. Mean and standard
        deviation are those before `resegment_range` is applied (IBSI code 7ACA).
    **options
        Further fields of Region: `texture`, `ivh_bin_width`, `ivh_bin_count`, `ivh_range`.

    Returns
    -------
    region : Region

    Raises
    ------
    MaskError
        If the mask is empty, a voxel in it is NaN, infinite or beyond what `check_intensities` allows, or
        re-segmentation leaves nothing.
    """
    whole_mask = volume.region
    planes = occupied_planes(whole_mask)
    box, kept = box_around(planes), kept_planes(planes, options.get("texture", TextureOptions()).reach)
    # Contiguous copies, so that kernels are compiled for one kind of array only.
    image, mask = (np.array(part_of(array, box, kept), order="C") for array in (volume.image, whole_mask))
    intensity_mask, stretches = mask, _stretches(mask)
    found = _kernels.values_inside(as_volume(image), stretches)
    check_intensities(found)
    if volume.intensity_mask is not volume.mask:
        intensity_mask = np.array(part_of(volume.intensity_mask, box, kept), order="C")
    # A number of Python is compared in the precision of the image, in which 0.7 is 0.69999999; one of NumPy is not.
    ranges = [] if resegment_range is None else [[end if end is None else float(end) for end in resegment_range]]
    if outlier_sigma is not None:
        inside = _kernels.values_inside(as_volume(image), _stretches(intensity_mask))
        ranges.append(_usual_range(inside, outlier_sigma))
    for low_and_high in ranges:
        intensity_mask = intensity_mask & _within(image, low_and_high)
    region = Region(
        image,
        mask,
        intensity_mask,
        volume.spacing,
        bins,
        whole=volume.image,
        box=box,
        kept=kept,
        _known={"intensities": found} if intensity_mask is mask else {},
        _of_masks={"mask stretches": stretches},
        **options,
    )
    if region.intensities.size == 0:
        raise MaskError(
            f"no voxel is left in the intensity mask after re-segmentation (resegment_range={resegment_range}, "
            f"outlier_sigma={outlier_sigma}); the intensities in the region go from {found.min():g} to {found.max():g}",
            "check the range and the unit of the image, or the mask",
        )
    return region


def _usual_range(intensities, sigma):
    """Lowest and highest intensity that is no outlier."""
    if intensities.size == 0 or intensities.min() == intensities.max():  # a rounded deviation might exclude them
        return None, None
    # A tenth of all intensities may differ by three deviations exactly, which rounding must not remove.
    mean, reach = intensities.mean(), sigma * intensities.std() * (1 + ROUNDING)
    return mean - reach, mean + reach


def _within(image, low_and_high):
    low, high = low_and_high
    # NaN outside the mask compares as False; beyond single precision, a bound is infinite.
    with np.errstate(invalid="ignore", over="ignore"):
        return (image >= (-np.inf if low is None else low)) & (image <= (np.inf if high is None else high))


def check_intensities(intensities, remedy=REMEDY, largest=LARGEST):
    """Refuse intensities that are NaN or infinite, or whose powers cannot be computed.

    Parameters
    ----------
    intensities : ndarray of shape (n,)
        Those of a region; at least one.
    remedy : str, optional
        What to do about NaN and infinity.
    largest : float, optional
        Limit of magnitudes.

    Raises
    ------
    MaskError
        If one is NaN, infinite or larger than the limit, or if they differ by less than 1e-75.
    """
    lowest, highest = float(intensities.min()), float(intensities.max())
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        bad = np.count_nonzero(~np.isfinite(intensities))
        raise MaskError(f"{bad} of {intensities.size} voxels in the region are NaN or infinite", remedy)
    if max(-lowest, highest) > largest or 0 < highest - lowest < SMALLEST_SPAN:
        raise MaskError(
            f"the intensities in the region go from {lowest:g} to {highest:g}, outside the computable range",
            "check the image, or convert its unit in an earlier step",
        )
