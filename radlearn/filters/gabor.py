"""GaborFilter: waves of a given length and direction in the slices."""

from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
from scipy import fft

from radlearn._validation import check_choice, check_flag, check_number
from radlearn.exceptions import GeometryError
from radlearn.filters import _kernels
from radlearn.filters._rotations import POOLINGS
from radlearn.filters.base import TOO_WIDE, ImageFilter
from radlearn.filters.separable import check_boundary, extended, sources_along

# More than this many standard deviations from its center, a Gaussian is below 3e-7 of its height.
REACH = 5.5

# A kernel that reaches further than this many voxels has its sigma in a wrong unit, and would need huge padded slices.
MAX_REACH = 2**11
# A kernel narrower than this, in voxels, has its sigma in a wrong unit as well, and would need thousands of periods.
NARROWEST = 0.01

# So many values are transformed at a time: they stay in the fast memory of a processor.
CHUNK = 2**17


class GaborFilter(ImageFilter):
    r"""Modulus of the response to a complex wave under a Gaussian, in each slice.

    .. math:: h(x, y) = e^{-(u^2 + \gamma^2 v^2) / 2\sigma^2}\, e^{2 \pi i u / \lambda}, \quad
        u = x \cos\theta + y \sin\theta, \quad v = -x \sin\theta + y \cos\theta

    with x and y in mm.

    Parameters
    ----------
    sigma : float, default=4.0
        Standard deviation of the Gaussian along the wave, in mm.
    wavelength : float, default=4.0
        Length :math:`\lambda` of the wave in mm.
    gamma : float, default=1.0
        How many times narrower the Gaussian is across the wave.
    theta_deg : float, default=0.0
        Direction of the wave in degrees, from the x axis to the y axis.
    theta_step_deg : float, optional
        Pool the responses of all directions in steps of this angle in degrees, which must divide 360, instead of
        using `theta_deg`.
    pooling : {"average", "max"}, default="average"
        How they are pooled; ignored without `theta_step_deg`.
    orthogonal_planes : bool, default=False
        Whether the response of a volume is the average over the slices along each of its axes. In these, the first and
        the second of the two axes, in the order x, y, z, take the places of x and y.
    boundary : {"mirror", "nearest", "zero", "periodic"}, default="mirror"
        What lies beyond the image, see `MeanFilter`.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    References
    ----------
    Image Biomarker Standardisation Initiative, Gabor filter (Q88H).

    Examples
    --------
    >>> waves = np.cos(2 * np.pi * np.arange(64) / 4) * np.ones((64, 1))
    >>> for theta in (0, 90):
    ...     response = GaborFilter(theta_deg=theta).fit_transform([waves])[0].load().image
    ...     print(response[32, 32].round(3))
    50.265
    0.0
    """

    def __init__(
        self,
        *,
        sigma=4.0,
        wavelength=4.0,
        gamma=1.0,
        theta_deg=0.0,
        theta_step_deg=None,
        pooling="average",
        orthogonal_planes=False,
        boundary="mirror",
        image_shape=None,
    ):
        self.sigma = sigma
        self.wavelength = wavelength
        self.gamma = gamma
        self.theta_deg = theta_deg
        self.theta_step_deg = theta_step_deg
        self.pooling = pooling
        self.orthogonal_planes = orthogonal_planes
        self.boundary = boundary
        self.image_shape = image_shape

    def _check_parameters(self):
        for name in ("sigma", "wavelength"):
            check_number(name, getattr(self, name), above=0, hint=f"{name} is in mm")
        check_number("gamma", self.gamma, above=0)
        check_number("theta_deg", self.theta_deg)
        check_number("theta_step_deg", self.theta_step_deg, above=0, at_most=360, optional=True)
        if self.theta_step_deg and abs(360 / self.theta_step_deg - round(360 / self.theta_step_deg)) > 1e-9:
            raise ValueError(f"theta_step_deg must divide 360, such as 22.5 or 45, got {self.theta_step_deg}")
        check_choice("pooling", self.pooling, POOLINGS)
        check_flag("orthogonal_planes", self.orthogonal_planes)
        check_boundary(self.boundary)

    def _prefixes(self, ndim):  # noqa: ARG002 - the same for all images
        name = f"gabor_sigma_{self.sigma:g}mm_wavelength_{self.wavelength:g}mm_gamma_{self.gamma:g}"
        return [name if self.theta_step_deg else f"{name}_theta_{self.theta_deg:g}"]

    def _support(self, spacing):
        n_axes = len(spacing) if self.orthogonal_planes else 2
        if (narrowest := self.sigma / max(1, self.gamma) / max(spacing[-n_axes:])) < NARROWEST:
            raise GeometryError(
                f"the kernel of GaborFilter is {narrowest:.2g} voxels wide, less than {NARROWEST}",
                f"choose a sigma larger than {self.sigma:g}, or a gamma nearer to 1; sigma is in mm",
            )
        steps = [np.inf] * (len(spacing) - n_axes) + list(spacing[-n_axes:])
        reach = self._reach(steps)
        if max(reach) > MAX_REACH:
            raise GeometryError(
                f"the kernel of GaborFilter reaches {max(reach):,} voxels to each side, more than {MAX_REACH:,}",
                f"choose a sigma smaller than {self.sigma:g}, or a gamma nearer to 1; sigma is in mm",
            )
        return reach

    def _reach(self, spacing):
        """Voxels from the center of the kernel to its end, along each axis."""
        reach = REACH * self.sigma * max(1, 1 / self.gamma)
        return tuple(int(min(np.ceil(reach / step), TOO_WIDE)) for step in spacing)

    def _responses(self, image, spacing):
        volume = image.reshape((-1, *image.shape[-2:]))
        total = np.zeros(volume.shape, image.dtype)
        normals = range(image.ndim) if self.orthogonal_planes and image.ndim == 3 else [0]
        for normal in normals:
            in_plane = np.delete(spacing, normal) if image.ndim == 3 else spacing
            total += np.moveaxis(self._in_slices(np.moveaxis(volume, normal, 0), in_plane), 0, normal)
        total /= len(normals)
        yield total.reshape(image.shape)

    def _in_slices(self, slices, spacing):
        """Pooled moduli in each slice."""
        reach = self._reach(spacing)
        shape = [fft.next_fast_len(n + 2 * margin) for n, margin in zip(slices.shape[1:], reach, strict=True)]
        sources = [
            sources_along(n, margin, size - n - margin, self.boundary)
            for n, margin, size in zip(slices.shape[1:], reach, shape, strict=True)
        ]
        kernels = [
            _transfer(*shape, *spacing, self.sigma, self.wavelength, self.gamma, theta, slices.dtype)
            for theta in self._thetas()
        ]
        total = np.zeros(slices.shape, slices.dtype)
        is_max = self.pooling == "max"
        n_slices = max(1, CHUNK // np.prod(shape))
        for start in range(0, len(slices), n_slices):
            part = slice(start, start + n_slices)
            for response in _responses(slices[part], sources, kernels, reach[0]):
                _kernels.pool_moduli(response, reach[1], is_max, total[part])
        if not is_max:
            total /= len(kernels)
        return total

    def _thetas(self):
        """Directions in radians; those that are opposite have the same modulus."""
        degrees = np.array([self.theta_deg])
        if self.theta_step_deg:
            degrees = np.arange(round(360 / self.theta_step_deg)) * self.theta_step_deg
        return np.deg2rad(np.unique(((degrees + 90) % 180).round(9)) - 90)


class Transfer(NamedTuple):
    """The transform of a kernel where it is not next to zero: columns from `first` on, which may be below zero."""

    first: int
    values: np.ndarray


@lru_cache(maxsize=64)
def _transfer(n_y, n_x, step_y, step_x, sigma, wavelength, gamma, theta, dtype):
    """Transform of the kernel for images of n_y x n_x pixels; it is real."""
    cosine, sine = np.cos(theta), np.sin(theta)
    values = np.zeros((n_y, n_x))
    # The transform of samples is periodic: each frequency takes in those that lie whole periods away.
    width = REACH * max(1, gamma) / (2 * np.pi * sigma)
    periods = [_periods(step, middle / wavelength, width) for step, middle in ((step_y, sine), (step_x, cosine))]
    for period_y, period_x in product(*periods):
        f_y = (fft.fftfreq(n_y)[:, np.newaxis] + period_y) / step_y
        f_x = (fft.fftfreq(n_x) + period_x) / step_x
        along = cosine * f_x + sine * f_y - 1 / wavelength
        across = cosine * f_y - sine * f_x
        values += np.exp(-2 * (np.pi * sigma) ** 2 * (along**2 + (across / gamma) ** 2))
    middle = round(cosine * step_x / wavelength * n_x)
    columns = np.arange(n_x) - n_x // 2 + middle
    values = values[:, columns % n_x]
    kept = np.flatnonzero(values.max(axis=0) > np.exp(-(REACH**2) / 2))
    kept = slice(kept[0], kept[-1] + 1)
    scale = 2 * np.pi * sigma**2 / gamma / (step_y * step_x) / (n_y * n_x)
    return Transfer(columns[kept.start], (values[:, kept] * scale).astype(dtype))


def _periods(step, middle, width):
    """Periods of sampling, `step` mm apart, in which a band of frequencies (1/mm) around its middle lies."""
    return range(round((middle - width) * step), round((middle + width) * step) + 1)


def _responses(slices, sources, kernels, top):
    """Complex responses of some slices to each kernel, but for a phase, with what lies beside them."""
    n_rows, n_x = slices.shape[1], sources[1].size
    first = min(kernel.first for kernel in kernels)
    last = max(kernel.first + kernel.values.shape[1] for kernel in kernels)
    # Rows first: those beyond the slice are copies, so that they need no transform of their own.
    rows = fft.fft(extended(slices, 2, sources[1]), axis=2)[:, :, np.arange(first, last) % n_x]
    spectrum = fft.fft(extended(rows, 1, sources[0]), axis=1, overwrite_x=True)
    for start, values in kernels:
        n_columns = values.shape[1]
        filtered = spectrum[:, :, start - first : start - first + n_columns] * values
        filtered = fft.ifft(filtered, axis=1, norm="forward", overwrite_x=True)
        # A shift of all frequencies changes phases, not moduli.
        response = np.zeros((len(slices), n_rows, n_x), spectrum.dtype)
        response[:, :, :n_columns] = filtered[:, top : top + n_rows]
        yield fft.ifft(response, axis=2, norm="forward", overwrite_x=True)
