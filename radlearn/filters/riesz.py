"""Riesz transforms: derivatives of a direction and an order, of what a band-pass filter leaves."""

from radlearn._validation import check_choice, check_counts, check_number
from radlearn.exceptions import GeometryError
from radlearn.filters._fourier import kept, padded, product_transfer, spectrum_of, unpadded
from radlearn.filters._steering import WINDOW, Band
from radlearn.filters.base import MAX_REACH, ImageFilter
from radlearn.filters.log import half_width, log_kernels
from radlearn.filters.nonseparable_wavelet import LEVELS, WAVELETS, bands_of, padding
from radlearn.filters.separable import check_boundary


class RieszFilter(ImageFilter):
    """Base of the filters with a Riesz transform; a subclass has a band-pass filter, in ``_band``."""

    _version = 2

    def _check_parameters(self):
        check_counts("order", self.order, at_least=0, at_most=10)
        if not any(self.order):
            raise ValueError(f"order must be above 0 along an axis, got {self.order!r}")
        check_number("align_sigma", self.align_sigma, above=0, optional=True, hint="align_sigma is in mm")
        check_boundary(self.boundary)

    def _suffix(self, ndim):
        """End of the prefix; checks that the order has a number per axis."""
        if len(self.order) != ndim:
            raise GeometryError(
                f"order={tuple(self.order)} has {len(self.order)} numbers, an image has {ndim} axes",
                "give one number per axis, in the order (z, y, x)",
            )
        aligned = "" if self.align_sigma is None else f"_aligned_{self.align_sigma:g}mm"
        return f"riesz_{''.join(str(number) for number in self.order)}{aligned}"

    def _responses(self, image, spacing):
        window = [(self.align_sigma or 0) / step for step in spacing]
        if (farthest := WINDOW * max(window)) > MAX_REACH:
            raise GeometryError(
                f"the window of {type(self).__name__} reaches {farthest:,.0f} voxels to each side, over {MAX_REACH:,}",
                f"choose an align_sigma smaller than {self.align_sigma:g}; it is in mm",
            )
        band, pad = self._band(image, spacing)
        response = band.riesz(self.order) if self.align_sigma is None else band.aligned_riesz(self.order, window)
        yield unpadded(response, range(image.ndim), pad)


