"""ClusterSegmenter: voxels of similar intensity form clusters, and one of them is the region."""

import numpy as np
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from radlearn._threads import one_thread
from radlearn._validation import check_choice, check_number
from radlearn.segmentation._sides import SIDES, chosen_side
from radlearn.segmentation.base import Segmenter


class ClusterSegmenter(Segmenter):
    """Sort voxels into clusters of intensity; the brightest or the darkest cluster is the region.

    Parameters
    ----------
    method : {"kmeans", "gaussian_mixture"}, default="kmeans"
        How the clusters are found: k-means, or a Gaussian mixture model.
    n_clusters : int, default=3
        Number of clusters; fewer if there are fewer different intensities.
    scope : {"cohort", "case"}, default="cohort"
        Whether `fit` learns the clusters from all its cases, or each case has its own. Those of the cohort need
        intensities that mean the same in all images: those of CT, or normalized ones.
    side : {"auto", "bright", "dark"}, default="auto"
        Whether the region is the brightest or the darkest cluster; ``"auto"`` takes the one to which fewer voxels
        of the image's border (along y and x) belong.
    n_voxels : int, default=10000
        How many voxels of each case are drawn to learn from.
    sigma : float, default=0.0
        Standard deviation (mm) of the Gaussian that smooths a copy of the image first; the image is not changed.
    background : float, optional
        Standard deviation (mm) of a wider Gaussian. The image smoothed with it is subtracted from that copy, which
        removes slow changes of brightness such as bias or attenuation. Default: nothing is subtracted.
    random_state : int, default=0
        Seed of the draw and of the first clusters.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Attributes
    ----------
    model_ : KMeans or GaussianMixture
        Clusters of the cohort. None with ``scope="case"``.

    Raises
    ------
    ImageReadError
        When a case is loaded that has no finite intensity.

    Notes
    -----
    A cluster's brightness is its mean. If there is only one cluster, as in a constant image, the mask is empty.

    See Also
    --------
    ThresholdSegmenter : ``"multi_otsu"`` finds for one case the optimum that k-means looks for.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[0.0, 1, 0], [5, 20, 5], [1, 0, 1]])
    >>> ClusterSegmenter().fit_transform([image])[0].load().mask.astype(int)
    array([[0, 0, 0],
           [0, 1, 0],
           [0, 0, 0]])
    """

    def __init__(
        self,
        *,
        method="kmeans",
        n_clusters=3,
        scope="cohort",
        side="auto",
        n_voxels=10_000,
        sigma=0.0,
        background=None,
        random_state=0,
        image_shape=None,
    ):
        self.method = method
        self.n_clusters = n_clusters
        self.scope = scope
        self.side = side
        self.n_voxels = n_voxels
        self.sigma = sigma
        self.background = background
        self.random_state = random_state
        self.image_shape = image_shape

    def _check_parameters(self):
        super()._check_parameters()
        check_choice("method", self.method, ("kmeans", "gaussian_mixture"))
        check_number("n_clusters", self.n_clusters, at_least=1, integer=True)
        check_choice("scope", self.scope, ("cohort", "case"))
        check_choice("side", self.side, SIDES)
        check_number("n_voxels", self.n_voxels, at_least=1, integer=True)
        check_number("random_state", self.random_state, at_least=0, integer=True)

    def _fit_volumes(self, volumes):
        self.model_ = None
        if self.scope == "cohort":
            self.model_ = self._clusters(np.concatenate([self._drawn(self._visible(volume)) for volume in volumes]))

    def _drawn(self, volume):
        """Finite intensities of a volume in one column; of many, a random choice of `n_voxels`."""
        values = volume.image[volume.mask]
        if values.size > self.n_voxels:
            values = np.random.default_rng(self.random_state).choice(values, self.n_voxels, replace=False)
        return values[:, np.newaxis]

    def _clusters(self, values):
        """Clusters of a column of intensities."""
        values = np.repeat(values, 2, axis=0) if len(values) == 1 else values  # a mixture model needs two samples
        n_clusters = min(self.n_clusters, len(np.unique(values)))
        if self.method == "kmeans":
            model = KMeans(n_clusters, n_init=3, random_state=self.random_state)
        else:
            # The default of scikit-learn, 1e-6, is more than all variance of diffusion in mm^2/s.
            smallest = 1e-6 * values.var() or 1e-6
            model = GaussianMixture(n_clusters, n_init=3, random_state=self.random_state, reg_covar=smallest)
        # What is learned belongs to the keys of caches, in workers with fewer threads as well.
        with one_thread():
            return model.fit(values)

    def _segment(self, volume):
        model = self._clusters(self._drawn(volume)) if self.model_ is None else self.model_
        means = (model.cluster_centers_ if self.method == "kmeans" else model.means_).ravel()
        if len(means) < 2:
            return np.zeros(volume.shape, bool)
        cluster = model.predict(volume.image.reshape(-1, 1)).reshape(volume.shape)
        bright, dark = (volume.mask & (cluster == number) for number in (means.argmax(), means.argmin()))
        return chosen_side(bright, dark, self.side)
