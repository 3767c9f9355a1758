"""Writing of cases and masks as NIfTI files that `read_image` reads back on the same grid."""

import re
from pathlib import Path

import numpy as np

from radlearn.exceptions import MaskError


def write_case(path, case, *, mask_path=None):
    """Write the image of a case and, if it has one, its mask, as they are after its pending steps.

    Parameters
    ----------
    path : str or path
        File of the image, which ends with ``.nii``, or with ``.nii.gz`` to be compressed. It is overwritten, and its
        folder made if it does not exist.
    case : Case or Volume
    mask_path : str or path, optional
        File of the mask. Default: that of the image with ``_mask`` appended to its name.

    Returns
    -------
    image_path : Path
    mask_path : Path or None
        None where there is no mask.

    Raises
    ------
    TypeError
        If `case` is neither a Case nor a Volume.
    ValueError
        If a path has another ending.
    RadlearnError
        If the case cannot be loaded.

    Examples
    --------
    >>> from radlearn import Case
    >>> write_case("scan.nii.gz", Case(np.eye(3), mask=np.eye(3, dtype=int)))  # doctest: +SKIP
    (PosixPath('scan.nii.gz'), PosixPath('scan_mask.nii.gz'))
    """
    from radlearn.io.nifti import write_nifti  # noqa: PLC0415 - nibabel takes a second to import

    volume = _loaded(case)
    write_nifti(path, volume)
    if volume.mask is None:
        return Path(path), None
    if mask_path is None:
        mask_path = re.sub(r"(?i)(\.nii(\.gz)?)$", r"_mask\1", str(path))
    return Path(path), write_mask(mask_path, volume)


def write_mask(path, case):
    """Write the mask of a case: 1 inside, 0 outside, one byte per voxel.

    Parameters
    ----------
    path : str or path
        Ends with ``.nii``, or with ``.nii.gz`` to be compressed. The file is overwritten.
    case : Case or Volume

    Returns
    -------
    path : Path

    Raises
    ------
    TypeError
        If `case` is neither a Case nor a Volume.
    MaskError
        If there is no mask.
    ValueError
        If the path has another ending.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from radlearn import Case, Volume
    >>> volume = Volume(np.zeros((2, 4, 4)), mask=np.ones((2, 4, 4), bool), affine=np.eye(4)[:, [2, 1, 0, 3]])
    >>> with TemporaryDirectory() as folder:
    ...     print(Case(write_mask(f"{folder}/mask.nii.gz", volume)).load().image.sum())
    32.0
    """
    from radlearn.io.nifti import write_array  # noqa: PLC0415 - as above

    volume = _loaded(case)
    if volume.mask is None:
        raise MaskError(f"case {volume.id!r} has no mask", "segment it first, or write the image alone")
    write_array(path, volume.mask.astype(np.uint8), volume)
    return Path(path)


def _loaded(case):
    volume = case.load() if hasattr(case, "load") else case
    if not hasattr(volume, "image"):
        raise TypeError(f"case must be a Case or a Volume, got {type(case).__name__}; wrap an array as Case(array)")
    return volume
