"""Parameters and what was learned, as JSON and arrays: nothing in it can run."""

import io
import os
from importlib import import_module

import numpy as np

from radlearn.base import CaseExtractor, CohortEstimator, is_learned
from radlearn.exceptions import RadlearnError

_PLAIN = (str, bool, int, float, type(None))


class Encoder:
    """Turns values into what JSON can hold; arrays are collected beside it.

    Attributes
    ----------
    arrays : list of ndarray
    """

    def __init__(self):
        self.arrays = []

    def encoded(self, value):
        """Value as JSON.

        Parameters
        ----------
        value : object
            Numbers, strings, paths, arrays, lists, tuples, dicts and estimators of radlearn, in any nesting.

        Returns
        -------
        code : object

        Raises
        ------
        TypeError
            If the value is something else: a function, or an estimator of another library.
        """
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, os.PathLike):
            value = os.fspath(value)
        if type(value) in _PLAIN:
            return value
        if isinstance(value, np.ndarray):
            return self._encoded_array(value)
        if type(value) in (list, tuple):
            return {type(value).__name__: [self.encoded(item) for item in value]}
        if isinstance(value, dict):
            return {"dict": [[self.encoded(key), self.encoded(item)] for key, item in value.items()]}
        if isinstance(value, CohortEstimator) and type(value).__module__.startswith("radlearn."):
            return {"estimator": self.encoded_estimator(value)}
        raise TypeError(f"{value!r} is neither a number, text, an array nor an estimator of radlearn")

    def encoded_estimator(self, estimator, *, leave_out=()):
        """Class, parameters and what was learned.

        Parameters
        ----------
        estimator : CohortEstimator
            Of radlearn.
        leave_out : sequence of str, optional
            Parameters that become None, as `memory` does.

        Returns
        -------
        code : dict
        """
        parameters, learned = estimator._state_for_files()  # noqa: SLF001 - of radlearn, as all that are encoded
        return {
            "class": f"{type(estimator).__module__}:{type(estimator).__qualname__}",
            "parameters": {
                # A folder of this machine is none of another one.
                name: None if name in (*leave_out, "memory") else self._encoded_of(estimator, name, value)
                for name, value in parameters.items()
            },
            "learned": {name: self._encoded_of(estimator, name, value) for name, value in learned.items()},
        }

    def _encoded_of(self, estimator, name, value):
        try:
            return self.encoded(value)
        except TypeError as error:
            error.add_note(f"it is {name} of {type(estimator).__name__}; pickle the estimator instead, or use skops")
            raise

    def _encoded_array(self, array):
        if array.dtype.kind == "O":
            return {"objects": [self.encoded(item) for item in array.tolist()]}
        self.arrays.append(array)
        return {"array": len(self.arrays) - 1}


class Decoder:
    """The way back.

    Parameters
    ----------
    read_array : callable
        Gives the array of a number.
    """

    def __init__(self, read_array):
        self._read_array = read_array

    def decoded(self, code):
        """Value of what `Encoder.encoded` has made.

        Parameters
        ----------
        code : object

        Returns
        -------
        value : object

        Raises
        ------
        RadlearnError
            If the code is none.
        """
        if not isinstance(code, dict):
            return code
        if len(code) != 1:
            raise RadlearnError(f"the file holds {sorted(code)}, where one kind of value is expected")
        [(kind, content)] = code.items()
        if kind == "array":
            return self._read_array(content)
        if kind == "objects":
            return np.array([self.decoded(item) for item in content], object)
        if kind in ("list", "tuple"):
            return {"list": list, "tuple": tuple}[kind](self.decoded(item) for item in content)
        if kind == "dict":
            return {self.decoded(key): self.decoded(item) for key, item in content}
        if kind == "estimator":
            return self.decoded_estimator(content)
        raise RadlearnError(f"the file holds a value of the unknown kind {kind!r}", "was it made by a later radlearn?")

    def decoded_estimator(self, code, **replaced):
        """Estimator of what `Encoder.encoded_estimator` has made.

        Parameters
        ----------
        code : dict
        **replaced
            Parameters that are used instead.

        Returns
        -------
        estimator : CohortEstimator

        Raises
        ------
        RadlearnError
            If it is no estimator of radlearn.
        """
        # No file names a folder of this machine to write into, as `Encoder` does not.
        replaced = {**replaced, **dict.fromkeys({"memory"} & set(code["parameters"]))}
        parameters = {name: self.decoded(value) for name, value in code["parameters"].items() if name not in replaced}
        estimator = _class_named(code["class"])(**parameters, **replaced)
        if strange := [name for name in code["learned"] if not is_learned(name)]:
            raise RadlearnError(f"the file sets {strange[0]!r}, which no estimator learns", "do not trust this file")
        vars(estimator).update({name: self.decoded(value) for name, value in code["learned"].items()})
        if isinstance(estimator, CaseExtractor):
            estimator._failures = []  # noqa: SLF001 - those of the cases that it was saved with are not kept
        return estimator


def _class_named(name):
    """Class of radlearn; nothing else is imported, whatever a file says."""
    module, _, kind = name.partition(":")
    if not module.startswith("radlearn."):
        raise _not_ours(name)
    try:
        found = getattr(import_module(module), kind)
    except (ImportError, AttributeError) as error:
        raise RadlearnError(f"this radlearn has no {name!r}", "update it to the version that made the file") from error
    if not (isinstance(found, type) and issubclass(found, CohortEstimator)):
        raise _not_ours(name)
    return found


def _not_ours(name):
    return RadlearnError(f"the file asks for {name!r}, which is not an estimator of radlearn", "do not trust this file")


def array_bytes(array):
    """An array as an .npy file."""
    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    return content.getvalue()


def array_of_bytes(content, name):
    """Array of an .npy file.

    Parameters
    ----------
    content : bytes
    name : str
        For the message.

    Returns
    -------
    array : ndarray

    Raises
    ------
    RadlearnError
        If it is none.
    """
    try:
        return np.load(io.BytesIO(content), allow_pickle=False)
    except Exception as error:  # NumPy fails in many ways over damaged headers
        raise RadlearnError(f"{name} is damaged: {error}", "copy the file again") from error
