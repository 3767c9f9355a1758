"""Trunks: the part of a network that turns an image, 2-D or 3-D, into a vector of features."""

from radlearn.keras._backend import load_keras
from radlearn.keras.networks._layers import CHANNELS_LAST, convolution, layer, ndim_of


def cnn_trunk(inputs, *, filters, dense, dropout):
    """Features of the reference network: blocks of convolution and pooling, then a dense layer.

    Each block is a convolution of side 3 with ReLU and max pooling of side 2.

    Parameters
    ----------
    inputs : KerasTensor of shape (n, *image, channels)
    filters : sequence of int
        Number of filters of each block.
    dense : int
        Width of the dense layer.
    dropout : float
        Share of its outputs that are set to zero in training.

    Returns
    -------
    features : KerasTensor of shape (n, dense)
    """
    layers, ndim = load_keras().layers, ndim_of(inputs)
    outputs = inputs
    for width in filters:
        outputs = layer("Conv", ndim)(width, 3, activation="relu", **CHANNELS_LAST)(outputs)
        outputs = layer("MaxPooling", ndim)(2, **CHANNELS_LAST)(outputs)
    outputs = layers.Flatten(**CHANNELS_LAST)(outputs)
    outputs = layers.Dense(dense, activation="relu")(outputs)
    return layers.Dropout(dropout)(outputs)


def resnet_trunk(inputs, *, filters, dense, dropout):
    """Features of a small residual network.

    Each stage has two convolutions of side 3 with batch normalization, and a shortcut around them; the second and later
    stages halve the image. The output of the last one is averaged over the image.

    Parameters
    ----------
    inputs, filters, dense, dropout
        As for `cnn_trunk`; `filters` are those of each stage.

    Returns
    -------
    features : KerasTensor of shape (n, dense)

    References
    ----------
    K. He et al., Deep residual learning for image recognition, CVPR 2016.
    """
    layers, ndim = load_keras().layers, ndim_of(inputs)
    outputs = convolution(inputs, filters[0])
    for stage, width in enumerate(filters):
        strides = 1 if stage == 0 else 2
        # A convolution of side 1 with strides damages memory on PyTorch 2.13, if there are few channels.
        shortcut = outputs if strides == 1 else layer("MaxPooling", ndim)(1, strides=strides, **CHANNELS_LAST)(outputs)
        shortcut = convolution(shortcut, width, 1, activation=None)
        outputs = convolution(outputs, width, strides=strides)
        outputs = convolution(outputs, width, activation=None)
        outputs = layers.Activation("relu")(layers.Add()([outputs, shortcut]))
    return _pooled(outputs, dense, dropout)


def separable_trunk(inputs, *, filters, dense, dropout):
    """Features of a network of depthwise separable convolutions: far fewer weights than the reference.

    Each stage filters every channel by itself (side 3), mixes the channels (side 1), applies batch normalization, and
    halves the image by max pooling.

    Parameters
    ----------
    inputs, filters, dense, dropout
        As for `cnn_trunk`; `filters` are those of each stage.

    Returns
    -------
    features : KerasTensor of shape (n, dense)

    References
    ----------
    F. Chollet, Xception: deep learning with depthwise separable convolutions, CVPR 2017.
    """
    ndim = ndim_of(inputs)
    outputs = convolution(inputs, filters[0])
    for width in filters:
        outputs = convolution(depthwise(outputs), width, 1)
        outputs = layer("MaxPooling", ndim)(2, padding="same", **CHANNELS_LAST)(outputs)
    return _pooled(outputs, dense, dropout)


def depthwise(outputs, *, dilation=1):
    """Filter each channel by itself, with filters of side 3; volumes in their planes, and then across them.

    Keras has no depthwise convolution of volumes, and grouped ones take minutes to compile.

    Parameters
    ----------
    outputs : KerasTensor of shape (n, *image, channels)
    dilation : int, default=1
        Distance of the voxels that a filter sees.

    Returns
    -------
    outputs : KerasTensor of the same shape
    """
    layers, ops = load_keras().layers, load_keras().ops
    options = {"dilation_rate": dilation, "padding": "same", "use_bias": False, **CHANNELS_LAST}
    in_plane = layers.DepthwiseConv2D(3, **options)
    if ndim_of(outputs) == 2:
        return in_plane(outputs)
    z, y, x, channels = outputs.shape[1:]
    planes = in_plane(ops.reshape(outputs, (-1, y, x, channels)))
    columns = ops.transpose(ops.reshape(planes, (-1, z, y * x, channels)), (0, 2, 1, 3))
    columns = layers.DepthwiseConv1D(3, **options)(ops.reshape(columns, (-1, z, channels)))
    columns = ops.transpose(ops.reshape(columns, (-1, y * x, z, channels)), (0, 2, 1, 3))
    return ops.reshape(columns, (-1, z, y, x, channels))


def _pooled(outputs, dense, dropout):
    layers = load_keras().layers
    outputs = layer("GlobalAveragePooling", ndim_of(outputs))(**CHANNELS_LAST)(outputs)
    outputs = layers.Dense(dense, activation="relu")(outputs)
    return layers.Dropout(dropout)(outputs)


TRUNKS = {"cnn": cnn_trunk, "resnet": resnet_trunk, "separable": separable_trunk}


def smallest_side(architecture, n_blocks):
    """Number of voxels that an image needs along each axis so that something is left after all blocks.

    Parameters
    ----------
    architecture : str
        Name of a trunk.
    n_blocks : int

    Returns
    -------
    side : int

    Examples
    --------
    >>> smallest_side("cnn", 3), smallest_side("resnet", 3)
    (22, 1)
    """
    if architecture != "cnn":
        return 1  # padded, so that a voxel stays a voxel
    side = 1
    for _ in range(n_blocks):
        side = 2 * side + 2
    return side
