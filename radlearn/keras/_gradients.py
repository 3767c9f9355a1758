"""Gradients with respect to the input: the one thing that every backend does in its own way."""

import numpy as np

from radlearn.keras._backend import load_keras


def input_gradient(model, inputs, score):
    """Gradient of a score of each case with respect to what the network is given.

    Parameters
    ----------
    model : keras.Model
        With one input; it runs as in prediction.
    inputs : ndarray of shape (n, ...)
    score : callable
        ``score(outputs)`` gives a tensor of shape ``(n,)`` from the outputs of the model, by ``keras.ops``. The score
        of a case depends on this case alone.

    Returns
    -------
    gradient : ndarray of the shape of `inputs`
    """
    keras = load_keras()
    inputs = np.asarray(inputs, np.float32)
    return {"tensorflow": _tensorflow, "torch": _torch, "jax": _jax}[keras.backend.backend()](
        keras, model, inputs, lambda outputs: keras.ops.sum(score(outputs))
    )


def _tensorflow(keras, model, inputs, total):
    import tensorflow as tf  # noqa: PLC0415 - the backend that is there

    inputs = keras.ops.convert_to_tensor(inputs)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outcome = total(model(inputs, training=False))
    return tape.gradient(outcome, inputs).numpy()


def _torch(keras, model, inputs, total):
    import torch  # noqa: PLC0415

    inputs = keras.ops.convert_to_tensor(inputs).clone().requires_grad_()
    [gradient] = torch.autograd.grad(total(model(inputs, training=False)), inputs)
    return gradient.cpu().numpy()


def _jax(keras, model, inputs, total):  # noqa: ARG001 - all are called alike
    import jax  # noqa: PLC0415

    state = [variable.value for variable in model.trainable_variables]
    other_state = [variable.value for variable in model.non_trainable_variables]

    def outcome(images):
        outputs, _ = model.stateless_call(state, other_state, images, training=False)
        return total(outputs)

    return np.array(jax.grad(outcome)(inputs))  # a copy, which can be written to


def score_model(model):
    """The network up to the scores before the softmax, or all of it where it has no layer ``logits``.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    scores : keras.Model
    """
    if "logits" not in {layer.name for layer in model.layers}:
        return model
    return load_keras().Model(model.inputs, model.get_layer("logits").output)


def score_of(targets):
    """Function that picks one score of each case.

    Parameters
    ----------
    targets : ndarray of int, shape (n,)

    Returns
    -------
    score : callable
        Gives ``(n,)`` from ``(n, n_classes)``.
    """
    ops = load_keras().ops
    return lambda outputs: ops.take_along_axis(outputs, ops.convert_to_tensor(targets[:, np.newaxis]), axis=1)[:, 0]
