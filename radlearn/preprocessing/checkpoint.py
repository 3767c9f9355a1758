"""Checkpoint: store the volumes at one point of a pipeline, so that the steps before run only once."""

from radlearn._cache import VolumeStore, cache_folder, is_unchanged
from radlearn.base import CohortTransformer


class Checkpoint(CohortTransformer):
    """Store each volume at this point of the pipeline and read it back from then on.

    Useful after an expensive step, such as bias field correction or a network's segmentation, which
    a grid search would otherwise repeat for every setting of the extractor. Volumes are keyed by files (path, size,
    time) and the steps before, and mapped into memory when they are read.

    Parameters
    ----------
    memory : None, path or joblib.Memory, default=None
        Folder of the stored volumes. With None nothing is stored, as in scikit-learn.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Examples
    --------
    >>> import numpy as np
    >>> cohort = Checkpoint().fit_transform([np.ones((2, 2))])
    >>> cohort[0].load().shape
    (2, 2)
    """

    def __init__(self, *, memory=None, image_shape=None):
        self.memory = memory
        self.image_shape = image_shape

    def _check_parameters(self):
        cache_folder(self.memory, "volumes")

    def _pending_step(self):
        return _StoredVolume(cache_folder(self.memory, "volumes"))


class _StoredVolume:
    """Pending step that reads the volume before it from disk, or stores it there."""

    name = "Checkpoint"

    def __init__(self, folder):
        self._folder = folder

    def run(self, case):
        """Read the volume of `case` from the store; where it is not there, load it and store it."""
        if self._folder is None:
            return case.load()
        store, key = VolumeStore(self._folder), case.fingerprint()
        volume = store.read(key, case)
        if volume is None:
            volume = case.load()
            if is_unchanged(case, key):
                store.write(key, volume, case)
        return volume

    def fingerprint(self):
        """A constant: a checkpoint changes nothing."""
        return "checkpoint"
