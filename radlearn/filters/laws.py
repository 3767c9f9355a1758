"""LawsKernels: levels, edges, spots, waves and ripples along each axis."""

import re
from collections.abc import Sequence

import numpy as np

from radlearn._validation import check_choice, check_flag, check_number, check_texts
from radlearn.exceptions import GeometryError
from radlearn.filters._rotations import POOLINGS, pooled
from radlearn.filters.base import ImageFilter
from radlearn.filters.separable import (
    box_mean,
    centered,
    check_boundary,
    convolved,
    filtered_axes,
    product_convolved,
    support_along,
)

WEIGHTS = {
    "L3": (1, 2, 1),
    "E3": (-1, 0, 1),
    "S3": (-1, 2, -1),
    "L5": (1, 4, 6, 4, 1),
    "E5": (-1, -2, 0, 2, 1),
    "S5": (-1, 0, 2, 0, -1),
    "W5": (-1, 2, 0, -2, 1),
    "R5": (1, -4, 6, -4, 1),
}
TAPS = {name: centered(np.divide(weights, np.linalg.norm(weights))) for name, weights in WEIGHTS.items()}
# Whether a kernel that is turned around is the same, or its negative.
PARITY = {name: 1 if weights == weights[::-1] else -1 for name, weights in WEIGHTS.items()}


class LawsKernels(ImageFilter):
    """Product of one-dimensional kernels after Laws, and on request the energy of the response.

    The kernels are level (L), edge (E), spot (S), wave (W) and ripple (R), of 3 or 5 voxels, with a norm of one.

    Parameters
    ----------
    kernels : str or sequence of str, default="L5E5E5"
        A kernel for each axis, the first along x; two for images and with `slice_wise`. Each of several has its own
        response.
    rotation_invariant : bool, default=False
        Whether the responses in all orientations by right angles are pooled into one.
    pooling : {"max", "average"}, default="max"
        How they are pooled; ignored without `rotation_invariant`. E and W change their sign when they are reversed: in
        an average, the responses of most products with them, such as ``"L5E5E5"``, cancel out to zero.
    energy_distance : int, optional
        The response is the mean of the absolute response up to this many voxels away along each axis, the texture
        energy. Default: the response itself.
    slice_wise : bool, default=False
        Whether to filter each slice ``(y, x)`` by itself.
    boundary : {"mirror", "nearest", "zero", "periodic"}, default="mirror"
        What lies beyond the image, see `MeanFilter`.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    GeometryError
        If the number of kernels is not that of the axes.

    References
    ----------
    Image Biomarker Standardisation Initiative, Laws kernels (JTXT).

    Examples
    --------
    >>> slope = np.arange(12.0).reshape(3, 4)
    >>> print(LawsKernels(kernels="E3L3").fit_transform([slope])[0].load().image[1].round(2))
    [-1.15 -2.31 -2.31 -1.15]
    """

    _version = 2

    def __init__(
        self,
        *,
        kernels: str | Sequence[str] = "L5E5E5",
        rotation_invariant=False,
        pooling="max",
        energy_distance=None,
        slice_wise=False,
        boundary="mirror",
        image_shape=None,
    ):
        self.kernels = kernels
        self.rotation_invariant = rotation_invariant
        self.pooling = pooling
        self.energy_distance = energy_distance
        self.slice_wise = slice_wise
        self.boundary = boundary
        self.image_shape = image_shape

    def _check_parameters(self):
        self._products()
        check_choice("pooling", self.pooling, POOLINGS)
        check_number("energy_distance", self.energy_distance, at_least=0, integer=True, optional=True)
        for name in ("rotation_invariant", "slice_wise"):
            check_flag(name, getattr(self, name))
        check_boundary(self.boundary)

    def _products(self):
        """Names of the kernels of each response, in the order of the axes ``(z, y, x)``."""
        products = {}
        for text in check_texts("kernels", self.kernels, "L5E5E5"):
            names = re.findall("[A-Z][0-9]", str(text))
            if "".join(names) != text or len(names) not in (2, 3) or not set(names) <= WEIGHTS.keys():
                raise ValueError(
                    f"kernels must be two or three of {', '.join(WEIGHTS)}, such as 'L5E5E5', got {text!r}"
                )
            products[text] = names[::-1]
        return products

    def _prefixes(self, ndim):
        n_axes = len(filtered_axes(ndim, self.slice_wise))
        for text, names in self._products().items():
            if len(names) != n_axes:
                raise GeometryError(
                    f"kernels={text!r} names {len(names)} kernels, but {n_axes} axes are filtered",
                    "name one kernel per axis, or change slice_wise",
                )
        ending = "" if self.energy_distance is None else "_energy"
        return [f"laws_{text.lower()}{ending}" for text in self._products()]

    def _support(self, spacing):
        ndim = len(spacing)
        longest = max(len(WEIGHTS[name]) for names in self._products().values() for name in names)
        return support_along(filtered_axes(ndim, self.slice_wise), ndim, longest // 2 + (self.energy_distance or 0))

    def _responses(self, image, spacing):
        axes = filtered_axes(len(spacing), self.slice_wise)
        for names in self._products().values():
            if self.rotation_invariant:
                response = pooled(image, axes, names, self._along, self.pooling, PARITY)
            else:
                response = product_convolved(image, [TAPS[name] for name in names], axes, self.boundary)
            if self.energy_distance is not None:
                response = box_mean(np.abs(response), 2 * self.energy_distance + 1, axes, self.boundary)
            yield response

    def _along(self, image, axis, name, flip=False):  # noqa: ARG002 - a turned kernel is known by its parity
        return convolved(image, TAPS[name], axis, self.boundary)
