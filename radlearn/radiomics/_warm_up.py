"""Compiling ahead of time, for the images of containers and the nodes of a cluster."""

from typing import NamedTuple

import numpy as np

from radlearn.radiomics import _kernels
from radlearn.radiomics.extractor import RadiomicsFeatures
from radlearn.radiomics.maps import FeatureMap


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

    Without it, each kernel is compiled when a feature needs it for the first time: about 15 s for all features of
    regions, and as long for feature maps. Compiled code lies beside the sources, or where these cannot be written in
    the home folder; the environment variable ``NUMBA_CACHE_DIR`` names another place. ``radlearn warmup`` does the same
    from the command line.

    Returns
    -------
    result : WarmUp

    Examples
    --------
    >>> result = warm_up()
    >>> result.n_compiled <= result.n_kernels
    True
    """
    for ndim in (3, 2):
        RadiomicsFeatures(ndim=ndim, not_standardised=True)._warm_up()  # noqa: SLF001 - the same, for all families
    FeatureMap().maps(np.arange(8, dtype=np.float32).reshape(2, 2, 2))
    return WarmUp(*_kernels.statistics())
