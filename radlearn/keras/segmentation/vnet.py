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

    Examples
    --------
    >>> import numpy as np
    >>> from radlearn import Case
    >>> rng, cases = np.random.default_rng(0), []
    >>> for number in range(8):
    ...     mask = np.zeros((8, 8, 8), bool)
    ...     mask[rng.integers(4) :, :][:4, 2:6, 2:6] = True
    ...     cases.append(Case(rng.normal(size=mask.shape) + 4 * mask, mask, id=str(number)))
    >>> small = {"patch_shape": (8, 8, 8), "filters": (4, 8), "batch_size": 4, "learning_rate": 0.01}
    >>> segmenter = VNetSegmenter(**small, epochs=15, random_state=0).fit(cases)
    >>> segmenter.score(cases) > 0.6
    True
    """

    _build = staticmethod(build_vnet)
