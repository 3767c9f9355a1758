"""FisherVectors: how the small patches of an image differ from those of a learned mixture."""

import warnings

import numpy as np
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import normalize

from radlearn._threads import one_thread
from radlearn._validation import check_choice, check_flag, check_number
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import evenly_drawn, image_2d, resized, unit_range
from radlearn.exceptions import CohortError

# Radius of a patch in pixels, and length of its vector.
RADIUS = {"daisy": 10, "pixels": 7}
LENGTH = {"daisy": 104, "pixels": 225}


class FisherVectors(CaseExtractor):
    """How the patches of the whole image differ from a learned mixture of patches; the mask is ignored.

    Every image is resized to `size`, and the patches around the points of a grid become vectors: the directions of
    their edges (DAISY), or the differences of their pixels from their mean. The `share` with the strongest edges or
    the highest contrast is kept. `fit` reads the training images and learns from such vectors their principal
    components and a mixture of Gaussians of these and of the place in the image. A row tells where the patches of an
    image would move the weight and the mean of each Gaussian (`skimage.feature.fisher_vector`). The columns of each
    Gaussian are scaled to the same length, so that frequent patches do not outweigh rare ones. In a pipeline the
    mixture never sees a test image.

    Parameters
    ----------
    patches : {"daisy", "pixels"}, default="daisy"
        What the vector of a patch holds: directions of edges at 13 points within 10 pixels, or 15 by 15 pixels. Both
        side by side tell more than either.
    mirror : bool, default=True
        Whether the patches of the mirror image count as well, so that a left hand is like a right one. With False an
        image takes half of the time, and its sides are told apart.
    n_modes : int, default=128
        Number of Gaussians.
    n_components : int, default=32
        Number of principal components of the vectors, at most 104 of edges and 225 of pixels.
    place_weight : float, default=1
        Weight of the place: the distance between two patches that differ in nothing but their place, by the whole
        height or width of the image, as a multiple of the standard deviation of all components together. With 0 the
        place does not count.
    share : float, default=0.5
        Share of the patches of an image that is kept, above 0, at most 1.
    step : int, default=3
        Distance of neighboring points in pixels.
    size : int, default=96
        Number of pixels along each axis to which every image is resized, at least 32.
    patches_per_image : int, default=50
        Number of patches of each training image, mirrored ones among them, evenly drawn, that are learned from.
    random_state : int or None, default=0
        Seed of the mixture. With None the columns differ each time.
    n_jobs, memory, on_error, verbose, image_shape
        As for every extractor, see `radlearn.base.CaseExtractor`.

    Attributes
    ----------
    components_ : PCA or None
        Principal components of the vectors of patches; None where all training images are constant.
    mixture_ : GaussianMixture or None
        Mixture of Gaussians of components and places.

    Raises
    ------
    CohortError
        If the training images have fewer different patches than there are Gaussians or components.
    GeometryError
        For an image that is not 2-D.
    ImageReadError
        For an image with NaN or infinity.

    Notes
    -----
    Columns are ``fisher_mode<number>_weight`` and ``..._mean_<component>``; the last two components are the place ``y``
    and ``x``. The squares of the columns of each Gaussian add up to the same number, those of a row to one, which suits
    a machine with a linear or Gaussian kernel: do not scale them. Where no patch is like a Gaussian, its weight takes
    all. A constant image has zeros, and so has every image where all training images are constant. Rows are cached for
    each mixture, that is for each set of training images.

    References
    ----------
    Perronnin, Sanchez and Mensink: Improving the Fisher kernel for large-scale image classification. ECCV 2010.
    Arandjelovic and Zisserman: All about VLAD. CVPR 2013 (the same length for each part of a row).
    Sanchez, Perronnin and de Campos: Modeling the spatial layout of images beyond spatial pyramids. Pattern Recognition
    Letters 33, 2012 (places).

    Examples
    --------
    >>> import numpy as np
    >>> images = np.random.default_rng(0).normal(size=(3, 64, 64))
    >>> fisher = FisherVectors(n_modes=4, n_components=8).fit(images[:2])
    >>> rows = fisher.transform(images)
    >>> rows.shape, (rows**2).sum(axis=1).round(6).tolist()
    ((3, 44), [1.0, 1.0, 1.0])
    """

    _version = 4

    def __init__(
        self,
        *,
        patches="daisy",
        mirror=True,
        n_modes=128,
        n_components=32,
        place_weight=1.0,
        share=0.5,
        step=3,
        size=96,
        patches_per_image=50,
        random_state: int | None = 0,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.patches = patches
        self.mirror = mirror
        self.n_modes = n_modes
        self.n_components = n_components
        self.place_weight = place_weight
        self.share = share
        self.step = step
        self.size = size
        self.patches_per_image = patches_per_image
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_choice("patches", self.patches, LENGTH)
        check_flag("mirror", self.mirror)
        check_number("n_modes", self.n_modes, at_least=1, integer=True)
        check_number("n_components", self.n_components, at_least=1, at_most=LENGTH[self.patches], integer=True)
        check_number("place_weight", self.place_weight, at_least=0)
        check_number("share", self.share, above=0, at_most=1)
        check_number("step", self.step, at_least=1, integer=True)
        check_number("size", self.size, at_least=32, integer=True)
        check_number("patches_per_image", self.patches_per_image, at_least=1, integer=True)

    def _names(self):
        width, parts = len(str(self.n_modes - 1)), [*map(str, range(self.n_components)), "y", "x"]
        moved = ["weight", *(f"mean_{part}" for part in parts)]
        return [f"fisher_mode{mode:0{width}d}_{name}" for mode in range(self.n_modes) for name in moved]

    def _fit_volumes(self, volumes):
        drawn = [evenly_drawn(self._patches(volume), self.patches_per_image) for volume in volumes]
        patches = np.concatenate(drawn)
        self.components_ = self.mixture_ = None
        if not patches[:, :-2].any():
            return
        n_found, n_wanted = len(np.unique(patches, axis=0)), max(self.n_modes, self.n_components)
        if n_found < n_wanted:
            raise CohortError(
                f"{n_found} different patches of {len(drawn)} training images are too few for {n_wanted} Gaussians or "
                "components",
                "raise patches_per_image, or lower n_modes and n_components",
            )
        self.components_ = PCA(self.n_components, random_state=self.random_state)
        self.mixture_ = GaussianMixture(
            self.n_modes, covariance_type="diag", reg_covar=1e-4, max_iter=30, random_state=self.random_state
        )
        # What is learned belongs to the keys of caches, in workers with fewer threads as well.
        with one_thread(), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # such a mixture describes patches as well
            self.components_.fit(patches[:, :-2])
            # As it is after pickling, in workers and saved models: last digits depend on the layout.
            self.components_.components_ = np.ascontiguousarray(self.components_.components_)
            self.mixture_.fit(self._points(patches))

    def _patches(self, volume):
        """Vectors of the patches that are kept, with their places between 0 and 1 as the last two."""
        image = np.sqrt(unit_range(resized(image_2d(volume, "FisherVectors"), self.size)))
        sides = [image, image[:, ::-1]] if self.mirror else [image]
        return np.concatenate([self._patches_of(side) for side in sides])

    def _patches_of(self, image):
        radius, vectors_of = RADIUS[self.patches], {"daisy": _edges, "pixels": _pixels}[self.patches]
        grid, strength = vectors_of(image, self.step, radius)
        places = (np.moveaxis(np.indices(strength.shape), 0, -1) * self.step + radius) / self.size
        kept = strength >= np.quantile(strength, 1 - self.share)
        return np.hstack([_tempered(grid[kept]), places[kept]])

    def _points(self, patches):
        """Components of patches, and their places on the scale of these."""
        scale = self.place_weight * np.sqrt(self.components_.explained_variance_.sum())
        return np.hstack([self.components_.transform(patches[:, :-2]), scale * (patches[:, -2:] - 0.5)])

    def _row(self, volume):
        from skimage.feature import fisher_vector  # noqa: PLC0415 - scikit-image is slow to import

        patches = self._patches(volume)
        if self.mixture_ is None or not patches[:, :-2].any():
            return np.zeros(len(self._names()))
        moved = fisher_vector(self._points(patches), self.mixture_)
        weights, means, _ = np.split(moved, self.n_modes * np.array([1, self.n_components + 3]))  # and variances
        of_modes = np.column_stack([weights, means.reshape(self.n_modes, -1)])
        return normalize(of_modes).ravel() / np.sqrt(self.n_modes)


def _edges(image, step, radius):
    """Directions of edges around the points of a grid, shape (y, x, 104), and their strength in all."""
    from skimage.feature import daisy  # noqa: PLC0415 - scikit-image is slow to import

    grid = daisy(image, step=step, radius=radius, rings=2, histograms=6, normalization="off")
    return grid, grid.sum(axis=-1)


def _pixels(image, step, radius):
    """Pixels around the points of a grid less their mean, shape (y, x, 225), and their root sum of squares."""
    width = 2 * radius + 1
    windows = np.lib.stride_tricks.sliding_window_view(image, (width, width))[::step, ::step]
    grid = windows.reshape(*windows.shape[:2], width**2)
    grid = grid - grid.mean(axis=-1, keepdims=True)
    return grid, np.linalg.norm(grid, axis=-1)


def _tempered(vectors):
    """The vectors at about the same length: those of weak patches stay shorter, since they may be noise."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / (lengths + (np.median(lengths) / 2 or 1.0))
