"""BiasFieldCorrection: the same tissue, equally bright everywhere."""

import numpy as np

from radlearn._known import on_known
from radlearn._validation import check_choice, check_number
from radlearn.base import CohortTransformer
from radlearn.exceptions import ImageReadError
from radlearn.preprocessing._itk import itk_image, load_itk
from radlearn.preprocessing.region import REGIONS, region_mask

# The grid on which the field is estimated keeps at least this many voxels along each axis, if the image has them.
_SMALLEST_SIDE = 8


class BiasFieldCorrection(CohortTransformer):
    """Divide an MR image by its bias field, the smooth field by which the coil has multiplied it (N4).

    The field is a spline that makes the histogram of the region sharper, estimated on a coarser grid, and then taken
    at every voxel of the image. Needs SimpleITK (extra ``itk``). It takes seconds to minutes a case: put `Checkpoint`
    after it.

    Parameters
    ----------
    region : {"image", "foreground", "mask"}, default="foreground"
        Which voxels the field is estimated from: all, those brighter than the background, or those of the (intensity)
        mask. Voxels that are not positive do not count: the logarithm of the image is what is fitted.
    spacing : float, default=4.0
        Spacing of the coarser grid, in mm; voxels of the image are skipped to come close to it.
    n_iterations : sequence of int, default=(50, 50, 50, 50)
        Largest number of iterations at each level; the spline of each level has half the spacing of the one before.
    tolerance : float, default=0.001
        A level ends when the field changes by less (coefficient of variation of the ratio).
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold. Rows without a positive number are left as they are.

    Raises
    ------
    MaskError
        When a case without a mask is loaded and ``region="mask"``.
    ImageReadError
        When a case is loaded that has no positive intensity in its region.
    ImportError
        When a case is loaded and SimpleITK is missing.

    Notes
    -----
    Masks stay as they are. NaN and infinity stay, too, and count as the nearest finite intensity.

    References
    ----------
    Tustison NJ et al. N4ITK: improved N3 bias correction. IEEE Trans Med Imaging 2010;29:1310-20.

    Examples
    --------
    >>> import numpy as np
    >>> tissue = np.full((32, 32), 100.0)
    >>> tissue[8:24, 8:24] = 200
    >>> image = tissue * np.exp(np.linspace(0, 0.5, 32))
    >>> corrected = BiasFieldCorrection(region="image", spacing=2).fit_transform([image])[0].load().image
    >>> for each in image, corrected:
    ...     print(f"{each[0, -1] / each[0, 0]:.1f}")
    1.6
    1.0
    """

    _version = 2

    def __init__(
        self, *, region="foreground", spacing=4.0, n_iterations=(50, 50, 50, 50), tolerance=0.001, image_shape=None
    ):
        self.region = region
        self.spacing = spacing
        self.n_iterations = n_iterations
        self.tolerance = tolerance
        self.image_shape = image_shape

    def _check_parameters(self):
        check_choice("region", self.region, REGIONS)
        check_number("spacing", self.spacing, above=0, hint="spacing is in mm")
        if not np.iterable(self.n_iterations) or len(self.n_iterations) == 0:
            raise ValueError(f"n_iterations must be a sequence of numbers, one per level, got {self.n_iterations!r}")
        for number in self.n_iterations:
            check_number("n_iterations", number, at_least=1, integer=True)
        check_number("tolerance", self.tolerance, above=0)

    def _transform_volume(self, volume):
        region = region_mask(volume, self.region) & np.isfinite(volume.image) & (volume.image > 0)
        if not region.any():
            if self.image_shape is not None:
                return volume
            raise ImageReadError(
                "no intensity of the region is positive, so there is no field to divide by",
                "put BiasFieldCorrection in front of steps that shift intensities, or leave it out",
            )
        field = on_known(volume.image, lambda image: self._field(image, region, volume.spacing))
        corrected = np.divide(volume.image, field, out=volume.image.copy(), where=np.isfinite(field))
        return volume.but(image=corrected)

    def _field(self, image, region, spacing):
        """The field at all voxels."""
        if image[region].min() == image[region].max():
            return np.ones(image.shape)
        sitk = load_itk("BiasFieldCorrection")
        n4 = sitk.N4BiasFieldCorrectionImageFilter()
        n4.SetNumberOfThreads(1)  # sums of several threads differ in the last bits
        n4.SetMaximumNumberOfIterations([int(number) for number in self.n_iterations])
        n4.SetConvergenceThreshold(float(self.tolerance))
        # A spline needs more than one voxel along each axis.
        margins = [(0, 1 if n == 1 else 0) for n in image.shape]
        full, mask = (np.pad(array, margins, mode="edge") for array in (image.astype(np.float32), region))
        places = [_places(n, mm, self.spacing) for n, mm in zip(full.shape, spacing, strict=True)]
        if not mask[np.ix_(*places)].any():  # the region lies between the voxels of the coarser grid
            places = [np.arange(n) for n in full.shape]
        steps = [mm * each[-1] / (len(each) - 1) for mm, each in zip(spacing, places, strict=True)]
        n4.Execute(*(itk_image(sitk, array[np.ix_(*places)], steps) for array in (full, mask.astype(np.uint8))))
        field = np.exp(sitk.GetArrayFromImage(n4.GetLogBiasFieldAsImage(itk_image(sitk, full, spacing))).astype(float))
        return field[tuple(slice(n) for n in image.shape)]


def _places(n, mm, wanted):
    """Voxels of an axis about `wanted` mm apart, with the first and the last: ITK stretches the field up to them."""
    n_places = np.clip(round((n - 1) * mm / wanted) + 1, min(n, _SMALLEST_SIDE), n)
    return np.rint(np.linspace(0, n - 1, n_places)).astype(int)
