"""Resample: the same image with another spacing."""

from collections.abc import Sequence

import numpy as np

from radlearn._validation import check_choice, check_flag, check_number
from radlearn.base import CohortTransformer
from radlearn.exceptions import GeometryError, MaskError
from radlearn.preprocessing.grid import INTERPOLATIONS, changed_masks, image_on_grid, mask_on_grid, spaced_grid


class Resample(CohortTransformer):
    """Interpolate image and mask on a grid of another spacing, as the IBSI defines it.

    The centers of both grids coincide, and the new one has ``ceil(n * old / new)`` voxels along each axis; points
    beyond the outermost old voxels take what lies at the edge, in the image and in the mask. The image is not smoothed
    before.

    Parameters
    ----------
    spacing : float or sequence of float or None, default=1.0
        New distance of voxel centers in mm: one number, or one per axis in the order ``(z, y, x)`` or ``(y, x)``,
        where None leaves an axis as it is.
    interpolation : {"nearest", "linear", "cubic"}, default="linear"
        Voxel next to the point, linear along each axis (IBSI: trilinear), or the cubic spline through all voxels
        (tricubic spline).
    mask_interpolation : {"nearest", "linear", "cubic"}, default="linear"
        The same for the mask, taken as 0 and 1.
    mask_threshold : float, default=0.5
        A voxel belongs to the new mask if its interpolated value is at least this; 1e-4 less is tolerated as rounding
        error.
    round_intensities : bool, default=False
        Whether to round to whole numbers, as IBSI does for CT, whose units are whole.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    GeometryError
        When a case is loaded whose number of axes is not that of `spacing`, or which would get too many voxels.
    MaskError
        When a case is loaded whose mask falls between the new voxels.

    Notes
    -----
    A re-segmented intensity mask is interpolated in the same way. NaN stays where it is and does not spread.

    References
    ----------
    Image Biomarker Standardisation Initiative, image processing, interpolation (VTM2, 3WE3).

    Examples
    --------
    >>> import numpy as np
    >>> ramp = np.arange(8.0) * np.ones((4, 1))
    >>> volume = Resample(spacing=(None, 2)).fit_transform([ramp])[0].load()
    >>> volume.spacing, volume.image[0].tolist()
    ((1.0, 2.0), [0.5, 2.5, 4.5, 6.5])
    """

    _version = 2

    def __init__(
        self,
        *,
        spacing: float | Sequence[float] | None = 1.0,
        interpolation="linear",
        mask_interpolation="linear",
        mask_threshold=0.5,
        round_intensities=False,
        image_shape=None,
    ):
        self.spacing = spacing
        self.interpolation = interpolation
        self.mask_interpolation = mask_interpolation
        self.mask_threshold = mask_threshold
        self.round_intensities = round_intensities
        self.image_shape = image_shape

    def _check_parameters(self):
        spacing = (self.spacing,) if _is_single(self.spacing) else tuple(self.spacing)
        if not _is_single(self.spacing) and len(spacing) not in (2, 3):
            raise ValueError(f"spacing must be one number, or one per axis (2 or 3), got {self.spacing!r}")
        for number in spacing:
            check_number(
                "spacing", number, above=0, optional=True, hint="spacing is in mm; None leaves an axis as it is"
            )
        check_choice("interpolation", self.interpolation, INTERPOLATIONS)
        check_choice("mask_interpolation", self.mask_interpolation, INTERPOLATIONS)
        check_number("mask_threshold", self.mask_threshold, above=0, at_most=1)
        check_flag("round_intensities", self.round_intensities)

    def _transform_volume(self, volume):
        spacing = self._new_spacing(volume)
        grid = spaced_grid(volume.shape, volume.spacing, spacing)
        # What is rounded to whole numbers must not have been rounded to single precision before.
        dtype = float if self.round_intensities else volume.image.dtype
        image = image_on_grid(volume.image, grid, self.interpolation, dtype=dtype)
        if self.round_intensities:
            image = np.rint(image).astype(volume.image.dtype)

        def resample_mask(mask):
            new = mask_on_grid(mask, grid, self.mask_interpolation, threshold=self.mask_threshold)
            if mask.any() and not new.any():
                raise MaskError(
                    f"no voxel is left of a mask of {np.count_nonzero(mask)} voxels at a spacing of {spacing} mm",
                    "choose a smaller spacing or a smaller mask_threshold, or leave the case out",
                )
            return new

        return volume.but(
            image=image,
            spacing=spacing,
            affine=grid.affine(volume.affine),
            **changed_masks(volume, resample_mask),
        )

    def _new_spacing(self, volume):
        """One new spacing per axis; the old one where None is asked for."""
        wanted = (self.spacing,) * volume.ndim if _is_single(self.spacing) else tuple(self.spacing)
        if len(wanted) != volume.ndim:
            raise GeometryError(
                f"spacing={self.spacing!r} does not fit an image of shape {volume.shape}",
                f"give one number, or {volume.ndim} (one per axis; None leaves an axis as it is)",
            )
        return tuple(old if new is None else float(new) for new, old in zip(wanted, volume.spacing, strict=True))


def _is_single(spacing):
    return not np.iterable(spacing) or isinstance(spacing, str)
