"""Reference values and texture matrices of the digital phantom of the IBSI: one row, one test."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from radlearn.radiomics import RadiomicsFeatures, feature_table
from radlearn.radiomics._aggregation import DIRECTIONAL, DIRECTIONS_2D, DIRECTIONS_3D
from radlearn.radiomics._region import region_of
from radlearn.radiomics.discretize import Bins
from radlearn.radiomics.glcm import cooccurrences

pytestmark = pytest.mark.kernel

DATA = Path(__file__).parent / "data"
ROWS = list(csv.DictReader((DATA / "ibsi1_digital_phantom_reference.csv").open()))
MATRICES = json.loads((DATA / "ibsi1_digital_phantom_glcm.json").read_text())


def column(row):
    suffix = "" if row["aggregation"] == "region" else f"__{row['aggregation']}"
    return f"{row['family']}_{row['feature']}{suffix}"


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


def reference_names(aggregation):
    """Group of the published matrices, and their names in the order of `cooccurrences`."""
    names = {
        "2d_averaged": ("glcm_2d", [f"slice{z}_dir{vector(d)}" for z in range(1, 5) for d in DIRECTIONS_2D]),
        "2d_slice_merged": ("glcm_2d_merged", [f"slice{z}" for z in range(1, 5)]),
        "3d_averaged": ("glcm_3d", [f"dir{vector(d)}" for d in DIRECTIONS_3D]),
        "3d_merged": ("glcm_3d_merged", ["all"]),
    }
    return names[aggregation]


def vector(direction):
    return tuple(int(step) for step in direction[::-1])


@pytest.mark.parametrize("aggregation", ["2d_averaged", "2d_slice_merged", "3d_averaged", "3d_merged"])
def test_cooccurrence_matrices_are_the_published_ones(aggregation, phantom):
    region = region_of(phantom, Bins(width=1))
    places, counts, n_matrices = cooccurrences(region.levels, region.n_g, aggregation)
    upper = np.zeros((n_matrices, region.n_g, region.n_g), int)
    upper.flat[places] = counts
    matrices = upper + upper.transpose(0, 2, 1)

    group, names = reference_names(aggregation)
    assert sorted(names) == sorted(MATRICES[group])
    for name, matrix in zip(names, matrices, strict=True):
        expected = np.zeros_like(matrix)
        for i, j, count in MATRICES[group][name]:
            expected[i - 1, j - 1] = count
        np.testing.assert_array_equal(matrix, expected, err_msg=name)


def test_default_is_the_merged_matrix_of_three_dimensions(phantom, values):
    extractor = RadiomicsFeatures(families="glcm", bin_width=1)
    row = dict(zip(extractor._names(), extractor._row(phantom), strict=True))
    assert row["glcm_contrast"] == values["glcm_contrast__3d_merged"]
