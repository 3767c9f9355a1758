"""Graphs of TensorFlow, which take longer to make than a small network takes to be trained: they are made once."""

from contextlib import contextmanager

from radlearn.keras._backend import load_keras


@contextmanager
def traced_once(model):
    """Let TensorFlow trace the steps of training once, for batches of any size; other backends stay as they are.

    Keras alone has them traced three times: variables are made in the first trace, which must then be done again, and
    the last batch of an epoch, which is smaller, asks for one more.

    Parameters
    ----------
    model : keras.Model
        Compiled. At the end it is as Keras leaves it.
    """
    if load_keras().backend.backend() != "tensorflow":
        yield
        return
    model.train_function = _of_any_size(model, model.train_step)
    model.test_function = _of_any_size(model, model.test_step)
    try:
        yield
    finally:
        model.train_function = model.test_function = None  # Keras makes its own when it needs them


def _of_any_size(model, step):
    """Function that takes the next batch of an iterator, as Keras wants it, and does a step with it."""
    import tensorflow as tf  # noqa: PLC0415 - the backend that is there

    tree = load_keras().tree
    traced = None

    def run(batches):
        nonlocal traced
        batch = next(batches)
        if traced is None:
            _make_variables(model, *tree.map_structure(lambda array: array[:1], batch))
            shapes = tree.map_structure(lambda array: tf.TensorSpec((None, *array.shape[1:]), array.dtype), batch)
            traced = tf.function(step, input_signature=[shapes], autograph=False)
        return traced(batch)

    return run


def _make_variables(model, inputs, targets, weights):
    """Make the variables of the optimizer and the metrics, which come into being with the first case."""
    outputs = model(inputs)
    model.optimizer.build(model.trainable_variables)
    model.compute_metrics(inputs, targets, outputs, weights)
    model.reset_metrics()
