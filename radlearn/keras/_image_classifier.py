"""What the classifiers of images share: how an image becomes what the network is given."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import joblib
import numpy as np

from radlearn._validation import check_choice, check_counts, check_flag, check_number
from radlearn.base import warn_of_missing_masks
from radlearn.exceptions import GeometryError, ImageReadError
from radlearn.keras._adversary import LossGradient, attacked_inputs, check_options
from radlearn.keras._estimator import check_scale, check_single_precision
from radlearn.keras._feeding import LazyInputs
from radlearn.keras._views import views
from radlearn.keras.base import DeepClassifier
from radlearn.keras.networks.trunks import TRUNKS, smallest_side
from radlearn.preprocessing import Augment, NormalizeIntensity, resize_image

# How the images of training are attacked, besides the budget.
ADVERSARIAL = {"norm": "linf", "n_steps": 1, "step_size": 1.0, "random_start": False, "clip": False}


class Preparation(NamedTuple):
    """How a case becomes what the network is given."""

    input_shape: tuple[int, ...]
    """Of the image that the network sees."""
    slices: str | int | None
    """What of a volume becomes channels."""
    normalize: str | None
    """How intensities are scaled: by ``"image"``, ``"cohort"``, or to 0 ... 1 by ``"percentile"`` of the image."""
    with_mask: bool = False
    """Whether the mask is a further channel."""

    @property
    def n_image_channels(self):
        """Number of channels that hold intensities; they come first."""
        return {None: 1, "orthogonal": 3}.get(self.slices, self.slices)

    @property
    def n_channels(self):
        """Number of channels of what the network is given."""
        return self.n_image_channels + self.with_mask


class ImageClassifier(DeepClassifier):
    """Base of the classifiers that see one image of each case, at a fixed shape.

    A subclass has the parameters ``input_shape``, ``architecture, filters, dense, dropout``, ``slices`` and
    ``normalize``, or writes ``_preparation()``, which says what to do with images, and ``_arguments()``.
    """

    _decisive = ("input_shape", "slices", "normalize", "with_mask")

    # Of those without such a parameter.
    with_mask = False
    adversarial = None

    # What to do about images with another number of axes than this.
    _remedies = MappingProxyType(
        {
            2: "for volumes give input_shape three numbers, or choose slices=, or make a case of each slice, "
            "Case(image[z], patient=...)",
            3: "for 2-D images give input_shape two numbers, and slices=None",
        }
    )

    def _preparation(self):
        return Preparation(tuple(self.input_shape), self.slices, self.normalize, self.with_mask)

    def _arguments(self):
        return {"architecture": self.architecture, "input_shape": self._shape_of_input(), **self._trunk_options()}

    def _shape_of_input(self):
        """Axes of the image, and the number of channels."""
        preparation = self._preparation()
        return [*(int(side) for side in preparation.input_shape), int(preparation.n_channels)]

    def _check_restored(self, network, weights):
        super()._check_restored(network, weights)
        if self._preparation().normalize == "cohort":
            check_scale(self.intensity_scale_)

    def _trunk_options(self):
        return {
            "filters": [int(width) for width in self.filters],
            "dense": int(self.dense),
            "dropout": float(self.dropout),
        }

    def _inputs(self, cohort, *, reset):
        if self._preparation().with_mask:
            warn_of_missing_masks(cohort)
        return self._scaled(self._lazy(self._normalized(cohort), self._prepared), reset=reset)

    def _lazy(self, items, prepare, stack=np.stack):
        """One array of each item, made when it is asked for."""
        return LazyInputs(
            items,
            prepare,
            stack=stack,
            key=joblib.hash((self._kind(), self._version, self._arguments_of_images())),
            cache_gb=self.cache_gb,
            memory=self.memory,
            n_jobs=self.n_jobs,
            n_intensities=self._preparation().n_image_channels,
        )

    def _arguments_of_images(self):
        """Parameters on which it depends what an item becomes."""
        preparation = self._preparation()
        return preparation.input_shape, preparation.slices, preparation.with_mask

    def _scaled(self, inputs, *, reset):
        """The inputs, less the mean of the cohort and divided by its deviation where this is asked for."""
        if self._preparation().normalize != "cohort":
            return inputs
        if reset:
            self.intensity_scale_ = inputs.mean_and_deviation()
        return inputs.standardized(*self.intensity_scale_)

    def _normalized(self, cohort):
        """The cohort, each image by itself normalized where this is asked for."""
        step = {
            "image": NormalizeIntensity(),
            "percentile": NormalizeIntensity(method="percentile", clip=True),
        }.get(self._preparation().normalize)
        return cohort if step is None else step.fit_transform(cohort)

    def _intensity_units(self, cohort):
        """Difference of intensity of each image that is 1 in what the network is given, shape ``(n_cases,)``."""
        normalize = self._preparation().normalize
        if normalize == "image":
            return np.array([float(np.std(case.load().image)) or 1.0 for case in cohort])
        if normalize == "percentile":
            images = (case.load().image for case in cohort)
            return np.array([float(np.ptp(np.percentile(image, (1, 99)))) or 1.0 for image in images])
        return np.full(len(cohort), self.intensity_scale_[1] if normalize == "cohort" else 1.0)

    def _prepared(self, case):
        """What the network is given of a case: its image, or several views as channels, resized."""
        preparation = self._preparation()
        volume = case.load()
        self._check_volume(volume, case, ndim=len(preparation.input_shape) if preparation.slices is None else 3)
        channels = views(volume, preparation.slices)
        if preparation.with_mask:
            channels = [*channels, volume.region.astype(float)]
        images = [resize_image(channel, preparation.input_shape) for channel in channels]
        return np.stack(images, axis=-1).astype(np.float32)

    def _augmentation(self):
        """The mask moves with the image, and its values stay."""
        if not (self._preparation().with_mask and isinstance(self.augment, Augment)):
            return super()._augmentation()

        def on_both(inputs, random_state):
            images, masks = self.augment.on_batch(inputs[..., :-1], random_state, masks=inputs[..., -1] > 0.5)
            return np.concatenate([images, masks[..., np.newaxis]], axis=-1).astype(np.float32)

        return on_both

    def _adversary(self, cohort, feed, seed):
        """Attack that puts changed images beside those of each batch of training."""
        if not self.adversarial:
            return None
        options = {**ADVERSARIAL, **self.adversarial}
        budgets = options.pop("epsilon") / self._intensity_units(cohort)
        gradient = LossGradient(self._model)
        options["n_intensities"] = self._preparation().n_image_channels
        options["random_state"] = np.random.RandomState(seed)

        def attack(chosen, inputs, targets, weights):
            changed = attacked_inputs(gradient, inputs, targets, budgets[feed.positions[chosen]], **options)
            return np.concatenate([inputs, changed]), np.tile(targets, 2), np.tile(weights, 2)

        return attack

    def _check_volume(self, volume, case, ndim):
        if volume.ndim != ndim:
            are_colors = ndim == 2 and volume.shape[-1] in (3, 4)
            raise GeometryError(
                f"{self._kind()} takes {ndim}-D images here, this one has shape {volume.shape}",
                ("of colors give the mean, images.mean(axis=-1); " if are_colors else "") + self._remedies[ndim],
            ).in_case(case.id, self._kind())
        if not np.isfinite(volume.image).all():
            raise ImageReadError(
                "the image holds NaN or infinity, which no network can learn from",
                "crop or fill these pixels first (RepairPixels)",
            ).in_case(case.id, self._kind())
        check_single_precision(volume.image, case.id, self._kind())

    def _kind(self):
        return type(self).__name__

    def _check_parameters(self):
        super()._check_parameters()
        self._check_preparation()
        self._check_network()

    def _check_preparation(self):
        check_counts("input_shape", self.input_shape)
        check_slices(self.slices)
        check_flag("with_mask", self.with_mask)
        if self.slices is not None and len(self.input_shape) != 2:
            raise ValueError(f"slices={self.slices!r} are 2-D; give input_shape two numbers, not {self.input_shape!r}")
        if self.slices is not None and self.with_mask:
            raise ValueError(f"with_mask=True shows one mask, slices={self.slices!r} are several views; leave one out")
        check_choice("normalize", self.normalize, ("image", "cohort"), optional=True)
        check_adversarial(self.adversarial)

    def _check_network(self):
        if callable(self.architecture):
            return
        check_choice("architecture", self.architecture, tuple(TRUNKS))
        if not np.iterable(self.filters) or len(self.filters) == 0:
            raise ValueError(f"filters must be a tuple of at least one number, got {self.filters!r}")
        for width in self.filters:
            check_number("filters", width, at_least=1, integer=True)
        hint = (
            f"{len(self.filters)} blocks of convolution and pooling leave nothing of a smaller image; use fewer filters"
        )
        for side in self.input_shape:
            check_number("input_shape", side, at_least=smallest_side(self.architecture, len(self.filters)), hint=hint)
        check_number("dense", self.dense, at_least=1, integer=True)
        check_number("dropout", self.dropout, at_least=0, below=1)


def check_adversarial(options):
    """Raise an error unless these are options of an attack, its budget among them."""
    if options is None:
        return
    if not isinstance(options, Mapping) or "epsilon" not in options or set(options) - {"epsilon", *ADVERSARIAL}:
        raise ValueError(
            "adversarial must be a dict with epsilon, in units of the image, and perhaps "
            f"{', '.join(ADVERSARIAL)}, got {options!r}"
        )
    check_options({**ADVERSARIAL, **options}, shown="adversarial['{}']")


def check_slices(slices):
    """Raise an error unless this says what a 2-D network sees of a volume."""
    if isinstance(slices, str):
        check_choice("slices", slices, ("orthogonal",))
    else:
        check_number("slices", slices, at_least=1, integer=True, optional=True)
