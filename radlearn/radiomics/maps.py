"""FeatureMap: radiomic features of the neighborhood of each voxel, as images."""

import math
import sys
import time
from collections.abc import Mapping, Sequence
from copy import copy
from itertools import islice
from pathlib import Path

import joblib
import numpy as np
from sklearn.utils.parallel import Parallel, delayed
from tqdm.auto import tqdm

from radlearn._validation import check_flag, check_n_jobs, check_number
from radlearn.base import CohortTransformer
from radlearn.cohort import check_cohort
from radlearn.exceptions import RadlearnError
from radlearn.radiomics._map_arrays import map_arrays
from radlearn.radiomics._neighborhood import neighborhood
from radlearn.radiomics._pyradiomics.bins import PyRadiomicsBins
from radlearn.radiomics.discretize import Bins, check_bins
from radlearn.radiomics.map_features import chosen_features, measures_of

# With this radius a neighborhood has 13^3 voxels, more than many regions.
MAX_RADIUS = 6

# The region is processed in blocks with this many voxels in all neighborhoods, each of which needs up to this memory.
BLOCK_VOXELS, BLOCK_BYTES = 20_000, 7e6

# The time is estimated from this many voxels.
N_PROBED = 64

# For so few voxels or blocks, the estimate itself, a second or two, would take a good part of the time.
FEW_VOXELS, FEW_BLOCKS = 20 * N_PROBED, 27

# An estimate above this time is printed even if `verbose` is None.
LONG_SECONDS = 10.0


