"""Network that classifies a sequence of images."""

from radlearn.keras._backend import load_keras
from radlearn.keras.networks.image import class_probabilities, own_network
from radlearn.keras.networks.trunks import TRUNKS


def build_sequence(*, architecture, input_shape, length, n_classes, memory_cell, units, bidirectional, **options):
    """Build a network that reads images one after the other.

    One trunk turns each image into features. Then a recurrent layer reads them in order, or attention weighs them: the
    weights are the softmax, over the images that are there, of a small network on the features, and the features are
    summed with these weights.

    Parameters
    ----------
    architecture : str or callable
        Name of the trunk, or a function that builds the model from `input_shape`, `length` and `n_classes`.
    input_shape : sequence of int
        Of one image: its axes, then the number of channels.
    length : int
        Number of images of the longest sequence.
    n_classes : int
    memory_cell : {"lstm", "gru", "attention"}
    units : int
        Width of the recurrent layer, or of the hidden layer that finds the weights.
    bidirectional : bool
        Whether a second recurrent layer reads backwards.
    **options
        Of the trunk: filters, dense, dropout.

    Returns
    -------
    model : keras.Model
        Takes a pair of images ``(n, length, *input_shape)`` and ``(n, length)``, 1 for an image and 0 for padding;
        gives probabilities ``(n, n_classes)``. Not compiled.

    References
    ----------
    M. Ilse et al., Attention-based deep multiple instance learning, ICML 2018.
    """
    if callable(architecture):
        return own_network(architecture, input_shape=tuple(input_shape), length=length, n_classes=n_classes)
    keras = load_keras()
    layers = keras.layers
    images, present = keras.Input((length, *input_shape)), keras.Input((length,))
    features = TRUNKS[architecture](keras.ops.reshape(images, (-1, *input_shape)), **options)
    features = keras.ops.reshape(features, (-1, length, features.shape[-1]))
    if memory_cell == "attention":
        summary = _attended(features, present, units)
    else:
        reader = {"lstm": layers.LSTM, "gru": layers.GRU}[memory_cell](units)
        reader = layers.Bidirectional(reader) if bidirectional else reader
        summary = reader(features, mask=keras.ops.cast(present, "bool"))
    return keras.Model([images, present], class_probabilities(summary, n_classes))


def _attended(features, present, units):
    """Sum of the features of all images, weighted by a small network; padding has no weight."""
    keras = load_keras()
    scores = keras.layers.Dense(1)(keras.layers.Dense(units, activation="tanh")(features))
    # The softmax of so low a score is 0 in single precision; that of minus infinity would be NaN without any image.
    scores = keras.ops.where(keras.ops.expand_dims(present, -1) > 0, scores, -1e9)
    weights = keras.layers.Softmax(axis=1, name="attention")(scores)
    return keras.ops.sum(weights * features, axis=1)
