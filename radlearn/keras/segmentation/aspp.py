"""ASPPSegmenter: atrous spatial pyramid pooling."""

from radlearn.keras._documentation import with_training
from radlearn.keras.networks.segmentation import build_aspp
from radlearn.keras.segmentation.base import DeepSegmenter


@with_training
class ASPPSegmenter(DeepSegmenter):
    """Segment a region by atrous spatial pyramid pooling, with far fewer weights than a U-Net, 2-D or 3-D.

    Depthwise separable convolutions lead to coarse features; convolutions with dilations 1, 2, 4 and 8, and the mean
    over the image, are computed from these side by side; a decoder leads back to the grid of the image.

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

    _build = staticmethod(build_aspp)
