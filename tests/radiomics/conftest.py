"""Regions made in code, and what every test of features needs."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from radlearn import Volume
from radlearn.datasets import load_ibsi_phantom
from radlearn.radiomics import RadiomicsFeatures


def blob(ndim, seed=0):
    """A smooth image with a roundish mask that has a dent and a hole, and voxels that are no cubes."""
    rng = np.random.default_rng(seed)
    shape = (9, 11, 12)[-ndim:]
    position = np.moveaxis(np.indices(shape), 0, -1) - np.array(shape) / 2 + 0.4
    mask = np.linalg.norm(position / np.array(shape) * 2, axis=-1) < 0.85
    mask[(4,) * ndim] = False
    mask[(5,) * (ndim - 1) + (slice(8, None),)] = False
    image = 100 + 30 * gaussian_filter(rng.normal(size=shape), 1)
    return Volume(image, mask=mask, spacing=(2.5, 0.75, 1.25)[-ndim:])


def feature_values(volume, **parameters):
    """Values by column name."""
    extractor = RadiomicsFeatures(ndim=volume.ndim, **parameters)
    extractor._check_parameters()
    return dict(zip(extractor._names(), extractor._row(volume), strict=True))


@pytest.fixture(name="feature_values", scope="session")
def feature_values_fixture():
    return feature_values


@pytest.fixture(name="blob", scope="session")
def blob_fixture():
    return blob


@pytest.fixture(scope="session")
def phantom():
    """The digital phantom of the IBSI."""
    return load_ibsi_phantom().load()
