"""Random changes of training images that leave their class as it is, in NumPy."""

import numpy as np

from radlearn._deprecation import deprecated


@deprecated(since="0.2", remove_in="0.4", instead='radlearn.preprocessing.Augment(flip="x", shift=0.1)')
def random_flips_and_shifts(images, random_state, *, max_shift=0.1):
    """Mirror about half of the images left to right and move each by a few pixels, repeating the edge.

    To be passed as ``CNNClassifier(augment=random_flips_and_shifts)``.

    .. deprecated:: 0.2
        ``Augment(flip="x", shift=0.1)`` of `radlearn.preprocessing` changes image and mask, in 2-D and 3-D.

    Parameters
    ----------
    images : ndarray of shape (n, y, x, channels)
        One batch; stays as it is.
    random_state : RandomState
    max_shift : float, default=0.1
        Largest shift along each axis, as a fraction of the side of the image.

    Returns
    -------
    changed : ndarray of the same shape
    """
    n, *sides, _ = images.shape
    flipped = random_state.random_sample(n) < 0.5
    images = np.where(flipped[:, None, None, None], images[:, :, ::-1], images)
    reach = [int(max_shift * side) for side in sides]
    shifts = np.stack([random_state.randint(-pixels, pixels + 1, size=n) for pixels in reach], axis=-1)
    return np.stack([_shifted(image, *shift) for image, shift in zip(images, shifts, strict=True)])


def _shifted(image, down, right):
    rows, columns = (
        np.clip(np.arange(side) - shift, 0, side - 1)
        for side, shift in zip(image.shape[:2], (down, right), strict=True)
    )
    return image[rows[:, None], columns]
