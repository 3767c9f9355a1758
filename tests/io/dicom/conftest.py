"""An array and a series made of it."""

import numpy as np
import pytest

from dicom_files import write_series


@pytest.fixture
def stored():
    """Array (z, y, x) of int16 in which every slice is different."""
    return np.random.default_rng(0).integers(0, 2000, (6, 12, 10)).astype(np.int16)


@pytest.fixture
def series(tmp_path, stored):
    """Folder of a CT series, its files in another order than its slices."""
    return write_series(tmp_path / "ct", stored, order=[3, 1, 0, 5, 4, 2])
