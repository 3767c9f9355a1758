"""How far the surfaces of two masks lie apart, in mm."""

import numpy as np
from scipy import ndimage

from radlearn._bounding_box import bounding_box
from radlearn._overlap import check_masks
from radlearn._validation import check_number
from radlearn.volume import check_spacing


def hausdorff(truth, found, spacing=None, *, percentile: float = 95):
    """Hausdorff distance of two masks: how far the surface of one lies, at worst, from that of the other.

    The distance from each voxel of either surface to the nearest voxel of the other surface is taken, then the
    percentile for each direction, and the larger of both.

    Parameters
    ----------
    truth, found : array-like of bool of shape (z, y, x) or (y, x)
        Masks on the same grid.
    spacing : tuple of float, optional
        Distance of voxel centers in mm, in the order of the axes. Default: 1 mm.
    percentile : float, default=95
        100 for the classical distance, which a single stray voxel decides.

    Returns
    -------
    distance : float
        In mm. 0 if both masks are empty, infinite if only one of them is.

    Raises
    ------
    MaskError
        If a mask holds fractions, such as probabilities, NaN, or several labels.
    GeometryError
        If the masks have different shapes, or the spacing does not fit them.

    Notes
    -----
    Surface voxels belong to the mask and have a face that does not touch it; where the image ends, the mask ends.

    References
    ----------
    Maier-Hein L et al. Metrics reloaded: recommendations for image analysis validation. Nat Methods 2024;21:195-212.

    Examples
    --------
    >>> hausdorff([[1, 1, 0, 0]], [[1, 1, 1, 1]], spacing=(1.0, 0.5), percentile=100)
    1.0
    """
    check_number("percentile", percentile, above=0, at_most=100)
    return hausdorff_and_mean(truth, found, spacing, percentile=percentile)[0]


def surface_distance(truth, found, spacing=None):
    """Average symmetric surface distance of two masks.

    The mean, over the voxels of both surfaces together, of the distance to the nearest voxel of the other surface.

    Parameters
    ----------
    truth, found : array-like of bool of shape (z, y, x) or (y, x)
        Masks on the same grid.
    spacing : tuple of float, optional
        Distance of voxel centers in mm, in the order of the axes. Default: 1 mm.

    Returns
    -------
    distance : float
        In mm. 0 if both masks are empty, infinite if only one of them is.

    Raises
    ------
    MaskError
        If a mask holds fractions, such as probabilities, NaN, or several labels.
    GeometryError
        If the masks have different shapes, or the spacing does not fit them.

    References
    ----------
    Heimann T et al. Comparison and evaluation of methods for liver segmentation from CT datasets. IEEE Trans Med
    Imaging 2009;28:1251-1265.

    Examples
    --------
    >>> surface_distance([[1, 1, 0, 0]], [[0, 1, 1, 0]])
    0.5
    """
    return hausdorff_and_mean(truth, found, spacing)[1]


def hausdorff_and_mean(truth, found, spacing=None, *, percentile=95):
    """`hausdorff` and `surface_distance` of two masks, in the time of one of them.

    Parameters
    ----------
    truth, found, spacing, percentile
        As for both of them.

    Returns
    -------
    hausdorff, surface_distance : float
        In mm.
    """
    truth, found = check_masks(truth, found)
    spacing = check_spacing(spacing, truth.ndim)
    if not truth.any() or not found.any():
        return (0.0, 0.0) if truth.any() == found.any() else (np.inf, np.inf)
    box = bounding_box(truth | found)
    surfaces = [mask[box] & ~ndimage.binary_erosion(mask[box]) for mask in (truth, found)]
    to_truth, to_found = (ndimage.distance_transform_edt(~surface, sampling=spacing) for surface in surfaces)
    directions = to_found[surfaces[0]], to_truth[surfaces[1]]
    worst = max(np.percentile(distances, percentile) for distances in directions)
    return float(worst), float(np.concatenate(directions).mean())
