"""HybridClassifier: an image and radiomics, joined in front of the last layer."""

from collections.abc import Callable

import numpy as np
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_array

from radlearn.exceptions import RadlearnError
from radlearn.keras._documentation import with_training
from radlearn.keras._feeding import JoinedInputs
from radlearn.keras._image_classifier import ImageClassifier
from radlearn.keras.networks import build_hybrid


@with_training
class HybridClassifier(ImageClassifier):
    """Convolutional network whose last layer also sees the columns of an extractor, such as radiomics.

    Does a network add anything to handcrafted features? What it finds in the image and the columns, scaled to mean 0
    and standard deviation 1 of the training cases, stand side by side in front of the layer that gives the scores.
    Compare it with the extractor in front of a classifier, and with `CNNClassifier`, on the same folds.

    Parameters
    ----------
    extractor : transformer
        Turns the cohort into a table, for instance ``RadiomicsFeatures(bin_width=25, memory="cache")``. What is missing
        in a column (NaN) becomes the mean of its column.
    input_shape : tuple of int, default=(96, 96)
        As for `CNNClassifier`.
    filters : tuple of int, default=(32, 64, 128)
        Number of filters of each block.
    dense : int, default=256
        Width of the dense layer: the number of features that the network adds.
    dropout : float, default=0.5
        Share of the dense layer's outputs that are dropped in training.
    architecture : {"cnn", "resnet", "separable"} or callable, default="cnn"
        As for `CNNClassifier`; a function is also given ``n_features=``, the number of columns, and its model takes a
        pair of images and columns.
    crop : transformer, optional
        What the network alone sees of a case, for instance ``CropToMask(margin=10)``; the extractor sees the whole
        case.
    slices : "orthogonal", int or None, default=None
        As for `CNNClassifier`.
    with_mask : bool, default=False
        As for `CNNClassifier`.
    normalize : {"image", "cohort"} or None, default="image"
        As for `CNNClassifier`.
    {training parameters}

    Attributes
    ----------
    {training attributes}
    extractor_, crop_ : transformer
        The fitted ones; `crop_` is None without `crop`.
    column_means_, column_deviations_ : ndarray of shape (n_features,)
        Of the training cases. The deviation of a constant column is 1. Both are NaN where a column is missing in all
        cases: new cases that have it are treated as if it were missing.

    Raises
    ------
    {training errors}
    RadlearnError
        If all columns are missing in all cases.

    Notes
    -----
    {training notes}

    Examples
    --------
    >>> import numpy as np
    >>> from radlearn.descriptors import IntensityHistogram
    >>> X = np.random.default_rng(0).normal(size=(16, 16, 16))
    >>> X[8:, 4:12, 4:12] += 3  # a bright square
    >>> y = ["normal"] * 8 + ["lesion"] * 8
    >>> small = {"filters": (4,), "dense": 8, "dropout": 0.0, "batch_size": 4, "learning_rate": 0.01}
    >>> hybrid = HybridClassifier(IntensityHistogram(), input_shape=(16, 16), **small, random_state=0)
    >>> hybrid.fit(X, y).score(X, y)
    1.0
    """

    def __init__(
        self,
        extractor,
        *,
        input_shape=(96, 96),
        filters=(32, 64, 128),
        dense=256,
        dropout=0.5,
        architecture: str | Callable = "cnn",
        crop=None,
        slices=None,
        with_mask=False,
        normalize: str | None = "image",
        epochs=10,
        batch_size=16,
        augment=None,
        random_state=None,
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
        self.extractor = extractor
        self.input_shape = input_shape
        self.filters = filters
        self.dense = dense
        self.dropout = dropout
        self.architecture = architecture
        self.crop = crop
        self.slices = slices
        self.with_mask = with_mask
        self.normalize = normalize
        self.epochs = epochs
        self.batch_size = batch_size
        self.augment = augment
        self.random_state = random_state
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

    _build = staticmethod(build_hybrid)

    def _arguments(self):
        return {**super()._arguments(), "n_features": len(self.column_means_)}

    def _check_restored(self, network, weights):
        super()._check_restored(network, weights)
        for values in (self.column_means_, self.column_deviations_):
            if np.shape(values) != (network["n_features"],) or np.isinf(values).any():
                raise ValueError(f"columns are scaled by {values}, there are {network['n_features']} columns")
        if np.less_equal(self.column_deviations_, 0).any():
            raise ValueError(f"columns cannot be divided by {self.column_deviations_}")
        self.extractor_._check_parameters()  # noqa: SLF001 - of radlearn, as all estimators in files
        if self.crop_ is not None:
            self.crop_._check_parameters()  # noqa: SLF001 - as above

    def _inputs(self, cohort, *, reset):
        seen = self._cropped(cohort, reset=reset)
        return JoinedInputs(super()._inputs(seen, reset=reset), self._columns(cohort, reset=reset))

    def _cropped(self, cohort, *, reset):
        """What the network alone sees of the cases."""
        if reset:
            self.crop_ = None if self.crop is None else clone(self.crop)
            return cohort if self.crop_ is None else self.crop_.fit_transform(cohort)
        return cohort if self.crop_ is None else self.crop_.transform(cohort)

    def _columns(self, cohort, *, reset):
        """Scaled columns of the extractor, shape ``(n_cases, n_features)``."""
        if reset:
            self.extractor_ = clone(self.extractor)
            table = self._table(self.extractor_.fit_transform(cohort))
            if np.isnan(table).all():
                raise RadlearnError(
                    f"{type(self.extractor).__name__} gives no number for any case",
                    "check its parameters and the masks",
                )
            with np.errstate(invalid="ignore"):  # a column that is missing in all cases has no mean
                scaler = StandardScaler().fit(table)
            self.column_means_, self.column_deviations_ = scaler.mean_, scaler.scale_
        else:
            table = self._table(self.extractor_.transform(cohort))
            if table.shape[1] != len(self.column_means_):
                raise RadlearnError(
                    f"{type(self.extractor_).__name__} gives {table.shape[1]} columns, "
                    f"{len(self.column_means_)} when the network was trained",
                    "fit it again with an extractor whose columns do not depend on the cases",
                )
        return np.nan_to_num((table - self.column_means_) / self.column_deviations_).astype(np.float32)

    def _table(self, table):
        return check_array(table, dtype=float, ensure_all_finite="allow-nan")

    def _augmentation(self):
        change = super()._augmentation()
        if change is None:
            return None
        return lambda inputs, random_state: (change(inputs[0], random_state), inputs[1])
