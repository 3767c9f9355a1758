"""Checks and conversions of images that the descriptors share."""

from itertools import product

import numpy as np

from radlearn.exceptions import GeometryError, ImageReadError

# Axes of the slices across z, y and x.
PLANES = ("yx", "zx", "zy")


def finite_image(volume):
    """Intensities of a volume, all of them numbers.

    Parameters
    ----------
    volume : Volume

    Returns
    -------
    image : ndarray of shape (z, y, x) or (y, x)
        In double precision.

    Raises
    ------
    ImageReadError
        If an intensity is NaN or infinite: a descriptor sees the whole image.
    """
    n_bad = np.count_nonzero(~np.isfinite(volume.image))
    if n_bad:
        raise ImageReadError(
            f"{n_bad} of {volume.image.size} voxels are NaN or infinite", "repair the image, or crop them away"
        )
    return volume.image.astype(float)


def image_of_ndim(volume, ndim, descriptor, remedy):
    """Intensities of a volume that has the wanted number of axes.

    Parameters
    ----------
    volume : Volume
    ndim : int
    descriptor : str
        Name of the descriptor, for the message.
    remedy : str
        What to do where the volume has another number of axes.

    Returns
    -------
    image : ndarray of shape (z, y, x) or (y, x)

    Raises
    ------
    GeometryError
        If the volume has another number of axes.
    """
    if volume.ndim != ndim:
        raise GeometryError(f"{descriptor} describes {ndim}-D images, this one is {volume.ndim}-D", remedy)
    return finite_image(volume)


def image_2d(volume, descriptor):
    """Intensities of a 2-D volume, shape (y, x), for a descriptor that takes no others; see `image_of_ndim`."""
    return image_of_ndim(volume, 2, descriptor, "take a slice of it")


def unit_range(image):
    """The image between 0, its minimum, and 1, its maximum; a constant image is 0."""
    low, high = float(image.min()), float(image.max())
    return (image - low) / ((high - low) or 1.0)


def resized(image, shape):
    """The image with a given number of pixels along each axis: linear, smoothed where it shrinks.

    Parameters
    ----------
    image : ndarray
    shape : tuple of int, or int
        One number stands for all axes.

    Returns
    -------
    image : ndarray of that shape
    """
    from skimage.transform import resize  # noqa: PLC0415 - scikit-image is slow to import

    shape = (shape,) * image.ndim if np.ndim(shape) == 0 else tuple(shape)
    if image.shape == shape:
        return image
    return resize(image, shape, order=1, mode="edge", anti_aliasing=True, preserve_range=True)


def bright_part(volume, ndim, descriptor, size):
    """Pixels of the resized image that lie above its Otsu threshold.

    Parameters
    ----------
    volume : Volume
    ndim : int
        Number of axes that it must have, as for `image_of_ndim`.
    descriptor : str
        Name of the descriptor, for the message.
    size : int
        Number of pixels along each axis.

    Returns
    -------
    bright : bool ndarray with `size` pixels along each axis
        Nothing is bright where the image is constant.
    """
    from skimage.filters import threshold_otsu  # noqa: PLC0415 - scikit-image is slow to import

    image = image_of_ndim(volume, ndim, f"{descriptor}(ndim={ndim})", f"set ndim={volume.ndim}")
    image = unit_range(resized(image, size))
    return image > threshold_otsu(image) if image.any() else np.zeros(image.shape, dtype=bool)


def planes_of(image):
    """Stacks of slices of an image: itself in 2-D, those across each axis in 3-D.

    Returns
    -------
    planes : dict of str to ndarray of shape (n_slices, rows, columns)
        By the axes of the slices, see `PLANES`.
    """
    if image.ndim == 2:
        return {"yx": image[np.newaxis]}
    return {name: np.moveaxis(image, axis, 0) for axis, name in enumerate(PLANES)}


def cells_of(shape, grid):
    """Slices that cut an image into cells of about equal size, row by row.

    Parameters
    ----------
    shape : tuple of int
        Number of pixels along each axis. Where there are fewer than cells, neighboring cells share them.
    grid : tuple of int
        Number of cells along each axis.

    Returns
    -------
    cells : list of tuple of slice

    Examples
    --------
    >>> cells_of((4, 1), (2, 1))
    [(slice(0, 2, None), slice(0, 1, None)), (slice(2, 4, None), slice(0, 1, None))]
    """
    edges = [
        [slice(n * size // count, max((n + 1) * size // count, n * size // count + 1)) for n in range(count)]
        for size, count in zip(shape, grid, strict=True)
    ]
    return list(product(*edges))


def cell_names(grid):
    """Name of each of the cells of `cells_of`, such as ``"cell0-2"``."""
    return ["cell" + "-".join(map(str, place)) for place in np.ndindex(*grid)]


def evenly_drawn(rows, n_wanted):
    """At most `n_wanted` of the rows, evenly spaced, with the first and the last among them."""
    return rows[np.rint(np.linspace(0, len(rows) - 1, min(len(rows), n_wanted))).astype(int)]
