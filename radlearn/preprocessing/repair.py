"""RepairPixels: replaces missing, dead and striped intensities."""

import numpy as np
from scipy import ndimage

from radlearn._known import nearest_known
from radlearn._validation import check_number
from radlearn.base import CohortTransformer
from radlearn.exceptions import ImageReadError


class RepairPixels(CohortTransformer):
    """Replace missing intensities, dead or hot pixels and dead lines by the mean of their good neighbors.

    Defects are found and repaired in the plane of rows and columns, the last two axes, where detectors have their
    defects.

    Missing
        NaN or infinite. They are always replaced.
    Dead pixel
        Brighter than all of its eight neighbors, or darker, by more than a multiple of the noise: the deviation of
        pixels from the median of their neighbors.
    Dead line
        A row or a column that differs from the lines on both sides, in most of its pixels and by more than a multiple
        of what lines usually differ by.

    The outermost pixels and lines are not tested: they have neighbors on one side only.

    Parameters
    ----------
    dead_pixels : float or None, default=8
        That multiple, in standard deviations; None leaves all pixels alone. Smaller values find more, and take small
        bright findings (microcalcifications) for defects.
    stripes : float, optional
        The same for lines, for instance 8. Default: lines are not tested.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    ImageReadError
        When a case without a finite intensity is loaded.

    Notes
    -----
    A pixel without a good neighbor takes the nearest good intensity. Masks stay as they are.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.full((5, 5), 7.0)
    >>> image[1, 1], image[3, 3] = np.nan, 255
    >>> print((RepairPixels().fit_transform([image])[0].load().image == 7).all())
    True
    """

    _version = 2

    def __init__(self, *, dead_pixels: float | None = 8, stripes=None, image_shape=None):
        self.dead_pixels = dead_pixels
        self.stripes = stripes
        self.image_shape = image_shape

    def _check_parameters(self):
        for name in ("dead_pixels", "stripes"):
            check_number(name, getattr(self, name), above=0, optional=True, hint="it is in standard deviations")

    def _transform_volume(self, volume):
        known = np.isfinite(volume.image)
        if not known.any():
            raise ImageReadError("the image has no finite intensity to repair it from", "leave the case out")
        image = volume.image.astype(float)
        if not known.all():  # what is missing must not repeat a hot pixel beside it, which then would not stand out
            image = np.where(known, image, _mean_of_good(image, known))
        good = known.copy()
        if self.dead_pixels is not None:
            good &= ~_dead_pixels(image, self.dead_pixels)
        if self.stripes is not None:
            for axis in (-2, -1):
                good &= ~_dead_lines(image, axis, self.stripes)
        if good.all():
            return volume
        return volume.but(image=np.where(good, image, _mean_of_good(image, good)).astype(volume.image.dtype))


def _in_plane(neighborhood, ndim):
    """A neighborhood of 3 x 3 pixels in the last two of `ndim` axes."""
    return np.reshape(neighborhood, (1,) * (ndim - 2) + (3, 3))


def _dead_pixels(image, threshold):
    """Pixels that stand out from all of their neighbors, as a mask."""
    around = {"footprint": _in_plane([[1, 1, 1], [1, 0, 1], [1, 1, 1]], image.ndim).astype(bool), "mode": "nearest"}
    highest, lowest = ndimage.maximum_filter(image, **around), ndimage.minimum_filter(image, **around)
    excess = np.maximum(image - highest, lowest - image)
    textured = highest > lowest
    if not textured.any():
        return excess > 0
    noise = _deviation(image - ndimage.median_filter(image, **around), where=textured)
    return excess > threshold * noise


def _dead_lines(image, axis, threshold):
    """Lines, one for each position along `axis`, that differ from the lines on both sides, as a mask of the image."""
    size = [1] * image.ndim
    size[axis] = 3
    difference = image - ndimage.median_filter(image, size, mode="nearest")
    along = -3 - axis  # the other axis of the plane
    offset = np.abs(np.median(difference, axis=along, keepdims=True))
    usual = 1.4826 * np.median(offset)  # the standard deviation, from the median of a normal distribution
    # Lines of whole grey levels often do not differ at all; then the noise of the mean of a line is what is usual.
    usual = max(usual, _deviation(difference) / np.sqrt(image.shape[along]))
    return np.broadcast_to(offset > threshold * usual, image.shape)


def _deviation(difference, where=True):
    """Standard deviation of normal differences, from their mean absolute value, which outliers move little."""
    return np.sqrt(np.pi / 2) * np.mean(np.abs(difference), where=where)


def _mean_of_good(image, good):
    """Mean of the good pixels among the neighbors of each pixel; the nearest good one where there is none."""
    neighborhood = _in_plane(np.ones((3, 3)), image.ndim)
    total = ndimage.convolve(np.where(good, image, 0.0), neighborhood, mode="constant")
    n_good = ndimage.convolve(good.astype(float), neighborhood, mode="constant")
    mean = total / np.maximum(n_good, 1)
    if n_good.all():
        return mean
    return np.where(n_good > 0, mean, nearest_known(image, good) if good.any() else image)
