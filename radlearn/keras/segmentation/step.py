"""Pending step of a trained segmenter: all cases share one network, and their pickles name only its file."""

import tempfile
import warnings
from functools import lru_cache
from pathlib import Path

from radlearn._cache import cache_folder
from radlearn.base import FittedStep
from radlearn.exceptions import RadlearnError, RadlearnWarning
from radlearn.keras.files import load_network, save_network


class NetworkStep(FittedStep):
    """Pending step that shares the network of a segmenter.

    Its pickle holds only the name of a file with the network. The first pickling writes that file: into the segmenter's
    folder `memory`, or, without one, into a temporary folder that is removed when this process ends.

    Parameters
    ----------
    segmenter : DeepSegmenter
        Fitted; fitting it again does not change the step.
    """

    def __init__(self, segmenter):
        self._transformer = object.__new__(type(segmenter))
        vars(self._transformer).update(vars(segmenter))
        self._digest = segmenter._digest()  # noqa: SLF001 - a part of the same package
        self.name = type(segmenter).__name__
        self.makes_mask = True
        self._path = None

    def __getstate__(self):
        if self._path is None:
            self._path = self._written()
        return {"path": self._path, "digest": self._digest, "name": self.name}

    def __setstate__(self, state):
        self._digest, self.name, self.makes_mask = state["digest"], state["name"], True
        self._path = state["path"]

    def __getattr__(self, name):
        # What a pickle leaves out is read from the file when it is first needed.
        if name != "_transformer":
            raise AttributeError(name)
        self._transformer = _read_once(self._path, self.name)
        return self._transformer

    def _written(self):
        """File of the network; in a temporary folder also if that of the segmenter cannot be written."""
        folder = cache_folder(self._transformer.memory, "networks")
        try:
            return self._written_to(folder or _temporary())
        except OSError as error:
            if folder is None:
                raise
            reason = error.strerror or error
            warnings.warn(
                f"cannot write the network of {self.name} to {str(folder)!r} ({reason}); pickled cases can be loaded "
                "while this process runs",
                RadlearnWarning,
                stacklevel=2,
            )
            return self._written_to(_temporary())

    def _written_to(self, folder):
        """File of the network, whose name is its digest."""
        path = folder / f"{self._digest}.radlearn"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RadlearnWarning)  # parameters of training are of no use here
                save_network(self._transformer, path)
        return str(path)


@lru_cache(maxsize=4)
def _read_once(path, name):
    """Segmenter of a file, shared by the cases that name it."""
    try:
        return load_network(path)
    except RadlearnError as error:
        raise RadlearnError(
            f"the network of {name} is no longer there: {error.problem}",
            "give the segmenter a folder, memory=, so that its network outlives the process that trained it",
        ) from error


def _temporary():
    """Folder that is removed when this process ends."""
    if not _TEMPORARY:
        _TEMPORARY.append(tempfile.TemporaryDirectory(prefix="radlearn-networks-"))
    return Path(_TEMPORARY[0].name)


# The folder of this process, once it is needed.
_TEMPORARY = []
