"""The scorer of segmenters, and its name in scikit-learn."""

import sys

from sklearn.metrics import _scorer
from sklearn.utils._param_validation import StrOptions

from radlearn._truth import mean_dice


def dice_scorer(segmenter, X, y=None):  # noqa: ARG001 - the signature of scikit-learn's scorers
    """Mean Dice coefficient of a fitted segmenter, for ``GridSearchCV(..., scoring="dice")``.

    The name is known to scikit-learn once `radlearn.segmentation` or `radlearn.evaluation` is imported. Segmenters and
    pipelines that end with one have the same number as their `score`, which searches take by default; the scorer also
    works where the last step is another one.

    Parameters
    ----------
    segmenter : object with `transform`
        A fitted segmenter, or a pipeline that holds one.
    X : Cohort
        Cases with their true masks. No segmenter looks at them.
    y : ignored

    Returns
    -------
    score : float
        From 0 to 1; a case in which nothing was found counts 0.

    Raises
    ------
    MaskError
        If a case has no true mask.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.model_selection import GridSearchCV
    >>> from radlearn import check_cohort
    >>> from radlearn.segmentation import ThresholdSegmenter
    >>> image = np.array([[1, 1, 1, 1], [1, 5, 9, 1], [1, 1, 1, 1]])
    >>> X = [(image, image == 9), (2 * image, image == 9)]
    >>> search = GridSearchCV(ThresholdSegmenter(), {"method": ["otsu", "multi_otsu"]}, cv=2, scoring="dice")
    >>> search.fit(check_cohort(X)).best_params_
    {'method': 'multi_otsu'}
    """
    return mean_dice(segmenter.transform(X))


# What scikit-learn's own scorers have, and tools that go through all of them (MLflow) rely on.
vars(dice_scorer).update(_score_func=mean_dice, _sign=1, _kwargs={}, _response_method="transform")


def name_scorer():
    """Let scikit-learn know the scorer as ``"dice"``, for which it has no public way."""
    _scorer._SCORERS["dice"] = dice_scorer  # noqa: SLF001
    # What was imported before has looked at the names already.
    modules = [_scorer, sys.modules.get("sklearn.model_selection")]
    for each in (member for module in modules if module for member in vars(module).values()):
        constraints = getattr(each, "_parameter_constraints", None) or getattr(each, "_skl_parameter_constraints", {})
        for options in constraints.get("scoring", ()):
            if isinstance(options, StrOptions):
                options.options.add("dice")
