"""RandomWalker: what a walker reaches first."""

import numpy as np
import pytest

from radlearn import Volume
from radlearn.segmentation import RandomWalker
from radlearn.segmentation._sides import REGION, markers


def probability_of_region(image, labels, beta):
    """That of each walker, from all equations at once."""
    shown, voxels = image / image.std(), np.arange(image.size).reshape(image.shape)
    laplacian = np.zeros((image.size, image.size))
    for axis in range(image.ndim):
        here, there = (voxels.take(range(first, first + image.shape[axis] - 1), axis).ravel() for first in (0, 1))
        # scikit-image lets each step happen with this probability at least.
        weights = np.exp(-beta * np.diff(shown, axis=axis).ravel() ** 2) + 1e-10
        laplacian[here, there] -= weights
        laplacian[there, here] -= weights
    np.fill_diagonal(laplacian, -laplacian.sum(axis=0))
    doubtful, region = (labels.ravel() == label for label in (0, REGION))
    probability = region.astype(float)
    probability[doubtful] = np.linalg.solve(
        laplacian[np.ix_(doubtful, doubtful)], -laplacian[np.ix_(doubtful, region)].sum(axis=1)
    )
    return probability.reshape(image.shape)


@pytest.mark.parametrize("shape", [(12, 14), (1, 12, 14), (6, 7, 8)])
@pytest.mark.parametrize("beta", [10, 100])
def test_walkers_end_where_they_most_likely_do(beta, shape):
    image = np.random.default_rng(0).normal(size=shape)
    labels = markers(Volume(image, mask=np.ones(shape)), 3, "auto")
    probability = probability_of_region(image, labels, beta)
    clear = np.abs(probability - 0.5) > 1e-5
    mask = RandomWalker(beta=beta).fit_transform([image])[0].load().mask
    assert clear.mean() > 0.95
    np.testing.assert_array_equal(mask[clear], probability[clear] > 0.5)
