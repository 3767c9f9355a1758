"""Which part of radlearn may import which: down only, and heavy packages in one place each."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import radlearn

ROOT = Path(__file__).parents[1] / "radlearn"

FOUNDATION = {
    "_accuracy",
    "exceptions",
    "_validation",
    "_optional",
    "_deprecation",
    "_lazy",
    "_known",
    "_boxes",
    "_bounding_box",
    "_heap",
    "_labels",
    "_overlap",
    "_pseudonym",
    "_quiet",
    "_scratch",
    "_shuffling",
    "_single_slice",
}
CORE = FOUNDATION | {
    "volume",
    "io",
    "case",
    "table",
    "cohort",
    "_cache",
    "_rows",
    "_html",
    "base",
    "_truth",
    "_dice_scorer",
}
# part -> the parts of radlearn that it may import, besides itself.
MAY_IMPORT = {
    "__init__": {"_lazy"},
    "_accuracy": set(),
    "exceptions": set(),
    "_validation": set(),
    "_optional": set(),
    "_deprecation": set(),
    "_lazy": set(),
    "_drawing": {"_bounding_box", "_optional"},
    "_known": set(),
    "_boxes": {"exceptions", "_validation"},
    "_bounding_box": set(),
    "_heap": set(),
    "_labels": {"exceptions", "_validation"},
    "_overlap": {"exceptions", "_validation"},
    "_pseudonym": set(),
    "_quiet": set(),
    "_scratch": set(),
    "_shuffling": set(),
    "_single_slice": set(),
    "volume": FOUNDATION,
    "io": FOUNDATION | {"volume"},
    "case": FOUNDATION | {"volume", "io"},
    "table": FOUNDATION | {"volume", "io", "case"},
    "_cache": FOUNDATION | {"volume"},
    "_rows": FOUNDATION | {"_cache"},
    "_html": FOUNDATION | {"volume", "_drawing"},
    "cohort": FOUNDATION | {"volume", "io", "case", "table", "_html"},
    "base": FOUNDATION | {"volume", "io", "case", "table", "cohort", "_cache", "_rows"},
    "_truth": FOUNDATION | {"cohort"},
    "_dice_scorer": FOUNDATION | {"cohort", "_truth"},
    "datasets": CORE,
    "_interpolation": set(),
    "preprocessing": CORE | {"_interpolation"},
    "descriptors": CORE | {"_threads"},
    "detection": CORE,
    "_kernels": set(),
    "_threads": set(),
    "filters": CORE | {"_kernels"},
    "radiomics": CORE | {"_kernels", "_threads", "_interpolation", "filters"},
    "segmentation": CORE | {"_threads"},
    "models": FOUNDATION,
    "evaluation": CORE | {"_drawing", "models"},
    "report": CORE | {"_drawing", "radiomics"},
    "cli": {"io", "radiomics"},
    "__main__": {"cli"},
    "keras": CORE | {"preprocessing", "segmentation", "evaluation"},
}

# package -> the parts that may import it.
ONLY_IN = {
    "numba": {"_kernels"},
    "pydicom": {"io"},
    "nibabel": {"io"},
    "SimpleITK": {"io", "preprocessing", "radiomics"},
    "matplotlib": {"_drawing"},
    "keras": {"keras"},
    "tensorflow": {"keras"},
    "torch": {"keras"},
    "jax": {"keras"},
    "xgboost": {"models"},
}

FILES = sorted(ROOT.rglob("*.py"))


def part_of(path):
    return path.relative_to(ROOT).with_suffix("").parts[0]


class _WithoutTypeChecking(ast.NodeTransformer):
    """Drop what only editors and type checkers import."""

    def visit_If(self, node):
        return None if getattr(node.test, "id", "") == "TYPE_CHECKING" else self.generic_visit(node)


def imported_modules(path):
    """Dotted names of all modules that a running program imports because of a file, anywhere in it."""
    tree = _WithoutTypeChecking().visit(ast.parse(path.read_text(encoding="utf-8")))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "radlearn")
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("import_module", "import_optional"):
            yield from (argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path):
    part = part_of(path)
    names = [name.split(".") for name in imported_modules(path)]
    parts = {name[1] for name in names if name[0] == "radlearn" and len(name) > 1}
    assert parts - {part} <= MAY_IMPORT[part]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_packages_stay_in_their_part(path):
    packages = {name.split(".")[0] for name in imported_modules(path)}
    misplaced = {package for package in packages & ONLY_IN.keys() if part_of(path) not in ONLY_IN[package]}
    assert not misplaced


def private_imports(path):
    """What a file imports that is private to another package."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("radlearn"):
            for alias in node.names:
                parts = [*node.module.split("."), alias.name][1:]
                # Modules at the top (n is 0) are shared; kernels of all packages are compiled by `radiomics.warm_up`.
                private = [n for n, part in enumerate(parts) if part.startswith("_") and part != "_kernels" and n]
                if any(tuple(parts[:n]) != package[:n] for n in private):
                    yield ".".join(parts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_package_imports_what_is_private_to_another(path):
    assert not list(private_imports(path))


def test_kernels_import_nothing_of_radlearn_but_kernels():
    for path in FILES:
        if path.parent.name == "_kernels":
            names = {name for name in imported_modules(path) if name.startswith("radlearn")}
            if path.name == "__init__.py":
                names.discard("radlearn._lazy")  # it lists kernels, which are imported on first use
            assert all("._kernels" in name for name in names), path


def test_files_stay_short():
    long_files = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert not {name: lines for name, lines in long_files.items() if lines > 600}


def test_the_cohort_classes_load_no_image_or_network_library():
    heavy = [*ONLY_IN, "skimage"]
    code = f"import sys; from radlearn import Cohort, read_cohort; print(*[n for n in {heavy} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_listed_name_can_be_imported_where_keras_is_missing(monkeypatch):
    monkeypatch.setattr(radlearn, "find_spec", lambda _: None)
    assert "keras" not in dir(radlearn)
    assert {"Cohort", "radiomics"} <= set(dir(radlearn))
