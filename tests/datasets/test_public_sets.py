"""The public sets as they lie in the data home; skipped where it is absent."""

import numpy as np
import pytest

from radlearn.datasets import fetch, load_ibsi_phantom
from radlearn.datasets.fetching import SETS

TASKS = [(name, task) for name, record in SETS.items() for task in record.tasks]

# Cases, groups and cases of the last class, as the sets' own tables count them.
SIZES = {
    ("busi", "lesion"): (467, 382, 148),
    ("busi", "three_class"): (563, 452, 96),
    ("head_ct_ich", "slice"): (704, 55, 186),
    ("kidney_stone_ct", "candidates"): (5954, 191, 1314),
    ("kidney_stone_ct", "halves"): (1160, 191, 668),
    ("kidney_stone_ct", "stones"): (580, 191, 1),
    ("fracatlas", "fracture"): (817, 136, 269),
    ("brain_tumor_mri", "four_class"): (432, 432, 108),
    ("sarcoma_ibsi", "PET"): (38, 38, 14),
    ("sarcoma_ibsi", "CT"): (5, 5, 1),
    ("sarcoma_ibsi", "MR_T1"): (5, 5, 1),
    ("medmnist", "pneumonia"): (5232, 5232, 3883),
    ("medmnist", "breast"): (624, 624, 168),
    ("medmnist", "adrenal"): (1286, 1286, 281),
    ("medmnist", "adrenal64"): (1286, 1286, 281),
    ("radiomics_phantoms", "features"): (18, 15, None),
}


@pytest.fixture(scope="module")
def fetched(data_home):
    """Function that fetches a set once, or skips where it is absent."""
    known = {}

    def get(name, task):
        if not (data_home / name).is_dir():
            pytest.skip(f"{name} is not in the data home")
        if (name, task) not in known:
            known[name, task] = fetch(name, task=task, data_home=data_home)
        return known[name, task]

    return get


@pytest.mark.parametrize(("name", "task"), TASKS)
def test_a_set_has_as_many_cases_and_groups_as_its_tables(fetched, name, task):
    data = fetched(name, task)
    n_last = None if data.y is None else int(np.sum(data.y == np.unique(data.y)[-1]))
    assert (len(data.X), len(set(data.groups)), n_last) == SIZES[name, task]


@pytest.mark.parametrize(("name", "task"), [pair for pair in TASKS if pair[0] != "radiomics_phantoms"])
def test_no_group_is_in_two_folds(fetched, name, task):
    data = fetched(name, task)
    assert len(set(zip(data.groups, data.folds, strict=True))) == len(set(data.groups))


@pytest.mark.parametrize(("name", "task"), [pair for pair in TASKS if pair != ("medmnist", "adrenal64")])
def test_the_first_and_the_last_case_load(fetched, name, task):
    data = fetched(name, task)
    for case in (data.X[0], data.X[-1]):
        volume = case.load()
        assert np.isfinite(volume.image).all()
        assert volume.mask is None or volume.mask.any()


@pytest.mark.slow
def test_the_large_adrenal_shapes_load(fetched):
    volume = fetched("medmnist", "adrenal64").X[0].load()
    assert volume.shape == (64, 64, 64)
    np.testing.assert_array_equal(volume.image > 0, volume.mask)


def test_lesions_have_masks_and_original_pixels_as_unit(fetched):
    case = fetched("busi", "lesion").X[0]
    volume = case.load()
    extent = np.array(volume.shape) * volume.spacing
    np.testing.assert_allclose(extent, [case.meta["orig_height"], case.meta["orig_width"]])


def test_a_candidate_is_a_window_around_its_position(fetched):
    data = fetched("kidney_stone_ct", "candidates")
    case = next(case for case in data.X if 24 <= case.meta["x"] < 360 and 24 <= case.meta["y"] < 290)
    x, y = case.meta["x"], case.meta["y"]
    whole = type(case)(case.image).load().image
    np.testing.assert_array_equal(case.load().image, whole[y - 24 : y + 24, x - 24 : x + 24])
    assert case.load().history[-1]["step"] == "Window"


def test_a_window_beyond_the_image_repeats_the_border(fetched):
    data = fetched("kidney_stone_ct", "candidates")
    case = min(data.X, key=lambda case: case.meta["x"])
    image = case.load().image
    assert image.shape == (48, 48)
    outside = max(24 - case.meta["x"], 0)
    assert (image[:, :outside] == image[:, [outside]]).all()


def test_two_candidates_of_one_image_have_different_fingerprints(fetched):
    first, second = fetched("kidney_stone_ct", "candidates").X[:2]
    assert first.image == second.image
    assert first.fingerprint() != second.fingerprint()


def test_the_halves_make_up_the_image(fetched):
    left, right = fetched("kidney_stone_ct", "halves").X[:2]
    whole = type(left)(left.image).load().image
    np.testing.assert_array_equal(np.hstack([left.load().image, right.load().image]), whole)


def test_stones_lie_in_their_boxes(fetched):
    data = fetched("kidney_stone_ct", "stones")
    assert data.lesions.groupby("case").size().reindex(data.X.ids).tolist() == data.y.tolist()
    brightest = []
    for case in data.X[::60]:
        image = case.load().image
        for box in data.lesions[data.lesions.case == case.id].itertuples():
            rows, columns = (
                slice(max(int(middle - size / 2), 0), int(middle + size / 2) + 1)
                for middle, size in ((box.y, box.height), (box.x, box.width))
            )
            brightest.append(image[rows, columns].max())
    assert np.median(brightest) > 240


def test_slices_know_their_position(fetched):
    meta = fetched("head_ct_ich", "slice").X[0].meta
    assert 0 < meta["slice"] <= meta["n_slices"]


def test_the_published_digital_phantom_is_the_built_in_one(fetched):
    published = fetched("radiomics_phantoms", "features").X[0].load()
    built_in = load_ibsi_phantom().load()
    np.testing.assert_array_equal(published.image, built_in.image)
    np.testing.assert_array_equal(published.mask, built_in.mask)
    assert published.spacing == built_in.spacing
