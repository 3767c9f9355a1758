"""Pad: more room around the image."""

from radlearn._validation import check_number
from radlearn.base import CohortTransformer
from radlearn.preprocessing.frame import check_margin_or_shape, framed, margin_in_voxels, shape_for
from radlearn.preprocessing.grid import check_size


class Pad(CohortTransformer):
    """Add voxels around the image, by a margin or up to a shape.

    Parameters
    ----------
    margin : float or sequence of float, optional
        How much to add on each side, in mm, rounded up to voxels: one number, or one per axis in the order
        ``(z, y, x)`` or ``(y, x)``.
    shape : tuple of int, optional
        How many voxels each axis has at least, instead of `margin`; None leaves an axis as it is. The image stays in
        the middle, and longer axes as they are.
    fill_value : float, optional
        Intensity of the new voxels. Default: the smallest one of the image, which is background in most modalities.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    GeometryError
        When a case is loaded whose number of axes is not that of `margin` or `shape`, or which would get too many
        voxels.

    See Also
    --------
    Crop : The reverse.

    Examples
    --------
    >>> import numpy as np
    >>> Pad(shape=(1, 4), fill_value=0).fit_transform([np.array([[5.0, 6.0]])])[0].load().image.tolist()
    [[0.0, 5.0, 6.0, 0.0]]
    """

    def __init__(self, *, margin=None, shape=None, fill_value=None, image_shape=None):
        self.margin = margin
        self.shape = shape
        self.fill_value = fill_value
        self.image_shape = image_shape

    def _check_parameters(self):
        check_margin_or_shape(self.margin, self.shape)
        check_number("fill_value", self.fill_value, optional=True)

    def _transform_volume(self, volume):
        if self.shape is None:
            before = margin_in_voxels(self.margin, volume)
            shape = [n + 2 * steps for n, steps in zip(volume.shape, before, strict=True)]
        else:
            shape = [max(n, wanted) for n, wanted in zip(volume.shape, shape_for(self.shape, volume), strict=True)]
            before = [(new - n) // 2 for new, n in zip(shape, volume.shape, strict=True)]
        check_size(shape, volume.shape, "choose a smaller margin or shape; margin is in mm, shape in voxels")
        return framed(volume, [-steps for steps in before], shape, self.fill_value)
