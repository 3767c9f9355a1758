"""All features of one case, by the names of PyRadiomics."""

from functools import cache, partial

import numpy as np

from radlearn.exceptions import MaskError
from radlearn.radiomics._gaps import part_of
from radlearn.radiomics._pyradiomics.bins import PyRadiomicsBins
from radlearn.radiomics._pyradiomics.features import CLASSES
from radlearn.radiomics._pyradiomics.images import image_names, images
from radlearn.radiomics._pyradiomics.preparation import prepared
from radlearn.radiomics._pyradiomics.steps import axis_across
from radlearn.radiomics._region import Region


def column_names(parameters, ndim):
    """Names of all columns, in the order of PyRadiomics.

    Parameters
    ----------
    parameters : Parameters
    ndim : {2, 3}

    Returns
    -------
    names : list of str
    """
    prefixes = [("original", _shape_classes(parameters, ndim))]
    for image_type, settings in parameters.image_types.items():
        prefixes += [(name, _intensity_classes(parameters)) for name in image_names(image_type, settings, ndim)]
    return [
        f"{prefix}_{class_name}_{feature}"
        for prefix, classes in prefixes
        for class_name in classes
        for feature in parameters.features[class_name]
    ]


def features_by_name(scan, parameters):
    """Prepare image and mask, measure the shape once, and each image of each type.

    Parameters
    ----------
    scan : Scan
    parameters : Parameters

    Returns
    -------
    values : dict of str to float

    Raises
    ------
    RadlearnError
        If image and mask do not fit each other or the settings.
    """
    reach = max(max(settings["distances"]) for settings in (parameters.settings, *parameters.image_types.values()))
    ready = prepared(scan, parameters.settings, reach)
    values = {}
    for name in _shape_classes(parameters, scan.image.ndim):
        features = parameters.features[name]
        measured = CLASSES[name].measured(features, _shape_region(name, ready, parameters.settings))
        values |= _named(f"original_{name}", features, CLASSES[name].table([measured], features)[0])
    masks = cache(partial(_masks, ready))
    for image_type, settings in parameters.image_types.items():
        axis = axis_across(settings, scan.image.ndim)
        values |= _intensity_features(image_type, ready, settings, parameters, masks(axis), axis)
    return values


def _intensity_features(image_type, ready, settings, parameters, masks, axis):
    """First-order and texture features of all images of one type."""
    features = {name: parameters.features[name] for name in _intensity_classes(parameters)}
    prefixes, measured = [], {name: [] for name in features}
    for prefix, image in images(image_type, ready, settings):
        _check_finite(image, ready, prefix)
        bins = PyRadiomicsBins(settings["binWidth"], settings["binCount"], image.dtype)
        region = masks.with_image(_oriented(image, axis), bins)
        prefixes.append(prefix)
        try:
            for name, chosen in features.items():
                measured[name].append(CLASSES[name].measured(chosen, region, settings))
        except MaskError as error:
            error.problem = f"{prefix}: {error.problem}"
            raise
    values = {}
    for name, chosen in features.items() if prefixes else ():
        for prefix, row in zip(prefixes, CLASSES[name].table(measured[name], chosen), strict=True):
            values |= _named(f"{prefix}_{name}", chosen, row)
    return values


def _shape_classes(parameters, ndim):
    """Shape classes that are asked for and exist: in slices, shape is two-dimensional."""
    flat = ndim == 2 or parameters.settings["force2D"]
    exists = {"shape": ndim == 3, "shape2D": flat}
    return [name for name in exists if exists[name] and name in parameters.features]


def _intensity_classes(parameters):
    return [name for name in parameters.features if not name.startswith("shape")]


def _shape_region(name, ready, settings):
    """The region that shape classes measure: without the axis across the slice for shape in two dimensions."""
    mask = np.ascontiguousarray(part_of(ready.mask, ready.box, ready.kept))
    if name == "shape" or mask.ndim == 2:
        return Region(mask, mask, mask, ready.spacing, kept=ready.kept)
    axis = settings["force2Ddimension"]
    if mask.shape[axis] > 1:
        raise MaskError(
            f"shape2D needs a region in one slice, but it extends over {mask.shape[axis]} slices across axis {axis}",
            "leave shape2D out of featureClass, or draw the region in one slice",
        )
    mask = mask.squeeze(axis)
    kept = ready.kept and ready.kept[:axis] + ready.kept[axis + 1 :]
    return Region(mask, mask, mask, tuple(np.delete(ready.spacing, axis).tolist()), kept=kept)


def _check_finite(image, ready, name):
    if np.isfinite(image).all():
        return
    if not np.isfinite(image[part_of(ready.intensity_mask, ready.box, ready.kept)]).all():
        raise MaskError(
            f"the image type {name} is NaN or infinite in the region",
            "fill NaN around the region in an earlier step, or leave this image type out",
        )


def _masks(ready, axis):
    """The region that texture and first-order classes measure, before it is given an image: its mask stands for one.

    Its first axis is the one across the slices.
    """
    mask = _oriented(part_of(ready.intensity_mask, ready.box, ready.kept), axis)
    mask = np.require(mask, None, ["C", "W"])  # as in `Region.with_image`
    spacing, kept = _reordered(ready.spacing, axis, 1.0), _reordered(ready.kept, axis, np.arange(1))
    return Region(mask, mask, mask, spacing, kept=kept)


def _oriented(array, axis):
    """An image or mask with the axis across the slices first."""
    if axis is None:
        return array
    array = np.moveaxis(array, axis, 0)
    return array if array.ndim == 3 else array[:, np.newaxis]  # PyRadiomics takes a single image apart into lines


def _reordered(of_axes, axis, of_new_axis):
    """What belongs to each axis, as `_oriented` orders them, with what belongs to the one that a single image gets."""
    if axis is None or of_axes is None:
        return of_axes
    new = [of_new_axis] if len(of_axes) == 2 else []
    return (of_axes[axis], *new, *of_axes[:axis], *of_axes[axis + 1 :])


def _named(prefix, features, values):
    return {f"{prefix}_{feature}": value for feature, value in zip(features, values.tolist(), strict=True)}
