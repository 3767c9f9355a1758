"""What a 2-D network sees of a volume: 2.5-D, slices as channels."""

import numpy as np

from radlearn.volume import largest_cross_section


def views(volume, slices):
    """Images that become the channels of what a network is given.

    Parameters
    ----------
    volume : Volume
        Loaded case.
    slices : None, "orthogonal" or int
        None: the image itself. ``"orthogonal"``: the three slices through the center of the mask, across z, y and x.
        A number: that many neighboring slices across z, around the one in which the mask is largest; at the end of the
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
    first = largest_cross_section(volume) - (slices - 1) // 2
    return list(image[np.clip(np.arange(first, first + slices), 0, len(image) - 1)])


def _center(volume):
    """Index of the voxel nearest to the center of the mask."""
    if volume.mask is None or not volume.mask.any():
        return tuple(length // 2 for length in volume.shape)
    return tuple(round(float(places.mean())) for places in np.nonzero(volume.mask))
