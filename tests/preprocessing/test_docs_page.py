"""The page of the documentation about preprocessing: no step is missing."""

from pathlib import Path

import pytest

from radlearn import preprocessing

PAGE = Path(__file__).parents[2] / "docs" / "preprocessing.rst"


@pytest.mark.parametrize("name", [name for name in preprocessing.__all__ if name[0].isupper()])
def test_every_step_has_its_place(name):
    assert f"~radlearn.preprocessing.{name}`" in PAGE.read_text(encoding="utf-8")
