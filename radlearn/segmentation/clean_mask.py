"""CleanMask: remove bridges and small parts from a mask, and fill its holes."""

from math import prod

import numpy as np
from scipy import ndimage
from skimage.segmentation import clear_border

from radlearn._bounding_box import bounding_box
from radlearn._validation import check_choice, check_flag, check_number
from radlearn.exceptions import MaskError
from radlearn.segmentation.base import MaskStep

# Three voxels of 0.3 mm are 0.9 mm, which rounding makes a little more or less; this is a relative error.
_ROUNDING = 1e-6


class CleanMask(MaskStep):
    """Open a mask, drop parts of it that are small or touch the border, and fill its holes, in this order.

    Parameters
    ----------
    opening : float, default=0.0
        Radius in mm of the disk (ball) that must fit into the mask wherever it is kept: cuts thin bridges and drops
        specks.
    border : {"keep", "drop"}, default="keep"
        Whether connected parts that touch the border of the image along y or x are kept or dropped.
    min_size : float, default=0.0
        Smallest connected part that is kept, in mm^3 (3-D) or mm^2 (2-D).
    keep_largest : int, optional
        How many connected parts are kept, the largest first. Default: all.
    fill_holes : bool, default=True
        Whether to fill what the mask encloses.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold. They have no masks.

    Raises
    ------
    MaskError
        When a case without a mask is loaded.

    Notes
    -----
    Voxels that touch at a corner are connected. If nothing is left the mask is empty, as with segmenters.

    Examples
    --------
    >>> import numpy as np
    >>> mask = np.array([[1, 1, 1, 0, 0], [1, 0, 1, 0, 0], [1, 1, 1, 0, 1]])
    >>> CleanMask(keep_largest=1).fit_transform([(np.zeros((3, 5)), mask)])[0].load().mask.astype(int)
    array([[1, 1, 1, 0, 0],
           [1, 1, 1, 0, 0],
           [1, 1, 1, 0, 0]])
    """

    _version = 2

    def __init__(
        self, *, opening=0.0, border="keep", min_size=0.0, keep_largest=None, fill_holes=True, image_shape=None
    ):
        self.opening = opening
        self.border = border
        self.min_size = min_size
        self.keep_largest = keep_largest
        self.fill_holes = fill_holes
        self.image_shape = image_shape

    def _check_parameters(self):
        check_number("opening", self.opening, at_least=0, hint="opening is in mm")
        check_choice("border", self.border, ("keep", "drop"))
        check_number("min_size", self.min_size, at_least=0, hint="min_size is in mm^3, or mm^2")
        check_number("keep_largest", self.keep_largest, at_least=1, integer=True, optional=True)
        check_flag("fill_holes", self.fill_holes)

    def _transform_volume(self, volume):
        return volume if self.image_shape is not None and volume.mask is None else super()._transform_volume(volume)

    def _mask(self, volume):
        if volume.mask is None:
            raise MaskError("the case has no mask to clean", "put a segmenter in front of CleanMask")
        inner = np.zeros(volume.shape, bool)
        inner[..., 1:-1, 1:-1] = True
        # All that happens is decided by the voxels of the mask and those next to them.
        box = bounding_box(volume.mask, margin=1)
        cleaned = np.zeros(volume.shape, bool)
        if box is not None:
            cleaned[box] = self._cleaned(volume.mask[box], inner[box], volume.spacing)
        return cleaned

    def _cleaned(self, mask, inner, spacing):
        """The mask, cleaned; `inner` tells what does not lie on the border of the image."""
        mask = opened(mask, self.opening, spacing) if self.opening else mask
        if self.border == "drop":
            mask = clear_border(mask, mask=inner)
        mask = self._kept_parts(mask, prod(spacing))
        return ndimage.binary_fill_holes(mask) if self.fill_holes else mask

    def _kept_parts(self, mask, voxel_size):
        """Connected parts of a mask that are large enough, and the largest of them."""
        numbers, n_parts = ndimage.label(mask, np.ones((3,) * mask.ndim))
        sizes = np.bincount(numbers.ravel(), minlength=n_parts + 1)[1:]
        largest_first = np.argsort(-sizes, kind="stable")[: self.keep_largest]
        is_kept = np.zeros(n_parts + 1, bool)
        is_kept[1 + largest_first] = sizes[largest_first] * voxel_size >= self.min_size * (1 - _ROUNDING)
        return is_kept[numbers]


def opened(mask, radius, spacing):
    """The part of a mask into which a disk or ball of a radius in mm fits; it may reach over the border of the image.

    Parameters
    ----------
    mask : ndarray of bool of shape (z, y, x) or (y, x)
    radius : float
        In mm.
    spacing : tuple of float
        Distance of voxel centers in mm, in the order of the axes.

    Returns
    -------
    opened : ndarray of bool
    """
    if mask.all():
        return mask
    radius = radius * (1 + _ROUNDING)
    core = ndimage.distance_transform_edt(mask, sampling=spacing) > radius
    if not core.any():
        return core
    return ndimage.distance_transform_edt(~core, sampling=spacing) <= radius
