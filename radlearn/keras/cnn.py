"""CNNClassifier: the reference network on 2-D images."""

import numpy as np

from radlearn._validation import check_choice, check_number
from radlearn.exceptions import GeometryError, ImageReadError
from radlearn.keras.base import DeepClassifier
from radlearn.keras.networks import build_cnn, smallest_side
from radlearn.preprocessing import NormalizeIntensity, resize_image


class CNNClassifier(DeepClassifier):
    """Convolutional network that classifies 2-D images; the reference for a comparison with radiomics.

    Blocks of a 3x3 convolution with ReLU and 2x2 max pooling, then a dense layer, dropout and softmax; trained with
    Adam on the cross-entropy. Images of any size are resized to `input_shape` with the function behind `ResizeImage`;
    masks are not used (put `CropToMask` in front to show the network the region only).

    Parameters
    ----------
    input_shape : tuple of int, default=(96, 96)
        Rows and columns of the images that the network sees. Put `ResizeImage` with ``keep_aspect=True`` and this shape
        in front where images must not be stretched.
    filters : tuple of int, default=(32, 64, 128)
        Number of filters of each block.
    dense : int, default=256
        Width of the dense layer.
    dropout : float, default=0.5
        Share of the dense layer's outputs that are dropped in training.
    epochs : int, default=10
        Passes over the training cases, at most.
    batch_size : int, default=16
    augment : callable, optional
        ``augment(images, random_state)`` changes one batch of training images, shape ``(n, rows, columns, 1)``, and
        returns it, for instance `random_flips_and_shifts`, or
        ``Augment(rotate=15).on_batch`` of `radlearn.preprocessing`.
    random_state : int, RandomState or None, default=None
        Seed of weights, dropout, order and augmentation. The same seed gives the same weights, bit for bit, on the
        same machine with the same backend.
    learning_rate : float, default=1e-3
    class_weight : {"balanced"}, dict or None, default=None
        Weight of each class in the loss.
    validation_fraction : float, default=0.0
        Part of the patients whose cases are held out, to be watched during training.
    patience : int or None, default=None
        Stop after so many epochs without a lower loss on the cases held out, and go back to the best epoch.
    verbose : int, default=0
        1: progress bar of Keras. 2: one line an epoch.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.
    normalize : {"image", "cohort"} or None, default="image"
        ``"image"``: every image gets mean 0 and standard deviation 1. ``"cohort"``: all images are shifted and scaled
        by mean and standard deviation over the cases given to `fit`, for calibrated intensities (CT). None: as they
        are.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    history_ : dict of str to list of float
        Loss and accuracy after each epoch, ``val_loss`` and ``val_accuracy`` of the cases held out.
    model_ : keras.Model
        The trained network. Its layer ``logits`` gives the scores before the softmax.
    intensity_scale_ : tuple of float
        Mean and standard deviation of the intensities; only with ``normalize="cohort"``.

    Raises
    ------
    GeometryError
        If an image is not 2-D.
    ImageReadError
        If an image cannot be read, or holds NaN or infinity.

    Notes
    -----
    The global random generators of Python and NumPy are given their state back; those of Keras and its backend stay
    seeded. Pickles hold arrays, never a Keras model, and may be used on another backend.

    Examples
    --------
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
        learning_rate=1e-3,
        class_weight=None,
        validation_fraction=0.0,
        patience=None,
        verbose=0,
        image_shape=None,
        normalize="image",
    ):
        self.input_shape = input_shape
        self.filters = filters
        self.dense = dense
        self.dropout = dropout
        self.epochs = epochs
        self.batch_size = batch_size
        self.augment = augment
        self.random_state = random_state
        self.learning_rate = learning_rate
        self.class_weight = class_weight
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.verbose = verbose
        self.image_shape = image_shape
        self.normalize = normalize

    _build = staticmethod(build_cnn)

    def _arguments(self):
        return {
            "input_shape": [int(side) for side in self.input_shape],
            "filters": [int(width) for width in self.filters],
            "dense": int(self.dense),
            "dropout": float(self.dropout),
        }

    def _inputs(self, cohort, *, reset):
        if self.normalize == "image":
            cohort = NormalizeIntensity().fit_transform(cohort)
        images = np.stack([self._image(case) for case in cohort])
        if self.normalize == "cohort":
            if reset:
                self.intensity_scale_ = float(images.mean()), float(images.std()) or 1.0
            mean, deviation = self.intensity_scale_
            images = (images - mean) / deviation
        return images[..., np.newaxis]

    def _image(self, case):
        """Image of one case as the network sees it, before intensities are scaled by the cohort."""
        volume = case.load()
        if volume.ndim != 2:
            raise GeometryError(
                f"CNNClassifier takes 2-D images, this one has shape {volume.shape}",
                "make a case of each slice, Case(image[z], patient=...)",
            ).in_case(case.id, "CNNClassifier")
        if not np.isfinite(volume.image).all():
            raise ImageReadError(
                "the image holds NaN or infinity, which no network can learn from",
                "crop or fill these pixels first",
            ).in_case(case.id, "CNNClassifier")
        return resize_image(volume.image, self.input_shape).astype(np.float32)

    def _check_parameters(self):
        super()._check_parameters()
        if not np.iterable(self.filters) or len(self.filters) == 0:
            raise ValueError(f"filters must be a tuple of at least one number, got {self.filters!r}")
        if not np.iterable(self.input_shape) or len(self.input_shape) != 2:
            raise ValueError(f"input_shape must be a pair (rows, columns), got {self.input_shape!r}")
        for width in self.filters:
            check_number("filters", width, at_least=1, integer=True)
        hint = (
            f"{len(self.filters)} blocks of convolution and pooling leave nothing of a smaller image; use fewer filters"
        )
        for side in self.input_shape:
            check_number("input_shape", side, at_least=smallest_side(len(self.filters)), integer=True, hint=hint)
        check_number("dense", self.dense, at_least=1, integer=True)
        check_number("dropout", self.dropout, at_least=0, below=1)
        check_choice("normalize", self.normalize, ("image", "cohort"), optional=True)
