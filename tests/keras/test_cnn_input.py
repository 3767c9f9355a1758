"""What CNNClassifier accepts and refuses, before any network is built."""

from copy import copy

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError

pytest.importorskip("radlearn.keras", exc_type=ImportError)

from radlearn import Case, Cohort
from radlearn.exceptions import CohortError, GeometryError, RadlearnWarning
from radlearn.keras import base, fgsm, occlusion, save_network
from radlearn.preprocessing import Augment


def test_balanced_weights_are_those_of_scikit_learn(make_model, squares, monkeypatch):
    X, y = squares
    rare = np.flatnonzero(y == "lesion")[:4]
    chosen = np.concatenate([rare, np.flatnonzero(y == "normal")])
    seen = {}
    monkeypatch.setattr(base.DeepClassifier, "_train", lambda self, feed, *_: seen.update(weights=feed._weights))
    make_model(class_weight="balanced").fit(X[chosen], y[chosen])
    np.testing.assert_allclose(seen["weights"], [20 / 2 / 4] * 4 + [20 / 2 / 16] * 16)


def test_clones_keep_all_parameters(make_model):
    model = make_model(epochs=7, augment=Augment(flip="x"), class_weight={"a": 2.0}, patience=3)
    one, other = (each.get_params() for each in (model, clone(model)))
    assert repr(one.pop("augment")) == repr(other.pop("augment"))
    assert one == other


def test_it_is_a_classifier_for_scikit_learn(make_model):
    assert is_classifier(make_model())


def means_of_inputs(model, X):
    """Mean of each image as the network is given it."""
    inputs = model._inputs(X, reset=True)[np.arange(len(X))]
    assert (inputs.shape, inputs.dtype) == ((len(X), 16, 16, 1), np.float32)
    return inputs.mean(axis=(1, 2, 3))


def test_intensities_may_stay_as_they_are(make_model, squares):
    assert means_of_inputs(make_model(normalize=None), squares[0]).min() > 95


def test_every_image_gets_the_same_mean(make_model, squares):
    np.testing.assert_allclose(means_of_inputs(make_model(normalize="image"), squares[0]), 0, atol=0.05)


def test_the_scale_of_the_cohort_keeps_images_apart(make_model, squares):
    X, y = squares
    means = means_of_inputs(make_model(normalize="cohort"), X)
    assert means.mean() == pytest.approx(0, abs=1e-5)
    assert means[y == "lesion"].min() > means[y == "normal"].max()


def test_volumes_are_refused_with_a_remedy(make_model, squares):
    X, y = squares
    X = Cohort([*X[:31], Case(np.zeros((4, 16, 16)), id="volume")])
    with pytest.raises(
        GeometryError,
        match=r"case 'volume': CNNClassifier takes 2-D images.*choose slices=, or make a case of each slice",
    ):
        make_model().fit(X, y)


def test_colors_are_refused_with_a_remedy(make_model):
    with pytest.raises(GeometryError, match=r"this one has shape \(16, 16, 3\); of colors give the mean, images.mean"):
        make_model().fit(np.zeros((4, 16, 16, 3)), [0, 1, 0, 1])


def test_one_class_is_refused(make_model, squares):
    with pytest.raises(CohortError, match="y has one class only: 'normal'"):
        make_model().fit(squares[0][:2], ["normal", "normal"])


def test_no_label_is_refused(make_model, squares):
    with pytest.raises(CohortError, match="y has no label"):
        make_model().fit(squares[0][:0], [])


@pytest.fixture(scope="module")
def fitted(make_model, squares):
    """Network that is fitted, to be copied before its parameters are changed."""
    return make_model(epochs=1).fit(squares[0][:4], squares[1][:4])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"input_shape": (12, 12)}, r"input_shape is \(12, 12\), but the network was trained with \(16, 16\)"),
        ({"normalize": None}, "normalize is None, but the network was trained with 'image'; set it back, or fit CNNC"),
        ({"normalize": "cohort"}, "normalize is 'cohort', but the network was trained with 'image'"),
        ({"slices": 1}, "slices is 1, but the network was trained with None"),
        ({"with_mask": True}, "with_mask is True, but the network was trained with False"),
        ({"normalize": "imgae"}, "did you mean 'image'"),
        ({"input_shape": "ab"}, "input_shape must be a whole number, got 'a'"),
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"batch_size": "4"}, "batch_size must be a whole number, got '4'"),
        ({"cache_gb": None}, "cache_gb must be a number, got None"),
        ({"n_jobs": 0}, "n_jobs must not be 0"),
    ],
)
def test_parameters_that_do_not_fit_the_network_are_refused(fitted, squares, tmp_path, parameters, message):
    model = copy(fitted).set_params(**parameters)
    for use in (
        lambda: model.predict(squares[0][:1]),
        lambda: occlusion(model, squares[0][:1], target="normal"),
        lambda: fgsm(model, squares[0][:1], ["normal"], epsilon=1),
        lambda: save_network(model, tmp_path / "model.radlearn"),
    ):
        with pytest.raises((ValueError, TypeError), match=message):
            use()


def test_parameters_that_say_how_and_not_what_may_change_after_fit(fitted, squares, tmp_path):
    model = copy(fitted).set_params(batch_size=3, cache_gb=0, memory=tmp_path, n_jobs=2, input_shape=[16, 16], epochs=9)
    np.testing.assert_allclose(model.predict_proba(squares[0]), fitted.predict_proba(squares[0]), atol=1e-6)


