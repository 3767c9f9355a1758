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
    step; its file stands in `memory`, or in a folder that lives as long as the process, when they are pickled.

    {training notes}
    """

    def __init__(
        self,
        *,
        patch_shape=(128, 128),
        filters=(16, 32, 64, 128),
        dropout=0.2,
        deep_supervision=False,
        loss="dice+crossentropy",
        shape=None,
        spacing=None,
        normalize="image",
        patches_per_case=4,
        foreground_fraction=0.5,
        overlap=0.5,
        threshold=0.5,
        epochs=20,
        batch_size=8,
        augment=None,
        random_state=None,
        learning_rate=1e-3,
        schedule=None,
        validation_fraction=0.0,
        patience=None,
        warm_start=False,
        cache_gb=1.0,
        memory=None,
        n_jobs=None,
        verbose=0,
        image_shape=None,
    ):
        self.patch_shape = patch_shape
        self.filters = filters
        self.dropout = dropout
        self.deep_supervision = deep_supervision
        self.loss = loss
        self.shape = shape
        self.spacing = spacing
        self.normalize = normalize
        self.patches_per_case = patches_per_case
        self.foreground_fraction = foreground_fraction
        self.overlap = overlap
        self.threshold = threshold
        self.epochs = epochs
        self.batch_size = batch_size
        self.augment = augment
        self.random_state = random_state
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.warm_start = warm_start
        self.cache_gb = cache_gb
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.image_shape = image_shape

    _build = staticmethod(build_aspp)
