# ruff: noqa: NPY002 - the global generators are what is tested
import random

import numpy as np
import pytest

pytest.importorskip("radlearn.keras", exc_type=ImportError)

from radlearn.exceptions import CohortError
from radlearn.keras._training import batches, predict, seeded, split_patients, untouched_generators
from radlearn.keras.networks import build_cnn, smallest_side


def take_epoch(n_cases, batch_size, **options):
    """Batches of the first epoch."""
    inputs = np.arange(n_cases, dtype=np.float32)
    endless = batches(inputs, inputs * 10, inputs * 100, batch_size=batch_size, **options)
    return [next(endless) for _ in range(-(-n_cases // batch_size))]


def test_an_epoch_shows_every_case_once():
    seen = np.concatenate([inputs for inputs, _, _ in take_epoch(10, 4, random_state=np.random.RandomState(0))])
    assert sorted(seen) == list(range(10))


def test_targets_and_weights_go_with_their_inputs():
    for inputs, targets, weights in take_epoch(10, 4, random_state=np.random.RandomState(0)):
        np.testing.assert_array_equal(targets, inputs * 10)
        np.testing.assert_array_equal(weights, inputs * 100)


def test_batches_are_augmented_and_the_data_stays():
    augmented = take_epoch(4, 4, augment=lambda inputs, rng: inputs + 1.0, random_state=np.random.RandomState(0))
    assert sorted(augmented[0][0]) == [1, 2, 3, 4]


def test_seeded_gives_the_global_generators_back():
    random.seed(1)
    np.random.seed(1)
    expected = random.random(), np.random.random()
    random.seed(1)
    np.random.seed(1)
    with seeded(5):
        random.random()
        np.random.random()
    assert (random.random(), np.random.random()) == expected


def test_generators_are_given_back_after_an_error():
    random.seed(1)
    expected = random.getstate()
    with pytest.raises(KeyError), untouched_generators():
        raise KeyError(random.random())
    assert random.getstate() == expected


def test_predict_fills_the_last_batch_and_drops_the_filling():
    shapes = []

    class Doubler:
        def predict_on_batch(self, batch):
            shapes.append(batch.shape)
            return 2 * batch

    inputs = np.arange(14.0).reshape(7, 2)
    np.testing.assert_array_equal(predict(Doubler(), inputs, 4), 2 * inputs)
    assert shapes == [(4, 2), (4, 2)]


@pytest.mark.parametrize("seed", range(5))
def test_no_patient_is_on_both_sides(seed):
    rng = np.random.default_rng(seed)
    patients = rng.integers(0, 20, size=60).astype(str)
    held_out = split_patients(patients, rng.integers(0, 2, size=60), 0.3, seed)
    assert held_out.any()
    assert not set(patients[held_out]) & set(patients[~held_out])


def test_both_sides_have_the_same_share_of_the_classes():
    patients = np.repeat(np.arange(40).astype(str), 2)
    targets = np.repeat([0] * 30 + [1] * 10, 2)
    held_out = split_patients(patients, targets, 0.2, 0)
    assert held_out.sum() == 16
    assert targets[held_out].mean() == targets[~held_out].mean() == 0.25


def test_a_patient_counts_for_the_rarest_of_his_classes():
    # Every patient has nine slices without and, if ill, one with a bleeding; 5 of 20 are ill.
    patients = np.repeat(np.arange(20).astype(str), 10)
    targets = np.tile([0] * 10, 20).reshape(20, 10)
    targets[:5, -1] = 1
    held_out = split_patients(patients, targets.ravel(), 0.4, 0)
    assert targets.ravel()[held_out].sum() == 2


def test_too_few_patients_are_an_error_that_says_what_to_change():
    with pytest.raises(CohortError, match=r"validation_fraction=0.2 of 3 patients .*; change validation_fraction"):
        split_patients(np.array(["a", "b", "c"]), np.array([0, 0, 1]), 0.2, 0)


def test_the_reference_network_has_its_layers():
    model = build_cnn(input_shape=(96, 96), n_classes=2, filters=(32, 64, 128), dense=256, dropout=0.5)
    kinds = [type(layer).__name__ for layer in model.layers]
    block = ["Conv2D", "MaxPooling2D"]
    assert kinds == ["InputLayer", *block * 3, "Flatten", "Dense", "Dropout", "Dense", "Activation"]
    assert model.count_params() == 3_370_242
    assert model.get_layer("logits").activation.__name__ == "linear"


@pytest.mark.parametrize("n_blocks", [1, 2, 3])
def test_the_smallest_image_leaves_one_pixel(n_blocks):
    side = smallest_side(n_blocks)
    model = build_cnn(input_shape=(side, side), n_classes=2, filters=(2,) * n_blocks, dense=2, dropout=0.0)
    last_pooling = model.layers[2 * n_blocks]
    assert last_pooling.output.shape == (None, 1, 1, 2)
