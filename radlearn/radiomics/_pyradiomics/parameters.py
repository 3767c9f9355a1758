"""PyRadiomics' parameter files: which settings, image types and feature classes there are, and what they may be.

References
----------
PyRadiomics 3.0.1, "Customizing the extraction", https://pyradiomics.readthedocs.io/en/v3.0.1/customization.html
"""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pywt

from radlearn._validation import check_choice, check_number
from radlearn.filters.lbp_3d import MAX_LEVELS
from radlearn.radiomics._pyradiomics.features import FEATURES, ON_REQUEST, WITHDRAWN

CATEGORIES = ("setting", "imageType", "featureClass", "voxelSetting")

# In the order of the numbers that SimpleITK has for them, from 1.
INTERPOLATORS = (
    "sitkNearestNeighbor",
    "sitkLinear",
    "sitkBSpline",
    "sitkGaussian",
    "sitkLabelGaussian",
    "sitkHammingWindowedSinc",
    "sitkCosineWindowedSinc",
    "sitkWelchWindowedSinc",
    "sitkLanczosWindowedSinc",
    "sitkBlackmanWindowedSinc",
)


class Parameters(NamedTuple):
    """What a parameter file asks for, complete with defaults."""

    settings: dict[str, object]
    """All settings."""
    image_types: dict[str, dict[str, object]]
    """All settings of each image type: those above, and its own in their place."""
    features: dict[str, tuple[str, ...]]
    """Features of each class, in the order of their columns."""
    given: dict[str, object]
    """Content of the file, unchanged."""


def read_parameters(params):
    """Read and check parameters.

    Parameters
    ----------
    params : path, dict or None
        A file in YAML or JSON, or its content; None for the defaults of PyRadiomics.

    Returns
    -------
    parameters : Parameters

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError, ValueError
        If it cannot be parsed, or a key or a value makes no sense; the message names place, key and the nearest choice.

    Examples
    --------
    >>> parameters = read_parameters({"setting": {"binWidth": 10}, "featureClass": {"ngtdm": None}})
    >>> parameters.settings["binWidth"], parameters.features["ngtdm"][:2]
    (10, ('Busyness', 'Coarseness'))
    """
    if params is None:
        return _complete({"featureClass": {name: None for name in FEATURES if name != "shape2D"}}, "params")
    if isinstance(params, Mapping):
        return _complete(params, "params")
    if isinstance(params, (str, os.PathLike)):
        from radlearn.radiomics._pyradiomics.yaml_file import read_yaml  # noqa: PLC0415 - for files only

        return _complete(read_yaml(params), Path(params).name)
    raise TypeError(f"params must be a path, a dict or None, got {params!r}")


def _complete(content, place):
    """Checked content of a file, with defaults for what it does not mention."""
    content = {name: {} if value is None else value for name, value in _mapping(place, content).items()}
    for name, value in content.items():
        check_choice(f"a category of {place}", name, CATEGORIES)
        _mapping(f"{name!r} of {place}", value)
    given = _checked(content.get("setting", {}), SETTINGS, f"'setting' of {place}")
    _checked(content.get("voxelSetting", {}), VOXEL_SETTINGS, f"'voxelSetting' of {place}")
    settings = {name: setting.default for name, setting in SETTINGS.items()} | given
    image_types = {}
    for name, own in (content.get("imageType") or {"Original": {}}).items():
        check_choice(f"a key of 'imageType' of {place}", name, IMAGE_TYPES)
        where = f"{name!r} of {place}"
        image_types[name] = settings | _checked(_mapping(where, {} if own is None else own), SETTINGS, where)
        if name == "LoG" and not image_types[name]["sigma"]:
            raise ValueError(f"{where} needs the setting sigma: a list of widths in mm, such as sigma: [1.0, 3.0]")
    classes = content.get("featureClass") or dict.fromkeys(FEATURES)
    features = {
        check_choice(f"a key of 'featureClass' of {place}", name, FEATURES): _chosen(name, names, place)
        for name, names in classes.items()
    }
    return Parameters(settings, image_types, features, content)


def _chosen(class_name, names, place):
    """Features of a class: all but those on request where no names are given."""
    if not names:
        wanted = set(FEATURES[class_name]) - ON_REQUEST.get(class_name, frozenset())
        return tuple(sorted(wanted, key=lambda name: f"{name}FeatureValue"))  # it sorts its methods
    where = f"{class_name!r} of {place}"
    if not isinstance(names, list | tuple):
        raise TypeError(f"{where} must be a list of features, got {names!r}; leave it empty for all")
    withdrawn = WITHDRAWN.get(class_name, {})
    for name in names:
        if isinstance(name, str) and name in withdrawn:
            raise ValueError(
                f"{where} asks for {name!r}, which PyRadiomics has withdrawn: it equals {withdrawn[name]}; remove it"
            )
        check_choice(f"a feature in {where}", name, FEATURES[class_name])
    return tuple(dict.fromkeys(names))


