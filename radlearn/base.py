"""Base classes: steps that turn cohorts into cohorts, extractors that turn cohorts into tables."""

import warnings
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from copy import copy
from dataclasses import asdict

import joblib
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted, validate_data
from tqdm.auto import tqdm

from radlearn._cache import RowCache, cache_folder
from radlearn._heap import keep_freed_memory
from radlearn._rows import Failure, key_of_rows, rows_of_case
from radlearn._validation import check_choice, check_n_jobs
from radlearn.cohort import check_cohort, is_dense
from radlearn.exceptions import CohortError, RadlearnError, RadlearnWarning
from radlearn.volume import Volume

keep_freed_memory()  # here, where workers pass by, too

# Parameters that say how rows are computed and kept, not what they hold: they take no part in cache keys.
_HOW_NOT_WHAT = ("n_jobs", "memory", "on_error", "verbose", "image_shape")


class CohortEstimator(BaseEstimator):
    """Base of steps, extractors and deep models: makes a cohort of X, and sets the tags that follow `image_shape`."""

    _version = 1  # raise it in a subclass whenever its numbers change, so that caches are not stale
    _fit_volumes = None

    def _check_parameters(self):
        """Raise a ValueError or TypeError for a parameter that makes no sense."""

    def _cohort(self, X, *, reset):
        """Cohort of `X`; dense arrays are validated by scikit-learn where `image_shape` allows them."""
        if reset and isinstance(X, Iterator):  # else nothing would be left to transform, and no error would say so
            raise CohortError(f"X is a {type(X).__name__}, which can be read only once", "pass a list: list(X)")
        if self._is_dense(X):
            X = validate_data(self, X, reset=reset, dtype="numeric", allow_nd=True)
        return check_cohort(X, image_shape=self.image_shape)

    def _learn(self, cohort):
        """Pass the volumes to `_fit_volumes`, if there is one; an error names the case that was read last."""
        if self._fit_volumes is None:
            return
        current = None

        def volumes():
            nonlocal current
            n_loaded = 0
            for current in cohort:
                if (volume := self._loaded(current)) is not None:
                    n_loaded += 1
                    yield volume
            current = None
            if n_loaded == 0:
                raise CohortError(f"{type(self).__name__} has nothing to learn from", "pass cases that can be read")

        try:
            self._fit_volumes(volumes())
        except RadlearnError as error:
            raise error if current is None else error.in_case(current.id, type(self).__name__)  # noqa: B904

    def _loaded(self, case):
        return case.load()

    def _is_dense(self, X):
        return self.image_shape is not None and is_dense(X)

    def _digest(self):
        """Digest of the class, its version, its parameters and what it has learned."""
        learned = {name: value for name, value in vars(self).items() if name.endswith("_") and name != "n_features_in_"}
        parameters = {name: value for name, value in self.get_params(deep=False).items() if name not in _HOW_NOT_WHAT}
        kind = f"{type(self).__module__}.{type(self).__qualname__}"
        return joblib.hash((kind, self._version, parameters, learned))

    def _state_for_files(self):
        """Parameters and what was learned, two dicts, as far as they mean something on another machine."""
        return self.get_params(deep=False), {name: value for name, value in vars(self).items() if is_learned(name)}

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_fitted")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = self.image_shape is not None
        tags.input_tags.three_d_array = True
        return tags


class CohortTransformer(TransformerMixin, CohortEstimator):
    """Base of the steps that change images: a cohort in, a cohort out, nothing computed until it is loaded.

    A subclass stores its parameters (among them ``image_shape=None``) in ``__init__``, checks them in
    ``_check_parameters``, and writes ``_transform_volume(volume)``. If it learns from the cohort it also writes
    ``_fit_volumes(volumes)``, which gets an iterator over loaded volumes and sets attributes with a trailing
    underscore.

    Where `image_shape` is given and `X` is a dense array, the result is a dense array of the same form.

    Examples
    --------
    >>> class Invert(CohortTransformer):
    ...     def __init__(self, *, image_shape=None):
    ...         self.image_shape = image_shape
    ...
    ...     def _transform_volume(self, volume):
    ...         return volume.but(image=-volume.image)
    >>> cohort = Invert().fit_transform([np.ones((2, 2))])
    >>> cohort, float(cohort[0].load().image.max())
    (Cohort(1 case of 1 patient), -1.0)
    """

    _makes_mask = False  # whether the step replaces the given mask

    def __init_subclass__(cls, **kwargs):
        # A cohort must stay a cohort, whatever output scikit-learn is told to give.
        super().__init_subclass__(auto_wrap_output_keys=None, **kwargs)

    def fit(self, X, y=None):  # noqa: ARG002 - scikit-learn's signature
        """Check the parameters, and learn from the cases if the step learns.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes
        y : ignored

        Returns
        -------
        self : object
        """
        self._check_parameters()
        cohort = self._cohort(X, reset=True)
        self._learn(cohort)
        self._fitted = True
        return self

    def transform(self, X):
        """Add this step to each case; a dense array is changed at once.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes

        Returns
        -------
        X_out : Cohort, or ndarray of shape (n_cases, ...) for dense input

        Raises
        ------
        CohortError
            If dense images end up with different shapes.
        """
        check_is_fitted(self)
        return self._output(self._cohort(X, reset=False).with_step(self._pending_step()), X)

    def _output(self, cohort, X):
        """The cohort, or a dense array of its images where `X` is one."""
        return _dense(cohort, np.asarray(X).ndim) if self._is_dense(X) else cohort

    def _pending_step(self):
        return FittedStep(self)

    def set_output(self, *, transform=None):  # noqa: ARG002 - scikit-learn's signature
        """Do nothing: the output is a cohort, which no table can replace.

        Parameters
        ----------
        transform : ignored

        Returns
        -------
        self : object
        """
        return self

    def get_feature_names_out(self, input_features=None):
        """Names of the input, if there are any: a cohort has no columns.

        Parameters
        ----------
        input_features : array-like of str, optional

        Returns
        -------
        names : ndarray of str
        """
        return np.asarray(["case"] if input_features is None else input_features, dtype=object)


