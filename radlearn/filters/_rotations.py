"""Separable kernels in all right-angled orientations, and their responses pooled into one."""

from collections import Counter
from itertools import groupby, permutations, product

import numpy as np

from radlearn._validation import check_choice

POOLINGS = ("average", "max")


def orientations(letters):
    """What a kernel looks like after each rotation by right angles.

    Parameters
    ----------
    letters : sequence of str
        Name of the one-dimensional kernel along each axis, 2 or 3.

    Returns
    -------
    orientations : list of tuples of (str, bool)
        One for each of the 4 or 24 rotations: along each axis, the letter, and whether its kernel is reversed.
    """
    n_axes = len(letters)
    return [
        tuple((letters[place], flip) for place, flip in zip(order, flips, strict=True))
        for order in permutations(range(n_axes))
        for flips in product((False, True), repeat=n_axes)
        if (_n_swaps(order) + sum(flips)) % 2 == 0  # else it is a reflection
    ]


def _n_swaps(order):
    return sum(one > other for number, one in enumerate(order) for other in order[number + 1 :])


def pooled(image, axes, letters, along, pooling, parity=None):
    """Responses to a separable kernel in all orientations, pooled voxel by voxel.

    Parameters
    ----------
    image : ndarray
    axes : tuple of int
        Axes along which the kernel lies.
    letters : sequence of str
        Name of the one-dimensional kernel along each of them.
    along : callable
        Takes an image, an axis, a letter and whether the kernel is reversed, or ``"both"`` for the average of both
        ways; gives the image after the kernel.
    pooling : {"average", "max"}
    parity : mapping of str to {1, -1}, optional
        For letters whose kernels look the same both ways, but for this sign.

    Returns
    -------
    response : ndarray
    """
    check_choice("pooling", pooling, POOLINGS)
    signs = {}
    for orientation in orientations(letters):
        one_way, sign = _one_way(orientation, parity or {})
        signs.setdefault(one_way, Counter())[sign] += 1
    if pooling == "max":
        extremes = (
            _largest(response, signs[key]) for key, response in tree_of_responses(image, axes, sorted(signs), along)
        )
        return _reduced(np.maximum, extremes)
    kept = _both_ways(key for key, counts in signs.items() if counts[1] != counts[-1])
    if not kept:  # each orientation comes with both signs
        return np.zeros_like(image)
    responses = tree_of_responses(image, axes, sorted(kept, key=str), along)
    total = _reduced(
        np.add, (-response if key in signs and not signs[key][1] else response for key, response in responses)
    )
    total /= len(kept)
    return total


def tree_of_responses(image, axes, kernels, along):
    """Responses to several separable kernels; what some of them begin with is computed once.

    Parameters
    ----------
    image : ndarray
    axes : tuple of int
        Axes along which the kernels lie.
    kernels : list of tuples
        What to do along each of the axes, as arguments for `along`; those that begin alike stand together.
    along : callable
        Takes an image, an axis and the arguments; gives the image after one kernel along this axis.

    Yields
    ------
    kernel : tuple
    response : ndarray
    """
    if not axes:
        yield (), image
        return
    for first, group in groupby(kernels, key=lambda kernel: kernel[0]):
        part = along(image, axes[0], *first)
        for rest, response in tree_of_responses(part, axes[1:], [kernel[1:] for kernel in group], along):
            yield (first, *rest), response


def _one_way(orientation, parity):
    """The orientation with kernels that look the same both ways turned forward, and the sign that this takes."""
    sign = int(np.prod([parity.get(letter, 1) for letter, flip in orientation if flip]))
    return tuple((letter, flip and letter not in parity) for letter, flip in orientation), sign


def _both_ways(kept):
    """Orientations with ``"both"`` in the place of reversals, where all combinations of reversals are there."""
    by_letters = {}
    for orientation in kept:
        by_letters.setdefault(tuple(letter for letter, _ in orientation), []).append(orientation)
    merged = []
    for letters, found in by_letters.items():
        merged += [tuple((letter, "both") for letter in letters)] if len(found) == 2 ** len(letters) else found
    return merged


def _largest(response, counts):
    """Largest value over the signs that there are."""
    if counts[1] and counts[-1]:
        return np.abs(response)
    return response if counts[1] else -response


def _reduced(function, responses):
    """All responses put together by a function of two, in place."""
    first = next(responses)
    for response in responses:
        function(first, response, out=first)
    return first
