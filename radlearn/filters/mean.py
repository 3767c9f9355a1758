"""MeanFilter: the average of what lies around a voxel."""

from radlearn._validation import check_flag, check_number
from radlearn.filters.base import ImageFilter
from radlearn.filters.separable import box_mean, check_boundary, filtered_axes, support_along


class MeanFilter(ImageFilter):
    """Average over a cube around each voxel.

    Parameters
    ----------
    support : int, default=3
        Edge of the cube in voxels, an odd number.
    slice_wise : bool, default=False
        Whether to average over squares in the slices ``(y, x)`` instead.
    boundary : {"mirror", "nearest", "zero", "periodic"}, default="mirror"
        What lies beyond the image: the image mirrored at its edge, with the voxel at the edge twice; that voxel; zero;
        or the opposite side.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    References
    ----------
    Image Biomarker Standardisation Initiative, mean filter (S60F).

    Examples
    --------
    >>> import numpy as np
    >>> print(MeanFilter(support=3).fit_transform([np.array([[0.0, 3.0, 6.0]])])[0].load().image)
    [[1. 3. 5.]]
    """

    _version = 2

    def __init__(self, *, support=3, slice_wise=False, boundary="mirror", image_shape=None):
        self.support = support
        self.slice_wise = slice_wise
        self.boundary = boundary
        self.image_shape = image_shape

    def _check_parameters(self):
        check_number("support", self.support, at_least=1, integer=True)
        if self.support % 2 == 0:
            raise ValueError(f"support must be odd, so that a voxel lies in the middle, got {self.support}")
        check_flag("slice_wise", self.slice_wise)
        check_boundary(self.boundary)

    def _prefixes(self, ndim):  # noqa: ARG002 - the same for all images
        return [f"mean_{self.support}"]

    def _support(self, spacing):
        ndim = len(spacing)
        return support_along(filtered_axes(ndim, self.slice_wise), ndim, self.support // 2)

    def _responses(self, image, spacing):
        axes = filtered_axes(len(spacing), self.slice_wise)
        yield box_mean(image, self.support, axes, self.boundary)
