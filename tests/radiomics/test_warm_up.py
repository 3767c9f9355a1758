"""Compiling: announced once, kept on disk, and no cache folder can stop a study."""

import io
import os
import subprocess
import sys
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

import radlearn
from radlearn import Case
from radlearn.cli import main
from radlearn.filters import GaborFilter, LaplacianOfGaussian, LawsKernels, SeparableWavelet, _kernels as filter_kernels
from radlearn.radiomics import FeatureMap, PyRadiomicsFeatures, RadiomicsFeatures, _kernels, warm_up
from radlearn.radiomics._warm_up import WarmUp

compiles = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("warm up")]

COUNT = """
import numpy as np
from radlearn.radiomics import _kernels
print(_kernels.count_cells(np.pad(np.ones((3, 2, 3), np.uint8), 1))[255])
"""
NO_FOLDER = """
from numba.core import caching
class Nowhere(caching.FunctionCache._impl_class):
    _locator_classes = []
caching.FunctionCache._impl_class = Nowhere
"""


def run(code, folder):
    """Output and messages of a process whose compiled code is kept in `folder`."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder), "NUMBA_DISABLE_JIT": "0"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip(), done.stderr.strip().splitlines()


def test_compiling_is_announced_once_and_kept(tmp_path):
    output, messages = run(COUNT, tmp_path)
    assert output == "4"
    assert len(messages) == 1
    assert messages[0].startswith("radlearn: compiling the kernels of these features, once")
    assert run(COUNT, tmp_path) == ("4", [])


@pytest.mark.parametrize("stderr", ["None", "open(os.devnull)"])
def test_nobody_has_to_read_that_kernels_are_compiled(tmp_path, stderr):
    assert run(f"import os, sys\nsys.stderr = {stderr}{COUNT}", tmp_path) == ("4", [])


def test_garbage_is_collected_as_before_once_it_is_done(tmp_path):
    check = "import gc\nbefore = gc.get_threshold()" + COUNT + "print(gc.get_threshold() == before)"
    assert run(check, tmp_path)[0].split() == ["4", "True"]


def test_functions_of_others_are_compiled_without_a_word(tmp_path):
    code = "from numba import njit\nnames = {}\nexec('def f(x): return x + 1', names)\nprint(njit(names['f'])(1))"
    run(COUNT, tmp_path)
    assert run(COUNT + code, tmp_path) == ("4\n2", [])


def test_a_kernel_that_is_kept_goes_together_with_one_that_is_not(tmp_path):
    add_up = "print(_kernels.position_sums(np.array([[0, 0, 0, 3]]), (np.arange(1), np.arange(1), np.arange(3)))[0])"
    run(COUNT, tmp_path)
    output, messages = run(COUNT + add_up + COUNT, tmp_path)
    assert (output.split(), len(messages)) == (["4", "3", "4"], 1)


@pytest.mark.parametrize("content", [b"", b"garbage", None])
def test_a_damaged_cache_is_compiled_again(content, tmp_path):
    run(COUNT, tmp_path)
    for file in (path for path in tmp_path.rglob("*.nb*") if path.is_file()):
        file.write_bytes(file.read_bytes()[:-20] if content is None else content)
    assert run(COUNT, tmp_path)[0] == "4"
    assert run(COUNT, tmp_path) == ("4", [])


def test_what_a_kernel_takes_from_a_file_beside_it_may_change(tmp_path):
    loop = "from parts import STEP\nfrom radlearn._kernels.compiling import kernel\n"
    (tmp_path / "loops.py").write_text(f"{loop}\n\n@kernel\ndef moved(x):\n    return x + STEP\n")
    code = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport loops\nprint(loops.moved(1))"
    for step in (1, 20):
        (tmp_path / "parts.py").write_text(f"STEP = {step}\n")
        for _ in range(2):
            assert run(code, tmp_path / "cache")[0] == str(1 + step)
    assert run(code, tmp_path / "cache") == ("21", [])


def test_without_any_folder_to_write_the_message_names_the_remedy(tmp_path):
    output, messages = run(NO_FOLDER + COUNT, tmp_path)
    assert output == "4"
    assert "in every process (set NUMBA_CACHE_DIR" in messages[0]


def test_a_folder_that_is_a_file_is_survived(tmp_path):
    (tmp_path / "file").write_text("")
    assert run(COUNT, tmp_path / "file" / "folder")[0] == "4"


@compiles
def test_kernels_are_what_python_calls_and_the_rest_are_their_parts():
    for package in (_kernels, filter_kernels):
        listed = {name: getattr(package, name) for name in package.HOME}
        for module in {import_module(kernel.__module__) for kernel in listed.values()}:
            own = {name: f for name, f in vars(module).items() if getattr(f, "__module__", "") == module.__name__}
            called = {name for name, f in own.items() if not getattr(f, "targetoptions", {}).get("no_cpython_wrapper")}
            assert called == {name for name, kernel in listed.items() if kernel.__module__ == module.__name__}


def signatures():
    """For which types of arguments each kernel is compiled."""
    return {
        (package.__name__, name): getattr(package, name).signatures
        for package in (_kernels, filter_kernels)
        for name in package.HOME
    }


@compiles
@pytest.mark.parametrize("ndim", [3, 2])
def test_no_kernel_is_compiled_twice(ndim):
    warm_up()
    known = signatures()
    rng = np.random.default_rng(0)
    image, *larger = (rng.normal(100, 30, shape[-ndim:]) for shape in ((6, 8, 9), (14, 15, 16), (3, 30, 40)))
    kinds = [image, np.asfortranarray(image), image.astype(">f8"), image.astype("f4"), image.astype("i2"), image[::-1]]
    masked = [Case(kind, mask=(kind > 80).astype(np.uint8), id=str(n)) for n, kind in enumerate(kinds + larger)]
    whole = [replace(case, mask=None) for case in masked]
    laws = LawsKernels(kernels="E5L5S5"[: 2 * ndim], rotation_invariant=True, energy_distance=1)
    wavelet = SeparableWavelet(rotation_invariant=True)
    filters = [laws, wavelet, LaplacianOfGaussian(), GaborFilter(pooling="max", theta_step_deg=90)]
    params = {"imageType": {"Original": {}, "LoG": {"sigma": [1.0]}, "Wavelet": {}}, "featureClass": {"firstorder": []}}
    for cases in (masked, whole):
        RadiomicsFeatures(ndim=ndim, filters=filters, not_standardised=True).fit_transform(cases)
        PyRadiomicsFeatures(params=params, ndim=ndim).fit_transform(cases)
    PyRadiomicsFeatures(params={**params, "setting": {"normalize": True}}, ndim=ndim).fit_transform(masked)
    RadiomicsFeatures(ndim=ndim, weighting_norm="manhattan").fit_transform(masked[:1])
    for case in (image, image.astype("f4")):
        FeatureMap(radius=2).maps(case)
    assert signatures() == known


@compiles
def test_no_kernel_is_left_out():
    warm_up()
    assert all(signatures().values())


def test_the_command_warms_up(capsys):
    assert main(["warmup"]) == 0
    assert f"of {len(_kernels.HOME) + len(filter_kernels.HOME)} kernels compiled" in capsys.readouterr().out


def test_the_command_tells_where_no_folder_keeps_what_it_compiled(capsys, monkeypatch):
    monkeypatch.setattr("radlearn.radiomics.warm_up", lambda: WarmUp(n_compiled=3, n_kernels=3, folder=None))
    assert main(["warmup"]) == 1
    assert "no folder can be written: set NUMBA_CACHE_DIR to one" in capsys.readouterr().out


def test_the_folder_of_compiled_code_is_told_whatever_its_name(monkeypatch):
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="cp1252", newline="\n")  # that of a file or a pipe on Windows
    monkeypatch.setattr("sys.stdout", stdout)
    monkeypatch.setattr("radlearn.radiomics.warm_up", lambda: WarmUp(5, 3, "C:/Users/Иван"))
    assert main(["warmup"]) == 0
    stdout.flush()
    assert stdout.buffer.getvalue().endswith(b"kept in C:/Users/\\u0418\\u0432\\u0430\\u043d\n")


def test_the_command_tells_its_version():
    done = subprocess.run([sys.executable, "-m", "radlearn", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"radlearn {radlearn.__version__}"
