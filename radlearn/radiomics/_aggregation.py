"""Texture matrices of many directions and slices, merged into the few that features are computed from."""

from typing import NamedTuple

import numpy as np


class Aggregation(NamedTuple):
    """Which texture matrices there are; features are averaged over them.

    Attributes
    ----------
    ibsi : str
        Code of the Image Biomarker Standardisation Initiative.
    in_plane : bool
        Whether neighbors lie in the same slice (4 directions), or anywhere in the volume (13 directions).
    per_slice : bool
        Whether each slice has matrices of its own.
    per_direction : bool
        Whether each direction has matrices of its own.
    """

    ibsi: str
    in_plane: bool
    per_slice: bool
    per_direction: bool


# For matrices that are counted along directions: co-occurrence and run length.
DIRECTIONAL = {
    "2d_averaged": Aggregation("BTW3", in_plane=True, per_slice=True, per_direction=True),
    "2d_slice_merged": Aggregation("SUJT", in_plane=True, per_slice=True, per_direction=False),
    "2.5d_direction_merged": Aggregation("JJUI", in_plane=True, per_slice=False, per_direction=True),
    "2.5d_merged": Aggregation("ZW7Z", in_plane=True, per_slice=False, per_direction=False),
    "3d_averaged": Aggregation("ITBB", in_plane=False, per_slice=False, per_direction=True),
    "3d_merged": Aggregation("IAZD", in_plane=False, per_slice=False, per_direction=False),
}

# Steps (z, y, x) to one neighbor of each opposite pair: the one that comes later in memory.
DIRECTIONS_3D = np.array(
    [(z, y, x) for z in (-1, 0, 1) for y in (-1, 0, 1) for x in (-1, 0, 1) if (z, y, x) > (0, 0, 0)]
)
DIRECTIONS_2D = DIRECTIONS_3D[DIRECTIONS_3D[:, 0] == 0]
