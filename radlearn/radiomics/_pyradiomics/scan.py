"""A case as PyRadiomics sees it: an image in the type of its file, a mask that may lie on a grid of its own."""

from typing import NamedTuple

import numpy as np

from radlearn._labels import MAX_LISTED, has_label
from radlearn._validation import listed
from radlearn.exceptions import GeometryError, MaskError
from radlearn.io import FileSource, read_mask

# What ITK tolerates: differences of origin and spacing in parts of the first spacing, of the directions as they are.
DEFAULT_TOLERANCE = 1e-6


class Grid(NamedTuple):
    """Where the voxels of an array lie."""

    shape: tuple[int, ...]
    spacing: tuple[float, ...]
    """In mm, in the order of the axes."""
    origin: np.ndarray
    """World coordinates of the first voxel, in mm."""
    directions: np.ndarray
    """Unit vectors of the axes as columns, in world coordinates."""

    def world(self, index):
        """World coordinates of an index, which may lie between voxels; both of shape (..., ndim)."""
        return np.asarray(index) * self.spacing @ self.directions.T + self.origin

    def index(self, world):
        """Index of a position, which may lie between voxels; both of shape (..., ndim)."""
        return (np.asarray(world) - self.origin) @ self.directions * (1 / np.asarray(self.spacing))

    def matches(self, other, tolerance):
        """Whether another grid is the same, as ITK judges it."""
        near = tolerance * self.spacing[-1]
        return (
            self.shape == other.shape
            and _are_near(self.origin, other.origin, near)
            and _are_near(self.spacing, other.spacing, near)
            and _are_near(self.directions, other.directions, tolerance)
        )


class Scan(NamedTuple):
    """Image and mask, each with its grid."""

    image: np.ndarray
    """float32 or float64; whole numbers as they are in the file, since few of a large image are computed with."""
    dtype: np.dtype
    """Type of the values in the file."""
    mask: np.ndarray
    """bool"""
    grid: Grid
    mask_grid: Grid
    names: tuple[str, str] = ("", "")
    """Files of the image and of the mask, for messages."""

    def grid_error(self):
        """What to raise where image and mask must share a grid, and do not."""
        image_file, mask_file = (f" ({name})" if name else "" for name in self.names)
        return GeometryError(
            f"image and mask lie on different grids: the image{image_file} has {_words(self.grid)}, "
            f"the mask{mask_file} {_words(self.mask_grid)}{self._distance()}",
            "set 'geometryTolerance' in the parameters where the difference is one of rounding, or 'correctMask'",
        )

    def _distance(self):
        """Words for the largest distance between the same corner of both grids; none where their shapes differ."""
        if self.grid.shape != self.mask_grid.shape:
            return ""
        corners = np.array(list(np.ndindex((2,) * len(self.grid.shape)))) * (np.array(self.grid.shape) - 1)
        apart = np.linalg.norm(self.grid.world(corners) - self.mask_grid.world(corners), axis=1).max()
        return f" (up to {apart:.3g} mm apart)"


def scan_of_case(case, parameters):
    """Read a case; pending steps are applied.

    Parameters
    ----------
    case : Case
        Its own label, or else that of the parameters, is the region; without a mask, all of the image is.
    parameters : Parameters

    Returns
    -------
    scan : Scan

    Raises
    ------
    RadlearnError
        If the case cannot be read, or its mask does not have the label, or holds fractions.
    """
    if case.pending or case.mask is None:
        volume = case.load()
        grid = _grid(volume.shape, volume.spacing, volume.affine)
        return Scan(_plain(volume.image), volume.image.dtype, _plain(volume.region), grid, grid)
    image = case.read_image()
    mask = read_mask(case.mask, image, label=case.mask_label, spacing=case.spacing)
    image_spacing = _spacing_in_itk(image, case.image, case.spacing)
    mask_spacing = _spacing_in_itk(mask, case.mask, case.spacing)
    affine = image.affine if mask.affine is not None else None
    mask_affine = mask.affine if image.affine is not None else None
    array = image.array if image.array.dtype != np.float16 else image.array.astype(np.float32)  # which ITK has not
    return Scan(
        _plain(array if array.dtype.kind in "iu" else to_float(array)),
        array.dtype,
        _plain(_labeled(case, mask.array, parameters.settings["label"])),
        _grid(image.array.shape, image_spacing or mask_spacing, affine),
        _grid(mask.array.shape, mask_spacing or image_spacing, mask_affine),
        (case.image.name, case.mask.name),
    )


def to_float(intensities):
    """Intensities in the precision that is computed with, and in C order, on which the last bits of sums depend.

    Parameters
    ----------
    intensities : ndarray

    Returns
    -------
    intensities : ndarray of float32 or float64
        Of single precision only where they were before.
    """
    return intensities.astype(np.float32 if intensities.dtype == np.float32 else float, order="C", copy=False)


def _plain(array):
    """The array in C order and not protected, or a copy that is: kernels would be compiled for each kind of array."""
    return np.require(array, requirements=["C_CONTIGUOUS", "WRITEABLE"])


def _labeled(case, array, default):
    if array.dtype.kind == "f":
        fractions = array[array != np.floor(array)]
        fractions = fractions[~np.isnan(fractions)]  # which is outside, as in PyRadiomics
        if fractions.size > 0:
            found = _numbers(np.unique(fractions))
            raise MaskError(
                f"mask of case {case.id!r} ({case.mask.name}) holds {found}, not whole numbers",
                "threshold it first, or check that it is a mask and not an image",
            )
    labels = np.atleast_1d(default if case.mask_label is None else case.mask_label)
    is_name = labels.dtype.kind == "U"
    mask = array != 0 if is_name else has_label(array, labels)  # what was chosen by name is all that was read
    if mask.any():
        return mask
    raise MaskError(
        f"mask of case {case.id!r} ({case.mask.name}) does not have the label {', '.join(map(str, labels))}; labels "
        f"present: {_numbers(np.unique(array))}",
        "set 'label' in the parameters, or mask_label of the case",
    )


def _numbers(values):
    return listed([f"{value:g}" for value in values[:MAX_LISTED].astype(float)], values.size)


def _spacing_in_itk(data, source, chosen):
    """Spacing as ITK reads it, unless it was chosen by hand.

    NIfTI has it in single precision, of which radlearn's reader makes the decimal number that was meant. Where a new
    voxel lies right between two old ones, the difference decides.
    """
    is_nifti = isinstance(source, FileSource) and source.file_name.lower().endswith((".nii", ".nii.gz"))
    if chosen is None and is_nifti and data.spacing is not None:
        return tuple(np.array(data.spacing, np.float32).tolist())
    return data.spacing


def _grid(shape, spacing, affine):
    ndim = len(shape)
    spacing = spacing or (1.0,) * ndim
    if affine is None:
        return Grid(tuple(shape), tuple(spacing), np.zeros(ndim), np.eye(ndim)[::-1])
    affine = np.asarray(affine, float)
    axes = affine[:-1, :-1]
    return Grid(tuple(shape), tuple(spacing), affine[:-1, -1], axes / np.linalg.norm(axes, axis=0))


def _are_near(values, others, tolerance):
    return np.abs(np.subtract(values, others)).max() <= tolerance


def _words(grid):
    origin, directions = (np.round(values, 5).tolist() for values in (grid.origin, grid.directions.T))
    spacing = tuple(round(step, 5) for step in grid.spacing)
    return f"shape {grid.shape}, spacing {spacing} mm, origin {origin}, axes {directions}"
