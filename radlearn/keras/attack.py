"""Attacks: the smallest changes of an image that mislead a network, within a budget."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import check_is_fitted

from radlearn.cohort import check_cohort
from radlearn.keras._adversary import LossGradient, attacked_inputs, check_options
from radlearn.keras._scores import check_image_classifier, positions_of
from radlearn.keras._training import predict


class Attack(NamedTuple):
    """What an attack has made of a cohort."""

    inputs: np.ndarray
    """The changed images as the network sees them, shape ``(n_cases, *input_shape, channels)``."""
    changes: np.ndarray
    """What was added to the images, on the grid that the network sees, in units of the image; of the same shape."""
    probabilities: np.ndarray
    """Class probabilities of the changed images, shape ``(n_cases, n_classes)``."""
    labels: np.ndarray
    """Most probable class of each changed image."""


def fgsm(classifier, X, y, *, epsilon, norm="linf", clip=False):
    r"""Fast gradient sign method: one step of the whole budget that raises the loss.

    .. math:: x' = x + \epsilon \, \mathrm{sign} \, \nabla_x L(x, y)

    with :math:`L` the cross-entropy; with the norm L2, the gradient itself is scaled to the length :math:`\epsilon`.

    Parameters
    ----------
    classifier : CNNClassifier or TransferClassifier
        Fitted.
    X : Cohort or anything that `check_cohort` takes
    y : array-like of shape (n_cases,)
        True labels.
    epsilon : float
        Budget in units of the image (HU, grey levels): of each pixel, or of the whole image in the norm L2. It holds on
        the grid that the network sees.
    norm : {"linf", "l2"}, default="linf"
        Norm in which the budget is measured.
    clip : bool, default=False
        Whether the changed image stays within the range of intensities that the network sees of the image.

    Returns
    -------
    attack : Attack

    Raises
    ------
    TypeError
        If the network is given more than one image of each case.

    References
    ----------
    I. Goodfellow et al., Explaining and harnessing adversarial examples, ICLR 2015.

    Examples
    --------
    >>> from radlearn.keras import CNNClassifier
    >>> X = np.random.default_rng(0).normal(size=(16, 16, 16))
    >>> X[8:, 4:12, 4:12] += 3  # a bright square
    >>> y = np.repeat(["normal", "lesion"], 8)
    >>> small = {"filters": (4,), "dense": 16, "dropout": 0.0, "batch_size": 4, "learning_rate": 0.01}
    >>> classifier = CNNClassifier((16, 16), **small, random_state=0).fit(X, y)
    >>> attack = fgsm(classifier, X, y, epsilon=1.0)
    >>> bool((attack.labels == y).mean() < classifier.score(X, y)), round(float(np.abs(attack.changes).max()), 4)
    (True, 1.0)
    """
    return _attack(classifier, X, y, epsilon, norm=norm, clip=clip, n_steps=1, step_size=1.0, random_start=False)


def pgd(
    classifier,
    X,
    y,
    *,
    epsilon,
    norm="linf",
    clip=False,
    n_steps=10,
    step_size=0.25,
    random_start=False,
    random_state=None,
):
    """Projected gradient descent: small steps that raise the loss, brought back into the budget after each.

    Parameters
    ----------
    classifier, X, y, epsilon, norm, clip
        As for `fgsm`.
    n_steps : int, default=10
        Number of steps.
    step_size : float, default=0.25
        Length of a step, as a fraction of the budget.
    random_start : bool, default=False
        Whether to begin with a random change within the budget.
    random_state : int, RandomState or None, default=None
        Seed of the random change.

    Returns
    -------
    attack : Attack

    References
    ----------
    A. Madry et al., Towards deep learning models resistant to adversarial attacks, ICLR 2018.

    Examples
    --------
    >>> from radlearn.keras import CNNClassifier
    >>> X = np.random.default_rng(0).normal(size=(16, 16, 16))
    >>> X[8:, 4:12, 4:12] += 3  # a bright square
    >>> y = np.repeat(["normal", "lesion"], 8)
    >>> small = {"filters": (4,), "dense": 16, "dropout": 0.0, "batch_size": 4, "learning_rate": 0.01}
    >>> classifier = CNNClassifier((16, 16), **small, random_state=0).fit(X, y)
    >>> attack = pgd(classifier, X, y, epsilon=1.0, n_steps=5, random_state=0)
    >>> attack.probabilities.shape, bool(np.abs(attack.changes).max() < 1.001)
    ((16, 2), True)
    """
    options = {"n_steps": n_steps, "step_size": step_size, "random_start": random_start, "clip": clip}
    return _attack(classifier, X, y, epsilon, norm=norm, random_state=check_random_state(random_state), **options)


def accuracy_under_attack(classifier, X, y, epsilons, *, attack=pgd, **options):
    """Fraction of the cases that are classified correctly, for each budget.

    Parameters
    ----------
    classifier, X, y
        As for `fgsm`.
    epsilons : sequence of float
        Budgets in units of the image.
    attack : callable, default=pgd
        `fgsm` or `pgd`.
    **options
        Further parameters of the attack.

    Returns
    -------
    curve : Series
        Accuracy by budget.

    Raises
    ------
    TypeError
        If `attack` is no function.

    Examples
    --------
    >>> from radlearn.keras import CNNClassifier
    >>> X = np.random.default_rng(0).normal(size=(16, 16, 16))
    >>> X[8:, 4:12, 4:12] += 3  # a bright square
    >>> y = np.repeat(["normal", "lesion"], 8)
    >>> small = {"filters": (4,), "dense": 16, "dropout": 0.0, "batch_size": 4, "learning_rate": 0.01}
    >>> classifier = CNNClassifier((16, 16), **small, random_state=0).fit(X, y)
    >>> curve = accuracy_under_attack(classifier, X, y, [0, 2], attack=fgsm)
    >>> bool(curve[2] < curve[0])
    True
    """
    if not callable(attack):
        raise TypeError(f"attack must be a function such as fgsm or pgd, not its name, got {attack!r}")
    accuracy = [
        (attack(classifier, X, y, epsilon=value, **options).labels == np.asarray(y)).mean() for value in epsilons
    ]
    return pd.Series(accuracy, index=pd.Index(epsilons, name="epsilon"), name="accuracy")


def _attack(classifier, X, y, epsilon, *, random_state=None, **options):
    check_options({"epsilon": epsilon, **options})
    check_is_fitted(classifier)
    check_image_classifier(classifier)
    cohort = check_cohort(X, image_shape=classifier.image_shape)
    check_consistent_length(cohort, y)
    targets = positions_of(classifier, y)
    inputs = classifier._inputs(cohort, reset=False)  # noqa: SLF001 - a part of the same package
    units = classifier._intensity_units(cohort)  # noqa: SLF001
    n_intensities = classifier._preparation().n_image_channels  # noqa: SLF001
    gradient = LossGradient(classifier.model_)
    changed, changes = [], []
    for start in range(0, len(cohort), classifier.batch_size):
        chosen = np.arange(start, min(start + classifier.batch_size, len(cohort)))
        before = inputs[chosen]
        budgets = epsilon / units[chosen]
        after = attacked_inputs(
            gradient,
            before,
            targets[chosen],
            budgets,
            n_intensities=n_intensities,
            random_state=random_state,
            **options,
        )
        changed.append(after)
        changes.append((after - before) * units[chosen].reshape(-1, *[1] * (before.ndim - 1)))
    changed = np.concatenate(changed)
    probabilities = predict(classifier.model_, changed, classifier.batch_size).astype(float)
    return Attack(changed, np.concatenate(changes), probabilities, classifier.classes_[probabilities.argmax(axis=1)])
