# ruff: noqa: NPY002 - the global generators must not be touched
import copy
import importlib.util
import pickle
import pickletools
import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score

pytest.importorskip("radlearn.keras", exc_type=ImportError)

from radlearn import Case
from radlearn.evaluation import StratifiedPatientKFold
from radlearn.exceptions import CohortError, ImageReadError, RadlearnError
from radlearn.keras import base
from radlearn.keras._backend import BACKENDS, load_keras
from radlearn.preprocessing import Augment

pytestmark = pytest.mark.slow  # TensorFlow needs more than a second to trace the smallest network


def test_it_learns_a_simple_task(trained, new_squares):
    X, y = new_squares
    assert roc_auc_score(y == "normal", trained.predict_proba(X)[:, 1]) > 0.9


def test_labels_may_be_strings(trained, new_squares):
    X, y = new_squares
    assert trained.classes_.tolist() == ["lesion", "normal"]
    assert np.mean(trained.predict(X) == y) > 0.8


def test_probabilities_sum_to_one(trained, new_squares):
    probabilities = trained.predict_proba(new_squares[0])
    assert (probabilities.shape, probabilities.dtype) == ((16, 2), np.float64)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)


def test_an_image_is_classified_alone_as_among_others(trained, new_squares):
    X, _ = new_squares
    alone = np.concatenate([trained.predict_proba(X[[position]]) for position in range(3)])
    np.testing.assert_allclose(alone, trained.predict_proba(X)[:3], atol=1e-6)


