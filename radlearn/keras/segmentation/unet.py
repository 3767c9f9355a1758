"""UNetSegmenter: the U-Net, in 2-D and 3-D."""

from radlearn.keras._documentation import with_training
from radlearn.keras.networks.segmentation import build_unet
from radlearn.keras.segmentation.base import DeepSegmenter


@with_training
class UNetSegmenter(DeepSegmenter):
    """Find a region by a U-Net, 2-D or 3-D.

    Features go down to ever coarser grids and up again, and each level on the way up also sees its twin on the way
    down.

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
