"""Co-occurrence of PyRadiomics: a matrix for each step, all steps up to a distance, and one more feature."""

from functools import lru_cache
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
from scipy.sparse import csr_array

from radlearn.radiomics import _kernels
from radlearn.radiomics._aggregation import DIRECTIONAL, direction_weights
from radlearn.radiomics._pyradiomics.feature_class import MatrixClass, declared
from radlearn.radiomics._pyradiomics.steps import forward_steps_of
from radlearn.radiomics.glcm import GLCM, SUMS, pair_entries

# Norms of PyRadiomics -> norms of the engine.
NORMS = {"manhattan": "manhattan", "euclidean": "euclidean", "infinity": "chebyshev"}

# Added to denominators and logarithms.
EPSILON = np.spacing(1)

# Beyond so many grey levels, singular values of asymmetric matrices are found step by step, in up to so many steps.
MANY_LEVELS, MAX_STEPS = 400, 1000


def measure(region, settings):
    """Pairs along each step, or of all steps together where they are weighted.

    Parameters
    ----------
    region : Region
    settings : dict

    Returns
    -------
    measures : SimpleNamespace
        The sums of `radlearn.radiomics.glcm`, a row for each matrix; `entries` of the matrices; `is_symmetric`,
        whether these are; `occurs`, which grey levels there are in the region.
    """
    steps = forward_steps_of(region, settings)
    norm = settings["weightingNorm"]
    weights = None
    if norm is not None:
        weights = direction_weights(steps, NORMS.get(norm), region.spacing)
        weights = np.ones(len(steps)) if weights is None else weights
    levels = region.padded_levels(max(settings["distances"]))
    merge, symmetric = DIRECTIONAL["3d_averaged"], settings["symmetricalGLCM"]
    entries = pair_entries(levels, steps, merge, weights, region.n_g, symmetric)
    sums = _kernels.sum_pairs(*entries, region.n_g)
    return SimpleNamespace(sums=sums, entries=entries, is_symmetric=symmetric, occurs=region.level_counts > 0)


def _correlation(m):
    deviations = np.sqrt(m.sums["variance"] * m.sums["neighbor_variance"])
    return np.where(deviations == 0, 1.0, m.sums["covariance"] / (deviations + EPSILON))


def _information_correlation_1(m):
    larger = np.maximum(m.sums["level_entropy"], m.sums["neighbor_entropy"])
    return np.where(larger == 0, 0.0, -m.sums["mutual_information"] / np.where(larger == 0, 1, larger))


def _maximal_correlation(m):
    r"""Second singular value of the matrix :math:`p_{ik} / \sqrt{p_{i.} p_{.k}}`; 1 if there is one grey level only."""
    matrices, *entries, n_matrices = m.entries
    n_levels = np.count_nonzero(m.occurs)
    if n_levels == 1:
        return 1.0
    # PyRadiomics adds epsilon below the line in the product of the matrix with its transpose, which counts where a grey
    # level is rare. To first order, the singular values are those of the matrix with epsilon below the line.
    if m.is_symmetric:  # singular values are magnitudes of eigenvalues
        values, places = np.empty(n_matrices), np.empty(m.occurs.size + 1, np.int64)
        scaled, vectors = np.empty((n_levels, n_levels)), np.empty((3, n_levels))
        _kernels.maximal_correlations(
            matrices, *entries, EPSILON, _random_vector(n_levels), places, scaled, vectors, values
        )
        return values[~np.isnan(values)]
    bounds = np.flatnonzero(np.diff(matrices, prepend=-1, append=-1))
    parts = [[column[start:stop] for column in entries] for start, stop in pairwise(bounds)]
    return np.array([_second_singular_value(*part) for part in parts])


def _second_singular_value(levels, neighbors, counts):
    """That of one matrix, as the first one of what is left without the pair of vectors that belongs to the first."""
    (rows, i), (columns, j) = (np.unique(column, return_inverse=True) for column in (levels, neighbors))
    p = counts / counts.sum()
    of_level, of_neighbor = np.bincount(i, p), np.bincount(j, p)
    shape = rows.size, columns.size
    scaled = csr_array((p / np.sqrt(of_level[i] * of_neighbor[j] + EPSILON), (i, j)), shape=shape)
    u, v = np.sqrt(of_level), np.sqrt(of_neighbor)
    if min(shape) > MANY_LEVELS:  # a few products with a sparse matrix instead of as many steps as levels cubed
        square = (scaled.T @ scaled).tocsr()
        parts = square.indptr.astype(np.int64), square.indices.astype(np.int64), square.data
        eigenvalue = _kernels.second_eigenvalue(*parts, v, _random_vector(v.size), MAX_STEPS)
        if eigenvalue >= 0:
            return np.sqrt(eigenvalue)
    return np.linalg.svd(scaled.toarray() - np.outer(u, v), compute_uv=False)[0]


@lru_cache(maxsize=64)
def _random_vector(n):
    """Where a search for a singular vector begins: always the same, and orthogonal to none that has a meaning."""
    return np.random.default_rng(0).standard_normal(n)


GLCM_CLASS = MatrixClass(
    measure,
    SUMS,
    declared(GLCM) | {"Correlation": _correlation, "Imc1": _information_correlation_1, "MCC": _maximal_correlation},
    apart=frozenset({"MCC"}),
)
