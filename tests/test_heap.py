"""Memory that arrays give back is kept for the next ones."""

import os
import platform
import subprocess
import sys

import pytest

# Several arrays of 4 MB, given back together: more than a process would keep that has seen none but them.
PAGES = """
import resource
import numpy as np
{before}
def row():
    return [np.ones(2**19) for _ in range(6)]
row(), row()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
row(), row()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def new_pages(before):
    # Where these are set, as dask's workers do, glibc does not learn.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    code = PAGES.format(before=before)
    return int(subprocess.check_output([sys.executable, "-c", code], text=True, env=environment))


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have rules of their own")
def test_memory_of_a_row_is_kept_for_the_next_one():
    assert new_pages("import radlearn.base") < new_pages("") / 10
