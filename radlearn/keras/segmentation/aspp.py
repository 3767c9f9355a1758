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

    Examples
    --------
    >>> import numpy as np
    >>> from radlearn import Case
    >>> rng, cases = np.random.default_rng(0), []
    >>> for number in range(8):
    ...     mask = np.zeros((16, 16), bool)
    ...     mask[rng.integers(9) :, :][:7, 4:11] = True
    ...     cases.append(Case(rng.normal(size=mask.shape) + 4 * mask, mask, id=str(number)))
    >>> small = {"patch_shape": (16, 16), "filters": (4, 8), "batch_size": 4, "learning_rate": 0.01}
    >>> segmenter = ASPPSegmenter(**small, epochs=15, random_state=0).fit(cases)
    >>> segmenter.score(cases) > 0.6
    True
    """

    _build = staticmethod(build_aspp)
