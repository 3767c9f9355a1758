"""Which classifiers can be explained and attacked, and which of their classes is meant."""

import numpy as np

from radlearn.keras._image_classifier import ImageClassifier


def check_image_classifier(classifier):
    """Raise an error unless the network of a classifier is given one image of each case, prepared as in training."""
    if not isinstance(classifier, ImageClassifier):
        raise TypeError(
            f"expected a CNNClassifier or a TransferClassifier, got {type(classifier).__name__}; "
            "of a pipeline, pass the last step, and the cases as the steps before it transform them"
        )
    if len(classifier.model_.inputs) > 1:
        raise TypeError(
            f"the network of {type(classifier).__name__} is given more than an image; "
            "take a CNNClassifier or a TransferClassifier"
        )
    classifier._check_unchanged()  # noqa: SLF001 - a part of the same package


def positions_of(classifier, labels):
    """Position of each label among the classes.

    Parameters
    ----------
    classifier : DeepClassifier
        Fitted.
    labels : array-like of shape (n,)

    Returns
    -------
    positions : ndarray of int32

    Raises
    ------
    ValueError
        If a label is none of the classes.
    """
    labels = np.asarray(labels)
    unknown = labels[~np.isin(labels, classifier.classes_)]
    if unknown.size:
        raise ValueError(f"{unknown.tolist()[0]!r} is none of the classes {classifier.classes_.tolist()}")
    return np.searchsorted(classifier.classes_, labels).astype(np.int32)
