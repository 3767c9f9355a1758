import json
import pickle

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

pytest.importorskip("radlearn.keras", exc_type=ImportError)

from radlearn import Case, Cohort
from radlearn.exceptions import RadlearnError, RadlearnWarning
from radlearn.keras import TransferClassifier, export_keras, load_network, save_network
from radlearn.keras._backend import load_keras
from radlearn.keras.networks.transfer import build_transfer, check_config

SMALL = {"epochs": 4, "batch_size": 4, "learning_rate": 0.02, "random_state": 0}


@pytest.fixture(scope="module")
def backbones(trained, tmp_path_factory):
    """Files of one trained network: radlearn's own, and that of Keras."""
    folder = tmp_path_factory.mktemp("backbones")
    save_network(trained, folder / "cnn.radlearn")
    export_keras(trained, folder / "cnn.keras")
    return folder


@pytest.fixture(scope="module")
def transferred(backbones, squares):
    """Classifier on the frozen network of the file."""
    return TransferClassifier(backbones / "cnn.radlearn", **SMALL).fit(*squares)


def weights_of(model):
    return model.get_layer("backbone").get_weights()


@pytest.mark.slow
def test_a_frozen_backbone_does_not_change(transferred, trained, new_squares):
    for new, old in zip(weights_of(transferred.model_), trained.model_.get_weights(), strict=False):
        np.testing.assert_array_equal(new, old)
    assert transferred.score(*new_squares) > 0.9


@pytest.mark.slow
def test_images_are_prepared_as_for_the_network_in_the_file(transferred, trained, new_squares):
    assert transferred.preparation_ == tuple(trained._preparation())
    one, other = (model._inputs(new_squares[0], reset=False)[np.arange(4)] for model in (transferred, trained))
    np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_a_backbone_that_has_seen_masks_is_shown_them(make_model, squares, tmp_path):
    X, y = squares
    mask = np.zeros((20, 20), bool)
    mask[5:9, 5:9] = True
    X = Cohort([Case(np.full((20, 20), float(n)), mask, id=case.id, patient=case.patient) for n, case in enumerate(X)])
    save_network(make_model(with_mask=True, epochs=1).fit(X, y), tmp_path / "with_mask.radlearn")
    model = TransferClassifier(tmp_path / "with_mask.radlearn", epochs=1).fit(X, y)
    [inputs] = model._inputs(X, reset=False)[np.arange(1)]
    assert inputs.shape == (16, 16, 2)
    assert inputs[..., 1].max() == 1


@pytest.mark.slow
def test_only_the_last_layers_are_thawed(backbones, trained, squares):
    model = TransferClassifier(backbones / "cnn.radlearn", thaw=1, thaw_epochs=2, **SMALL).fit(*squares).model_
    *first, kernel, bias = weights_of(model)
    *first_before, kernel_before, bias_before = trained.model_.get_weights()[: len(weights_of(model))]
    for new, old in zip(first, first_before, strict=True):
        np.testing.assert_array_equal(new, old)
    assert not np.array_equal(kernel, kernel_before)
    assert not np.array_equal(bias, bias_before)


@pytest.mark.slow
def test_more_layers_than_there_are_is_all_of_them(backbones, trained, squares):
    # Two convolutions and a dense layer.
    model = TransferClassifier(backbones / "cnn.radlearn", thaw=4, thaw_epochs=2, **SMALL).fit(*squares).model_
    for new, old in zip(weights_of(model), trained.model_.get_weights(), strict=False):
        assert not np.array_equal(new, old)


@pytest.mark.slow
def test_layers_of_a_network_in_the_backbone_are_thawed_one_by_one(squares, tmp_path):
    keras, layers = load_keras(), load_keras().layers
    parts = [layers.Conv2D(2, 3), layers.BatchNormalization(), layers.Conv2D(2, 3), layers.BatchNormalization()]
    inner = keras.Sequential([keras.Input((16, 16, 1)), *parts, layers.GlobalAveragePooling2D()])
    outer = keras.Sequential([keras.Input((16, 16, 1)), inner, layers.Dense(2, name="logits"), layers.Softmax()])
    outer.save(tmp_path / "outer.keras")
    with pytest.warns(RadlearnWarning, match="can be made to run code"):
        model = TransferClassifier(tmp_path / "outer.keras", thaw=2, thaw_epochs=2, **SMALL).fit(*squares).model_
    is_new = [not np.array_equal(new, old) for new, old in zip(weights_of(model), inner.get_weights(), strict=True)]
    # Kernel and bias of a convolution, then scale, offset, mean and variance of a normalization.
    assert is_new == [False] * 6 + [True] * 2 + [False] * 4


@pytest.mark.slow
def test_the_history_has_both_phases(backbones, squares):
    model = TransferClassifier(backbones / "cnn.radlearn", thaw=1, thaw_epochs=3, **SMALL).fit(*squares)
    assert len(model.history_["loss"]) == 4 + 3


