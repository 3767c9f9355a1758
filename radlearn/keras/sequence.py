"""SequenceClassifier: the slices of a volume, or the images of a patient, one after the other."""

from collections.abc import Callable
from types import MappingProxyType

import joblib
import numpy as np

from radlearn._validation import check_choice, check_flag, check_number
from radlearn.exceptions import CohortError
from radlearn.keras._documentation import with_training
from radlearn.keras._image_classifier import ImageClassifier
from radlearn.keras.networks import build_sequence
from radlearn.preprocessing import resize_image


@with_training
class SequenceClassifier(ImageClassifier):
    """Network that reads images in order: one small CNN for all of them, then a recurrent layer or attention.

    Sequences may have different lengths: what is missing at their ends is masked, and changes nothing.

    Parameters
    ----------
    input_shape : tuple of int, default=(64, 64)
        Rows and columns of each image that the network sees.
    sequence : {"slices", "patient"}, default="slices"
        ``"slices"``: the slices of each volume, across z. ``"patient"``: all images of a patient among the cases, in
        their order, each of them 2-D; cases of one patient have one label, and get one answer.
    length : int, default=32
        Largest number of images that the network reads; longer sequences are sampled at even distances.
    memory_cell : {"lstm", "gru", "attention"}, default="lstm"
        Recurrent layer; or attention, which sums the features of the images with weights that it finds for each, and
        knows no order.
    units : int, default=32
        Width of the recurrent layer, or of the hidden layer that finds the weights.
    bidirectional : bool, default=False
        Whether a second recurrent layer reads backwards.
    filters : tuple of int, default=(16, 32, 64)
        Number of filters of each block.
    dense : int, default=64
        Number of features of each image.
    dropout : float, default=0.3
        Share of them that are dropped in training.
    architecture : {"cnn", "resnet", "separable"} or callable, default="cnn"
        As for `CNNClassifier`; a function is also given ``length=``, and its model takes a pair: images
        ``(n, length, rows, columns, 1)`` and ``(n, length)``, 1 where there is an image and 0 where there is none.
    normalize : {"image", "cohort"} or None, default="image"
        As for `CNNClassifier`; with ``"image"`` the intensities of a volume count together.
    {training parameters}

    Attributes
    ----------
    {training attributes}

    Raises
    ------
    GeometryError
        If a case is no volume, or, with ``sequence="patient"``, no 2-D image.
    ImageReadError
        If an image cannot be read, or holds NaN or infinity.
    CohortError
        If cases of one patient have different labels with ``sequence="patient"``.

    Notes
    -----
    {training notes}

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(12, 6, 16, 16))
    >>> X[6:, 2:4, 4:12, 4:12] += 3  # a bright square in two of the slices
    >>> y = ["normal"] * 6 + ["lesion"] * 6
    >>> small = {"filters": (4,), "dense": 8, "dropout": 0.0, "units": 4, "batch_size": 4, "learning_rate": 0.02}
    >>> SequenceClassifier((16, 16), length=6, **small, epochs=20, random_state=0).fit(X, y).score(X, y)
    1.0
    """

    slices = None  # the sequence takes their place
    _decisive = ("input_shape", "sequence", "length", "normalize")

    def __init__(
        self,
        input_shape=(64, 64),
        *,
        sequence="slices",
        length=32,
        memory_cell="lstm",
        units=32,
        bidirectional=False,
        filters=(16, 32, 64),
        dense=64,
        dropout=0.3,
        architecture: str | Callable = "cnn",
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
        self.input_shape = input_shape
        self.sequence = sequence
        self.length = length
        self.memory_cell = memory_cell
        self.units = units
        self.bidirectional = bidirectional
        self.filters = filters
        self.dense = dense
        self.dropout = dropout
        self.architecture = architecture
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

    _build = staticmethod(build_sequence)

    # What to do about cases with another number of axes than this.
    _remedies = MappingProxyType(
        {
            2: 'choose sequence="slices" for volumes',
            3: 'for 2-D images choose sequence="patient", or CNNClassifier',
        }
    )

    def _check_parameters(self):
        super()._check_parameters()
        if len(self.input_shape) != 2:
            raise ValueError(f"input_shape must be (rows, columns) of each image, got {self.input_shape!r}")
        check_choice("sequence", self.sequence, ("slices", "patient"))
        check_choice("memory_cell", self.memory_cell, ("lstm", "gru", "attention"))
        check_flag("bidirectional", self.bidirectional)
        check_number("length", self.length, at_least=1, integer=True)
        check_number("units", self.units, at_least=1, integer=True)

    def _check_restored(self, network, weights):
        super()._check_restored(network, weights)
        if self.length != network["length"]:
            raise ValueError(f"sequences of {self.length} images are made for a network that takes {network['length']}")

    def _arguments_of_images(self):
        return self.input_shape, self.sequence, self.length

    def _arguments(self):
        return {
            **super()._arguments(),
            "length": int(self.length),
            "memory_cell": self.memory_cell,
            "units": int(self.units),
            "bidirectional": bool(self.bidirectional),
        }

    def _training_positions(self, cohort, targets):
        """All cases, or the first one of each patient, whose sequence is that of all of them."""
        if self.sequence == "slices":
            return super()._training_positions(cohort, targets)
        first = {}
        for position, patient in enumerate(cohort.patients):
            known = first.setdefault(patient, position)
            if targets[known] != targets[position]:
                raise CohortError(
                    f"cases {cohort[known].id!r} and {cohort[position].id!r} of one patient have different labels",
                    'give all cases of a patient one label, or choose sequence="slices"',
                )
        return np.array(list(first.values()))

    def _inputs(self, cohort, *, reset):
        cohort = self._normalized(cohort)
        if self.sequence == "slices":
            return self._scaled(self._lazy(cohort, self._slices, stack=self._padded), reset=reset)
        patients, which = np.unique(cohort.patients, return_inverse=True)
        series = [_Series([cohort[position] for position in np.flatnonzero(which == n)]) for n in range(len(patients))]
        return _Repeated(self._scaled(self._lazy(series, self._images, stack=self._padded), reset=reset), which)

    def _slices(self, case):
        """Slices of a volume, shape ``(n, rows, columns, 1)``."""
        volume = case.load()
        self._check_volume(volume, case, ndim=3)
        return self._resized([volume.image[z] for z in _evenly(volume.shape[0], self.length)])

    def _images(self, series):
        """Images of a patient, shape ``(n, rows, columns, 1)``."""
        cases = [series.cases[position] for position in _evenly(len(series.cases), self.length)]
        volumes = [case.load() for case in cases]
        for volume, case in zip(volumes, cases, strict=True):
            self._check_volume(volume, case, ndim=2)
        return self._resized([volume.image for volume in volumes])

    def _resized(self, images):
        return np.stack([resize_image(image, self.input_shape) for image in images]).astype(np.float32)[..., np.newaxis]

    def _padded(self, sequences):
        """Sequences filled up with zeros to one length, and where there is an image."""
        images = np.zeros((len(sequences), self.length, *sequences[0].shape[1:]), np.float32)
        present = np.zeros((len(sequences), self.length), np.float32)
        for row, sequence in enumerate(sequences):
            images[row, : len(sequence)] = sequence
            present[row, : len(sequence)] = 1
        return images, present

    def _augmentation(self):
        """The images of one sequence change alike: they take the place of channels."""
        change = super()._augmentation()
        if change is None:
            return None

        def on_sequences(inputs, random_state):
            images, present = inputs
            changed = change(np.moveaxis(images[..., 0], 1, -1), random_state)
            return np.moveaxis(changed, -1, 1)[..., np.newaxis].astype(np.float32), present

        return on_sequences


class _Series:
    """Cases that are one sequence."""

    def __init__(self, cases):
        self.cases = cases

    def fingerprint(self):
        return joblib.hash([case.fingerprint() for case in self.cases])


class _Repeated:
    """Inputs of which several cases have the same."""

    def __init__(self, inputs, which):
        self._inputs, self._which = inputs, which

    def __len__(self):
        return len(self._which)

    def __getitem__(self, positions):
        return self._inputs[self._which[positions]]


def _evenly(n, length):
    """At most `length` of n positions, at even distances from the first to the last."""
    return np.arange(n) if n <= length else np.linspace(0, n - 1, length).round().astype(int)
