"""Declarations: what they give, and which mistakes they refuse."""

import subprocess
import sys

import numpy as np
import pytest

from radlearn.radiomics import FAMILIES, _family, feature_table
from radlearn.radiomics._family import Family, mean_of_defined, unit_exponents


@pytest.fixture
def family(monkeypatch):
    """A family of its own, in a registry of its own."""
    monkeypatch.setattr(_family, "FAMILIES", {"glcm": {}, "glrlm": {}})

    class Textures(Family, name="glrlm", ibsi="TP0I", aggregations=("3d_averaged", "2d_averaged")):
        """Runs of grey levels."""

        def measure(self):
            self.numbers = np.array([1.0, np.nan, 3.0])

    return Textures


def declare(family, name="short_runs", doc="How short runs are.", **declaration):
    def function(m):
        return m.numbers

    function.__name__, function.__doc__ = name, doc
    return family.feature(**{"ibsi": "22OV", "unit": "1", "formula": "x", **declaration})(function)


def test_a_table_of_other_dimensions_is_refused():
    with pytest.raises(ValueError, match=r"ndim must be 3 .* or 2 .*, got 4"):
        feature_table(4)


def test_a_flag_of_a_table_is_true_or_false():
    with pytest.raises(TypeError, match="not_standardised must be True or False, got 'no'"):
        feature_table(not_standardised="no")


def test_a_declared_feature_stays_a_plain_function(family):
    function = declare(family)
    assert function(family(region=None)) is not None
    assert family.features["short_runs"].function is function


def test_values_average_over_the_matrices_in_which_the_feature_is_defined(family):
    declare(family)
    assert family.values(None, "3d_averaged") == [2.0]


def test_what_is_not_standardised_is_computed_and_listed_on_request_only(family):
    def not_to_be_called(m):
        raise AssertionError

    not_to_be_called.__doc__ = "Runs that nobody asked for."
    declare(family)
    family.feature(ibsi="W4KF", unit="1", formula="x", standardised=False)(not_to_be_called)
    assert family.values(None, "3d_averaged") == [2.0]
    with pytest.raises(AssertionError):
        family.values(None, "3d_averaged", not_standardised=True)

    assert set(feature_table()["name"]) == {"glrlm_short_runs"}
    on_request = feature_table(not_standardised=True).drop_duplicates("name")
    assert on_request["standardised"].to_list() == [True, False]


def test_a_feature_is_described_by_the_first_line_of_its_docstring(family):
    declare(family, doc="How short runs are.\n\nAnd more.")
    feature = family.features["short_runs"]
    assert feature.description == "How short runs are."
    assert feature.column == "glrlm_short_runs"


def test_an_underscore_behind_the_name_is_dropped(family):
    declare(family, name="range_")
    assert list(family.features) == ["range"]


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ({"doc": None}, "has no docstring"),
        ({"ibsi": "22ov"}, "four digits or capital letters"),
        ({"ibsi": None}, "either an IBSI code or the reason"),
        ({"reason": "new"}, "either an IBSI code or the reason"),
        ({"ibsi": "TP0I"}, "has the code TP0I of family 'glrlm'"),
        ({"unit": "mm^0"}, "unit 'mm\\^0' is not made of"),
        ({"unit": "furlong"}, "unit 'furlong' is not made of"),
        ({"unit": ""}, "unit '' is not made of"),
    ],
)
def test_a_bad_declaration_fails(family, declaration, message):
    with pytest.raises(TypeError, match=message):
        declare(family, **declaration)


def test_a_name_cannot_be_declared_twice(family):
    declare(family)
    with pytest.raises(TypeError, match="glrlm_short_runs is declared twice"):
        declare(family, ibsi="W4KF")


def test_a_code_cannot_be_declared_twice(family):
    declare(family)
    with pytest.raises(TypeError, match="glrlm_long_runs has the code 22OV of glrlm_short_runs"):
        declare(family, name="long_runs")


@pytest.mark.parametrize(
    ("name", "doc", "message"),
    [
        ("shape", "Shape.", "family 'shape' has no place in FAMILIES"),
        ("glrlm", "Runs.", "family 'glrlm' is declared twice for ndim=2"),
        ("glcm", None, "family 'glcm' has no docstring"),
    ],
)
@pytest.mark.usefixtures("family")
def test_a_bad_family_fails(name, doc, message):
    with pytest.raises(TypeError, match=message):
        type("Bad", (Family,), {"__doc__": doc}, name=name, ibsi=None)


@pytest.mark.parametrize(
    ("unit", "exponents"),
    [("1", {}), ("mm", {"mm": 1}), ("bin^-2", {"bin": -2}), ("intensity*mm^3", {"intensity": 1, "mm": 3})],
)
def test_unit_exponents(unit, exponents):
    assert unit_exponents(unit) == exponents


def test_nothing_defined_averages_to_nan():
    assert np.isnan(mean_of_defined(np.array([np.nan])))
    assert np.isnan(mean_of_defined(np.array([])))


def test_families_stand_in_the_order_of_their_columns():
    assert list(FAMILIES) == [
        *("morphology", "spatial", "local_intensity", "statistics", "histogram", "volume_histogram"),
        *("glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm"),
    ]


# Of the features that are standardised.
IN_2D = {"statistics": 18, "histogram": 23, "volume_histogram": 6}
INTENSITY = {3: {"local_intensity": 2, **IN_2D}, 2: IN_2D}


@pytest.mark.parametrize("ndim", [2, 3])
def test_feature_table_has_a_row_per_feature_and_aggregation(ndim):
    table = feature_table(ndim)
    assert list(table) == ["name", "family", "ibsi", "aggregation", "unit", "formula", "description", "standardised"]
    assert not table.duplicated(["name", "aggregation"]).any()
    counts = table.drop_duplicates("name")["family"].value_counts(sort=False).to_dict()
    texture = {"glcm": 25, "glrlm": 16, "glszm": 16, "gldzm": 16, "ngtdm": 5, "ngldm": 17}
    assert counts == {"morphology": {3: 23, 2: 18}[ndim], "spatial": 2, **INTENSITY[ndim], **texture}
    assert table.query("family == 'glcm'").groupby("name").size().unique() == [{3: 6, 2: 2}[ndim]]


@pytest.mark.slow
def test_families_need_no_docstrings_where_python_drops_them():
    code = "from radlearn.radiomics import feature_table, map_table; print(len(feature_table()), len(map_table()))"
    plain, stripped = (
        subprocess.run([sys.executable, *flags, "-c", code], capture_output=True, text=True, check=True).stdout
        for flags in ([], ["-OO"])
    )
    assert plain == stripped
