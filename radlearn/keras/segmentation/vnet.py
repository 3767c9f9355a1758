"""VNetSegmenter: the V-Net, for volumes."""

from radlearn.keras._documentation import with_training
from radlearn.keras.networks.segmentation import build_vnet
from radlearn.keras.segmentation.base import DeepSegmenter


@with_training
class VNetSegmenter(DeepSegmenter):
    """Segment a region in volumes by a V-Net: residual blocks, and strided convolutions instead of pooling.

    Made for volumes, with a `patch_shape` such as ``(32, 64, 64)``; 2-D images are possible as well.

    Parameters
    ----------
    {segmenter parameters}

    Attributes
    ----------
    {segmenter attributes}

    Raises
    ------
    {segmenter errors}

    Notes
    -----
    {segmenter notes}
    """

    _build = staticmethod(build_vnet)
