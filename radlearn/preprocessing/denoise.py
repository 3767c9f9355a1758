"""Denoise: less noise, by one of seven methods."""

import warnings

import numpy as np
from scipy import ndimage

from radlearn._known import on_known
from radlearn._quiet import quiet
from radlearn._single_slice import without_single_axes
from radlearn._validation import check_choice, check_number
from radlearn.base import CohortTransformer
from radlearn.exceptions import RadlearnWarning
from radlearn.preprocessing._itk import filtered, load_itk


class Denoise(CohortTransformer):
    """Reduce the noise of the image; all methods but ``"gaussian"`` preserve edges.

    =============== ============================================================================ ==============
    method          what it does                                                                 uses
    =============== ============================================================================ ==============
    ``median``      median of a box that reaches `scale` to each side; against single outliers   `scale`
    ``gaussian``    mean with the weights of a Gaussian of standard deviation `scale`            `scale`
    ``bilateral``   the same, but intensities count less the more they differ (Gaussian of       `scale`,
                    twice the noise times `strength`)                                            `strength`
    ``nlm``         non-local means: mean of places with a similar neighborhood                  `strength`
    ``tv``          total variation: few, sharp edges                                            `strength`
    ``wavelet``     small wavelet coefficients shrink                                            `strength`
    ``anisotropic`` diffusion that stops at edges, which are `strength` times as steep as the    `strength`,
                    image is on average                                                          `n_iterations`
    =============== ============================================================================ ==============

    ``bilateral`` and ``anisotropic`` need SimpleITK (extra ``itk``).

    Parameters
    ----------
    method : {"median", "gaussian", "bilateral", "nlm", "tv", "wavelet", "anisotropic"}, default="median"
        See the table.
    scale : float, default=1.0
        How far the smoothing reaches, in mm, along all axes alike: thick slices are smoothed less across than within.
    strength : float, default=1.0
        Larger values smooth more.
    noise : float, optional
        Standard deviation of the noise, in the unit of the image. Default: estimated from the finest wavelet
        coefficients of each image.
    n_iterations : int, default=5
        Steps of ``"anisotropic"``; each reaches as far as the finest spacing.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Warns
    -----
    RadlearnWarning
        When a case is loaded of which the median reaches no neighbor, since `scale` is no more than half of a voxel
        along all axes: its image stays as it is.

    Notes
    -----
    Masks stay as they are. NaN and infinity stay, too, and count as the nearest finite intensity. An image in which no
    noise is found is left as it is by the methods that use it, which take a volume of one slice for an image. Non-local
    means compares patches of 5 x 5 pixels up to 6 pixels away, in 3-D of 3 x 3 x 3 voxels up to 4 away.

    References
    ----------
    `skimage.restoration`: Buades (2005) for non-local means, Chambolle (2004) for total variation, Chang (2000) for
    BayesShrink, Donoho and Johnstone (1994) for the estimate of the noise. Perona P, Malik J. Scale-space and edge
    detection using anisotropic diffusion. IEEE Trans Pattern Anal Mach Intell 1990;12:629-39.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.full((5, 5), 7.0)
    >>> image[2, 2] = 255
    >>> print((Denoise(method="median").fit_transform([image])[0].load().image == 7).all())
    True
    """

    _version = 2

    def __init__(self, *, method="median", scale=1.0, strength=1.0, noise=None, n_iterations=5, image_shape=None):
        self.method = method
        self.scale = scale
        self.strength = strength
        self.noise = noise
        self.n_iterations = n_iterations
        self.image_shape = image_shape

    def _check_parameters(self):
        check_choice("method", self.method, _METHODS)
        check_number("scale", self.scale, above=0, hint="scale is in mm")
        check_number("strength", self.strength, above=0)
        check_number("noise", self.noise, above=0, optional=True, hint="None estimates it")
        check_number("n_iterations", self.n_iterations, at_least=1, integer=True)

    def _transform_volume(self, volume):
        return volume.but(image=on_known(volume.image, lambda image: self._denoised(image, volume.spacing)))

    def _denoised(self, image, spacing):
        if self.method in _BY_SCALE:
            return _BY_SCALE[self.method](image, [self.scale / mm for mm in spacing])
        if self.method == "anisotropic":
            return _anisotropic(image, spacing, self.strength, self.n_iterations)
        flat = without_single_axes(image)  # there is no noise to find along a single voxel
        noise = _noise(flat) if self.noise is None else self.noise
        if noise == 0:
            return image
        if self.method == "bilateral":
            return _bilateral(image, spacing, self.scale, 2 * self.strength * noise)
        return _BY_NOISE[self.method](flat, noise, self.strength).reshape(image.shape)


def _median(image, reach):
    if not any(map(round, reach)):
        message = f"a median over {max(reach):.2g} voxels reaches no neighbor: the image stays as it is; raise scale"
        warnings.warn(message, RadlearnWarning, stacklevel=4)
    return ndimage.median_filter(image, [2 * round(voxels) + 1 for voxels in reach], mode="nearest")


def _gaussian(image, sigma):
    return ndimage.gaussian_filter(image, sigma, mode="nearest")


def _nlm(image, noise, strength):
    from skimage.restoration import denoise_nl_means  # noqa: PLC0415 - scikit-image is slow to import

    patch, distance = {2: (5, 6), 3: (3, 4)}[image.ndim]
    # The documentation of scikit-image recommends 0.8 for this fast version, where the noise is known.
    return denoise_nl_means(image, patch, distance, h=0.8 * strength * noise, sigma=noise).reshape(image.shape)


def _tv(image, noise, strength):
    from skimage.restoration import denoise_tv_chambolle  # noqa: PLC0415 - as above

    return denoise_tv_chambolle(image, strength * noise)


def _wavelet(image, noise, strength):
    from skimage.restoration import denoise_wavelet  # noqa: PLC0415 - as above

    with quiet():  # PyWavelets finds small images too small to have no border
        return denoise_wavelet(image, strength * noise)


_BY_SCALE = {"median": _median, "gaussian": _gaussian}
_BY_NOISE = {"nlm": _nlm, "tv": _tv, "wavelet": _wavelet}
_METHODS = (*_BY_SCALE, "bilateral", *_BY_NOISE, "anisotropic")


def _bilateral(image, spacing, scale, contrast):
    sitk = load_itk('Denoise(method="bilateral")')
    bilateral = sitk.BilateralImageFilter()
    bilateral.SetDomainSigma(float(scale))
    bilateral.SetRangeSigma(float(contrast))
    return filtered(sitk, bilateral, image, spacing)


def _anisotropic(image, spacing, conductance, n_iterations):
    sitk = load_itk('Denoise(method="anisotropic")')
    diffusion = sitk.GradientAnisotropicDiffusionImageFilter()
    diffusion.SetTimeStep(1 / 2 ** (image.ndim + 1))  # the largest one that is stable where the finest spacing is 1
    diffusion.SetConductanceParameter(float(conductance))
    diffusion.SetNumberOfIterations(int(n_iterations))
    return filtered(sitk, diffusion, image, [mm / min(spacing) for mm in spacing])


def _noise(image):
    """Standard deviation of the noise; 0 where all is smooth."""
    from skimage.restoration import estimate_sigma  # noqa: PLC0415 - as above

    if image.min() == image.max():
        return 0.0
    with quiet():  # a few pixels in a row are taken for colors, and a small image may have no fine coefficient
        return float(np.nan_to_num(estimate_sigma(image)))
