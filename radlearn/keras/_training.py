"""Seeds, batches and training, on plain arrays: what is the same for all networks."""

import random
from contextlib import contextmanager

import numpy as np
from sklearn.model_selection import train_test_split

from radlearn.exceptions import CohortError
from radlearn.keras._backend import load_keras


@contextmanager
def untouched_generators():
    """Give Python's and NumPy's global random generators their state back at the end."""
    state = random.getstate(), np.random.get_state()  # noqa: NPY002 - the global generator is what is kept
    try:
        yield
    finally:
        random.setstate(state[0])
        np.random.set_state(state[1])  # noqa: NPY002


@contextmanager
def seeded(seed):
    """Make everything that Keras draws at random follow from `seed`, an int."""
    with untouched_generators():
        load_keras().utils.set_random_seed(seed)
        yield


def train(model, data, *, held_out=None, epochs, batch_size, augment=None, patience=None, random_state, verbose=0):
    """Fit a compiled model batch by batch.

    Parameters
    ----------
    model : keras.Model
        Changed in place.
    data : tuple of ndarray
        Inputs, targets and weights, each of length n.
    held_out : tuple of ndarray, optional
        The same for the cases that are only watched.
    epochs, batch_size : int
    augment : callable, optional
        ``augment(inputs, random_state)`` gives the changed inputs of one batch.
    patience : int, optional
        Stop after so many epochs in which the loss on `held_out` has not fallen, and go back to the best weights.
    random_state : RandomState
        Decides the order of the cases, and is handed to `augment`.
    verbose : int
        As in ``keras.Model.fit``.

    Returns
    -------
    history : dict of str to list of float
        What Keras has measured after each epoch.
    """
    keras = load_keras()
    callbacks = []
    if patience is not None:
        callbacks.append(keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True))
    history = model.fit(
        batches(*data, batch_size=batch_size, augment=augment, random_state=random_state),
        steps_per_epoch=-(-len(data[0]) // batch_size),
        epochs=epochs,
        validation_data=held_out,
        validation_batch_size=batch_size,
        callbacks=callbacks,
        shuffle=False,  # the batches are shuffled already
        verbose=verbose,
    )
    return {name: [float(value) for value in values] for name, values in history.history.items()}


def batches(inputs, targets, weights, *, batch_size, augment=None, random_state):
    """Yield batches without end, in a new order in every epoch; the last batch of an epoch may be smaller."""
    while True:
        order = random_state.permutation(len(inputs))
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            batch = inputs[chosen]
            if augment is not None:
                batch = np.asarray(augment(batch, random_state), dtype=inputs.dtype)
            yield batch, targets[chosen], weights[chosen]


def predict(model, inputs, batch_size):
    """Outputs of a model, shape ``(n, ...)``.

    The last batch is filled up: another shape would make TensorFlow trace, and JAX compile, the network again.
    """
    n_missing = -len(inputs) % batch_size
    full = np.concatenate([inputs, np.zeros((n_missing, *inputs.shape[1:]), inputs.dtype)])
    outputs = [model.predict_on_batch(full[start : start + batch_size]) for start in range(0, len(full), batch_size)]
    return np.concatenate(outputs)[: len(inputs)]


def split_patients(patients, targets, fraction, seed):
    """Hold out a fraction of the patients, with about the same share of the classes on both sides.

    Parameters
    ----------
    patients : ndarray of shape (n,)
        Patient of each case.
    targets : ndarray of int, shape (n,)
        Class of each case, 0 to n_classes - 1. A patient with several counts for the rarest one.
    fraction : float
        Part of the patients to hold out.
    seed : int

    Returns
    -------
    is_held_out : ndarray of bool, shape (n,)

    Raises
    ------
    CohortError
        If there are too few patients of some class.
    """
    rarest_first = np.argsort(np.bincount(targets)[targets], kind="stable")
    names, first = np.unique(patients[rarest_first], return_index=True)
    try:
        _, held_out = train_test_split(
            names, test_size=fraction, stratify=targets[rarest_first[first]], random_state=seed
        )
    except ValueError as error:
        raise CohortError(
            f"validation_fraction={fraction} of {len(names)} patients cannot be held out: {error}",
            "change validation_fraction, or set it to 0 and train for a fixed number of epochs",
        ) from error
    return np.isin(patients, held_out)
