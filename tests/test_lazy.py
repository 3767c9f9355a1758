"""Packages whose names are imported on first use."""

import ast
import gc
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import radlearn
from radlearn._lazy import import_on_use

# Package -> a name that it imports on first use, and a module that is not loaded before.
PACKAGES = {
    "radlearn": ("Cohort", "radlearn.cohort"),
    "radlearn.datasets": ("make_cohort", "radlearn.datasets.synthetic"),
    "radlearn.filters._kernels": ("correlate_rows", "numba"),
    "radlearn.radiomics": ("PyRadiomicsFeatures", "radlearn.radiomics.pyradiomics"),
    "radlearn.radiomics._kernels": ("count_pairs", "numba"),
    "radlearn.report": ("plot_feature_map", "radlearn.report.feature_map"),
}


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("package", PACKAGES)
def test_a_name_is_listed_and_imported_on_first_use_only(package):
    name, heavy = PACKAGES[package]
    code = f"import sys, {package} as p; print({name!r} in dir(p), {heavy!r} in sys.modules, {name!r} in vars(p));"
    done = run(f"{code} p.{name}; print({heavy!r} in sys.modules, {name!r} in vars(p))")
    assert done.stdout.split() == ["True", "False", "False", "True", "True"], done.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_all_listed_names_can_be_imported(package):
    module = import_module(package)
    names = getattr(module, "HOME", None) or module.__all__
    assert set(names) <= set(dir(module))
    assert all(getattr(module, name) is not None for name in names)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_misspelled_name_is_an_attribute_error(package):
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'Cohrt'") as caught:
        import_module(package).Cohrt  # noqa: B018 - asking for it is the test
    assert caught.value.name == "Cohrt"
    assert not hasattr(import_module(package), "Cohrt")


def test_a_traceback_suggests_the_right_name():
    assert "Did you mean: 'Cohort'?" in run("import radlearn; radlearn.Cohrt").stderr


def test_packages_are_found_as_attributes():
    assert radlearn.descriptors is sys.modules["radlearn.descriptors"]


@pytest.fixture(params=[True, False])
def collects_garbage(request):
    (gc.enable if request.param else gc.disable)()
    yield request.param
    gc.enable()


@pytest.fixture
def late_module(tmp_path, monkeypatch):
    """Path of a module that a package imports on use, and what imports its name."""
    package = ModuleType("late_package")
    package.__path__ = [str(tmp_path)]
    monkeypatch.setitem(sys.modules, "late_package", package)
    monkeypatch.delitem(sys.modules, "late_package.late", raising=False)
    return tmp_path / "late.py", import_on_use("late_package", {"name": "late"})[0]


def test_no_garbage_is_collected_while_a_name_is_imported(late_module, collects_garbage):
    path, getattribute = late_module
    path.write_text("import gc; name = gc.isenabled()")
    assert getattribute("name") is False
    assert gc.isenabled() == collects_garbage


def test_garbage_is_collected_as_before_if_the_import_fails(late_module, collects_garbage):
    path, getattribute = late_module
    path.write_text("1 / 0")
    with pytest.raises(ZeroDivisionError):
        getattribute("name")
    assert gc.isenabled() == collects_garbage


def typed_imports(package):
    """Name -> module that a package imports for editors and type checkers only."""
    tree = ast.parse(Path(import_module(package).__file__).read_text(encoding="utf-8"))
    blocks = [node.body for node in tree.body if getattr(getattr(node, "test", None), "id", "") == "TYPE_CHECKING"]
    return {alias.asname or alias.name: node.module for block in blocks for node in block for alias in node.names}


@pytest.mark.parametrize("package", ["radlearn", "radlearn.datasets", "radlearn.radiomics", "radlearn.report"])
def test_editors_know_the_names_that_are_imported_late(package):
    module = import_module(package)
    late = getattr(module, "_LATE", None) or module._PUBLIC
    expected = {name: f"{package}.{home}" for name, home in late.items()}
    expected |= dict.fromkeys(getattr(module, "_PACKAGES", ()), "radlearn")
    assert typed_imports(package) == expected