def _checked(given, known, where):
    """The given settings, each with a known name and a value that makes sense."""
    for name, value in given.items():
        check_choice(f"a key of {where}", name, known)
        known[name].check(f"{name} in {where}", value)
    return dict(given)


def _mapping(where, value):
    if not isinstance(value, Mapping):
        raise TypeError(f"{where} must hold keys with values, got {value!r}; see PyRadiomics' documentation")
    return value


class Setting(NamedTuple):
    """Default of a setting, and the function that refuses a senseless value by its name."""

    default: object
    check: object


def _number(default=None, **bounds):
    return Setting(default, partial(check_number, **bounds))


def _whole(default=None, **bounds):
    return _number(default, integer=True, **bounds)


def _flag(default):
    return Setting(default, _check_flag)


def _check_flag(name, value):
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be true or false, got {value!r}")


def _list(default, lengths=(), *, optional=True, **bounds):
    return Setting(default, partial(_check_list, lengths=lengths, optional=optional, bounds=bounds))


def _check_list(name, value, lengths, optional, bounds):
    if value is None and optional:
        return
    if not isinstance(value, list | tuple) or not value or (lengths and len(value) not in lengths):
        count = " or ".join(map(str, lengths)) or "some"
        raise ValueError(f"{name} must be a list of {count} numbers, got {value!r}")
    for number in value:
        check_number(name, number, **bounds)


def _choice(default, choices, *, optional=False):
    return Setting(default, partial(check_choice, choices=choices, optional=optional))


def _check_interpolator(name, value):
    if isinstance(value, int) and not isinstance(value, bool):
        check_number(name, value, at_least=1, at_most=len(INTERPOLATORS))
    else:
        check_choice(name, value, INTERPOLATORS, optional=True)
    if value in ("sitkLabelGaussian", 1 + INTERPOLATORS.index("sitkLabelGaussian")):
        raise ValueError(f"{name} is sitkLabelGaussian, which is for labels, not intensities; use sitkGaussian")


def _check_wavelet(name, value):
    check_choice(name, value, pywt.wavelist(kind="discrete"))


def _check_channel(name, value):
    check_number(name, value, integer=True, at_least=0)
    if value > 0:
        raise ValueError(f"{name} must be 0, got {value}; save channel {value} of the masks as files of their own")


def _check_any_number(name, value):
    try:
        float(value)  # "nan" is text in YAML
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, got {value!r}") from None


SETTINGS = {
    "minimumROIDimensions": _whole(2, at_least=1, at_most=3),
    "minimumROISize": _whole(above=0, optional=True),
    "geometryTolerance": _number(above=0, optional=True),
    "correctMask": _flag(default=False),
    "additionalInfo": _flag(default=True),
    "label": _whole(1, above=0),
    "label_channel": Setting(0, _check_channel),
    "binWidth": _number(25, above=0),
    "binCount": _whole(above=0, optional=True),
    "normalize": _flag(default=False),
    "normalizeScale": _number(1, above=0),
    "removeOutliers": _number(above=0, optional=True),
    "resampledPixelSpacing": _list(None, (2, 3), at_least=0),
    "interpolator": Setting("sitkBSpline", _check_interpolator),
    "padDistance": _whole(5, at_least=0),
    "distances": _list([1], optional=False, integer=True, above=0, at_most=10),
    "force2D": _flag(default=False),
    "force2Ddimension": _whole(0, at_least=0, at_most=2),
    "resegmentRange": _list(None, (1, 2)),
    "resegmentMode": _choice("absolute", ("absolute", "relative", "sigma")),
    "resegmentShape": _flag(default=False),
    "preCrop": _flag(default=False),
    "sigma": _list([], optional=False, above=0),
    "start_level": _whole(0, at_least=0),
    "level": _whole(1, above=0),
    "wavelet": Setting("coif1", _check_wavelet),
    "gradientUseSpacing": _flag(default=True),
    "lbp2DRadius": _number(1, above=0),
    "lbp2DSamples": _whole(8, at_least=1),
    "lbp2DMethod": _choice("uniform", ("default", "ror", "uniform", "var")),
    "lbp3DLevels": _whole(2, at_least=1, at_most=MAX_LEVELS),
    "lbp3DIcosphereRadius": _number(1, above=0),
    "lbp3DIcosphereSubdivision": _whole(1, at_least=0, at_most=6),
    "voxelArrayShift": _whole(0),
    "symmetricalGLCM": _flag(default=True),
    "weightingNorm": _choice(None, ("manhattan", "euclidean", "infinity", "no_weighting"), optional=True),
    "gldm_a": _whole(0, at_least=0),
}

# Checked, but of no use here: they are about maps.
VOXEL_SETTINGS = {
    "kernelRadius": _whole(1, above=0),
    "maskedKernel": _flag(default=True),
    "initValue": Setting(0, _check_any_number),
    "voxelBatch": _whole(above=0),
}

IMAGE_TYPES = (
    "Original",
    "Wavelet",
    "LoG",
    "Square",
    "SquareRoot",
    "Logarithm",
    "Exponential",
    "Gradient",
    "LBP2D",
    "LBP3D",
)
