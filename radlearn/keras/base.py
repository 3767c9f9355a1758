"""What all deep classifiers share: labels, weights, early stopping, seeds, and a state that holds no model."""

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import assert_all_finite, check_consistent_length, check_random_state, column_or_1d
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from radlearn._validation import check_number
from radlearn.base import CohortEstimator
from radlearn.exceptions import CohortError, RadlearnError
from radlearn.keras._backend import load_keras
from radlearn.keras._training import predict, seeded, split_patients, train, untouched_generators


class DeepClassifier(ClassifierMixin, CohortEstimator):
    """Base of the classifiers on Keras networks.

    A subclass stores its parameters in ``__init__`` (among them ``epochs, batch_size, augment, random_state,
    learning_rate, class_weight, validation_fraction, patience, verbose, image_shape``) and writes

    - ``_inputs(cohort, *, reset)``: what the network is given, one array with one entry per case; it may learn from
      the cohort if `reset`;
    - ``_arguments()``: what the network depends on besides the number of classes, ready for JSON;
    - ``_build(*, n_classes, **arguments)``, static: the network, not compiled, which gives probabilities
      ``(n, n_classes)``.

    The state of a fitted classifier is these arguments and the weights as arrays: a pickle holds no Keras object, and
    may be used on another backend.
    """

    # One of them is set: the network, or, between unpickling and the first use, its weights.
    _model = None
    _weights = None

    def fit(self, X, y, sample_weight=None):
        """Train the network from scratch.

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
        targets = self._encode(y)
        weights = _check_sample_weight(sample_weight, targets)
        weights = weights * compute_sample_weight(self.class_weight, self.classes_[targets])
        data = (self._inputs(cohort, reset=True), targets, weights.astype(np.float32))
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        held_out = None
        if self.validation_fraction:
            is_held_out = split_patients(cohort.patients, targets, self.validation_fraction, seed)
            held_out = tuple(array[is_held_out] for array in data)
            data = tuple(array[~is_held_out] for array in data)
        self._network = {"n_classes": len(self.classes_), **self._arguments()}
        self._train(data, held_out, seed)
        self._fitted = True
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
        """
        check_is_fitted(self)
        inputs = self._inputs(self._cohort(X, reset=False), reset=False)
        probabilities = predict(self.model_, inputs, self.batch_size).astype(float)
        return probabilities / probabilities.sum(axis=1, keepdims=True)

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

    @property
    def model_(self):
        """The trained ``keras.Model``, built again if the classifier comes from a pickle."""
        check_is_fitted(self)
        if self._model is None:
            with untouched_generators():
                self._model = self._build(**self._network)
            self._model.set_weights(self._weights)
            self._weights = None
        return self._model

    def __getstate__(self):
        state = dict(super().__getstate__())
        model = state.pop("_model", None)
        if model is not None:
            state["_weights"] = model.get_weights()
        return state

    def _check_parameters(self):
        check_number("epochs", self.epochs, at_least=1, integer=True)
        check_number("batch_size", self.batch_size, at_least=1, integer=True)
        check_number("learning_rate", self.learning_rate, above=0)
        check_number("validation_fraction", self.validation_fraction, at_least=0, below=1)
        check_number("patience", self.patience, at_least=0, integer=True, optional=True)
        if self.patience is not None and not self.validation_fraction:
            raise ValueError(
                f"patience={self.patience} needs patients to watch, but validation_fraction is 0; "
                "set it to 0.2, for instance"
            )
        if self.augment is not None and not callable(self.augment):
            raise TypeError(
                f"augment must be None or a function (images, random_state) -> images, got {self.augment!r}; "
                "for instance radlearn.keras.random_flips_and_shifts"
            )

    def _encode(self, y):
        """Learn the classes; give 0, 1, ... in their place."""
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        self.classes_, targets = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise CohortError(f"y has one class only: {self.classes_.tolist()[0]!r}", "add cases of another class")
        return targets

    def _train(self, data, held_out, seed):
        keras = load_keras()
        with seeded(seed):
            self._model = self._build(**self._network)
            self._model.compile(
                keras.optimizers.Adam(self.learning_rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
            )
            self.history_ = train(
                self._model,
                data,
                held_out=held_out,
                epochs=self.epochs,
                batch_size=self.batch_size,
                augment=self.augment,
                patience=self.patience,
                random_state=np.random.RandomState(seed),
                verbose=self.verbose,
            )
        if not np.isfinite(self.history_["loss"]).all():
            raise RadlearnError(
                f"the training diverged: the loss is {self.history_['loss'][-1]} after {self.epochs} epochs",
                f"lower learning_rate (it is {self.learning_rate})",
            )
