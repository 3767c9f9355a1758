"""Patches of images: drawn for training, and laid over an image for prediction."""

import itertools

import numpy as np


def drawn_patch(image, mask, shape, foreground_fraction, random_state):
    """Patch around a random voxel: of the mask with some probability, else of the whole image.

    Parameters
    ----------
    image : ndarray of shape (*image, channels)
    mask : ndarray of bool
    shape : tuple of int
        Shape of the patch. Beyond the image its edge is repeated, and the mask is False.
    foreground_fraction : float
        Probability that the voxel is drawn from the mask, if the mask is not empty.
    random_state : RandomState

    Returns
    -------
    patch, mask : ndarray
    """
    places = np.flatnonzero(mask) if random_state.random_sample() < foreground_fraction else ()
    place = random_state.choice(places) if len(places) else random_state.randint(mask.size)
    start = [
        int(np.clip(at - side // 2, 0, max(length - side, 0)))
        for at, side, length in zip(np.unravel_index(place, mask.shape), shape, mask.shape, strict=True)
    ]
    box = tuple(slice(begin, begin + side) for begin, side in zip(start, shape, strict=True))
    return filled(image[box], shape), filled(mask[box][..., np.newaxis], shape, mode="constant")[..., 0]


def filled(image, shape, mode="edge"):
    """Pad an image with channels at the end of each axis until it has at least a shape.

    Parameters
    ----------
    image : ndarray of shape (*image, channels)
    shape : tuple of int
    mode : str, default="edge"
        As for `numpy.pad`.

    Returns
    -------
    filled : ndarray
    """
    missing = [max(side - length, 0) for side, length in zip(shape, image.shape[:-1], strict=True)]
    return np.pad(image, [*((0, more) for more in missing), (0, 0)], mode=mode) if any(missing) else image


def tiled(image, shape, predict, *, overlap=0.5, batch_size=4):
    """Predict an image in tiles that overlap, and join the predictions into one map.

    Where tiles overlap, their values are averaged with weights that fall as a Gaussian from the middle of a tile
    (standard deviation: an eighth of its side). No more than one batch of tiles is held at a time.

    Parameters
    ----------
    image : ndarray of shape (*image, channels)
        An image smaller than a tile is padded.
    shape : tuple of int
        Shape of a tile.
    predict : callable
        ``predict(tiles)`` gives ``(n, *shape)`` from ``(n, *shape, channels)``.
    overlap : float, default=0.5
        Smallest fraction of a tile that the next one covers as well.
    batch_size : int, default=4

    Returns
    -------
    values : ndarray of float32, of the shape of the image without channels
    """
    whole = filled(image, shape)
    weight = _bump(shape)
    total, weights = (np.zeros(whole.shape[:-1], np.float32) for _ in range(2))
    boxes = tile_boxes(whole.shape[:-1], shape, overlap)
    # Few tiles are one batch, of a power of two: each other size would make TensorFlow trace, and JAX compile, again.
    batch_size = min(batch_size, 1 << (len(boxes) - 1).bit_length())
    for start in range(0, len(boxes), batch_size):
        chosen = boxes[start : start + batch_size]
        # The last batch is filled up for the same reason.
        tiles = np.stack([whole[box] for box in [*chosen, *chosen[-1:] * (batch_size - len(chosen))]])
        for box, values in zip(chosen, predict(tiles), strict=False):
            total[box] += weight * values
            weights[box] += weight
    return (total / weights)[tuple(map(slice, image.shape[:-1]))]


def tile_boxes(shape, tile, overlap):
    """Places of tiles that cover an image.

    Parameters
    ----------
    shape : tuple of int
        Shape of the image, at least that of a tile.
    tile : tuple of int
        Shape of a tile.
    overlap : float
        Smallest fraction of a tile that the next one covers as well.

    Returns
    -------
    boxes : list of tuple of slice

    Examples
    --------
    >>> tile_boxes((10,), (4,), 0.5)
    [(slice(0, 4, None),), (slice(2, 6, None),), (slice(4, 8, None),), (slice(6, 10, None),)]
    """
    starts = []
    for length, side in zip(shape, tile, strict=True):
        step = max(1, int(side * (1 - overlap)))
        n = 1 + -(-(length - side) // step)
        starts.append(np.linspace(0, length - side, n).round().astype(int).tolist())
    return [
        tuple(slice(begin, begin + side) for begin, side in zip(place, tile, strict=True))
        for place in itertools.product(*starts)
    ]


def _bump(shape):
    """Gaussian weights of a tile, nowhere zero."""
    weight = np.ones(shape, np.float32)
    for axis, side in enumerate(shape):
        offset = (np.arange(side) - (side - 1) / 2) / max(side / 8, 1)
        along = np.maximum(np.exp(-np.square(offset) / 2), 1e-3).astype(np.float32)
        weight *= along.reshape([-1 if other == axis else 1 for other in range(len(shape))])
    return weight
