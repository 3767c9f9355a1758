"""Files of trained networks: our own, in which nothing can run, and those of Keras."""

import json
import warnings
import zipfile
from pathlib import Path

import numpy as np
from sklearn.utils.validation import check_is_fitted

import radlearn
from radlearn.exceptions import RadlearnError, RadlearnWarning
from radlearn.io import FileSource, limits
from radlearn.io.whole import whole_file
from radlearn.keras._backend import load_keras
from radlearn.keras._encoding import Decoder, Encoder, array_bytes, array_of_bytes
from radlearn.keras._estimator import DeepEstimator
from radlearn.keras._training import BUILDING, untouched_generators

FORMAT = 1

KERAS_ENDINGS = (".keras", ".h5")

# Largest description of a network, without its weights; one of hundreds of layers has about a megabyte.
MAX_JSON_BYTES = 2**24

# Parameters that only `fit` uses: what no file can hold of them may be lost.
_FOR_TRAINING = ("augment", "schedule", "random_state", "verbose")


def save_network(estimator, path):
    """Write a trained estimator to a file that holds numbers and text only: a zip of JSON and .npy arrays.

    Such a file is a third as large as one of Keras that holds the state of the optimizer, too; it can be read on any
    backend, and reading it runs nothing that it contains. The folder `memory` is not in it: it belongs to this machine.

    Parameters
    ----------
    estimator : DeepEstimator
        A fitted classifier or segmenter of `radlearn.keras`.
    path : path
        Usually with the ending ``.radlearn``.

    Raises
    ------
    TypeError
        If this is no network, or a parameter that predictions depend on cannot be written, such as an extractor of
        another library.
    ValueError
        If parameters make no sense, or the network was trained with others.

    Warns
    -----
    RadlearnWarning
        If a parameter that only training depends on cannot be written, such as a function; it is None in the file.

    See Also
    --------
    load_network : The way back.
    export_keras : Files for those who use Keras without radlearn.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from radlearn.keras import CNNClassifier
    >>> X, y = np.random.default_rng(0).normal(size=(8, 16, 16)), ["normal", "lesion"] * 4
    >>> classifier = CNNClassifier((16, 16), filters=(4,), dense=4, epochs=1).fit(X, y)
    >>> with TemporaryDirectory() as folder:
    ...     save_network(classifier, f"{folder}/cnn.radlearn")
    ...     twin = load_network(f"{folder}/cnn.radlearn")
    >>> np.array_equal(twin.predict_proba(X), classifier.predict_proba(X))
    True
    """
    _check_is_network(estimator)
    estimator._check_unchanged()  # noqa: SLF001 - a part of the same package
    encoder = Encoder()
    network = {name: value for name, value in estimator._network.items() if not callable(value)}  # noqa: SLF001
    lost = _unwritable(estimator, _FOR_TRAINING)
    if lost:
        warnings.warn(
            f"{path} does not keep the parameters {', '.join(lost)}, which only training depends on: "
            "no file without code can hold a function; set them again before fitting again",
            RadlearnWarning,
            stacklevel=2,
        )
    own_architecture = callable(getattr(estimator, "architecture", None))
    leave_out = [*lost, *(["architecture"] if own_architecture else [])]
    content = {
        "format": FORMAT,
        "radlearn": radlearn.__version__,
        "estimator": encoder.encoded_estimator(estimator, leave_out=leave_out),
        "network": encoder.encoded(network),
        "own_architecture": own_architecture,
    }
    weights = estimator.model_.get_weights()
    content["n_weights"] = len(weights)
    with whole_file(path) as part, zipfile.ZipFile(part, "w") as archive:
        archive.writestr(_entry("network.json"), json.dumps(content, indent=1))
        for folder, arrays in (("arrays", encoder.arrays), ("weights", weights)):
            for number, array in enumerate(arrays):
                archive.writestr(_entry(_member(folder, number)), array_bytes(array))


