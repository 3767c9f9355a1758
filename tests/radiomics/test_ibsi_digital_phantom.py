"""Reference values and texture matrices of the digital phantom of the IBSI: one row, one test."""

import json
from itertools import product

import numpy as np
import pytest

from ibsi_values import DATA, column, reference_values
from radlearn.radiomics import RadiomicsFeatures, feature_table
from radlearn.radiomics._aggregation import (
    DIRECTIONAL,
    DIRECTIONS_2D,
    DIRECTIONS_3D,
    UNDIRECTED,
)
from radlearn.radiomics._family import declared_families
from radlearn.radiomics._region import region_of
from radlearn.radiomics.discretize import Bins
from radlearn.radiomics.glcm import cooccurrences
from radlearn.radiomics.ngtdm import tone_differences

pytestmark = pytest.mark.kernel

ROWS = reference_values("digital_phantom")
MATRICES = json.loads((DATA / "ibsi1_digital_phantom_matrices.json").read_text())


@pytest.fixture(scope="module")
def values(phantom, feature_values):
    return feature_values(phantom, bin_width=1, aggregation=list(DIRECTIONAL))


@pytest.mark.parametrize("row", ROWS, ids=column)
def test_value_is_the_reference_value(row, values):
    rounded = float(f"{values[column(row)]:.2e}")
    assert rounded == pytest.approx(float(row["value"]), abs=float(row["tolerance"]) + 1e-9)


def test_there_is_a_reference_for_each_code_and_aggregation():
    referenced = {(row["code"], row["aggregation"]) for row in ROWS}
    table = feature_table()
    assert set(zip(table["ibsi"], table["aggregation"], strict=True)) == referenced


def test_six_bins_are_the_same_as_bins_of_width_one(phantom, feature_values, values):
    by_count = feature_values(phantom, bin_count=6, aggregation=list(DIRECTIONAL))
    assert by_count == pytest.approx(values)


def vector(direction):
    return tuple(int(step) for step in direction[::-1])


SLICES = [f"slice{z}" for z in range(1, 5)]
# aggregation -> how the published matrices are called, and their names in our order.
NAMES = {
    "2d_averaged": ("2d", [f"{name}_dir{vector(direction)}" for name in SLICES for direction in DIRECTIONS_2D]),
    "2d_slice_merged": ("2d_merged", SLICES),
    "3d_averaged": ("3d", [f"dir{vector(direction)}" for direction in DIRECTIONS_3D]),
    "3d_merged": ("3d_merged", ["all"]),
    "2d": ("2d", SLICES),
    "3d": ("3d", ["all"]),
}


def matrices_of(region, family, aggregation):
    """Rows (level, size, count) of each matrix, in our order."""
    if family == "glcm":
        entries = cooccurrences(region, aggregation)
        rows = np.stack([entries.levels, entries.neighbors, entries.counts], axis=1)
        return [rows[entries.matrices == number].tolist() for number in range(entries.n_matrices)]
    return [
        [[i, sizes[j], table[i, j]] for i, j in np.argwhere(table)]
        for tables, sizes in declared_families(3)[family](region, aggregation).count()
        for table in tables
    ]


@pytest.mark.parametrize(
    ("family", "aggregation"),
    [
        *product(("glcm", "glrlm"), ("2d_averaged", "2d_slice_merged", "3d_averaged", "3d_merged")),
        *product(("glszm", "gldzm", "ngldm"), ("2d", "3d")),
    ],
)
def test_matrices_are_the_published_ones(family, aggregation, phantom):
    group, names = NAMES[aggregation]
    published = MATRICES[f"{family}_{group}"]
    assert sorted(names) == sorted(published)
    matrices = matrices_of(region_of(phantom, Bins(width=1)), family, aggregation)
    for name, rows in zip(names, matrices, strict=True):
        assert rows == published[name], name


@pytest.mark.parametrize("aggregation", ["2d", "3d"])
def test_tone_differences_are_the_published_ones(aggregation, phantom):
    region = region_of(phantom, Bins(width=1))
    merge = UNDIRECTED[aggregation]
    n_voxels, differences = tone_differences(region.padded_levels(), 1, merge, region.n_g)
    group, names = NAMES[aggregation]
    for name, numbers, sums in zip(names, n_voxels, differences, strict=True):
        levels = np.flatnonzero(numbers)
        rows = np.stack([levels + 1, sums[levels], numbers[levels]], axis=1)
        np.testing.assert_allclose(rows, MATRICES[f"ngtdm_{group}"][name], rtol=1e-5, err_msg=name)


def test_no_published_matrix_is_left_out():
    assert sum(len(group) for group in MATRICES.values()) == 88


def test_default_is_the_merged_matrix_of_three_dimensions(phantom, values):
    extractor = RadiomicsFeatures(families="glcm", bin_width=1)
    row = dict(zip(extractor._names(), extractor._row(phantom), strict=True))
    assert row["glcm_contrast"] == values["glcm_contrast__3d_merged"]
