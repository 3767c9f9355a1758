"""Pipelines of scikit-learn for tables of image features."""

from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from radlearn._optional import import_optional
from radlearn._validation import check_choice
from radlearn.models.encoded_labels import EncodedLabels

# Chosen for tables of some hundred rows and up to some hundred correlated columns.
_DEFAULTS = {
    "svm": {"C": 10.0, "gamma": "scale", "class_weight": "balanced"},
    "tree": {"max_depth": 5, "min_samples_leaf": 0.05, "class_weight": "balanced"},
    "forest": {"n_estimators": 500, "min_samples_leaf": 2, "class_weight": "balanced"},
    "xgboost": {
        "n_estimators": 300,
        "learning_rate": 0.05,
        "max_depth": 3,
        "subsample": 0.8,
        "colsample_bytree": 0.5,
        "n_jobs": 1,
    },
    "mlp": {"hidden_layer_sizes": (64,), "alpha": 1.0, "max_iter": 1000},
    "logistic": {"C": 0.1, "max_iter": 5000, "class_weight": "balanced"},
}
_CLASSES = {
    "svm": SVC,
    "tree": DecisionTreeClassifier,
    "forest": RandomForestClassifier,
    "mlp": MLPClassifier,
    "logistic": LogisticRegression,
}
_SCALED = ("svm", "mlp", "logistic")

KINDS = tuple(_DEFAULTS)


def make_classifier(kind, *, random_state=None, **params):
    """Pipeline with everything a feature table needs before a classifier, and the classifier.

    Its steps are

    - ``"impute"``: values that are undefined by definition (NaN) become the median of their column, a column of nothing
      but NaN becomes zero. Infinite values are refused.
    - ``"quantiles"`` and ``"scale"``: each value becomes its position among the training values, linearly between ten
      quantiles from the smallest to the largest; then zero mean and unit variance. Image features have long tails, and
      a few extreme cases would set the scale for all others. Only for the kinds that need it (``"svm"``, ``"mlp"``,
      ``"logistic"``).
    - ``"classifier"``: the classifier, with classes weighted inversely to their frequency. ``"mlp"`` is the exception:
      scikit-learn's has no class weights.

    Parameters
    ----------
    kind : {"svm", "tree", "forest", "xgboost", "mlp", "logistic"}
        ``"svm"`` is a support vector machine with a radial kernel, which gives decision values and no probabilities;
        ``"tree"`` one decision tree; ``"forest"`` a random forest; ``"xgboost"`` gradient boosting, in `EncodedLabels`;
        ``"mlp"`` a network with one hidden layer; ``"logistic"`` logistic regression with an L2 penalty.
    random_state : int, RandomState or None, default=None
        Seed of the classifier (and of the quantiles, which are taken from a sample if there are over 10,000 rows).
    **params
        Parameters of the classifier, in place of the defaults.

    Returns
    -------
    model : Pipeline
        Unfitted. A search reaches its parameters as ``classifier__C``, and XGBoost's as
        ``classifier__estimator__max_depth``.

    Raises
    ------
    ValueError
        If the kind is unknown.
    TypeError
        If the classifier does not have one of the parameters.
    ImportError
        If XGBoost is asked for and not installed.

    Examples
    --------
    >>> import numpy as np
    >>> model = make_classifier("logistic", C=1.0)
    >>> list(model.named_steps)
    ['impute', 'quantiles', 'scale', 'classifier']
    >>> X = np.array([[n, np.nan if n % 4 == 0 else 5.0] for n in range(20)])
    >>> y = np.where(X[:, 0] > 12, "malignant", "benign")
    >>> print(model.fit(X, y).predict([[2.0, 5.0], [18.0, np.nan]]))
    ['benign' 'malignant']
    """
    check_choice("kind", kind, KINDS)
    params = {**_DEFAULTS[kind], "random_state": random_state, **params}
    classifier = _xgboost(params) if kind == "xgboost" else _CLASSES[kind](**params)
    scaling = [
        ("quantiles", QuantileTransformer(n_quantiles=10, random_state=random_state)),
        ("scale", StandardScaler()),
    ]
    return Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
            *(scaling if kind in _SCALED else []),
            ("classifier", classifier),
        ]
    )


def _xgboost(params):
    xgboost = import_optional("xgboost", extra="xgboost", purpose='make_classifier("xgboost")')
    unknown = sorted(set(params) - set(xgboost.XGBClassifier().get_params()))
    if unknown:  # XGBoost itself only logs a line
        raise TypeError(f"XGBClassifier has no parameter {unknown[0]!r}; see its get_params()")
    return EncodedLabels(xgboost.XGBClassifier(**params), class_weight="balanced")
