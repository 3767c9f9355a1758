"""Structure sets (RTSTRUCT): regions as closed curves in the planes of slices."""

import numpy as np

from radlearn.exceptions import GeometryError
from radlearn.io.dicom.frames import TO_RADLEARN
from radlearn.volume import GRID_TOLERANCE_VOXELS

# Fraction of the distance between slices by which a curve may lie off its slice.
_TOLERANCE = 0.1
_CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")


class StructureSet:
    """Structures of a file.

    Parameters
    ----------
    source : FileSource
    header : pydicom.Dataset
        From `read_header`.

    Attributes
    ----------
    names : dict of int to str
        Names of the structures by their numbers.
    frames_of_reference : dict of int to str
        Identifier of the coordinates of each structure.
    """

    def __init__(self, source, header):
        self.source = source
        structures = {int(item.ROINumber): item for item in header.get("StructureSetROISequence") or []}
        self.names = {number: str(item.get("ROIName", "")) for number, item in structures.items()}
        self.frames_of_reference = {
            number: item.get("ReferencedFrameOfReferenceUID") for number, item in structures.items()
        }
        self._curves = {
            int(item.ReferencedROINumber): item.get("ContourSequence") or []
            for item in header.get("ROIContourSequence") or []
        }

    def region(self, number, image):
        """Region of a structure: the voxels whose centers lie inside its closed curves.

        A curve inside another curve of the same slice cuts out a hole, and a curve inside that hole is filled again
        (even-odd rule). Points and open curves enclose no area and are ignored. Corners next to the center of a pixel
        are moved onto it, so that no rounding decides on which side of a curve the center lies.

        Parameters
        ----------
        number : int
            Of the structure.
        image : ImageData
            A volume that knows where it lies.

        Returns
        -------
        region : ndarray of bool, of the shape of the image

        Raises
        ------
        GeometryError
            If a curve lies between slices, crosses them, or is outside the image.
        """
        if image.array.ndim == 2 or image.affine is None:
            raise self._misplaced("needs a volume that knows where it lies")
        region = np.zeros(image.array.shape, bool)
        to_voxels = np.linalg.inv(image.affine)
        for curve in self._curves.get(number, []):
            if curve.get("ContourGeometricType") not in _CLOSED:
                continue
            points = np.reshape(np.array(curve.ContourData, float), (-1, 3)) * TO_RADLEARN
            voxels = (np.column_stack([points, np.ones(len(points))]) @ to_voxels.T)[:, :3]
            z = round(float(voxels[:, 0].mean()))
            if np.abs(voxels[:, 0] - z).max() > _TOLERANCE:
                raise self._misplaced(f"has a curve across slices, or between them, near slice {z + 1}")
            if not 0 <= z < len(region):
                raise self._misplaced(f"has a curve at slice {z + 1} of an image of {len(region)}")
            # Many programs draw from center to center, in coordinates that they round.
            centers = np.round(voxels)
            voxels = np.where(np.abs(voxels - centers) < GRID_TOLERANCE_VOXELS, centers, voxels)
            region[z] ^= inside_polygon(voxels[:, 1:], region[z].shape)
        return region

    def _misplaced(self, what):
        return GeometryError(f"the structure set '{self.source.name}' {what}", "check that it was drawn on this series")


def inside_polygon(corners, shape):
    """Pixels whose centers lie inside a closed polygon, by the even-odd rule.

    From a center inside, a ray along x crosses the outline an odd number of times. An edge includes its upper end and
    not its lower one, and a center on the outline belongs to one of two neighbors, so that polygons that share an edge
    neither overlap nor leave a gap.

    Parameters
    ----------
    corners : ndarray of shape (n_corners, 2)
        In voxels (y, x); centers have whole numbers. The last corner joins the first. The outline may cross itself.
    shape : tuple of int
        Rows and columns.

    Returns
    -------
    inside : ndarray of bool

    Examples
    --------
    >>> print(inside_polygon(np.array([(0.5, 0.5), (0.5, 2.5), (2.5, 2.5), (2.5, 0.5)]), (3, 4)).astype(int))
    [[0 0 0 0]
     [0 1 1 0]
     [0 1 1 0]]
    """
    n_rows, n_columns = shape
    (y_1, x_1), (y_2, x_2) = corners.T, np.roll(corners, -1, axis=0).T
    # Each edge crosses the rows from its upper end to before its lower one.
    first, last = np.clip(np.ceil([np.minimum(y_1, y_2), np.maximum(y_1, y_2)]), 0, n_rows).astype(int)
    n_crossed = last - first
    edge = np.repeat(np.arange(len(corners)), n_crossed)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(n_crossed) - n_crossed - first, n_crossed)
    x = x_1[edge] + (row - y_1[edge]) * (x_2 - x_1)[edge] / (y_2 - y_1)[edge]
    top, bottom = first.min(), last.max()
    crossings = np.zeros((bottom - top, n_columns + 1), int)
    np.add.at(crossings, (row - top, np.clip(np.ceil(x), 0, n_columns).astype(int)), 1)
    inside = np.zeros(shape, bool)
    inside[top:bottom] = np.cumsum(crossings, axis=1)[:, :-1] % 2 == 1
    return inside
