# ruff: noqa: NPY002 - the global generators are what is tested
import random

import numpy as np
import pytest

pytest.importorskip("radlearn.keras", exc_type=ImportError)

from radlearn.exceptions import CohortError
from radlearn.keras._backend import load_keras
from radlearn.keras._training import (
    _epoch,
    _prefetched,
    learning_rate_callback,
    predict,
    seeded,
    split_patients,
    untouched_generators,
)
from radlearn.keras.networks import build_image_network, build_transfer
from radlearn.keras.networks.trunks import TRUNKS, smallest_side


class Numbers:
    """Feed of the numbers 0, 1, ..., with ten times as much as targets and a hundred times as much as weights."""

    def __init__(self, n_cases):
        self.numbers = np.arange(n_cases, dtype=np.float32)

    def __len__(self):
        return len(self.numbers)

    def batch(self, chosen, random_state):
        return self.numbers[chosen], 10 * self.numbers[chosen], 100 * self.numbers[chosen]


def take_epoch(n_cases, batch_size, seed=0):
    """Batches of one epoch."""
    return [batch for _, batch in _epoch(Numbers(n_cases), batch_size, np.random.RandomState(seed))]


def test_an_epoch_shows_every_case_once():
    seen = np.concatenate([inputs for inputs, _, _ in take_epoch(10, 4)])
    assert sorted(seen) == list(range(10))


def test_targets_and_weights_go_with_their_inputs():
    for inputs, targets, weights in take_epoch(10, 4):
        np.testing.assert_array_equal(targets, inputs * 10)
        np.testing.assert_array_equal(weights, inputs * 100)


def test_another_epoch_has_another_order():
    assert not np.array_equal(take_epoch(10, 10, seed=0)[0][0], take_epoch(10, 10, seed=1)[0][0])


def test_one_item_is_prepared_ahead():
    prepared = []

    def items():
        for number in range(4):
            prepared.append(number)
            yield number

    coming = _prefetched(items())
    assert next(coming) == 0
    assert next(coming) == 1
    assert list(coming) == [2, 3]
    assert prepared == [0, 1, 2, 3]


def test_an_error_in_the_thread_reaches_the_caller():
    def items():
        yield 0
        raise CohortError("lost")

    coming = _prefetched(items())
    with pytest.raises(CohortError, match="lost"):
        list(coming)


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


@pytest.fixture(scope="module")
def build():
    def build(side, n_blocks=1, **options):
        small = {"architecture": "cnn", "n_classes": 2, "filters": (2,) * n_blocks, "dense": 2, "dropout": 0.0}
        return build_image_network(**{"input_shape": (*np.broadcast_to(side, 2), 1), **small, **options})

    return build


def test_the_reference_network_has_its_layers(build):
    model = build(96, filters=(32, 64, 128), dense=256, dropout=0.5)
    kinds = [type(layer).__name__ for layer in model.layers]
    block = ["Conv2D", "MaxPooling2D"]
    assert kinds == ["InputLayer", *block * 3, "Flatten", "Dense", "Dropout", "Dense", "Activation"]
    assert model.count_params() == 3_370_242
    assert model.get_layer("logits").activation.__name__ == "linear"


@pytest.mark.parametrize("n_blocks", [1, 2, 3])
def test_the_smallest_image_leaves_one_pixel(build, n_blocks):
    model = build(smallest_side("cnn", n_blocks), n_blocks)
    assert model.layers[2 * n_blocks].output.shape == (None, 1, 1, 2)


@pytest.mark.parametrize("architecture", sorted(TRUNKS))
@pytest.mark.parametrize("shape", [(24, 20, 1), (12, 10, 3), (12, 11, 10, 1)])
def test_trunks_take_images_and_volumes(build, architecture, shape):
    model = build(0, architecture=architecture, input_shape=shape, n_classes=3)
    outputs = model.predict_on_batch(np.ones((2, *shape), np.float32))
    np.testing.assert_allclose(outputs.sum(axis=1), 1, rtol=1e-5)


@pytest.fixture
def channels_first():
    """Keras as it is for those whose keras.json says channels_first."""
    config = load_keras().config
    before = config.image_data_format()
    config.set_image_data_format("channels_first")
    yield config
    config.set_image_data_format(before)


@pytest.mark.parametrize("architecture", sorted(TRUNKS))
def test_weights_mean_the_same_for_another_order_of_channels_in_keras_json(build, architecture, channels_first):
    arguments = {"architecture": architecture, "input_shape": (12, 10, 1), "filters": (3,)}
    image = np.random.default_rng(0).normal(size=(1, 12, 10, 1)).astype(np.float32)
    here = build(0, **arguments)
    channels_first.set_image_data_format("channels_last")
    there = build(0, **arguments)
    there.set_weights(here.get_weights())
    np.testing.assert_array_equal(there.predict_on_batch(image), here.predict_on_batch(image))


@pytest.mark.slow
def test_applications_are_built_for_another_order_of_channels_in_keras_json(channels_first):
    backbone = {"application": "MobileNetV3Small"}
    model = build_transfer(backbone=backbone, input_shape=(32, 32, 1), n_classes=2, dropout=0.0)
    assert model.predict_on_batch(np.ones((1, 32, 32, 1), np.float32)).shape == (1, 2)
    assert channels_first.image_data_format() == "channels_first"


def test_separable_convolutions_have_far_fewer_weights(build):
    reference, separable = (
        build(64, architecture=name, filters=(32, 64, 128), dense=64).count_params() for name in ("cnn", "separable")
    )
    assert separable < reference / 10


@pytest.mark.slow
def test_the_learning_rate_falls_along_half_a_cosine(build):
    model = build(4)
    model.compile("adam", loss="sparse_categorical_crossentropy")
    model.optimizer.learning_rate = 0.5
    callback = learning_rate_callback("cosine", model, 10, watched=False)
    rates = [callback.schedule(epoch, None) for epoch in range(10)]
    assert rates[0] == pytest.approx(0.5)
    assert rates[5] == pytest.approx(0.5 * 0.505)
    assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize(("watched", "loss"), [(True, "val_loss"), (False, "loss")])
def test_the_learning_rate_is_halved_where_the_loss_does_not_fall(build, watched, loss):
    model = build(4)
    model.compile(load_keras().optimizers.SGD(0.8), loss="sparse_categorical_crossentropy")
    callback = learning_rate_callback("plateau", model, 10, watched=watched)
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch in range(5):
        callback.on_epoch_end(epoch, {"loss": 1.0, "val_loss": 1.0, loss: [3, 2, 2, 2, 2][epoch]})
        rates.append(float(model.optimizer.learning_rate))
    np.testing.assert_allclose(rates, [0.8, 0.8, 0.8, 0.8, 0.4])


def test_a_schedule_may_be_a_function(build):
    callback = learning_rate_callback(lambda epoch, rate: rate / 2, build(4), 10, watched=False)
    assert callback.schedule(3, 0.5) == 0.25


@pytest.mark.parametrize(
    ("schedule", "message"),
    [(lambda epoch: 0.1 / (epoch + 1), "takes 1 positional argument"), (lambda epoch, rate: None, "NoneType")],
)
def test_a_function_that_is_no_schedule_is_told(schedule, message):
    callback = learning_rate_callback(schedule, None, 10, watched=False)
    with pytest.raises(ValueError, match=rf"schedule\(epoch, rate\) must give the learning rate .*{message}"):
        callback.schedule(0, 0.5)
