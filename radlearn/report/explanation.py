"""plot_explanation: where a network looked, drawn over the image."""

import numpy as np

from radlearn._drawing import draw_pixels, draw_slice, window_of
from radlearn._validation import check_interval, check_number
from radlearn.exceptions import GeometryError
from radlearn.report._slices import add_color_bar, add_title, chosen_slices, completed, one_volume, panels


def plot_explanation(
    case, values, *, label="", slices=None, max_slices=8, n_columns=4, window=None, cmap=None, alpha=0.6
):
    """Draw a map of what an answer rests on over the image, slice by slice, with the outline of the mask.

    The stronger a voxel counts, the less of the image is seen through its color; where the map is NaN, all of it is.
    Maps that are nowhere negative (`radlearn.keras.grad_cam`) go from black to yellow; others (`integrated_gradients`,
    `occlusion`) from blue, against the class, to red, for it.

    Parameters
    ----------
    case : Case, Volume, or anything that `check_cohort` takes for one
        What the map was made of.
    values : ndarray
        The map, in the shape of the image.
    label : str, default=""
        Label of the color bar.
    slices : int or sequence of int, optional
        Positions along the first axis of a volume. Default: those in which the map is largest in the mean.
    max_slices : int, default=8
        How many slices are chosen at most, unless `slices` names them.
    n_columns : int, default=4
        Slices beside each other.
    window : (float, float), optional
        Intensities that are black and white. Default: the percentiles 1 and 99 of the image.
    cmap : str or Colormap, optional
        Default: ``"RdBu_r"`` for maps with negative values, else ``"inferno"``.
    alpha : float, default=0.6
        Opacity of the strongest color.

    Returns
    -------
    figure : matplotlib.figure.Figure

    Raises
    ------
    ImportError
        If matplotlib is missing.
    TypeError
        If `case` is more than one case.
    GeometryError
        If map and image have different shapes.
    ValueError
        If a slice does not exist, or another parameter is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from radlearn import Case
    >>> case = Case(np.eye(8), mask=np.tri(8, k=-2, dtype=int), id="diagonal")
    >>> figure = plot_explanation(case, np.eye(8), label="Grad-CAM")
    >>> figure.axes[1].get_ylabel()
    'Grad-CAM'
    """
    check_number("max_slices", max_slices, at_least=1, integer=True)
    check_number("n_columns", n_columns, at_least=1, integer=True)
    check_number("alpha", alpha, at_least=0, at_most=1)
    check_interval("window", window, optional=True)
    volume = one_volume("case", case)
    values = np.asarray(values, float)
    values = np.where(np.isfinite(values), values, 0)  # of no strength
    if values.shape != volume.shape:
        raise GeometryError(
            f"the map has shape {values.shape}, the image of case {volume.id!r} {volume.shape}",
            "pass the case that the map was made of, with the same steps",
        )
    image, values, region = (array.reshape(-1, *array.shape[-2:]) for array in (volume.image, values, volume.region))
    shown = chosen_slices(slices, _strongest(values, max_slices), max_slices)
    window = completed(window or (None, None), window_of(image[shown]))
    reach = float(np.abs(values).max()) or 1.0
    is_signed = bool((values < 0).any())
    cmap = cmap or ("RdBu_r" if is_signed else "inferno")
    limits = (-reach if is_signed else 0.0, reach)
    figure, axes = panels("plot_explanation", len(shown), n_columns, np.multiply(image.shape[1:], volume.spacing[-2:]))
    for ax, z in zip(axes, shown, strict=True):
        mask = None if volume.mask is None or not region[z].any() or region[z].all() else region[z]
        draw_slice(ax, image[z], mask, volume.spacing[-2:], window, outline="cyan")
        opacity = alpha * np.abs(values[z]) / reach
        drawn = draw_pixels(
            ax, values[z], cmap=cmap, vmin=limits[0], vmax=limits[1], alpha=opacity, aspect=ax.get_aspect()
        )
        if volume.ndim == 3:
            ax.set_title(f"slice {z}", fontsize=9)
    add_title(figure, volume.id)
    bar = add_color_bar(figure, drawn, axes, label)
    bar.solids.set_alpha(1)
    return figure


def _strongest(values, max_slices):
    """Mask that is True in the slices where the map is largest in the mean."""
    strength = np.abs(values).mean(axis=(1, 2))
    chosen = np.zeros(values.shape, bool)
    chosen[np.argsort(-strength, kind="stable")[:max_slices]] = True
    return chosen
