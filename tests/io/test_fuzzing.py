"""Whatever bytes a file holds: it is read, or refused with a RadlearnError; nothing else comes out."""

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from fuzzing import SEEDS, damaged, read_damaged


@pytest.mark.parametrize("name", SEEDS)
def test_the_undamaged_file_is_read(tmp_path, name):
    assert read_damaged(name, SEEDS[name].content, tmp_path) == "read"


@pytest.mark.parametrize("name", SEEDS)
@settings(derandomize=True, max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_with_a_typed_error(tmp_path, name, data):
    read_damaged(name, data.draw(damaged(SEEDS[name].content)), tmp_path)
