import copy

import numpy as np
import pytest

pytest.importorskip("radlearn.keras", exc_type=ImportError)

from radlearn import Case, Cohort
from radlearn.evaluation import pointing_game
from radlearn.exceptions import RadlearnError
from radlearn.keras import CNNClassifier, TransferClassifier, grad_cam, integrated_gradients, occlusion
from radlearn.keras._backend import load_keras
from radlearn.keras._gradients import score_model
from radlearn.keras._training import predict

pytestmark = pytest.mark.slow  # a network has to be built


@pytest.fixture(scope="module")
def lesions():
    """Images with a bright square somewhere, its mask, and its class; every second one has none."""
    rng = np.random.default_rng(0)
    cases = []
    for number in range(48):
        image, mask = rng.normal(0, 1, (16, 16)), np.zeros((16, 16), bool)
        y, x = rng.integers(0, 11, 2)
        mask[y : y + 5, x : x + 5] = True
        image[mask] += 3 * (number % 2)
        cases.append(Case(image, mask, id=str(number)))
    return Cohort(cases), np.arange(48) % 2


@pytest.fixture(scope="module")
def classifier(lesions):
    parameters = {"filters": (8,), "dense": 16, "dropout": 0.0, "epochs": 40, "batch_size": 8, "learning_rate": 0.003}
    return CNNClassifier((16, 16), random_state=0, **parameters).fit(*lesions)


@pytest.mark.parametrize(
    ("explain", "options", "share"),
    [(grad_cam, {}, 0.7), (occlusion, {"size": 5, "stride": 2}, 0.8), (integrated_gradients, {"n_steps": 8}, 0.7)],
)
def test_maps_point_at_the_square(classifier, lesions, explain, options, share):
    X, y = lesions
    shown = X[y == 1]
    maps = explain(classifier, shown, target=1, **options)
    assert [values.shape for values in maps] == [(16, 16)] * 24
    assert pointing_game(maps, shown, tolerance=2) >= share


def test_attributions_add_up_to_the_difference_of_the_scores(classifier, lesions):
    X, _ = lesions
    quick = copy.copy(classifier).set_params(batch_size=96)
    maps = integrated_gradients(quick, X[:6], target=1, n_steps=200, grid="network")
    inputs = classifier._inputs(X[:6], reset=False)[np.arange(6)]
    scores = predict(score_model(classifier.model_), np.concatenate([inputs, np.zeros_like(inputs)]), 6)[:, 1]
    np.testing.assert_allclose([values.sum() for values in maps], scores[:6] - scores[6:], rtol=0.03, atol=0.03)


def test_occlusion_is_the_mean_fall_over_the_windows(classifier, lesions):
    X, _ = lesions
    [found] = occlusion(classifier, X[:1], target=1, size=7, stride=5)
    image = classifier._inputs(X[:1], reset=False)[np.arange(1)]
    total, n = np.zeros((16, 16)), np.zeros((16, 16))
    for y in (0, 5, 10):
        for x in (0, 5, 10):
            hidden = image.copy()
            hidden[0, y : y + 7, x : x + 7] = 0
            fall = (classifier.model_.predict_on_batch(image) - classifier.model_.predict_on_batch(hidden))[0, 1]
            total[y : y + 7, x : x + 7] += fall
            n[y : y + 7, x : x + 7] += 1
    np.testing.assert_allclose(found, total / n, atol=1e-5)


def test_the_predicted_class_is_asked_about_by_default(classifier, lesions):
    X, _ = lesions
    labels = classifier.predict(X[:4])
    by_default = integrated_gradients(classifier, X[:4], n_steps=2)
    for case, label, values in zip(X[:4], labels, by_default, strict=True):
        [expected] = integrated_gradients(classifier, [case], target=label, n_steps=2)
        np.testing.assert_allclose(values, expected, atol=1e-6)


def test_maps_lie_on_the_grid_of_their_case(classifier):
    X = Cohort([Case(np.random.default_rng(0).normal(size=shape)) for shape in ((20, 30), (12, 9))])
    assert [values.shape for values in grad_cam(classifier, X)] == [(20, 30), (12, 9)]


@pytest.mark.parametrize("explain", [grad_cam, integrated_gradients, occlusion])
def test_maps_may_lie_on_the_grid_of_the_network(classifier, explain):
    X = Cohort([Case(np.random.default_rng(0).normal(size=(20, 30)))])
    assert [values.shape for values in explain(classifier, X, grid="network")] == [(16, 16)]


