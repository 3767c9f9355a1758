"""Labels of any kind and balanced classes, for classifiers that know neither."""

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils import column_or_1d, get_tags
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from radlearn._accuracy import AccuracyMixin


def _gives_probabilities(self):
    return hasattr(getattr(self, "estimator_", self.estimator), "predict_proba")


class EncodedLabels(AccuracyMixin, MetaEstimatorMixin, BaseEstimator):
    """Train a classifier on labels 0, 1, 2, … in place of the real ones, and give the real ones back.

    XGBoost refuses labels such as ``"benign"`` and ``"malignant"``, and has no `class_weight`. This adds both, and
    nothing else: missing values (NaN) are accepted if the classifier accepts them.

    Parameters
    ----------
    estimator : classifier
        Takes ``sample_weight`` when it is fitted.
    class_weight : dict, "balanced" or None, default=None
        Weight of each class, which becomes the weight of its samples.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The real labels, sorted.
    estimator_ : classifier
        The trained classifier.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> model = EncodedLabels(DecisionTreeClassifier()).fit([[0], [1], [2]], ["benign", "benign", "malignant"])
    >>> print(model.predict([[5]]), model.estimator_.classes_)
    ['malignant'] [0 1]
    """

    def __init__(self, estimator, *, class_weight=None):
        self.estimator = estimator
        self.class_weight = class_weight

    def fit(self, X, y, sample_weight=None):
        """Train the classifier on encoded labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        sample_weight : array-like of shape (n_samples,), optional
            Multiplied by the weight of the class of each sample.

        Returns
        -------
        self : EncodedLabels
        """
        X, y = validate_data(self, X, y, ensure_all_finite=self._finite())
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        weights = compute_sample_weight(self.class_weight, y)
        if sample_weight is not None:
            weights = weights * _check_sample_weight(sample_weight, X)
        self.estimator_ = clone(self.estimator).fit(X, codes, sample_weight=weights)
        return self

    def predict(self, X):
        """Predict real labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        labels : ndarray of shape (n_samples,)
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, ensure_all_finite=self._finite())
        return self.classes_[column_or_1d(self.estimator_.predict(X))]  # CatBoost gives a column

    @available_if(_gives_probabilities)
    def predict_proba(self, X):
        """Probability of each class, in the order of `classes_`, where the classifier gives it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, ensure_all_finite=self._finite())
        return self.estimator_.predict_proba(X)

    def _finite(self):
        return "allow-nan" if get_tags(self.estimator).input_tags.allow_nan else True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = get_tags(self.estimator).input_tags.allow_nan
        return tags
