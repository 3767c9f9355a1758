"""Images with a known structure."""

import numpy as np
import pytest

from radlearn import Case, Cohort
from radlearn.io import ArraySource


@pytest.fixture
def ball_case():
    """Function: a ball (disk) of a radius in mm, brighter or darker than its noisy surroundings, spacing unequal."""

    def make(ndim, position=0, radius=9.0, contrast=60.0, noise=8.0, meta=None):
        rng = np.random.default_rng(position)
        shape, spacing = (14, 36 + position, 40)[-ndim:], (2.0, 1.0, 0.8)[-ndim:]
        axes = [step * (np.arange(size) - size // 2) for size, step in zip(shape, spacing, strict=True)]
        distance = np.sqrt(sum(axis**2 for axis in np.ix_(*axes)))
        mask = distance < radius
        image = (rng.normal(100, noise, shape) + contrast * mask).astype(np.float32)
        sources = [ArraySource(array, spacing) for array in (image, mask.astype(np.uint8))]
        return Case(*sources, id=f"ball-{position}", patient=f"P{position // 2}", meta=meta or {})

    return make


@pytest.fixture
def balls(ball_case):
    """Function: a cohort of such cases."""
    return lambda ndim=2, n_cases=6, **kinds: Cohort(ball_case(ndim, number, **kinds) for number in range(n_cases))