class RieszLaplacianOfGaussian(RieszFilter):
    r"""Riesz transform of the Laplacian of Gaussian.

    .. math:: \hat{R}_l(f) = (-i)^{|l|} \sqrt{\frac{|l|!}{\prod_k l_k!}} \prod_k \frac{f_k^{l_k}}{|f|^{l_k}}

    with l the order and f the frequency along each axis. As in IBSI's reference maps, frequencies are those of the
    discrete Fourier transform; where all of them are 0, so is the response.

    Parameters
    ----------
    order : tuple of int, default=(0, 0, 1)
        Order l of the transform along each axis, ``(z, y, x)`` or ``(y, x)``.
    sigma : float, default=1.0
        Standard deviation of the Gaussian in mm.
    align_sigma : float, optional
        The axes are those of the structure tensor at each voxel instead, from the direction in which the image changes
        least to that in which it changes most; its window is a Gaussian of this standard deviation in mm. IBSI
        describes such a transform without reference values.
    cutoff : float, default=4.0
        Where the kernel of the Laplacian ends along each axis, in standard deviations.
    boundary : {"mirror", "nearest", "zero", "periodic"}, default="mirror"
        What lies beyond the image, see `MeanFilter`.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    GeometryError
        If the order has another number of axes than the image, or the window reaches further than 65,536 voxels.

    References
    ----------
    Image Biomarker Standardisation Initiative, Riesz transformation (AYRS) and Laplacian of Gaussian filter (L6PA).

    Notes
    -----
    A response depends on the whole image. Where its boundary is not periodic, the half width of the Gaussian is put
    around it.

    Examples
    --------
    >>> import numpy as np
    >>> riesz = RieszLaplacianOfGaussian(order=(0, 1))
    >>> response = riesz.fit_transform([np.eye(8)])[0].load().image
    >>> response.shape
    (8, 8)
    """

    def __init__(
        self, *, order=(0, 0, 1), sigma=1.0, align_sigma=None, cutoff=4.0, boundary="mirror", image_shape=None
    ):
        self.order = order
        self.sigma = sigma
        self.align_sigma = align_sigma
        self.cutoff = cutoff
        self.boundary = boundary
        self.image_shape = image_shape

    def _check_parameters(self):
        super()._check_parameters()
        check_number("sigma", self.sigma, above=0, hint="sigma is in mm")
        check_number("cutoff", self.cutoff, above=0, hint="cutoff is in standard deviations")

    def _prefixes(self, ndim):
        return [f"log_sigma_{self.sigma:g}mm_{self._suffix(ndim)}"]

    def _band(self, image, spacing):
        axes = tuple(range(image.ndim))
        pad = 0 if self.boundary == "periodic" else max(half_width(self.sigma / step, self.cutoff) for step in spacing)
        wide = padded(image, axes, pad, self.boundary)
        highest = tuple(n // 2 for n in wide.shape)
        spectrum = spectrum_of(wide, axes, highest)
        spectrum *= _log_transfer(wide.shape, highest, self.sigma, self.cutoff, tuple(spacing), image.dtype)
        return Band(spectrum, wide.shape, highest), pad


@kept
def _log_transfer(shape, highest, sigma, cutoff, spacing, dtype):
    """Transfer function of the Laplacian of Gaussian: the sum over axes of what is curved there, smooth elsewhere."""
    axes = tuple(range(len(shape)))
    kernels = log_kernels(sigma, cutoff, spacing)
    return sum(
        product_transfer([pair[axis == curved] for axis, pair in enumerate(kernels)], shape, axes, highest)
        for curved in axes
    ).astype(dtype)


class RieszWavelet(RieszFilter):
    """Riesz transform of a wavelet that treats all directions alike; see `RieszLaplacianOfGaussian`.

    Parameters
    ----------
    order : tuple of int, default=(0, 0, 1)
        Order of the transform along each axis, ``(z, y, x)`` or ``(y, x)``.
    wavelet : {"simoncelli", "shannon"}, default="simoncelli"
        Which wavelet, see `NonSeparableWavelet`.
    level : int, default=1
        Level of the wavelet, 1 for the finest detail.
    align_sigma : float, optional
        Standard deviation in mm of the window of the structure tensor whose axes take the place of those of the image.
    boundary : {"periodic", "mirror", "nearest", "zero"}, default="periodic"
        What lies beyond the image, see `MeanFilter`.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    GeometryError
        If the order has another number of axes than the image, or the window reaches further than 65,536 voxels.

    References
    ----------
    Image Biomarker Standardisation Initiative, Riesz transformation (AYRS) and Simoncelli wavelet (PRT7).

    Examples
    --------
    >>> import numpy as np
    >>> response = RieszWavelet(order=(2, 0)).fit_transform([np.eye(8)])[0].load().image
    >>> response.shape
    (8, 8)
    """

    def __init__(
        self,
        *,
        order=(0, 0, 1),
        wavelet="simoncelli",
        level=1,
        align_sigma=None,
        boundary="periodic",
        image_shape=None,
    ):
        self.order = order
        self.wavelet = wavelet
        self.level = level
        self.align_sigma = align_sigma
        self.boundary = boundary
        self.image_shape = image_shape

    def _check_parameters(self):
        super()._check_parameters()
        check_choice("wavelet", self.wavelet, WAVELETS)
        check_number("level", self.level, **LEVELS)

    def _prefixes(self, ndim):
        return [f"{self.wavelet}_level{self.level}_{self._suffix(ndim)}"]

    def _band(self, image, spacing):  # noqa: ARG002 - frequencies are those of the grid
        axes = tuple(range(image.ndim))
        pad = padding(self.level, self.boundary)
        wide = padded(image, axes, pad, self.boundary)
        [(highest, spectrum)] = bands_of(wide, axes, self.wavelet, [self.level])
        return Band(spectrum, wide.shape, highest), pad
