r"""The surface that PyRadiomics lays around a mask.

Like that of `radlearn.radiomics._mesh` it runs halfway between the voxels inside and those outside, and how it cuts a
cell of eight voxels depends on which of them are inside. The triangles differ where voxels touch at an edge or a corner
only, and where a cell may be cut in several ways. They were found by measuring single cells with PyRadiomics.

The surface is not always closed, so that the volume, a sum over all triangles, depends on where the region lies: the
origin is one voxel before its bounding box along each axis.
"""

from functools import cache, lru_cache

import numpy as np

from radlearn.radiomics._mesh import read_triangles

# The triangles of the cases 0 to 127, as `read_triangles` reads them. Case 255 - n is case n with inside and outside
# exchanged: the same triangles, turning the other way.
TRIANGLES = """
- aeb acf bcecfe bgd aeddeg acfbgd cfddfggfe cdh aebcdh adfdhf bdedhehfe bgccgh aeccehheg abfbgfghf egffgh ije aibbij
acfije bcjcfjfij bgdije aiddiggij acfbgdije cfddfggfjjfi cdhije aibbijcdh adfdhfije bdjdhfdfjfij bgccghije
aiccghciggij abfbgfghfije ijfjgfghf ifk aebifk acicki bckbkekie bgdifk aeddegifk acickibgd ckddegdkeeki cdhifk
aebcdhifk adidhihki bdedhehkekie bgccghifk aeccehhegifk abibghbhihki iekkehheg jekkef afbbkjbfk aceckjcje bcjckj
bgdjekkef afddfggfjjfk aceckjcjebgd cjddjgckj cdhjekkef afbbkjbfkcdh adedhehkekje bdkdhkbkj bgccghjekkef
ahcaghajgakjafk abgaghahkakjaje jgkkgh jlg albblgaellej acfjlg bclcflfelejlblg bjddjl aldaellej abfbjfjlfldfdcf
cfddjldfjjfe cdjdgjcjhjlh aeccehhellejbdg adjdgjajfjlhjhf bdgjlelhehfe bjccjhhjl aeccehhellej abfbjlblflhf jlelhehfe
ilelge albblgail acecficilclgcge bcgcfgfigilg beddildei aiddil abecfddildfi cfddildfi cdgcgeceicilclh alcclhailbdg
adedgeilflhf bdgilflhf beccehhellei alcclhail abeilflhf ilflhf ifjjfggfllfk afbbfggfllfkiej acgckgklgagigji
bckbkgklgiej bfddfllfkbjffji aldafllfkiej abibjickddkl ckddkliej cdfdgfgjfjifklh afcbdgiejklh adidgigjiklh bdgiejklh
bjccjffjiklh afciejklh abibjiklh iejklh klflgfgef afbbfggfllfk acecklclelge bckbkgklg beddkldekkef aldafllfk abeckddkl
ckddkl cdfdgfgefklh afcbdgklh adedgeklh bdgklh beccefklh afcklh abeklh klh
"""


def surface_area_and_volume(mask, positions, spacing):
    """Area of the surface, and the volume inside.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
        The bounding box of a region; beyond its border everything is outside.
    positions : tuple of three ndarrays of int64
        Where its planes lie; see `Region.positions`.
    spacing : tuple of float
        Distance of voxel centers in mm.

    Returns
    -------
    area : float
        In mm^2.
    volume : float
        In mm^3.

    Examples
    --------
    >>> area, volume = surface_area_and_volume(np.ones((1, 1, 1), bool), (np.arange(1),) * 3, (2, 2, 2))
    >>> print(round(area, 3), round(volume, 3))  # an octahedron
    6.928 1.333
    """
    voxels = np.pad(mask, 1).view(np.uint8)
    rows = voxels[..., :-1] | voxels[..., 1:] << 1
    squares = rows[:, :-1] | rows[:, 1:] << 2
    cells = squares[:-1] | squares[1:] << 4
    places = np.nonzero((cells > 0) & (cells < 255))
    cases = cells[places]
    areas, volumes, normals = cell_measures(tuple(spacing))
    # A triangle at o + a, o + b, o + c spans six times the volume det(a, b, c) + o . (a x b + b x c + c x a).
    first = [np.append(0, along + 1) for along in positions]  # that of a cell; the mask begins at 1
    origins = np.stack([along[place] for along, place in zip(first, places, strict=True)], axis=1) * spacing
    return float(areas[cases].sum()), float(volumes[cases].sum() + (origins * normals[cases]).sum())


@lru_cache(maxsize=128)
def cell_measures(spacing):
    """What the triangles of each case add up to.

    Parameters
    ----------
    spacing : tuple of float
        Distance of voxel centers in mm.

    Returns
    -------
    areas : ndarray of shape (256,)
        In mm^2.
    volumes : ndarray of shape (256,)
        Signed volumes between the triangles and the first corner of the cell, in mm^3.
    normals : ndarray of shape (256, 3)
        A third of the areas as vectors, in mm^2.
    """
    cases, triangles = cell_triangles()
    a, b, c = np.moveaxis(triangles * spacing, 1, 0)
    crossed = np.cross(b - a, c - a)
    areas = np.bincount(cases, np.linalg.norm(crossed, axis=1) / 2, 256)
    volumes = np.bincount(cases, np.einsum("ti,ti->t", a, np.cross(b, c)) / 6, 256)
    normals = np.stack([np.bincount(cases, along / 6, 256) for along in crossed.T], axis=1)
    return areas, volumes, normals


@cache
def cell_triangles():
    """Triangles of all 256 cases; see `radlearn.radiomics._mesh.read_triangles`."""
    cases, triangles = read_triangles(TRIANGLES)
    return np.concatenate([cases, 255 - cases]), np.concatenate([triangles, triangles[:, ::-1]])
