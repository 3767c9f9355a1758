"""FillPadding: replaces the intensity of what the scanner did not measure, by air for instance."""

import numpy as np

from radlearn._validation import check_number
from radlearn.base import CohortTransformer

# Padding lies below all other intensities by more than this fraction of their range.
_APART = 0.1


class FillPadding(CohortTransformer):
    """Give voxels that the scanner never measured another intensity.

    Many scanners measure a circle and write a square. Its corners hold a value far below all others (CT: -2000 or -3024
    HU, where air has -1000), which distorts whatever includes it: means, ranges and histograms of the image, and, after
    interpolation or filtering, the tissue beside it. This step belongs in front of them.

    Parameters
    ----------
    value : float, optional
        The intensity of padding, as DICOM gives it in PixelPaddingValue (rescaled). Default: looked for in each image,
        see `padding_of`.
    fill_value : float, optional
        Intensity that takes its place. Default: the lowest of all others, such as that of air.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Notes
    -----
    An image without padding stays as it is. Masks stay as they are; radiomics of a mask that reaches into the padding
    can leave it out by ``RadiomicsFeatures(resegment_range=...)``. Extreme intensities at the other end, such as those
    of metal, are for `ClipIntensity`.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[-3024.0, -1000, -3024], [-990, 40, 55], [-3024, -995, -3024]])
    >>> print(FillPadding().fit_transform([image])[0].load().image[0])
    [-1000. -1000. -1000.]
    """

    def __init__(self, *, value=None, fill_value=None, image_shape=None):
        self.value = value
        self.fill_value = fill_value
        self.image_shape = image_shape

    def _check_parameters(self):
        for name in ("value", "fill_value"):
            check_number(name, getattr(self, name), optional=True)

    def _transform_volume(self, volume):
        image = volume.image
        # A number of Python is compared in the precision of the image, one of NumPy is not.
        value = padding_of(image) if self.value is None else float(self.value)
        if value is None:
            return volume
        others = image[np.isfinite(image) & (image != value)]
        if others.size in (0, image.size):
            return volume
        fill_value = others.min() if self.fill_value is None else self.fill_value
        return volume.but(image=np.where(image == value, fill_value, image).astype(image.dtype))


def padding_of(image):
    """Intensity that stands for "not measured" in an image, if there is one.

    It is the lowest, occurs more than once, reaches the border of the image, and lies below all others by more than a
    tenth of what those span (from their first to their 99th percentile, so that metal does not count).

    Parameters
    ----------
    image : ndarray of shape (z, y, x) or (y, x)
        NaN and infinity do not count.

    Returns
    -------
    value : float or None
        None if there is no such intensity, or at most one other.

    Examples
    --------
    >>> padding_of(np.array([[-2000.0, -1000, -2000], [-995, 30, 60]]))
    -2000.0
    >>> padding_of(np.array([[0.0, 1, 2], [3, 4, 60]])) is None
    True
    """
    finite = image[np.isfinite(image)]
    if finite.size == 0:
        return None
    value = finite.min()
    others = finite[finite > value]
    if others.size in (0, finite.size - 1) or not _is_at_border(image == value):
        return None
    low, high = np.percentile(others, (1, 99))
    return float(value) if 0 < _APART * (high - low) < others.min() - value else None


def _is_at_border(mask):
    """Whether a mask holds a voxel of the outermost layer."""
    return any(mask.take((0, -1), axis).any() for axis in range(mask.ndim))
