"""Small cohorts made in code, and where the real images are."""

import os
from pathlib import Path

import numpy as np
import pytest

from radlearn import Case, Cohort


def make_case(position, ndim=2, size=16):
    """A noisy square with a bright disc (ball) as its mask; odd cases are brighter."""
    rng = np.random.default_rng(position)
    shape = (size // 2, size, size)[-ndim:]
    center = np.array(shape) / 2 + rng.uniform(-1, 1, ndim)
    distance = np.linalg.norm(np.moveaxis(np.indices(shape), 0, -1) - center, axis=-1)
    mask = distance < size / 5
    image = rng.normal(100, 10, shape) + mask * (40 + 30 * (position % 2))
    return Case(
        image.astype(np.float32),
        mask=mask.astype(np.uint8),
        id=f"case-{position:02d}",
        patient=f"P{position // 2}",
        meta={"site": "AB"[position % 2]},
    )


@pytest.fixture
def cohort():
    """Twelve 2-D cases of six patients."""
    return Cohort(make_case(position) for position in range(12))


@pytest.fixture
def cohort_3d():
    """Six 3-D cases of three patients."""
    return Cohort(make_case(position, ndim=3) for position in range(6))


@pytest.fixture
def labels():
    return np.array(["dark", "bright"] * 6)


@pytest.fixture
def cohort_files(cohort, tmp_path):
    """The 2-D cohort as npy files: folder, table of file names."""
    rows = []
    for case, label in zip(cohort, ["dark", "bright"] * 6, strict=True):
        volume = case.load()
        np.save(tmp_path / f"{case.id}.npy", volume.image)
        np.save(tmp_path / f"{case.id}_mask.npy", volume.mask.astype(np.uint8))
        rows.append(f"{case.id}.npy,{case.id}_mask.npy,{case.id},{case.patient},{label},{case.meta['site']}")
    table = tmp_path / "cohort.csv"
    table.write_text("image,mask,id,patient,diagnosis,site\n" + "\n".join(rows) + "\n")
    return table


@pytest.fixture(scope="session")
def data_home():
    """Folder of the real images; tests that need it are skipped where it is absent."""
    home = Path(os.environ.get("RADLEARN_DATA", Path.home() / "radlearn_data"))
    if not home.is_dir():
        pytest.skip("no real images here: set RADLEARN_DATA to the folder that holds them")
    return home
