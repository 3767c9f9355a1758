"""Volume: the image, mask and geometry of one loaded case."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from radlearn._validation import listed
from radlearn.exceptions import GeometryError, ImageReadError, MaskError

# Grids that differ by less than this part of a voxel are one grid; scanners and converters round their headers.
GRID_TOLERANCE_VOXELS = 0.01
# Relative difference up to which two statements of a voxel size agree; headers are often rounded to three digits.
SAME_SIZE = 0.01


@dataclass(frozen=True, eq=False)
class Volume:
    """One loaded image with its mask, spacing and position; checked when it is made, and read-only.

    Parameters
    ----------
    image : array-like of shape (z, y, x) or (y, x)
        Intensities. Integers of up to 16 bits become float32, other integers float64; floats stay as they are.
    mask : array-like of the same shape, optional
        The region of interest (morphological mask): True or 1 inside.
    spacing : tuple of float, optional
        Distance of voxel centers in mm, in the order of the axes. Default: that of the affine, else 1 mm.
    affine : ndarray of shape (ndim + 1, ndim + 1), optional
        Takes a voxel index ``(z, y, x, 1)`` to world coordinates ``(x, y, z, 1)`` in mm.
    modality : str, optional
        Such as ``"CT"``, ``"MR"``, ``"US"``.
    history : tuple of dict
        The applied steps with their parameters, ready for JSON.
    intensity_mask : array-like of the same shape, optional
        The part of the mask that is left after re-segmentation, used for all intensities. Default: the mask.
    id, patient : str, optional
        Identity of the case.
    meta : mapping
        Further data of the case, such as site, scanner and age.

    Raises
    ------
    ImageReadError
        If the image is not a real-valued array of two or three dimensions with at least one voxel.
    MaskError
        If a mask holds other values than 0 and 1.
    GeometryError
        If shapes, spacing or affine do not fit, or the axes of the affine have another length than the spacing says.

    Examples
    --------
    >>> volume = Volume([[0, 1], [2, 3]], mask=[[0, 1], [1, 1]], spacing=(0.5, 0.5))
    >>> print(volume.image[volume.region].mean())
    2.0
    >>> volume.but(spacing=(1, 1)).spacing
    (1.0, 1.0)
    """

    image: np.ndarray
    mask: np.ndarray | None = None
    spacing: tuple[float, ...] | None = None
    affine: np.ndarray | None = None
    modality: str | None = None
    history: tuple[dict, ...] = ()
    intensity_mask: np.ndarray | None = None
    id: str | None = None
    patient: str | None = None
    meta: Mapping = field(default_factory=dict)

    def __post_init__(self):
        image = real_image(self.image)
        mask = _boolean_mask(self.mask, image.shape, "mask")
        intensity_mask = mask
        if self.intensity_mask is not None and self.intensity_mask is not self.mask:
            intensity_mask = _boolean_mask(self.intensity_mask, image.shape, "intensity mask")
        affine = _read_only_affine(self.affine, image.ndim)
        checked = {
            "image": image,
            "mask": mask,
            "intensity_mask": intensity_mask,
            "spacing": _spacing_along(affine, self.spacing, image.ndim),
            "affine": affine,
            "history": tuple(self.history),
            "meta": MappingProxyType(dict(self.meta)),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def but(self, **changes):
        """Copy with some fields changed; a new mask takes the place of both masks.

        Parameters
        ----------
        **changes
            Fields of the volume.

        Returns
        -------
        volume : Volume
        """
        if "mask" in changes:
            changes.setdefault("intensity_mask", None)
        return replace(self, **changes)

    @property
    def shape(self):
        """Number of voxels along each axis."""
        return self.image.shape

    @property
    def ndim(self):
        """2 for an image ``(y, x)``, 3 for a volume ``(z, y, x)``."""
        return self.image.ndim

    @property
    def region(self):
        """The mask; all True where there is none."""
        return _read_only(np.ones(self.shape, bool)) if self.mask is None else self.mask

    @property
    def intensity_region(self):
        """The intensity mask; all True where there is none."""
        return _read_only(np.ones(self.shape, bool)) if self.intensity_mask is None else self.intensity_mask

    def __reduce__(self):
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return _rebuild, ({**fields, "meta": dict(self.meta)},)


def largest_cross_section(volume):
    """Position of the slice with most voxels of the mask; the middle slice if there is no mask or it is empty.

    Parameters
    ----------
    volume : Volume
        In three dimensions.

    Returns
    -------
    position : int

    Examples
    --------
    >>> mask = np.zeros((3, 2, 2))
    >>> mask[2, 0, 0] = 1
    >>> largest_cross_section(Volume(np.zeros((3, 2, 2)), mask=mask))
    2
    """
    if volume.mask is None or not volume.mask.any():
        return volume.shape[0] // 2
    return int(volume.mask.sum(axis=(1, 2)).argmax())


def central_slice(volume):
    """The slice with the largest cross-section of the mask; a single image as it is.

    Parameters
    ----------
    volume : Volume

    Returns
    -------
    image : ndarray of shape (y, x)
    mask : ndarray of shape (y, x) or None
    spacing : tuple of two floats
        In mm.
    """
    if volume.ndim == 2:
        return volume.image, volume.mask, volume.spacing
    z = largest_cross_section(volume)
    return volume.image[z], None if volume.mask is None else volume.mask[z], volume.spacing[1:]


def check_spacing(spacing, ndim):
    """Return the spacing as a tuple of `ndim` positive floats; None means 1 mm.

    Raises
    ------
    GeometryError
        If it has another length, or holds a zero, a negative number, NaN or infinity.
    """
    if spacing is None:
        return (1.0,) * ndim
    values = tuple(np.atleast_1d(np.asarray(spacing, float)).tolist())
    if len(values) != ndim or not all(math.isfinite(value) and value > 0 for value in values):
        raise GeometryError(
            f"spacing {values} does not fit an image of {ndim} dimensions",
            f"pass {ndim} positive numbers in mm, in the order of the axes",
        )
    return values


def _spacing_along(affine, spacing, ndim):
    """Spacing that is given, or else that of the affine; where there are both, they have to agree."""
    if affine is None:
        return check_spacing(spacing, ndim)
    lengths = np.linalg.norm(affine[:-1, :-1], axis=0)
    values = check_spacing(lengths if spacing is None else spacing, ndim)
    if not are_same_sizes(lengths, values):
        raise GeometryError(
            f"spacing {values} and affine disagree: the axes of the affine have {tuple(lengths.round(4).tolist())} mm",
            "pass the true one of them, or both alike",
        )
    return values


def are_same_sizes(lengths, spacing):
    """Whether the lengths of the axes of an affine are a spacing, but for roundings.

    Parameters
    ----------
    lengths, spacing : sequence of float
        In mm.

    Returns
    -------
    same : bool
    """
    spacing = np.asarray(spacing)
    return bool((np.abs(lengths - spacing) <= SAME_SIZE * spacing).all())  # a tenth of the time of `np.allclose`


def check_same_grid(image, mask, names=("", "")):
    """Refuse a mask that lies on another grid than its image.

    Parameters
    ----------
    image, mask : objects with `array`, `spacing` and `affine`
        What the readers give. Spacing and affine are compared where both are known.
    names : pair of str, optional
        Files of the image and of the mask, for the message.

    Raises
    ------
    GeometryError
        With both grids and their largest difference in mm.
    """
    same = image.array.shape == mask.array.shape
    offset = 0.0
    if same:
        offset, tolerance = _largest_offset(image, mask)
        same = offset <= tolerance
    if not same:
        image_file, mask_file = (f" ({name})" if name else "" for name in names)
        raise GeometryError(
            "mask and image lie on different grids: "
            f"the image{image_file} has {_describe(image)}, the mask{mask_file} {_describe(mask)}"
            + (f" (up to {offset:.3g} mm apart)" if offset else ""),
            "resample the mask to the image, or check that both come from the same series",
        )


def _largest_offset(image, mask):
    """Largest distance in mm between the same corner of both grids, and the distance that is tolerated."""
    known = [grid.spacing for grid in (image, mask) if grid.spacing is not None]
    tolerance = GRID_TOLERANCE_VOXELS * min(known[0]) if known else np.inf
    if image.spacing == mask.spacing and (image.affine is None or image.affine is mask.affine):
        return 0.0, tolerance
    shape = np.array(image.array.shape)
    corners = np.array(list(np.ndindex((2,) * len(shape)))) * (shape - 1)
    offset = 0.0
    if len(known) == 2:
        offset = np.linalg.norm(corners * (np.array(known[0]) - known[1]), axis=1).max()
    if image.affine is not None and mask.affine is not None:
        homogeneous = np.column_stack([corners, np.ones(len(corners))])
        moved = homogeneous @ (np.asarray(image.affine) - mask.affine).T
        offset = max(offset, np.linalg.norm(moved[:, :-1], axis=1).max())
    return float(offset), tolerance


def _describe(grid):
    words = [f"shape {grid.array.shape}"]
    if grid.spacing is not None:
        words.append(f"spacing {tuple(round(float(value), 4) for value in grid.spacing)} mm")
    if grid.affine is not None:
        affine = np.asarray(grid.affine)
        words.append(f"origin {tuple(float(value) for value in affine[:-1, -1].round(2))} mm")
        directions = affine[:-1, :-1] / np.linalg.norm(affine[:-1, :-1], axis=0)
        words.append(f"axes {directions.T.round(3).tolist()}")
    return ", ".join(words)


def real_image(image):
    """Return an image as the floats in which a Volume keeps it, read-only; copied only where it is of another type.

    Raises
    ------
    ImageReadError
        If it is not a real-valued array of two or three dimensions with at least one voxel.
    """
    image = np.asarray(image)
    if image.dtype.kind not in "biuf":
        raise ImageReadError(f"an image of type {image.dtype} has no real intensities", "pass an array of numbers")
    if image.ndim not in (2, 3) or image.size == 0:
        raise ImageReadError(f"an image has shape {image.shape}", "pass a non-empty array (y, x) or (z, y, x)")
    if image.dtype.kind == "f" and image.dtype.itemsize in (4, 8):
        dtype = image.dtype.newbyteorder("=")
    else:
        dtype = np.float32 if image.dtype.itemsize <= 2 else np.float64
    return _read_only(image.astype(dtype, order="C", copy=False))


def _boolean_mask(mask, shape, name):
    if mask is None:
        return None
    mask = np.asarray(mask)
    if mask.shape != shape:
        raise GeometryError(
            f"{name} has shape {mask.shape}, its image {shape}",
            "resample the mask to the image, or check that both come from the same series",
        )
    if mask.dtype != bool:
        if not np.isin(mask, (0, 1)).all():
            values = np.unique(mask)
            found = listed([str(value) for value in values[:6].tolist()], values.size)
            raise MaskError(f"{name} holds other values than 0 and 1: {found}", "choose a label with mask_label=")
        mask = mask.astype(bool)
    return _read_only(np.ascontiguousarray(mask))


def _read_only_affine(affine, ndim):
    if affine is None:
        return None
    affine = np.array(affine, float)
    if affine.shape != (ndim + 1, ndim + 1) or not np.isfinite(affine).all():
        raise GeometryError(
            f"affine {affine.tolist()} does not fit an image of {ndim} dimensions",
            f"pass a finite matrix of shape {(ndim + 1, ndim + 1)}",
        )
    return _read_only(affine)


def _read_only(array):
    """The array, protected; a view where it is somebody else's, so that the owner may go on writing."""
    if array.flags.writeable:
        array = array.view()
        array.flags.writeable = False
    return array


def _rebuild(fields):
    return Volume(**fields)
