"""Networks, each built from plain arguments that can be written to a file."""

from radlearn.keras._backend import load_keras


def build_cnn(*, input_shape, n_classes, filters, dense, dropout):
    """Build the reference network: blocks of convolution and pooling, then a dense layer.

    Each block is a 3x3 convolution with ReLU and 2x2 max pooling. Behind the dense layer comes dropout, then a linear
    layer named ``logits``, then softmax.

    Parameters
    ----------
    input_shape : tuple of int
        Rows and columns of the images, which have one channel.
    n_classes : int
    filters : sequence of int
        Number of filters of each block.
    dense : int
        Width of the dense layer.
    dropout : float
        Share of its outputs that are set to zero in training.

    Returns
    -------
    model : keras.Model
        Takes ``(n, rows, columns, 1)`` and gives probabilities ``(n, n_classes)``. Not compiled.
    """
    keras = load_keras()
    layers = keras.layers
    # Said aloud, since a user's keras.json may hold another default.
    last = {"data_format": "channels_last"}
    inputs = outputs = keras.Input((*input_shape, 1))
    for width in filters:
        outputs = layers.Conv2D(width, 3, activation="relu", **last)(outputs)
        outputs = layers.MaxPooling2D(2, **last)(outputs)
    outputs = layers.Flatten()(outputs)
    outputs = layers.Dense(dense, activation="relu")(outputs)
    outputs = layers.Dropout(dropout)(outputs)
    outputs = layers.Dense(n_classes, name="logits")(outputs)
    return keras.Model(inputs, layers.Activation("softmax")(outputs))


def smallest_side(n_blocks):
    """Rows or columns that an image needs so that something is left behind so many blocks of `build_cnn`.

    Examples
    --------
    >>> smallest_side(3)
    22
    """
    side = 1
    for _ in range(n_blocks):
        side = 2 * side + 2
    return side
