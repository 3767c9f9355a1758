"""ImageFilter: what all filters share, above all filtering no more of an image than a region needs."""

import numpy as np

from radlearn._bounding_box import box_within
from radlearn._known import nearest_known
from radlearn.base import CohortTransformer
from radlearn.exceptions import GeometryError, RadlearnError

# Responses to larger intensities may overflow; padding may be as large as 3e38.
LARGEST = {np.dtype(np.float32): 1e30, np.dtype(float): 1e75}

# A kernel that reaches further than this many voxels has its length in a wrong unit.
MAX_REACH = 2**16

# Wider than all that is allowed, and still a whole number.
TOO_WIDE = 10**15


class ImageFilter(CohortTransformer):
    """Base of the filters: steps that replace the image by a response.

    A subclass stores its parameters (among them ``image_shape=None``) in ``__init__``, checks them in
    ``_check_parameters``, and writes

    - ``_prefixes(ndim)``: names of its responses to an image of `ndim` dimensions, which depend on parameters only;
    - ``_responses(image, spacing)``: an iterator over these responses to a float32 or float64 image, of its shape;
    - ``_support(spacing)``, if not all of the image counts for a voxel of a response: how many voxels away, along each
      axis, a voxel still does.

    `filtered` gives all responses of a filter; as a step of a pipeline it must have one.

    Examples
    --------
    >>> class Invert(ImageFilter):
    ...     def __init__(self, *, image_shape=None):
    ...         self.image_shape = image_shape
    ...
    ...     def _prefixes(self, ndim):
    ...         return ["inverse"]
    ...
    ...     def _support(self, spacing):
    ...         return (0,) * len(spacing)
    ...
    ...     def _responses(self, image, spacing):
    ...         yield -image
    >>> [(prefix, response.tolist()) for prefix, response in Invert().filtered(np.eye(2), (1, 1))]
    [('inverse', [[-1.0, -0.0], [-0.0, -1.0]])]
    """

    def response_names(self, ndim):
        """Names of the responses, once the parameters are found to make sense.

        Parameters
        ----------
        ndim : {3, 2}

        Returns
        -------
        names : list of str

        Raises
        ------
        ValueError
            If a parameter is not valid, or not for images of `ndim` dimensions.
        """
        self._check_parameters()
        return list(self._prefixes(ndim))

    def filtered(self, image, spacing, box=None):
        """Responses to an image, or to a box in it.

        Parameters
        ----------
        image : ndarray of shape (z, y, x) or (y, x)
        spacing : tuple of float
            Distance of voxel centers in mm, in the order of the axes.
        box : tuple of slices, optional
            Where responses are wanted; what lies around the box is read, as far as it counts. Default: the image.

        Yields
        ------
        prefix : str
            Name of the response.
        response : ndarray of the shape of the box
            Of single precision where the image is, else of double precision. NaN where the image is NaN or infinite;
            for its neighbors, such a voxel has the nearest known value.

        Raises
        ------
        GeometryError
            If the filter is not for images of this dimension, or its kernel reaches further than 65,536 voxels.
        RadlearnError
            If an intensity that counts is finite, but larger than 1e30 (single precision) or 1e75 (double).
        """
        prefixes = self._prefixes(image.ndim)
        box = box or tuple(slice(0, length) for length in image.shape)
        wide, inner = self._surroundings(image.shape, spacing, box)
        part = image[wide]
        dtype, missing = np.dtype(part.dtype if part.dtype in (np.float32, np.float64) else float), None
        if not (np.isfinite(part.min()) and np.isfinite(part.max())):
            missing = ~np.isfinite(part[inner])
            part = _filled(image)[wide]
        if (largest := max(-float(part.min()), float(part.max()))) > LARGEST[dtype]:
            raise RadlearnError(
                f"{type(self).__name__} cannot filter intensities as large as {largest:.3g}",
                "replace padding by NaN, or clip the image in an earlier step",
            )
        # Of one layout, and not read-only, so that kernels are compiled once and not for every kind of array.
        part = np.require(part, dtype, ["C", "W"])
        for prefix, within in zip(prefixes, self._responses_within(part, spacing, inner), strict=True):
            yield prefix, within if missing is None else np.where(missing, within.dtype.type(np.nan), within)

    def _responses_within(self, image, spacing, box):
        """Responses in a box of an image; written by filters that need not compute what lies around it."""
        return (response[box] for response in self._responses(image, spacing))

    def _support(self, spacing):  # noqa: ARG002 - for filters that depend on it
        return None  # all of the image counts

    def _surroundings(self, shape, spacing, box):
        """What has to be filtered for a box, and where the box lies in it; both are tuples of slices."""
        support = self._support(spacing)
        if support is None:
            return tuple(slice(0, length) for length in shape), box
        if (farthest := max(support)) > MAX_REACH:
            raise GeometryError(
                f"the kernel of {type(self).__name__} reaches {farthest:,} voxels to each side, beyond {MAX_REACH:,}",
                "choose a smaller one; lengths are in mm unless they are said to be in voxels",
            )
        wide = []
        for length, along, reach in zip(shape, box, support, strict=True):
            start, stop = along.start - reach, along.stop + reach
            if getattr(self, "boundary", None) == "periodic" and (start < 0 or stop > length):
                start, stop = 0, length
            wide.append(slice(max(start, 0), min(stop, length)))
        return tuple(wide), box_within(box, wide)

    def _transform_volume(self, volume):
        prefixes = self._prefixes(volume.ndim)
        if len(prefixes) > 1:
            raise RadlearnError(
                f"{type(self).__name__} has {len(prefixes)} responses ({', '.join(prefixes)}), and a step gives one",
                "choose one of them by the parameters of the filter",
            )
        [(_, response)] = self.filtered(volume.image, volume.spacing)
        return volume.but(image=response.astype(volume.image.dtype))


def _filled(image):
    """The image with the nearest finite intensity in the place of NaN and infinity; 0 where there is none."""
    known = np.isfinite(image)
    return nearest_known(image, known) if known.any() else np.zeros_like(image)
