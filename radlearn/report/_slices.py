"""Slices of an image beside each other, with colors laid over them: what pictures of maps have in common."""

import re
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
# Of the label of a color bar: letters that fit along an inch, the width of a line, and the least height, in inches.
LETTERS_OF_LABEL, LINE, LOWEST = 12, 0.17, 2.0


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


def add_color_bar(figure, drawn, axes, label, **options):
    """Color bar beside all panels; its label is broken where it is longer than the bar.

    Returns
    -------
    bar : Colorbar
    """
    width, height = figure.get_size_inches()
    lines = [label]
    if _length(label) > LETTERS_OF_LABEL * (height - TITLE):
        height = max(height, LOWEST)
        lines = broken(label, int(LETTERS_OF_LABEL * (height - TITLE)))
        figure.set_size_inches(width + LINE * (len(lines) - 1), height)
    return figure.colorbar(drawn, ax=axes, label="\n".join(lines), **options)


def broken(text, length):
    """Lines of a text, broken behind blanks and underscores, and in front of capitals.

    Examples
    --------
    >>> broken("glcm_joint_maximum (dimensionless)", 20)
    ['glcm_joint_maximum ', '(dimensionless)']
    """
    words = [""]
    for part in re.split(r"(?<=[_ ])|(?<=[a-z])(?=[A-Z])", text):
        is_in_formula = words[-1].count("$") % 2 == 1
        words = [*words[:-1], words[-1] + part] if is_in_formula else [*words, part]
    lines = [""]
    for word in words:
        if _length(lines[-1] + word.rstrip()) <= length:
            lines[-1] += word
        else:
            lines.append(word)
    return [line if _length(line.rstrip()) <= length else short(line, length) for line in lines if line]


def _length(text):
    """Letters that are seen: those of formulas that set a number higher are not."""
    return len(re.sub(r"[$^{}]", "", text))
