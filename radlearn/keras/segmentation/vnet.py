"""VNetSegmenter: the V-Net, for volumes."""

from radlearn.keras._documentation import with_training
from radlearn.keras.networks.segmentation import build_vnet
from radlearn.keras.segmentation.base import DeepSegmenter


@with_training
class VNetSegmenter(DeepSegmenter):
    """Find a region in volumes by a V-Net: residual blocks, and strided convolutions instead of pooling.

    Made for volumes, with a `patch_shape` such as ``(32, 64, 64)``; images will do, too.

    Parameters
    ----------
    patch_shape : tuple of int, default=(128, 128)
        Voxels of a patch along each axis, two or three; multiples of 2 to the power of ``len(filters) - 1``.
    filters : tuple of int, default=(16, 32, 64, 128)
        Number of filters of each level, from the finest.
    {segmenter parameters}

    Attributes
    ----------
    {segmenter attributes}

    Raises
    ------
    MaskError
        If a training case has no mask.
    GeometryError
        If an image has another number of axes than a patch.
    ImageReadError
        If an image cannot be read, or holds NaN or infinity.

    Notes
    -----
    Trained on patches around random voxels; predicted by tiles that overlap, whose probabilities are averaged with
    Gaussian weights, so that images of any size are segmented in bounded memory. Cases carry the network as a pending
    step; when they are pickled, its file is in `memory`, or in a folder that lives as long as the process.

    {training notes}
    """

    _build = staticmethod(build_vnet)
