"""Where a network looks: maps of what its answer rests on, each on the grid of its case."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from radlearn._validation import check_number
from radlearn.cohort import check_cohort
from radlearn.exceptions import RadlearnError
from radlearn.keras._backend import load_keras
from radlearn.keras._gradients import input_gradient, score_model, score_of
from radlearn.keras._scores import check_image_classifier, positions_of
from radlearn.keras._training import predict
from radlearn.preprocessing import resize_image


def grad_cam(classifier, X, *, target=None, layer=None):
    r"""Gradient-weighted class activation maps: which places of the last feature maps speak for a class.

    .. math:: L = \mathrm{ReLU} \sum_k \left( \frac{1}{N} \sum_p \frac{\partial s}{\partial A_{kp}} \right) A_k

    with :math:`A_k` the feature maps of a layer at the places :math:`p`, and :math:`s` the score of the class before
    the softmax.

    Parameters
    ----------
    classifier : CNNClassifier
        Fitted; in 2-D or 3-D.
    X : Cohort or anything that `check_cohort` takes
    target : label, optional
        The class that is asked about. Default: for each case the one that is predicted.
    layer : str, optional
        Name of the layer. Default: the last one with feature maps, but for pooling.

    Returns
    -------
    maps : list of ndarray
        One of each case, in the shape of its image, at least 0. With ``slices``, of the shape ``input_shape``.

    Raises
    ------
    RadlearnError
        If the network has no such layer: a backbone is one layer, of which `integrated_gradients` and `occlusion` tell.

    References
    ----------
    R. Selvaraju et al., Grad-CAM: visual explanations from deep networks via gradient-based localization, ICCV 2017.
    """
    asked = _Asked(classifier, X, target)
    keras = load_keras()
    scores = score_model(classifier.model_)
    layer = _feature_layer(scores, layer, classifier)
    front, tail = keras.Model(scores.inputs, layer.output), keras.Model(layer.output, scores.outputs[0])

    def maps(inputs, targets):
        features = predict(front, inputs, len(inputs))
        slopes = input_gradient(tail, features, score_of(targets))
        weights = slopes.mean(axis=tuple(range(1, slopes.ndim - 1)), keepdims=True)
        return np.maximum((weights * features).sum(axis=-1), 0)

    return asked.on_images(maps)


def integrated_gradients(classifier, X, *, target=None, baseline=0.0, n_steps=32):
    r"""Integrated gradients: how much of a score each voxel adds, on the way from an empty image to the image.

    .. math:: a = (x - x_0) \int_0^1 \nabla s(x_0 + t (x - x_0)) \, dt

    All attributions together are the difference of the scores of the image and of the empty one, up to the error of the
    midpoint rule.

    Parameters
    ----------
    classifier, X, target
        As for `grad_cam`; a `TransferClassifier` will do, too.
    baseline : float, default=0.0
        Value of the empty image as the network sees it; 0 is the mean of normalized images.
    n_steps : int, default=32

    Returns
    -------
    maps : list of ndarray
        One of each case, in the shape of its image; negative where a voxel speaks against the class. Channels are
        summed. With ``slices``, of the shape ``input_shape``.

    References
    ----------
    M. Sundararajan et al., Axiomatic attribution for deep networks, ICML 2017.
    """
    check_number("n_steps", n_steps, at_least=1, integer=True)
    check_number("baseline", baseline)
    asked = _Asked(classifier, X, target)
    return asked.on_images(lambda inputs, targets: _attributions(asked.scores, inputs, targets, baseline, n_steps))


def occlusion(classifier, X, *, target=None, size=8, stride=4, fill=0.0):
    """Occlusion: how much the probability of a class falls when a part of the image is hidden.

    Parameters
    ----------
    classifier, X, target
        As for `grad_cam`; a `TransferClassifier` will do, too.
    size : int, default=8
        Side of the hidden square or cube, in pixels of what the network sees.
    stride : int, default=4
        Distance from one to the next.
    fill : float, default=0.0
        What hides, as the network sees it; 0 is the mean of normalized images.

    Returns
    -------
    maps : list of ndarray
        One of each case, in the shape of its image: the mean fall over all hidden parts that a voxel was in. With
        ``slices``, of the shape ``input_shape``.

    References
    ----------
    M. Zeiler, R. Fergus, Visualizing and understanding convolutional networks, ECCV 2014.
    """
    check_number("size", size, at_least=1, integer=True)
    check_number("stride", stride, at_least=1, at_most=size, integer=True, hint="else pixels between are never hidden")
    check_number("fill", fill)
    asked = _Asked(classifier, X, target)
    model, batch_size = classifier.model_, classifier.batch_size
    n_intensities = classifier._preparation().n_image_channels  # noqa: SLF001 - a part of the same package

    def falls(image, target):
        shape = image.shape[:-1]
        windows = [
            tuple(slice(start * stride, start * stride + size) for start in place)
            for place in np.ndindex(*(1 + max(0, -(-(side - size) // stride)) for side in shape))
        ]
        hidden = np.repeat(image[np.newaxis], len(windows) + 1, axis=0)
        for copy, window in zip(hidden[1:], windows, strict=True):
            copy[(*window, slice(n_intensities))] = fill
        whole, *others = predict(model, hidden, batch_size)[:, target]
        total, n = np.zeros(shape), np.zeros(shape)
        for window, other in zip(windows, others, strict=True):
            total[window] += whole - other
            n[window] += 1
        return total / n

    def maps(inputs, targets):
        return np.stack([falls(image, target) for image, target in zip(inputs, targets, strict=True)])

    return asked.on_images(maps)


class _Asked:
    """Cases, what the network is given of them, and which class of each is asked about."""

    def __init__(self, classifier, X, target):
        check_is_fitted(classifier)
        check_image_classifier(classifier)
        self._classifier = classifier
        self._cohort = check_cohort(X, image_shape=classifier.image_shape)
        self._inputs = classifier._inputs(self._cohort, reset=False)  # noqa: SLF001 - a part of the same package
        self.scores = score_model(classifier.model_)
        labels = classifier.predict(self._cohort) if target is None else np.repeat([target], len(self._cohort))
        self._targets = positions_of(classifier, labels)

    def on_images(self, maps):
        """What ``maps(inputs, targets)`` gives for batches, each brought to the grid of its case."""
        found = []
        for start in range(0, len(self._cohort), self._classifier.batch_size):
            chosen = np.arange(start, min(start + self._classifier.batch_size, len(self._cohort)))
            found.extend(maps(self._inputs[chosen], self._targets[chosen]))
        return [self._on_case(values, case) for values, case in zip(found, self._cohort, strict=True)]

    def _on_case(self, values, case):
        preparation = self._classifier._preparation()  # noqa: SLF001
        shape = preparation.input_shape if preparation.slices is not None else case.load().shape
        return resize_image(values.astype(float), shape)


def _attributions(scores, inputs, targets, baseline, n_steps):
    total = np.zeros_like(inputs)
    for step in range(n_steps):
        part = (step + 0.5) / n_steps
        total += input_gradient(scores, baseline + part * (inputs - baseline), score_of(targets))
    return ((inputs - baseline) * total / n_steps).sum(axis=-1)


def _feature_layer(scores, name, classifier):
    """The layer of a name, or the last one with feature maps that is no pooling."""
    n_axes = len(scores.inputs[0].shape)
    chosen = {part.name: part for part in scores.layers[1:]}
    with_maps = [
        part
        for part in chosen.values()
        if len(part.output.shape) == n_axes and "pool" not in part.name and part.output.shape[-1] is not None
    ]
    if name is None and with_maps:
        return with_maps[-1]
    if name not in chosen:
        raise RadlearnError(
            f"the network of {type(classifier).__name__} has no layer {name!r} with feature maps",
            f"choose from {', '.join(part.name for part in with_maps)}, or take integrated_gradients or occlusion",
        )
    return chosen[name]
