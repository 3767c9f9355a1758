"""Compiling ahead of time, for the images of containers and the nodes of a cluster."""

from typing import NamedTuple

import numpy as np

from radlearn.filters import GaborFilter, LaplacianOfGaussian, MeanFilter, _kernels as filter_kernels
from radlearn.radiomics import _kernels
from radlearn.radiomics.extractor import RadiomicsFeatures
from radlearn.radiomics.maps import FeatureMap
from radlearn.radiomics.pyradiomics import PyRadiomicsFeatures


class WarmUp(NamedTuple):
    """What `warm_up` did."""

    n_kernels: int
    """Number of kernels."""
    n_compiled: int
    """How many of them had to be compiled; the others were on disk."""
    folder: str | None
    """Where compiled code is kept; None where no folder can be written, so that every process compiles again."""


def warm_up():
    """Compile all kernels now, and keep them on disk for the processes to come.

    Without it, each kernel is compiled when a feature or a filter needs it for the first time: about 20 s for all
    features of regions, and as long for feature maps. Compiled code lies beside the sources, or where these cannot be
    written in the home folder; the environment variable ``NUMBA_CACHE_DIR`` names another place. ``radlearn warmup``
    does the same from the command line.

    Returns
    -------
    result : WarmUp

    Examples
    --------
    >>> result = warm_up()
    >>> result.n_compiled <= result.n_kernels
    True
    """
    filters = [MeanFilter(), LaplacianOfGaussian(), GaborFilter()]  # together, they call all kernels of filters
    extractors = [RadiomicsFeatures(ndim=ndim, filters=filters, not_standardised=True) for ndim in (3, 2)]
    # Counts with fractions, and sums of many levels over large neighborhoods.
    extractors.append(RadiomicsFeatures(families=["glcm", "glrlm"], weighting_norm="euclidean"))
    extractors.append(RadiomicsFeatures(families=["ngtdm"], ngtdm_distance=10))
    small = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
    # Neighbors that fill a box and those that do not, matrices that are symmetric or not, images as they are or not.
    for distances, symmetric in ([1], True), ([2], False):
        setting = {"distances": distances, "symmetricalGLCM": symmetric, "normalize": not symmetric}
        params = {"setting": setting, "imageType": {"Original": {}, "LoG": {"sigma": [1.0]}}}
        extractors.append(PyRadiomicsFeatures(params=params).fit([small]))
    for extractor in extractors:
        extractor._warm_up()  # noqa: SLF001 - what an extractor does before its workers start, asked for by its package
    for dtype in (np.float32, float):
        FeatureMap().maps(small.astype(dtype))
    kernels = [getattr(package, name) for package in (_kernels, filter_kernels) for name in package.HOME]
    # Without a compiler (NUMBA_DISABLE_JIT), they are functions of Python.
    compiled = [kernel.stats for kernel in kernels if hasattr(kernel, "stats")]
    n_compiled = sum(sum(stats.cache_misses.values()) > 0 for stats in compiled)
    return WarmUp(len(kernels), n_compiled, compiled[0].cache_path if compiled else None)
