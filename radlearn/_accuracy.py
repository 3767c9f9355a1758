"""How classifiers are scored, in the words of this library."""

from sklearn.base import ClassifierMixin


class AccuracyMixin(ClassifierMixin):
    """The mixin of scikit-learn's classifiers, whose documentation of `score` speaks of tables and links to its own."""

    def score(self, X, y, sample_weight=None):
        """Accuracy: the share of the cases for which the right label is predicted.

        Parameters
        ----------
        X : what `predict` takes
        y : array-like of shape (n_cases,)
            The right labels.
        sample_weight : array-like of shape (n_cases,), optional
            Weight of each case.

        Returns
        -------
        accuracy : float
            From 0 to 1.
        """
        return super().score(X, y, sample_weight)
