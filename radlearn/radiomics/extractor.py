"""RadiomicsFeatures: one row of radiomic features per case."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from functools import cache

import joblib
import numpy as np

from radlearn._labels import check_mask_label
from radlearn._validation import check_choice, check_flag, check_interval, check_ndim, check_number
from radlearn.base import CaseExtractor
from radlearn.exceptions import GeometryError, MaskError, RadlearnWarning
from radlearn.filters.base import ImageFilter
from radlearn.io import ReadSource
from radlearn.radiomics._aggregation import CONNECTIVITIES, DIRECTIONAL, NORMS
from radlearn.radiomics._components import components
from radlearn.radiomics._family import WHOLE_REGION, aggregations_of, declared_families, features_of
from radlearn.radiomics._region import TextureOptions, check_intensities, region_of
from radlearn.radiomics._responses import filtered_regions, response_names
from radlearn.radiomics.discretize import Bins, check_bins
from radlearn.radiomics.glcm import TABLE_LEVELS
from radlearn.volume import Volume, real_image

# Voxels further apart than this do not describe texture, and the number of neighbors grows with the third power.
MAX_DISTANCE = 10

# The family that filters do not change.
SHAPE = "morphology"

# Parameters that say how texture matrices are counted.
TEXTURE_OPTIONS = tuple(field.name for field in fields(TextureOptions))

DEFAULT_AGGREGATION = {3: "3d_merged", 2: "2d_slice_merged"}


class RadiomicsFeatures(CaseExtractor):
    """Radiomic features of the region of interest, as the Image Biomarker Standardisation Initiative defines them.

    The region is cropped, re-segmented and discretized; then each family computes its features. Column names are
    ``<family>_<feature>``; `feature_table` lists them with codes, units and formulas.

    Parameters
    ----------
    families : "all", str or list of str, default="all"
        Families to compute, such as ``["morphology", "glcm"]``. Columns come in the fixed order of the families.
    ndim : {3, 2}, default=3
        3 for volumes, 2 for single images. Shape features differ between the two.
    filters : filter or list of filters, optional
        Filters of `radlearn.filters`, such as ``[LaplacianOfGaussian(sigma=[1, 2]), SeparableWavelet()]``. All families
        except morphology are also computed from each of their responses, in columns that begin with the name of the
        response: ``log_sigma_2mm__glcm_joint_maximum``.
    unfiltered : bool, default=True
        Whether to compute the features of the image itself when there are `filters`; ignored without. If False,
        morphology is the only family that is computed without a filter.
    mask_label : int, list of int or str, or "each", optional
        Label of the region in the masks; overrides that of the cases. Several labels are merged; regions of DICOM can
        be named, also by a pattern such as ``["GTV*"]``. With ``"each"``, every label gives a row of its own, with the
        id ``case:label``.
    per_component : bool, default=False
        Whether each connected component of the region gives a row of its own, the largest first. Its number, from 1, is
        appended to the id: ``case:1`` or ``case:label:1``. Voxels that touch at a corner are connected.
    bin_width : float, optional
        Width of the grey level bins for texture, in units of intensity: 25 HU are usual in CT, a fraction of 1 in SUV;
        images without a unit, as most of MR, rather need a `bin_count`. The first bin begins at the lower bound of
        `resegment_range` if there is one, else at the lowest intensity in the region. For filter responses it always
        begins at the lowest intensity in the region.
    lowest_bin_edge : float, optional
        Lower edge of the first bin; it needs a `bin_width`, and does not apply to filter responses. No intensity in the
        region may be lower.
    bin_count : int, optional
        Number of bins between the lowest and the highest intensity in the region; where the two are equal, the grey
        level is 1. Excludes `bin_width`. Default: 32 if there is no `bin_width`.
    resegment_range : tuple of two floats, optional
        Voxels with intensities outside this range are removed from the intensity mask, but not from the morphological
        mask; None leaves a side open. Re-segmentation comes before filters.
    outlier_sigma : float, optional
        Voxels whose intensity differs from the mean by more than this many standard deviations are removed from the
        intensity mask, too. Mean and standard deviation are those of the region before any re-segmentation.
    ivh_bin_width : float, optional
        Bin width of the intensity-volume histogram, in units of intensity. The first bin begins at the lower end of the
        range; where its upper end is open, the last bin is that of the highest intensity. Default: intensities are not
        binned.
    ivh_bin_count : int, optional
        Number of bins of the intensity-volume histogram between the lowest and the highest intensity in the region;
        its intensities are then bin numbers. Excludes `ivh_bin_width` and `ivh_range`.
    ivh_range : tuple of two floats, optional
        Lowest and highest intensity of the intensity-volume histogram; None takes that of the region. Default:
        `resegment_range`. For filter responses it is always the range of the region.
    aggregation : str or list of str, optional
        How texture matrices of several directions and slices are combined: ``"2d_averaged"``, ``"2d_slice_merged"``
        (default for ``ndim=2``), ``"2.5d_direction_merged"``, ``"2.5d_merged"``, ``"3d_averaged"`` or ``"3d_merged"``
        (default for ``ndim=3``); with ``ndim=2`` only the first two. For a list, each aggregation gives texture
        columns of its own, whose names end with ``__<aggregation>``. Matrices without directions (zones, neighborhoods)
        use the first part of the name: ``"2d"``, ``"2.5d"`` or ``"3d"``. Averages are over the matrices in which a
        feature is defined: an empty matrix, or the correlation of a slice with a single grey level, does not count.
    glcm_distance : int, default=1
        Number of steps to the neighbor along each direction, for the co-occurrence matrix.
    glcm_symmetric : bool, default=True
        Whether each pair of voxels is counted in both directions.
    weighting_norm : {"manhattan", "euclidean", "chebyshev"}, optional
        Norm of the distance d (mm) to the neighbor. Where directions are merged (co-occurrence, run length), each is
        weighted with ``exp(-d**2)``; where features of single directions are averaged, it has no effect. Default: all
        directions have the same weight.
    zone_connectivity : {26, 18, 6}, default=26
        Number of neighbors of a voxel that may belong to its zone, in 3-D; in a slice these are 8, 8 and 4.
    ngtdm_distance, ngldm_distance : int, default=1
        Chebyshev distance up to which voxels are neighbors, for grey tone differences and for dependences.
    ngldm_coarseness : int, default=0
        Largest difference of grey levels at which a neighbor is dependent.
    not_standardised : bool, default=False
        Whether to compute also the features that IBSI describes without a reference value; they are those marked in the
        column `standardised` of `feature_table`.
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

    Raises
    ------
    GeometryError
        If a case does not have `ndim` dimensions, or a filter does not fit its grid.
    MaskError
        If the mask of a case is empty, a voxel in it is NaN, infinite or larger than 1e75, re-segmentation removes all
        voxels, there would be more than 10,000 grey levels, or a filter response is NaN in the region.

    Warns
    -----
    RadlearnWarning
        If some cases have no mask, and others have one: the region of the first is the whole image. If all intensities
        of a region lie in one bin of `bin_width`.

    Notes
    -----
    NaN means that a feature is undefined, such as the correlation of a single grey level; the description of each
    feature says when this happens. In a region in which no two voxels are neighbors, such as a single voxel, all
    features of the families ``glcm`` and ``ngtdm`` are NaN. Only filters and local intensity read voxels outside
    the region.

    References
    ----------
    Zwanenburg A et al. The Image Biomarker Standardization Initiative. Radiology 2020;295:328-338.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.arange(60.0).reshape(3, 4, 5)
    >>> extractor = RadiomicsFeatures(families=["statistics", "glcm"], bin_width=10)
    >>> table = extractor.set_output(transform="pandas").fit_transform([image])
    >>> print(table.shape, table["statistics_mean"].iloc[0])
    (1, 43) 29.5
    """

    _version = 10

    def __init__(
        self,
        *,
        families: str | Sequence[str] = "all",
        ndim=3,
        filters=None,
        unfiltered=True,
        mask_label=None,
        per_component=False,
        bin_width=None,
        lowest_bin_edge=None,
        bin_count=None,
        resegment_range=None,
        outlier_sigma=None,
        ivh_bin_width=None,
        ivh_bin_count=None,
        ivh_range=None,
        aggregation=None,
        glcm_distance=1,
        glcm_symmetric=True,
        weighting_norm=None,
        zone_connectivity=26,
        ngtdm_distance=1,
        ngldm_distance=1,
        ngldm_coarseness=0,
        not_standardised=False,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.families = families
        self.ndim = ndim
        self.filters = filters
        self.unfiltered = unfiltered
        self.mask_label = mask_label
        self.per_component = per_component
        self.bin_width = bin_width
        self.lowest_bin_edge = lowest_bin_edge
        self.bin_count = bin_count
        self.resegment_range = resegment_range
        self.outlier_sigma = outlier_sigma
        self.ivh_bin_width = ivh_bin_width
        self.ivh_bin_count = ivh_bin_count
        self.ivh_range = ivh_range
        self.aggregation = aggregation
        self.glcm_distance = glcm_distance
        self.glcm_symmetric = glcm_symmetric
        self.weighting_norm = weighting_norm
        self.zone_connectivity = zone_connectivity
        self.ngtdm_distance = ngtdm_distance
        self.ngldm_distance = ngldm_distance
        self.ngldm_coarseness = ngldm_coarseness
        self.not_standardised = not_standardised
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_ndim(self.ndim)
        for name in ("unfiltered", "per_component", "glcm_symmetric", "not_standardised"):
            check_flag(name, getattr(self, name))
        self._check_region()
        self._check_bins()
        self._check_texture()
        self._check_what_to_compute()

    def _check_region(self):
        if isinstance(self.mask_label, str) and not self._each_label:
            name = repr(self.mask_label)
            raise TypeError(f"mask_label must be a whole number, 'each' or a list, got {name}; give names as [{name}]")
        if not self._each_label:
            check_mask_label(self.mask_label)
        check_interval("resegment_range", self.resegment_range, optional=True)
        check_number("outlier_sigma", self.outlier_sigma, above=0, optional=True)

    def _check_bins(self):
        check_bins(self.bin_width, self.bin_count)
        check_number("lowest_bin_edge", self.lowest_bin_edge, optional=True)
        if self.lowest_bin_edge is not None and self.bin_width is None:
            raise ValueError(
                f"lowest_bin_edge={self.lowest_bin_edge} needs a bin_width; give one, or leave lowest_bin_edge out: "
                "bin_count always begins at the lowest intensity"
            )
        check_bins(self.ivh_bin_width, self.ivh_bin_count, prefix="ivh_")
        check_interval("ivh_range", self.ivh_range, optional=True)
        if self.ivh_range is not None and self.ivh_bin_count is not None:
            raise ValueError(f"ivh_range={self.ivh_range} and ivh_bin_count={self.ivh_bin_count} exclude each other")

    def _check_texture(self):
        for name in ("glcm_distance", "ngtdm_distance", "ngldm_distance"):
            check_number(name, getattr(self, name), at_least=1, at_most=MAX_DISTANCE, integer=True)
        check_number("ngldm_coarseness", self.ngldm_coarseness, at_least=0, integer=True)
        if self.zone_connectivity not in tuple(CONNECTIVITIES):
            raise ValueError(f"zone_connectivity must be 26, 18 or 6, got {self.zone_connectivity!r}")
        if self.weighting_norm is not None:
            check_choice("weighting_norm", self.weighting_norm, NORMS)

    def _check_what_to_compute(self):
        for name, kind in (("families", "names"), ("aggregation", "names"), ("filters", "filters")):
            if not isinstance(getattr(self, name), Iterable | ImageFilter | None):
                raise TypeError(f"{name} must be a list of {kind}, got {getattr(self, name)!r}")
        if self.families is None:
            raise TypeError("families must be 'all' or a list of names, got None")
        for family in () if isinstance(self.families, str) else self.families:
            check_choice("families", family, declared_families(self.ndim))
        self._families()
        self._aggregations()
        response_names(self._filters(), self.ndim)

    def _digest(self):
        filters = [image_filter._digest() for image_filter in self._filters()]  # noqa: SLF001 - knows their versions
        return joblib.hash((super()._digest(), filters)) if filters else super()._digest()

    def _names(self):
        is_list = not isinstance(self.aggregation, str | None)
        columns = [_columns(plan, is_list, bool(self.not_standardised)) for plan in self._plans()]
        filtered = [f"{name}__{column}" for name in response_names(self._filters(), self.ndim) for column in columns[1]]
        return [*columns[0], *filtered]

    def _parts(self, case):
        if self._each_label:
            return _with_floats(case.per_label())
        return [case if self.mask_label is None else replace(case, mask_label=self.mask_label)]

    def _volumes(self, case):
        volume = case.load()
        return components(volume) if self.per_component else [("", volume)]

    @property
    def _each_label(self):
        return isinstance(self.mask_label, str) and self.mask_label == "each"

    @property
    def _measures_region(self):
        return not self._each_label  # with which a case without a mask fails

    def _row(self, volume):
        if volume.ndim != self.ndim:
            raise GeometryError(
                f"the image is {volume.ndim}-D with shape {volume.shape}, but RadiomicsFeatures has ndim={self.ndim}",
                f"use ndim={volume.ndim}, with cases of one kind only",
            )
        region = region_of(
            volume,
            self._bins(),
            self.resegment_range,
            self.outlier_sigma,
            texture=self._texture(),
            ivh_bin_width=self.ivh_bin_width,
            ivh_bin_count=self.ivh_bin_count,
            ivh_range=self._ivh_range(),
        )
        plan, filtered_plan = self._plans()
        values = self._values(region, plan)
        if self.bin_width is not None and region.shares_one_level:
            warnings.warn(  # in the same words for each case, so that it is told once
                f"with bin_width={self.bin_width:g}, all intensities of a region have one grey level, and its texture "
                "says nothing; use a smaller bin_width, in the unit of the image, or bin_count",
                RadlearnWarning,
                stacklevel=2,
            )
        if self._filters():
            values += self._filtered_values(volume, region, filtered_plan)
        return values

    def _filtered_values(self, volume, region, plan):
        """Values of all features of each response."""
        values = []
        looks_around = any(family.name == "local_intensity" for family, _ in plan)
        for name, response in filtered_regions(volume, region, self._filters(), looks_around=looks_around):
            try:
                check_intensities(response.intensities, "leave this response out, or the case")
                values += self._values(response, plan)
            except MaskError as error:
                error.problem = f"{name}: {error.problem}"
                raise
        return values

    def _values(self, region, plan):
        """Values of all features of a region, in the order of the columns."""
        values = []
        for family, aggregations in plan:
            for aggregation in aggregations:
                values += family.values(region, aggregation, not_standardised=self.not_standardised)
        return values

    def _warm_up(self):
        """Compile the kernels on small regions, so that parallel workers do not all compile them."""
        # Grey levels are counted in different ways where there are few, many, or very few in a box that is not small;
        # images are of single or double precision; pairs of voxels are summed in a way that depends on the size of the
        # region, and on that of the box around it.
        for shape, stride, bins, dtype in (
            ((2, 2, 2), 1, Bins(), np.float32),
            ((10, 10, 10), 1, Bins(), np.float32),
            ((2, 92, 92), 1, Bins(count=2), np.float32),
            ((2, 28, 28), 1, Bins(count=TABLE_LEVELS + 1), np.float64),
            ((2, 600, 600), 599, Bins(), np.float32),
        ):
            mask = np.zeros(shape[-self.ndim :], bool)
            mask[..., ::stride, ::stride] = True
            ramp = np.arange(float(mask.size)).reshape(mask.shape)
            volume = Volume(ramp.astype(dtype), mask)
            if stride == 1:  # filters have nothing to do with the region, and would take their time in a large box
                for image_filter in self._filters():
                    list(image_filter.filtered(volume.image, volume.spacing))
            region = region_of(volume, bins, texture=self._texture())
            for family, aggregations in self._plan():
                family.values(region, aggregations[0], not_standardised=self.not_standardised)

    def _plan(self):
        """The families to compute, each with its aggregations."""
        return _planned(self._families(), self._aggregations(), self.ndim)

    def _plans(self):
        """What to compute of the image itself, and of each response of a filter."""
        plan = self._plan()
        shape, rest = _parted(plan)
        return (plan if self.unfiltered or not self._filters() else shape), rest

    def _filters(self):
        if self.filters is None:
            return []
        return [self.filters] if isinstance(self.filters, ImageFilter) else list(self.filters)

    def _families(self):
        return _chosen_families(self.families if isinstance(self.families, str) else tuple(self.families), self.ndim)

    def _aggregations(self):
        if self.aggregation is None:
            return (DEFAULT_AGGREGATION[self.ndim],)
        asked_for = [self.aggregation] if isinstance(self.aggregation, str) else self.aggregation
        choices = [name for name, aggregation in DIRECTIONAL.items() if self.ndim == 3 or aggregation.per_slice]
        chosen = {check_choice("aggregation", name, choices) for name in asked_for}
        if not chosen:
            raise ValueError(f"aggregation is empty; choose some of {', '.join(choices)}")
        return tuple(name for name in choices if name in chosen)

    def _ivh_range(self):
        given = self.resegment_range if self.ivh_range is None else self.ivh_range
        return (None, None) if given is None else given

    def _texture(self):
        return TextureOptions(*(getattr(self, name) for name in TEXTURE_OPTIONS))

    def _bins(self):
        lowest = self.lowest_bin_edge
        if lowest is None and self.resegment_range is not None:
            lowest = self.resegment_range[0]
        return Bins(width=self.bin_width, lowest=lowest, count=self.bin_count or Bins.count)


def _with_floats(parts):
    """Cases that share an image, converted once to what a Volume holds, and not again for each of them."""
    source, data = parts[0].image.source, parts[0].image.data
    image = ReadSource(source, data._replace(array=real_image(data.array)))
    return [replace(part, image=image) for part in parts]


@cache
def _chosen_families(names, ndim):
    """The families that are asked for, in the order of their columns."""
    declared = declared_families(ndim)
    if names == "all":
        return tuple(declared.values())
    chosen = {check_choice("families", name, declared) for name in ((names,) if isinstance(names, str) else names)}
    if not chosen:
        raise ValueError(f"families is empty; choose some of {', '.join(declared)}, or 'all'")
    return tuple(family for name, family in declared.items() if name in chosen)


@cache
def _planned(families, asked_for, ndim):
    """Each family with those of its aggregations that are asked for."""
    plan = []
    for family in families:
        offered = aggregations_of(family, ndim)
        if offered != WHOLE_REGION:
            # Families without directions go by the part of the name that tells slices from space.
            wanted = {name for asked in asked_for for name in (asked, asked.partition("_")[0])}
            offered = tuple(name for name in offered if name in wanted)
        plan.append((family, offered))
    return tuple(plan)


@cache
def _parted(plan):
    """The part of a plan that filters do not change, and what they change."""
    return tuple(tuple(part for part in plan if (part[0].name == SHAPE) == is_shape) for is_shape in (True, False))


@cache
def _columns(plan, is_list, not_standardised):
    """Names of the columns; with the aggregation where there is a list of them."""
    names = []
    for family, aggregations in plan:
        for aggregation in aggregations:
            suffix = f"__{aggregation}" if is_list and aggregation not in WHOLE_REGION else ""
            names += [feature.column + suffix for feature in features_of(family, not_standardised)]
    return tuple(names)
