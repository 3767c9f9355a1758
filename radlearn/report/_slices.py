"""Slices of an image beside each other, with colors laid over them: what pictures of maps have in common."""

from collections.abc import Mapping

import numpy as np

from radlearn._bounding_box import bounding_box, widened
from radlearn._drawing import LETTERS_PER_INCH, pyplot, short
from radlearn._validation import check_number
from radlearn.cohort import Cohort, check_cohort
from radlearn.volume import Volume

# Width of a slice, and what its title and the color bar take, in inches.
WIDTH, TITLE, BAR = 2.4, 0.3, 1.0
# A slice that is more than this many times as high as wide is drawn narrower, since figures have a largest size.
HIGHEST = 4


def one_volume(name, thing):
    """Volume of a parameter that stands for one case, or one map."""
    if isinstance(thing, Volume):
        return thing
    if isinstance(thing, Cohort | Mapping):
        raise TypeError(f"{name} must be one, got a {type(thing).__name__} of {len(thing)}; choose one, such as X[0]")
    return check_cohort([thing])[0].load()


def chosen_slices(slices, region, max_slices):
    """Positions of the slices to show."""
    if slices is not None:
        if np.size(slices) == 0:
            raise ValueError("slices is empty; name at least one, or leave it out")
        return [check_number("slices", z, at_least=0, below=len(region), integer=True) for z in np.atleast_1d(slices)]
    holding = np.flatnonzero(region.any(axis=(1, 2)))
    return holding[np.linspace(0, len(holding) - 1, min(max_slices, len(holding))).round().astype(int)]


def surroundings(region, spacing, margin):
    """Rows and columns to show."""
    if margin is None:
        return slice(None), slice(None)
    reach = np.ceil(margin / np.array(spacing[-2:])).astype(int)
    return widened(bounding_box(region)[1:], reach.tolist(), region.shape[1:])


def completed(given, default):
    """Two limits, those of `default` in the place of None."""
    return [other if limit is None else limit for limit, other in zip(given, default, strict=True)]


def panels(purpose, n_slices, n_columns, extent):
    """Figure, and axes for `n_slices` slices of this height and width in mm; `purpose` names the plot."""
    n_columns = min(n_columns, n_slices)
    n_rows = -(-n_slices // n_columns)
    height = WIDTH * min(extent[0] / extent[1], HIGHEST)
    size = (WIDTH * n_columns + BAR, (height + TITLE) * n_rows + TITLE)
    figure, axes = pyplot(purpose).subplots(n_rows, n_columns, figsize=size, layout="constrained", squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    return figure, axes.ravel()[:n_slices]


def add_title(figure, text):
    """Put a text above all panels; of a long one, such as a path, the middle is left out."""
    if text is not None:
        figure.suptitle(short(text, int(LETTERS_PER_INCH * figure.get_figwidth())))