@pytest.mark.slow
def test_early_stopping_goes_back_to_the_best_epoch_of_both_phases(backbones, squares, new_squares):
    watched = {**SMALL, "validation_fraction": 0.3, "patience": 3}
    frozen = TransferClassifier(backbones / "cnn.radlearn", **watched).fit(*squares)
    thawed = TransferClassifier(backbones / "cnn.radlearn", thaw=3, thaw_epochs=2, thaw_learning_rate=1.0, **watched)
    first, later = np.split(thawed.fit(*squares).history_["val_loss"], [len(frozen.history_["val_loss"])])
    assert later.min() > first.min()
    np.testing.assert_array_equal(thawed.predict_proba(new_squares[0]), frozen.predict_proba(new_squares[0]))


@pytest.mark.slow
def test_pickles_and_files_need_no_backbone(transferred, new_squares, tmp_path):
    X, _ = new_squares
    save_network(transferred, tmp_path / "transferred.radlearn")
    for twin in (pickle.loads(pickle.dumps(transferred)), load_network(tmp_path / "transferred.radlearn")):
        np.testing.assert_array_equal(twin.predict_proba(X), transferred.predict_proba(X))


@pytest.mark.slow
def test_a_file_of_keras_is_a_backbone_with_a_warning(backbones, squares, new_squares, tmp_path):
    with pytest.warns(RadlearnWarning, match="can be made to run code"):
        model = TransferClassifier(str(backbones / "cnn.keras"), **SMALL).fit(*squares)
    assert model.score(*new_squares) > 0.9
    save_network(model, tmp_path / "model.radlearn")
    twin = load_network(tmp_path / "model.radlearn")
    np.testing.assert_array_equal(twin.predict_proba(new_squares[0]), model.predict_proba(new_squares[0]))


@pytest.mark.slow
def test_weights_of_an_application_come_from_a_file(squares, tmp_path):
    keras = load_keras()
    source = keras.applications.MobileNetV3Small(
        weights=None, include_top=False, input_shape=(32, 32, 3), pooling="avg"
    )
    source.save_weights(tmp_path / "small.weights.h5")
    model = TransferClassifier(
        "MobileNetV3Small", weights=tmp_path / "small.weights.h5", input_shape=(32, 32), epochs=1, random_state=0
    ).fit(squares[0][:8], squares[1][:8])
    for new, old in zip(weights_of(model.model_), source.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)
    with pytest.raises(RadlearnError, match="the weights do not fit the backbone VGG16"):
        model.set_params(backbone="VGG16").fit(squares[0][:8], squares[1][:8])
    with pytest.raises(NotFittedError):  # images would be prepared for the new backbone
        model.predict(squares[0])


@pytest.mark.slow
def test_images_of_another_shape_than_the_backbone_takes_are_refused(backbones, squares):
    model = TransferClassifier(backbones / "cnn.radlearn", input_shape=(12, 12))
    with pytest.raises(RadlearnError, match=r"does not take images of shape \(12, 12, 1\): (.|\n)*leave it out"):
        model.fit(*squares)


@pytest.mark.slow
def test_the_images_of_an_application_have_the_scale_that_it_was_made_for():
    keras = load_keras()
    network = build_transfer(backbone={"application": "MobileNetV2"}, input_shape=(32, 32, 1), n_classes=2, dropout=0.0)
    backbone = network.get_layer("backbone")
    front = keras.Model(network.inputs, backbone._inbound_nodes[-1].input_tensors[0])
    black, white = (front.predict_on_batch(np.full((1, 32, 32, 1), value, np.float32)) for value in (0, 1))
    assert black.shape == (1, 32, 32, 3)
    np.testing.assert_allclose(black, -1)  # MobileNetV2 was trained on -1 ... 1
    np.testing.assert_allclose(white, 1)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"backbone": "MobileNet9"}, "keras.applications has no network 'MobileNet9'; it has .*MobileNetV2"),
        ({"weights": "no_such_file.h5"}, "weights='no_such_file.h5' is not a file; nothing is downloaded"),
        ({"thaw": -1}, "thaw must be at least 0"),
        ({"input_shape": (3,)}, r"input_shape must be two whole numbers \(y, x\) or three"),
    ],
)
def test_parameters_are_checked_when_fitting(squares, parameters, message):
    with pytest.raises(ValueError, match=message):
        TransferClassifier(**parameters).fit(*squares)


@pytest.mark.parametrize(
    "part",
    [
        {"class_name": "Lambda", "module": "keras.layers"},
        {"class_name": "__lambda__", "module": "builtins"},
        {"class_name": "function", "module": "keras.src.utils.file_utils", "config": "get_file"},
        {"class_name": "Popen", "module": "subprocess"},
        {"class_name": "Mine", "module": "keras.layers", "registered_name": "package>Mine"},
    ],
)
def test_networks_with_code_are_refused(part):
    with pytest.raises(RadlearnError, match="which may run code"):
        check_config({"class_name": "Functional", "module": "keras", "config": {"layers": [part]}})


@pytest.mark.slow
def test_networks_of_layers_alone_are_taken(trained):
    check_config(json.loads(trained.model_.to_json()))
