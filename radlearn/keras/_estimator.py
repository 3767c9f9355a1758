"""What all deep models share: the state of a trained network, which holds arrays and no Keras object."""

from sklearn.utils.validation import check_is_fitted

from radlearn._validation import check_choice, check_number
from radlearn.base import CohortEstimator
from radlearn.keras._training import untouched_generators


class DeepEstimator(CohortEstimator):
    """Base of the classifiers and segmenters on Keras networks.

    A subclass sets ``_network``, a dict of what its network depends on, ready for JSON, and writes
    ``_build(**network)``, static, which gives the network, not compiled.

    The state of a fitted estimator is this dict and the weights as arrays: a pickle holds no Keras object, and may be
    used on another backend.
    """

    # One of them is set: the network, or, between unpickling and the first use, its weights.
    _model = None
    _weights = None

    @property
    def model_(self):
        """The trained ``keras.Model``, built again if the estimator comes from a pickle or a file."""
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
        check_number("cache_gb", self.cache_gb, at_least=0)
        check_number("n_jobs", self.n_jobs, integer=True, optional=True)
