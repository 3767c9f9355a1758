"""Where a network looks: maps of what its answer rests on, each on the grid of its case."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from radlearn._validation import check_choice, check_number
from radlearn.cohort import check_cohort
from radlearn.keras._feature_maps import cut_at_features
from radlearn.keras._gradients import input_gradient, score_model, score_of
from radlearn.keras._scores import check_image_classifier, positions_of
from radlearn.keras._training import predict
from radlearn.preprocessing import resize_image


def grad_cam(classifier, X, *, target=None, grid="case", layer=None):
    r"""Gradient-weighted class activation maps: which places of the last feature maps speak for a class.

    .. math:: L = \mathrm{ReLU} \sum_k \left( \frac{1}{N} \sum_p \frac{\partial s}{\partial A_{kp}} \right) A_k

    with :math:`A_k` the feature maps of a layer at the places :math:`p`, and :math:`s` the score of the class before
    the softmax.

    Parameters
    ----------
    classifier : CNNClassifier or TransferClassifier
        Fitted; in 2-D or 3-D.
    X : Cohort or anything that `check_cohort` takes
    target : label, optional
        The class to explain. Default: the predicted class of each case.
    grid : {"case", "network"}, default="case"
        Whether a map has the shape of the case's image, or ``input_shape``, as the network sees it. With ``slices``, it
        always has the latter.
    layer : str, optional
        Name of the layer (of the backbone, if there is one). Default: the last one with feature maps that does no
        pooling.

    Returns
    -------
    maps : list of ndarray
        One map per case, with values of at least 0.

    Raises
    ------
    TypeError
        If the network is given more than one image of each case.
    RadlearnError
        If the network has no such layer, or a shortcut bypasses it.

    References
    ----------
    R. Selvaraju et al., Grad-CAM: visual explanations from deep networks via gradient-based localization, ICCV 2017.

    Examples
    --------
    >>> from radlearn.keras import CNNClassifier
    >>> X = np.random.default_rng(0).normal(size=(16, 16, 16))
    >>> X[8:, 4:12, 4:12] += 3  # a bright square
    >>> y = np.repeat(["normal", "lesion"], 8)
    >>> small = {"filters": (4,), "dense": 16, "dropout": 0.0, "batch_size": 4, "learning_rate": 0.01}
    >>> classifier = CNNClassifier((16, 16), **small, random_state=0).fit(X, y)
    >>> maps = grad_cam(classifier, X[8:], target="lesion")
    >>> len(maps), maps[0].shape
    (8, (16, 16))
    """
    asked = _Asked(classifier, X, target, grid)
    front, tail = cut_at_features(asked.scores, layer)

    def maps(inputs, targets):
        features = predict(front, inputs, len(inputs))
        slopes = input_gradient(tail, features, score_of(targets))
        weights = slopes.mean(axis=tuple(range(1, slopes.ndim - 1)), keepdims=True)
        return np.maximum((weights * features).sum(axis=-1), 0)

    return asked.on_images(maps)


def integrated_gradients(classifier, X, *, target=None, grid="case", baseline=0.0, n_steps=32):
    r"""Integrated gradients: how much of a score each voxel adds, on the way from an empty image to the image.

    .. math:: a = (x - x_0) \int_0^1 \nabla s(x_0 + t (x - x_0)) \, dt

    With ``grid="network"``, all attributions together are the difference of the scores of the image and of the empty
    one, up to the error of the midpoint rule.

    Parameters
    ----------
    classifier, X, target, grid
        As for `grad_cam`.
    baseline : float, default=0.0
        Value of the empty image as the network sees it; 0 is the mean of normalized images. A mask that the network
        sees stays as it is.
    n_steps : int, default=32
        Number of points on the path between the two images (midpoint rule).

    Returns
    -------
    maps : list of ndarray
        One map per case; negative where a voxel speaks against the class. Channels are summed.

    References
    ----------
    M. Sundararajan et al., Axiomatic attribution for deep networks, ICML 2017.

    Examples
    --------
    >>> from radlearn.keras import CNNClassifier
    >>> X = np.random.default_rng(0).normal(size=(16, 16, 16))
    >>> X[8:, 4:12, 4:12] += 3  # a bright square
    >>> y = np.repeat(["normal", "lesion"], 8)
    >>> small = {"filters": (4,), "dense": 16, "dropout": 0.0, "batch_size": 4, "learning_rate": 0.01}
    >>> classifier = CNNClassifier((16, 16), **small, random_state=0).fit(X, y)
    >>> maps = integrated_gradients(classifier, X[8:], target="lesion", n_steps=8)
    >>> len(maps), maps[0].shape
    (8, (16, 16))
    >>> inside, outside = np.mean(maps, axis=0)[4:12, 4:12].mean(), np.mean(maps)
    >>> bool(inside > outside)
    True
    """
    check_number("n_steps", n_steps, at_least=1, integer=True)
    check_number("baseline", baseline)
    asked = _Asked(classifier, X, target, grid)

    def maps(inputs, targets):
        way = inputs - asked.hidden(inputs, baseline)
        # Points of the path share a batch: the gradient of one image takes nearly as long as that of many.
        n_together = max(1, classifier.batch_size // len(inputs))
        slopes = np.zeros_like(way)
        for first in range(0, n_steps, n_together):
            parts = (np.arange(first, min(first + n_together, n_steps)) + 0.5) / n_steps
            points = np.concatenate([inputs - (1 - part) * way for part in parts])
            found = input_gradient(asked.scores, points, score_of(np.tile(targets, len(parts))))
            slopes += found.reshape(-1, *inputs.shape).sum(axis=0)
        return (way * slopes / n_steps).sum(axis=-1)

    return asked.on_images(maps)


def occlusion(classifier, X, *, target=None, grid="case", size=8, stride=4, fill=0.0):
    """Occlusion: how much the probability of a class falls when a part of the image is hidden.

    Parameters
    ----------
    classifier, X, target, grid
        As for `grad_cam`.
    size : int, default=8
        Side of the hidden square or cube, in pixels of what the network sees.
    stride : int, default=4
        Distance from one to the next.
    fill : float, default=0.0
        Value of hidden pixels as the network sees them; 0 is the mean of normalized images. A mask that the network
        sees stays as it is.

    Returns
    -------
    maps : list of ndarray
        One map per case: the mean fall over all hidden parts that contain the voxel.

    References
    ----------
    M. Zeiler, R. Fergus, Visualizing and understanding convolutional networks, ECCV 2014.

    Examples
    --------
    >>> from radlearn.keras import CNNClassifier
    >>> X = np.random.default_rng(0).normal(size=(16, 16, 16))
    >>> X[8:, 4:12, 4:12] += 3  # a bright square
    >>> y = np.repeat(["normal", "lesion"], 8)
    >>> small = {"filters": (4,), "dense": 16, "dropout": 0.0, "batch_size": 4, "learning_rate": 0.01}
    >>> classifier = CNNClassifier((16, 16), **small, random_state=0).fit(X, y)
    >>> maps = occlusion(classifier, X[8:], target="lesion", size=4)
    >>> len(maps), maps[0].shape
    (8, (16, 16))
    >>> inside, outside = np.mean(maps, axis=0)[4:12, 4:12].mean(), np.mean(maps)
    >>> bool(inside > outside)
    True
    """
    check_number("size", size, at_least=1, integer=True)
    check_number("stride", stride, at_least=1, at_most=size, integer=True, hint="else pixels between are never hidden")
    check_number("fill", fill)
    asked = _Asked(classifier, X, target, grid)

    def falls(image, target):
        shape = image.shape[:-1]
        windows = [
            tuple(slice(start * stride, start * stride + size) for start in place)
            for place in np.ndindex(*(1 + max(0, -(-(side - size) // stride)) for side in shape))
        ]
        copies = _Occluded(image, asked.hidden(image, fill), windows)
        whole, *others = predict(classifier.model_, copies, classifier.batch_size)[:, target]
        total, n = np.zeros(shape), np.zeros(shape)
        for window, other in zip(windows, others, strict=True):
            total[window] += whole - other
            n[window] += 1
        return total / n

    def maps(inputs, targets):
        return np.stack([falls(image, target) for image, target in zip(inputs, targets, strict=True)])

    return asked.on_images(maps)


class _Occluded:
    """An image, and copies of it with one window hidden each, made when `predict` asks for them."""

    def __init__(self, image, hidden, windows):
        self._image, self._hidden, self._windows = image, hidden, windows

    def __len__(self):
        return 1 + len(self._windows)

    def __getitem__(self, positions):
        copies = np.repeat(self._image[np.newaxis], len(positions), axis=0)
        for copy, position in zip(copies, positions, strict=True):
            if position > 0:  # the first one stays whole
                window = self._windows[position - 1]
                copy[window] = self._hidden[window]
        return copies


class _Asked:
    """Cases, what the network is given of them, and which class of each is asked about."""

    def __init__(self, classifier, X, target, grid):
        check_choice("grid", grid, ("case", "network"))
        check_is_fitted(classifier)
        check_image_classifier(classifier)
        self._classifier, self._preparation = classifier, classifier._preparation()  # noqa: SLF001 - of the same package
        self._on_network = grid == "network" or self._preparation.slices is not None
        self._cohort = check_cohort(X, image_shape=classifier.image_shape)
        self._inputs = classifier._inputs(self._cohort, reset=False)  # noqa: SLF001
        self.scores = score_model(classifier.model_)
        labels = classifier.predict(self._cohort) if target is None else np.repeat([target], len(self._cohort))
        self._targets = positions_of(classifier, labels)

    def hidden(self, inputs, value):
        """The inputs with this value in the place of all intensities."""
        hidden = inputs.copy()
        hidden[..., : self._preparation.n_image_channels] = value
        return hidden

    def on_images(self, maps):
        """What ``maps(inputs, targets)`` gives for batches, each brought to the grid that is asked for."""
        found = []
        for start in range(0, len(self._cohort), self._classifier.batch_size):
            chosen = np.arange(start, min(start + self._classifier.batch_size, len(self._cohort)))
            found.extend(maps(self._inputs[chosen], self._targets[chosen]))
        shapes = [self._preparation.input_shape if self._on_network else case.load().shape for case in self._cohort]
        return [resize_image(values.astype(float), shape) for values, shape in zip(found, shapes, strict=True)]
