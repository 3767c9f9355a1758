"""HistogramEqualize: more contrast where an image has little."""

from inspect import unwrap

import numpy as np

from radlearn._known import on_known
from radlearn._validation import check_number
from radlearn.base import CohortTransformer
from radlearn.preprocessing.frame import mm_per_axis

# Fewer voxels along each axis have no histogram: of a single voxel, every intensity becomes the largest one.
_SMALLEST_SIDE = 8


class HistogramEqualize(CohortTransformer):
    """Equalize the histogram of each neighborhood, with a limit to its slope (CLAHE).

    The image keeps its range: the smallest and the largest intensity stay about where they are. Intensities lose their
    unit; radiomics of calibrated images (CT, PET) should do without.

    Parameters
    ----------
    tile : float or sequence of float, optional
        Side of a neighborhood in mm: one number, or one per axis; it ends with the image. Default: an eighth of each
        side of the image, but at least 8 voxels.
    clip_limit : float, default=0.01
        Largest fraction of a neighborhood's voxels that one bin may hold; the excess is spread over all bins. Larger
        values give more contrast, and more noise.
    bin_count : int, default=256
        Number of bins of the histogram.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    GeometryError
        When a case is loaded whose number of axes is not that of `tile`.

    Notes
    -----
    NaN and infinity stay where they are and count as the nearest finite intensity. An image of one intensity stays.

    References
    ----------
    Zuiderveld K. Contrast limited adaptive histogram equalization. Graphics Gems IV, 1994;474-85.
    `skimage.exposure.equalize_adapthist`.

    Examples
    --------
    >>> import numpy as np
    >>> dull = np.linspace(0, 1, 64).reshape(8, 8) ** 4
    >>> image = HistogramEqualize(tile=8, clip_limit=0.1).fit_transform([dull])[0].load().image
    >>> print(np.median(image) > 2 * np.median(dull))
    True
    """

    _version = 2

    def __init__(self, *, tile=None, clip_limit=0.01, bin_count=256, image_shape=None):
        self.tile = tile
        self.clip_limit = clip_limit
        self.bin_count = bin_count
        self.image_shape = image_shape

    def _check_parameters(self):
        for number in np.atleast_1d(np.asarray(self.tile, dtype=object)):
            check_number("tile", number, above=0, optional=True, hint="tile is in mm")
        check_number("clip_limit", self.clip_limit, above=0, at_most=1)
        check_number("bin_count", self.bin_count, at_least=2, integer=True)

    def _transform_volume(self, volume):
        return volume.but(image=on_known(volume.image, lambda image: self._equalized(image, volume)))

    def _equalized(self, image, volume):
        from skimage.exposure import equalize_adapthist  # noqa: PLC0415 - scikit-image is slow to import

        low, extent = image.min(), np.ptp(image)
        if extent == 0:
            return image
        equalized = unwrap(equalize_adapthist)  # its wrapper takes the last axis for colors if it has 3 or 4 voxels
        # An integer of NumPy would make scikit-image mix types of integers, which NumPy refuses.
        bin_count = int(self.bin_count)
        return low + extent * equalized((image - low) / extent, self._tile(volume), self.clip_limit, bin_count)

    def _tile(self, volume):
        """Number of voxels of a neighborhood along each axis."""
        if self.tile is None:
            tile = [max(n // 8, _SMALLEST_SIDE) for n in volume.shape]
        else:
            sides = mm_per_axis("tile", self.tile, volume)
            tile = [max(1, round(side / mm)) for side, mm in zip(sides, volume.spacing, strict=True)]
        return np.minimum(tile, volume.shape)
