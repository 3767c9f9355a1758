"""What is handed on as an archive of the sources."""

import subprocess
import sys
import tarfile
from pathlib import Path, PurePosixPath
from shutil import copy, copytree, ignore_patterns

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("benchmarks", "docs", "examples", "radlearn", "tests")


@pytest.mark.slow
def test_an_archive_of_the_sources_has_all_that_its_tests_and_pages_need(tmp_path):
    pytest.importorskip("setuptools", minversion="77")
    for file in ROOT.glob("*.*"):
        if file.is_file():
            copy(file, tmp_path)
    copy(ROOT / "LICENSE", tmp_path)
    for folder in FOLDERS:
        copytree(ROOT / folder, tmp_path / folder, ignore=ignore_patterns("__pycache__", "_build", "generated"))
    build = "from setuptools.build_meta import build_sdist; print(build_sdist('.'))"
    done = subprocess.run([sys.executable, "-c", build], cwd=tmp_path, capture_output=True, text=True, check=True)
    with tarfile.open(tmp_path / done.stdout.split()[-1]) as archive:
        packed = {str(PurePosixPath(*PurePosixPath(name).parts[1:])) for name in archive.getnames()}
    wanted = {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "conftest.py", "docs/index.rst"}
    wanted |= {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.py")}
    assert not wanted - packed
