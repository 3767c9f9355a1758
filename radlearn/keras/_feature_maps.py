"""Networks that are cut in two at a layer with feature maps."""

from radlearn.exceptions import RadlearnError
from radlearn.keras._backend import load_keras


def cut_at_features(scores, name=None):
    """The parts of a network before the feature maps of a layer, and after them.

    Parameters
    ----------
    scores : keras.Model
        With one input. Where it has a layer ``backbone`` that is a network, the layer is looked for in there.
    name : str, optional
        Of the layer. Default: the last one with feature maps, but for pooling.

    Returns
    -------
    front, tail : keras.Model
        From the inputs to the feature maps, and from there to the outputs.

    Raises
    ------
    RadlearnError
        If there is no such layer, or a shortcut bypasses it.
    """
    keras = load_keras()
    names = [part.name for part in scores.layers]
    position = names.index("backbone") if "backbone" in names else None
    trunk = scores if position is None else scores.layers[position]
    features = _feature_layer(trunk, name).output
    front = keras.Model(trunk.inputs, features)
    try:
        tail = keras.Model(features, trunk.outputs[0])
    except ValueError as error:
        raise RadlearnError(
            f"a shortcut bypasses layer {name!r}", "choose a layer without a shortcut around it"
        ) from error
    if position is not None:
        # The backbone is a step of a chain: what comes before and after it is a network of its own.
        front = keras.Model(scores.inputs, front(scores.layers[position - 1].output))
        head = keras.Model(scores.layers[position + 1].input, scores.outputs[0])
        tail = keras.Model(tail.inputs, head(tail.outputs[0]))
    return front, tail


def _feature_layer(network, name):
    """The layer of a name, or the last one with feature maps that is no pooling."""
    n_axes = len(network.inputs[0].shape)
    with_maps = {part.name: part for part in network.layers[1:] if len(part.output.shape) == n_axes}
    if name is None:
        name = next((known for known in reversed(with_maps) if "pool" not in known), None)
    if name not in with_maps:
        raise RadlearnError(
            f"the network has no layer {name!r} with feature maps" if name else "the network has no feature maps",
            f"choose from {', '.join(with_maps)}" if with_maps else "take integrated_gradients or occlusion",
        )
    return with_maps[name]
