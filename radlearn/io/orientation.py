"""Spacing and affine of an image: checked, in mm, and in the order of the array's axes."""

import numpy as np

from radlearn._validation import check_per_axis
from radlearn.exceptions import GeometryError
from radlearn.volume import are_same_sizes

# Millimeters per unit, as NRRD files, ImageJ and OME write them; some spell the Greek letter in ASCII.
MILLIMETERS = {
    "m": 1000.0,
    "cm": 10.0,
    "mm": 1.0,
    "um": 1e-3,
    "µm": 1e-3,  # micro sign
    "\N{GREEK SMALL LETTER MU}m": 1e-3,
    "\\u00b5m": 1e-3,
    "micron": 1e-3,
    "microns": 1e-3,
    "nm": 1e-6,
    "inch": 25.4,
}
# Cosine between two axes above which a grid is sheared; 0.06 degrees, a fifth of a voxel over 200 slices.
_MAX_COSINE = 1e-3


def image_geometry(name, spacing, affine, given=None):
    """Check the geometry of a file and bring it into the order of the array's axes.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    spacing : sequence of float
        Voxel size in mm that the file states, in the order x, y, z.
    affine : ndarray of shape (4, 4) or None
        Takes ``(x, y, z, 1)`` voxel indices to world ``(x, y, z, 1)`` in mm.
    given : float or sequence of float, optional
        Spacing that the user gives instead, in the order z, y, x.

    Returns
    -------
    spacing : tuple of float
        In the order z, y, x.
    affine : ndarray of shape (4, 4) or (3, 3), or None
        Takes ``(z, y, x, 1)`` voxel indices to world. None for a plane image tilted against the world's x and y.

    Raises
    ------
    GeometryError
        If a number is not finite, a voxel size not positive, the two statements disagree, or the axes are sheared.
    """
    spacing = np.array(spacing, float)[::-1]
    ndim = len(spacing)
    if given is not None:
        spacing = np.array(check_per_axis("spacing", given, ndim, above=0))
    elif not (np.isfinite(spacing).all() and (spacing > 0).all()):
        raise GeometryError(f"'{name}' has the voxel size {_round(spacing)} mm", "pass the true one with spacing=")
    if affine is not None:
        affine = np.array(affine, float)[:, [*reversed(range(ndim)), 3]]
        affine = _checked(name, affine, spacing, rescale=given is not None)
    return tuple(spacing.tolist()), _plane(affine) if ndim == 2 else affine


def array_geometry(name, ndim, spacing, affine, given=None):
    """Check the geometry that stands beside an array, whose axes are in order already.

    Parameters
    ----------
    name : str
        The array as the user knows it.
    ndim : int
        Number of axes.
    spacing : float or sequence of float, optional
        Voxel size in mm.
    affine : ndarray of shape (ndim + 1, ndim + 1), optional
        Takes ``(z, y, x, 1)`` voxel indices to world.
    given : float or sequence of float, optional
        Spacing that the user gives instead.

    Returns
    -------
    spacing : tuple of float or None
        That of the affine, where only the affine is known.
    affine : ndarray or None

    Raises
    ------
    GeometryError
        As `image_geometry`.
    """
    stated = spacing if given is None else given
    spacing = None if stated is None else check_per_axis("spacing", stated, ndim, above=0)
    if affine is None:
        return spacing, None
    affine = np.array(affine, float)
    if affine.shape != (ndim + 1, ndim + 1):
        raise GeometryError(
            f"'{name}' has an affine of shape {affine.shape}", f"pass a matrix of shape {(ndim + 1, ndim + 1)}"
        )
    if spacing is None:
        spacing = tuple(np.linalg.norm(affine[:-1, :-1], axis=0).tolist())
    return spacing, _checked(name, affine, np.array(spacing), rescale=given is not None)


def noted_geometry(name, header, given=None):
    """Geometry of a header that may say little, with a note of what it does not say.

    Parameters
    ----------
    name : str
        The file as the user knows it.
    header : NrrdHeader or MetaImageHeader
        With `shape`, `spacing`, `affine` and `is_anatomical`.
    given : float or sequence of float, optional
        Spacing that the user gives instead, in the order z, y, x.

    Returns
    -------
    spacing : tuple of float or None
    affine : ndarray or None
    modality : str or None
    notes : tuple of str

    Raises
    ------
    GeometryError
        As `image_geometry`.
    """
    affine, notes = None, ()
    stated = header.spacing
    if stated is None and given is None:
        spacing = None
        notes = (f"'{name}' has no voxel size: 1 mm is assumed where a step needs one; pass spacing=",)
    else:
        spacing, affine = image_geometry(name, stated or [1.0] * len(header.shape), header.affine, given)
        if affine is None or not header.is_anatomical:
            affine = None
            notes = (f"'{name}' does not say how the patient lies: its axes are used as they are stored",)
    return spacing, affine, header.modality, notes


def _checked(name, affine, spacing, *, rescale):
    """The affine of shape (4, ndim + 1), if it is a rectangular grid of this spacing."""
    if not np.isfinite(affine).all():
        raise GeometryError(f"'{name}' has NaN or infinity in its affine: {_round(affine)}", "export the file again")
    with np.errstate(over="ignore"):
        lengths = np.linalg.norm(affine[:3, :-1], axis=0)
    if not lengths.all():
        raise GeometryError(
            f"'{name}' has an axis without direction in its affine: {_round(affine)}", "export it again"
        )
    directions = affine[:3, :-1] / lengths
    cosine = np.abs(directions.T @ directions - np.eye(len(lengths))).max()
    if cosine > _MAX_COSINE:
        angle = np.degrees(np.arccos(min(cosine, 1)))
        raise GeometryError(
            f"'{name}' has sheared axes: two of them meet at {angle:.2f} degrees instead of 90",
            "resample it onto a rectangular grid, for example with SimpleITK or dcm2niix, and read the result",
        )
    if not rescale and not are_same_sizes(lengths, spacing):
        raise GeometryError(
            f"'{name}' states two voxel sizes: {_round(spacing)} mm and, in its affine, {_round(lengths)} mm",
            "pass the true one with spacing=",
        )
    if rescale:
        affine[:3, :-1] = directions * spacing
    return affine


def _plane(affine):
    """The 3 x 3 matrix of an image whose rows and columns run along the world's x and y, else None."""
    if affine is None or affine[2, :-1].any():
        return None
    return affine[[0, 1, 3]]


def _round(values):
    return np.round(values, 4).tolist()
