"""Connected parts of a region, each as a region of its own."""

import numpy as np
from scipy import ndimage

from radlearn._bounding_box import box_in_image
from radlearn.radiomics._gaps import box_of_region


def components(volume):
    """Volumes whose mask is one connected part each, the largest first; parts of one size in the order of their voxels.

    Parameters
    ----------
    volume : Volume
        Voxels that touch at a corner are connected.

    Returns
    -------
    volumes : iterator of (str, Volume)
        ``":1"`` with the largest part, and so on; the image is the same, and both masks are those of the part.

    Raises
    ------
    MaskError
        If the mask is empty.
    """
    whole = box_of_region(volume.region)
    numbers, n_parts = ndimage.label(volume.region[whole], np.ones((3,) * volume.ndim))
    sizes = np.bincount(numbers.ravel(), minlength=n_parts + 1)[1:]
    largest_first = np.argsort(-sizes, kind="stable") + 1
    boxes = ndimage.find_objects(numbers)
    return (
        (f":{rank}", _only(volume, box_in_image(boxes[number - 1], whole), numbers[boxes[number - 1]] == number))
        for rank, number in enumerate(largest_first, start=1)
    )


def _only(volume, box, part):
    """The volume with `part`, which lies in `box`, as its region."""
    mask = np.zeros(volume.shape, bool)
    mask[box] = part
    if volume.intensity_mask is volume.mask:
        return volume.but(mask=mask)
    intensity_mask = np.zeros(volume.shape, bool)
    intensity_mask[box] = part & volume.intensity_mask[box]
    return volume.but(mask=mask, intensity_mask=intensity_mask)