class FittedStep:
    """Snapshot of a fitted transformer that cases keep; fitting the transformer again does not change it.

    Parameters
    ----------
    transformer : CohortTransformer
    """

    def __init__(self, transformer):
        self._transformer = copy(transformer)
        # What a Pipeline of scikit-learn 1.9 or later attaches while it fits; it differs from run to run.
        vars(self._transformer).pop("_parent_callback_ctx", None)
        self._digest = transformer._digest()
        self.name = type(transformer).__name__
        self.makes_mask = transformer._makes_mask

    def run(self, case):
        """Load `case` and change its volume, noting the step in the history.

        Parameters
        ----------
        case : Case

        Returns
        -------
        volume : Volume
        """
        volume = case.load()
        changed = self._transformer._transform_volume(volume)
        if not isinstance(changed, Volume):
            raise TypeError(
                f"{self.name}._transform_volume gave a {type(changed).__name__}, not a Volume; "
                "return volume.but(image=...)"
            )
        parameters = self._transformer.get_params(deep=False)
        record = {"step": self.name, "parameters": {name: _json_ready(value) for name, value in parameters.items()}}
        return changed.but(history=(*volume.history, record))

    def fingerprint(self):
        """Digest of the transformer.

        Returns
        -------
        digest : str
        """
        return self._digest