def test_the_same_seed_gives_the_same_network_bit_for_bit(make_model, squares):
    parameters = {"augment": Augment(flip="x", shift=0.1), "validation_fraction": 0.25}
    one, other = (make_model(**parameters).fit(*squares) for _ in range(2))
    for a, b in zip(one.model_.get_weights(), other.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert one.history_ == other.history_


def test_networks_that_are_trained_in_threads_follow_from_their_seeds(make_model, squares):
    def weights(seed):
        model = make_model(epochs=1, random_state=seed, dropout=0.0)  # PyTorch draws it from one generator
        return model.fit(squares[0][:8], squares[1][:8]).model_.get_weights()

    alone = [weights(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(weights, range(4)))
    for one, other in zip(alone, together, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.fixture(scope="module")
def vote(make_model, squares):
    """The mean of two networks from different seeds."""
    networks = [(f"seed {seed}", make_model(epochs=1, random_state=seed)) for seed in (0, 1)]
    return VotingClassifier(networks, voting="soft").fit(*squares)


@pytest.mark.parametrize("architecture", ["cnn", "resnet", "separable"])
def test_layers_have_the_names_of_the_first_network_of_a_process(make_model, squares, architecture):
    # TensorFlow sums gradients in the order of names, so that the last digits depend on them.
    X, y = squares
    models = [make_model(architecture=architecture, epochs=1).fit(X[:8], y[:8]) for _ in range(2)]
    names = [[layer.name for layer in each.model_.layers] for each in (*models, copy.deepcopy(models[0]))]
    assert names[0] == names[1] == names[2]
    assert {"input_layer", "logits", "dense"} < set(names[0])


def test_an_architecture_keeps_the_names_that_it_gives(make_model, squares):
    X, y = squares

    def build(*, input_shape, n_classes):
        layers = load_keras().layers
        inputs = load_keras().Input(input_shape)
        outputs = layers.Dense(n_classes, activation="softmax")(layers.Flatten(name="flatten_7")(inputs))
        return load_keras().Model(inputs, outputs)

    assert "flatten_7" in {layer.name for layer in make_model(architecture=build, epochs=1).fit(X, y).model_.layers}


def test_another_seed_gives_another_network(vote):
    one, other = vote.estimators_
    assert one.history_ != other.history_


def test_networks_vote(vote, new_squares):
    X, _ = new_squares
    assert vote.classes_.tolist() == ["lesion", "normal"]
    mean = np.mean([network.predict_proba(X) for network in vote.estimators_], axis=0)
    np.testing.assert_array_equal(vote.predict_proba(X), mean)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(vote)).predict_proba(X), mean)


def test_global_random_generators_are_not_touched(make_model, squares):
    states = random.getstate(), np.random.get_state()
    model = make_model(epochs=1, augment=Augment(flip="x")).fit(*squares)
    copy.deepcopy(model).predict(squares[0])
    assert random.getstate() == states[0]
    np.testing.assert_equal(np.random.get_state(), states[1])


def test_history_is_plain(trained):
    assert type(trained.history_) is dict
    assert set(trained.history_) == {"loss", "accuracy"}
    assert all(type(value) is float for values in trained.history_.values() for value in values)
    assert len(trained.history_["loss"]) == 15


def test_the_history_tells_of_all_cases_not_of_the_last_batch(make_model, squares, monkeypatch):
    X, y = squares
    split = base.split_patients(X.patients, (y == "normal").astype(int), 0.25, 0)
    monkeypatch.setattr(base, "split_patients", lambda *_: split)
    parameters = {"validation_fraction": 0.25, "batch_size": 5, "learning_rate": 1e-12, "dropout": 0.0}
    model = make_model(epochs=1, **parameters).fit(X, y)  # which is as it was at the start
    for prefix, chosen in (("", ~split), ("val_", split)):
        probabilities = model.predict_proba(X[chosen])[np.arange(chosen.sum()), (y[chosen] == "normal").astype(int)]
        assert model.history_[f"{prefix}loss"][0] == pytest.approx(-np.log(probabilities).mean(), rel=1e-4)
        assert model.history_[f"{prefix}accuracy"][0] == pytest.approx((probabilities > 0.5).mean())


def test_a_step_of_training_is_traced_once_for_batches_of_all_sizes(make_model, squares, monkeypatch):
    keras = load_keras()
    if keras.backend.backend() != "tensorflow":
        pytest.skip("the other backends need no graph, or have one for each size")
    traces = []

    def recorded(step):
        def traced(model, batch):
            traces.append(step.__name__)
            return step(model, batch)

        return traced

    for step in (keras.Model.train_step, keras.Model.test_step):
        monkeypatch.setattr(keras.Model, step.__name__, recorded(step))
    make_model(batch_size=5, epochs=2, validation_fraction=0.25).fit(*squares)
    assert traces == ["train_step", "test_step"]


def test_keras_goes_on_with_a_trained_network(trained, new_squares):
    X, y = new_squares
    images = trained._inputs(X, reset=False)[np.arange(len(X))]
    _, accuracy = trained.model_.evaluate(images, (y == "normal").astype(int), verbose=0)
    assert accuracy == pytest.approx(trained.score(X, y))


def test_augmentation_sees_the_batches_of_training_only(make_model, squares):
    sizes = []

    def record(images, random_state):
        sizes.append(len(images))
        return images

    make_model(augment=record, epochs=1, batch_size=10, validation_fraction=0.25).fit(*squares).predict(squares[0])
    assert sizes == [10, 10, 4]  # 24 of 32 cases


def test_a_residual_network_may_have_few_filters(make_model, squares):
    # Convolutions of side 1 with strides damage memory on PyTorch 2.13 then.
    model = make_model(architecture="resnet", filters=(2, 4), epochs=2).fit(*squares)
    assert np.isfinite(model.predict_proba(squares[0])).all()


def test_class_weights_move_the_decision(make_model, squares, new_squares):
    shares = [
        make_model(class_weight=weight, epochs=2).fit(*squares).predict_proba(new_squares[0])[:, 0].mean()
        for weight in (None, {"lesion": 20, "normal": 1})
    ]
    assert shares[1] > shares[0] + 0.1


def test_cases_of_no_weight_do_not_count(make_model, squares):
    X, y = squares
    model = make_model(epochs=2).fit(X, y, sample_weight=(y == "lesion").astype(float))
    assert set(model.predict(X)) == {"lesion"}


@pytest.mark.parametrize(
    ("parameters", "sample_weight", "message"),
    [({}, -1.0, "sample_weight must not be negative, got -1"), ({"class_weight": {"lesion": -2, "normal": 1}}, None,
     "class_weight must not be negative, got -2")],
)  # fmt: skip
def test_weights_below_zero_are_refused(make_model, squares, parameters, sample_weight, message):
    with pytest.raises(ValueError, match=message):
        make_model(**parameters).fit(*squares, sample_weight=sample_weight)


@pytest.mark.parametrize("learning_rate", [np.float32(0.01), np.int64(1), 1])
def test_the_learning_rate_may_be_any_number(make_model, squares, learning_rate):
    X, y = squares
    assert make_model(learning_rate=learning_rate, epochs=1).fit(X[:8], y[:8]).classes_.size == 2


def test_no_case_to_predict_is_an_error(trained):
    with pytest.raises(CohortError, match="there is no case to predict"):
        trained.predict([])


@pytest.mark.parametrize(
    ("augment", "message"),
    [
        (
            lambda images, _: images[:, :8],
            r"images of shape \(4, 16, 16, 1\), and returned an array of shape \(4, 8, 16, 1\)",
        ),
        (lambda images, _: None, r"an array of shape \(\) and type object"),
        (lambda images, _: images * np.nan, "augment returned NaN"),
    ],
)
def test_what_augment_returns_is_checked(make_model, squares, augment, message):
    with pytest.raises(ValueError, match=message):
        make_model(augment=augment).fit(*squares)


def test_early_stopping_holds_out_patients_not_cases(make_model, squares, monkeypatch):
    X, y = squares
    splits = []

    def record(patients, *arguments):
        splits.append((patients, split_patients(patients, *arguments)))
        return splits[-1][1]

    split_patients = base.split_patients
    monkeypatch.setattr(base, "split_patients", record)
    make_model(validation_fraction=0.25, patience=1).fit(X, y)
    ((patients, held_out),) = splits
    assert patients.tolist() == X.patients.tolist()
    assert held_out.sum() == 8
    assert not set(patients[held_out]) & set(patients[~held_out])


def test_early_stopping_goes_back_to_the_best_epoch(make_model, squares):
    model = make_model(validation_fraction=0.25, patience=2, epochs=60, learning_rate=0.03).fit(*squares)
    losses = model.history_["val_loss"]
    assert len(losses) < 60
    assert len(losses) == np.argmin(losses) + 1 + 2


def test_copies_and_pickles_predict_the_same(trained, new_squares):
    X, _ = new_squares
    for twin in (copy.deepcopy(trained), pickle.loads(pickle.dumps(trained)), copy.copy(trained)):
        np.testing.assert_array_equal(twin.predict_proba(X), trained.predict_proba(X))


def test_a_pickle_that_was_not_used_can_be_pickled_again(trained, new_squares):
    twin = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(trained))))
    np.testing.assert_array_equal(twin.predict(new_squares[0]), trained.predict(new_squares[0]))


