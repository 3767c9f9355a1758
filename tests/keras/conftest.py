"""A task that a tiny network learns in seconds, and the network."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from radlearn import Case, Cohort


def make_squares(n_cases, first=0):
    """Noise of different sizes, with a bright square in every second pair of cases; two cases of each patient."""
    cases = []
    for number in range(first, first + n_cases):
        rng = np.random.default_rng(number)
        image = rng.normal(100, 10, rng.integers(14, 20, size=2))
        if number // 2 % 2:
            image[4:10, 4:10] += 30
        cases.append(Case(image, id=f"case-{number}", patient=f"P{number // 2}"))
    return Cohort(cases), np.array(["normal", "lesion"])[np.arange(first, first + n_cases) // 2 % 2]


@pytest.fixture(scope="session", autouse=True)
def compiled_once(tmp_path_factory):
    """Let JAX keep what it has compiled: the same small networks are fitted again and again, in new processes, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path_factory.mktemp("compiled")))
        patch.setenv("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
        patch.setenv("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
        yield


@pytest.fixture(scope="session")
def squares():
    """Cohort and labels to train on."""
    return make_squares(32)


@pytest.fixture(scope="session")
def new_squares():
    """Cohort and labels of other patients."""
    return make_squares(16, first=100)


@pytest.fixture(scope="session")
def make_model():
    """CNNClassifier with a network small enough for tests."""
    from radlearn.keras import CNNClassifier

    def make(**parameters):
        small = {"filters": (4, 8), "dense": 8, "dropout": 0.2, "epochs": 4, "batch_size": 4, "learning_rate": 0.01}
        return CNNClassifier(**{"input_shape": (16, 16), "random_state": 0, **small, **parameters})

    return make


@pytest.fixture(scope="session")
def trained(make_model, squares):
    """Model that has learned the task; not to be fitted again."""
    return make_model(epochs=15).fit(*squares)


@pytest.fixture(scope="session")
def run_python():
    """Run code in a new process and return what it prints as JSON."""

    def run(code, **environment):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
