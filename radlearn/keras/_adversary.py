"""Attacks on arrays: what attacks on cohorts, and adversarial training, have in common."""

import numpy as np

from radlearn._validation import check_choice, check_flag, check_number
from radlearn.keras._backend import load_keras
from radlearn.keras._gradients import input_gradient, score_model

NORMS = ("linf", "l2")


class LossGradient:
    """Gradient of the cross-entropy of a classifier with respect to what its network is given.

    Parameters
    ----------
    model : keras.Model
        Gives probabilities. Where it has a layer ``logits``, the loss is that of the scores: probabilities near 0 and 1
        have hardly a slope.
    """

    def __init__(self, model):
        self._scores = score_model(model)
        self._from_logits = self._scores is not model

    def __call__(self, inputs, targets):
        """Gradient for inputs ``(n, ...)`` of the classes `targets`, shape ``(n,)``."""
        loss = load_keras().losses.sparse_categorical_crossentropy
        return input_gradient(
            self._scores, inputs, lambda outputs: loss(targets, outputs, from_logits=self._from_logits)
        )


def check_options(options, shown="{}"):
    """Raise an error unless these options of an attack make sense.

    Parameters
    ----------
    options : dict
        Epsilon, norm, n_steps, step_size, random_start and clip, as for `pgd`.
    shown : str, default="{}"
        How messages show the name of one.

    Raises
    ------
    TypeError
        If one is of a wrong type.
    ValueError
        If one is out of bounds, or the norm unknown.
    """
    check_number(shown.format("epsilon"), options["epsilon"], at_least=0, hint="it is in units of the image")
    check_choice(shown.format("norm"), options["norm"], NORMS)
    check_number(shown.format("n_steps"), options["n_steps"], at_least=1, integer=True)
    check_number(shown.format("step_size"), options["step_size"], above=0)
    for flag in ("random_start", "clip"):
        check_flag(shown.format(flag), options[flag])


def attacked_inputs(
    gradient,
    inputs,
    targets,
    budgets,
    *,
    norm,
    n_steps,
    step_size,
    random_start,
    clip,
    n_intensities,
    random_state=None,
):
    """Inputs of a network, changed so that its loss grows.

    Parameters
    ----------
    gradient : callable
        A `LossGradient`.
    inputs : ndarray of shape (n, ..., channels)
    targets : ndarray of int, shape (n,)
        True classes.
    budgets : ndarray of shape (n,)
        In units of the inputs.
    norm, n_steps, step_size, random_start, clip
        As for `pgd`.
    n_intensities : int
        Number of channels that may be changed; they come first.
    random_state : RandomState, optional
        For `random_start`.

    Returns
    -------
    changed : ndarray of float32 of the shape of `inputs`
    """
    budgets = np.reshape(budgets, (-1, *[1] * (inputs.ndim - 1))).astype(np.float32)
    room = _room(inputs) if clip else (-np.inf, np.inf)
    change = np.zeros_like(inputs)
    if random_start:
        change[..., :n_intensities] = random_state.uniform(-1, 1, change[..., :n_intensities].shape)
        change = np.clip(_within(change * budgets, budgets, norm), *room)
    for _ in range(n_steps):
        slope = gradient(inputs + change, targets)
        slope[..., n_intensities:] = 0
        change = np.clip(_within(change + step_size * budgets * _direction(slope, norm), budgets, norm), *room)
    return inputs + change


def _room(inputs):
    """Largest changes down and up that stay within the values of each channel of each case."""
    places = tuple(range(1, inputs.ndim - 1))
    return inputs.min(axis=places, keepdims=True) - inputs, inputs.max(axis=places, keepdims=True) - inputs


def _direction(slope, norm):
    """Where a step goes: of length 1 in the norm."""
    return np.sign(slope) if norm == "linf" else slope / np.maximum(_lengths(slope), np.finfo(np.float32).tiny)


def _within(change, budgets, norm):
    """The change, shortened to the budget where it is longer."""
    if norm == "linf":
        return np.clip(change, -budgets, budgets)
    return change * np.minimum(1, budgets / np.maximum(_lengths(change), np.finfo(np.float32).tiny))


def _lengths(change):
    """Euclidean length of the change of each case, of as many axes."""
    return np.sqrt(np.square(change).sum(axis=tuple(range(1, change.ndim)), keepdims=True))
