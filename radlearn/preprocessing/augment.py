"""Augment: random changes of training images that leave their class as it is."""

from copy import copy
from dataclasses import replace

import numpy as np
from sklearn.utils import _safe_indexing, check_consistent_length, check_random_state
from sklearn.utils.validation import check_is_fitted

from radlearn._validation import check_number
from radlearn.base import CohortTransformer, FittedStep
from radlearn.cohort import Cohort
from radlearn.preprocessing.perturb import blurred, cropped, flipped, moved, noisy, recolored, shaded
from radlearn.volume import Volume


class Augment(CohortTransformer):
    """Change training images at random, image and mask together; other images stay as they are.

    There are three ways to use it, and in none a test case is ever changed:

    - As a step of a pipeline. ``fit_transform``, which a pipeline calls while fitting, gives each training case once,
      changed; ``transform``, which it calls for all other cases, gives them as they are.
    - For more cases than there are. A scikit-learn step cannot add cases, since it cannot add their labels.
      `AugmentedClassifier` trains any classifier on the cases and `n_copies` changed copies of each; `with_copies`
      makes these for everything else.
    - For networks, which see each case many times: `on_batch` changes every batch anew.

    Parameters
    ----------
    flip : str, default=""
        Axes that are mirrored half of the time, such as ``"x"`` or ``"xy"``. None by default: left and right of a body
        differ.
    rotate : float, default=10
        Largest angle in degrees: in the plane of 2-D images and of volumes of one slice, around an axis of any
        direction in other volumes.
    scale : float, default=0.1
        Largest fraction by which the content of the image grows or shrinks; the spacing stays the same.
    shift : float, default=0
        Largest shift along each axis, as a fraction of the length of the image. The edge is repeated.
    crop : float, default=0
        Largest fraction of the image that is cut off on each side. The mask is never cut.
    blur : float, default=0
        Largest standard deviation of a Gaussian, in mm.
    bias_field : float, default=0
        Largest absolute logarithm of a smooth field by which the image is multiplied, for instance 0.3.
    intensity : float, default=0.1
        Largest fraction by which the contrast changes; brightness changes by as many standard deviations of the image.
        Use 0 for calibrated intensities (CT, PET).
    noise : float, default=0.05
        Largest standard deviation of the noise that is added, in standard deviations of the image.
    random_state : int, RandomState or None, default=None
        With an int, the changes of a case depend on its id, not on its position. None draws anew in each fit, so that
        feature caches are of no use.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Attributes
    ----------
    seed_ : int
        Seed of the changes, which also depend on the ids of the cases.

    See Also
    --------
    AugmentedClassifier : A classifier that trains on changed copies, too.

    Notes
    -----
    The amount of each change is drawn evenly between 0 and its largest value, in both directions; 0 turns it off.
    Images are rotated and scaled around the center of the mask. Changes are applied in the order of the parameters.

    Examples
    --------
    >>> import numpy as np
    >>> from radlearn import Cohort, Case
    >>> X = Cohort([Case(np.eye(4), id="a", patient="ann"), Case(np.eye(5), id="b", patient="bob")])
    >>> augment = Augment(random_state=0).fit(X)
    >>> X_all, y_all = augment.with_copies(X, [0, 1], n_copies=2)
    >>> X_all.ids.tolist(), X_all.patients.tolist(), y_all
    (['a', 'b', 'a~1', 'b~1', 'a~2', 'b~2'], ['ann', 'bob', 'ann', 'bob', 'ann', 'bob'], [0, 1, 0, 1, 0, 1])
    """

    _version = 2

    def __init__(
        self,
        *,
        flip="",
        rotate: float = 10,
        scale=0.1,
        shift: float = 0,
        crop: float = 0,
        blur: float = 0,
        bias_field: float = 0,
        intensity=0.1,
        noise=0.05,
        random_state=None,
        image_shape=None,
    ):
        self.flip = flip
        self.rotate = rotate
        self.scale = scale
        self.shift = shift
        self.crop = crop
        self.blur = blur
        self.bias_field = bias_field
        self.intensity = intensity
        self.noise = noise
        self.random_state = random_state
        self.image_shape = image_shape

    def _check_parameters(self):
        check_number("rotate", self.rotate, at_least=0, at_most=180, hint="it is the largest angle in degrees")
        for name in ("scale", "shift", "blur", "bias_field", "intensity", "noise"):
            check_number(name, getattr(self, name), at_least=0)
        check_number("crop", self.crop, at_least=0, below=0.5, hint="it is a part of the image")
        if not isinstance(self.flip, str) or set(self.flip) - set("xyz"):
            raise ValueError(f"flip must hold letters out of x, y and z, such as 'x' or 'xy', got {self.flip!r}")

    def fit(self, X, y=None):
        """Check the parameters and draw the seed.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes
        y : ignored

        Returns
        -------
        self : object
        """
        super().fit(X, y)
        self.seed_ = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        return self

    def fit_transform(self, X, y=None):
        """Fit, and give each case once, changed: for training only.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes
        y : ignored

        Returns
        -------
        X_out : Cohort, or ndarray of shape (n_cases, ...) for dense input
        """
        self.fit(X, y)
        return self._output(self._changed(self._cohort(X, reset=False), 0), X)

    def transform(self, X):
        """Give the cases as they are: what is not trained on is not changed.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes

        Returns
        -------
        X_out : Cohort, or ndarray of shape (n_cases, ...) for dense input
        """
        check_is_fitted(self)
        return self._output(self._cohort(X, reset=False), X)

    def with_copies(self, X, *arrays, n_copies=1):
        """The cases, followed by changed copies of all of them, with their labels and other data.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes
        *arrays : array-like of shape (n_cases, ...)
            Labels, weights or groups.
        n_copies : int, default=1
            Number of changed copies of each case.

        Returns
        -------
        X_all : Cohort
            Of ``n_cases * (1 + n_copies)`` cases. A copy has the patient of its case, and an id of its own:
            ``case~1``.
        *arrays_all
            The entries of each array, repeated.
        """
        check_is_fitted(self)
        check_number("n_copies", n_copies, at_least=0, integer=True)
        cohort = self._cohort(X, reset=False)
        check_consistent_length(cohort, *arrays)
        cases = [*cohort, *(case for number in range(1, n_copies + 1) for case in self._changed(cohort, number))]
        repeated = np.tile(np.arange(len(cohort)), n_copies + 1)
        return Cohort(cases), *(_safe_indexing(array, repeated) for array in arrays)

    def on_batch(self, images, random_state, *, masks=None):
        """Each image of a batch, changed anew: for networks, which thus see other changes in every epoch.

        ``CNNClassifier(augment=Augment(flip="x"))`` calls it.

        Parameters
        ----------
        images : ndarray of shape (n, y, x, channels) or (n, z, y, x, channels)
            They stay as they are, and their channels change alike. Voxels count as 1 mm.
        random_state : RandomState
            What all changes follow from, instead of the parameter of that name.
        masks : ndarray of shape (n, y, x) or (n, z, y, x), optional
            Mask of each image, which moves with it.

        Returns
        -------
        changed : ndarray of the same shape
            With `masks`, a pair of images and masks (of bool).

        Raises
        ------
        ValueError
            If `crop` is not 0: the images of a batch have one shape.
        """
        self._check_parameters()
        if self.crop:
            raise ValueError(f"crop must be 0 for a batch, whose images have one shape, got {self.crop}")
        seeds = random_state.randint(np.iinfo(np.int32).max, size=len(images))
        if masks is None:
            return np.stack(
                [self._on_channels(image, None, seed)[0] for image, seed in zip(images, seeds, strict=True)]
            )
        changed = [self._on_channels(*pair, seed) for *pair, seed in zip(images, masks, seeds, strict=True)]
        return tuple(map(np.stack, zip(*changed, strict=True)))

    def _on_channels(self, image, mask, seed):
        """All channels of an image, and its mask, changed alike."""
        mask = None if mask is None else mask.astype(bool)
        volumes = [
            self._drawn(Volume(channel, mask=mask), np.random.default_rng(seed))
            for channel in np.moveaxis(image, -1, 0)
        ]
        return np.stack([volume.image for volume in volumes], axis=-1), volumes[0].mask

    def _changed(self, cohort, number):
        """Cohort of the changed cases; each number has other changes."""
        return Cohort((self._changed_case(case, number) for case in cohort), row_index=cohort.row_index)

    def _changed_case(self, case, number):
        step = copy(self)
        step.draw_ = (self.seed_, number, *case.id.encode())
        changed = case.with_step(FittedStep(step))
        return changed if number == 0 else replace(changed, id=f"{case.id}~{number}")

    def _transform_volume(self, volume):
        return self._drawn(volume, np.random.default_rng(self.draw_))

    def _drawn(self, volume, rng):
        """The volume after all changes, their amounts drawn from a generator."""
        volume = flipped(volume, self.flip, rng)
        if self.rotate or self.scale or self.shift:
            volume = moved(volume, self.rotate, self.scale, self.shift, rng)
        for change, amount in (
            (cropped, self.crop),
            (blurred, self.blur),
            (shaded, self.bias_field),
            (recolored, self.intensity),
            (noisy, self.noise),
        ):
            volume = change(volume, amount, rng) if amount else volume
        return volume