def load_network(path, *, architecture=None):
    """Read a trained estimator that `save_network` has written.

    Parameters
    ----------
    path : path
    architecture : callable, optional
        The function that has built the network, where it was one of your own: a file holds no code.

    Returns
    -------
    estimator : DeepEstimator
        Ready to predict, on whatever backend there is.

    Raises
    ------
    RadlearnError
        If the file is missing, damaged, of a later format, or names something that is no estimator of radlearn; if its
        weights are NaN or infinite, or its arrays exceed `radlearn.io.limits.MAX_BYTES`; or if `architecture` is
        missing.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from radlearn.keras import CNNClassifier
    >>> def linear(*, input_shape, n_classes):
    ...     import keras
    ...     last = keras.layers.Dense(n_classes, activation="softmax")
    ...     return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), last])
    >>> X, y = np.random.default_rng(0).normal(size=(8, 16, 16)), ["normal", "lesion"] * 4
    >>> classifier = CNNClassifier((16, 16), architecture=linear, epochs=1).fit(X, y)
    >>> with TemporaryDirectory() as folder:
    ...     save_network(classifier, f"{folder}/linear.radlearn")
    ...     twin = load_network(f"{folder}/linear.radlearn", architecture=linear)
    >>> twin.classes_.tolist()
    ['lesion', 'normal']
    """
    content = _content(path)
    try:
        estimator, network, weights = _parts_of(content, path, architecture)
    except RadlearnError:
        raise
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError, RecursionError, OSError) as error:
        raise RadlearnError(f"{path} is damaged: {error}", "copy the file again") from error
    try:
        estimator._restore(network, weights)  # noqa: SLF001 - a part of the same package
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as error:
        raise RadlearnError(f"the weights in {path} do not fit its network: {error}", "copy the file again") from error
    return estimator


def export_keras(estimator, path):
    """Write the network alone as a file of Keras, not compiled, so that every backend can load it.

    Parameters
    ----------
    estimator : DeepEstimator
        Fitted.
    path : path
        With the ending ``.keras``, or ``.h5`` for old programs. What the estimator does to images before the network
        sees them, and the names of the classes, are not in it.

    Raises
    ------
    TypeError
        If this is no network.
    ValueError
        If `path` has another ending.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from radlearn.keras import CNNClassifier
    >>> X, y = np.random.default_rng(0).normal(size=(8, 16, 16)), ["normal", "lesion"] * 4
    >>> classifier = CNNClassifier((16, 16), filters=(4,), dense=4, epochs=1).fit(X, y)
    >>> with TemporaryDirectory() as folder, warnings.catch_warnings(action="ignore"):
    ...     export_keras(classifier, f"{folder}/cnn.keras")
    ...     model = read_keras(f"{folder}/cnn.keras")
    >>> model.input_shape
    (None, 16, 16, 1)
    """
    _check_is_network(estimator)
    if Path(path).suffix not in KERAS_ENDINGS:
        raise ValueError(f"path must end in .keras or .h5, got {path}; save_network writes radlearn's own files")
    with BUILDING, untouched_generators():
        model = estimator._named(estimator._network)  # noqa: SLF001 - a compiled model cannot be loaded elsewhere
    model.set_weights(estimator.model_.get_weights())
    with whole_file(path) as part:
        model.save(part)


def read_keras(path):
    """Read a network from a file of Keras that you trust.

    Parameters
    ----------
    path : path
        A ``.keras`` or ``.h5`` file.

    Returns
    -------
    model : keras.Model
        Not compiled.

    Raises
    ------
    RadlearnError
        If Keras cannot read the file, or refuses it because it holds code.

    Warns
    -----
    RadlearnWarning
        Always: such files can be made to run code in spite of Keras' safe mode. Open those of others in a sandbox only.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import keras
    >>> model = keras.Sequential([keras.Input((16, 16, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    >>> with TemporaryDirectory() as folder, warnings.catch_warnings(action="ignore"):
    ...     model.save(f"{folder}/mine.keras")
    ...     read_keras(f"{folder}/mine.keras").output_shape
    (None, 2)
    """
    warnings.warn(
        f"{path} is a file of Keras, which can be made to run code in spite of the safe mode; "
        "read only files that you trust, and save them with save_network",
        RadlearnWarning,
        stacklevel=2,
    )
    try:
        with BUILDING, untouched_generators():
            return load_keras().models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        raise RadlearnError(f"Keras cannot read {path}: {error}", "check that it is a whole model") from error


