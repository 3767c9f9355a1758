"""Reorient: axes that run the same way in all images."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from radlearn._validation import check_choice
from radlearn.base import CohortTransformer
from radlearn.exceptions import GeometryError
from radlearn.preprocessing.grid import changed_masks

_WORLD_AXES = ("LR", "PA", "IS")


class Reorient(CohortTransformer):
    """Swap and flip axes until they run in given directions of the body; nothing is interpolated.

    Parameters
    ----------
    orientation : str, default="RAS"
        Where x, y and z, in this order, run to with growing index: R or L (right, left), A or P (anterior,
        posterior), S or I (superior, inferior). Arrays are ``(z, y, x)``, so that with ``"RAS"`` their first axis runs
        to superior. For 2-D images only the two letters of their plane count.
    unknown : {"raise", "keep"}, default="raise"
        What happens to images without an affine, such as those of PNG files: an error, or they stay as they are.
    image_shape : "row" or tuple of int, optional
        Shape of the images that the rows of a dense `X` hold.

    Raises
    ------
    GeometryError
        When a case without an affine is loaded and ``unknown="raise"``.

    Notes
    -----
    A tilted axis counts as the axis of the body that it is closest to. Each voxel keeps its place in the world.

    Examples
    --------
    >>> import numpy as np
    >>> from radlearn.io import ArraySource
    >>> to_the_left = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]])  # x runs to the left, y to anterior
    >>> image = ArraySource(np.array([[1.0, 2.0, 3.0]]), affine=to_the_left)
    >>> Reorient(orientation="RAS").fit_transform([image])[0].load().image.tolist()
    [[3.0, 2.0, 1.0]]
    """

    def __init__(self, *, orientation="RAS", unknown="raise", image_shape=None):
        self.orientation = orientation
        self.unknown = unknown
        self.image_shape = image_shape

    def _check_parameters(self):
        letters = self.orientation if isinstance(self.orientation, str) else ""
        if len(letters) != 3 or not all(len(set(axis) & set(letters)) == 1 for axis in _WORLD_AXES):
            raise ValueError(
                f"orientation must have one letter each of R or L, A or P, S or I, such as 'RAS' or 'LPS', "
                f"got {self.orientation!r}"
            )
        check_choice("unknown", self.unknown, ("raise", "keep"))

    def _transform_volume(self, volume):
        if volume.affine is None:
            if self.unknown == "keep":
                return volume
            raise GeometryError(
                "the image has no affine, so nobody knows how it lies in the body",
                'read it from a file that says so, or take unknown="keep"',
            )
        axes, signs = _turns(volume.affine, self.orientation)
        flips = tuple(slice(None, None, sign) for sign in signs)

        def turned(array):
            return np.ascontiguousarray(array.transpose(axes)[flips])

        return volume.but(
            image=turned(volume.image),
            spacing=tuple(volume.spacing[axis] for axis in axes),
            affine=volume.affine @ _to_old_index(axes, signs, volume.shape),
            **changed_masks(volume, turned),
        )


def _turns(affine, orientation):
    """For each new axis of the array, the old one, and -1 where it is flipped."""
    ndim = len(affine) - 1
    directions = affine[:-1, :-1] / np.linalg.norm(affine[:-1, :-1], axis=0)
    _, old_axes = linear_sum_assignment(-np.abs(directions))  # for each world axis, the axis of the array along it
    letters = [letter for letter in orientation if any(letter in axis for axis in _WORLD_AXES[:ndim])]
    axes, signs = [], []
    for letter in reversed(letters):
        [world] = [number for number, axis in enumerate(_WORLD_AXES) if letter in axis]
        axes.append(int(old_axes[world]))
        wanted = 1 if letter == _WORLD_AXES[world][1] else -1
        signs.append(wanted if directions[world, axes[-1]] > 0 else -wanted)
    return axes, signs


def _to_old_index(axes, signs, shape):
    """Affine that takes a new index to the old one."""
    matrix = np.zeros((len(axes) + 1,) * 2)
    matrix[-1, -1] = 1
    for new, (old, sign) in enumerate(zip(axes, signs, strict=True)):
        matrix[old, new] = sign
        matrix[old, -1] = 0 if sign > 0 else shape[old] - 1
    return matrix
