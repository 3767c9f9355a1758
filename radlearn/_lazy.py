"""Names of a package that are imported when they are first used, so that none costs the time of the others."""

import gc
import sys
from contextlib import contextmanager
from importlib import import_module
from typing import Any


def import_on_use(package, homes):
    """Make the functions ``__getattr__`` and ``__dir__`` of a package, for names that are not imported yet.

    Parameters
    ----------
    package : str
        Name of the package, its ``__name__``.
    homes : dict of str to (str or None)
        The module that holds each name, without the name of the package; None if the name is itself that of a module.

    Returns
    -------
    getattribute : callable
        Imports what a name stands for and keeps it in the package, so that Python asks only once.
    directory : callable
        All names of the package, sorted.

    Examples
    --------
    >>> __getattr__, __dir__ = import_on_use("radlearn", {"Volume": "volume", "io": None})
    >>> __getattr__("Volume").__name__, __getattr__("io").__name__
    ('Volume', 'radlearn.io')
    """

    def getattribute(name) -> Any:  # or editors would take all names for modules
        module = sys.modules[package]
        if name not in homes:
            # With name and obj, Python adds "Did you mean: ..." to the traceback.
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name, obj=module)
        home = homes[name]
        with _no_collections():
            value = getattr(import_module(f"{package}.{home}"), name) if home else import_module(f"{package}.{name}")
        setattr(module, name, value)
        return value

    def directory():
        return sorted({*vars(sys.modules[package]), *homes})

    return getattribute, directory


@contextmanager
def _no_collections():
    """Collect no garbage meanwhile: modules are made of many objects that stay, and to look for others takes long."""
    if not gc.isenabled():  # whoever disabled it enables it again
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
