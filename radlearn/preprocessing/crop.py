"""Crop: the middle of the image."""

import numpy as np

from radlearn._bounding_box import bounding_box
from radlearn._validation import check_choice
from radlearn.base import CohortTransformer
from radlearn.exceptions import GeometryError, MaskError
from radlearn.preprocessing.frame import check_margin_or_shape, framed, margin_in_voxels, shape_for


class Crop(CohortTransformer):
    """Cut voxels off around the image, by a margin or down to a shape.

    Parameters
    ----------
    margin : float or sequence of float, optional
        How much to cut off on each side, in mm, rounded up to voxels: one number, or one per axis in the order
        ``(z, y, x)`` or ``(y, x)``.
    shape : tuple of int, optional
        How many voxels each axis has at most, instead of `margin`; None leaves an axis as it is, and shorter ones stay.
    center : {"image", "mask"}, default="image"
        What lies in the middle of the new `shape`: the center of the image, or the middle of the box around the mask,
        as far as the image reaches. With ``"mask"`` all lesions are cut out at one size.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    GeometryError
        When a case is loaded whose number of axes is not that of `margin` or `shape`, or of which nothing is left.
    MaskError
        When nothing is left of a mask, or a case without one is loaded and ``center="mask"``.

    See Also
    --------
    CropToMask : The part of the image around the region of interest, of its size.
    Pad : The reverse.

    Examples
    --------
    >>> import numpy as np
    >>> Crop(margin=1).fit_transform([np.arange(15.0).reshape(3, 5)])[0].load().image.tolist()
    [[6.0, 7.0, 8.0]]
    """

    def __init__(self, *, margin=None, shape=None, center="image", image_shape=None):
        self.margin = margin
        self.shape = shape
        self.center = center
        self.image_shape = image_shape

    def _check_parameters(self):
        check_margin_or_shape(self.margin, self.shape)
        check_choice("center", self.center, ("image", "mask"))
        if self.center == "mask" and self.shape is None:
            raise ValueError('center="mask" needs shape; to keep a margin around the mask use CropToMask')

    def _transform_volume(self, volume):
        start, shape = self._around_the_center(volume) if self.margin is None else self._within_the_margin(volume)
        part = framed(volume, start, shape)
        if volume.mask is not None and volume.mask.any() and not part.mask.any():
            raise MaskError(
                f"nothing is left of a mask of {np.count_nonzero(volume.mask)} voxels in the middle of the image",
                'crop less, or take center="mask"',
            )
        return part

    def _within_the_margin(self, volume):
        start = margin_in_voxels(self.margin, volume)
        shape = [n - 2 * steps for n, steps in zip(volume.shape, start, strict=True)]
        if min(shape) < 1:
            raise GeometryError(
                f"a margin of {self.margin} mm leaves nothing of an image of shape {volume.shape} and spacing "
                f"{volume.spacing} mm",
                "choose a smaller margin, or shape= instead",
            )
        return start, shape

    def _around_the_center(self, volume):
        shape = [min(n, wanted) for n, wanted in zip(volume.shape, shape_for(self.shape, volume), strict=True)]
        if self.center == "image":
            return [(n - new) // 2 for n, new in zip(volume.shape, shape, strict=True)], shape
        box = None if volume.mask is None else bounding_box(volume.mask)
        if box is None:
            raise MaskError("the case has no mask to crop around, or an empty one", 'take center="image"')
        wanted = [(along.start + along.stop - new) // 2 for along, new in zip(box, shape, strict=True)]
        return [max(0, min(at, n - new)) for at, n, new in zip(wanted, volume.shape, shape, strict=True)], shape
