"""All features of one case, by the names of PyRadiomics."""

import math
from functools import cache, partial
from itertools import islice

import numpy as np

from radlearn.exceptions import MaskError
from radlearn.radiomics._gaps import part_of
from radlearn.radiomics._pyradiomics.bins import PyRadiomicsBins
from radlearn.radiomics._pyradiomics.features import CLASSES
from radlearn.radiomics._pyradiomics.images import image_names, images
from radlearn.radiomics._pyradiomics.preparation import prepared
from radlearn.radiomics._pyradiomics.steps import axis_across
from radlearn.radiomics._region import Region

# The settings by which texture is measured, once there are grey levels.
OF_TEXTURE = ("distances", "force2D", "gldm_a", "symmetricalGLCM", "weightingNorm")

# Images of up to so many voxels are measured by one class after the other, since its instructions stay in the nearest
# cache of a processor from image to image. Larger ones would take memory, and are measured one by one.
TOGETHER = 2**18


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
    prefixes += [(name, _intensity_classes(parameters)) for name in _all_image_names(parameters, ndim)]
    return [
        f"{prefix}_{class_name}_{feature}"
        for prefix, classes in prefixes
        for class_name in classes
        for feature in parameters.features[class_name]
    ]


def features_of(scan, parameters):
    """Prepare image and mask, measure the shape once, and each image of each type.

    Parameters
    ----------
    scan : Scan
    parameters : Parameters

    Returns
    -------
    values : ndarray of float64, shape (n_columns,)
        In the order of `column_names`.

    Raises
    ------
    RadlearnError
        If image and mask do not fit each other or the settings.
    """
    reach = max(max(settings["distances"]) for settings in (parameters.settings, *parameters.image_types.values()))
    ready = prepared(scan, parameters.settings, reach)
    ndim, parts = scan.image.ndim, [np.empty(0)]
    for name in _shape_classes(parameters, ndim):
        features = parameters.features[name]
        measured = CLASSES[name].measured(features, _shape_region(name, ready, parameters.settings))
        parts.append(CLASSES[name].table([measured], features).ravel())
    classes = {name: parameters.features[name] for name in _intensity_classes(parameters)}
    if classes:
        rows = _rows_of_images(ready, parameters, classes)
        missing = np.full(sum(map(len, classes.values())), np.nan)
        parts += [rows.get(name, missing) for name in _all_image_names(parameters, ndim)]
    return np.concatenate(parts)


def _rows_of_images(ready, parameters, classes):
    """First-order and texture features of each image, by its name."""
    measured = _measured(ready, parameters, classes)
    if not measured:
        return {}
    of_classes = zip(*measured.values(), strict=True)
    tables = [
        CLASSES[name].table(of_class, features)
        for (name, features), of_class in zip(classes.items(), of_classes, strict=True)
    ]
    return dict(zip(measured, np.hstack(tables), strict=True))


def _measured(ready, parameters, classes):
    """What each class measures in each image, by the name of the image."""
    measured = {}
    regions = _regions(ready, parameters)
    n_together = max(TOGETHER // part_of(ready.intensity_mask, ready.box, ready.kept).size, 1)
    while group := list(islice(regions, n_together)):
        of_classes = [[_measured_by(name, classes[name], *each) for each in group] for name in classes]
        measured |= zip([name for name, *_ in group], zip(*of_classes, strict=True), strict=True)
    return measured


def _regions(ready, parameters):
    """Name of each image, the region in it, and settings."""
    masks = cache(partial(_masks, ready))
    for image_type, settings in parameters.image_types.items():
        axis = axis_across(settings, ready.image.ndim)
        for name, image in images(image_type, ready, settings):
            bins = PyRadiomicsBins(settings["binWidth"], settings["binCount"], image.dtype)
            region = masks(axis).with_image(_oriented(image, axis), bins)
            _check_finite(region, name)
            yield name, region, settings


def _measured_by(class_name, features, image_name, region, settings):
    measured = CLASSES[class_name].measured
    try:
        if class_name == "firstorder" or region.n_g > 1:
            return measured(features, region, settings)
        # Where all voxels have one grey level, the mask tells all about texture.
        of_texture = {name: settings[name] for name in OF_TEXTURE}
        key = class_name, *map(repr, of_texture.values())
        return region.once_for_masks(key, lambda: measured(features, region, of_texture))
    except MaskError as error:
        error.problem = f"{image_name}: {error.problem}"
        raise


def _all_image_names(parameters, ndim):
    types = parameters.image_types.items()
    return [name for image_type, settings in types for name in image_names(image_type, settings, ndim)]


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


def _check_finite(region, name):
    with np.errstate(invalid="ignore"):  # infinity less infinity
        is_finite = math.isfinite(region.mean_intensity)
    if not is_finite:
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
