"""What pictures of all packages have in common; matplotlib is imported when something is drawn."""

import numpy as np

from radlearn._bounding_box import bounding_box
from radlearn._optional import import_optional

_OUTLINE = "#F0E442"  # the yellow of Okabe and Ito (2008) stands out on grey images
LETTERS_PER_INCH = 9  # of a title
MOST_PIXELS = 2048  # along an axis, of an image that is a few inches wide; matplotlib needs much memory for each


def pyplot(purpose):
    """Import matplotlib.pyplot for a function of this name, or say how to install it."""
    return import_optional("matplotlib.pyplot", extra="report", purpose=purpose)


def window_of(image):
    """Intensities that are black and white: the percentiles 1 and 99 of those that are known."""
    known = image[np.isfinite(image)]
    return np.percentile(known, (1, 99)) if known.size else (0.0, 1.0)


def draw_slice(ax, image, mask, spacing, window, outline=_OUTLINE):
    """Draw one slice in grey, with the outline of the mask.

    Parameters
    ----------
    ax : Axes
    image : ndarray of shape (y, x)
    mask : ndarray of bool, shape (y, x), or None
    spacing : tuple of two floats
        In mm.
    window : tuple of two floats
        Intensities that are black and white.
    outline : color
    """
    low, high = window
    height, width = spacing
    style = {"cmap": "gray", "aspect": height / width, "interpolation": "nearest"}
    draw_pixels(ax, image, vmin=low, vmax=high if high > low else low + (abs(low) or 1), **style)
    if mask is not None and mask.any():
        box = bounding_box(mask)
        step = _step(mask[box])
        # A frame of zeros closes the outline of a mask that touches the border.
        inside = np.pad(mask[box][::step, ::step], 1)
        rows, columns = (
            along.start + step * np.arange(-1, length - 1) for along, length in zip(box, inside.shape, strict=True)
        )
        ax.contour(columns, rows, inside.astype(float), levels=[0.5], colors=outline, linewidths=1)


def draw_pixels(ax, values, alpha=None, **style):
    """Draw an array as `Axes.imshow` does; of a very large one, no more pixels than can be seen.

    Parameters
    ----------
    ax : Axes
    values : ndarray of shape (y, x)
    alpha : float or ndarray of shape (y, x), optional
        Opacity.
    **style
        Further options of `Axes.imshow`.

    Returns
    -------
    drawn : AxesImage
    """
    step, (n_rows, n_columns) = _step(values), values.shape
    values, alpha = values[::step, ::step], alpha[::step, ::step] if np.ndim(alpha) else alpha
    extent = (-0.5, step * values.shape[1] - 0.5, step * values.shape[0] - 0.5, -0.5)
    drawn = ax.imshow(values, alpha=alpha, extent=extent, **style)
    ax.set(xlim=(-0.5, n_columns - 0.5), ylim=(n_rows - 0.5, -0.5))
    return drawn


def _step(array):
    """Every how many pixels are drawn."""
    return -(-max(array.shape) // MOST_PIXELS)


def short(text, length=28):
    """Text that fits over a picture: the middle is left out, and dollar signs stand for themselves."""
    return plain(text if len(text) <= length else f"{text[: length // 2 - 1]}…{text[-length // 2 :]}")


def plain(text):
    """Text that matplotlib draws as it is: it takes what stands between two dollar signs for a formula."""
    return text.replace("$", r"\$")
