"""Seeds, batches and training: what is the same for all networks."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import RLock

import numpy as np
from sklearn.model_selection import train_test_split

from radlearn.exceptions import CohortError
from radlearn.keras._backend import load_keras
from radlearn.keras._tracing import traced_once

# Held while a network is built, whose weights are drawn from the global random generators, and whenever these are set:
# a network that another thread builds or trains does not change this one. The same thread may build another one
# meanwhile: an architecture of the user's own may load a network.
BUILDING = RLock()


@contextmanager
def untouched_generators():
    """Give Python's and NumPy's global random generators their state back at the end."""
    state = random.getstate(), np.random.get_state()  # noqa: NPY002 - the global generator is what is kept
    try:
        yield
    finally:
        with BUILDING:
            random.setstate(state[0])
            np.random.set_state(state[1])  # noqa: NPY002 - from which Keras draws


@contextmanager
def seeded(seed):
    """Make everything that Keras draws at random follow from `seed`, an int."""
    with untouched_generators():
        with BUILDING:
            load_keras().utils.set_random_seed(seed)
        yield


def train(
    model,
    feed,
    *,
    held_out=None,
    epochs,
    batch_size,
    random_state,
    schedule=None,
    patience=None,
    attack=None,
    verbose=0,
):
    """Fit a compiled model batch by batch; the next batch is prepared while the network computes.

    Parameters
    ----------
    model : keras.Model
        Changed in place.
    feed : object
        Has a length, the number of its cases, and ``batch(chosen, random_state)``, which gives inputs, targets and
        weights of the cases at the positions `chosen`.
    held_out : object, optional
        Feed of the cases that are only watched.
    epochs, batch_size : int
    random_state : RandomState
        Decides the order of the cases, and is handed to the feed.
    schedule : {"cosine", "plateau"} or callable, optional
        See `learning_rate_callback`.
    patience : int, optional
        Stop after this many epochs in which the loss on `held_out` has not fallen, and restore the best weights.
    attack : callable, optional
        ``attack(chosen, inputs, targets, weights)`` gives another batch in the place of one, whose cases are at the
        positions `chosen`.
    verbose : int
        As in ``keras.Model.fit``.

    Returns
    -------
    history : dict of str to list of float
        What Keras has measured in each epoch: means over its cases.
    """
    keras = load_keras()
    callbacks = (
        [] if schedule is None else [learning_rate_callback(schedule, model, epochs, watched=held_out is not None)]
    )
    if patience is not None:
        callbacks.append(keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True))
    steps = -(-len(feed) // batch_size)
    progress = keras.callbacks.CallbackList(
        callbacks, add_progbar=verbose > 0, model=model, verbose=verbose, epochs=epochs, steps=steps
    )
    history = {}
    model.stop_training = False
    progress.on_train_begin()
    with traced_once(model):
        for epoch in range(epochs):
            progress.on_epoch_begin(epoch)
            measured = _learned(model, _epoch(feed, batch_size, random_state), attack, progress)
            if held_out is not None:
                measured |= {f"val_{name}": value for name, value in _watched(model, held_out, batch_size).items()}
            for name, value in measured.items():
                history.setdefault(name, []).append(value)
            progress.on_epoch_end(epoch, measured)
            if model.stop_training:
                break
    progress.on_train_end()
    return history


def learning_rate_callback(schedule, model, epochs, *, watched):
    """Callback that changes the learning rate from epoch to epoch.

    Parameters
    ----------
    schedule : {"cosine", "plateau"} or callable
        ``"cosine"``: half a cosine, from the learning rate at the start to a hundredth of it. ``"plateau"``: halved
        after 3 epochs without a lower loss, of the cases that are watched if there are any. A function of the number
        of the epoch, from 0, and the rate of the epoch before gives the new rate.
    model : keras.Model
        Compiled with the learning rate at the start.
    epochs : int
    watched : bool
        Whether there are cases that are only watched.

    Returns
    -------
    callback : keras.callbacks.Callback
    """
    callbacks = load_keras().callbacks
    if schedule == "plateau":
        return callbacks.ReduceLROnPlateau("val_loss" if watched else "loss", factor=0.5, patience=3)
    if callable(schedule):
        return callbacks.LearningRateScheduler(_checked(schedule))
    start = float(model.optimizer.learning_rate)
    return callbacks.LearningRateScheduler(
        lambda epoch, _: start * (0.01 + 0.99 * (1 + np.cos(np.pi * epoch / epochs)) / 2)
    )


def _checked(schedule):
    """The user's own function, whose TypeError Keras would take for a wish to be given the epoch alone."""

    def checked(epoch, rate):
        try:
            return float(schedule(epoch, rate))
        except TypeError as error:
            raise ValueError(f"schedule(epoch, rate) must give the learning rate of an epoch, but {error}") from error

    return checked


def _learned(model, batches, attack, progress):
    """What Keras measures on the batches of an epoch while the model learns from them."""
    means = _Means()
    for step, (chosen, batch) in enumerate(_prefetched(batches)):
        progress.on_train_batch_begin(step)
        inputs, targets, weights = batch if attack is None else attack(chosen, *batch)
        means.add(model.train_on_batch(inputs, targets, sample_weight=weights, return_dict=True), len(chosen))
        progress.on_train_batch_end(step, means.values())
    return means.values()


def _watched(model, feed, batch_size):
    """What Keras measures on cases that are not trained on."""
    means = _Means()
    for start in range(0, len(feed), batch_size):
        chosen = np.arange(start, min(start + batch_size, len(feed)))
        inputs, targets, weights = feed.batch(chosen, np.random.RandomState(0))
        means.add(model.test_on_batch(inputs, targets, sample_weight=weights, return_dict=True), len(chosen))
    return means.values()


class _Means:
    """Means over cases of what is measured on batches."""

    def __init__(self):
        self._totals, self._n = {}, 0

    def add(self, measured, n):
        """Add what was measured on a batch of n cases."""
        self._n += n
        for name, value in measured.items():
            self._totals[name] = self._totals.get(name, 0.0) + n * float(value)

    def values(self):
        """Means by name."""
        return {name: total / self._n for name, total in self._totals.items()}


def _epoch(feed, batch_size, random_state):
    """Batches with the positions of their cases, in a new order; the last one may be smaller."""
    order = random_state.permutation(len(feed))
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        yield chosen, feed.batch(chosen, random_state)


def _prefetched(items):
    """The items of an iterator; a thread prepares the next one while the caller is busy with one."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item


def predict(model, inputs, batch_size):
    """Outputs of a model, shape ``(n, ...)``.

    The last batch is filled up: another shape would make TensorFlow trace, and JAX compile, the network again.

    Parameters
    ----------
    model : keras.Model
    inputs : LazyInputs or ndarray
        Indexed by arrays of positions.
    batch_size : int

    Returns
    -------
    outputs : ndarray of shape (n, ...)

    Raises
    ------
    CohortError
        If there is no case.
    """
    n = len(inputs)
    if n == 0:
        raise CohortError("there is no case to predict", "pass at least one")
    # The last case fills the last batch.
    chosen = [np.minimum(np.arange(start, start + batch_size), n - 1) for start in range(0, n, batch_size)]
    batches = _prefetched(inputs[positions] for positions in chosen)
    return np.concatenate([model.predict_on_batch(batch) for batch in batches])[:n]


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
