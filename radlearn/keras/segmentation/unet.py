"""UNetSegmenter: the U-Net, in 2-D and 3-D."""

from radlearn.keras._documentation import with_training
from radlearn.keras.networks.segmentation import build_unet
from radlearn.keras.segmentation.base import DeepSegmenter


@with_training
class UNetSegmenter(DeepSegmenter):
    """Segment a region by a U-Net, 2-D or 3-D.

    An encoder computes features on coarser and coarser grids, and a decoder leads back to the grid of the image; at
    each level, a skip connection gives the decoder the features of the encoder.

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
    >>> from radlearn import Case, Cohort
    >>> rng, cases = np.random.default_rng(0), []
    >>> for number in range(8):
    ...     mask = np.zeros((16, 16), bool)
    ...     mask[rng.integers(9) :, :][:7, 4:11] = True
    ...     cases.append(Case(rng.normal(size=(16, 16)) + 4 * mask, mask, id=str(number)))
    >>> small = {"patch_shape": (16, 16), "filters": (4, 8), "batch_size": 4, "learning_rate": 0.01}
    >>> segmenter = UNetSegmenter(**small, epochs=15, random_state=0).fit(cases)
    >>> segmenter.score(cases) > 0.8
    True
    """

    _build = staticmethod(build_unet)
