"""RemoveBackground: the body alone, without table, labels and noise around it."""

import numpy as np
from scipy import ndimage

from radlearn._known import nearest_known
from radlearn._validation import check_choice, check_number
from radlearn.base import CohortTransformer
from radlearn.preprocessing.grid import SPACING_ERROR
from radlearn.preprocessing.region import THRESHOLDS, foreground

# Compression leaves burnt-in markers not quite at the highest intensity (part of the range), with a fringe (voxels).
_SATURATED = 0.05
_FRINGE = 2


class RemoveBackground(CohortTransformer):
    """Give everything outside the largest bright object one intensity, and erase burnt-in markers.

    The foreground is what is brighter than a threshold; its largest connected part, with its holes filled, is the body.
    Letters, rulers and tables that do not touch the body go with the background. Markers burnt into the border of an
    image that the body fills (letters of radiographs) are found by their color: they are about as bright as the
    brightest voxel and lie wholly in a strip along the border. They take the intensity of the nearest voxel around.

    Parameters
    ----------
    threshold : {"mean", "li", "otsu", "triangle"}, default="mean"
        How the threshold is found: the mean intensity, or a method of `skimage.filters`. ``"li"`` and ``"otsu"`` cut
        off more of the darker tissue; ``"triangle"`` keeps more, and sometimes the whole image.
    opening : float, default=0
        Bridges up to about twice this wide (mm), between the body and what touches it, are cut first.
    marker_strip : float, default=0
        Width of the strip that may hold markers, as a fraction of the shorter side of the image. 0 looks for none.
    fill_value : float, optional
        Intensity of the background. Default: the smallest one of the image.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Notes
    -----
    Meant for images with a dark background that takes up a good part of them (MR, CT, radiographs of limbs), and not
    for ultrasound, where dark is tissue. Masks stay as they are. NaN and infinity are background. Where all intensities
    are equal, nothing changes.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[9.0, 0, 0, 0, 0], [0, 0, 7, 8, 0], [1, 0, 8, 7, 0]])
    >>> RemoveBackground().fit_transform([image])[0].load().image.tolist()
    [[0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 7.0, 8.0, 0.0], [0.0, 0.0, 8.0, 7.0, 0.0]]
    """

    _version = 2

    def __init__(
        self, *, threshold="mean", opening: float = 0, marker_strip: float = 0, fill_value=None, image_shape=None
    ):
        self.threshold = threshold
        self.opening = opening
        self.marker_strip = marker_strip
        self.fill_value = fill_value
        self.image_shape = image_shape

    def _check_parameters(self):
        check_choice("threshold", self.threshold, THRESHOLDS)
        check_number("opening", self.opening, at_least=0, hint="opening is in mm")
        check_number(
            "marker_strip", self.marker_strip, at_least=0, below=0.5, hint="it is a part of the side of the image"
        )
        check_number("fill_value", self.fill_value, optional=True)

    def _transform_volume(self, volume):
        finite = volume.image[np.isfinite(volume.image)]
        if finite.size == 0 or finite.min() == finite.max():
            return volume
        image = self._without_markers(volume.image)
        body = _largest_part(foreground(image, self.threshold), self.opening, volume.spacing)
        fill_value = finite.min() if self.fill_value is None else self.fill_value
        return volume.but(image=np.where(body, image, fill_value).astype(image.dtype))

    def _without_markers(self, image):
        """The image with the surroundings in the place of saturated spots that lie wholly at the border."""
        strip = int(self.marker_strip * min(image.shape[-2:]))
        if strip == 0:
            return image
        inner = np.zeros(image.shape, bool)
        inner[..., strip:-strip, strip:-strip] = True
        finite = image[np.isfinite(image)]
        bright = image >= finite.max() - _SATURATED * np.ptp(finite)
        spots, n_spots = ndimage.label(bright, np.ones((3,) * image.ndim))
        reaching_in = np.unique(spots[inner])
        markers = np.isin(spots, np.setdiff1d(np.arange(1, n_spots + 1), reaching_in))
        if not markers.any():
            return image
        return nearest_known(image, ~ndimage.binary_dilation(markers, iterations=_FRINGE))


def _largest_part(mask, opening, spacing):
    """The largest connected part of a mask, its thin bridges cut at `opening` mm, its holes filled."""
    core = mask
    opening = opening * (1 + SPACING_ERROR)
    if opening:
        # Padded, since the edge of the image is an edge of what it shows; the body goes on beyond the outermost slices.
        margins = [(0, 0)] * (mask.ndim - 2) + [(1, 1), (1, 1)]
        core = ndimage.distance_transform_edt(np.pad(mask, margins), spacing)[..., 1:-1, 1:-1] > opening
    parts, n_parts = ndimage.label(core)
    if n_parts == 0:
        return mask
    core = parts == np.argmax(np.bincount(parts.ravel())[1:]) + 1
    if not opening:  # no part of a mask without holes has any
        return core
    return ndimage.binary_fill_holes(mask & (ndimage.distance_transform_edt(~core, spacing) <= opening))
