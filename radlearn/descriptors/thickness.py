"""ThicknessFeatures: size, extent, thickness and gaps of the bright part of an image."""

import numpy as np
from scipy.ndimage import distance_transform_edt

from radlearn._bounding_box import bounding_box
from radlearn._validation import check_ndim, check_number, check_numbers
from radlearn.base import CaseExtractor
from radlearn.descriptors._image import bright_part

# Percentiles of the depths.
PERCENTILES = (50, 75, 90, 95, 99)

# A variance below this fraction of the largest one is 0 with a rounding error.
ROUNDING = 1e-12


class ThicknessFeatures(CaseExtractor):
    """Size, extent, thickness and gaps of the bright part of the whole image; the mask is ignored.

    The image is resized to `size`; its bright part lies above its Otsu threshold. Lengths are in pixels of the
    resized image.

    =============================== ====================================================================================
    ``fraction``                    share of the image that is bright
    ``opened_<radius>``             share of the bright part that is left after opening it by a disc or ball: what is
                                    covered by balls of that radius that lie within (granulometry)
    ``closed_<radius>``             size of the bright part after closing it by a disc or ball, as a multiple of its
                                    size before: gaps and bays narrower than that are filled, also beyond the image
    ``depth_p50`` ... ``depth_max`` percentiles (50, 75, 90, 95, 99) and maximum of the distance from the pixels of the
                                    bright part to the nearest pixel outside; outside of the image nothing is bright
    ``axis_1``, ``axis_2``, ...     standard deviations of the positions of its pixels along their principal axes, the
                                    longest first
    ``ratio_2``, ...                lengths of the shorter ones, as fractions of the longest
    =============================== ====================================================================================

    Parameters
    ----------
    radii : sequence of float, default=(1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10)
        Radii of the balls for opening in pixels of the resized image.
    closings : sequence of float, default=(2, 4, 8)
        Radii of the balls for closing.
    size : int, default=64
        Number of pixels along each axis to which every image is resized.
    ndim : {2, 3}, default=2
        Number of axes of the images.
    n_jobs, memory, on_error, verbose, image_shape
        As for every extractor, see `radlearn.base.CaseExtractor`.

    Raises
    ------
    GeometryError
        For an image that does not have `ndim` axes.
    ImageReadError
        For an image with NaN or infinity.

    Notes
    -----
    Columns are ``thickness_<name>``. A constant image has zeros. To describe a shape, give its mask as the image.

    References
    ----------
    Maragos: Pattern spectrum and multiscale shape representation. IEEE TPAMI 11, 1989 (openings). Otsu: A threshold
    selection method from gray-level histograms. IEEE Transactions on Systems, Man, and Cybernetics 9, 1979.

    Examples
    --------
    >>> import numpy as np
    >>> bars = np.zeros((64, 64))
    >>> bars[10:50, 10:13] = bars[10:50, 30:39] = 1  # 3 and 9 pixels wide
    >>> row = ThicknessFeatures(radii=(1, 3)).set_output(transform="pandas").fit_transform([bars]).iloc[0]
    >>> print(row["thickness_depth_max"], row["thickness_opened_1"] > row["thickness_opened_3"])
    5.0 True
    """

    _version = 3

    def __init__(
        self,
        *,
        radii=(1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10),
        closings=(2, 4, 8),
        size=64,
        ndim=2,
        n_jobs=None,
        memory=None,
        on_error="raise",
        verbose=0,
        image_shape=None,
    ):
        self.radii = radii
        self.closings = closings
        self.size = size
        self.ndim = ndim
        self.n_jobs = n_jobs
        self.memory = memory
        self.on_error = on_error
        self.verbose = verbose
        self.image_shape = image_shape

    def _check_parameters(self):
        for name in ("radii", "closings"):
            check_numbers(name, getattr(self, name), above=0, hint="they are in pixels of the resized image")
        check_number("size", self.size, at_least=2, integer=True)
        check_ndim(self.ndim)

    def _names(self):
        names = [
            "fraction",
            *(f"opened_{radius:g}" for radius in self.radii),
            *(f"closed_{radius:g}" for radius in self.closings),
            *(f"depth_p{percent}" for percent in PERCENTILES),
            "depth_max",
            *(f"axis_{number + 1}" for number in range(self.ndim)),
            *(f"ratio_{number + 1}" for number in range(1, self.ndim)),
        ]
        return [f"thickness_{name}" for name in names]

    def _row(self, volume):
        bright = bright_part(volume, self.ndim, "ThicknessFeatures", self.size)
        if not bright.any():
            return np.zeros(len(self._names()))
        fraction = bright.mean()
        bright = np.pad(bright[bounding_box(bright)], 1)
        depths = distance_transform_edt(bright)
        axes = _axes(bright)
        return np.array(
            [
                fraction,
                *(_opened(bright, depths, radius) for radius in self.radii),
                *_closed(bright, self.closings),
                *np.percentile(depths[bright], PERCENTILES),
                depths.max(),
                *axes,
                *(axes[1:] / (axes[0] or 1.0)),
            ]
        )


def _opened(bright, depths, radius):
    """Share of the bright part that opening by a ball leaves: what is within `radius` of the pixels deeper than it."""
    outside_core = depths <= radius
    return 0.0 if outside_core.all() else np.mean(distance_transform_edt(outside_core)[bright] <= radius)


def _closed(bright, radii):
    """Size of the bright part after closing by a ball of each radius, as a multiple of its size before."""
    bright = np.pad(bright, int(np.ceil(max(radii))))
    distances = distance_transform_edt(~bright)
    closed = [distance_transform_edt(distances <= radius) > radius for radius in radii]
    return [part.sum() / bright.sum() for part in closed]


def _axes(bright):
    """Standard deviations along the principal axes, the longest first."""
    variances = np.linalg.eigvalsh(np.cov(np.argwhere(bright).T, bias=True))
    return np.sqrt(np.where(variances > ROUNDING * variances[-1], variances, 0))[::-1]
