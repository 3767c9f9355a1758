"""How images reach a network: made when they are asked for, kept as far as there is room."""

import numpy as np
import pytest

pytest.importorskip("radlearn.keras", exc_type=ImportError)

from radlearn.exceptions import RadlearnError, RadlearnWarning
from radlearn.keras._feeding import JoinedInputs, LabeledFeed, LazyInputs


class Item:
    """Something with a number."""

    def __init__(self, number):
        self.number = number

    def fingerprint(self):
        return str(self.number)


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return self.path.touch, ()


@pytest.fixture
def made():
    """Numbers of the items whose arrays were computed."""
    return []


@pytest.fixture
def make_inputs(made):
    def make(n=6, **options):
        def prepare(item):
            made.append(item.number)
            return np.full((2, 2), item.number, np.float32)

        return LazyInputs([Item(number) for number in range(n)], prepare, **options)

    return make


def test_nothing_is_made_before_it_is_asked_for(make_inputs, made):
    inputs = make_inputs()
    assert made == []
    batch = inputs[np.array([4, 1])]
    assert batch[:, 0, 0].tolist() == [4, 1]
    assert made == [4, 1]


def test_what_fits_is_kept_and_the_rest_is_made_again(make_inputs, made):
    inputs = make_inputs(cache_gb=40e-9)  # two arrays of 16 bytes
    for _ in range(2):
        inputs[np.arange(4)]
    assert made == [0, 1, 2, 3, 2, 3]


def test_a_folder_keeps_all_of_them_for_the_next_process(make_inputs, made, tmp_path):
    for _ in range(2):
        np.testing.assert_array_equal(make_inputs(memory=tmp_path)[np.arange(3)][:, 0, 0], [0, 1, 2])
    assert made == [0, 1, 2]
    make_inputs(memory=tmp_path, key="another preparation")[np.arange(1)]
    assert made == [0, 1, 2, 0]


def test_what_was_made_of_an_item_that_changed_meanwhile_is_not_kept(tmp_path):
    def prepare(item):
        item.number += 1
        return np.zeros((2, 2), np.float32)

    LazyInputs([Item(0)], prepare, memory=tmp_path)[np.arange(1)]
    assert list(tmp_path.rglob("*.npy")) == []


@pytest.mark.parametrize("content", [b"damaged", b"\x93NUMPY\1\0\1\0{"])
def test_a_damaged_file_is_made_again(make_inputs, made, tmp_path, content):
    make_inputs(memory=tmp_path)[np.arange(1)]
    [file] = (tmp_path / "radlearn" / "inputs").rglob("*.npy")
    file.write_bytes(content)
    with pytest.warns(RadlearnWarning, match="is damaged"):
        assert make_inputs(memory=tmp_path)[np.arange(1)].shape == (1, 2, 2)
    assert made == [0, 0]


def test_a_pickle_in_the_folder_is_not_opened(make_inputs, made, tmp_path):
    make_inputs(memory=tmp_path)[np.arange(1)]
    [file] = (tmp_path / "radlearn" / "inputs").rglob("*.npy")
    np.save(file, np.array([Trap(tmp_path / "opened")], object), allow_pickle=True)
    with pytest.warns(RadlearnWarning, match="is damaged"):
        make_inputs(memory=tmp_path)[np.arange(1)]
    assert made == [0, 0]
    assert not (tmp_path / "opened").exists()


def test_threads_give_the_same_batch(make_inputs):
    np.testing.assert_array_equal(make_inputs(n_jobs=3)[np.arange(6)], make_inputs()[np.arange(6)])


def test_an_error_in_a_thread_is_the_error():
    def prepare(item):
        raise RadlearnError(f"item {item.number} is broken")

    with pytest.raises(RadlearnError, match="item 0 is broken"):
        LazyInputs([Item(0), Item(1)], prepare, n_jobs=2)[np.arange(2)]


def test_intensities_are_scaled_and_other_channels_are_not():
    items = [Item(0), Item(4)]
    inputs = LazyInputs(items, lambda item: np.array([[item.number, 7.0]], np.float32), n_intensities=1)
    assert inputs.mean_and_deviation() == (2.0, 2.0)
    scaled = inputs.standardized(*inputs.mean_and_deviation())
    assert scaled[np.arange(2)].tolist() == [[[-1, 7]], [[1, 7]]]
    assert inputs[np.arange(2)].tolist() == [[[0, 7]], [[4, 7]]]


def test_a_constant_has_a_deviation_of_one():
    assert LazyInputs([Item(0)], lambda _: np.full((2, 2), 3, np.float32)).mean_and_deviation() == (3.0, 1.0)


def test_pairs_stay_together(make_inputs):
    table = np.arange(12).reshape(6, 2)
    images, rows = JoinedInputs(make_inputs(), table)[np.array([5, 0])]
    assert images[:, 0, 0].tolist() == [5, 0]
    np.testing.assert_array_equal(rows, table[[5, 0]])


def test_a_feed_shows_its_own_cases_and_changes_them(make_inputs):
    feed = LabeledFeed(make_inputs(), np.arange(6) * 10, np.arange(6) * 100, np.array([5, 2]), lambda x, _: x + 0.5)
    inputs, targets, weights = feed.batch(np.array([1, 0]), np.random.RandomState(0))
    assert len(feed) == 2
    assert inputs[:, 0, 0].tolist() == [2.5, 5.5]
    assert (targets.tolist(), weights.tolist()) == ([20, 50], [200, 500])
