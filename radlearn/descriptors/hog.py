"""HOGFeatures: the directions of edges, place by place."""

from itertools import product

from radlearn._validation import check_choice, check_counts, check_number
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import image_2d, resized, unit_range

# Range to which images are brought, that of pictures of 8 bits: where there are no edges, scikit-image adds 1e-5 to the
# length of a block, which would count as much as edges in an image of small numbers (diffusion in m^2/s).
RANGE = 255


class HOGFeatures(CaseExtractor):
    """Histogram of oriented gradients of the whole image; the mask is ignored.

    The image is resized to `shape` (linear, smoothed when it shrinks) and brought to 0 ... 255, so that its unit does
    not count. In each cell the gradients vote for their orientation, weighted by their magnitude; the histograms are
    normalized over overlapping blocks of cells.

    Parameters
    ----------
    orientations : int, default=9
        Number of bins over 180 degrees.
    pixels_per_cell : pair of int, default=(16, 16)
        Size of a cell, ``(y, x)``.
    cells_per_block : pair of int, default=(2, 2)
        Size of a block, ``(y, x)``. Blocks move by one cell.
    block_norm : {"L1", "L1-sqrt", "L2", "L2-Hys"}, default="L2-Hys"
        How a block is normalized, as in `skimage.feature.hog`.
    shape : pair of int, default=(64, 64)
        Number of pixels ``(y, x)`` to which every image is resized, so that all have the same features.
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
    Columns are ``hog_block<row>-<column>_cell<row>-<column>_direction<bin>``, with the cell counted inside its
    block. A constant image has zeros.

    References
    ----------
    Dalal and Triggs: Histograms of Oriented Gradients for Human Detection. CVPR 2005.

    Examples
    --------
    >>> import numpy as np
    >>> hog = HOGFeatures(shape=(32, 32))
    >>> hog.fit_transform([np.eye(16)]).shape
    (1, 36)
    >>> print(hog.get_feature_names_out()[-1])
    hog_block0-0_cell1-1_direction8
    """

    _version = 2

    def __init__(
        self,
        *,
        orientations=9,
        pixels_per_cell=(16, 16),
        cells_per_block=(2, 2),
        block_norm="L2-Hys",
        shape=(64, 64),
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.orientations = orientations
        self.pixels_per_cell = pixels_per_cell
        self.cells_per_block = cells_per_block
        self.block_norm = block_norm
        self.shape = shape
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        check_number("orientations", self.orientations, at_least=1, integer=True)
        check_choice("block_norm", self.block_norm, ("L1", "L1-sqrt", "L2", "L2-Hys"))
        for name in ("pixels_per_cell", "cells_per_block", "shape"):
            check_counts(name, getattr(self, name), ndim=(2,))
        if min(self._n_blocks()) < 1:
            raise ValueError(
                f"shape={tuple(self.shape)} holds no block of {tuple(self.cells_per_block)} cells of "
                f"{tuple(self.pixels_per_cell)} pixels; choose a larger shape or smaller cells"
            )

    def _n_blocks(self):
        """Number of blocks along y and x."""
        axes = zip(self.shape, self.pixels_per_cell, self.cells_per_block, strict=True)
        return [size // cell - block + 1 for size, cell, block in axes]

    def _names(self):
        places = product(*map(range, (*self._n_blocks(), *self.cells_per_block, self.orientations)))
        return [f"hog_block{r}-{c}_cell{i}-{j}_direction{o}" for r, c, i, j, o in places]

    def _row(self, volume):
        from skimage.feature import hog  # noqa: PLC0415 - scikit-image is slow to import

        image = resized(image_2d(volume, "HOGFeatures"), self.shape)
        return hog(
            RANGE * unit_range(image),
            orientations=self.orientations,
            pixels_per_cell=tuple(self.pixels_per_cell),
            cells_per_block=tuple(self.cells_per_block),
            block_norm=self.block_norm,
        )
