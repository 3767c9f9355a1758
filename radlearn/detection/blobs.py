"""BlobCandidates: spots that stand out from their surroundings, each as a case of its own."""

from math import prod

import numpy as np
from sklearn.base import TransformerMixin
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted
from tqdm.auto import tqdm

from radlearn._validation import check_choice, check_flag, check_n_jobs, check_number
from radlearn.base import CohortEstimator, CohortTransformer
from radlearn.case import Case
from radlearn.cohort import Cohort
from radlearn.detection._spots import blobs, components, relief
from radlearn.exceptions import GeometryError

METHODS = ("log", "dog", "components")

# A patch of more voxels has its size in a wrong unit, and a few of them would fill the memory.
MAX_PATCH = 2**24


class BlobCandidates(TransformerMixin, CohortEstimator, auto_wrap_output_keys=None):
    """Turn each image into candidates for lesions: one case per spot that stands out.

    A candidate is a patch around the spot with the spot as its mask; it keeps the patient of its image. Extractors and
    classifiers take candidates like any cases, `match_candidates` labels them, and `to_image_scores` brings their
    scores back to the images.

    Parameters
    ----------
    method : {"log", "dog", "components"}, default="log"
        How spots are found: ``"log"``, ``"dog"``: blobs of the Laplacian or the difference of Gaussians over several
        scales, each the same number of times as wide as the one before, for ``"dog"`` 1.6 times. ``"components"``:
        connected voxels that rise above their surroundings (white top-hat).
    min_diameter, max_diameter : float, default=2, 15
        Size of the spots in mm; images without a known spacing have 1 mm per pixel.
    n_scales : int, default=5
        Number of scales from one to the other, for ``"log"``.
    threshold : float, default=0.1
        Smallest response of a spot, as a fraction of the strongest one in the image.
    dark : bool, default=False
        Whether spots are darker than their surroundings.
    max_candidates : int or None, default=20
        Largest number of candidates of an image; those of the highest contrast are kept.
    within_mask : bool, default=False
        Whether only spots with their center in the mask of the image count, such as that of an organ. The masks of
        lesions must not be used like that: they tell where to look.
    patch_size : float, optional
        Edge of the patch in mm, at least `max_diameter`. Default: three times that.
    n_jobs : int, optional
        Number of images that are searched at a time; -1 for one per processor.
    verbose : int, default=0
        Above 0, show a progress bar.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Notes
    -----
    Images are read by `transform`, and the number of cases changes: put it in front of a pipeline, not into it, since
    scikit-learn cannot change the length of `y` inside it. Patches that reach beyond the image repeat its border.

    `Case.meta` of a candidate has what its image has, and: `parent`, the id of the image; center ``(z,) y, x`` and size
    ``(depth,) height, width`` in voxels; `diameter` in mm; `contrast`, how much brighter (or darker) the spot is than
    the rest of a box around it twice as large.

    References
    ----------
    Lindeberg T. Feature detection with automatic scale selection. International Journal of Computer Vision
    1998;30:79-116.

    Examples
    --------
    >>> image = np.zeros((40, 40))
    >>> image[10:15, 20:25] = 1
    >>> candidates = BlobCandidates(max_diameter=8).fit_transform([image])
    >>> candidates, [round(candidates[0].meta[axis]) for axis in "yx"]
    (Cohort(1 case of 1 patient), [12, 22])
    """

    # As every step that gives a cohort: an extractor behind it may be told to give a DataFrame.
    set_output = CohortTransformer.set_output
    get_feature_names_out = CohortTransformer.get_feature_names_out

    def __init__(
        self,
        *,
        method="log",
        min_diameter=2.0,
        max_diameter=15.0,
        n_scales=5,
        threshold=0.1,
        dark=False,
        max_candidates: int | None = 20,
        within_mask=False,
        patch_size=None,
        n_jobs=None,
        verbose=0,
        image_shape=None,
    ):
        self.method = method
        self.min_diameter = min_diameter
        self.max_diameter = max_diameter
        self.n_scales = n_scales
        self.threshold = threshold
        self.dark = dark
        self.max_candidates = max_candidates
        self.within_mask = within_mask
        self.patch_size = patch_size
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_choice("method", self.method, METHODS)
        check_number("min_diameter", self.min_diameter, above=0, hint="it is in mm")
        check_number("max_diameter", self.max_diameter, at_least=self.min_diameter, hint="it is in mm")
        check_flag("dark", self.dark)
        check_flag("within_mask", self.within_mask)
        check_number("n_scales", self.n_scales, at_least=1, integer=True)
        check_number("threshold", self.threshold, above=0, below=1)
        check_number("max_candidates", self.max_candidates, at_least=1, integer=True, optional=True)
        check_number(
            "patch_size",
            self.patch_size,
            at_least=self.max_diameter,
            optional=True,
            hint="it is in mm, for whole spots",
        )
        check_n_jobs(self.n_jobs)

    def fit(self, X, y=None):  # noqa: ARG002 - scikit-learn's signature
        """Check the parameters and the cohort; no image is read.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes
        y : ignored

        Returns
        -------
        self : object
        """
        self._check_parameters()
        self._cohort(X, reset=True)
        self._fitted = True
        return self

    def transform(self, X):
        """Find the candidates in each image.

        Parameters
        ----------
        X : Cohort or anything that `check_cohort` takes

        Returns
        -------
        candidates : Cohort
            Those of the first image first, by decreasing contrast; ids are those of the images with a number appended.

        Raises
        ------
        RadlearnError
            If an image cannot be read, or a patch has more than 16,777,216 voxels.
        """
        check_is_fitted(self)
        cohort = self._cohort(X, reset=False)
        cases = tqdm(cohort, desc=type(self).__name__, unit="image") if self.verbose else cohort
        found = Parallel(n_jobs=self.n_jobs)(delayed(self._candidates)(case) for case in cases)
        return Cohort(candidate for candidates in found for candidate in candidates)

    def _candidates(self, case):
        volume = case.load()
        margins = self._margins(volume)
        image = relief(volume.image, dark=self.dark)
        spots = [spot for spot in self._spots(image, volume.spacing) if spot.contrast > 0]
        if self.within_mask:
            region = volume.region  # made anew each time where there is no mask
            spots = [spot for spot in spots if region[spot.center]]
        spots.sort(key=lambda spot: -spot.contrast)
        return [
            Case(
                spot.patch(volume.image, margins),
                mask=spot.mask(margins).astype(np.uint8),
                id=f"{case.id}:{number}",
                patient=case.patient,
                spacing=volume.spacing,
                meta={**case.meta, "parent": case.id, **spot.record(volume.spacing)},
            )
            for number, spot in enumerate(spots[: self.max_candidates], start=1)
        ]

    def _margins(self, volume):
        """Voxels from the center of a patch to its sides, along each axis."""
        edge = self.patch_size or 3 * self.max_diameter
        margins = [int(edge / 2 / step) for step in volume.spacing]
        n_voxels = prod(2 * margin + 1 for margin in margins)
        if n_voxels > MAX_PATCH:
            spacing = " x ".join(f"{step:g}" for step in volume.spacing)
            raise GeometryError(
                f"a patch of {edge:g} mm has {n_voxels:,} voxels of {spacing} mm, more than {MAX_PATCH:,}",
                "choose a smaller patch_size, or max_diameter, of which it is three times by default; both are in mm",
            ).in_case(volume.id, type(self).__name__)
        return margins

    def _spots(self, image, spacing):
        sizes = {"diameters": (self.min_diameter, self.max_diameter), "threshold": self.threshold}
        if self.method == "components":
            return components(image, spacing, **sizes)
        return blobs(image, spacing, method=self.method, n_scales=self.n_scales, **sizes)
