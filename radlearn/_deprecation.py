"""Old names that go on working for a while."""

import functools
import warnings


def deprecated(*, since, remove_in, instead):
    """Decorate a public function or class that has a successor: calling it warns, and says what to use.

    Parameters
    ----------
    since : str
        Version of radlearn that brought the successor.
    remove_in : str
        Version in which the old name goes.
    instead : str
        What to use, as code.

    Returns
    -------
    decorate : callable

    Warns
    -----
    FutureWarning
        At each call.

    Examples
    --------
    >>> @deprecated(since="0.2", remove_in="0.4", instead="len")
    ... def length(items):
    ...     return len(items)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     n = length("abc")
    >>> n, str(caught[0].message)
    (3, 'length is deprecated since radlearn 0.2 and will be removed in 0.4; use len instead')
    """

    def decorate(function):
        message = (
            f"{function.__name__} is deprecated since radlearn {since} and will be removed in {remove_in}; "
            f"use {instead} instead"
        )

        @functools.wraps(function)
        def warned(*args, **kwargs):
            warnings.warn(message, FutureWarning, stacklevel=2)
            return function(*args, **kwargs)

        return warned

    return decorate
