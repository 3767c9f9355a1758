"""WindowIntensity: the part of the CT scale that a radiologist looks at."""

import numpy as np

from radlearn._validation import check_choice, check_number
from radlearn.base import CohortTransformer

CT_WINDOWS = {
    "brain": (40, 80),
    "subdural": (75, 215),
    "stroke": (40, 40),
    "bone": (400, 1800),
    "lung": (-600, 1500),
    "mediastinum": (50, 350),
    "abdomen": (50, 400),
    "liver": (30, 150),
}
"""Center and width in HU; where the source gives a range, its middle.

Radiopaedia, "Windowing (CT)", doi:10.53347/rID-52108.
"""


class WindowIntensity(CohortTransformer):
    r"""Clip intensities to a window and scale them to the range from 0 to 1.

    .. math:: \min(\max((I - c) / w + 0.5,\ 0),\ 1)

    with the center c and the width w. Descriptors and networks see more of a tissue in its window; radiomics should see
    the intensities themselves, clipped by `ClipIntensity` or re-segmented.

    Parameters
    ----------
    window : {"brain", "subdural", "stroke", "bone", "lung", "mediastinum", "abdomen", "liver"}, optional
        A common window of CT.
    center, width : float, optional
        Another window, in the unit of the image (HU for CT); both instead of `window`.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    References
    ----------
    DICOM PS3.3, C.11.2.1.3.2, VOI LUT function LINEAR_EXACT. `radlearn.preprocessing.window.CT_WINDOWS` lists the
    centers and widths.

    Examples
    --------
    >>> import numpy as np
    >>> hounsfield = np.array([[-1000.0, 0.0, 20.0, 40.0, 80.0, 1000.0]])
    >>> WindowIntensity(window="brain").fit_transform([hounsfield])[0].load().image.tolist()
    [[0.0, 0.0, 0.25, 0.5, 1.0, 1.0]]
    """

    def __init__(self, *, window=None, center=None, width=None, image_shape=None):
        self.window = window
        self.center = center
        self.width = width
        self.image_shape = image_shape

    def _check_parameters(self):
        check_choice("window", self.window, CT_WINDOWS, optional=True)
        check_number("center", self.center, optional=True)
        check_number("width", self.width, above=0, optional=True)
        given = [value is not None for value in (self.center, self.width)]
        if given != [self.window is None] * 2:
            raise ValueError(
                f"window={self.window!r}, center={self.center} and width={self.width} name no window, or two; "
                'give window="brain", for instance, or both center and width'
            )

    def _transform_volume(self, volume):
        center, width = (self.center, self.width) if self.window is None else CT_WINDOWS[self.window]
        return volume.but(image=np.clip((volume.image - float(center)) / float(width) + 0.5, 0.0, 1.0))
