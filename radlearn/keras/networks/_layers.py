"""Layers by the number of axes of the image."""

from radlearn.keras._backend import load_keras

# Passed to every layer, since the keras.json of a user may hold another default.
CHANNELS_LAST = {"data_format": "channels_last"}

# Of the moving averages of batch normalization. A small cohort gives few batches: with the default of Keras, 0.99, the
# averages that are used after training would still be those of the first epochs.
MOMENTUM = 0.9


def layer(kind, ndim):
    """Layer class of Keras for images of `ndim` axes.

    Parameters
    ----------
    kind : str
        Name without the number of axes, such as ``"Conv"`` or ``"MaxPooling"``.
    ndim : int
        2 or 3.

    Returns
    -------
    layer : type
    """
    return getattr(load_keras().layers, f"{kind}{ndim}D")


def convolution(outputs, width, size=3, *, strides=1, activation="relu"):
    """Convolution that keeps the shape, batch normalization, activation.

    Parameters
    ----------
    outputs : KerasTensor of shape (n, *image, channels)
    width : int
        Number of filters.
    size : int, default=3
        Side of each filter.
    strides : int, default=1
    activation : str or None, default="relu"

    Returns
    -------
    outputs : KerasTensor of shape (n, *image / strides, width)
    """
    layers = load_keras().layers
    conv = layer("Conv", ndim_of(outputs))
    outputs = conv(width, size, strides=strides, padding="same", use_bias=False, **CHANNELS_LAST)(outputs)
    outputs = layers.BatchNormalization(momentum=MOMENTUM)(outputs)
    return outputs if activation is None else layers.Activation(activation)(outputs)


def ndim_of(tensor):
    """Number of axes of the images in a tensor of shape ``(n, *image, channels)``."""
    return len(tensor.shape) - 2
