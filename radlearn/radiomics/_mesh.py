"""The surface of a three-dimensional mask as a triangle mesh."""

import numpy as np


def surface_mesh(mask, spacing):
    """Closed triangle mesh around a mask, halfway between the voxels inside and those outside (marching cubes).

    Voxels that touch at an edge only are joined.

    Parameters
    ----------
    mask : ndarray of bool, shape (z, y, x)
        With at least one voxel; beyond its border everything is outside.
    spacing : tuple of float
        Distance of voxel centers in mm.

    Returns
    -------
    vertices : ndarray of shape (n_vertices, 3)
        Corner positions in mm.
    faces : ndarray of shape (n_faces, 3)
        Rows of `vertices` that form each triangle, all turning the same way.

    References
    ----------
    Lewiner T et al. Efficient implementation of marching cubes' cases with topological guarantees. Journal of Graphics
    Tools 2003;8:1-15.
    """
    from skimage.measure import marching_cubes  # noqa: PLC0415 - slow to import, and needed here only

    # No gradients are needed, and half-way positions are exact in the single precision of skimage.
    vertices, faces, _, _ = marching_cubes(np.pad(mask, 1).astype(np.float32), 0.5, method="lewiner")
    return vertices.astype(float) * spacing, faces


def mesh_volume(vertices, faces):
    r"""Volume enclosed by a closed triangle mesh.

    Every face spans a tetrahedron with the origin, and their signed volumes add up:

    .. math:: V = \frac{1}{6} \left| \sum_k a_k \cdot (b_k \times c_k) \right|

    with :math:`a_k, b_k, c_k` the corners of face :math:`k`.

    Parameters
    ----------
    vertices, faces : ndarray
        See `surface_mesh`.

    Returns
    -------
    volume : float
        Volume in mm^3.

    Examples
    --------
    >>> corners = np.array([[0, 0, 0], [3, 0, 0], [0, 3, 0], [0, 0, 3]])
    >>> print(mesh_volume(corners, np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])))
    4.5
    """
    a, b, c = vertices[faces.T]
    return float(abs(np.einsum("ki,ki->", a, np.cross(b, c))) / 6)


def mesh_area(vertices, faces):
    """Area of a triangle mesh: half the length of the cross product of two edges, for each face.

    Parameters
    ----------
    vertices, faces : ndarray
        See `surface_mesh`.

    Returns
    -------
    area : float
        Area in mm^2.

    Examples
    --------
    >>> print(mesh_area(np.array([[0, 0, 0], [3, 0, 0], [0, 4, 0]]), np.array([[0, 1, 2]])))
    6.0
    """
    a, b, c = vertices[faces.T]
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)
