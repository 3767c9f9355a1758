"""CNNClassifier: convolutional networks on images, slices of volumes, and volumes."""

from collections.abc import Callable

from radlearn.keras._documentation import with_training
from radlearn.keras._image_classifier import ImageClassifier
from radlearn.keras.networks import build_image_network


@with_training
class CNNClassifier(ImageClassifier):
    """Convolutional network that classifies images: 2-D, slices of volumes (2.5-D), or volumes.

    With ``architecture="cnn"`` it is the reference for a comparison with radiomics: blocks of a convolution of side 3
    with ReLU and max pooling, then a dense layer, dropout and softmax; trained with Adam on the cross-entropy. Images
    of any size are resized to `input_shape` as `ResizeImage` does; masks choose slices, and the network sees them only
    `with_mask` (put `CropToMask` in front to show the network the region only).

    Parameters
    ----------
    input_shape : tuple of int, default=(96, 96)
        Rows and columns of the images that the network sees; slices, rows and columns for volumes. Put `ResizeImage`
        with ``keep_aspect=True`` and this shape in front where images must not be stretched.
    filters : tuple of int, default=(32, 64, 128)
        Number of filters of each block.
    dense : int, default=256
        Width of the dense layer.
    dropout : float, default=0.5
        Share of the dense layer's outputs that are dropped in training.
    architecture : {"cnn", "resnet", "separable"} or callable, default="cnn"
        The reference; a small residual network; one of depthwise separable convolutions. Or a function that builds a
        ``keras.Model`` from ``input_shape=(rows, columns, channels)`` and ``n_classes=``, which gives probabilities.
    slices : "orthogonal", int or None, default=None
        What a 2-D network sees of a volume, as channels: the three slices through the center of the mask, or this many
        neighboring slices around the one in which the mask is largest.
    with_mask : bool, default=False
        Whether the network also sees the mask: as a last channel, 1 inside and 0 outside. It then knows what the
        extractors of a comparison know. Without a mask, the channel is 1 everywhere, which a warning tells where other
        cases have one. Not with `slices`.
    normalize : {"image", "cohort"} or None, default="image"
        ``"image"``: every image gets mean 0 and standard deviation 1. ``"cohort"``: all images are shifted and scaled
        by mean and standard deviation over the cases given to `fit`, for calibrated intensities (CT). None: as they
        are.
    adversarial : dict, optional
        Adversarial training: each batch also holds images that are changed so that they mislead the network as it is,
        within ``epsilon`` in units of the image, for instance ``{"epsilon": 4}``; further options are those of `pgd`
        (default: one step, as in `fgsm`).
    {training parameters}

    Attributes
    ----------
    {training attributes}

    Raises
    ------
    {training errors}

    Notes
    -----
    {training notes}

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(16, 16, 16))
    >>> X[8:, 4:12, 4:12] += 3  # a bright square
    >>> y = ["normal"] * 8 + ["lesion"] * 8
    >>> small = {"filters": (4,), "dense": 16, "dropout": 0.0, "batch_size": 4, "learning_rate": 0.01}
    >>> CNNClassifier((16, 16), **small, random_state=0).fit(X, y).score(X, y)
    1.0
    """

    def __init__(
        self,
        input_shape=(96, 96),
        filters=(32, 64, 128),
        dense=256,
        dropout=0.5,
        epochs=10,
        batch_size=16,
        augment=None,
        random_state=None,
        *,
        architecture: str | Callable = "cnn",
        slices=None,
        with_mask=False,
        normalize: str | None = "image",
        adversarial=None,
        learning_rate=1e-3,
        schedule=None,
        class_weight=None,
        validation_fraction=0.0,
        patience=None,
        warm_start=False,
        cache_gb=1.0,
        memory=None,
        n_jobs=None,
        verbose=0,
        image_shape=None,
    ):
        self.input_shape = input_shape
        self.filters = filters
        self.dense = dense
        self.dropout = dropout
        self.epochs = epochs
        self.batch_size = batch_size
        self.augment = augment
        self.random_state = random_state
        self.architecture = architecture
        self.slices = slices
        self.with_mask = with_mask
        self.normalize = normalize
        self.adversarial = adversarial
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.class_weight = class_weight
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.warm_start = warm_start
        self.cache_gb = cache_gb
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.image_shape = image_shape

    _build = staticmethod(build_image_network)
