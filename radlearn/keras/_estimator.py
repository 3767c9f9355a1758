"""What all deep models share: training from one seed, and a state that holds arrays and no Keras object."""

from concurrent.futures import ThreadPoolExecutor
from math import prod

import numpy as np
from sklearn.utils.validation import check_is_fitted

from radlearn._validation import check_choice, check_flag, check_n_jobs, check_number
from radlearn.base import CohortEstimator
from radlearn.exceptions import ImageReadError, RadlearnError
from radlearn.keras._backend import load_keras
from radlearn.keras._names import name_layers
from radlearn.keras._training import BUILDING, seeded, train, untouched_generators

_ONE_SCALE = "check the image, or bring all images to one scale first (NormalizeIntensity)"


class DeepEstimator(CohortEstimator):
    """Base of the classifiers and segmenters on Keras networks.

    A subclass writes ``_build(**network)``, static, which gives the network, not compiled, from what it depends on,
    ready for JSON; ``_loss()`` and ``_metrics()``, as Keras takes them; and ``_shape_of_input()``. In `fit` it calls
    ``_unfit()`` before it learns anything, ``_start(network, seed, weights)``, and then ``_train(feed, held_out,
    seed)``; before it predicts, ``_check_unchanged()``.

    The state of a fitted estimator is what its network depends on and the weights as arrays: a pickle holds no Keras
    object, and may be used on another backend.
    """

    # Parameters that decide what the network is given: it predicts only while they are as they were in training.
    _decisive = ()

    # One of them is set: the network, or, between unpickling and the first use, its weights.
    _model = None
    _weights = None
    _network = None  # what it depends on

    @property
    def model_(self):
        """The trained ``keras.Model``, built again if the estimator comes from a pickle or a file."""
        check_is_fitted(self)
        with BUILDING:  # no other thread is given a network whose weights are still random
            if self._model is None:
                self._rebuild()
        return self._model

    def _rebuild(self):
        """Build the network of the state, and give it the weights."""
        with untouched_generators():
            model = self._named(self._network)
        model.set_weights(self._weights)
        self._model, self._weights = model, None

    def _restore(self, network, weights):
        """Take the state that a file holds, and build the network."""
        self._network, self._weights = network, weights
        self._rebuild()

    def _check_unchanged(self):
        """Refuse to predict with parameters that make no sense, or with which the network was not trained."""
        self._check_parameters()
        for name, value in self._fitted.items():
            if not np.array_equal(getattr(self, name), value):
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}, but the network was trained with {value!r}; set it back, or "
                    f"fit {type(self).__name__} again"
                )

    def _check_restored(self, network, weights):
        """Raise an error unless the parameters in a file, what was learned, network and weights belong together.

        A small file may ask for a network that fills the memory: nothing of it is made.
        """
        # A function of the user's own builds whatever it does; the file has no part in it.
        if not callable(network.get("architecture")):
            _check_shapes(self._shapes(network), [np.shape(array) for array in weights])
        if set(self._fitted) != set(self._decisive):
            raise ValueError(f"it tells of the training {sorted(self._fitted)} instead of {sorted(self._decisive)}")
        self._check_unchanged()
        if self._shape_of_input() != network["input_shape"]:
            raise ValueError(
                f"images are prepared in the shape {self._shape_of_input()} for a network that takes "
                f"{network['input_shape']}"
            )

    def _shapes(self, network):
        """Shapes of the weights of a network, of which none is made."""
        keras = load_keras()

        def shapes():
            with keras.StatelessScope(initialize_variables=False):
                model = self._build(**network)
            return [tuple(weights.shape) for weights in model.weights]

        # Each thread has a list of the weights that Keras has yet to make; that of this one ends with it.
        with BUILDING, untouched_generators(), ThreadPoolExecutor(1) as thread:
            return thread.submit(shapes).result()

    def _unfit(self):
        """Count as not fitted until the training is over, and return the weights for a warm start, or None."""
        weights = self.model_.get_weights() if self.warm_start and hasattr(self, "_fitted") else None
        vars(self).pop("_fitted", None)
        return weights

    def _start(self, network, seed, weights):
        """Build and compile the network; with the weights of the last one, if there are any and it was alike."""
        if network != self._network:
            weights = None
        with BUILDING, seeded(seed):
            self._model = self._initial_model(network) if weights is None else self._named(network)
        if weights is not None:
            self._model.set_weights(weights)
        self._network, self._weights = network, None
        self._compile(self.learning_rate)

    def _initial_model(self, network):
        """The network with the weights that training begins with."""
        return self._named(network)

    def _named(self, network):
        """The network, its layers named as in every process; those of an architecture of the user's own stay."""
        model = self._build(**network)
        return model if callable(network.get("architecture")) else name_layers(model)

    def _compile(self, learning_rate):
        optimizer = load_keras().optimizers.Adam(float(learning_rate))  # Keras takes no integer and no NumPy scalar
        self._model.compile(optimizer, loss=self._loss(), metrics=self._metrics())

    def _train(self, feed, held_out, seed, attack=None):
        with seeded(seed):
            random_state = np.random.RandomState(seed)
            self.history_ = self._trained(feed, held_out, epochs=self.epochs, random_state=random_state, attack=attack)
        # Both are counted, since ReLU turns NaN into 0 with oneDNN: the loss may stay a number.
        n_lost = sum(np.count_nonzero(~np.isfinite(weights)) for weights in self._model.get_weights())
        if n_lost or not np.isfinite(self.history_["loss"]).all():
            raise RadlearnError(
                f"the training diverged: the loss is {self.history_['loss'][-1]} after {self.epochs} epochs, "
                f"and {n_lost} weights are NaN or infinite",
                f"lower learning_rate (it is {self.learning_rate})",
            )
        self._fitted = {name: getattr(self, name) for name in self._decisive}

    def _trained(self, feed, held_out, *, epochs, random_state, attack):
        """History of some epochs of training."""
        return train(
            self._model,
            feed,
            held_out=held_out,
            epochs=epochs,
            batch_size=self.batch_size,
            schedule=self.schedule,
            patience=self.patience,
            random_state=random_state,
            attack=attack,
            verbose=self.verbose,
        )

    def __getstate__(self):
        state = dict(super().__getstate__())
        model = state.pop("_model", None)
        if model is not None:
            state["_weights"] = model.get_weights()
        return state

    def _check_training_parameters(self):
        """Check the parameters that all deep estimators have."""
        check_number("epochs", self.epochs, at_least=1, integer=True)
        check_number("batch_size", self.batch_size, at_least=1, integer=True)
        check_number("learning_rate", self.learning_rate, above=0)
        check_number("validation_fraction", self.validation_fraction, at_least=0, below=1)
        check_number("patience", self.patience, at_least=0, integer=True, optional=True)
        if not callable(self.schedule):
            check_choice("schedule", self.schedule, ("cosine", "plateau"), optional=True)
        if self.patience is not None and not self.validation_fraction:
            raise ValueError(
                f"patience={self.patience} needs patients to watch, but validation_fraction is 0; "
                "set it to 0.2, for instance"
            )
        check_flag("warm_start", self.warm_start)
        check_number("cache_gb", self.cache_gb, at_least=0)
        check_n_jobs(self.n_jobs)


def check_single_precision(image, case, kind):
    """Refuse intensities that are infinite for networks, which compute in single precision."""
    if np.abs(image).max() > np.finfo(np.float32).max:
        raise ImageReadError(
            "the image holds intensities beyond single precision, in which networks compute", _ONE_SCALE
        ).in_case(case, kind)


def undefined_answer():
    """Error for a case of which the network gives NaN, in which every comparison is False."""
    return RadlearnError(
        "the network gives NaN for the image, whose intensities are probably too large for it", _ONE_SCALE
    )


def check_scale(scale):
    """Raise an error unless these are a mean and a standard deviation, by which intensities can be scaled."""
    mean, deviation = scale
    check_number("intensity_scale_[0]", mean)
    check_number("intensity_scale_[1]", deviation, above=0)


def _check_shapes(wanted, found):
    if wanted != found:
        n_wanted, n_found = (sum(map(prod, shapes)) for shapes in (wanted, found))
        raise ValueError(
            f"the weights do not fit its network: it takes {n_wanted:,} numbers in {len(wanted)} arrays, "
            f"the file holds {n_found:,} in {len(found)}"
        )
