"""ResampleLike: the image on the grid of another one."""

from pathlib import Path

import numpy as np

from radlearn._validation import check_choice, check_number
from radlearn.base import CohortTransformer
from radlearn.case import Case
from radlearn.cohort import check_cohort
from radlearn.exceptions import GeometryError, MaskError
from radlearn.preprocessing.frame import smallest
from radlearn.preprocessing.grid import INTERPOLATIONS, changed_masks
from radlearn.preprocessing.moving import moved_image, moved_mask


class ResampleLike(CohortTransformer):
    """Interpolate image and mask at the voxels of a reference, by where both lie in the world.

    For images of one patient or one atlas: every case gets the same grid, so that one mask fits all. The grid of the
    reference is read while fitting, and its intensities do not matter.

    Parameters
    ----------
    reference : path or Case
        The image whose grid is wanted. Required.
    interpolation : {"nearest", "linear", "cubic"}, default="linear"
        Voxel next to the point, linear along each axis, or the cubic spline through all voxels. Masks are interpolated
        linearly, as 0 and 1, and hold what is at least half inside.
    fill_value : float, optional
        Intensity beyond the image. Default: the smallest one of the image.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Attributes
    ----------
    grid_ : tuple
        Shape, spacing (mm) and affine of the reference.

    Raises
    ------
    GeometryError
        When a case is loaded that has another number of axes than the reference, or if only one of them has an affine,
        so that their relative position is unknown. If neither has one, their first voxels coincide.
    MaskError
        When a case is loaded whose mask falls between the new voxels or beyond them.

    Notes
    -----
    Images are neither smoothed before nor registered: the coordinates of the scanner have to be right.

    See Also
    --------
    Resample : Another spacing for each image, with no reference.

    Examples
    --------
    >>> import numpy as np
    >>> from radlearn import Case
    >>> reference = Case(np.zeros((1, 3)), spacing=(1, 2))
    >>> ResampleLike(reference=reference).fit_transform([np.arange(6.0).reshape(1, 6)])[0].load().image.tolist()
    [[0.0, 2.0, 4.0]]
    """

    def __init__(self, *, reference=None, interpolation="linear", fill_value=None, image_shape=None):
        self.reference = reference
        self.interpolation = interpolation
        self.fill_value = fill_value
        self.image_shape = image_shape

    def _check_parameters(self):
        if not isinstance(self.reference, (str, Path, Case)):
            raise TypeError(
                f"reference must be a path or a Case, the image whose grid is wanted, got {self.reference!r:.60}"
            )
        check_choice("interpolation", self.interpolation, INTERPOLATIONS)
        check_number("fill_value", self.fill_value, optional=True)

    def fit(self, X, y=None):
        """Read the grid of the reference.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes
        y : ignored

        Returns
        -------
        self : object
        """
        super().fit(X, y)
        [case] = check_cohort([self.reference])
        volume = case.load()
        self.grid_ = volume.shape, volume.spacing, volume.affine
        return self

    def _transform_volume(self, volume):
        shape, spacing, affine = self.grid_
        matrix = self._matrix(volume)
        fill_value = self.fill_value
        if fill_value is None:
            fill_value = smallest(volume.image)

        def resample_mask(mask):
            new = moved_mask(mask, matrix, shape)
            if mask.any() and not new.any():
                raise MaskError(
                    f"no voxel is left of a mask of {np.count_nonzero(mask)} voxels on the grid of the reference",
                    "check that both show the same place, or choose a finer reference",
                )
            return new

        return volume.but(
            image=moved_image(volume.image, matrix, shape, self.interpolation, fill_value).astype(volume.image.dtype),
            spacing=spacing,
            affine=affine,
            **changed_masks(volume, resample_mask),
        )

    def _matrix(self, volume):
        """Takes an index of the reference to an index of the volume."""
        shape, spacing, affine = self.grid_
        if len(shape) != volume.ndim:
            raise GeometryError(
                f"the image has shape {volume.shape}, the reference {shape}", "take a reference of as many axes"
            )
        if (affine is None) != (volume.affine is None):
            which = "the reference" if affine is None else "the image"
            raise GeometryError(
                f"{which} has no affine, so its place is unknown", "take images that both have one, or none"
            )
        if affine is None:
            return np.diag([*np.divide(spacing, volume.spacing), 1.0])
        return np.linalg.solve(volume.affine, affine)
