"""plot_feature_map: where in a region a feature is high and where low, drawn over the image."""

import re

import numpy as np

from radlearn._drawing import draw_pixels, draw_slice, pyplot, window_of
from radlearn._validation import check_interval, check_number
from radlearn.exceptions import GeometryError, MaskError
from radlearn.radiomics.map_features import chosen_features, features_by_name
from radlearn.report._slices import add_color_bar, add_title, chosen_slices, completed, one_volume, panels, surroundings


def plot_feature_map(
    case,
    feature_map,
    feature=None,
    *,
    unit=None,
    slices=None,
    max_slices=12,
    n_columns=4,
    margin: float | None = 20,
    window=None,
    vmin=None,
    vmax=None,
    cmap: object = "viridis",
    alpha=0.7,
):
    """Draw a feature map over the image, slice by slice, with the outline of the mask and a color bar.

    All slices have the same colors. Where the map is NaN, and outside of the region, the image is seen.

    Parameters
    ----------
    case : Case, Volume, or anything that `check_cohort` takes for one
        What the map was made of. Its mask is the region; without a mask, the mask of the map, or all of the image.
    feature_map : Volume, array or path
        A map of the shape of the image, such as ``FeatureMap(...).maps(case)["glcm_contrast"]``, or a file of it.
    feature : str, optional
        Label of the color bar. Default: what the map says of itself, if `FeatureMap` made it.
    unit : str, optional
        Unit of the feature. Default: that of `map_table`, if it lists the feature.
    slices : int or sequence of int, optional
        Positions along the first axis. Default: slices that hold the region, spread over it.
    max_slices : int, default=12
        How many slices are chosen at most, unless `slices` names them.
    n_columns : int, default=4
        Slices beside each other.
    margin : float or None, default=20
        How far around the region the image is shown, in mm; None for all of the slice.
    window : (float, float), optional
        Intensities that are black and white. Default, also for a side that is None: the percentiles 1 and 99 of what
        is shown.
    vmin, vmax : float, optional
        Values of the first and of the last color. Default: the lowest and highest in the region.
    cmap : str or Colormap, default="viridis"
        Its colors grow brighter evenly, so that people with any kind of color vision can read them.
    alpha : float, default=0.7
        1 hides the image below the map, 0 shows the image alone.

    Returns
    -------
    figure : matplotlib.figure.Figure

    Raises
    ------
    ImportError
        If matplotlib is missing.
    TypeError
        If `case` or `feature_map` is more than one.
    GeometryError
        If map and image have different shapes.
    MaskError
        If the region is empty, or the map has no value in it.
    ValueError
        If a slice does not exist, or another parameter is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from radlearn import Case
    >>> from radlearn.radiomics import FeatureMap
    >>> mask = np.pad(np.ones((3, 8, 8), int), ((1, 1), (4, 4), (4, 4)))
    >>> case = Case(np.random.default_rng(0).normal(size=mask.shape), mask=mask, id="noise")
    >>> maps = FeatureMap(features="glcm_contrast").maps(case)
    >>> figure = plot_feature_map(case, maps["glcm_contrast"], slices=[1, 3])
    >>> [ax.get_title() for ax in figure.axes[:2]], figure.axes[2].get_ylabel()
    (['slice 1', 'slice 3'], 'glcm_contrast (bin$^{2}$)')
    """
    check_number("max_slices", max_slices, at_least=1, integer=True)
    check_number("n_columns", n_columns, at_least=1, integer=True)
    check_number("margin", margin, at_least=0, optional=True)
    check_number("alpha", alpha, at_least=0, at_most=1)
    check_interval("window", window, optional=True)
    check_interval("(vmin, vmax)", (vmin, vmax))
    volume, overlay = one_volume("case", case), one_volume("feature_map", feature_map)
    image, values, region = _stacks(volume, overlay)
    shown = chosen_slices(slices, region, max_slices)
    view = (shown, *surroundings(region, volume.spacing, margin))
    window = completed(window or (None, None), window_of(image[view]))
    norm = _norm(completed((vmin, vmax), (values.min(), values.max())))
    figure, axes = panels(
        "plot_feature_map", len(shown), n_columns, np.multiply(image[view].shape[1:], volume.spacing[-2:])
    )
    for ax, z, grey, colored, mask in zip(axes, shown, image[view], values[view], region[view], strict=True):
        draw_slice(ax, grey, None if mask.all() else mask, volume.spacing[-2:], window, outline="white")
        style = {"cmap": cmap, "alpha": alpha, "interpolation": "nearest", "aspect": ax.get_aspect()}
        drawn = draw_pixels(ax, colored, norm=norm, **style)
        if volume.ndim == 3:
            ax.set_title(f"slice {z}", fontsize=9)
    add_title(figure, volume.id)
    beyond = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}
    extend = beyond[bool(values.min() < norm.vmin), bool(values.max() > norm.vmax)]
    add_color_bar(figure, drawn, axes, _label(feature or _name_of(overlay), unit), extend=extend)
    return figure


def _norm(limits):
    """What turns values into colors, one for all slices: the color bar widens limits that are equal."""
    low, high = limits
    if low > high:
        raise ValueError(f"no value of the map lies between vmin and vmax: the colors would run from {low} to {high}")
    return pyplot("plot_feature_map").Normalize(low, high)


def _stacks(volume, overlay):
    """Image, map and region as stacks of slices; the map is masked where it has no value."""
    if overlay.shape != volume.shape:
        raise GeometryError(
            f"the feature map has shape {overlay.shape}, the image of case {volume.id!r} {volume.shape}",
            "pass the case that the map was made of, with the same steps",
        )
    region = overlay.region if volume.mask is None else volume.mask
    values = np.ma.masked_where(~region | ~np.isfinite(overlay.image), overlay.image)
    if values.count() == 0:
        raise MaskError(
            f"the feature map has no value in the region of case {volume.id!r}",
            "check that the map was made with the same mask, and that the feature is defined there",
        )
    return tuple(array.reshape(-1, *array.shape[-2:]) for array in (volume.image, values, region))


def _name_of(overlay):
    """Name of the feature, where `FeatureMap` has left it in the history of the map."""
    asked_for = [record["parameters"]["features"] for record in overlay.history if record["step"] == "FeatureMap"]
    return next(iter(chosen_features(asked_for[-1])), "") if asked_for else ""


def _label(name, unit):
    known = features_by_name().get(name)
    unit = known.unit if unit is None and known else unit
    if unit == "1":
        unit = "dimensionless"
    powers = re.sub(r"\^(-?\d+)", r"$^{\1}$", unit or "").replace("*", " ")
    return f"{name} ({powers})" if unit else name
