"""Spatial autocorrelation of patterns whose likeness is known."""

import numpy as np
import pytest

from memory import peak_memory
from radlearn import Volume
from radlearn.radiomics._pair_transforms import sums_by_transforms
from radlearn.radiomics._region import region_of
from radlearn.radiomics.discretize import Bins
from radlearn.radiomics.spatial import Spatial


def test_values_of_a_checkerboard_and_of_halves(feature_values):
    board = np.indices((8, 8)).sum(axis=0) % 2
    halves = np.repeat([0, 1], 4)[:, np.newaxis] * np.ones((1, 8))
    values = [feature_values(Volume(image), families="spatial") for image in (board, halves)]
    assert values[0]["spatial_morans_i"] < 0 < values[1]["spatial_morans_i"]
    assert values[0]["spatial_gearys_c"] > 1 > values[1]["spatial_gearys_c"]


def test_two_voxels_are_as_different_as_can_be(feature_values):
    values = feature_values(Volume([[1.0, 2.0]], spacing=(1, 3)), families="spatial")
    assert values == pytest.approx({"spatial_morans_i": -1, "spatial_gearys_c": 1})


def test_the_distance_from_zero_takes_nothing_from_the_likeness(feature_values):
    near = np.random.default_rng(0).integers(0, 40, (4, 5, 6)).astype(float)
    values = [feature_values(Volume(image), families="spatial") for image in (near, near + 2.0**40)]
    assert values[1] == pytest.approx(values[0], rel=1e-10)


@pytest.mark.slow
def test_the_deviations_of_a_large_region_are_never_all_in_memory():
    region = region_of(Volume(np.random.default_rng(0).normal(size=(100, 128, 128)).astype(np.float32)), Bins())
    values = region.intensities
    with peak_memory() as without:
        sums_by_transforms(values, region.intensity_mask, region.spacing)
    with peak_memory() as memory:
        Spatial(region)
    assert memory.peak < without.peak + values.nbytes / 2
