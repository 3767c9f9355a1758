"""PyRadiomicsFeatures: the parameter files, column names and numbers of PyRadiomics."""

import numpy as np

from radlearn._validation import check_choice, check_ndim
from radlearn.base import CaseExtractor
from radlearn.case import Case
from radlearn.exceptions import GeometryError, RadlearnError
from radlearn.radiomics._pyradiomics import extraction, peer
from radlearn.radiomics._pyradiomics.parameters import read_parameters
from radlearn.radiomics._pyradiomics.scan import scan_of_case

BACKENDS = ("radlearn", "pyradiomics")


class PyRadiomicsFeatures(CaseExtractor):
    """Features of PyRadiomics 3.0.1: reads its parameter files and gives its column names and its values.

    Everything is computed by the engine of `RadiomicsFeatures`, with the conventions of PyRadiomics where these differ
    from IBSI: bin edges at multiples of the bin width, texture averaged over directions, axis lengths from the
    population covariance, kurtosis that is 3 for a normal distribution, and its own mesh, resampling grid and
    normalization.

    Parameters
    ----------
    params : path, dict or None, default=None
        A parameter file in YAML or JSON, or its content as a dict. Default: the defaults of PyRadiomics, which are 107
        features of the original image with a bin width of 25.
    backend : {"radlearn", "pyradiomics"}, default="radlearn"
        With ``"pyradiomics"``, the installed PyRadiomics package computes the values.
    ndim : {3, 2}, default=3
        3 for volumes, 2 for single images, which have no features of the class ``shape``.
    n_jobs : int, optional
        Number of cases computed in parallel; -1 uses all processors.
    memory : str, path or joblib.Memory, optional
        Folder of the cache: each row is computed once and then read from there.
    on_error : {"raise", "nan"}, default="raise"
        What to do if a case fails: raise the error, or fill its row with NaN and list the error in `errors_`.
    verbose : int, default=0
        Above 0, show a progress bar.
    image_shape : "row" or tuple of int, optional
        Needed if `X` is a 2-D numeric array: the shape of the image in each row, or ``"row"`` for images of one row.

    Attributes
    ----------
    parameters_ : Parameters
        The parameters of the file, completed with defaults.

    Raises
    ------
    FileNotFoundError, TypeError, ValueError
        In `fit`, if the file does not exist, or a key or a value in it is not valid.
    GeometryError
        If image and mask of a case lie on different grids, or do not fit `ndim` or the settings.
    MaskError
        If a region is a single voxel or smaller than the settings allow, holds NaN, infinity or intensities beyond
        1e75, or would have more than 10,000 grey levels.

    Warns
    -----
    RadlearnWarning
        If some cases have no mask, and others have one: the region of the first is the whole image.

    Notes
    -----
    The region is the label that the case names, else the setting ``label`` (1 by default). Pending steps of a case are
    applied first. The columns about versions and images (``additionalInfo``) are left out, and ``voxelSetting``, which
    concerns feature maps only, has no effect. An image that is too small for a filter has NaN in the columns of that
    filter.

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

    _version = 7
    _measures_region = True

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
        check_ndim(self.ndim)
        if self.backend == "pyradiomics":
            peer.packages()  # missing packages are reported before an image is read
        self.parameters_ = read_parameters(self.params)
        self._columns = extraction.column_names(self.parameters_, self.ndim)

    def _state_for_files(self):
        parameters, learned = super()._state_for_files()
        if learned.pop("parameters_", None) is not None:  # else it is not fitted
            parameters["params"] = self.parameters_.given  # the file may be on this machine only
        return parameters, learned

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
            return [values.get(name, np.nan) for name in self._names()]
        return extraction.features_of(volume, self.parameters_)

    def _warm_up(self):
        """Compile the kernels on a few voxels, so that parallel workers do not all compile them."""
        image_types = {"Original": {}, "LoG": {"sigma": [1.0]}, "Wavelet": {}}
        asked = {name: own for name, own in image_types.items() if name in {"Original", *self.parameters_.image_types}}
        features = dict.fromkeys(self.parameters_.features)
        settings = {name: self.parameters_.settings[name] for name in ("distances", "symmetricalGLCM", "normalize")}
        # Grey levels are counted in different ways where there are few, many, or very few in a box that is not small;
        # images are of single or double precision.
        small, large = (*(4,) * (self.ndim - 1), 40), (2, 92, 92)[-self.ndim :]
        for shape, bin_width, dtype in ((small, 25, np.float32), (small, 1, np.float64), (large, 4000, np.float32)):
            ramp = np.arange(np.prod(shape), dtype=dtype).reshape(shape)
            case = Case(ramp, mask=np.ones(shape, bool), id="warm-up")
            settings |= {"binWidth": bin_width, "normalizeScale": ramp.size}  # so that many grey levels stay many
            parameters = read_parameters({"setting": settings, "imageType": asked, "featureClass": features})
            extraction.features_of(scan_of_case(case, parameters), parameters)
