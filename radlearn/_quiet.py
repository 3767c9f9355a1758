"""Warnings of other libraries, held back in one thread; `warnings.catch_warnings` changes what all threads show."""

import re
import warnings
from contextlib import contextmanager
from contextvars import ContextVar

_IS_QUIET = ContextVar("is_quiet", default=False)


class _WhereQuiet:
    """What stands in a filter of warnings for a pattern: it matches all of them in a quiet thread, and else none."""

    def match(self, text):  # noqa: ARG002 - as that of a pattern is called
        return is_quiet()

    def __reduce__(self):
        # scikit-learn sends filters to its workers, which may lack radlearn: there it is a pattern of nothing.
        return re.compile, ("(?!)",)


_FILTER = ("ignore", _WhereQuiet(), Warning, None, 0)


@contextmanager
def quiet():
    """Show no warning of this thread meanwhile.

    The filter that does so stays in its place: threads that took theirs away again would take away that of another, or
    leave one behind that holds back all warnings from then on.

    Examples
    --------
    >>> with quiet():
    ...     warnings.warn("nobody sees it", stacklevel=2)
    """
    if warnings.filters[:1] != [_FILTER]:  # others may have put theirs in front
        warnings.filters[:] = [_FILTER, *(entry for entry in warnings.filters if entry is not _FILTER)]
    before = _IS_QUIET.set(True)
    try:
        yield
    finally:
        _IS_QUIET.reset(before)


def is_quiet():
    """Whether this thread shows no warnings.

    Returns
    -------
    is_quiet : bool
    """
    return _IS_QUIET.get()