def _parts_of(content, path, architecture):
    """Estimator of what the file says, without its network; what the network depends on; its weights."""
    if content["own_architecture"] and architecture is None:
        raise RadlearnError(
            f"the network of {path} was built by a function of your own, which no file without code can hold",
            "pass the function: load_network(path, architecture=...)",
        )
    replaced = {"architecture": architecture} if content["own_architecture"] else {}
    arrays = _Arrays(path)
    decoder = Decoder(lambda number: arrays.read("arrays", number))
    estimator = decoder.decoded_estimator(content["estimator"], **replaced)
    if not isinstance(estimator, DeepEstimator):
        raise RadlearnError(f"{path} holds a {type(estimator).__name__}, which is not a network")
    network = {**decoder.decoded(content["network"]), **replaced}
    weights = [arrays.read("weights", number) for number in range(content["n_weights"])]
    if not all(np.isfinite(array).all() for array in weights):  # with ReLU, answers may look like any others
        raise RadlearnError(f"{path} holds weights that are NaN or infinite", "copy the file again")
    estimator._check_restored(network, weights)  # noqa: SLF001 - a part of the same package
    return estimator, network, weights


def _check_is_network(estimator):
    """Raise an error unless this is a fitted network, alone."""
    if not isinstance(estimator, DeepEstimator):
        raise TypeError(
            f"a file holds one classifier or segmenter of radlearn.keras, got a {type(estimator).__name__}; of a "
            "pipeline pass the step with the network, of a search best_estimator_, and pickle the rest"
        )
    check_is_fitted(estimator)


def _unwritable(estimator, names):
    """Which of the named parameters no file can hold."""
    parameters = estimator.get_params(deep=False)
    return [name for name in names if name in parameters and not _is_writable(parameters[name])]


def _is_writable(value):
    try:
        Encoder().encoded(value)
    except TypeError:
        return False
    return True


def _member(folder, number):
    return f"{folder}/{number:04}.npy"


def _entry(name):
    """Member of a new archive, with the first time that there can be: a clock before 1980 would be an error."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16  # permissions after unpacking
    return entry


def _content(path):
    """What the file says about the estimator, checked as far as it can be without reading arrays."""
    try:
        text = _bytes(path, "network.json", MAX_JSON_BYTES)
    except RadlearnError as error:
        if Path(path).suffix in KERAS_ENDINGS and Path(path).is_file():
            raise RadlearnError(f"{path} is a file of Keras, not of save_network", "read it with read_keras") from error
        raise
    try:
        content = json.loads(text)
        is_known, writer = content["format"] <= FORMAT, content["radlearn"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RadlearnError(
            f"{path} is not a network file, or is damaged: {error}", "read files of Keras with read_keras"
        ) from error
    if not is_known:
        raise RadlearnError(f"{path} has the format {content['format']} of radlearn {writer}", "update radlearn")
    return content


class _Arrays:
    """The arrays of a file, which together are limited as one: a small file can name one of zeros again and again."""

    def __init__(self, path):
        self._path = path
        self._room = limits.MAX_BYTES

    def read(self, folder, number):
        member = _member(folder, number)
        content = _bytes(self._path, member, self._room)
        self._room -= len(content)
        return array_of_bytes(content, f"{member} in {self._path}")


def _bytes(path, member, limit):
    return FileSource(str(path), member=member).read_bytes(limit)
