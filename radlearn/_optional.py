"""Packages that only some users need, imported when they are needed."""

from importlib import import_module


def import_optional(module, *, extra, purpose):
    """Import a package of an extra, or say how to get it.

    Parameters
    ----------
    module : str
        Dotted name, such as ``"matplotlib.pyplot"``.
    extra : str
        The extra of radlearn that brings the package.
    purpose : str
        What needs it, as the start of the message.

    Returns
    -------
    module : module

    Raises
    ------
    ImportError
        If the package is not installed.
    """
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or package).partition(".")[0] != package:
            raise
        msg = f'{purpose} needs {package}; install radlearn with the extra "{extra}": pip install "radlearn[{extra}]"'
        raise ImportError(msg, name=package) from None
