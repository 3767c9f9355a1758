"""Linear algebra in one thread: for whom it is asked, and no longer."""

import os
import subprocess
import sys

CODE = """
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from threadpoolctl import threadpool_info
from radlearn._threads import one_blas_thread

def n_threads(_=None):
    return max([library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"], default=1)

def n_inside(_):
    with one_blas_thread():
        with one_blas_thread():
            within = n_threads()
        return max(within, n_threads())

before = n_threads()
with ThreadPoolExecutor(4) as pool:
    print(*pool.map(n_inside, range(20)))
try:
    with one_blas_thread():
        raise ValueError
except ValueError:
    print(n_inside(0), n_threads() == before)
"""


def test_there_is_one_thread_inside_and_as_many_as_before_behind():
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1"] * 21 + ["True"]
