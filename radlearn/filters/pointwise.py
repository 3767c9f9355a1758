"""Filters that change each intensity by itself, to the range of the image: square, root, logarithm, exponential."""

import numpy as np

from radlearn.filters.base import ImageFilter


class PointwiseFilter(ImageFilter):
    """Base of the filters of single intensities; a subclass writes `_changed` and names its `prefix`.

    Parameters
    ----------
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.
    """

    _version = 2

    def __init__(self, *, image_shape=None):
        self.image_shape = image_shape

    def filtered(self, image, spacing, box=None):  # noqa: ARG002 - the spacing does not matter
        """Response to an image, or to a box in it; the largest intensity is that of the whole image.

        Parameters
        ----------
        image : ndarray of shape (z, y, x) or (y, x)
        spacing : ignored
        box : tuple of slices, optional
            Where the response is wanted. Default: the image.

        Yields
        ------
        prefix : str
            Name of the response.
        response : ndarray of the shape of the box
            Of single precision where the image is, else of double precision. NaN where the image is NaN or infinite.
        """
        part = image[box or ...].astype(float)
        dtype = np.float32 if image.dtype == np.float32 else float
        largest = max(abs(float(extreme(image, where=np.isfinite(image), initial=0))) for extreme in (np.min, np.max))
        response = self._changed(np.where(np.isfinite(part), part, np.nan), largest)
        yield self.prefix, response.astype(dtype, copy=False)

    def _prefixes(self, ndim):  # noqa: ARG002 - the same for all images
        return [self.prefix]

    def _changed(self, x, largest):
        """Intensities `x` after the filter; `largest` is the largest magnitude in the image."""
        raise NotImplementedError


class Square(PointwiseFilter):
    r"""Squared intensities, scaled so that the largest magnitude stays what it is.

    .. math:: f(x) = \frac{x^2}{\max |x|}

    An image of zeros stays as it is.

    Parameters
    ----------
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    References
    ----------
    PyRadiomics, image type ``Square``.

    Examples
    --------
    >>> print(Square().fit_transform([np.array([[-4.0, 2.0]])])[0].load().image)
    [[4. 1.]]
    """

    prefix = "square"

    def _changed(self, x, largest):
        return x**2 / (largest or 1.0)


class SquareRoot(PointwiseFilter):
    r"""Roots of the magnitudes with the sign of the intensities, scaled so that the largest magnitude stays.

    .. math:: f(x) = \operatorname{sign}(x) \sqrt{|x| \max |x|}

    Parameters
    ----------
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    References
    ----------
    PyRadiomics, image type ``SquareRoot``.

    Examples
    --------
    >>> print(SquareRoot().fit_transform([np.array([[-4.0, 1.0]])])[0].load().image)
    [[-4.  2.]]
    """

    prefix = "squareroot"

    def _changed(self, x, largest):
        return np.sign(x) * np.sqrt(np.abs(x) * largest)


class Logarithm(PointwiseFilter):
    r"""Logarithms of the magnitudes with the sign of the intensities, scaled so that the largest magnitude stays.

    .. math:: f(x) = \operatorname{sign}(x) \log(1 + |x|) \frac{\max |x|}{\log(1 + \max |x|)}

    An image of zeros stays as it is.

    Parameters
    ----------
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    References
    ----------
    PyRadiomics, image type ``Logarithm``.

    Examples
    --------
    >>> print(Logarithm().fit_transform([np.array([[-3.0, 1.0]])])[0].load().image)
    [[-3.   1.5]]
    """

    prefix = "logarithm"

    def _changed(self, x, largest):
        return np.sign(x) * np.log1p(np.abs(x)) * (largest / (np.log1p(largest) or 1.0))


class Exponential(PointwiseFilter):
    r"""Exponentials of the intensities, scaled so that one as large as the largest magnitude stays what it is.

    .. math:: f(x) = e^{c x}, \quad c = \frac{\log \max |x|}{\max |x|}

    An image of zeros becomes one of ones.

    Parameters
    ----------
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    References
    ----------
    PyRadiomics, image type ``Exponential``.

    Examples
    --------
    >>> print(Exponential().fit_transform([np.array([[4.0, 2.0, 0.0]])])[0].load().image)
    [[4. 2. 1.]]
    """

    prefix = "exponential"

    def _changed(self, x, largest):
        return np.exp(x * (np.log(largest) / largest if largest else 0.0))
