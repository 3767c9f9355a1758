"""ASPPSegmenter: atrous spatial pyramid pooling."""

from radlearn.keras._documentation import with_training
from radlearn.keras.networks.segmentation import build_aspp
from radlearn.keras.segmentation.base import DeepSegmenter


@with_training
class ASPPSegmenter(DeepSegmenter):
    """Find a region by a network that looks at several distances at once, with far fewer weights than a U-Net.

    Depthwise separable convolutions lead to coarse features; filters whose voxels lie 1, 2, 4 and 8 apart and the mean
    over the image see these side by side; a decoder leads back to the image. In 2-D or 3-D.

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

    _build = staticmethod(build_aspp)
