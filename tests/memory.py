"""How much memory something takes."""

import tracemalloc
from contextlib import contextmanager
from types import SimpleNamespace


@contextmanager
def peak_memory():
    """Memory whose `peak` tells, afterwards, how many bytes were allocated at most meanwhile."""
    memory = SimpleNamespace(peak=None)
    tracemalloc.start()
    try:
        yield memory
    finally:
        memory.peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
