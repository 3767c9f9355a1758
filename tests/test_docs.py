"""Pages of the documentation: what stands there as a session of Python is what happens.

Comments of a page, which readers do not see, make the files that its examples read.
"""

import ast
import doctest
import inspect
import re
import shutil
import subprocess
import sys
from importlib import import_module
from operator import attrgetter
from pathlib import Path

import pytest

import radlearn

DOCS = Path(__file__).parents[1] / "docs"
DEPRECATED = {"keras.random_flips_and_shifts"}
# Editors take the type of a default for that of a parameter: what they accept then, in words of the documentation.
ACCEPTED = {bool: {"bool"}, int: {"int"}, float: {"int", "float"}, str: {"str"}}
# What a page says if its examples need a package that may be missing.
OPTIONAL = {
    ">>> from radlearn.keras": "radlearn.keras",
    ">>> from radlearn.report": "matplotlib",
    ".plot_roc()": "matplotlib",
    ">>> import pyarrow": "pyarrow",
    ">>> import skops": "skops",
    'make_classifier("xgboost"': "xgboost",
}
PAGES = [path for path in DOCS.glob("*.rst") if ">>>" in path.read_text("utf-8")]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_of_a_page_give_what_it_says(page, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for sign, package in OPTIONAL.items():
        if sign in page.read_text("utf-8"):
            pytest.importorskip(package, exc_type=ImportError)
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert tried
    assert not failed


@pytest.mark.slow
def test_pages_build_without_a_warning(tmp_path):
    for package in ("sphinx", "numpydoc", "radlearn.keras"):
        pytest.importorskip(package, reason=f"the pages need {package}", exc_type=ImportError)
    shutil.copytree(DOCS, tmp_path / "docs", ignore=shutil.ignore_patterns("_build", "generated"))
    # Nothing is written by "dummy", but all is read and all references are followed, in half of the time of "html".
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "dummy"]
    folders = [tmp_path / "docs", tmp_path / "built"]
    built = subprocess.run(command + folders, cwd=DOCS.parent, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr


def public_names():
    """What users call, by its name below `radlearn`."""
    yield from (name for name in radlearn.__all__ if not name.startswith("_"))
    for package in radlearn._PACKAGES:
        module = import_module(f"radlearn.{package}")
        names = (name for name in getattr(module, "__all__", ()) if callable(getattr(module, name)))
        yield from (f"{package}.{name}" for name in names if f"{package}.{name}" not in DEPRECATED)


def summaries():
    """First paragraphs of all public classes, functions and methods, by their names."""
    for name in public_names():
        thing = attrgetter(name)(radlearn)
        yield name, (inspect.getdoc(thing) or "").partition("\n\n")[0]
        for called, method in inspect.getmembers(thing, callable) if inspect.isclass(thing) else ():
            if not called.startswith("_"):
                yield f"{name}.{called}", (inspect.getdoc(method) or "").partition("\n\n")[0]


def test_no_summary_links_to_pages_of_scikit_learn():
    assert not [name for name, summary in summaries() if ":ref:" in summary]


def test_all_public_names_are_documented():
    listed = {line.strip() for line in DOCS.joinpath("api.rst").read_text("utf-8").splitlines()}
    assert not set(public_names()) - listed


def test_all_public_names_have_an_example():
    assert not [name for name in public_names() if ">>> " not in (inspect.getdoc(attrgetter(name)(radlearn)) or "")]


def test_no_names_of_pages_differ_in_capitals_only():
    settings = ast.parse(DOCS.joinpath("conf.py").read_text("utf-8")).body
    renamed = {}
    for line in settings:
        if isinstance(line, ast.Assign) and line.targets[0].id == "autosummary_filename_map":
            renamed = ast.literal_eval(line.value)
    pages = [renamed.get(f"radlearn.{name}", f"radlearn.{name}").lower() for name in public_names()]
    assert len(set(pages)) == len(pages)


def documented_types(thing):
    """Words for the type of each parameter, without its default."""
    lines = re.findall(r"^(\w+(?:, \w+)*) : (.+?)(?:, default.*)?$", inspect.getdoc(thing) or "", re.MULTILINE)
    return {name: words for names, words in lines for name in names.split(", ")}


def alternatives(words):
    """The types in words such as ``{"a", "b"} or None``."""
    for choices in re.findall(r"\{.*?\}", words):
        yield from (type(choice).__name__ for choice in ast.literal_eval(choices))
    others = re.split(r", | or ", re.sub(r"\{.*?\}", "", words))
    yield from ("str" if word.startswith('"') else word for word in others if word)


def too_narrow(thing):
    """Parameters that take more than an editor concludes from their default."""
    documented = documented_types(thing)
    for parameter in inspect.signature(thing).parameters.values():
        accepted = ACCEPTED.get(type(parameter.default))
        if accepted and parameter.annotation is parameter.empty and parameter.name in documented:
            words = documented[parameter.name]
            if not set(alternatives(words)) <= accepted:
                yield f"{parameter} is {words}"


def test_an_editor_accepts_what_is_documented():
    found = {name: list(too_narrow(attrgetter(name)(radlearn))) for name in public_names()}
    assert not {name: parameters for name, parameters in found.items() if parameters}


def documented_defaults(thing):
    """Defaults in words such as ``default=2``; of several parameters, one for all or one for each."""
    lines = re.findall(r"^(\w+(?:, \w+)*) : .+, default=([^a-z].*)$", inspect.getdoc(thing) or "", re.MULTILINE)
    for words, default in lines:
        names, value = words.split(", "), ast.literal_eval(default)
        one_each = len(names) > 1 and isinstance(value, tuple)
        yield from zip(names, value if one_each else [value] * len(names), strict=True)


def wrong_defaults(thing):
    """Parameters, of a class also those of its methods, whose documented default is not that of the code."""
    for called in (thing, *filter(inspect.isfunction, vars(thing).values() if inspect.isclass(thing) else ())):
        parameters = inspect.signature(called).parameters
        yield from (
            parameters[name] for name, value in documented_defaults(called) if parameters[name].default != value
        )


def test_documented_defaults_are_those_of_the_code():
    found = {name: list(wrong_defaults(attrgetter(name)(radlearn))) for name in public_names()}
    assert not {name: parameters for name, parameters in found.items() if parameters}