def test_volumes_are_explained():
    rng = np.random.default_rng(0)
    volumes = rng.normal(size=(16, 8, 10, 12))
    volumes[8:, 2:6, 2:6, 2:6] += 3
    small = {"filters": (4,), "dense": 8, "dropout": 0.0, "epochs": 12, "batch_size": 4, "learning_rate": 0.005}
    model = CNNClassifier((8, 10, 12), random_state=1, **small).fit(volumes, [0] * 8 + [1] * 8)
    for explain, options in ((integrated_gradients, {"n_steps": 4}), (occlusion, {"size": 4})):
        [values] = explain(model, volumes[-1:], target=1, **options)
        assert values.shape == (8, 10, 12)
        assert values[2:6, 2:6, 2:6].mean() > values.mean()


def pooled_convolution(input_shape, n_classes):
    """Network of one convolution, the mean over the volume, and the scores: its Grad-CAM is known by hand."""
    layers = load_keras().layers
    inputs = load_keras().Input(input_shape)
    maps = layers.Conv3D(3, 3, padding="same", name="maps", data_format="channels_last")(inputs)
    scores = layers.Dense(n_classes, name="logits")(layers.GlobalAveragePooling3D(data_format="channels_last")(maps))
    return load_keras().Model(inputs, layers.Activation("softmax")(scores))


def test_grad_cam_weighs_the_maps_of_volumes_by_their_mean_slope():
    volumes = np.random.default_rng(0).normal(size=(4, 4, 5, 6))
    model = CNNClassifier((4, 5, 6), architecture=pooled_convolution, epochs=1, random_state=0)
    model.fit(volumes, [0, 1, 0, 1])
    network = load_keras().Model(model.model_.inputs, model.model_.get_layer("maps").output)
    maps = network.predict_on_batch(model._inputs(model._cohort(volumes, reset=False), reset=False)[np.arange(4)])
    weights = model.model_.get_layer("logits").get_weights()[0][:, 1] / (4 * 5 * 6)
    found = grad_cam(model, volumes, target=1)
    assert max(values.max() for values in found) > 0
    np.testing.assert_allclose(found, np.maximum(maps @ weights, 0), atol=1e-6)


def test_slices_are_explained_on_the_grid_of_the_network():
    volumes = np.random.default_rng(0).normal(size=(4, 8, 10, 12))
    model = CNNClassifier((6, 7), slices=3, filters=(2,), dense=2, epochs=1).fit(volumes, [0, 1, 0, 1])
    assert [values.shape for values in integrated_gradients(model, volumes, n_steps=1)] == [(6, 7)] * 4


def test_a_layer_that_is_not_there_is_told(classifier, lesions):
    for layer in ("conv9", "logits"):
        with pytest.raises(RadlearnError, match=rf"has no layer '{layer}' with feature maps; choose from conv2d"):
            grad_cam(classifier, lesions[0][:1], layer=layer)


def test_a_layer_with_a_shortcut_round_it_is_told(lesions):
    X, y = lesions
    model = CNNClassifier((16, 16), filters=(8, 8), dense=2, epochs=1, architecture="resnet").fit(X, y)
    inside = next(part.name for part in reversed(model.model_.layers) if "conv" in part.name)
    with pytest.raises(RadlearnError, match=f"a shortcut bypasses layer '{inside}'"):
        grad_cam(model, X[:1], layer=inside)
    assert grad_cam(model, X[:1])[0].shape == (16, 16)


def test_a_seen_mask_is_neither_hidden_nor_blamed(lesions):
    X, y = lesions
    model = CNNClassifier((16, 16), filters=(2,), dense=4, epochs=1, with_mask=True, random_state=0).fit(X, y)
    [values] = integrated_gradients(model, X[:1], target=1, n_steps=200)
    seen = model._inputs(X[:1], reset=False)[np.arange(1)]
    empty = seen * [0, 1]
    scores = predict(score_model(model.model_), np.concatenate([seen, empty]).astype(np.float32), 2)[:, 1]
    assert values.sum() == pytest.approx(scores[0] - scores[1], rel=0.03, abs=0.01)


def test_the_last_feature_maps_of_a_backbone_are_looked_at():
    X = np.random.default_rng(0).normal(size=(4, 32, 32))
    model = TransferClassifier("VGG16", input_shape=(32, 32), epochs=1, random_state=0).fit(X, [0, 1, 0, 1])
    inside = [part.name for part in model.model_.get_layer("backbone").layers if len(part.output.shape) == 4]
    last = [name for name in inside if "pool" not in name][-1]
    for maps in zip(grad_cam(model, X), grad_cam(model, X, layer=last), strict=True):
        assert maps[0].shape == (32, 32)
        np.testing.assert_array_equal(*maps)
    assert score_model(model.model_).output_shape == (None, 2)
