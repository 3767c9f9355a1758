"""IntensityHistogram: which intensities an image holds."""

import numpy as np

from radlearn._validation import check_interval, check_number
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import finite_image


class IntensityHistogram(CaseExtractor):
    """Fractions of pixels (voxels) in equal bins of intensity, over the whole image; the mask is ignored.

    Parameters
    ----------
    bins : int, default=32
        Number of bins.
    range : pair of float, optional
        Lower edge of the first and upper edge of the last bin, in the unit of the image. Intensities outside count for
        the bin that is nearest. Default: minimum and maximum of each image, so that the bins describe the shape of its
        distribution and not its brightness.
    n_jobs, memory, on_error, verbose, image_shape
        As for every extractor, see `radlearn.base.CaseExtractor`.

    Raises
    ------
    ImageReadError
        For an image with NaN or infinity.

    Notes
    -----
    The fractions add up to one. Without `range`, a constant image lies in the first bin. The histogram of the region
    of interest is the family ``histogram`` of `RadiomicsFeatures`.

    Examples
    --------
    >>> import numpy as np
    >>> IntensityHistogram(bins=2, range=(0, 10)).fit_transform([np.array([[1.0, 2.0, 3.0, 20.0]])]).tolist()
    [[0.75, 0.25]]
    """

    def __init__(
        self,
        *,
        bins=32,
        range=None,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.bins = bins
        self.range = range
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_number("bins", self.bins, at_least=1, integer=True)
        bounds = check_interval("range", self.range, optional=True)
        if bounds is not None and None in bounds:
            raise ValueError(f"range needs both bounds, got {self.range!r}; None takes those of each image")

    def _names(self):
        width = len(str(self.bins - 1))
        return [f"intensity_histogram_{position:0{width}d}" for position in range(self.bins)]

    def _row(self, volume):
        image = finite_image(volume).astype(float)
        low, high = (image.min(), image.max()) if self.range is None else self.range
        width = (high - low) / self.bins or 1.0
        positions = np.clip(np.floor((image - low) / width), 0, self.bins - 1).astype(int)
        return np.bincount(positions.ravel(), minlength=self.bins) / image.size
