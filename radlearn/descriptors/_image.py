"""What the descriptors ask of an image."""

import numpy as np

from radlearn.exceptions import GeometryError, ImageReadError


def finite_image(volume):
    """Intensities of a volume, all of them numbers.

    Parameters
    ----------
    volume : Volume

    Returns
    -------
    image : ndarray of shape (z, y, x) or (y, x)

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
    return volume.image


def flat_image(volume, descriptor):
    """Intensities of a 2-D volume.

    Parameters
    ----------
    volume : Volume
    descriptor : str
        Who asks, for the message.

    Returns
    -------
    image : ndarray of shape (y, x)

    Raises
    ------
    GeometryError
        If the volume is 3-D.
    """
    if volume.ndim != 2:
        raise GeometryError(f"{descriptor} describes 2-D images, this one is {volume.ndim}-D", "take a slice of it")
    return finite_image(volume)
