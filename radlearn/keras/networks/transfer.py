"""Network for transfer learning: a pretrained backbone with a new head."""

import inspect
import json
from contextlib import contextmanager

from radlearn.exceptions import RadlearnError
from radlearn.keras._backend import load_keras
from radlearn.keras._names import name_layers
from radlearn.keras.networks.image import build_image_network, class_probabilities

# Kinds of objects in what Keras writes that hold code, or names of functions that would be called.
_WITH_CODE = ("Lambda", "__lambda__", "function", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")


def build_transfer(*, backbone, input_shape, n_classes, dropout):
    """Build a backbone with a new head.

    Parameters
    ----------
    backbone : dict
        ``{"application": "MobileNetV2"}``: a network of ``keras.applications``, with random weights, which is given
        three equal channels on the scale that it was trained with. ``{"network": {...}}``: arguments of
        `build_image_network`. ``{"keras": "..."}``: a network as Keras writes it to JSON.
    input_shape : sequence of int
        Of one image: its axes, then the number of channels.
    n_classes : int
    dropout : float
        Share of the backbone's features that are set to zero in training.

    Returns
    -------
    model : keras.Model
        Takes ``(n, *input_shape)`` and gives probabilities ``(n, n_classes)``. Its layer ``backbone`` gives the
        features. Not compiled.
    """
    keras = load_keras()
    inputs = keras.Input(tuple(input_shape))
    if "application" in backbone:
        build, preprocess = application(backbone["application"])
        colored = _repeated(inputs, 3)
        options = {"include_top": False, "weights": None, "pooling": "avg", "name": "backbone"}
        with _channels_last():
            features = build(input_shape=tuple(colored.shape[1:]), **options)(preprocess(colored * 255.0))
    else:
        network = features_of(network_of(backbone))
        features = network(_repeated(inputs, network.input_shape[-1]))
    features = keras.layers.Dropout(dropout)(features)
    return keras.Model(inputs, class_probabilities(features, n_classes))


@contextmanager
def _channels_last():
    """Have networks of ``keras.applications``, which cannot be told, built as all others are."""
    config = load_keras().config
    before = config.image_data_format()
    config.set_image_data_format("channels_last")
    try:
        yield
    finally:
        config.set_image_data_format(before)


def _repeated(inputs, n_channels):
    """The one channel of grey images, repeated as often as a network needs it."""
    if inputs.shape[-1] == n_channels:
        return inputs
    return load_keras().layers.Concatenate()([inputs] * n_channels)


def features_of(model):
    """The part of a network, named ``backbone``, that turns an image into a vector of features.

    Parameters
    ----------
    model : keras.Model
        The layers before the one named ``logits``, and before the dropout in front of that, are taken; all of them
        if there is none of that name. Features that are maps are averaged over the image.

    Returns
    -------
    features : keras.Model
        It shares its weights with `model`.
    """
    keras = load_keras()
    names = [part.name for part in model.layers]
    outputs = model.outputs[0]
    if "logits" in names:
        position = names.index("logits")
        while isinstance(model.layers[position - 1], keras.layers.Dropout):
            position -= 1
        outputs = model.layers[position].input
    if len(outputs.shape) > 2:
        outputs = keras.ops.mean(outputs, axis=tuple(range(1, len(outputs.shape) - 1)))
    return keras.Model(model.inputs, outputs, name="backbone")


def single_layers(model):
    """Layers of a network, and in the place of networks that it holds, as files of Keras often do, the layers of these.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    layers : list of keras.layers.Layer
    """
    is_network = load_keras().Model
    return [
        single for part in model.layers for single in (single_layers(part) if isinstance(part, is_network) else [part])
    ]


def network_of(backbone):
    """Network, not of ``keras.applications``, with random weights.

    Parameters
    ----------
    backbone : dict
        ``{"network": {...}}`` or ``{"keras": "..."}``, as for `build_transfer`.

    Returns
    -------
    model : keras.Model

    Raises
    ------
    RadlearnError
        If what Keras has written holds anything but layers and operations of Keras.
    """
    if "network" in backbone:
        return name_layers(build_image_network(**backbone["network"]))
    check_config(json.loads(backbone["keras"]))
    return load_keras().models.model_from_json(backbone["keras"])


def check_config(config):
    """Refuse a network, as Keras writes it to JSON, that holds functions, code, or objects of other packages.

    Parameters
    ----------
    config : dict, list or scalar

    Raises
    ------
    RadlearnError
        If there is anything but layers and operations of Keras in it.
    """
    if isinstance(config, list):
        for item in config:
            check_config(item)
    elif isinstance(config, dict):
        kind, module = config.get("class_name"), config.get("module")
        foreign = module is not None and module.split(".")[0] not in ("keras", "builtins")
        if kind in _WITH_CODE or foreign or config.get("registered_name") not in (None, kind):
            raise RadlearnError(
                f"the network holds {module}.{kind}, which may run code", "build it of layers of Keras, without Lambda"
            )
        for item in config.values():
            check_config(item)


def application(name):
    """Builder of a network of ``keras.applications``, and the function that scales its images.

    Parameters
    ----------
    name : str
        Such as ``"MobileNetV2"``.

    Returns
    -------
    build, preprocess : callable

    Raises
    ------
    ValueError
        If there is no such network.
    """
    applications = load_keras().applications
    modules = dict(inspect.getmembers(applications, inspect.ismodule))
    homes = {kind: module for module in modules.values() for kind in vars(module) if kind[0].isupper()}
    # The networks of this module are found one level higher.
    homes |= dict.fromkeys(("MobileNetV3Small", "MobileNetV3Large"), modules["mobilenet_v3"])
    if name not in homes:
        raise ValueError(f"keras.applications has no network {name!r}; it has {', '.join(sorted(homes))}")
    return getattr(applications, name), homes[name].preprocess_input
