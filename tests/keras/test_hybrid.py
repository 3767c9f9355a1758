import pickle

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import FunctionTransformer

pytest.importorskip("radlearn.keras", exc_type=ImportError)

from radlearn import Case, Cohort
from radlearn.descriptors import IntensityHistogram
from radlearn.exceptions import RadlearnError
from radlearn.keras import HybridClassifier
from radlearn.keras._backend import load_keras
from radlearn.preprocessing import Augment, CropToMask, NyulNormalizer
from radlearn.radiomics import RadiomicsFeatures

POSITIONS = np.arange(32)


@pytest.fixture(scope="module")
def make_hybrid():
    """HybridClassifier with a small network."""

    def make(extractor=None, **parameters):
        small = {"filters": (4,), "dense": 4, "dropout": 0.0, "epochs": 12, "batch_size": 4, "learning_rate": 0.02}
        extractor = IntensityHistogram(bins=4) if extractor is None else extractor
        return HybridClassifier(extractor, **{"input_shape": (16, 16), "random_state": 0, **small, **parameters})

    return make


@pytest.fixture
def regions():
    """Images of the same noise; only the mean of the region, that of the other half of it, tells the classes apart."""
    rng = np.random.default_rng(0)
    mask = np.zeros((16, 16), bool)
    mask[4:12, 4:12] = True
    images = rng.normal(100, 1, (32, 16, 16))
    images[::2] += 3
    return Cohort([Case(image, mask, id=str(n)) for n, image in enumerate(images)]), np.arange(32) % 2


def test_columns_are_scaled_by_the_training_cases(make_hybrid, squares, new_squares):
    hybrid = make_hybrid()
    _, columns = hybrid._inputs(squares[0], reset=True)[POSITIONS]
    table = IntensityHistogram(bins=4).fit_transform(squares[0])
    np.testing.assert_allclose(columns, (table - table.mean(axis=0)) / (table.std(axis=0)), rtol=1e-4, atol=1e-5)
    means = hybrid.column_means_
    hybrid._inputs(new_squares[0], reset=False)
    np.testing.assert_array_equal(hybrid.column_means_, means)


def test_what_is_missing_becomes_the_mean(make_hybrid, squares):
    table = np.random.default_rng(0).normal(size=(32, 3))
    table[:5, 1] = np.nan
    table[:, 2] = np.nan
    hybrid = make_hybrid(FunctionTransformer(lambda cohort: table))
    _, columns = hybrid._inputs(squares[0], reset=True)[POSITIONS]
    np.testing.assert_array_equal(columns[:5, 1], 0)
    np.testing.assert_array_equal(columns[:, 2], 0)
    assert hybrid.column_means_[1] == pytest.approx(np.nanmean(table[:, 1]))


def test_rounding_errors_of_a_constant_column_are_no_deviation(make_hybrid, squares):
    table = np.full((31, 1), 0.1)  # whose sum, divided by the number of cases, is not 0.1
    hybrid = make_hybrid(FunctionTransformer(lambda cohort: table))
    hybrid._inputs(squares[0][:31], reset=True)
    assert hybrid.column_deviations_ == 1
    table[0] = 0.2
    _, columns = hybrid._inputs(squares[0][:31], reset=False)[POSITIONS[:1]]
    assert columns[0] == pytest.approx(0.1)


def test_a_column_that_was_missing_in_training_has_no_effect(make_hybrid, squares):
    table = np.random.default_rng(0).normal(size=(32, 2))
    table[:, 1] = np.nan
    hybrid = make_hybrid(FunctionTransformer(lambda cohort: table))
    hybrid._inputs(squares[0], reset=True)
    table[0, 1] = 1e6
    _, columns = hybrid._inputs(squares[0], reset=False)[POSITIONS]
    np.testing.assert_array_equal(columns[:, 1], 0)


def test_the_number_of_columns_must_stay(make_hybrid, squares):
    hybrid = make_hybrid(FunctionTransformer(lambda cohort: np.ones((len(cohort), len(cohort)))))
    hybrid._inputs(squares[0], reset=True)
    with pytest.raises(RadlearnError, match="gives 4 columns, 32 when the network was trained"):
        hybrid._inputs(squares[0][:4], reset=False)


def test_a_table_without_numbers_is_refused(make_hybrid, squares):
    hybrid = make_hybrid(FunctionTransformer(lambda cohort: np.full((len(cohort), 2), np.nan)))
    with pytest.raises(RadlearnError, match="FunctionTransformer gives no number for any case"):
        hybrid.fit(*squares)


@pytest.mark.slow
def test_columns_tell_what_the_normalized_image_hides(make_hybrid, regions):
    X, y = regions
    hybrid = make_hybrid(RadiomicsFeatures(ndim=2, families=["statistics"])).fit(X, y)
    assert hybrid.score(X, y) == 1
    assert hybrid.predict_proba(X).shape == (32, 2)


@pytest.mark.slow
def test_the_network_alone_sees_the_crop(make_hybrid, regions):
    X, _ = regions
    hybrid = make_hybrid(crop=CropToMask(), normalize=None, input_shape=(8, 8))
    images, _ = hybrid._inputs(X, reset=True)[POSITIONS[:2]]
    np.testing.assert_allclose(images[0, ..., 0], X[0].load().image[4:12, 4:12], rtol=1e-6)


def test_the_crop_learns_from_the_training_cases_alone(make_hybrid, regions):
    X, _ = regions
    hybrid = make_hybrid(crop=NyulNormalizer(region="image"), normalize=None)
    images, _ = hybrid._inputs(X, reset=True)[POSITIONS[:1]]
    again, _ = hybrid._inputs(X[:1], reset=False)[POSITIONS[:1]]
    np.testing.assert_array_equal(again, images)


@pytest.mark.slow
def test_a_fit_that_fails_does_not_mix_two_networks(make_hybrid, regions):
    X, y = regions
    hybrid = make_hybrid(epochs=1, crop=NyulNormalizer(region="image")).fit(X, y)
    bad = Cohort([*X[:31], Case(np.diag(np.full(16, np.inf)), np.eye(16), id="hole")])
    with pytest.raises(RadlearnError, match="case 'hole'"):
        hybrid.fit(bad, y)
    with pytest.raises(NotFittedError):
        hybrid.predict(X)


@pytest.mark.slow
def test_images_are_augmented_and_a_pickle_predicts_the_same(make_hybrid, squares, new_squares):
    hybrid = make_hybrid(augment=Augment(flip="xy"), validation_fraction=0.25).fit(*squares)
    twin = pickle.loads(pickle.dumps(hybrid))
    np.testing.assert_array_equal(twin.predict_proba(new_squares[0]), hybrid.predict_proba(new_squares[0]))


@pytest.mark.slow
def test_an_architecture_of_your_own_sees_both(make_hybrid, squares):
    shapes = {}

    def build(*, input_shape, n_features, n_classes):
        keras = load_keras()
        shapes.update(image=input_shape, columns=n_features)
        image, columns = keras.Input(input_shape), keras.Input((n_features,))
        joined = keras.layers.Concatenate()([keras.layers.Flatten()(image), columns])
        return keras.Model([image, columns], keras.layers.Dense(n_classes, "softmax")(joined))

    assert make_hybrid(architecture=build, epochs=1).fit(*squares).predict(squares[0]).shape == (32,)
    assert shapes["image"] == (16, 16, 1)
    assert shapes["columns"] == len(IntensityHistogram(bins=4).fit(squares[0]).get_feature_names_out())
