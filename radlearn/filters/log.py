"""LaplacianOfGaussian: blobs and edges of a given size."""

from collections.abc import Sequence

import numpy as np

from radlearn._validation import check_flag, check_number, check_numbers
from radlearn.filters.base import TOO_WIDE, ImageFilter
from radlearn.filters.separable import centered, check_boundary, convolved, filtered_axes


class LaplacianOfGaussian(ImageFilter):
    r"""Convolution with the second derivatives of a Gaussian.

    .. math:: h(r) = -\frac{1}{(\sqrt{2\pi}\,\sigma)^D} \frac{1}{\sigma^2} \left(D - \frac{r^2}{\sigma^2}\right)
        e^{-r^2 / 2\sigma^2}

    with :math:`\sigma` and the distance r in voxels, along D axes. The response is not normalized for scale. Where
    voxels are not cubes, :math:`\sigma` follows the spacing, and derivatives are those in mm, in units of the cube of
    the same volume.

    Parameters
    ----------
    sigma : float or sequence of float, default=1.0
        Standard deviation of the Gaussian in mm; each of several has its own response.
    cutoff : float, default=4.0
        Where the kernel ends along each axis, in standard deviations. At 4, its sum is about -0.0002 (of a sigma of one
        voxel or more), so that an image of 1000 throughout has a response of -0.2; at 7, it is 0 but for 0.000001.
    slice_wise : bool, default=False
        Whether to filter each slice ``(y, x)`` by itself, with D = 2.
    boundary : {"mirror", "nearest", "zero", "periodic"}, default="mirror"
        What lies beyond the image, see `MeanFilter`.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    References
    ----------
    Image Biomarker Standardisation Initiative, Laplacian of Gaussian filter (L6PA).

    Notes
    -----
    ``PyRadiomicsFeatures`` uses the recursive approximation of ITK instead, which is normalized for scale.

    Examples
    --------
    >>> impulse = np.zeros((9, 9))
    >>> impulse[4, 4] = 1
    >>> response = LaplacianOfGaussian(sigma=1).fit_transform([impulse])[0].load().image
    >>> print(round(response[4, 4], 4), round(-1 / np.pi, 4))
    -0.3183 -0.3183
    """

    _version = 2

    def __init__(
        self, *, sigma: float | Sequence[float] = 1.0, cutoff=4.0, slice_wise=False, boundary="mirror", image_shape=None
    ):
        self.sigma = sigma
        self.cutoff = cutoff
        self.slice_wise = slice_wise
        self.boundary = boundary
        self.image_shape = image_shape

    def _check_parameters(self):
        self._sigmas()
        check_number("cutoff", self.cutoff, above=0, hint="cutoff is in standard deviations")
        check_flag("slice_wise", self.slice_wise)
        check_boundary(self.boundary)

    def _sigmas(self):
        return check_numbers("sigma", self.sigma, single=True, above=0, hint="sigma is in mm")

    def _prefixes(self, ndim):  # noqa: ARG002 - the same for all images
        return [f"log_sigma_{sigma:g}mm" for sigma in self._sigmas()]

    def _support(self, spacing):
        axes = filtered_axes(len(spacing), self.slice_wise)
        largest = max(self._sigmas())
        return tuple(
            half_width(largest / step, self.cutoff) if axis in axes else 0 for axis, step in enumerate(spacing)
        )

    def _responses(self, image, spacing):
        axes = filtered_axes(len(spacing), self.slice_wise)
        for sigma in self._sigmas():
            kernels = log_kernels(sigma, self.cutoff, [spacing[axis] for axis in axes])
            # After each axis: what is smoothed along all so far, and the sum of what is curved along one of them.
            smooth, curved = image, None
            for axis, (gaussian, curvature) in zip(axes, kernels, strict=True):
                bent = convolved(smooth, curvature, axis, self.boundary)
                if curved is not None:
                    bent += convolved(curved, gaussian, axis, self.boundary)
                curved = bent
                if axis != axes[-1]:
                    smooth = convolved(smooth, gaussian, axis, self.boundary)
            yield curved


def half_width(sigma, cutoff):
    """Voxels from the center of a Gaussian kernel to its end; both parameters are as in the filter, in voxels."""
    return int(min(np.floor(cutoff * sigma + 0.5), TOO_WIDE))


def log_kernels(sigma, cutoff, spacing):
    """For each axis, the Gaussian and its second derivative.

    Parameters
    ----------
    sigma : float
        Standard deviation in mm.
    cutoff : float
    spacing : sequence of float
        Distance of voxel centers in mm along each axis.

    Returns
    -------
    kernels : list of pairs of Taps
    """
    edge = np.prod(spacing) ** (1 / len(spacing))
    kernels = []
    for step in spacing:
        width = sigma / step
        reach = half_width(width, cutoff)
        x = np.arange(-reach, reach + 1) / width
        gaussian = np.exp(-(x**2) / 2) / (np.sqrt(2 * np.pi) * width)
        kernels.append((centered(gaussian), centered((x**2 - 1) * gaussian * (edge / sigma) ** 2)))
    return kernels
