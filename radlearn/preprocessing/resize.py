"""ResizeImage: the same image with a given number of pixels."""

import numpy as np

from radlearn._validation import check_choice, check_counts, check_flag, check_number
from radlearn.base import CohortTransformer
from radlearn.exceptions import GeometryError, MaskError
from radlearn.preprocessing.frame import smallest
from radlearn.preprocessing.grid import INTERPOLATIONS, centered_grid, changed_masks, image_on_grid, mask_on_grid
from radlearn.preprocessing.moving import beyond
from radlearn.volume import check_spacing, real_image


class ResizeImage(CohortTransformer):
    """Bring every image to the same number of pixels, for descriptors and neural networks.

    An image that shrinks is smoothed before (Gaussian of standard deviation ``(factor - 1) / 2`` pixels), so that no
    detail falls between the new pixels. The spacing changes with the image; what lay where stays there.

    Parameters
    ----------
    shape : tuple of int, default=(96, 96)
        Number of pixels along each axis: ``(y, x)``, or ``(z, y, x)`` for volumes.
    interpolation : {"nearest", "linear", "cubic"}, default="linear"
        As for `Resample`.
    keep_aspect : bool, default=False
        Whether to scale both axes alike (in mm) and fill the rest, instead of stretching the image to the shape.
    fill_value : float, optional
        Intensity of the rest with ``keep_aspect=True``. Default: the smallest finite one of the image, which is
        background in most modalities.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    GeometryError
        When a case is loaded whose number of axes is not that of `shape`.
    MaskError
        When a case is loaded whose mask is smaller than a new pixel.

    Notes
    -----
    Masks are resized in the same way; a pixel belongs to the new mask if at least half of it does. The fill is outside.
    To measure features on a common grid use `Resample`, which keeps the spacing and not the number of pixels.

    Examples
    --------
    >>> import numpy as np
    >>> volume = ResizeImage(shape=(2, 2)).fit_transform([np.ones((4, 8))])[0].load()
    >>> volume.shape, volume.spacing
    ((2, 2), (2.0, 4.0))
    """

    _version = 3

    def __init__(self, *, shape=(96, 96), interpolation="linear", keep_aspect=False, fill_value=None, image_shape=None):
        self.shape = shape
        self.interpolation = interpolation
        self.keep_aspect = keep_aspect
        self.fill_value = fill_value
        self.image_shape = image_shape

    def _check_parameters(self):
        _check(self.shape, self.interpolation, self.keep_aspect, self.fill_value)

    def _transform_volume(self, volume):
        grid = _resized_grid(volume.shape, volume.spacing, self.shape, keep_aspect=self.keep_aspect)
        image = _resized(volume.image, grid, self.interpolation, self.fill_value)
        return volume.but(
            image=image,
            spacing=tuple(old * scale for old, scale in zip(volume.spacing, grid.scale, strict=True)),
            affine=grid.affine(volume.affine),
            **changed_masks(volume, lambda mask: self._resized_mask(mask, grid)),
        )

    def _resized_mask(self, mask, grid):
        new = mask_on_grid(mask, grid, self.interpolation, anti_alias=True) & ~_beyond(grid, mask.shape)
        if mask.any() and not new.any():
            raise MaskError(
                f"no pixel is left of {np.count_nonzero(mask)} in the mask when {mask.shape} shrinks to {grid.shape}",
                "put CropToMask in front of ResizeImage, or choose a larger shape",
            )
        return new


def resize_image(image, shape, *, spacing=None, interpolation="linear", keep_aspect=False, fill_value=None):
    """Image with a given number of pixels along each axis.

    Parameters
    ----------
    image : ndarray of shape (y, x) or (z, y, x)
    shape : tuple of int
        Number of pixels along each axis.
    spacing : tuple of float, optional
        Distance of pixel centers in mm, for `keep_aspect`. Default: the same along all axes.
    interpolation, keep_aspect, fill_value
        As for `ResizeImage`.

    Returns
    -------
    resized : ndarray
        Of the type of a floating-point image, else float64.

    Raises
    ------
    ImageReadError
        If the image is not a real-valued array of two or three dimensions with at least one pixel.
    GeometryError
        If `shape` or `spacing` has another number of axes than the image.
    TypeError, ValueError
        If another parameter makes no sense.

    Examples
    --------
    >>> resize_image(np.array([[1.0, 3.0]]), (2, 2), keep_aspect=True)
    array([[1., 3.],
           [1., 3.]])
    >>> resize_image(np.full((2, 4), 5.0), (4, 4), keep_aspect=True, fill_value=0)[:, 0]
    array([0., 5., 5., 0.])
    """
    _check(shape, interpolation, keep_aspect, fill_value)
    image = np.asarray(image)
    image = real_image(image.astype(float) if image.dtype.kind in "biu" else image)
    grid = _resized_grid(image.shape, check_spacing(spacing, image.ndim), shape, keep_aspect=keep_aspect)
    return _resized(image, grid, interpolation, fill_value)


def _check(shape, interpolation, keep_aspect, fill_value):
    """Refuse what makes no sense."""
    check_counts("shape", shape)
    check_choice("interpolation", interpolation, INTERPOLATIONS)
    check_number("fill_value", fill_value, optional=True)
    check_flag("keep_aspect", keep_aspect)


def _resized_grid(old_shape, spacing, shape, *, keep_aspect):
    """Grid that covers the whole image: just so, or with one spacing for all axes and a rest beside the image."""
    if len(shape) != len(old_shape):
        raise GeometryError(
            f"shape={tuple(shape)} does not fit an image of shape {old_shape}",
            f"give {len(old_shape)} numbers of pixels, or pass images of {len(shape)} dimensions",
        )
    scale = [old / new for old, new in zip(old_shape, shape, strict=True)]
    if keep_aspect:
        largest = max(mm * factor for mm, factor in zip(spacing, scale, strict=True))
        scale = [largest / mm for mm in spacing]
    return centered_grid(old_shape, tuple(int(n) for n in shape), tuple(scale))


def _resized(image, grid, interpolation, fill_value):
    new = image_on_grid(image, grid, interpolation, anti_alias=True)
    rest = _beyond(grid, image.shape)
    if rest.any():
        new[rest] = smallest(image) if fill_value is None else fill_value
    return new.astype(image.dtype, copy=False)


def _beyond(grid, old_shape):
    return beyond(grid.affine(np.eye(len(old_shape) + 1)), grid.shape, old_shape)
