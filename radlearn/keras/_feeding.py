"""What networks are given: made from cases when it is asked for, kept as far as there is room."""

from concurrent.futures import ThreadPoolExecutor
from copy import copy

import joblib
import numpy as np

from radlearn._cache import ArrayStore, cache_folder, is_unchanged


class LazyInputs:
    """A sequence with one array per item, a case for instance, which is computed when it is asked for.

    Arrays are kept in memory until they fill the room that they are given; those beyond are computed again each time,
    or read from a folder. So a cohort that is larger than the memory can be trained on.

    Parameters
    ----------
    items : Cohort or list
        Cases, or what else has a ``fingerprint()``.
    prepare : callable
        ``prepare(item)`` gives an array of float32.
    stack : callable, default=numpy.stack
        Makes a batch of a list of such arrays.
    key : str, optional
        Digest of what `prepare` does, for the folder.
    cache_gb : float, default=0.0
        Room in memory, in GB.
    memory : None, path or joblib.Memory
        Folder in which all arrays are kept.
    n_jobs : int or None
        Number of threads that compute the arrays of one batch.
    n_intensities : int, optional
        Number of channels that hold intensities, and may be scaled; they come first. Default: all.
    """

    def __init__(
        self, items, prepare, *, stack=np.stack, key="", cache_gb=0.0, memory=None, n_jobs=None, n_intensities=None
    ):
        self._items = items
        self._prepare = prepare
        self._stack = stack
        self._key = key
        folder = cache_folder(memory, "inputs")
        self._store = None if folder is None else ArrayStore(folder)
        self._room = _Room(cache_gb * 1e9)
        self._n_threads = joblib.effective_n_jobs(n_jobs)
        self._intensities = np.s_[..., :n_intensities]
        self._center, self._scale = np.float32(0), np.float32(1)

    def __len__(self):
        return len(self._items)

    def __getitem__(self, positions):
        """A batch of the items at `positions`."""
        if self._n_threads == 1 or len(positions) == 1:
            entries = [self._entry(position) for position in positions]
        else:
            with ThreadPoolExecutor(self._n_threads) as threads:
                entries = list(threads.map(self._entry, positions))
        return self._stack([self._scaled(entry) for entry in entries])

    def standardized(self, center, scale):
        """The same arrays, their intensities less `center` and divided by `scale`; what is kept is shared.

        Parameters
        ----------
        center, scale : float

        Returns
        -------
        inputs : LazyInputs
        """
        other = copy(self)
        other._center, other._scale = np.float32(center), np.float32(scale)  # noqa: SLF001 - a copy of itself
        return other

    def mean_and_deviation(self):
        """Mean and standard deviation of the intensities in all arrays, which are computed one by one.

        Returns
        -------
        mean, deviation : float
            The deviation is 1 where all is constant.
        """
        n = total = squares = 0
        for position in range(len(self)):
            entry = self._entry(position)[self._intensities].astype(float)
            n, total, squares = n + entry.size, total + entry.sum(), squares + np.square(entry).sum()
        mean = total / n
        return float(mean), float(np.sqrt(max(squares / n - mean**2, 0))) or 1.0

    def _scaled(self, entry):
        if self._center == 0 and self._scale == 1:
            return entry
        scaled = entry.copy()
        scaled[self._intensities] = (entry[self._intensities] - self._center) / self._scale
        return scaled

    def _entry(self, position):
        kept = self._room.get(int(position))
        if kept is not None:
            return kept
        entry = self._stored(self._items[int(position)])
        self._room.put(int(position), entry)
        return entry

    def _stored(self, item):
        """Array of an item, from the folder where it is there."""
        if self._store is None:
            return self._prepare(item)
        fingerprint = item.fingerprint()
        key = joblib.hash((self._key, fingerprint))
        entry = self._store.read(key)
        if entry is None:
            entry = self._prepare(item)
            if is_unchanged(item, fingerprint):
                self._store.write(key, entry)
        return entry


class JoinedInputs:
    """Pairs of what two sequences give for the same cases.

    Parameters
    ----------
    first, second : LazyInputs or ndarray
        Indexed by arrays of positions.
    """

    def __init__(self, first, second):
        self._parts = first, second

    def __len__(self):
        return len(self._parts[0])

    def __getitem__(self, positions):
        """Arrays of the cases at `positions`: a pair."""
        return tuple(part[positions] for part in self._parts)


class _Room:
    """Arrays by position, as many as fit; the first ones stay, since each epoch asks for all of them once."""

    def __init__(self, n_bytes):
        self._free = n_bytes
        self._arrays = {}

    def get(self, position):
        return self._arrays.get(position)

    def put(self, position, array):
        if array.nbytes <= self._free and position not in self._arrays:
            self._free -= array.nbytes
            self._arrays[position] = array


class LabeledFeed:
    """Batches of inputs, labels and weights, for `train`.

    Parameters
    ----------
    inputs : LazyInputs, JoinedInputs or ndarray
        Of all cases.
    targets, weights : ndarray of shape (n_cases,)
    positions : ndarray of int
        Cases that belong to the feed.
    augment : callable, optional
        ``augment(inputs, random_state)`` gives the changed inputs of one batch.
    """

    def __init__(self, inputs, targets, weights, positions, augment=None):
        self._inputs, self._targets, self._weights = inputs, targets, weights
        self.positions = positions
        self._augment = augment

    def __len__(self):
        return len(self.positions)

    def batch(self, chosen, random_state):
        """One batch.

        Parameters
        ----------
        chosen : ndarray of int
            Which of the cases of the feed.
        random_state : RandomState
            For augmentation.

        Returns
        -------
        inputs, targets, weights : ndarray
            Of the chosen cases; `inputs` may be a tuple of arrays.
        """
        positions = self.positions[chosen]
        inputs = self._inputs[positions]
        if self._augment is not None:
            inputs = self._augment(inputs, random_state)
        return inputs, self._targets[positions], self._weights[positions]
