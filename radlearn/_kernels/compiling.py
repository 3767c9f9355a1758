"""Compiles the loops of all packages: on first use, with a cache on disk if possible, and with a line on stderr."""

import gc
import re
import sys
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

from numba import config, njit
from numba.core import event
from numba.core.caching import FunctionCache
from numba.core.runtime import rtsys

# The largest threshold that the garbage collector accepts: with it, full collections practically never happen.
MAX_THRESHOLD = 2**31 - 1


def kernel(function):
    """Compile the decorated function on its first use.

    Compiled code is stored in numba's cache. A damaged entry is compiled again; if the cache cannot be written, every
    process compiles anew.

    Parameters
    ----------
    function : callable
        Takes and gives arrays and numbers.

    Returns
    -------
    compiled : callable
    """
    compiled = njit(nogil=True, no_cfunc_wrapper=True)(function)  # no kernel is an argument of another one
    if not config.DISABLE_JIT:
        # A RuntimeError: neither the folder of the source nor the home folder can be written.
        with suppress(RuntimeError):
            compiled._cache = _KernelCache(function)  # noqa: SLF001 - what `cache=True` sets, but for its errors
    return compiled


def kernel_part(function):
    """Compile the decorated function as a part of the kernels that call it; Python itself cannot call it.

    It is compiled and stored together with each of these kernels.

    Parameters
    ----------
    function : callable

    Returns
    -------
    compiled : callable
    """
    return njit(no_cfunc_wrapper=True, no_cpython_wrapper=True)(function)


class _KernelCache(FunctionCache):
    """numba's cache on disk, which neither a damaged file nor a full disk brings down."""

    def __init__(self, function):
        super().__init__(function)
        # numba compares the file of the kernel with that of the compiled code. What the kernel takes from other files
        # is part of the code, too: without this, a new version of radlearn could go on with parts of the one before.
        index, parts = self._cache_file, _digests_beside(function.__code__.co_filename)
        index._source_stamp = index._source_stamp, parts  # noqa: SLF001 - there is no other way

    def load_overload(self, sig, target_context):
        """Compiled code from disk, or None where there is none that can be used."""
        try:
            # Compiled code needs numba's memory manager, but not the declarations of all that can be compiled, which
            # take a tenth of a second to read; numba reads them before it compiles.
            rtsys.initialize(target_context)
            return self._load_overload(sig, target_context)
        except Exception:  # noqa: BLE001 - whatever comes of reading bytes that nobody wrote
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig, data):
        """Keep compiled code, if that is possible."""
        with suppress(OSError):
            super().save_overload(sig, data)


@cache
def _digests_beside(path):
    """Digests of the files from which a file of kernels imports, in the same folder."""
    home = Path(path)
    if not home.is_file():
        return ()
    names = re.findall(r"^from (\S+) import", home.read_text(encoding="utf-8"), re.MULTILINE)
    files = [Path(getattr(sys.modules.get(name), "__file__", None) or "") for name in names]
    return tuple(sha256(file.read_bytes()).digest() for file in files if file.is_file() and file.parent == home.parent)


class _Compilation(event.Listener):
    """Announce the first compilation of a process, since the wait would look like a fault, and shorten the wait.

    Compiling creates millions of objects that stay alive. Full garbage collections, which look at all objects of the
    process again and again, would take a tenth of the time; they are postponed until the end.
    """

    def __init__(self):
        self._told = False
        self._depth = 0  # one compilation asks for others; numba's lock lets only one thread compile
        self._thresholds = None

    def on_start(self, event):
        """Postpone full garbage collections, and print one line if the compiled function is one of radlearn."""
        self._depth += 1
        if self._depth == 1:
            self._thresholds = gc.get_threshold()
            gc.set_threshold(*self._thresholds[:2], MAX_THRESHOLD)
        compiled = event.data["dispatcher"]
        if self._told or not str(compiled.py_func.__module__).startswith("radlearn."):  # made by exec, it has none
            return
        self._told = True
        kept = compiled.stats.cache_path is not None
        often = "once" if kept else "in every process (set NUMBA_CACHE_DIR to a folder that can be written)"
        if sys.stderr is None:  # print would take stdout instead
            return
        with suppress(OSError, ValueError):  # stderr is closed, or the terminal of the process is gone
            print(  # noqa: T201 - for whoever waits
                f"radlearn: compiling the kernels of these features, {often}: about 20 s for all", file=sys.stderr
            )

    def on_end(self, event):  # noqa: ARG002 - numba's signature
        """Allow full garbage collections again."""
        self._depth -= 1
        if self._depth == 0:
            gc.set_threshold(*self._thresholds)


event.register("numba:compile", _Compilation())
