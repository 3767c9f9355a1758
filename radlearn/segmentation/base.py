"""Bases of the segmenters, which look at the image alone and are scored by the masks that cases were given."""

import numpy as np
from scipy import ndimage
from sklearn.utils.metaestimators import available_if

from radlearn._truth import mean_dice
from radlearn._validation import check_number
from radlearn.base import CohortTransformer
from radlearn.exceptions import ImageReadError

# Differences of this size, relative to the largest intensity, are rounding errors, which no histogram can separate.
ROUNDING = 1e-13


def _has_masks(step):
    """Rows of a dense array carry no masks, so that there is nothing to score by."""
    return step.image_shape is None


class MaskStep(CohortTransformer):
    """Base of the steps that put another mask into the volume; a subclass writes ``_mask(volume)``."""

    _makes_mask = True

    @available_if(_has_masks)
    def score(self, X, y=None):  # noqa: ARG002 - scikit-learn's signature
        """Mean Dice coefficient of the masks that are made with the masks that the cases were given.

        A given mask that a step before has replaced counts as it was before, so that the score of a pipeline is that
        of all its steps together.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes
            Cases with their true masks.
        y : ignored

        Returns
        -------
        score : float
            From 0 to 1; a case in which nothing was found counts 0.

        Raises
        ------
        MaskError
            If a case has no true mask.
        GeometryError
            If the grid changes between the two masks.
        """
        return mean_dice(self.transform(X))

    def _transform_volume(self, volume):
        return volume.but(mask=self._mask(volume))


class Segmenter(MaskStep):
    """Base of the steps that find a mask in the image; the mask that a case was given is hidden from them.

    A subclass stores its parameters (among them ``sigma``, ``background`` and ``image_shape=None``) in ``__init__``,
    checks them in ``_check_parameters``, and writes ``_segment(volume)``, which gives an array of bool. The image of
    that volume is float64, smoothed by a Gaussian of standard deviation `sigma`, minus the image smoothed by one of
    standard deviation `background` (both in mm); its mask tells where the intensities are known. Where they were NaN or
    infinite they are the median of the others, and such voxels never belong to the result. Thresholds and whatever else
    is measured in the image should come from the known intensities alone.

    A segmenter that finds nothing gives an empty mask, since an image may hold no finding; where there is one, an empty
    mask scores a Dice coefficient of 0. Steps and extractors that need a region report an empty mask by a
    `MaskError`.

    Examples
    --------
    >>> class Positive(Segmenter):
    ...     def __init__(self, *, sigma=0.0, background=None, image_shape=None):
    ...         self.sigma = sigma
    ...         self.background = background
    ...         self.image_shape = image_shape
    ...
    ...     def _segment(self, volume):
    ...         return volume.image > 0
    >>> Positive().fit_transform([np.array([[-1.0, 2.0]])])[0].load().mask.tolist()
    [[False, True]]
    """

    _version = 2

    def _check_parameters(self):
        check_number("sigma", self.sigma, at_least=0, hint="sigma is in mm")
        check_number(
            "background", self.background, above=self.sigma, optional=True, hint="it is the wider Gaussian, in mm"
        )

    def _mask(self, volume):
        visible = self._visible(volume)
        return self._segment(visible) & visible.mask

    def _visible(self, volume):
        """What `_segment` may see of a volume."""
        known = np.isfinite(volume.image)
        if not known.any():
            raise ImageReadError(
                f"none of the {known.size} voxels has a finite intensity (NaN or infinite)",
                "check how the image was made, or leave the case out",
            )
        image = volume.image.astype(float)
        if not known.all():
            image[~known] = np.median(image[known])
        relative = _smoothed(image, self.sigma, volume.spacing)
        if self.background is not None:
            relative = relative - _smoothed(image, self.background, volume.spacing)
        if np.ptp(relative[known]) <= ROUNDING * np.abs(image).max():
            relative = np.full(image.shape, relative[known][0])
        return volume.but(image=relative, mask=known)


def _smoothed(image, sigma, spacing):
    """The image after a Gaussian with a standard deviation in mm."""
    return ndimage.gaussian_filter(image, [sigma / step for step in spacing], mode="nearest") if sigma else image
