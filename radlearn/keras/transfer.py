"""TransferClassifier: a new head on a network that was trained before."""

import os
import warnings
from pathlib import Path
from typing import NamedTuple

from radlearn._validation import check_choice, check_counts, check_flag, check_number
from radlearn.exceptions import RadlearnError
from radlearn.keras._backend import load_keras
from radlearn.keras._documentation import with_training
from radlearn.keras._image_classifier import ImageClassifier, Preparation, check_slices
from radlearn.keras.files import load_network, read_keras
from radlearn.keras.networks import build_transfer
from radlearn.keras.networks.transfer import application, features_of, single_layers


@with_training
class TransferClassifier(ImageClassifier):
    """Classifier whose features come from a network that was trained on other images.

    First only the new head is trained, on the features of the frozen backbone. Then, with `thaw`, the last layers of
    the backbone are trained, too, at a lower learning rate; its normalizations of the batch stay frozen.

    Parameters
    ----------
    backbone : str or path, default="MobileNetV2"
        Name of a network of ``keras.applications``; or a file of `save_network` with a `CNNClassifier` that was trained
        on another cohort; or a file of Keras (``.keras``, ``.h5``) that you trust. Nothing is downloaded.
    weights : path, optional
        File with the weights of a network of ``keras.applications``. Default: random ones.
    input_shape : tuple of int, optional
        Rows and columns of the images that the network sees. Default: those of the backbone's file, else (96, 96).
    dropout : float, default=0.3
        Share of the backbone's features that are dropped in training.
    thaw : int, default=0
        Number of layers with weights, counted from the end of the backbone, that are trained in the second phase.
    thaw_epochs : int, default=5
        Passes over the training cases in the second phase.
    thaw_learning_rate : float, default=1e-4
        Learning rate while the last layers of the backbone are trained.
    slices : "orthogonal", int or None, default=None
        As for `CNNClassifier`.
    {training parameters}

    Attributes
    ----------
    {training attributes}
        Its layer ``backbone`` gives the features.
    preparation_ : tuple
        Shape of the images that the network sees, their slices, how intensities are scaled, and whether the mask is a
        channel.

    Raises
    ------
    {training errors}
    ValueError
        If there is no such backbone.
    RadlearnError
        If a file cannot be read or does not fit.

    Notes
    -----
    Images for ``keras.applications`` are brought to 0 ... 255 by their 1st and 99th percentile, repeated to three
    channels, and scaled as the backbone asks for. For a file of `save_network` they are prepared as they were for the
    network in it. For files of Keras they get mean 0 and standard deviation 1, and are repeated to as many channels as
    the network takes.

    {training notes}

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(8, 32, 32))
    >>> small = {"input_shape": (32, 32), "epochs": 1, "random_state": 0}
    >>> TransferClassifier("MobileNetV3Small", **small).fit(X, [0, 1] * 4).predict_proba(X).shape
    (8, 2)
    """

    def __init__(
        self,
        backbone: str | os.PathLike = "MobileNetV2",
        *,
        weights=None,
        input_shape=None,
        dropout=0.3,
        thaw=0,
        thaw_epochs=5,
        thaw_learning_rate=1e-4,
        slices=None,
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
        self.backbone = backbone
        self.weights = weights
        self.input_shape = input_shape
        self.dropout = dropout
        self.thaw = thaw
        self.thaw_epochs = thaw_epochs
        self.thaw_learning_rate = thaw_learning_rate
        self.slices = slices
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

    _decisive = ()  # what was learned takes their place: preparation_
    _build = staticmethod(build_transfer)

    def _check_parameters(self):
        super()._check_parameters()
        check_number("dropout", self.dropout, at_least=0, below=1)
        check_number("thaw", self.thaw, at_least=0, integer=True)
        check_number("thaw_epochs", self.thaw_epochs, at_least=1, integer=True)
        check_number("thaw_learning_rate", self.thaw_learning_rate, above=0)

    def _check_preparation(self):
        if self.input_shape is not None:
            check_counts("input_shape", self.input_shape)
        check_slices(self.slices)

    def _check_network(self):
        """Files of the backbone need not be there any more when it predicts."""

    def _check_restored(self, network, weights):
        preparation = self._preparation()
        check_counts("input_shape", preparation.input_shape)
        check_slices(preparation.slices)
        check_choice("normalize", preparation.normalize, ("image", "cohort", "percentile"), optional=True)
        check_flag("with_mask", preparation.with_mask)
        super()._check_restored(network, weights)

    def _preparation(self):
        return Preparation(*self.preparation_)

    def _inputs(self, cohort, *, reset):
        if reset:
            self._source = self._read_backbone()
            self.preparation_ = tuple(self._source.preparation)
        return super()._inputs(cohort, reset=reset)

    def _arguments(self):
        return {
            "backbone": self._source.arguments,
            "input_shape": self._shape_of_input(),
            "dropout": float(self.dropout),
        }

    def _read_backbone(self):
        """What the backbone is, how it wants its images, and its weights."""
        if self.weights is not None and not Path(self.weights).is_file():
            raise ValueError(f"weights={os.fspath(self.weights)!r} is not a file; nothing is downloaded")
        path = Path(self.backbone)
        if path.suffix in (".keras", ".h5"):
            return self._of_keras(read_keras(path))
        if path.is_file():
            return self._of_radlearn(load_network(path))
        application(self.backbone)  # refuses an unknown name
        preparation = Preparation(tuple(self.input_shape or (96, 96)), self.slices, "percentile")
        return _Backbone({"application": self.backbone}, preparation)

    def _of_radlearn(self, source):
        if type(source).__name__ != "CNNClassifier":
            raise RadlearnError(
                f"{self.backbone} holds a {type(source).__name__}", "only a CNNClassifier can be the backbone"
            )
        known = source._preparation()  # noqa: SLF001 - a relative
        shape = known.input_shape if self.input_shape is None else tuple(self.input_shape)
        slices = known.slices if self.slices is None else self.slices
        weights = features_of(source.model_).get_weights()
        preparation = known._replace(input_shape=shape, slices=slices)
        return _Backbone({"network": source._network}, preparation, weights)  # noqa: SLF001

    def _of_keras(self, model):
        sides = model.input_shape[1:-1]
        shape = tuple(self.input_shape or sides)
        if None in shape:
            raise RadlearnError(f"{self.backbone} takes images of any shape", "choose input_shape")
        weights = features_of(model).get_weights()
        return _Backbone({"keras": model.to_json()}, Preparation(shape, self.slices, "image"), weights)

    def _initial_model(self, network):
        try:
            model = super()._initial_model(network)
        except ValueError as error:
            raise RadlearnError(
                f"the backbone {self.backbone} does not take images of shape {tuple(network['input_shape'])}: {error}",
                "choose another input_shape; of a file, leave it out",
            ) from error
        try:
            if self._source.weights is not None:
                model.get_layer("backbone").set_weights(self._source.weights)
            elif self.weights is not None:
                with warnings.catch_warnings():
                    warnings.simplefilter("error", UserWarning)  # that some layers keep their random weights
                    model.get_layer("backbone").load_weights(self.weights)
        except (ValueError, OSError, KeyError, UserWarning) as error:
            raise RadlearnError(
                f"the weights do not fit the backbone {self.backbone}: {error}",
                "give input_shape as it was in training, and weights without the last layers",
            ) from error
        return model

    def _compile(self, learning_rate):
        self._freeze(0)
        super()._compile(learning_rate)

    def _freeze(self, n_thawed):
        """Let only the last layers of a trained backbone learn; one with random weights learns as a whole."""
        keras = load_keras()
        backbone = self._model.get_layer("backbone")
        backbone.trainable = True
        if self._source.weights is None and self.weights is None:
            return
        with_weights = [layer for layer in single_layers(backbone) if layer.weights]
        for n_behind, layer in enumerate(reversed(with_weights)):
            layer.trainable = n_behind < n_thawed and not isinstance(layer, keras.layers.BatchNormalization)

    def _trained(self, feed, held_out, *, epochs, random_state, attack):
        options = {"random_state": random_state, "attack": attack}
        history = super()._trained(feed, held_out, epochs=epochs, **options)
        if self.thaw:
            weights = self._model.get_weights()
            self._freeze(self.thaw)
            super()._compile(self.thaw_learning_rate)
            later = super()._trained(feed, held_out, epochs=self.thaw_epochs, **options)
            if self.patience is not None and min(later["val_loss"]) >= min(history["val_loss"]):
                self._model.set_weights(weights)  # of the best epoch, which came before
            history = {name: [*values, *later.get(name, [])] for name, values in history.items()}
        return history

    def __getstate__(self):
        return {name: value for name, value in super().__getstate__().items() if name != "_source"}


class _Backbone(NamedTuple):
    """What a trained network brings along."""

    arguments: dict
    preparation: Preparation
    weights: list | None = None
