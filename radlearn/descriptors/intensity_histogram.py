"""IntensityHistogram: which intensities an image holds."""

import numpy as np

from radlearn._validation import check_counts, check_interval, check_number
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import cell_names, cells_of, finite_image, image_of_ndim


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
    grid : tuple of int, optional
        Number of cells along each axis, ``(y, x)`` or ``(z, y, x)``: one histogram for each, which tells where the
        intensities are. Default: one of the whole image.
    n_jobs, memory, on_error, verbose, image_shape
        As for every extractor, see `radlearn.base.CaseExtractor`.

    Raises
    ------
    GeometryError
        For an image whose number of axes is not that of `grid`.
    ImageReadError
        For an image with NaN or infinity.

    Notes
    -----
    The fractions of a histogram add up to one. Without `range`, a constant image lies in the first bin. Columns are
    ``intensity_histogram_<bin>``, with a grid ``intensity_histogram_cell<row>-<column>_<bin>``. The histogram of the
    region of interest is the family ``histogram`` of `RadiomicsFeatures`.

    Examples
    --------
    >>> import numpy as np
    >>> IntensityHistogram(bins=2, range=(0, 10)).fit_transform([np.array([[1.0, 2.0, 3.0, 20.0]])]).tolist()
    [[0.75, 0.25]]
    >>> print(IntensityHistogram(bins=2, grid=(1, 2)).fit([np.eye(4)]).get_feature_names_out()[-1])
    intensity_histogram_cell0-1_1
    """

    _version = 2

    def __init__(
        self,
        *,
        bins=32,
        range=None,
        grid=None,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.bins = bins
        self.range = range
        self.grid = grid
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
        if self.grid is not None:
            check_counts("grid", self.grid)

    def _names(self):
        width = len(str(self.bins - 1))
        bins = [f"{position:0{width}d}" for position in range(self.bins)]
        places = [""] if self.grid is None else [f"{name}_" for name in cell_names(self.grid)]
        return [f"intensity_histogram_{place}{position}" for place in places for position in bins]

    def _row(self, volume):
        image = self._image(volume)
        low, high = (image.min(), image.max()) if self.range is None else self.range
        # Divided once, at the end: 5 of 0 to 10 lies at an edge of 58 bins, and 10 / 58 is rounded.
        bins = np.floor((image - low) * self.bins / ((high - low) or 1.0))
        bins = np.clip(bins, 0, self.bins - 1).astype(int)
        cells = [bins] if self.grid is None else [bins[cell] for cell in cells_of(bins.shape, self.grid)]
        return np.concatenate([np.bincount(cell.ravel(), minlength=self.bins) / cell.size for cell in cells])

    def _image(self, volume):
        if self.grid is None:
            return finite_image(volume)
        remedy = f"give grid {volume.ndim} numbers"
        return image_of_ndim(volume, len(self.grid), f"IntensityHistogram(grid={self.grid})", remedy)
