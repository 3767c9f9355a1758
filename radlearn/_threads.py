"""Sums in one thread, since their last bits depend on the number of threads."""

from contextlib import contextmanager
from functools import cache
from threading import RLock

from threadpoolctl import ThreadpoolController

_alone = RLock()


@contextmanager
def one_blas_thread():
    """Let libraries of linear algebra work in one thread meanwhile.

    The number of their threads is one for the whole process, and who sets it must set it back: callers take turns.
    """
    with _alone, _controller().limit(limits=1, user_api="blas"):
        yield


@contextmanager
def one_thread():
    """Let linear algebra and the compiled loops of scikit-learn work in one thread meanwhile; callers take turns."""
    with _alone, _controller().limit(limits=1):
        yield


@cache
def _controller():
    """The libraries that are loaded; to look for them takes a millisecond or more."""
    return ThreadpoolController()
