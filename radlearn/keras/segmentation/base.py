"""Base of the segmenters with a network: they learn from patches, predict in tiles, and give cases a pending step."""

import joblib
import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from radlearn._validation import check_choice, check_counts, check_flag, check_number, check_per_axis
from radlearn.exceptions import CohortError, GeometryError, ImageReadError, MaskError, RadlearnError
from radlearn.keras._estimator import DeepEstimator, check_scale, check_single_precision, undefined_answer
from radlearn.keras._feeding import LazyInputs
from radlearn.keras._training import split_patients
from radlearn.keras.segmentation.losses import dice_coefficient, segmentation_loss
from radlearn.keras.segmentation.patches import drawn_patch, tiled
from radlearn.keras.segmentation.step import NetworkStep
from radlearn.preprocessing import Augment, NormalizeIntensity, resize_image
from radlearn.segmentation.base import MaskStep


class DeepSegmenter(MaskStep, DeepEstimator):
    """Base of the segmenters; a subclass defines the static method ``_build``; `with_training` documents it."""

    _decisive = ("patch_shape", "shape", "spacing", "normalize")

    def __init__(
        self,
        *,
        patch_shape=(128, 128),
        filters=(16, 32, 64, 128),
        dropout=0.2,
        deep_supervision=False,
        loss="dice+crossentropy",
        shape=None,
        spacing=None,
        normalize: str | None = "image",
        patches_per_case=4,
        foreground_fraction=0.5,
        overlap=0.5,
        threshold=0.5,
        epochs=20,
        batch_size=8,
        augment=None,
        random_state=None,
        learning_rate=1e-3,
        schedule=None,
        validation_fraction=0.0,
        patience=None,
        warm_start=False,
        cache_gb=1.0,
        memory=None,
        n_jobs=None,
        verbose=0,
        image_shape=None,
    ):
        self.patch_shape = patch_shape
        self.filters = filters
        self.dropout = dropout
        self.deep_supervision = deep_supervision
        self.loss = loss
        self.shape = shape
        self.spacing = spacing
        self.normalize = normalize
        self.patches_per_case = patches_per_case
        self.foreground_fraction = foreground_fraction
        self.overlap = overlap
        self.threshold = threshold
        self.epochs = epochs
        self.batch_size = batch_size
        self.augment = augment
        self.random_state = random_state
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.warm_start = warm_start
        self.cache_gb = cache_gb
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.image_shape = image_shape

    def fit(self, X, y=None):  # noqa: ARG002 - scikit-learn's signature
        """Train the network on the masks of the cases.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes
            Cases with masks.
        y : ignored

        Returns
        -------
        self : object

        Raises
        ------
        CohortError
            If there is no case, or too few patients can be held out.
        MaskError
            If a case has no mask.
        RadlearnError
            If a case cannot be read, or the training diverges.
        """
        self._check_parameters()
        cohort = self._cohort(X, reset=True)
        if len(cohort) == 0:
            raise CohortError(f"{type(self).__name__} has nothing to learn from", "pass at least one case")
        for case in cohort:
            if not case.has_mask:
                raise MaskError(
                    "the case has no mask to learn from", "give it one, or leave it out of what is trained on"
                ).in_case(case.id, type(self).__name__)
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        is_held_out = np.zeros(len(cohort), bool)
        if self.validation_fraction:
            is_held_out = split_patients(cohort.patients, np.zeros(len(cohort), int), self.validation_fraction, seed)
        kept = self._unfit()
        pairs = self._pairs(cohort)
        if self.normalize == "cohort":
            self.intensity_scale_ = pairs.mean_and_deviation()
        feed = PatchFeed(pairs, np.flatnonzero(~is_held_out), self._patch(), self, augment=self.augment)
        held_out = PatchFeed(pairs, np.flatnonzero(is_held_out), self._patch(), self) if is_held_out.any() else None
        self._start(self._arguments(), seed, kept)
        self._train(feed, held_out, seed)
        return self

    def predict_probability(self, X):
        """Probability that each voxel belongs to the region.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes

        Returns
        -------
        maps : list of ndarray of float32
            One for each case, in the shape of its image.

        Raises
        ------
        ValueError
            If parameters make no sense, or decide what the network is given and have changed since it was trained.
        RadlearnError
            If a case cannot be read, or the network gives no number for it.
        """
        check_is_fitted(self)
        self._check_unchanged()
        return [self._probability(case.load()) for case in self._cohort(X, reset=False)]

    def _arguments(self):
        return {
            "input_shape": self._shape_of_input(),
            "filters": [int(width) for width in self.filters],
            "dropout": float(self.dropout),
            "deep_supervision": bool(self.deep_supervision),
        }

    def _shape_of_input(self):
        return [*self._patch(), 1]

    def _patch(self):
        return [int(side) for side in self.patch_shape]

    def _loss(self):
        return segmentation_loss(self.loss)

    def _metrics(self):
        return [dice_coefficient]

    def _mask(self, volume):
        return self._probability(volume) >= self.threshold

    def _probability(self, volume):
        image = self._image(volume)
        if self.normalize == "cohort":
            mean, deviation = self.intensity_scale_
            image = (image - mean) / deviation
        model = self.model_
        values = tiled(
            image,
            self._patch(),
            lambda tiles: model.predict_on_batch(tiles)[..., 0],
            overlap=self.overlap,
            batch_size=self.batch_size,
        )
        if np.isnan(values).any():
            raise undefined_answer().in_case(volume.id, type(self).__name__)
        return resize_image(values, volume.shape)

    def _pairs(self, cohort):
        """Image and mask of each case on the grid of the network, as two channels."""
        return LazyInputs(
            cohort,
            self._pair,
            stack=list,
            key=joblib.hash((self._version, self.shape, self.spacing, self.normalize)),
            cache_gb=self.cache_gb,
            memory=self.memory,
            n_jobs=self.n_jobs,
            n_intensities=1,
        )

    def _pair(self, case):
        volume = case.load()
        image = self._image(volume)
        mask = resize_image(volume.mask.astype(np.float32), image.shape[:-1]) >= 0.5
        return np.concatenate([image, mask[..., np.newaxis]], axis=-1).astype(np.float32)

    def _image(self, volume):
        """Image on the grid of the network, with one channel; an error names the case."""
        try:
            return self._on_grid(volume)
        except RadlearnError as error:
            raise error.in_case(volume.id, type(self).__name__)  # noqa: B904 - the same error, which now knows its place

    def _on_grid(self, volume):
        if volume.ndim != len(self.patch_shape):
            raise GeometryError(
                f"{type(self).__name__} with patches of shape {tuple(self.patch_shape)} takes "
                f"{len(self.patch_shape)}-D images, this one has shape {volume.shape}",
                f"give patch_shape {volume.ndim} numbers",
            )
        if not np.isfinite(volume.image).all():
            raise ImageReadError(
                "the image holds NaN or infinity, which no network can learn from",
                "fill these pixels first (RepairPixels)",
            )
        if self.normalize == "image":
            volume = NormalizeIntensity()._transform_volume(volume)  # noqa: SLF001 - it learns nothing
        check_single_precision(volume.image, volume.id, type(self).__name__)
        return resize_image(volume.image, self._grid(volume)).astype(np.float32)[..., np.newaxis]

    def _grid(self, volume):
        """Shape of the image as the network sees it."""
        if self.shape is not None:
            return tuple(int(side) for side in self.shape)
        if self.spacing is None:
            return volume.shape
        spacing = check_per_axis("spacing", self.spacing, volume.ndim, above=0)
        sides = np.multiply(volume.shape, volume.spacing) / spacing
        return tuple(max(1, round(float(side))) for side in sides)

    def _pending_step(self):
        self._check_unchanged()
        return NetworkStep(self)

    def _digest(self):
        return joblib.hash((super()._digest(), self.model_.get_weights()))

    def _check_parameters(self):
        self._check_training_parameters()
        if self.augment is not None and not isinstance(self.augment, Augment):
            raise TypeError(f"augment must be an Augment or None, got {self.augment!r}")
        segmentation_loss(self.loss)
        check_flag("deep_supervision", self.deep_supervision)
        if not np.iterable(self.filters) or len(self.filters) < 2:
            raise ValueError(f"filters must be a tuple of at least two numbers, got {self.filters!r}")
        for width in self.filters:
            check_number("filters", width, at_least=1, integer=True)
        self._check_patches()
        check_number("dropout", self.dropout, at_least=0, below=1)
        check_number("overlap", self.overlap, at_least=0, below=1)
        check_number("threshold", self.threshold, above=0, below=1)
        check_choice("normalize", self.normalize, ("image", "cohort"), optional=True)
        if self.shape is not None and self.spacing is not None:
            raise ValueError(
                f"shape={self.shape!r} and spacing={self.spacing!r} are two ways to choose a grid; set one to None"
            )
        if self.shape is not None:
            self._check_shape()
        if self.spacing is not None:
            check_per_axis("spacing", self.spacing, len(self.patch_shape), above=0)

    def _check_restored(self, network, weights):
        super()._check_restored(network, weights)
        if self.normalize == "cohort":
            check_scale(self.intensity_scale_)

    def _check_shape(self):
        if not np.iterable(self.shape) or len(self.shape) != len(self.patch_shape):
            raise ValueError(f"shape={self.shape!r} and patch_shape={self.patch_shape!r} differ in their axes")
        for side in self.shape:
            check_number("shape", side, at_least=1, integer=True)

    def _check_patches(self):
        factor = 2 ** (len(self.filters) - 1)
        for side in check_counts("patch_shape", self.patch_shape, at_least=factor):
            if side % factor:
                raise ValueError(
                    f"patch_shape={tuple(self.patch_shape)} cannot be halved {len(self.filters) - 1} times, once for "
                    f"each of the filters but one; take multiples of {factor}, or fewer filters"
                )
        check_number("patches_per_case", self.patches_per_case, at_least=1, integer=True)
        check_number("foreground_fraction", self.foreground_fraction, at_least=0, at_most=1)