class CaseExtractor(TransformerMixin, CohortEstimator):
    """Base of the extractors: every case becomes one row of numbers.

    A subclass stores its parameters in ``__init__``, among them the five below, and writes ``_names()``, which depends
    on parameters only, and ``_row(volume)``. The base reads each case once, works in parallel, caches rows, and reports
    what failed. Where a case may become several rows, the subclass also writes ``_parts(case)`` or ``_volumes(case)``.
    If it learns from the cohort, it writes ``_fit_volumes(volumes)``, as steps do.

    Parameters
    ----------
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
    errors_ : DataFrame
        Cases that failed in the last call of `transform`: case, step, error, remedy. Empty unless
        ``on_error="nan"``.

    Notes
    -----
    Cached rows are keyed by the files (path, size, time), the pending steps, the parameters and the version of the
    extractor. A grid search computes each row once, a second run computes none, and an interrupted run continues where
    it stopped.
    """

    _measures_region = False  # whether a case without a mask, whose region is the whole image, is odd beside others

    def fit(self, X, y=None):  # noqa: ARG002 - scikit-learn's signature
        """Check the parameters and the cohort; images are read only if the extractor learns from them.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes
        y : ignored

        Returns
        -------
        self : object
        """
        check_choice("on_error", self.on_error, ("raise", "nan"))
        check_n_jobs(self.n_jobs)
        cache_folder(self.memory, "rows")
        self._check_parameters()
        cohort = self._cohort(X, reset=True)
        self._learn(cohort)
        self._failures = []
        self._fitted = True
        return self

    def transform(self, X):
        """Compute one row of features per case, or per region where the extractor is asked for each.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes

        Returns
        -------
        table : ndarray of shape (n_rows, n_features), or DataFrame indexed by case id
            A DataFrame after ``set_output(transform="pandas")``, with the index of `X` where that is a table of cases
            and each of them has one row. NaN: undefined by definition, or failed with ``on_error="nan"``.

        Raises
        ------
        RadlearnError
            If a case fails and ``on_error="raise"``; the message names case, file and remedy.
        """
        check_is_fitted(self)
        cohort = self._cohort(X, reset=False)
        if self._measures_region:
            warn_of_missing_masks(cohort)
        ids, table = self._table(cohort)
        if _get_output_config("transform", self)["dense"] == "pandas":
            index = cohort.row_index if ids == cohort.ids.tolist() else pd.Index(ids, name="id")
            return pd.DataFrame(table, index=index, columns=self._names())
        return table

    def get_feature_names_out(self, input_features=None):  # noqa: ARG002 - scikit-learn's signature
        """Names of the columns.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        names : ndarray of str
        """
        return np.asarray(self._names(), dtype=object)

    @property
    def errors_(self):
        """Cases that failed in the last call of `transform`."""
        check_is_fitted(self)
        return pd.DataFrame([asdict(failure) for failure in self._failures], columns=list(Failure.__annotations__))

    def _loaded(self, case):
        """Volume to learn from; None of a case that fails and will have a row of NaN."""
        try:
            return super()._loaded(case)
        except Exception:
            if self.on_error == "raise":
                raise
            return None

    def _warm_up(self):
        """Compile what the rows need, once, before workers start."""

    def _parts(self, case):
        """Cases that `case` becomes; each has the id of `case`, possibly with a suffix."""
        return [case]

    def _volumes(self, case):
        """Volumes that become a row each, with the suffix of their id; several are made one by one."""
        return [("", case.load())]

    def _table(self, cohort):
        """Ids and rows of all cases: from the cache where they are known, else computed in parallel."""
        folder = cache_folder(self.memory, "rows")
        cache = None if folder is None else RowCache(folder)
        digest = None if cache is None else joblib.hash((self._digest(), self._names()))
        keys = [None if cache is None else key_of_rows(digest, case) for case in cohort]
        rows = [None if key is None else cache.read(key) for key in keys]
        todo = [position for position, known in enumerate(rows) if known is None]
        self._failures.clear()
        if todo:
            progress = tqdm(todo, desc=type(self).__name__, unit="case") if self.verbose else todo
            tasks = ((self, cohort[position], keys[position], digest, cache) for position in progress)
            is_parallel = len(todo) > 1 and joblib.effective_n_jobs(self.n_jobs) != 1
            try:
                computed = self._computed(tasks, is_parallel=is_parallel)
            except BrokenExecutor as error:
                undone = [cohort[i].id for i in todo if cache and (keys[i] is None or cache.read(keys[i]) is None)]
                error.add_note(self._about_killed_worker(folder, undone))
                raise
            for position, found in zip(todo, computed, strict=True):
                rows[position] = found
        return self._stack(cohort, rows)

    def _about_killed_worker(self, folder, undone):
        """What to do when a worker was killed, most often because the memory of the machine was used up."""
        kept = "with memory= a folder, the rows of all other cases would be kept"
        if folder is not None:
            first = f"; the first case without any is {undone[0]!r}" if undone else ""
            kept = f"rows that were finished are kept in {str(folder)!r}{first}"
        return f"while {type(self).__name__} computed rows; fewer n_jobs need less memory; {kept}"

    def _computed(self, tasks, *, is_parallel):
        """Rows of each task: a case with its key, what else is in the key, and the cache."""
        if not is_parallel:
            return [rows_of_case(*task) for task in tasks]
        self._warm_up()
        return Parallel(n_jobs=self.n_jobs)(delayed(rows_of_case)(*task) for task in tasks)

    def _stack(self, cohort, rows):
        """Ids and numbers of the rows of all cases, with NaN for what failed."""
        ids = [case.id + row.suffix for case, known in zip(cohort, rows, strict=True) for row in known]
        outcomes = [row.outcome for known in rows for row in known]
        # Their own list, since another thread may transform at the same time.
        failures = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
        self._failures[:] = failures
        if failures:
            n_cases = sum(any(isinstance(row.outcome, Failure) for row in known) for known in rows)
            warnings.warn(
                f"{n_cases} of {len(rows)} cases failed and have NaN in their rows "
                f"(first: {failures[0].error}); see errors_ for all",
                RadlearnWarning,
                stacklevel=4,
            )
        if failures or not outcomes:
            undefined = np.full(len(self._names()), np.nan)
            outcomes = [undefined if isinstance(outcome, Failure) else outcome for outcome in outcomes]
            return ids, np.array(outcomes, dtype=float).reshape(len(ids), undefined.size)
        return ids, np.array(outcomes, dtype=float)


def is_learned(name):
    """Whether an attribute of an estimator holds what was learned.

    Parameters
    ----------
    name : str

    Returns
    -------
    is_learned : bool
    """
    return name.endswith("_") or name == "_fitted"


def warn_of_missing_masks(cohort):
    """Say which cases stand for their whole images beside regions: a cell of the table was left empty, or forgotten."""
    whole = [case.id for case in cohort if not case.has_mask]
    if 0 < len(whole) < len(cohort):
        warnings.warn(
            f"{len(whole)} of {len(cohort)} cases have no mask (first: {whole[0]!r}): their region is the whole image, "
            "and cannot be compared with the others; give them masks, or leave them out",
            RadlearnWarning,
            stacklevel=4,
        )


def _dense(cohort, ndim):
    """Images of a cohort as an array of `ndim` dimensions, rows flattened where the input was flat."""
    images = [case.load().image for case in cohort]
    shapes = {image.shape for image in images}
    if len(shapes) > 1:
        raise CohortError(
            f"the images have different shapes now: {sorted(shapes)[:4]}", "pass a Cohort, or end with ResizeImage"
        )
    stack = np.stack(images)
    return stack.reshape(len(images), -1) if ndim == 2 else stack


def _json_ready(value):
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    if isinstance(value, (list, tuple)):
        return [_json_ready(item) for item in value]
    return np.asarray(value).tolist() if isinstance(value, (np.ndarray, np.generic)) else repr(value)
