"""LBPFeatures: how often each small pattern of brighter and darker neighbors occurs."""

import numpy as np

from radlearn._validation import check_choice, check_number
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import flat_image

# Number of codes for n points: by method of scikit-image.
N_CODES = {
    "uniform": lambda n: n + 2,
    "nri_uniform": lambda n: n * (n - 1) + 3,
    "default": lambda n: 2**n,
}

# Grey levels between the darkest and the brightest pixel, less one. Differences below one level make no pattern.
N_STEPS = 255


class LBPFeatures(CaseExtractor):
    """Histogram of local binary patterns of the whole image; the mask is ignored.

    Around each pixel lie `points` points on a circle; those that are at least as bright as the pixel make up its
    pattern. Columns are the fractions of pixels with each pattern, and add up to one for each radius.

    Parameters
    ----------
    points : int, default=8
        Number of points on the circle, 3 to 24.
    radius : float or sequence of float, default=1
        Radius of the circle in pixels. Several radii give one histogram each.
    method : {"uniform", "nri_uniform", "default"}, default="uniform"
        Which patterns count as one: the rotations of a uniform one, and all that are not uniform (``points + 2``
        patterns); the same without rotations (``points * (points - 1) + 3``); or none (``2 ** points``; at most 12
        points).
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
    The image is first rounded to 256 grey levels between its minimum and maximum: a pattern follows the sign of
    differences, and that of rounding errors means nothing. Brightness and contrast therefore do not matter. Points
    outside the image count as the minimum, as in `skimage.feature.local_binary_pattern`.

    References
    ----------
    Ojala, Pietikäinen and Mäenpää: Multiresolution gray-scale and rotation invariant texture classification with
    local binary patterns. IEEE TPAMI 24, 2002.

    Examples
    --------
    >>> import numpy as np
    >>> lbp = LBPFeatures(radius=(1, 2)).set_output(transform="pandas")
    >>> table = lbp.fit_transform([np.eye(16)])
    >>> print(table.shape, table.columns[0], round(table.iloc[0].sum()))
    (1, 20) lbp_r1_0 2
    """

    def __init__(
        self,
        *,
        points=8,
        radius=1,
        method="uniform",
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.points = points
        self.radius = radius
        self.method = method
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_choice("method", self.method, N_CODES)
        most, hint = (12, 'for more points use method="uniform"') if self.method == "default" else (24, "")
        check_number("points", self.points, at_least=3, at_most=most, integer=True, hint=hint)
        radii = self._radii()
        for radius in radii:
            check_number("radius", radius, above=0, hint="radius is in pixels")
        if len({f"{radius:g}" for radius in radii}) < max(1, len(radii)):
            raise ValueError(f"radius must be one number or several different ones, got {self.radius!r}")

    def _radii(self):
        return list(self.radius) if isinstance(self.radius, (list, tuple, np.ndarray)) else [self.radius]

    def _names(self):
        codes = range(N_CODES[self.method](self.points))
        width = len(str(codes[-1]))
        return [f"lbp_r{radius:g}_{code:0{width}d}" for radius in self._radii() for code in codes]

    def _row(self, volume):
        from skimage.feature import local_binary_pattern  # noqa: PLC0415 - scikit-image is slow to import

        image = _grey_levels(flat_image(volume, "LBPFeatures"))
        n_codes = N_CODES[self.method](self.points)
        histograms = []
        for radius in self._radii():
            codes = local_binary_pattern(image, self.points, radius, self.method).astype(int)
            histograms.append(np.bincount(codes.ravel(), minlength=n_codes) / codes.size)
        return np.concatenate(histograms)


def _grey_levels(image):
    """The image as 0 to 255 between its minimum and maximum."""
    low, high = float(image.min()), float(image.max())
    return np.rint((image.astype(float) - low) / ((high - low) or 1.0) * N_STEPS).astype(np.uint8)