class PatchFeed:
    """Batches of random patches with their masks, for `train`.

    Parameters
    ----------
    pairs : LazyInputs
        Gives images of two channels: intensities and mask.
    positions : ndarray of int
        Cases that belong to the feed.
    shape : list of int
        Shape of a patch.
    segmenter : DeepSegmenter
        Its parameters say how many patches are drawn from a case, and where.
    augment : Augment, optional
        Changes images and masks of a batch at random; without it they are used as they are.
    """

    def __init__(self, pairs, positions, shape, segmenter, augment=None):
        self._pairs, self._positions, self._shape, self._augment = pairs, positions, shape, augment
        self._n_patches = segmenter.patches_per_case
        self._foreground_fraction = segmenter.foreground_fraction
        self._center, self._scale = segmenter.intensity_scale_ if segmenter.normalize == "cohort" else (0.0, 1.0)

    def __len__(self):
        return len(self._positions) * self._n_patches

    def batch(self, chosen, random_state):
        """One batch.

        Parameters
        ----------
        chosen : ndarray of int
            Numbers of the wanted patches of the feed; where a patch lies in its case is drawn anew each time.
        random_state : RandomState

        Returns
        -------
        images, masks : ndarray of float32, shape (n, *patch, 1)
        weights : ndarray of shape (n,)
        """
        pairs = self._pairs[self._positions[chosen // self._n_patches]]
        patches = [
            drawn_patch(pair[..., :1], pair[..., 1] > 0.5, self._shape, self._foreground_fraction, random_state)
            for pair in pairs
        ]
        images, masks = (np.stack(arrays) for arrays in zip(*patches, strict=True))
        images = (images - self._center) / self._scale  # not the whole images, of which patches are a small part
        if self._augment is not None:
            images, masks = self._augment.on_batch(images, random_state, masks=masks)
        return images.astype(np.float32), masks[..., np.newaxis].astype(np.float32), np.ones(len(images), np.float32)