def test_an_unfitted_network_says_so(make_model, squares):
    with pytest.raises(NotFittedError):
        make_model().predict(squares[0])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"epochs": 0}, "epochs must be at least 1, got 0"),
        ({"filters": ()}, "filters must be a tuple of at least one number"),
        ({"filters": (4, 8, 16)}, "input_shape must be at least 22, got 16; 3 blocks"),
        ({"dropout": 1}, "dropout must be less than 1"),
        ({"learning_rate": 0}, "learning_rate must be greater than 0"),
        ({"patience": 3}, "patience=3 needs patients to watch, but validation_fraction is 0"),
        ({"augment": True}, "augment must be None, an Augment or a function"),
        ({"normalize": "imgae"}, "did you mean 'image'"),
        ({"architecture": "resnte"}, "did you mean 'resnet'"),
        ({"schedule": "cosinus"}, "did you mean 'cosine'"),
        ({"slices": "ortogonal"}, "did you mean 'orthogonal'"),
        ({"slices": 0}, "slices must be at least 1"),
        ({"input_shape": (8,)}, r"input_shape must be two whole numbers \(y, x\) or three"),
        ({"input_shape": (32, 32, 32), "slices": 3}, "slices=3 are 2-D; give input_shape two numbers"),
        ({"with_mask": True, "slices": 3}, "with_mask=True shows one mask, slices=3 are several views; leave one out"),
        ({"cache_gb": -1}, "cache_gb must be at least 0"),
    ],
)
def test_parameters_are_checked_when_fitting(make_model, squares, parameters, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make_model(**parameters).fit(*squares)


@pytest.mark.parametrize(("slices", "first"), [(1, 3), (2, 3), (3, 2), (4, 2)])
def test_slices_of_volumes_become_channels(make_model, slices, first):
    image = np.arange(6 * 16 * 16.0).reshape(6, 16, 16)
    mask = np.zeros(image.shape, bool)
    mask[3, 2:5, 4:8] = True
    mask[2, 2, 2] = True
    model = make_model(normalize=None, slices=slices)
    [inputs] = model._inputs(Cohort([Case(image, mask)]), reset=True)[np.arange(1)]
    np.testing.assert_allclose(inputs, np.moveaxis(image[first : first + slices], 0, -1))


def test_slices_beyond_the_end_are_the_last_one(make_model):
    image = np.arange(3 * 16 * 16.0).reshape(3, 16, 16)
    mask = np.zeros(image.shape, bool)
    mask[2, 5, 5] = True
    [inputs] = make_model(normalize=None, slices=3)._inputs(Cohort([Case(image, mask)]), reset=True)[np.arange(1)]
    np.testing.assert_allclose(inputs, np.moveaxis(image[[1, 2, 2]], 0, -1))


def test_orthogonal_slices_cross_in_the_center_of_the_mask(make_model):
    image = np.random.default_rng(0).normal(size=(16, 16, 16))
    mask = np.zeros(image.shape, bool)
    mask[2:5, 6:9, 11:14] = True
    model = make_model(normalize=None, slices="orthogonal")
    [inputs] = model._inputs(Cohort([Case(image, mask)]), reset=True)[np.arange(1)]
    expected = np.stack([image[3], image[:, 7], image[:, :, 12]], axis=-1)
    np.testing.assert_allclose(inputs, expected, rtol=1e-6)


def test_orthogonal_slices_cross_in_the_middle_of_a_volume_without_a_mask(make_model):
    image = np.random.default_rng(0).normal(size=(16, 16, 16))
    [inputs] = make_model(normalize=None, slices="orthogonal")._inputs(Cohort([Case(image)]), reset=True)[np.arange(1)]
    np.testing.assert_allclose(inputs, np.stack([image[8], image[:, 8], image[:, :, 8]], axis=-1), rtol=1e-6)


def test_the_mask_may_be_a_channel_that_is_not_scaled(make_model):
    mask = np.zeros((16, 16), bool)
    mask[3:9, 4:12] = True
    cohort = Cohort([Case(np.full((16, 16), 5.0 + n), mask) for n in range(2)])
    for normalize in (None, "cohort"):
        [inputs, _] = make_model(normalize=normalize, with_mask=True)._inputs(cohort, reset=True)[np.arange(2)]
        assert inputs.shape == (16, 16, 2)
        np.testing.assert_array_equal(inputs[..., 1], mask)
        assert inputs[0, 0, 0] == (5 if normalize is None else -1)


def test_whole_images_beside_regions_are_told_if_masks_are_seen(make_model):
    cohort = Cohort([Case(np.eye(16), np.eye(16, dtype=int), id="a"), Case(np.eye(16), id="b")])
    with pytest.warns(RadlearnWarning, match=r"1 of 2 cases have no mask \(first: 'b'\)"):
        [_, whole] = make_model(with_mask=True)._inputs(cohort, reset=True)[np.arange(2)]
    assert whole[..., 1].min() == 1
    make_model()._inputs(cohort, reset=True)


def test_mask_and_image_are_augmented_alike(make_model):
    image = np.zeros((16, 16), np.float32)
    image[3:9, 4:12] = 1
    model = make_model(with_mask=True, augment=Augment(flip="xy", shift=0.2, scale=0, rotate=0, intensity=0, noise=0))
    before = np.stack([image, image], axis=-1)[np.newaxis].repeat(4, axis=0)
    after = model._augmentation()(before, np.random.RandomState(0))
    assert not np.array_equal(after, before)
    assert set(np.unique(after[..., 1])) == {0, 1}
    np.testing.assert_allclose(after[..., 0] > 0.5, after[..., 1] > 0.5)
