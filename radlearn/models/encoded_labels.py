"""Labels of any kind and balanced classes, for classifiers that know neither."""

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from radlearn._accuracy import AccuracyMixin


class EncodedLabels(AccuracyMixin, MetaEstimatorMixin, BaseEstimator):
    """Train a classifier on labels 0, 1, 2, … in place of the real ones, and give the real ones back.

    XGBoost refuses labels such as ``"benign"`` and ``"malignant"``, and has no `class_weight`. This adds both, and
    nothing else.

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

    def fit(self, X, y):
        """Train the classifier on encoded labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)

        Returns
        -------
        self : EncodedLabels
        """
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        weights = compute_sample_weight(self.class_weight, y)
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
        X = validate_data(self, X, reset=False)
        return self.classes_[self.estimator_.predict(X)]

    def predict_proba(self, X):
        """Probability of each class, in the order of `classes_`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        return self.estimator_.predict_proba(X)
