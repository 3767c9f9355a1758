"""Networks that segment a region: from an image, 2-D or 3-D, to the probability of each voxel."""

from radlearn.keras._backend import load_keras
from radlearn.keras.networks._layers import CHANNELS_LAST, convolution, layer, ndim_of
from radlearn.keras.networks.trunks import depthwise


def build_unet(*, input_shape, filters, dropout, deep_supervision):
    """Build a U-Net: an encoder and a decoder, with a skip connection between them at each level.

    Parameters
    ----------
    input_shape : sequence of int
        Of one patch: its axes, multiples of 2 to the power of ``len(filters) - 1``, then the number of channels.
    filters : sequence of int
        Number of filters of each level, from the finest.
    dropout : float
        Share of the coarsest features that are set to zero in training.
    deep_supervision : bool
        Whether coarser levels of the decoder give probabilities as well, as further channels.

    Returns
    -------
    model : keras.Model
        Takes ``(n, *input_shape)`` and gives ``(n, *patch, 1)``, or one channel of each level but the coarsest. Not
        compiled.

    References
    ----------
    O. Ronneberger et al., U-Net: convolutional networks for biomedical image segmentation, MICCAI 2015; Ö. Çiçek et
    al., 3D U-Net, MICCAI 2016.
    """
    keras = load_keras()
    inputs = outputs = keras.Input(tuple(input_shape))
    levels = []
    for width in filters[:-1]:
        outputs = convolution(convolution(outputs, width), width)
        levels.append(outputs)
        outputs = layer("MaxPooling", ndim_of(outputs))(2, **CHANNELS_LAST)(outputs)
    outputs = convolution(convolution(outputs, filters[-1]), filters[-1])
    outputs = keras.layers.Dropout(dropout)(outputs)
    steps = []
    for width, known in zip(filters[-2::-1], reversed(levels), strict=True):
        outputs = keras.layers.Concatenate()([known, _up(outputs, width)])
        outputs = convolution(convolution(outputs, width), width)
        steps.append(outputs)
    return keras.Model(inputs, _probabilities(steps, deep_supervision=deep_supervision))


def build_vnet(*, input_shape, filters, dropout, deep_supervision):
    """Build a V-Net: as a U-Net, but with residual blocks, and strided convolutions instead of pooling.

    Parameters
    ----------
    input_shape, filters, dropout, deep_supervision
        As for `build_unet`.

    Returns
    -------
    model : keras.Model
        As that of `build_unet`.

    References
    ----------
    F. Milletari et al., V-Net: fully convolutional neural networks for volumetric medical image segmentation, 3DV 2016.
    """
    keras = load_keras()
    inputs = keras.Input(tuple(input_shape))
    outputs = _residual(convolution(inputs, filters[0]), filters[0])
    levels = []
    for width in filters[1:]:
        levels.append(outputs)
        outputs = _residual(convolution(outputs, width, 2, strides=2), width)
    outputs = keras.layers.Dropout(dropout)(outputs)
    steps = []
    for width, known in zip(filters[-2::-1], reversed(levels), strict=True):
        outputs = keras.layers.Concatenate()([known, _up(outputs, width)])
        outputs = _residual(convolution(outputs, width, 1), width)
        steps.append(outputs)
    return keras.Model(inputs, _probabilities(steps, deep_supervision=deep_supervision))


def build_aspp(*, input_shape, filters, dropout, deep_supervision):
    """Build a network with atrous spatial pyramid pooling: the coarsest features are filtered at several dilations.

    Convolutions are depthwise separable. Each stage but the first halves the image. Then convolutions with dilations 1,
    2, 4 and 8, and the mean over the image, are concatenated. As in a U-Net, the decoder goes up level by level and
    joins the features of each.

    Parameters
    ----------
    input_shape, filters, dropout, deep_supervision
        As for `build_unet`.

    Returns
    -------
    model : keras.Model
        As that of `build_unet`.

    References
    ----------
    L.-C. Chen et al., Encoder-decoder with atrous separable convolution for semantic image segmentation, ECCV 2018.
    """
    keras = load_keras()
    layers = keras.layers
    inputs = keras.Input(tuple(input_shape))
    outputs = convolution(inputs, filters[0])
    levels = [outputs]
    for width in filters[1:]:
        outputs = convolution(outputs, width, strides=2)
        outputs = _separable(outputs, width)
        levels.append(outputs)
    width, ndim = filters[-1], ndim_of(inputs)
    seen = [_separable(outputs, width, dilation=dilation) for dilation in (1, 2, 4, 8)]
    mean = layer("GlobalAveragePooling", ndim)(keepdims=True, **CHANNELS_LAST)(outputs)
    mean = layers.Activation("relu")(layer("Conv", ndim)(width, 1, **CHANNELS_LAST)(mean))
    seen.append(layer("UpSampling", ndim)(tuple(outputs.shape[1:-1]), **CHANNELS_LAST)(mean))
    outputs = layers.Dropout(dropout)(convolution(layers.Concatenate()(seen), width, 1))
    steps = []
    for width, known in zip(filters[-2::-1], reversed(levels[:-1]), strict=True):
        outputs = layers.Concatenate()([known, layer("UpSampling", ndim)(2, **CHANNELS_LAST)(outputs)])
        outputs = _separable(outputs, width)
        steps.append(outputs)
    return keras.Model(inputs, _probabilities(steps, deep_supervision=deep_supervision))


def _up(outputs, width):
    """Transposed convolution to a grid that is twice as fine."""
    layers = load_keras().layers
    transposed = {2: layers.Conv2DTranspose, 3: layers.Conv3DTranspose}[ndim_of(outputs)]
    return transposed(width, 2, strides=2, activation="relu", **CHANNELS_LAST)(outputs)


def _residual(outputs, width):
    """Two convolutions, and a shortcut around them."""
    layers = load_keras().layers
    changed = convolution(convolution(outputs, width), width, activation=None)
    return layers.Activation("relu")(layers.Add()([outputs, changed]))


def _separable(outputs, width, *, dilation=1):
    """Depthwise separable convolution: each channel is filtered by itself, then mixed with the others."""
    return convolution(depthwise(outputs, dilation=dilation), width, 1)


def _probabilities(steps, *, deep_supervision):
    """Probability of the region, from the finest features, and as further channels from the coarser ones."""
    layers, (*coarser, finest) = load_keras().layers, steps
    ndim = ndim_of(finest)
    maps = [layer("Conv", ndim)(1, 1, name="logits", **CHANNELS_LAST)(finest)]
    for features in reversed(coarser) if deep_supervision else ():
        factor = finest.shape[1] // features.shape[1]
        rough = layer("Conv", ndim)(1, 1, **CHANNELS_LAST)(features)
        maps.append(layer("UpSampling", ndim)(factor, **CHANNELS_LAST)(rough))
    logits = maps[0] if len(maps) == 1 else layers.Concatenate()(maps)
    return layers.Activation("sigmoid")(logits)