class FeatureMap(CohortTransformer):
    """Radiomic features of the neighborhood of each voxel of the region, as images on the grid of the case.

    The values are those of PyRadiomics' voxel-based extraction. Grey levels are computed once, for the whole region.
    Texture matrices are computed in each neighborhood as they are in a region, separately for the 13 directions; the
    features of the directions that have a matrix are averaged.

    `maps` returns images, `write` writes files. With a single feature, a FeatureMap is also a step of a pipeline, which
    replaces the image by the map.

    Parameters
    ----------
    features : str or list of str, default="all"
        Features such as ``"glcm_contrast"``, families (``"statistics"``, ``"glcm"``), or PyRadiomics' names with or
        without the image type (``"firstorder_Kurtosis"``, ``"original_gldm_DependenceEntropy"``); see `map_table`.
    radius : int, default=1
        Voxels from the center of the neighborhood, a cube, to each of its sides.
    masked : bool, default=True
        Whether neighborhoods contain voxels of the region only. If False, they contain all voxels, and grey levels are
        computed from the bounding box of the region, extended by `radius` voxels.
    in_plane : bool, default=False
        Whether neighborhoods are squares in the slice.
    bin_width : float, optional
        Width of the grey level bins, in units of intensity. Bin edges are multiples of the width.
    bin_count : int, optional
        Number of bins between the lowest and the highest intensity. Excludes `bin_width`. Default: 32 if there is no
        `bin_width`.
    initial_value : float, default=0
        Value of the maps outside the region; may be NaN.
    n_jobs : int, optional
        Number of threads; -1 uses all processors.
    verbose : int, optional
        Above 0, print an estimate of time and memory, and show a progress bar; with 0, do neither. Default: both, if
        the estimate exceeds 10 s.
    image_shape : "row" or tuple of int, optional
        Needed if `X` is a 2-D numeric array: the shape of the image in each row, or ``"row"`` for images of one row.

    Notes
    -----
    Skewness and kurtosis are undefined for a single intensity, the correlation for a single grey level, and so on;
    there the maps are 0, and 1 for the correlation. The maps are NaN where there is nothing to measure: no pairs, if a
    voxel has no neighbors, or no intensities between the 10th and the 90th percentile.

    References
    ----------
    van Griethuysen JJM et al. Computational Radiomics System to Decode the Radiographic Phenotype. Cancer Research
    2017;77:e104-e107.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.arange(60.0).reshape(3, 4, 5)
    >>> maps = FeatureMap(features=["statistics_mean", "glcm_contrast"], bin_width=10).maps(image)
    >>> print(maps["statistics_mean"].image[1, 1, 1:4])
    [26. 27. 28.]
    """

    def __init__(
        self,
        *,
        features: str | Sequence[str] = "all",
        radius=1,
        masked=True,
        in_plane=False,
        bin_width=None,
        bin_count=None,
        initial_value: float = 0,
        n_jobs=None,
        verbose=None,
        image_shape=None,
    ):
        self.features = features
        self.radius = radius
        self.masked = masked
        self.in_plane = in_plane
        self.bin_width = bin_width
        self.bin_count = bin_count
        self.initial_value = initial_value
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.image_shape = image_shape

    def maps(self, case):
        """Maps of one case.

        Parameters
        ----------
        case : Case, or anything that `check_cohort` takes for one

        Returns
        -------
        maps : FeatureMaps
            A mapping of feature names to volumes with mask and geometry of the case; images have the type of its
            image, float32 or float64.

        Raises
        ------
        RadlearnError
            If the case cannot be read, its mask is empty, or a voxel that counts is NaN.
        """
        self._check_all()
        volume = check_cohort([case])[0].load()
        return FeatureMaps(volume, dict(self._computed(volume)), copy(self))

    def write(self, case, folder):
        """Write the maps of one case to compressed NIfTI files, family by family, so that few are in memory.

        Parameters
        ----------
        case : Case, or anything that `check_cohort` takes for one
        folder : str or path
            Made if it is not there. Files are called ``<case id>_<feature>.nii.gz``, with ``-`` in place of characters
            of the id that no file name may hold.

        Returns
        -------
        paths : dict of str to Path
            The file of each feature.

        Raises
        ------
        RadlearnError
            As for `maps`.
        """
        from radlearn.io.nifti import write_nifti  # noqa: PLC0415 - nibabel takes a second to import

        self._check_all()
        volume = check_cohort([case])[0].load()
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        stem = "".join("-" if character in '/\\:*?"<>|' else character for character in volume.id)
        paths = {}
        for name, values in self._computed(volume):
            paths[name] = folder / f"{stem}_{name}.nii.gz"
            write_nifti(paths[name], FeatureMaps(volume, {name: values}, self)[name])
        return paths

    def _check_parameters(self):
        features = self._check_all()
        if len(features) > 1:
            raise ValueError(
                f"features names {len(features)} features ({', '.join(list(features)[:3])} ...), but a step of a "
                "pipeline makes one image of each; name one feature, or call maps(case) for several"
            )

    def _check_all(self):
        check_number("radius", self.radius, at_least=1, at_most=MAX_RADIUS, integer=True)
        check_bins(self.bin_width, self.bin_count)
        for name in ("masked", "in_plane"):
            check_flag(name, getattr(self, name))
        if not (isinstance(self.initial_value, float) and math.isnan(self.initial_value)):
            check_number("initial_value", self.initial_value)
        check_n_jobs(self.n_jobs)
        return chosen_features(self.features)

    def _transform_volume(self, volume):
        ((_, values),) = self._computed(volume)
        return volume.but(image=_image_of(volume, values, self.initial_value))

    def _computed(self, volume):
        """Name and values of each feature, one family after the other; arrays of shape (n_voxels,)."""
        families = {}
        for name, feature in chosen_features(self.features).items():
            families.setdefault(feature.family, {})[name] = feature
        around = neighborhood(self.radius, in_plane=bool(self.in_plane) or volume.ndim == 2)
        bin_count = self.bin_count or (Bins.count if self.bin_width is None else None)
        bins = PyRadiomicsBins(self.bin_width, bin_count, np.dtype(float), ("bin_width", "bin_count"))
        try:
            arrays = map_arrays(volume, around, self.radius, bins, masked=self.masked)
            if families.keys() - {"statistics"}:
                arrays.levels  # noqa: B018 - made once, before threads share it
        except RadlearnError as error:
            raise error.in_case(volume.id, type(self).__name__)  # noqa: B904 - the same error, which now knows its place
        is_shown = self._announced(families, arrays, around, volume)
        blocks = np.array_split(arrays.centers, _n_blocks(arrays, around))
        tasks = [(family, features, arrays, block, around) for family, features in families.items() for block in blocks]
        if joblib.effective_n_jobs(self.n_jobs) == 1:
            rows = (map_values(*task) for task in tasks)
        else:
            parallel = Parallel(n_jobs=self.n_jobs, require="sharedmem", return_as="generator")
            rows = parallel(delayed(map_values)(*task) for task in tasks)
        title = f"{type(self).__name__} {volume.id}"
        with tqdm(desc=title, total=len(tasks), unit="block", disable=not is_shown) as progress:
            for features in families.values():
                table = []
                for values in islice(rows, len(blocks)):
                    table.append(values)
                    progress.update()
                yield from zip(features, np.concatenate(table, axis=1), strict=True)

    def _announced(self, families, arrays, around, volume):
        """Print the estimated time and memory if asked to, or if it takes long; return whether they were printed."""
        n_voxels, n_blocks = arrays.centers.size, _n_blocks(arrays, around)
        is_small = n_voxels <= FEW_VOXELS or n_blocks <= FEW_BLOCKS
        if self.verbose == 0 or (self.verbose is None and is_small) or sys.stderr is None:
            return False
        n_tasks, n_processors = n_blocks * len(families), joblib.cpu_count()
        n_jobs = min(joblib.effective_n_jobs(self.n_jobs), n_processors, n_tasks)
        seconds = _estimated_seconds(families, arrays, around) / n_jobs
        if self.verbose is None and seconds <= LONG_SECONDS:
            return False
        n_features = sum(map(len, families.values()))
        n_bytes = (
            arrays.padded.nbytes
            + arrays.padded.size * 2
            + volume.image.itemsize * (n_voxels * n_features + volume.image.size)
        )
        try:
            tqdm.write(
                f"FeatureMap: {n_voxels:,} voxels of case {volume.id!r}, {n_features} features: about {seconds:.3g} s "
                f"on {n_jobs} of {n_processors} processors, {(n_bytes + n_jobs * BLOCK_BYTES) / 1e6:,.0f} MB",
                file=sys.stderr,
            )
        except (OSError, ValueError):  # stderr is closed, or the terminal of the process is gone
            return False
        return True


