"""Pages of the documentation: what stands there as a session of Python is what happens."""

import doctest
from pathlib import Path

import pytest

PAGES = [path for path in Path(__file__).parents[1].joinpath("docs").glob("*.rst") if ">>>" in path.read_text("utf-8")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_of_a_page_give_what_it_says(page, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert tried
    assert not failed
