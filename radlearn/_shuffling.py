"""Random order of groups, for splitters that take groups in the order of their names."""

import numpy as np
from sklearn.utils import check_random_state


def shuffled_groups(groups, random_state):
    """Numbers in place of the names of groups, in random order.

    ``StratifiedGroupKFold(shuffle=True)`` of scikit-learn before 1.8 spreads the classes of other groups; given these
    numbers without ``shuffle``, every version makes the folds of the later ones.

    Parameters
    ----------
    groups : array-like of shape (n_cases,)
        Name of the group of each case.
    random_state : int, RandomState or None

    Returns
    -------
    numbers : ndarray of int64, shape (n_cases,)

    Examples
    --------
    >>> shuffled_groups(["ann", "bob", "bob", "cleo"], random_state=0).tolist()
    [2, 1, 1, 0]
    """
    names, codes = np.unique(groups, return_inverse=True)
    order = check_random_state(random_state).permutation(len(names))
    return np.argsort(order)[codes]