def test_threads_find_one_whole_network_in_a_pickle(trained, new_squares):
    twin = pickle.loads(pickle.dumps(trained))
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: twin.model_, range(4)))
    assert all(model is found[0] for model in found)
    np.testing.assert_array_equal(twin.predict_proba(new_squares[0]), trained.predict_proba(new_squares[0]))


def test_a_pickle_holds_arrays_and_no_model(trained):
    words = {argument for _, argument, _ in pickletools.genops(pickle.dumps(trained)) if isinstance(argument, str)}
    modules = {word.partition(".")[0] for word in words}
    assert not {"keras", "tensorflow", "torch", "jax", "jaxlib"} & modules


@pytest.mark.parametrize("backend", BACKENDS)
def test_another_process_predicts_the_same_on_any_backend(trained, new_squares, tmp_path, run_python, backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    X, _ = new_squares
    (tmp_path / "model.pkl").write_bytes(pickle.dumps((trained, X)))
    code = f"""
import json, pickle
with open({str(tmp_path / "model.pkl")!r}, "rb") as file:
    model, X = pickle.load(file)
print(json.dumps(model.predict_proba(X).tolist()))
"""
    np.testing.assert_allclose(run_python(code, KERAS_BACKEND=backend), trained.predict_proba(X), atol=1e-6)


def test_cross_validation_and_search_work_on_a_cohort(make_model, squares):
    X, y = squares
    search = GridSearchCV(make_model(), {"epochs": [1, 12]}, scoring="roc_auc", cv=StratifiedPatientKFold(2))
    search.fit(X, y)
    assert search.best_params_ == {"epochs": 12}
    assert search.best_score_ > 0.8


def test_a_search_works_in_two_processes(make_model, squares):
    X, y = squares
    options = {"scoring": "roc_auc", "cv": StratifiedPatientKFold(2), "refit": False}
    one, two = (GridSearchCV(make_model(), {"epochs": [1, 4]}, n_jobs=n_jobs, **options).fit(X, y) for n_jobs in (1, 2))
    np.testing.assert_allclose(
        two.cv_results_["mean_test_score"], one.cv_results_["mean_test_score"], atol=0.02
    )  # results follow from the number of threads, which is not the same in a process of many


def test_a_warm_start_goes_on_where_the_network_is(make_model, squares):
    X, y = squares
    model = make_model(epochs=6, warm_start=True, dropout=0.0).fit(X, y)
    first = model.history_["loss"]
    assert model.fit(X, y).history_["loss"][0] < first[0] / 2
    assert model.fit(X, np.where(y == "lesion", "illness", y)).history_["loss"][0] == pytest.approx(first[0], rel=1e-3)


@pytest.mark.parametrize("schedule", ["plateau", lambda epoch, rate: rate * 0.5])
def test_schedules_lower_the_learning_rate(make_model, squares, schedule):
    model = make_model(epochs=3, schedule=schedule, learning_rate=0.02).fit(*squares)
    rate = float(model.model_.optimizer.learning_rate)
    assert rate == pytest.approx(0.02 if schedule == "plateau" else 0.02 / 8)


def test_an_architecture_may_be_a_function(make_model, squares, new_squares):
    def build(*, input_shape, n_classes):
        keras = load_keras()
        layers = [keras.layers.AveragePooling2D(4), keras.layers.Flatten(), keras.layers.Dense(n_classes, "softmax")]
        return keras.Sequential([keras.Input(input_shape), *layers])

    model = make_model(architecture=build, epochs=30).fit(*squares)
    assert model.score(*new_squares) > 0.8


@pytest.mark.parametrize(
    ("width", "activation", "message"),
    [
        (1, "sigmoid", r"must give 2 probabilities, its output has the shape \(None, 1\); let it end with"),
        (2, None, r"its last layer is linear; let it end with keras.layers.Dense\(2, activation=\"softmax\"\)"),
    ],
)
def test_an_architecture_without_probabilities_is_refused(make_model, squares, width, activation, message):
    def build(*, input_shape, n_classes):
        keras = load_keras()
        layers = [keras.layers.Flatten(), keras.layers.Dense(width, activation)]
        return keras.Sequential([keras.Input(input_shape), *layers])

    with pytest.raises(ValueError, match=message):
        make_model(architecture=build).fit(*squares)


def test_an_architecture_that_is_no_network_is_refused(make_model, squares):
    with pytest.raises(TypeError, match=r"architecture must build a keras.Model, it gave None"):
        make_model(architecture=lambda **_: None).fit(*squares)


def test_one_score_per_fold_of_cross_validation(make_model, squares):
    scores = cross_val_score(make_model(epochs=1), *squares, scoring="roc_auc", cv=StratifiedPatientKFold(2))
    assert np.isfinite(scores).all()


def test_the_scale_of_the_cohort_is_learned_when_fitting_only(make_model, squares, new_squares):
    model = make_model(normalize="cohort", epochs=1).fit(*squares)
    scale = model.intensity_scale_
    model.predict(new_squares[0])
    assert model.intensity_scale_ == scale


def test_a_constant_image_is_classified(trained):
    assert np.isfinite(trained.predict_proba([np.full((20, 20), 7.0)])).all()


def test_an_image_beyond_single_precision_is_refused_by_name(make_model, squares):
    model = make_model(normalize=None, epochs=1).fit(*squares)
    X = [squares[0][0], Case(np.diag(np.full(16, 1e39)), id="huge")]
    with pytest.raises(
        ImageReadError, match=r"case 'huge': the image holds intensities beyond single precision.*scale"
    ):
        model.predict(X)


def test_a_network_that_gives_nan_has_no_answer(make_model, squares):
    model = make_model(epochs=1).fit(*squares)
    model.model_.set_weights([np.full_like(weights, np.nan) for weights in model.model_.get_weights()])
    with pytest.raises(RadlearnError, match="case 'odd': the network gives NaN for the image"):
        model.predict([Case(np.eye(16), id="odd")])


def test_nan_is_refused_by_name(trained):
    image = np.ones((16, 16))
    image[3, 3] = np.nan
    with pytest.raises(ImageReadError, match="case 'hole': the image holds NaN or infinity"):
        trained.predict([Case(image, id="hole")])


def test_a_diverging_training_is_an_error(make_model, squares):
    with pytest.raises(RadlearnError, match=r"the training diverged: the loss is .*; lower learning_rate"):
        make_model(learning_rate=1e30).fit(*squares)


def test_a_network_that_diverged_is_not_fitted(make_model, squares):
    model = make_model(epochs=1).fit(*squares).set_params(learning_rate=1e30, epochs=4)
    with pytest.raises(RadlearnError, match="diverged"):
        model.fit(*squares)
    with pytest.raises(NotFittedError):
        model.predict(squares[0])


def test_a_network_is_trained_on_what_augment_makes_of_each_batch(make_model, squares, new_squares):
    augment = Augment(flip="xy", rotate=20, noise=0.2)
    changed, unchanged = (
        clone(make_model(epochs=1, augment=each)).fit(*squares).predict_proba(new_squares[0])
        for each in (augment, None)
    )
    assert np.isfinite(changed).all()
    assert not np.allclose(changed, unchanged, atol=1e-3)
