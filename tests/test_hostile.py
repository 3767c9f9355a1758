"""Every hostile file ends in its documented behavior, in time and within memory, and harms no other case."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from counting import CountedMoments
from hostile import CORPUS, FAULTS, SECRET, make_case
from radlearn import Case, Cohort

SECONDS = 5  # of processor time

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is limited on Linux only"),
    pytest.mark.slow,
    pytest.mark.xdist_group("hostile"),  # one process reads all files, for all tests
]


@pytest.fixture(scope="module")
def outcomes():
    """What reading each entry gives, in one process of limited address space."""
    script = Path(__file__).with_name("hostile.py")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=120, env=environment, check=False
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"after {lines[-1:]}: {done.stderr}"
    return {line["name"]: line for line in lines}


@pytest.mark.parametrize("name", CORPUS)
def test_it_ends_in_its_documented_behavior(outcomes, name):
    entry, outcome = CORPUS[name], outcomes[name]
    assert outcome.get("error") == entry.error, outcome
    if entry.error:
        assert re.search(entry.pattern, outcome["message"]), outcome
    if entry.mean is not None:
        assert outcome["mean"] == pytest.approx(entry.mean)
    assert len(outcome["warnings"]) == (entry.warning is not None), outcome
    assert re.search(entry.warning or "", " ".join(outcome["warnings"]))


@pytest.mark.parametrize("name", [name for name, entry in CORPUS.items() if entry.error])
def test_its_error_names_case_and_file(outcomes, name):
    message = outcomes[name]["message"]
    assert f"case '{name}'" in message
    assert f"{name}{os.sep}" in message


def test_no_message_tells_the_name_of_a_patient(outcomes):
    assert SECRET not in json.dumps(outcomes)


@pytest.mark.parametrize("name", CORPUS)
def test_it_ends_in_time(outcomes, name):
    assert outcomes[name]["seconds"] < SECONDS


def test_every_fault_has_an_entry():
    assert {entry.fault for entry in CORPUS.values()} == set(FAULTS)


@pytest.mark.filterwarnings("ignore::radlearn.exceptions.RadlearnWarning")
def test_a_hostile_file_harms_no_other_case(tmp_path):
    names = [name for name, entry in CORPUS.items() if entry.error and "memory" not in name]
    cases = [make_case(name, tmp_path / name) for name in names]
    sound = Case(np.arange(16.0).reshape(4, 4), id="sound")
    extractor = CountedMoments(on_error="nan")
    table = extractor.fit_transform(Cohort([*cases, sound]))
    assert np.isnan(table[:-1]).all()
    assert table[-1].tolist() == pytest.approx([7.5, np.arange(16).std()])
    assert extractor.errors_["case"].tolist() == names
    assert extractor.errors_["remedy"].str.len().min() > 0
