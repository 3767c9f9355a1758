"""What every step and every extractor promises, as functions that take a fresh estimator.

Each promise is one function; `test_contracts.py` runs all of them over all estimators.
"""

import pickle
import re
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from radlearn import Case, Cohort, Volume
from radlearn.base import CaseExtractor
from radlearn.exceptions import RadlearnError, RadlearnWarning
from radlearn.radiomics import PyRadiomicsFeatures
from radlearn.radiomics._family import declared_families


def make_volume(ndim, position=0, size=24):
    """A noisy image with a ball as its mask, spacing unequal, its affine flipped along x."""
    rng = np.random.default_rng(position)
    shape = (size // 2, size + position, size)[-ndim:]
    spacing = (2.0, 1.0, 0.8)[-ndim:]
    distance = np.linalg.norm(np.moveaxis(np.indices(shape), 0, -1) - np.array(shape) / 2, axis=-1)
    affine = np.diag([*spacing, 1.0])[::-1][[*range(1, ndim + 1), 0]]
    affine[0] *= -1
    mask = distance < size / 5
    image = rng.normal(100, 10, shape) + 50 * mask
    return Volume(image.astype(np.float32), mask=mask, spacing=spacing, affine=affine, id=f"case-{position}")


def make_cohort(ndim, n_cases=4, **changes):
    """Cases of different sizes."""
    volumes = [make_volume(ndim, position).but(**changes) for position in range(n_cases)]
    return Cohort(as_case(volume) for volume in volumes)


def as_case(volume, image=None):
    """Case of a volume in memory, with the image taken from elsewhere if one is given."""
    mask = None if volume.mask is None else volume.mask.astype(np.uint8)
    image = volume.image if image is None else image
    return Case(image, mask=mask, id=volume.id, patient=volume.patient, spacing=volume.spacing)


def outcome(estimator, X):
    """What an estimator makes of a cohort, as a list of arrays."""
    return arrays_of(estimator.fit_transform(X))


def arrays_of(result):
    """Images and masks of a cohort, or the rows of a table."""
    if isinstance(result, Cohort):
        volumes = [case.load() for case in result]
        return [array for volume in volumes for array in (volume.image, volume.mask)]
    return list(result)


def assert_same(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


# Promises of all estimators ---------------------------------------------------------------------------------------


def clones_and_prints(estimator, ndim):
    copy = clone(estimator)
    assert repr(copy) == repr(estimator)
    assert copy.get_params().keys() == estimator.get_params().keys()
    assert type(estimator).__name__ in repr(estimator)


def stores_parameters_unchanged(estimator, ndim):
    defaults = type(estimator)()
    for name, value in defaults.get_params(deep=False).items():
        marker = object()
        assert getattr(type(estimator)(**{name: marker}), name) is marker, f"{name}={value} is changed by __init__"


def needs_fitting(estimator, ndim):
    with pytest.raises(NotFittedError):
        estimator.transform(make_cohort(ndim))


def leaves_its_input_untouched(estimator, ndim):
    volume = make_volume(ndim)
    image, mask = volume.image.copy(), volume.mask.astype(np.uint8)
    outcome(estimator, Cohort([Case(image, mask=mask, spacing=volume.spacing)]))
    np.testing.assert_array_equal(image, volume.image)
    np.testing.assert_array_equal(mask, volume.mask)


def fitting_and_transforming_repeat(estimator, ndim):
    X = make_cohort(ndim)
    expected = outcome(estimator, X)
    assert_same(outcome(estimator, X), expected)
    assert_same(outcome(clone(estimator), X), expected)


def takes_cases_alone_or_together(estimator, ndim):
    X = make_cohort(ndim)
    together = outcome(estimator, X)
    alone = [row for case in X for row in outcome(clone(estimator), [case])]
    assert len(alone) == len(together)
    if not learns(estimator):
        assert_same(alone, together)


def takes_arrays_of_any_layout_and_files(estimator, ndim, tmp_path):
    volume = make_volume(ndim)
    expected = outcome(clone(estimator), Cohort([as_case(volume)]))
    np.save(tmp_path / "image.npy", volume.image)
    in_fortran_order, big_endian = np.asfortranarray(volume.image), volume.image.astype(">f4")
    memory_mapped = np.load(tmp_path / "image.npy", mmap_mode="r")
    for image in (in_fortran_order, big_endian, memory_mapped, tmp_path / "image.npy"):
        assert_same(outcome(clone(estimator), Cohort([as_case(volume, image)])), expected)


def pickles(estimator, ndim):
    X = make_cohort(ndim)
    copy = pickle.loads(pickle.dumps(estimator.fit(X)))
    result, expected = copy.transform(X), estimator.transform(X)
    assert_same(arrays_of(pickle.loads(pickle.dumps(result))), arrays_of(expected))


def takes_numbers_of_numpy(estimator, ndim):
    X = make_cohort(ndim, n_cases=2)
    params = {name: of_numpy(value) for name, value in estimator.get_params(deep=False).items()}
    result = outcome(clone(estimator).set_params(**params), X)
    for a, b in zip(result, outcome(estimator, X), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-5)


def of_numpy(value):
    """The value as a search over `np.arange` or `np.linspace` gives it."""
    if isinstance(value, tuple):
        are_numbers = value and all(isinstance(number, (int, float)) for number in value)
        return np.array(value) if are_numbers else value
    return np.array(value)[()] if isinstance(value, (bool, int, float)) else value


def refuses_fractions_of_what_it_counts(estimator, ndim):
    for name in documented_as(estimator, "int(?: or None)?") - {"random_state", "verbose"}:  # passed on as they are
        fraction = (getattr(estimator, name) or 2) + 0.5
        assert_refused(estimator, ndim, name, fraction)


def refuses_what_is_not_documented(estimator, ndim):
    for kind, value in {"float(?: or None)?": "2", "bool": "no", r'\{".*\}': "unknown"}.items():
        for name in documented_as(estimator, kind):
            assert_refused(estimator, ndim, name, value)


def assert_refused(estimator, ndim, name, value):
    with pytest.raises((TypeError, ValueError), match=name):
        clone(estimator).set_params(**{name: value}).fit(make_cohort(ndim, n_cases=1))


def documented_as(estimator, kind):
    """Parameters of a kind, a regular expression, by their documentation."""
    lines = re.findall(rf"^    ([\w, ]+) : {kind}(?:, .*)?$", type(estimator).__doc__, re.MULTILINE)
    return {name for line in lines for name in line.split(", ")} & estimator.get_params(deep=False).keys()


def refuses_what_is_no_cohort(estimator, ndim):
    with pytest.raises(RadlearnError, match="image_shape"):
        estimator.fit(np.ones((5, 4)))


EVERYBODY = [
    clones_and_prints,
    stores_parameters_unchanged,
    needs_fitting,
    leaves_its_input_untouched,
    fitting_and_transforming_repeat,
    takes_cases_alone_or_together,
    takes_arrays_of_any_layout_and_files,
    pickles,
    takes_numbers_of_numpy,
    refuses_fractions_of_what_it_counts,
    refuses_what_is_not_documented,
    refuses_what_is_no_cohort,
]


# Promises of steps ------------------------------------------------------------------------------------------------


def is_lazy(estimator, ndim):
    X = make_cohort(ndim)
    fitted = estimator.fit(X)
    gone = Cohort([Case("no such file.npy")])
    assert isinstance(fitted.transform(gone), Cohort)


def keeps_identity(estimator, ndim):
    X = make_cohort(ndim)
    for before, after in zip(X, estimator.fit_transform(X), strict=True):
        assert (before.id, before.patient) == (after.id, after.patient) == (after.load().id, after.load().patient)


def leaves_a_usable_volume(estimator, ndim):
    for case in estimator.fit_transform(make_cohort(ndim)):
        volume = case.load()
        assert volume.ndim == ndim
        assert volume.image.dtype == np.float32
        assert np.isfinite(volume.image).all()
        assert volume.mask.any()
        assert volume.mask.shape == volume.intensity_mask.shape == volume.image.shape


def notes_itself_in_the_history(estimator, ndim):
    history = estimator.fit_transform(make_cohort(ndim))[0].load().history
    assert [record["step"] for record in history] in ([type(estimator).__name__], [])


def stays_a_cohort_with_pandas_output(estimator, ndim):
    estimator.set_output(transform="pandas")
    assert isinstance(estimator.fit_transform(make_cohort(ndim)), Cohort)


STEPS = [
    is_lazy,
    keeps_identity,
    leaves_a_usable_volume,
    notes_itself_in_the_history,
    stays_a_cohort_with_pandas_output,
]


# Promises of extractors -------------------------------------------------------------------------------------------


def names_depend_on_parameters_only(estimator, ndim):
    names = estimator.get_feature_names_out()
    table = estimator.set_output(transform="pandas").fit_transform(make_cohort(ndim))
    assert table.columns.tolist() == list(names)
    assert table.index.tolist() == [f"case-{position}" for position in range(4)]
    assert len(set(names)) == len(names)


def two_workers_equal_one(estimator, ndim):
    X = make_cohort(ndim)
    assert_same(outcome(clone(estimator).set_params(n_jobs=2), X), outcome(estimator, X))


def the_cache_changes_nothing(estimator, ndim, tmp_path):
    X = make_cohort(ndim)
    cached = clone(estimator).set_params(memory=tmp_path)
    expected = outcome(estimator, X)
    assert_same(outcome(cached, X), expected)
    assert_same(outcome(cached, X), expected)


def an_empty_mask_is_reported(estimator, ndim):
    volume = make_volume(ndim)
    case = Case(volume.image, mask=np.zeros(volume.shape, int), id="empty")
    with pytest.raises(RadlearnError, match="empty"):
        estimator.fit_transform([case])


def degenerate_regions_have_rows(estimator, ndim):
    volume = make_volume(ndim)
    one_voxel = np.zeros(volume.shape, bool)
    one_voxel[(5,) * ndim] = True
    if refuses_single_voxels(estimator):
        one_voxel[(6,) * ndim] = True
    cases = [
        as_case(volume.but(mask=one_voxel)),
        as_case(volume.but(image=np.full(volume.shape, 7.0))),
        as_case(volume.but(mask=np.ones(volume.shape, bool))),
        as_case(volume.but(mask=None)),
    ]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*covers the whole image|.*have no mask", RadlearnWarning)
        table = estimator.fit_transform(Cohort(cases))
    assert not np.isinf(table).any()
    assert np.isfinite(table[2:]).all()


def nan_outside_the_region_does_not_matter(estimator, ndim):
    # Filters look beyond the region; tests/filters/test_base.py says what they make of NaN.
    if not uses_masks(estimator) or getattr(estimator, "filters", None):
        return
    # Local intensity looks beyond the region by definition; tests/radiomics/test_local_intensity.py says how.
    names = [name for name in declared_families(ndim) if name != "local_intensity"]
    if "families" in estimator.get_params():
        estimator = clone(estimator).set_params(families=names)
    volume = make_volume(ndim)
    image = np.where(volume.mask, volume.image, np.nan)
    zeros = np.where(volume.mask, volume.image, 0)
    assert_same(outcome(clone(estimator), [as_case(volume, image)]), outcome(estimator, [as_case(volume, zeros)]))


def nan_inside_the_region_is_refused(estimator, ndim):
    volume = make_volume(ndim)
    image = volume.image.copy()
    image[tuple(np.argwhere(volume.mask)[3])] = np.nan
    with pytest.raises(RadlearnError, match="NaN"):
        estimator.fit_transform([as_case(volume, image)])


def works_in_pipelines_unions_and_searches(estimator, ndim):
    X, y = make_cohort(ndim, n_cases=6), np.array([0, 1] * 3)
    union = FeatureUnion([("one", clone(estimator)), ("two", clone(estimator))])
    numbers = FunctionTransformer(np.nan_to_num, feature_names_out="one-to-one")
    pipeline = make_pipeline(union, numbers, LogisticRegression(max_iter=10))
    search = GridSearchCV(pipeline, {"logisticregression__C": [0.1, 1]}, cv=2, scoring="roc_auc", error_score="raise")
    assert search.fit(X, y).predict(X).shape == (6,)


EXTRACTORS = [
    names_depend_on_parameters_only,
    two_workers_equal_one,
    the_cache_changes_nothing,
    an_empty_mask_is_reported,
    degenerate_regions_have_rows,
    nan_outside_the_region_does_not_matter,
    nan_inside_the_region_is_refused,
    works_in_pipelines_unions_and_searches,
]


def learns(estimator):
    return getattr(estimator, "_fit_volumes", None) is not None


def uses_masks(estimator):
    return type(estimator).__module__.startswith("radlearn.radiomics")


def refuses_single_voxels(estimator):
    return isinstance(estimator, PyRadiomicsFeatures)


def promises_of(estimator):
    """Promises that an estimator has to keep."""
    return EVERYBODY + (EXTRACTORS if isinstance(estimator, CaseExtractor) else STEPS)
