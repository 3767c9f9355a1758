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
        return own_network(architecture, input_shape=tuple(input_shape), n_classes=n_classes)
    keras = load_keras()
    inputs = keras.Input(tuple(input_shape))
    return keras.Model(inputs, class_probabilities(TRUNKS[architecture](inputs, **options), n_classes))


def class_probabilities(features, n_classes):
    """Put the last two layers after features: a linear one named ``logits``, and softmax.

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


def own_network(architecture, *, n_classes, **arguments):
    """Build a network by a function that the user wrote, and refuse one that does not give probabilities.

    Parameters
    ----------
    architecture : callable
    n_classes : int
    **arguments
        What else the function is given.

    Returns
    -------
    model : keras.Model

    Raises
    ------
    TypeError
        If the function builds something else.
    ValueError
        If there is not one output for each class, or the last layer is linear.
    """
    keras = load_keras()
    model = architecture(n_classes=n_classes, **arguments)
    if not isinstance(model, keras.Model):
        raise TypeError(f"architecture must build a keras.Model, it gave {model!r}")
    remedy = f'let it end with keras.layers.Dense({n_classes}, activation="softmax")'
    shape = getattr(model, "output_shape", (None, n_classes))  # a subclassed model has none before it is called
    if shape != (None, n_classes):
        raise ValueError(
            f"architecture must give {n_classes} probabilities, its output has the shape {shape}; {remedy}"
        )
    if getattr(model.layers[-1], "activation", None) is keras.activations.linear:
        raise ValueError(f"architecture must give probabilities, its last layer is linear; {remedy}")
    return model
