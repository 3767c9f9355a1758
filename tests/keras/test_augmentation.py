import numpy as np
import pytest

pytest.importorskip("radlearn.keras", exc_type=ImportError)

from radlearn.keras import random_flips_and_shifts

pytestmark = pytest.mark.filterwarnings("ignore:random_flips_and_shifts is deprecated:FutureWarning")


def test_the_old_name_says_what_to_use(images):
    with pytest.warns(FutureWarning, match=r"deprecated since radlearn 0.2.*use radlearn.preprocessing.Augment"):
        random_flips_and_shifts(images, np.random.RandomState(0))


@pytest.fixture
def images():
    return np.random.default_rng(0).normal(size=(50, 20, 12, 1)).astype(np.float32)


def test_the_same_seed_gives_the_same_images(images):
    one, other = (random_flips_and_shifts(images, np.random.RandomState(3)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_the_input_stays_as_it_is(images):
    before = images.copy()
    changed = random_flips_and_shifts(images, np.random.RandomState(0))
    np.testing.assert_array_equal(images, before)
    assert (changed.shape, changed.dtype) == (images.shape, images.dtype)


def test_without_shifts_an_image_is_itself_or_its_mirror_image(images):
    changed = random_flips_and_shifts(images, np.random.RandomState(0), max_shift=0)
    same = (changed == images).all(axis=(1, 2, 3))
    mirrored = (changed == images[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (same ^ mirrored).all()
    assert 10 < same.sum() < 40


def test_shifts_reach_as_far_as_they_may():
    ramp = np.broadcast_to(np.arange(20.0)[:, None, None], (200, 20, 12, 1))
    moved = random_flips_and_shifts(ramp, np.random.RandomState(0), max_shift=0.1)[:, 10, 0, 0] - 10
    assert set(moved) == {-2, -1, 0, 1, 2}


def test_the_edge_is_repeated():
    ramp = np.broadcast_to(np.arange(20.0)[:, None, None], (50, 20, 20, 1))
    changed = random_flips_and_shifts(ramp, np.random.RandomState(0), max_shift=0.5)
    assert set(np.unique(np.diff(changed[:, :, 0, 0], axis=1))) == {0, 1}
