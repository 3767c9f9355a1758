import importlib.util
import json
import logging
import os
import sys

import pytest

pytest.importorskip("radlearn.keras", exc_type=ImportError)

from radlearn.keras import _backend
from radlearn.keras._backend import choose_backend, load_keras


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """Choose what counts as installed; no backend is asked for, and the home folder is empty."""
    packages = {"keras", *_backend.BACKENDS}
    monkeypatch.setattr(_backend, "_is_installed", lambda package: package in packages)
    monkeypatch.setattr(_backend.Path, "home", lambda: tmp_path)
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.delenv("KERAS_HOME", raising=False)
    return packages


def test_tensorflow_comes_before_torch_and_jax(installed):
    assert choose_backend() == "tensorflow"


def test_what_is_installed_is_taken(installed):
    installed -= {"tensorflow", "torch"}
    assert choose_backend() == "jax"


def test_the_environment_variable_decides(installed, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert choose_backend() == "jax"


def test_the_wish_of_keras_json_is_granted(installed, tmp_path):
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text(json.dumps({"backend": "torch"}))
    assert choose_backend() == "torch"


@pytest.mark.parametrize("content", ["torch", None])
def test_a_user_without_a_home_folder_is_one_without_keras_json(installed, tmp_path, monkeypatch, content):
    def unknown():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(_backend.Path, "home", unknown)
    if content:
        (tmp_path / "keras.json").write_text(json.dumps({"backend": content}))
        monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert choose_backend() == (content or "tensorflow")
    assert "MPLCONFIGDIR" in set(_backend._folders_to_move())


def test_keras_json_may_name_what_is_not_installed(installed, tmp_path):
    installed -= {"tensorflow"}
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text(json.dumps({"backend": "tensorflow"}))
    assert choose_backend() == "torch"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"backend": null}'])
def test_a_useless_keras_json_does_no_harm(installed, tmp_path, content):
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text(content)
    assert choose_backend() == "tensorflow"


def test_without_keras_the_message_names_the_extra(installed):
    installed -= {"keras"}
    with pytest.raises(ImportError, match=r"radlearn.keras needs keras; .*pip install \"radlearn\[tensorflow\]\""):
        choose_backend()


def test_without_a_backend_the_message_names_the_extra(installed):
    installed -= set(_backend.BACKENDS)
    with pytest.raises(ImportError, match=r"needs a backend for keras \(tensorflow, torch, jax\); .*tensorflow"):
        choose_backend()


def test_a_wish_that_cannot_be_granted_is_an_error(installed, monkeypatch):
    installed -= {"jax"}
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(ImportError, match="'jax', which the environment variable KERAS_BACKEND asks for"):
        choose_backend()


@pytest.mark.slow
def test_keras_is_loaded_once():
    assert load_keras() is load_keras()


@pytest.mark.slow
def test_importing_radlearn_does_not_look_for_keras(run_python):
    loaded = run_python("import json, sys, radlearn; print(json.dumps(sorted(sys.modules)))")
    assert not {"keras", "radlearn.keras", "tensorflow", "torch", "jax"} & set(loaded)


@pytest.mark.slow
def test_importing_the_package_does_not_import_keras(run_python):
    code = "from radlearn.keras import CNNClassifier; CNNClassifier(); print(json.dumps(sorted(sys.modules)))"
    loaded = run_python(f"import json, sys; {code}")
    assert not {"keras", "tensorflow", "torch", "jax"} & set(loaded)


@pytest.mark.slow
def test_a_missing_keras_is_one_readable_error(run_python):
    code = """
import json, sys
sys.modules["keras"] = None
import radlearn
try:
    from radlearn.keras import CNNClassifier
except ImportError as error:
    print(json.dumps(str(error)))
"""
    assert run_python(code).startswith("radlearn.keras needs keras; install radlearn with the extra")


LOADING = """
import json, os
from pathlib import Path
before = dict(os.environ)
from radlearn.keras._backend import load_keras
keras = load_keras()
print(json.dumps({
    "backend": keras.config.backend(),
    "home": sorted(str(path) for path in Path.home().rglob("*")),
    "changed": sorted({name for name, _ in before.items() ^ os.environ.items()}),
}))
"""


@pytest.fixture(scope="module")
def first_import(run_python, tmp_path_factory):
    """What the first import of Keras leaves behind, under a home folder that was empty."""
    home = str(tmp_path_factory.mktemp("home"))
    moved = ("KERAS_HOME", "MPLCONFIGDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
    with pytest.MonkeyPatch.context() as patch:
        for name in moved:
            patch.delenv(name, raising=False)
        return run_python(LOADING, HOME=home, USERPROFILE=home)


def test_notices_of_native_code_are_kept_back_and_nothing_else(installed, monkeypatch, capfd):
    def say(_):
        os.write(2, b"I0000 00:00:1 1 port.cc:153] oneDNN is on.\nno space left\n")

    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setattr(_backend, "import_module", say)
    load_keras()
    assert capfd.readouterr().err == "no space left\n"


def test_a_search_is_not_accompanied_by_warnings_of_tensorflow(caplog):
    logger = logging.getLogger("tensorflow")
    logger.addHandler(caplog.handler)
    try:
        logger.warning("%d out of the last 6 calls to train triggered tf.function retracing. Tracing is expensive", 5)
        logger.warning("something else")
    finally:
        logger.removeHandler(caplog.handler)
    assert {record.getMessage() for record in caplog.records} == {"something else"}


@pytest.mark.slow
def test_the_home_folder_stays_empty(first_import):
    assert first_import["home"] == []


@pytest.mark.slow
def test_the_environment_stays_as_it_was(first_import):
    # TF2_BEHAVIOR and the like are set by the backends themselves.
    ours = {"KERAS_BACKEND", "KERAS_HOME", "MPLCONFIGDIR", "TF_CPP_MIN_LOG_LEVEL", "TF_ENABLE_ONEDNN_OPTS"}
    assert not ours & set(first_import["changed"])


def test_tensorflow_is_imported_with_its_fast_operations(installed, monkeypatch):
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setattr(_backend, "import_module", lambda _: os.environ["TF_ENABLE_ONEDNN_OPTS"])
    assert load_keras() == "1"


@pytest.mark.slow
def test_keras_runs_on_the_chosen_backend(first_import):
    assert first_import["backend"] == choose_backend()


@pytest.mark.slow
@pytest.mark.parametrize("backend", _backend.BACKENDS)
def test_keras_obeys_the_environment_variable(run_python, backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    if backend == choose_backend():
        pytest.skip(f"{backend} would be chosen without the variable")
    assert run_python(LOADING, KERAS_BACKEND=backend)["backend"] == backend


def test_variables_of_the_user_are_kept(monkeypatch):
    monkeypatch.setenv("KERAS_HOME", "mine")
    with _backend._environment({"KERAS_HOME": "ours", "RADLEARN_NEW": "1"}):
        assert (os.environ["KERAS_HOME"], os.environ["RADLEARN_NEW"]) == ("mine", "1")
    assert os.environ["KERAS_HOME"] == "mine"
    assert "RADLEARN_NEW" not in os.environ
