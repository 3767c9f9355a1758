"""The one place that imports Keras: it chooses the backend first, and leaves home folder and environment alone."""

import json
import logging
import os
import re
import sys
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

# In this order if the user has chosen none: the fastest epochs on a CPU first.
BACKENDS = ("tensorflow", "torch", "jax")

# Lines that TensorFlow writes when it is imported, whatever level of messages is asked for.
NOTICE = b"I0000 |WARNING: All log messages before absl|To enable the following instructions"

# Each fit makes a network of its own, which TensorFlow takes for a mistake: it warns at every fit of a search.
logging.getLogger("tensorflow").addFilter(lambda record: "triggered tf.function retracing" not in record.getMessage())


def choose_backend():
    """Name the backend that Keras will use, importing nothing.

    The environment variable ``KERAS_BACKEND`` decides, then the user's ``keras.json``, then what is installed.

    Returns
    -------
    backend : str
        ``"tensorflow"``, ``"torch"`` or ``"jax"``, or what ``KERAS_BACKEND`` says.

    Raises
    ------
    ImportError
        If Keras or the backend is not installed.
    """
    if not _is_installed("keras"):
        raise _missing("keras")
    chosen = os.environ.get("KERAS_BACKEND")
    if chosen:
        if not _is_installed(chosen):
            raise _missing(f"{chosen!r}, which the environment variable KERAS_BACKEND asks for")
        return chosen
    for backend in (_backend_of_config(), *BACKENDS):
        if backend and _is_installed(backend):
            return backend
    raise _missing(f"a backend for keras ({', '.join(BACKENDS)})")


def load_keras():
    """Import Keras on the chosen backend; if it has been imported before, it stays as it is.

    Importing Keras would make folders in the home folder, and TensorFlow would say much that is of no use here, and do
    without oneDNN on processors without AVX-512, where 3-D networks train ten times faster with it. The variables that
    prevent this are set for the import only; those that the user has set are kept.

    Returns
    -------
    keras : module

    Raises
    ------
    ImportError
        If Keras or the backend is not installed.
    """
    if "keras" in sys.modules:
        return sys.modules["keras"]
    settings = {"KERAS_BACKEND": choose_backend(), "TF_CPP_MIN_LOG_LEVEL": "2", "TF_ENABLE_ONEDNN_OPTS": "1"}
    with TemporaryDirectory(prefix="radlearn-keras-") as folder:
        settings.update(dict.fromkeys(_folders_to_move(), folder))
        with _environment(settings), _without_notices():
            return import_module("keras")


def _home():
    """Home folder, or as Keras itself has it where the system knows none, as in containers of unknown users."""
    try:
        return Path.home()
    except RuntimeError:
        return Path("~")


def _backend_of_config():
    """Backend in the user's keras.json, or None; a wish and no order, since Keras writes such files by itself."""
    folder = Path(os.environ.get("KERAS_HOME") or _home() / ".keras")
    try:
        return json.loads((folder / "keras.json").read_text(encoding="utf-8")).get("backend")
    except (OSError, ValueError, AttributeError):
        return None


def _folders_to_move():
    """Variables that move the folders that importing Keras, and with it matplotlib, would make in the home folder."""
    home = _home()
    if not (home / ".keras" / "keras.json").exists():
        yield "KERAS_HOME"
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    if not any(folder.exists() for folder in (config / "matplotlib", cache / "matplotlib", home / ".matplotlib")):
        yield "MPLCONFIGDIR"


@contextmanager
def _environment(settings):
    """Set environment variables that are unset, for a while."""
    new = {name: value for name, value in settings.items() if name not in os.environ}
    os.environ.update(new)
    try:
        yield
    finally:
        for name in new:
            os.environ.pop(name, None)


@contextmanager
def _without_notices():
    """Keep back the notices of TensorFlow on stderr, which it writes before it looks at the level that is asked for."""
    try:
        stderr = os.dup(2)
    except OSError:  # there is none
        yield
        return
    with TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            kept.seek(0)
            os.write(2, b"".join(line for line in kept if not re.match(NOTICE, line)))


def _is_installed(package):
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _missing(what):
    # TensorFlow has no wheels for Python 3.14 and later.
    extra = "tensorflow" if sys.version_info < (3, 14) else "jax"
    return ImportError(
        f'radlearn.keras needs {what}; install radlearn with the extra "{extra}": pip install "radlearn[{extra}]" '
        '(or with the extra "keras" beside a backend of your own, such as torch)',
        name="keras",
    )
