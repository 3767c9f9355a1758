"""Names of layers that are the same in every network of one kind."""

import re
from collections import Counter


def name_layers(model):
    """Count the layers that Keras has named from the beginning: ``conv2d``, ``conv2d_1``, ...

    Keras counts through all networks of a process. The names of a network then say how many there were before, and so
    do its last digits: TensorFlow adds up the gradients of a tensor with several uses in the order of names, in which
    ``conv2d_10`` comes before ``conv2d_9``.

    Parameters
    ----------
    model : keras.Model
        Changed in place. Names that were chosen stay, and those inside of its parts.

    Returns
    -------
    model : keras.Model
        The same.
    """
    known = Counter()
    for part in model.operations:
        kind = re.sub(r"_\d+$", "", part.name)
        if kind.replace("_", "") == type(part).__name__.lower():
            part.name = f"{kind}_{known[kind]}" if known[kind] else kind
            known[kind] += 1
    return model
