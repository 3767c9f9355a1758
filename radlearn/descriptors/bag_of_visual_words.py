"""BagOfVisualWords: which typical small patches an image is made of."""

import numpy as np
from sklearn.cluster import MiniBatchKMeans
from sklearn.metrics import pairwise_distances_argmin

from radlearn._validation import check_choice, check_number
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import evenly_drawn, image_2d, resized, unit_range


class BagOfVisualWords(CaseExtractor):
    """Fractions of the patches of the whole image that are most like each word of a learned vocabulary.

    Every image is resized to `size`, and its patches become vectors. `fit` reads the training images and clusters
    these vectors (k-means): the centers are the words. So the vocabulary never sees a test image when the extractor
    stands in a pipeline. The mask is ignored.

    Parameters
    ----------
    patches : {"daisy", "sift", "orb"}, default="daisy"
        How patches are chosen and described: by DAISY on a grid of points, 8 pixels apart (`skimage.feature.daisy`); by
        SIFT around the points that it finds (`skimage.feature.SIFT`); by ORB around up to 200 corners
        (`skimage.feature.ORB`).
    n_words : int, default=64
        Number of words.
    patches_per_image : int, default=50
        Number of patches of each training image, evenly drawn, that are clustered.
    size : int, default=128
        Number of pixels along each axis to which every image is resized, at least 64.
    random_state : int or None, default=0
        Seed of the clustering. With None the words, and the columns, differ each time.
    n_jobs, memory, on_error, verbose, image_shape
        As for every extractor, see `radlearn.base.CaseExtractor`.

    Attributes
    ----------
    words_ : ndarray of shape (n_found, n_components)
        Center of each word; fewer than `n_words` where the training images have fewer patches.

    Raises
    ------
    GeometryError
        For an image that is not 2-D.
    ImageReadError
        For an image with NaN or infinity.

    Notes
    -----
    Columns are ``bovw_<patches>_<word>`` and add up to one. An image without a patch (SIFT and ORB find none where
    nothing stands out) has zeros. Rows are cached for each vocabulary, that is for each set of training images.

    References
    ----------
    Csurka et al.: Visual categorization with bags of keypoints. ECCV workshop on statistical learning in computer
    vision, 2004.

    Examples
    --------
    >>> import numpy as np
    >>> images = np.random.default_rng(0).normal(size=(3, 64, 64))
    >>> bag = BagOfVisualWords(n_words=8).fit(images[:2])
    >>> bag.words_.shape, bag.transform(images).sum(axis=1).round(6).tolist()
    ((8, 104), [1.0, 1.0, 1.0])
    """

    def __init__(
        self,
        *,
        patches="daisy",
        n_words=64,
        patches_per_image=50,
        size=128,
        random_state: int | None = 0,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.patches = patches
        self.n_words = n_words
        self.patches_per_image = patches_per_image
        self.size = size
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_choice("patches", self.patches, PATCHES)
        check_number("n_words", self.n_words, at_least=1, integer=True)
        check_number("patches_per_image", self.patches_per_image, at_least=1, integer=True)
        check_number("size", self.size, at_least=64, integer=True)

    def _names(self):
        width = len(str(self.n_words - 1))
        return [f"bovw_{self.patches}_{word:0{width}d}" for word in range(self.n_words)]

    def _fit_volumes(self, volumes):
        patches = np.concatenate([evenly_drawn(self._patches(volume), self.patches_per_image) for volume in volumes])
        n_words = min(self.n_words, len(np.unique(patches, axis=0)))
        self.words_ = patches[:0]
        if n_words:
            clusters = MiniBatchKMeans(n_words, n_init=3, random_state=self.random_state)
            self.words_ = clusters.fit(patches).cluster_centers_

    def _patches(self, volume):
        """Vectors of the patches of one image, shape (n_patches, n_components)."""
        image = unit_range(resized(image_2d(volume, "BagOfVisualWords"), self.size))
        return PATCHES[self.patches](image).astype(np.float32)

    def _row(self, volume):
        patches = self._patches(volume)
        if not len(patches) or not len(self.words_):
            return np.zeros(self.n_words)
        words = pairwise_distances_argmin(patches, self.words_)
        return np.bincount(words, minlength=self.n_words) / len(words)


def _daisy(image):
    from skimage.feature import daisy  # noqa: PLC0415 - scikit-image is slow to import

    vectors = daisy(image, step=8, radius=12, rings=2, histograms=6, orientations=8)
    return vectors.reshape(-1, vectors.shape[-1])


def _sift(image):
    from skimage.feature import SIFT  # noqa: PLC0415 - scikit-image is slow to import

    return _described(SIFT(), image, n_components=128)


def _orb(image):
    from skimage.feature import ORB  # noqa: PLC0415 - scikit-image is slow to import

    return _described(ORB(n_keypoints=200), image, n_components=256)


def _described(detector, image, n_components):
    """Vectors of the points that a detector finds."""
    try:
        detector.detect_and_extract(image)
    except RuntimeError:  # what scikit-image raises where there is no point
        return np.empty((0, n_components))
    return detector.descriptors


PATCHES = {"daisy": _daisy, "sift": _sift, "orb": _orb}
