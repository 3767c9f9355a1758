"""The installed PyRadiomics, for those who must cite it."""

import logging
import sys
from contextlib import contextmanager

import numpy as np

from radlearn._optional import import_optional


def packages():
    """PyRadiomics' module of the extractor, and SimpleITK.

    Raises
    ------
    ImportError
        If one of them is not installed; with what can install it, which pip alone cannot.
    """
    purpose = "backend='pyradiomics'"
    try:
        extractor = import_optional("radiomics.featureextractor", extra="pyradiomics", purpose=purpose)
    except ImportError as error:
        if error.name != "radiomics":
            raise
        raise ImportError(f"{purpose} needs PyRadiomics 3.0.1; {_way_to_install()}", name="radiomics") from None
    return [extractor, import_optional("SimpleITK", extra="pyradiomics", purpose=purpose)]


def _way_to_install():
    """What to do, by the version of Python: its set-up script imports what pip has not installed yet."""
    if sys.version_info < (3, 12):
        return "it has no wheel, and pip alone cannot build it: uv sync --extra pyradiomics, in a clone of radlearn"
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return (
        f"it cannot be built on Python {python}: take Python 3.11, or backend='radlearn', which gives the same values"
    )


def features_by_name(scan, params):
    """All features of one case, computed by the installed package.

    Parameters
    ----------
    scan : Scan
    params : dict
        Content of a parameter file; empty for the defaults.

    Returns
    -------
    values : dict of str to float

    Raises
    ------
    ImportError
        If PyRadiomics is not installed.
    """
    featureextractor, sitk = packages()
    logging.getLogger("radiomics").setLevel(logging.ERROR)
    with _tolerance_kept(sitk.ProcessObject):
        extractor = featureextractor.RadiomicsFeatureExtractor(*([params] if params else []), additionalInfo=False)
        label = extractor.settings["label"]
        image = _sitk_image(sitk, scan.image.astype(_pixel_type(scan, extractor.settings)), scan.grid)
        mask = _sitk_image(sitk, scan.mask.astype(np.uint32) * np.uint32(label), scan.mask_grid)
        return {name: float(value) for name, value in extractor.execute(image, mask).items()}


@contextmanager
def _tolerance_kept(filters):
    """A `geometryTolerance` is set for all of SimpleITK: afterwards it is what it was, for cases without one."""
    coordinates = filters.GetGlobalDefaultCoordinateTolerance()
    directions = filters.GetGlobalDefaultDirectionTolerance()
    try:
        yield
    finally:
        filters.SetGlobalDefaultCoordinateTolerance(coordinates)
        filters.SetGlobalDefaultDirectionTolerance(directions)


def _pixel_type(scan, settings):
    """Type of the image: that of the file, but wide enough for the edges of the bins.

    With NumPy 2, PyRadiomics computes them in the type of the image, in which they overflow where it is a narrow one.
    """
    is_narrow = scan.dtype.kind in "biu" and scan.dtype.itemsize < np.dtype(np.int32).itemsize
    return np.int32 if is_narrow and settings["resampledPixelSpacing"] is None else scan.dtype


def _sitk_image(sitk, array, grid):
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(grid.spacing[::-1])
    image.SetOrigin(grid.origin.tolist())
    image.SetDirection(grid.directions[:, ::-1].ravel().tolist())
    return image
