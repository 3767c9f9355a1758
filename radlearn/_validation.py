"""Checks of parameters, with one wording for each kind of mistake."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from math import isfinite
from numbers import Integral, Real
from operator import ge, gt, le, lt

import numpy as np

# Bounds of numbers, in the order of the parameters of `check_number`.
BOUNDS = (("greater than", gt), ("at least", ge), ("less than", lt), ("at most", le))

# What is a number, and a whole one: the usual types first, since it takes longer to ask an abstract class.
NUMBERS, WHOLE_NUMBERS = (float, int, Real), (int, Integral)

# A message lists up to this many choices; the rest is counted.
MAX_LISTED = 40


def check_number(
    name, value, *, above=None, at_least=None, below=None, at_most=None, integer=False, optional=False, hint=""
):
    """Return `value` if it is a finite number within its bounds.

    Parameters
    ----------
    name : str
        Name of the parameter, for the message.
    value : object
        What the user gave.
    above, at_least, below, at_most : float, optional
        Bounds; `above` and `below` are exclusive.
    integer : bool, default=False
        Whether only whole numbers will do.
    optional : bool, default=False
        Whether None is allowed.
    hint : str, optional
        What to do instead, appended to the message.

    Raises
    ------
    TypeError
        If `value` is not a number.
    ValueError
        If it is out of bounds or not finite.

    Examples
    --------
    >>> check_number("bin_width", 25, above=0)
    25
    """
    if value is None and optional:
        return value
    if isinstance(value, bool) or not isinstance(value, WHOLE_NUMBERS if integer else NUMBERS):
        kind = "a whole number" if integer else "a number"
        raise TypeError(f"{name} must be {kind}{' or None' if optional else ''}, got {value!r}{_behind(hint)}")
    for bound, (words, holds) in zip((above, at_least, below, at_most), BOUNDS, strict=True):
        if bound is not None and not holds(value, bound):
            raise ValueError(f"{name} must be {words} {bound}, got {value}{_behind(hint)}")
    if not isfinite(value):
        raise ValueError(f"{name} must be finite, got {value}{_behind(hint)}")
    return value


def check_numbers(name, value, *, single=False, **bounds):
    """Return `value`, a sequence of different numbers, as a tuple.

    Parameters
    ----------
    name : str
        Name of the parameter, for the message.
    value : object
        What the user gave.
    single : bool, default=False
        Whether one number will do, too.
    **bounds
        Of each number, and a hint, as for `check_number`.

    Raises
    ------
    TypeError
        If one of them is not a number.
    ValueError
        If `value` is no sequence or empty, two numbers have the same six digits, with which they stand in the names of
        features, or one is out of bounds or not finite.

    Examples
    --------
    >>> check_numbers("sigma", [1, 2.5], above=0), check_numbers("sigma", 2, single=True)
    ((1, 2.5), (2,))
    """
    numbers = (value,) if single else ()
    if np.iterable(value) and not isinstance(value, str):
        numbers = tuple(value)
    for number in numbers:
        check_number(name, number, **bounds)
    if len({f"{number:g}" for number in numbers}) < max(1, len(numbers)):
        wanted = "one number or several different ones" if single else "several different numbers, such as (1, 2)"
        raise ValueError(f"{name} must be {wanted}, got {value!r}")
    return numbers


def check_n_jobs(value):
    """Return `value` if it is a number of jobs as joblib counts them, or None.

    Raises
    ------
    TypeError
        If it is no whole number.
    ValueError
        If it is 0, which joblib would refuse only where the work begins.

    Examples
    --------
    >>> check_n_jobs(-1)
    -1
    """
    check_number("n_jobs", value, integer=True, optional=True)
    if value == 0:
        raise ValueError("n_jobs must not be 0; 1 is one job at a time, -1 one for each processor")
    return value


def check_flag(name, value):
    """Return `value` if it is True or False; what only counts as one of them, such as "no", is refused.

    Raises
    ------
    TypeError
        If it is neither.

    Examples
    --------
    >>> check_flag("square", True)
    True
    """
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return value


def check_ndim(value):
    """Return `value` if it is a number of axes that images have.

    Raises
    ------
    ValueError
        If it is neither 2 nor 3.

    Examples
    --------
    >>> check_ndim(3)
    3
    """
    if not isinstance(value, Integral) or value not in (2, 3):
        raise ValueError(f"ndim must be 3 (volumes) or 2 (single images), got {value!r}")
    return value


def listed(words, n_all):
    """Words that a message shows, and how many of all it does not.

    Examples
    --------
    >>> listed(["a", "b"], 2), listed(["a", "b"], 5)
    ('a, b', 'a, b and 3 more')
    """
    return ", ".join(words) + (f" and {n_all - len(words)} more" if n_all > len(words) else "")


def check_choice(name, value, choices, *, optional=False):
    """Return `value` if it is one of `choices`; else say which there are and which is nearest.

    Raises
    ------
    ValueError
        If `value` is none of them.

    Examples
    --------
    >>> check_choice("interpolation", "linear", ("nearest", "linear"))
    'linear'
    """
    choices = tuple(choices)
    if (value is None and optional) or (isinstance(value, str) and value in choices):
        return value
    known = listed([repr(choice) for choice in choices[:MAX_LISTED]], len(choices)) + (" or None" if optional else "")
    nearest = _nearest(value, choices) if isinstance(value, str) else None
    advice = f"; did you mean {nearest!r}?" if nearest else ""
    raise ValueError(f"{name} must be one of {known}, got {value!r}{advice}")


def check_texts(name, value, example, *, optional=False):
    """Return `value`, one text or several, as a list; None, which stands for all, if that is optional.

    Raises
    ------
    TypeError
        If `value` is neither a text nor iterable.
    ValueError
        If it is empty.

    Examples
    --------
    >>> check_texts("bands", "LLH", "LLH"), check_texts("bands", ("LLH", "HHH"), "LLH")
    (['LLH'], ['LLH', 'HHH'])
    """
    if value is None and optional:
        return None
    if not isinstance(value, Iterable):
        raise TypeError(f"{name} must be a string such as {example!r}, or several, got {value!r}")
    texts = [value] if isinstance(value, str) else list(value)
    if not texts:
        otherwise = ", or leave it out for all of them" if optional else ""
        raise ValueError(f"{name} is empty; name at least one, such as {example!r}{otherwise}")
    return texts


def check_names(name, value, what):
    """Raise an error unless `value` is a dict of names, which are text, and `what` they name.

    Raises
    ------
    TypeError
        If it is no such dict, or empty.

    Examples
    --------
    >>> check_names("models", {64: "a classifier"}, "classifiers")
    Traceback (most recent call last):
        ...
    TypeError: a name in models must be text, got 64; use '64'
    """
    if not isinstance(value, Mapping) or not value:
        raise TypeError(f"{name} must be a dict of names and {what}, got {type(value).__name__}; give each a name")
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"a name in {name} must be text, got {key!r}; use {str(key)!r}")


def check_interval(name, value, *, optional=False):
    """Return ``(low, high)`` with low < high; either may be None, which leaves that side open.

    Raises
    ------
    TypeError
        If `value` is not a pair of numbers.
    ValueError
        If the bounds are in the wrong order.

    Examples
    --------
    >>> check_interval("resegment_range", (-1000, None))
    (-1000, None)
    """
    if value is None and optional:
        return value
    if isinstance(value, str) or not hasattr(value, "__len__") or len(value) != 2:
        raise TypeError(f"{name} must be a pair (low, high), got {value!r}; use None for an open side")
    low, high = (check_number(f"{name}[{side}]", bound, optional=True) for side, bound in enumerate(value))
    if low is not None and high is not None and low >= high:
        raise ValueError(f"{name} must have its lower bound below its upper bound, got ({low}, {high})")
    return low, high


def check_per_axis(name, value, ndim, *, above=None):
    """Return one float per axis; a single number stands for all axes.

    Raises
    ------
    TypeError
        If it is neither a number nor a sequence of numbers.
    ValueError
        If there are not `ndim` numbers, or one is out of bounds.

    Examples
    --------
    >>> check_per_axis("spacing", 2, 3, above=0)
    (2.0, 2.0, 2.0)
    """
    if isinstance(value, Real):
        return (float(check_number(name, value, above=above)),) * ndim
    values = tuple(value) if isinstance(value, Iterable) else ()
    if len(values) != ndim:
        kind = ValueError if isinstance(value, Iterable) else TypeError
        raise kind(f"{name} must be one number or {ndim} numbers (one per axis), got {value!r}")
    return tuple(float(check_number(f"{name}[{axis}]", number, above=above)) for axis, number in enumerate(values))


def check_counts(name, value, ndim=(2, 3), *, at_least=1, **bounds):
    """Return `value` as a tuple of whole numbers, one per axis.

    Parameters
    ----------
    name : str
        Name of the parameter, for the message.
    value : object
        What the user gave.
    ndim : tuple of int, default=(2, 3)
        How many there may be.
    at_least : int, default=1
        Smallest number.
    **bounds
        Other bounds of each number, and a hint, as for `check_number`.

    Raises
    ------
    TypeError
        If one of them is not a whole number.
    ValueError
        If it is no sequence, there are more or fewer of them, or one is out of bounds.

    Examples
    --------
    >>> check_counts("shape", [96, 96])
    (96, 96)
    """
    if not np.iterable(value) or len(value) not in ndim:
        wanted = " or ".join({2: "two whole numbers (y, x)", 3: "three whole numbers (z, y, x)"}[n] for n in ndim)
        raise ValueError(f"{name} must be {wanted}, got {value!r}")
    return tuple(check_number(name, number, at_least=at_least, integer=True, **bounds) for number in value)


def _nearest(value, choices):
    """The choice that is spelled most alike; of the same letters, or in the same capitals, if there is such a one."""
    if alike := get_close_matches(value, choices):
        return next((choice for choice in alike if sorted(choice) == sorted(value)), alike[0])
    spelled = {choice.lower(): choice for choice in choices}
    return next((spelled[name] for name in get_close_matches(value.lower(), spelled, n=1)), None)


def _behind(hint):
    return f"; {hint}" if hint else ""
