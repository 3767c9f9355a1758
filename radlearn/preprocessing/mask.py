"""CropToMask: the part of the image around the region of interest."""

from collections.abc import Sequence

from radlearn._bounding_box import bounding_box
from radlearn._validation import check_flag
from radlearn.base import CohortTransformer
from radlearn.exceptions import MaskError
from radlearn.preprocessing.frame import check_margin, framed, margin_in_voxels


class CropToMask(CohortTransformer):
    """Cut image and mask to the bounding box of the mask.

    Useful before slow steps, since a region is often a hundredth of its image, and for networks that should look at
    the lesion.

    Parameters
    ----------
    margin : float or sequence of float, default=0
        How much further than the mask the box reaches on each side, in mm, rounded up to voxels: one number, or one
        per axis in the order ``(z, y, x)`` or ``(y, x)``. Images without a known spacing have 1 mm per pixel.
    square : bool, default=False
        Whether to widen the shorter of the two sides along y and x, in mm, to the length of the longer one, so that
        `ResizeImage` does not distort the region.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold. They have no masks and are left whole.

    Raises
    ------
    MaskError
        When a case without a mask, or with an empty one, is loaded.
    GeometryError
        When a case is loaded whose number of axes is not that of `margin`.

    Notes
    -----
    The box ends where the image ends. A square one is shifted inwards before it is cut, and stays oblong only where
    the image itself is too narrow.

    Examples
    --------
    >>> import numpy as np
    >>> mask = np.zeros((9, 9), int)
    >>> mask[4, 2:5] = 1
    >>> for step in CropToMask(margin=1), CropToMask(margin=1, square=True):
    ...     print(step.fit_transform([(np.eye(9), mask)])[0].load().shape)
    (3, 5)
    (5, 5)
    """

    def __init__(self, *, margin: float | Sequence[float] = 0, square=False, image_shape=None):
        self.margin = margin
        self.square = square
        self.image_shape = image_shape

    def _check_parameters(self):
        check_margin(self.margin)
        check_flag("square", self.square)

    def _transform_volume(self, volume):
        if volume.mask is None:
            if self.image_shape is not None:
                return volume
            raise MaskError("the case has no mask to crop to", "give it one, or leave CropToMask out")
        box = self._box(volume)
        return framed(volume, [start for start, _ in box], [stop - start for start, stop in box])

    def _box(self, volume):
        """First index and the one after the last, for each axis."""
        box = bounding_box(volume.mask)
        if box is None:
            raise MaskError("the mask is empty, there is nothing to crop to", "draw a region, or leave the case out")
        steps = margin_in_voxels(self.margin, volume)
        wide = [(along.start - step, along.stop + step) for along, step in zip(box, steps, strict=True)]
        if self.square:
            side = max((stop - start) * mm for (start, stop), mm in zip(wide[-2:], volume.spacing[-2:], strict=True))
            wide[-2:] = [
                _lengthened(bounds, round(side / mm), size)
                for bounds, mm, size in zip(wide[-2:], volume.spacing[-2:], volume.shape[-2:], strict=True)
            ]
        return [(max(start, 0), min(stop, size)) for (start, stop), size in zip(wide, volume.shape, strict=True)]


def _lengthened(bounds, length, size):
    """Bounds `length` apart around the same center, shifted into ``0 ... size`` as far as they fit."""
    start, stop = bounds
    start -= (length - (stop - start)) // 2
    start = max(0, min(start, size - length))
    return start, start + length
