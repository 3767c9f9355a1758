"""GradientMagnitude: how steeply the intensities change."""

import numpy as np
from scipy import ndimage

from radlearn._validation import check_flag
from radlearn.filters.base import ImageFilter


class GradientMagnitude(ImageFilter):
    r"""Length of the gradient, from differences between the two neighbors along each axis.

    .. math:: f = \sqrt{\sum_k \left( \frac{x_{k+1} - x_{k-1}}{2 s_k} \right)^2}

    with :math:`s_k` the distance of voxel centers along axis k. Beyond the image, the voxel at the edge is repeated.

    Parameters
    ----------
    use_spacing : bool, default=True
        Whether the distance is that in mm; else it is one voxel along all axes.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    References
    ----------
    ITK, ``GradientMagnitudeImageFilter``; PyRadiomics, image type ``Gradient``.

    Examples
    --------
    >>> print(GradientMagnitude().fit_transform([np.array([[0.0, 2.0, 6.0]])])[0].load().image)
    [[1. 3. 2.]]
    """

    _version = 2

    def __init__(self, *, use_spacing=True, image_shape=None):
        self.use_spacing = use_spacing
        self.image_shape = image_shape

    def _check_parameters(self):
        check_flag("use_spacing", self.use_spacing)

    def _prefixes(self, ndim):  # noqa: ARG002 - the same for all images
        return ["gradient"]

    def _support(self, spacing):
        return (1,) * len(spacing)

    def _responses(self, image, spacing):
        squares = np.zeros(image.shape)
        for axis, step in enumerate(spacing):
            slope = 0.5 / (step if self.use_spacing else 1.0)
            squares += ndimage.correlate1d(image, [-slope, 0.0, slope], axis, output=float, mode="nearest") ** 2
        yield np.sqrt(squares).astype(image.dtype, copy=False)
