"""Networks that classify one image."""

from radlearn.keras._backend import load_keras
from radlearn.keras.networks.trunks import TRUNKS


def build_image_network(*, architecture, input_shape, n_classes, **options):
    """Build a network that classifies images.

    Parameters
    ----------
    architecture : str or callable
        Name of a trunk, or a function that builds the model from `input_shape` and `n_classes`.
    input_shape : sequence of int
        Of one image: its axes, then the number of channels.
    n_classes : int
    **options
        Of the trunk: filters, dense, dropout.

    Returns
    -------
    model : keras.Model
        Takes ``(n, *input_shape)`` and gives probabilities ``(n, n_classes)``; its layer ``logits`` gives the scores
        before the softmax. Not compiled.
    """
    if callable(architecture):
        return architecture(input_shape=tuple(input_shape), n_classes=n_classes)
    keras = load_keras()
    inputs = keras.Input(tuple(input_shape))
    return keras.Model(inputs, class_probabilities(TRUNKS[architecture](inputs, **options), n_classes))


def class_probabilities(features, n_classes):
    """Put the last two layers behind features: a linear one named ``logits``, and softmax.

    Parameters
    ----------
    features : KerasTensor of shape (n, k)
    n_classes : int

    Returns
    -------
    probabilities : KerasTensor of shape (n, n_classes)
    """
    layers = load_keras().layers
    return layers.Activation("softmax")(layers.Dense(n_classes, name="logits")(features))
