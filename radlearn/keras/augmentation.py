"""Random changes of training images that leave their class as it is, in NumPy."""

import numpy as np


def random_flips_and_shifts(images, random_state, *, max_shift=0.1):
    """Mirror about half of the images left to right and move each by a few pixels, repeating the edge.

    To be passed as ``CNNClassifier(augment=random_flips_and_shifts)``; images in which left and right differ in
    meaning (heart, liver) need another function of the same form.

    Parameters
    ----------
    images : ndarray of shape (n, y, x, channels)
        One batch; stays as it is.
    random_state : RandomState
    max_shift : float, default=0.1
        Largest shift along each axis, as a part of the side of the image.

    Returns
    -------
    changed : ndarray of the same shape

    Examples
    --------
    >>> images = np.arange(8.0).reshape(2, 2, 2, 1)
    >>> random_flips_and_shifts(images, np.random.RandomState(1), max_shift=0)[..., 0].tolist()
    [[[1.0, 0.0], [3.0, 2.0]], [[4.0, 5.0], [6.0, 7.0]]]
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
