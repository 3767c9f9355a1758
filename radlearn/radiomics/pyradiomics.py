"""PyRadiomicsFeatures: the parameter files, column names and numbers of PyRadiomics."""

import numpy as np

from radlearn._validation import check_choice
from radlearn.base import CaseExtractor
from radlearn.case import Case
from radlearn.exceptions import GeometryError, RadlearnError
from radlearn.radiomics._pyradiomics import extraction, peer
from radlearn.radiomics._pyradiomics.laplacian import LONG
from radlearn.radiomics._pyradiomics.parameters import read_parameters
from radlearn.radiomics._pyradiomics.scan import scan_of_case

BACKENDS = ("radlearn", "pyradiomics")


class PyRadiomicsFeatures(CaseExtractor):
    """Features of PyRadiomics 3.0.1, by its parameter files, under its names, with its numbers.

    Everything is computed by the engine of `RadiomicsFeatures`, with the conventions of PyRadiomics where these differ
    from IBSI: bins that begin at multiples of their width, averages over directions, population covariance, kurtosis
    without -3, its mesh, its resampling grid, its normalization.

    Parameters
    ----------
    params : path, dict or None, default=None
        A parameter file in YAML or JSON, or what would stand in it. Default: what PyRadiomics does without one, 107
        features of the original image with bins of 25.
    backend : {"radlearn", "pyradiomics"}, default="radlearn"
        ``"pyradiomics"`` has the installed package compute the numbers.
    ndim : {3, 2}, default=3
        3 for volumes, 2 for single images, which have no class ``shape``.
    n_jobs : int, optional
        Number of cases that are computed at a time; -1 for one per processor.
    memory : str or path, optional
        Folder in which rows are kept, so that none is computed twice.
    on_error : {"raise", "nan"}, default="raise"
        What becomes of a case that fails; after ``"nan"``, `errors_` tells why.
    verbose : int, default=0
        Above 0, show a progress bar.
    image_shape : "row" or tuple of int, optional
        Allows a numeric array as `X`, and says how its rows are images.

    Attributes
    ----------
    parameters_ : Parameters
        What the file asks for, complete with defaults.

    Raises
    ------
    FileNotFoundError, TypeError, ValueError
        When fitting: if there is no such file, or a key or a value in it makes no sense.
    GeometryError
        When image and mask of a case lie on different grids, or do not fit `ndim` or the settings.
    MaskError
        When a region is a single voxel or smaller than the settings allow, holds NaN, infinity or intensities beyond
        1e75, or would have more than 10,000 grey levels.

    Notes
    -----
    The region is the label that a case names, or else the setting ``label`` (1 by default). Pending steps of a case are
    applied before anything else. Columns with information on versions and images (``additionalInfo``) are left out, and
    ``voxelSetting``, which is about maps, changes nothing. An image too small for a filter has NaN in its columns.

    References
    ----------
    van Griethuysen JJM et al. Computational radiomics system to decode the radiographic phenotype. Cancer Research
    2017;77:e104-e107.

    Examples
    --------
    >>> from radlearn import Case
    >>> image = np.arange(60.0).reshape(3, 4, 5)
    >>> features = PyRadiomicsFeatures(params={"setting": {"binWidth": 10}, "featureClass": {"firstorder": ["Mean"]}})
    >>> table = features.set_output(transform="pandas").fit_transform([Case(image, mask=np.ones(image.shape, int))])
    >>> print(table.columns[0], table.iloc[0, 0])
    original_firstorder_Mean 29.5
    """

    _version = 4

    def __init__(
        self,
        *,
        params=None,
        backend="radlearn",
        ndim=3,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.params = params
        self.backend = backend
        self.ndim = ndim
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_choice("backend", self.backend, BACKENDS)
        if self.ndim not in (2, 3):
            raise ValueError(f"ndim must be 3 (volumes) or 2 (single images), got {self.ndim!r}")
        if self.backend == "pyradiomics":
            peer.packages()  # missing ones are told before an image is read
        self.parameters_ = read_parameters(self.params)
        self._columns = extraction.column_names(self.parameters_, self.ndim)

    def _names(self):
        # Once fitted, the file is not read again: workers need not have it, and it may have changed.
        if hasattr(self, "_columns"):
            return self._columns
        return extraction.column_names(read_parameters(self.params), self.ndim)

    def _volumes(self, case):
        try:
            return [("", scan_of_case(case, self.parameters_))]
        except RadlearnError as error:
            raise error.in_case(case.id, "reading")  # noqa: B904 - the same error, which now knows its place

    def _row(self, volume):
        if volume.image.ndim != self.ndim:
            raise GeometryError(
                f"the image is {volume.image.ndim}-D with shape {volume.image.shape}, but PyRadiomicsFeatures has "
                f"ndim={self.ndim}",
                f"use ndim={volume.image.ndim}, with cases of one kind only",
            )
        if self.backend == "pyradiomics":
            values = peer.features_by_name(volume, self.parameters_.given)
        else:
            values = extraction.features_by_name(volume, self.parameters_)
        return [values.get(name, np.nan) for name in self._names()]

    def _warm_up(self):
        """Compile the kernels on a few voxels, before workers would all do it at once."""
        shape = (*(4,) * (self.ndim - 1), LONG)
        ramp = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
        case = Case(ramp, mask=np.ones(shape, bool), id="warm-up")
        image_types = {"Original": {}}
        if "LoG" in self.parameters_.image_types:
            image_types["LoG"] = {"sigma": [1.0]}
        features = dict.fromkeys(self.parameters_.features)
        parameters = read_parameters({"imageType": image_types, "featureClass": features})
        extraction.features_by_name(scan_of_case(case, parameters), parameters)
