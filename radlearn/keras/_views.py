"""What a 2-D network sees of a volume: 2.5-D, slices as channels."""

import numpy as np


def views(volume, slices):
    """Images that become the channels of what a network is given.

    Parameters
    ----------
    volume : Volume
        Loaded case.
    slices : None, "orthogonal" or int
        None: the image itself. ``"orthogonal"``: the three slices through the center of the mask, across z, y and x.
        A number: so many neighboring slices across z, around the one in which the mask is largest; at the end of the
        volume its last slice is repeated. Without a mask, the center is that of the volume.

    Returns
    -------
    images : list of ndarray
        All with as many axes as the network's image.
    """
    image = volume.image
    if slices is None:
        return [image]
    if slices == "orthogonal":
        z, y, x = _center(volume)
        return [image[z], image[:, y], image[:, :, x]]
    first = _largest_slice(volume) - (slices - 1) // 2
    return list(image[np.clip(np.arange(first, first + slices), 0, len(image) - 1)])


def _center(volume):
    """Index of the voxel nearest to the center of the mask."""
    if volume.mask is None or not volume.mask.any():
        return tuple(length // 2 for length in volume.shape)
    return tuple(round(float(places.mean())) for places in np.nonzero(volume.mask))


def _largest_slice(volume):
    """Index of the slice with the most voxels of the mask."""
    if volume.mask is None or not volume.mask.any():
        return volume.shape[0] // 2
    return int(volume.mask.sum(axis=(1, 2)).argmax())
