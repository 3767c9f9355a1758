"""DAISYFeatures: directions of edges around the points of a grid."""

from radlearn._validation import check_number
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import image_2d, resized, unit_range


class DAISYFeatures(CaseExtractor):
    """DAISY descriptors on a grid over the whole image; the mask is ignored.

    The image is resized to `size`. Around each point of the grid, histograms of the directions of gradients are taken
    at its center and at points on rings, each smoothed more the farther it lies out (`skimage.feature.daisy`).

    Parameters
    ----------
    step : int, default=16
        Distance of the points of the grid in pixels.
    radius : int, default=12
        Radius of the outer ring in pixels; the grid keeps so far from the border.
    rings : int, default=2
        Number of rings.
    histograms : int, default=6
        Number of points on a ring.
    orientations : int, default=8
        Number of bins over 360 degrees.
    size : int, default=64
        Number of pixels along each axis to which every image is resized.
    n_jobs, memory, on_error, verbose, image_shape
        As for every extractor, see `radlearn.base.CaseExtractor`.

    Raises
    ------
    GeometryError
        For an image that is not 2-D.
    ImageReadError
        For an image with NaN or infinity.

    Notes
    -----
    Columns are ``daisy_point<row>-<column>_histogram<number>_direction<bin>``; histogram 0 is that of the center, then
    come the rings from the inside. A constant image has equal numbers everywhere.

    References
    ----------
    Tola, Lepetit and Fua: DAISY, an efficient dense descriptor applied to wide-baseline stereo. IEEE TPAMI 32, 2010.

    Examples
    --------
    >>> import numpy as np
    >>> DAISYFeatures().fit_transform([np.eye(16)]).shape
    (1, 936)
    """

    def __init__(
        self,
        *,
        step=16,
        radius=12,
        rings=2,
        histograms=6,
        orientations=8,
        size=64,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.step = step
        self.radius = radius
        self.rings = rings
        self.histograms = histograms
        self.orientations = orientations
        self.size = size
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        for name in ("step", "radius", "rings", "histograms", "orientations", "size"):
            check_number(name, getattr(self, name), at_least=1, integer=True)
        if self.size <= 2 * self.radius:
            raise ValueError(
                f"size={self.size} leaves no room for radius={self.radius}; it must be over twice as large"
            )

    def _names(self):
        points = range(len(range(self.radius, self.size - self.radius, self.step)))
        histograms = range(1 + self.rings * self.histograms)
        return [
            f"daisy_point{row}-{column}_histogram{number}_direction{direction}"
            for row in points
            for column in points
            for number in histograms
            for direction in range(self.orientations)
        ]

    def _row(self, volume):
        from skimage.feature import daisy  # noqa: PLC0415 - scikit-image is slow to import

        return daisy(
            unit_range(resized(image_2d(volume, "DAISYFeatures"), self.size)),
            step=self.step,
            radius=self.radius,
            rings=self.rings,
            histograms=self.histograms,
            orientations=self.orientations,
        ).ravel()
