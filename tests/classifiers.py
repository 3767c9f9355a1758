"""Classifiers that differ from those of scikit-learn, as some of other packages do."""

import numpy as np
from sklearn.linear_model import LogisticRegression


class InColumns(LogisticRegression):
    """Predicts a column, as CatBoost does where there are more than two classes."""

    def predict(self, X):
        return super().predict(X)[:, np.newaxis]
