"""What all deep classifiers share: labels, weights, patients held out, seeds."""

import numpy as np
from sklearn.utils import assert_all_finite, check_consistent_length, check_random_state, column_or_1d
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from radlearn._accuracy import AccuracyMixin
from radlearn.exceptions import CohortError
from radlearn.keras._estimator import DeepEstimator, undefined_answer
from radlearn.keras._feeding import LabeledFeed
from radlearn.keras._training import predict, split_patients
from radlearn.preprocessing import Augment


class DeepClassifier(AccuracyMixin, DeepEstimator):
    """Base of the classifiers on Keras networks.

    A subclass stores its parameters in ``__init__`` (those of `TRAINING_PARAMETERS` among them) and writes

    - ``_inputs(cohort, *, reset)``: what the network is given, with one entry per case, indexed by arrays of positions;
      it may learn from the cohort if `reset`;
    - ``_shape_of_input()``: shape of the image of one case as the network takes it, a list;
    - ``_arguments()``: what the network depends on besides the number of classes, ready for JSON;
    - ``_build(*, n_classes, **arguments)``, static: the network, not compiled, which gives probabilities
      ``(n, n_classes)``.
    """

    def fit(self, X, y, sample_weight=None):
        """Train the network: from scratch, or with ``warm_start=True`` from where it is.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes
        y : array-like of shape (n_cases,)
            Labels of any kind.
        sample_weight : array-like of shape (n_cases,), optional
            Weight of each case in the loss, besides `class_weight`.

        Returns
        -------
        self : object

        Raises
        ------
        CohortError
            If `y` has one class only, or too few patients can be held out.
        RadlearnError
            If a case cannot be read, or the training diverges.
        """
        self._check_parameters()
        cohort = self._cohort(X, reset=True)
        check_consistent_length(cohort, y)
        classes, targets = self._encoded(y)
        positions = self._training_positions(cohort, targets)
        weights = self._weights_of_cases(sample_weight, classes, targets, positions)
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        is_held_out = np.zeros(len(positions), bool)
        if self.validation_fraction:
            patients = cohort.patients[positions]
            is_held_out = split_patients(patients, targets[positions], self.validation_fraction, seed)
        kept = self._unfit()
        inputs = self._inputs(cohort, reset=True)
        feed = LabeledFeed(inputs, targets, weights, positions[~is_held_out], self._augmentation())
        held_out = LabeledFeed(inputs, targets, weights, positions[is_held_out]) if is_held_out.any() else None
        are_alike = np.array_equal(classes, getattr(self, "classes_", None))
        self.classes_ = classes
        self._start({"n_classes": len(classes), **self._arguments()}, seed, kept if are_alike else None)
        self._train(feed, held_out, seed, self._adversary(cohort, feed, seed))
        return self

    def predict_proba(self, X):
        """Probability of each class.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes

        Returns
        -------
        probabilities : ndarray of shape (n_cases, n_classes)
            In the order of `classes_`.

        Raises
        ------
        ValueError
            If parameters make no sense, or decide what the network is given and have changed since it was trained.
        RadlearnError
            If a case cannot be read, or the network gives no number for it.
        """
        check_is_fitted(self)
        self._check_unchanged()
        cohort = self._cohort(X, reset=False)
        probabilities = predict(self.model_, self._inputs(cohort, reset=False), self.batch_size).astype(float)
        with np.errstate(invalid="ignore"):
            probabilities /= probabilities.sum(axis=1, keepdims=True)
        is_undefined = np.isnan(probabilities).any(axis=1)
        if is_undefined.any():
            raise undefined_answer().in_case(cohort[int(is_undefined.argmax())].id, type(self).__name__)
        return probabilities

    def predict(self, X):
        """Most probable class.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes

        Returns
        -------
        labels : ndarray of shape (n_cases,)
        """
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def _check_parameters(self):
        self._check_training_parameters()
        if self.augment is not None and not isinstance(self.augment, Augment) and not callable(self.augment):
            raise TypeError(
                f"augment must be None, an Augment or a function (images, random_state) -> images, got {self.augment!r}"
            )

    def _check_restored(self, network, weights):
        super()._check_restored(network, weights)
        if np.shape(self.classes_) != (network["n_classes"],):
            raise ValueError(
                f"classes_ has the shape {np.shape(self.classes_)}, there are {network['n_classes']} classes"
            )

    def _encoded(self, y):
        """Classes, and 0, 1, ... in the place of the labels."""
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        classes, targets = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            found = f"one class only: {classes.tolist()[0]!r}" if len(classes) else "no label"
            raise CohortError(f"y has {found}", "add cases of another class")
        return classes, targets

    def _weights_of_cases(self, sample_weight, classes, targets, positions):
        """Weight of each case in the loss; the classes are balanced among the cases at `positions`."""
        balanced_among = positions if self.class_weight == "balanced" else None
        weights = {
            "sample_weight": _check_sample_weight(sample_weight, targets),
            "class_weight": compute_sample_weight(self.class_weight, classes[targets], indices=balanced_among),
        }
        for name, values in weights.items():
            if values.min() < 0:
                raise ValueError(
                    f"{name} must not be negative, got {values.min():g}, which would reward wrong answers; "
                    "0 leaves a case out"
                )
        return np.prod(list(weights.values()), axis=0).astype(np.float32)

    def _training_positions(self, cohort, targets):  # noqa: ARG002 - for those that take several cases for one
        """Cases whose entries are trained on."""
        return np.arange(len(cohort))

    def _augmentation(self):
        """Function that changes a batch, or None."""
        if isinstance(self.augment, Augment):
            return self.augment.on_batch
        return None if self.augment is None else _checked(self.augment)

    def _loss(self):
        return "sparse_categorical_crossentropy"

    def _metrics(self):
        return ["accuracy"]

    def _adversary(self, cohort, feed, seed):
        """What changes the batches of training, as `train` takes it, or None."""


def _checked(augment):
    """The user's own function, which has to return images such as it was given."""

    def checked(images, random_state):
        changed = np.asarray(augment(images, random_state))
        if changed.shape != images.shape:
            raise ValueError(
                f"augment was given images of shape {images.shape}, and returned an array of shape {changed.shape} and "
                f"type {changed.dtype}; it has to return as many images of the same shape"
            )
        if not np.isfinite(changed).all():
            raise ValueError("augment returned NaN or infinity, which no network can learn from; check its arithmetic")
        return changed

    return checked
