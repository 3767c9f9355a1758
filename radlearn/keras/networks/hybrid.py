"""Network that classifies an image together with columns of a table."""

from radlearn.keras._backend import load_keras
from radlearn.keras.networks.image import class_probabilities, own_network
from radlearn.keras.networks.trunks import TRUNKS


def build_hybrid(*, architecture, input_shape, n_features, n_classes, **options):
    """Build a network whose last layer sees the features of an image and the columns of a table side by side.

    Parameters
    ----------
    architecture : str or callable
        Name of the trunk for the image, or a function that builds the model from `input_shape`, `n_features` and
        `n_classes`.
    input_shape : sequence of int
        Of one image: its axes, then the number of channels.
    n_features : int
        Number of columns.
    n_classes : int
    **options
        Of the trunk: filters, dense, dropout.

    Returns
    -------
    model : keras.Model
        Takes a pair of ``(n, *input_shape)`` and ``(n, n_features)`` and gives probabilities ``(n, n_classes)``. Not
        compiled.
    """
    if callable(architecture):
        return own_network(architecture, input_shape=tuple(input_shape), n_features=n_features, n_classes=n_classes)
    keras = load_keras()
    image, columns = keras.Input(tuple(input_shape)), keras.Input((n_features,))
    features = keras.layers.Concatenate()([TRUNKS[architecture](image, **options), columns])
    return keras.Model([image, columns], class_probabilities(features, n_classes))