def _estimated_seconds(families, arrays, around):
    """Time for all voxels on one processor, extrapolated from a few in the middle of the region."""
    n_voxels = arrays.centers.size
    probe = arrays.centers[n_voxels // 2 :][:N_PROBED]
    for _ in range(2):  # the first time, kernels are compiled or loaded
        begin = time.perf_counter()
        for family, features in families.items():
            map_values(family, features, arrays, probe, around)
        seconds = time.perf_counter() - begin
    return seconds / probe.size * n_voxels


class FeatureMaps(Mapping):
    """Maps of one case by name; only values in the region are stored, and images are made on access.

    Parameters
    ----------
    volume : Volume
        The case.
    values : dict of str to ndarray of shape (n_voxels,)
        Values of each feature in the voxels of the region.
    made_by : FeatureMap

    Examples
    --------
    >>> maps = FeatureMap(features="ngtdm").maps(np.eye(4))
    >>> list(maps)[:2], maps["ngtdm_contrast"].image.shape
    (['ngtdm_coarseness', 'ngtdm_contrast'], (4, 4))
    """

    def __init__(self, volume, values, made_by):
        self._volume = volume
        self._values = values
        self._parameters = made_by.get_params(deep=False)

    def __getitem__(self, name):
        image = _image_of(self._volume, self._values[name], self._parameters["initial_value"])
        record = {"step": "FeatureMap", "parameters": self._parameters | {"features": name}}
        return self._volume.but(image=image, history=(*self._volume.history, record))

    def __iter__(self):
        return iter(self._values)

    def __len__(self):
        return len(self._values)

    def __repr__(self):
        return f"FeatureMaps({len(self)} of case {self._volume.id!r})"


def map_values(family, features, arrays, centers, around):
    """Values of the features of one family in some voxels.

    Parameters
    ----------
    family : str
    features : dict of str to MapFeature
    arrays : MapArrays
    centers : ndarray of int64, shape (n_centers,)
        Positions of the voxels in the arrays.
    around : Neighborhood

    Returns
    -------
    values : ndarray of the type of the image, shape (n_features, n_centers)
    """
    measures = measures_of(family, arrays, centers, around)
    return np.array([feature.values(measures) for feature in features.values()], arrays.padded.dtype)


def _n_blocks(arrays, around):
    """Number of blocks in which the region is processed."""
    return math.ceil(arrays.centers.size * len(around.places) / BLOCK_VOXELS)


def _image_of(volume, values, initial_value):
    """Image with the values in the region."""
    image = np.full(volume.shape, initial_value, volume.image.dtype)
    image[volume.intensity_region] = values
    return image
