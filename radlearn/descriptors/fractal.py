"""FractalFeatures: how detail grows with the scale, and how gaps are spread."""

import numpy as np
from scipy.ndimage import binary_erosion, uniform_filter

from radlearn._validation import check_number
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import finite_image, resized, unit_range


class FractalFeatures(CaseExtractor):
    r"""Fractal dimensions and lacunarity of the whole image; the mask is ignored.

    The image is resized to `size` and brought to 0 ... 1. A dimension D says that the number of boxes of side s that
    cover something is about :math:`s^{-D}`; the slope is fitted to the sides 1, 2, 4, ... up to a quarter of the image,
    for the landscape from 2 on.

    ========================= =======================================================================================
    ``dimension_intensity``   of the intensities as a landscape over the image, by differential box counting
    ``dimension_foreground``  of what is brighter than the Otsu threshold
    ``dimension_outline``     of the outline of the foreground
    ``lacunarity_<s>``        :math:`E[M^2] / E[M]^2` of the sums M of intensities in all boxes of side s: 1 if all
                              places are alike
    ========================= =======================================================================================

    Parameters
    ----------
    size : int, default=64
        Number of pixels along each axis to which every image is resized, a power of 2, at least 16.
    n_jobs, memory, on_error, verbose, image_shape
        As for every extractor, see `radlearn.base.CaseExtractor`.

    Raises
    ------
    ImageReadError
        For an image with NaN or infinity.

    Notes
    -----
    Columns are ``fractal_<feature>``. A constant image has no foreground, hence the dimensions 2 (3 for a volume), 0
    and 0, and lacunarity 1.

    References
    ----------
    Sarkar and Chaudhuri: An efficient differential box-counting approach to compute fractal dimension of image. IEEE
    Transactions on Systems, Man, and Cybernetics 24, 1994. Allain and Cloitre: Characterizing the lacunarity of random
    and deterministic fractal sets. Physical Review A 44, 1991.

    Examples
    --------
    >>> import numpy as np
    >>> square = np.pad(np.ones((32, 32)), 16)
    >>> table = FractalFeatures().set_output(transform="pandas").fit_transform([square])
    >>> print(table["fractal_dimension_foreground"].iloc[0].round(3))
    2.0
    """

    def __init__(
        self,
        *,
        size=64,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.size = size
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_number("size", self.size, at_least=16, integer=True)
        if self.size & (self.size - 1):
            raise ValueError(f"size must be a power of 2, got {self.size}; boxes double their side until they fill it")

    def _sides(self):
        """Sides of the boxes in pixels."""
        return [2**power for power in range(int(self.size).bit_length() - 2)]

    def _names(self):
        lacunarity = [f"lacunarity_{side}" for side in self._sides()[1:]]
        kinds = ["dimension_intensity", "dimension_foreground", "dimension_outline", *lacunarity]
        return [f"fractal_{kind}" for kind in kinds]

    def _row(self, volume):
        from skimage.filters import threshold_otsu  # noqa: PLC0415 - scikit-image is slow to import

        image = unit_range(resized(finite_image(volume), self.size))
        foreground = image > threshold_otsu(image)
        outline = foreground & ~binary_erosion(foreground)
        sides = self._sides()
        counts = [
            [self._boxes_of_landscape(image, side) for side in sides[1:]],
            *([_boxes(shape, side) for side in sides] for shape in (foreground, outline)),
        ]
        dimensions = [_dimension(sides[-len(count) :], count) for count in counts]
        return np.array(dimensions + [_lacunarity(image, side) for side in sides[1:]])

    def _boxes_of_landscape(self, image, side):
        """Number of cubes that the intensities pass, which span `size` pixels in height."""
        from skimage.measure import block_reduce  # noqa: PLC0415 - scikit-image is slow to import

        height = side / self.size
        top, bottom = (np.floor(block_reduce(image, side, extreme) / height) for extreme in (np.max, np.min))
        return np.sum(top - bottom + 1)


def _boxes(shape, side):
    """Number of boxes that hold a pixel of the shape."""
    from skimage.measure import block_reduce  # noqa: PLC0415 - scikit-image is slow to import

    return np.count_nonzero(block_reduce(shape, side, np.any))


def _dimension(sides, counts):
    """Slope of the logarithm of the counts against that of the sides, negated; 0 where there is nothing to cover."""
    return -np.polyfit(np.log(sides), np.log(counts), 1)[0] if all(counts) else 0.0


def _lacunarity(image, side):
    """Mean square of the sums in gliding boxes, divided by their squared mean."""
    inside = (slice(side // 2, 1 - side // 2 or None),) * image.ndim
    masses = uniform_filter(image, side)[inside]
    return 1 + masses.var() / masses.mean() ** 2 if masses.any() else 1.0
