"""The digital phantom of the Image Biomarker Standardisation Initiative."""

import numpy as np

from radlearn.case import Case
from radlearn.io import ArraySource

# A block per slice (z), a line per row (y); a minus sign marks the voxels outside the mask.
_VOXELS = """
1 4 4 1 1
1 4 6 1 1
4 1 6 4 1
4 4 6 4 1

1 4 4 1 1
1 1 6 1 1
-1 1 3 1 1
4 4 6 1 1

1 4 4 -1 -1
1 1 1 1 1
1 1 -9 1 1
1 1 6 1 1

1 4 4 -1 -1
1 1 1 1 1
1 1 1 1 1
1 1 6 1 1
"""


def load_ibsi_phantom():
    """Digital phantom of the IBSI, for which reference values of all standard features have been published.

    It has 4 x 4 x 5 voxels (z, y, x) of 2 mm with intensities 1, 3, 4, 6 and 9, and a mask of 74 voxels, without
    the brightest voxel and five at the border.

    Returns
    -------
    case : Case
        With the id ``"ibsi-digital-phantom"``.

    Notes
    -----
    Made by A. Zwanenburg for the IBSI; license CC BY 4.0.

    References
    ----------
    Zwanenburg A et al. The Image Biomarker Standardization Initiative: standardized quantitative radiomics for
    high-throughput image-based phenotyping. Radiology 2020;295:328-38. doi:10.1148/radiol.2020191145.

    Examples
    --------
    >>> volume = load_ibsi_phantom().load()
    >>> volume.shape, volume.spacing, int(volume.mask.sum())
    ((4, 4, 5), (2.0, 2.0, 2.0), 74)
    """
    voxels = np.array(_VOXELS.split(), np.int16).reshape(4, 4, 5)
    spacing = (2.0, 2.0, 2.0)
    return Case(
        ArraySource(np.abs(voxels), spacing),
        ArraySource((voxels > 0).astype(np.uint8), spacing),
        id="ibsi-digital-phantom",
    )
