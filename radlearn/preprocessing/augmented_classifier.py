"""AugmentedClassifier: any classifier, trained on changed copies of its cases, too."""

from sklearn.base import MetaEstimatorMixin, clone, is_regressor
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from radlearn._accuracy import AccuracyMixin
from radlearn._validation import check_number
from radlearn.base import CohortEstimator
from radlearn.preprocessing.augment import Augment


def _estimator_has(method):
    """Whether the classifier, fitted or not, has the method."""

    def check(self):
        getattr(getattr(self, "estimator_", self.estimator), method)
        return True

    return check


class AugmentedClassifier(MetaEstimatorMixin, AccuracyMixin, CohortEstimator):
    """Train a classifier on the cases and on randomly changed copies of them; predict from the cases alone.

    Copies are made while fitting, of the training cases only, inside any cross-validation or search. A copy has the
    patient of its case, so that splits by patient inside the classifier stay splits by patient.

    Parameters
    ----------
    estimator : classifier
        Takes a cohort: a pipeline with an extractor, for instance. Steps in front of `AugmentedClassifier` come before
        the changes, steps in its pipeline after them.
    augment : Augment, optional
        What is changed and how much. Default: ``Augment()``. Where one is given, a search finds its parameters under
        ``augment__rotate`` and so on.
    n_copies : int, default=1
        Changed copies of each case.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Attributes
    ----------
    estimator_ : classifier
        The fitted one.
    classes_ : ndarray of shape (n_classes,)

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from radlearn.descriptors import IntensityHistogram
    >>> X, y = [np.eye(8), np.eye(9), 1 - np.eye(8), 1 - np.eye(9)], [0, 0, 1, 1]
    >>> classifier = make_pipeline(IntensityHistogram(), LogisticRegression())
    >>> AugmentedClassifier(classifier, augment=Augment(rotate=5, random_state=0), n_copies=3).fit(X, y).predict(X)
    array([0, 0, 1, 1])
    """

    def __init__(self, estimator, *, augment=None, n_copies=1, image_shape=None):
        self.estimator = estimator
        self.augment = augment
        self.n_copies = n_copies
        self.image_shape = image_shape

    def _check_parameters(self):
        check_number("n_copies", self.n_copies, at_least=0, integer=True)
        if not isinstance(self.augment, (Augment, type(None))):
            raise TypeError(f"augment must be an Augment or None, got {self.augment!r}")
        if hasattr(self.estimator, "__sklearn_tags__") and is_regressor(self.estimator):
            raise TypeError(
                "estimator predicts numbers, not classes; pass a classifier, or fit it on the cases and targets that "
                "Augment().fit(X).with_copies(X, y) gives"
            )

    def fit(self, X, y):
        """Fit the classifier on the cases and their copies.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes
        y : array-like of shape (n_cases,)

        Returns
        -------
        self : object
        """
        self._check_parameters()
        cohort = self._cohort(X, reset=True)
        y = column_or_1d(y, warn=True)
        augment = Augment() if self.augment is None else clone(self.augment)
        X_all, y_all = augment.fit(cohort).with_copies(cohort, y, n_copies=self.n_copies)
        self.estimator_ = clone(self.estimator).fit(X_all, y_all)
        self.classes_ = self.estimator_.classes_
        self._fitted = True
        return self

    def predict(self, X):
        """Class of each case.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes

        Returns
        -------
        labels : ndarray of shape (n_cases,)
        """
        return self._fitted_estimator().predict(self._cohort(X, reset=False))

    @available_if(_estimator_has("predict_proba"))
    def predict_proba(self, X):
        """Probability of each class, where the classifier gives it.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes

        Returns
        -------
        probabilities : ndarray of shape (n_cases, n_classes)
        """
        return self._fitted_estimator().predict_proba(self._cohort(X, reset=False))

    @available_if(_estimator_has("decision_function"))
    def decision_function(self, X):
        """Decision function of each case, where the classifier has one.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes

        Returns
        -------
        scores : ndarray of shape (n_cases,) or (n_cases, n_classes)
        """
        return self._fitted_estimator().decision_function(self._cohort(X, reset=False))

    def _fitted_estimator(self):
        check_is_fitted(self)
        return self.estimator_
