import numpy as np
import pytest

pytest.importorskip("radlearn.keras", exc_type=ImportError)

from radlearn import Case, Cohort
from radlearn.exceptions import CohortError, GeometryError
from radlearn.keras import SequenceClassifier
from radlearn.preprocessing import Augment


@pytest.fixture(scope="module")
def make_sequence():
    """SequenceClassifier with a small network."""

    def make(**parameters):
        small = {"filters": (4,), "dense": 8, "dropout": 0.0, "units": 4, "batch_size": 4, "learning_rate": 0.02}
        fixed = {"input_shape": (12, 12), "length": 8, "epochs": 20, "random_state": 0}
        return SequenceClassifier(**{**fixed, **small, **parameters})

    return make


def make_volumes(n_cases, first=0):
    """Noise with 4 to 7 slices; in every second volume, a bright square in one of them."""
    cases = []
    for number in range(first, first + n_cases):
        rng = np.random.default_rng(number)
        image = rng.normal(0, 1, (rng.integers(4, 8), 12, 12))
        if number % 2:
            image[rng.integers(len(image)), 3:9, 3:9] += 4
        cases.append(Case(image, id=f"volume-{number}"))
    return Cohort(cases), np.arange(first, first + n_cases) % 2


@pytest.fixture(scope="module")
def volumes():
    return make_volumes(32)


@pytest.fixture(scope="module")
def visits():
    """Three images of each of 16 patients; in every second patient the last one shows a square."""
    cases = []
    for patient in range(16):
        images = np.random.default_rng(patient).normal(0, 1, (3, 12, 12))
        images[2, 3:9, 3:9] += 4 * (patient % 2)
        cases += [Case(image, id=f"{patient}-{visit}", patient=f"P{patient}") for visit, image in enumerate(images)]
    return Cohort(cases), np.repeat(np.arange(16) % 2, 3)


def test_slices_are_filled_up_to_one_length(make_sequence):
    cohort = Cohort([Case(np.full((n, 12, 12), n, float)) for n in (3, 8)])
    images, present = make_sequence(normalize=None)._inputs(cohort, reset=True)[np.arange(2)]
    assert images.shape == (2, 8, 12, 12, 1)
    assert present.sum(axis=1).tolist() == [3, 8]
    assert images[0, :, 0, 0, 0].tolist() == [3, 3, 3, 0, 0, 0, 0, 0]


def test_of_a_long_volume_slices_at_even_distances_are_read(make_sequence):
    image = np.arange(15.0)[:, None, None] * np.ones((15, 12, 12))
    images, _ = make_sequence(normalize=None)._inputs(Cohort([Case(image)]), reset=True)[np.arange(1)]
    assert images[0, :, 0, 0, 0].tolist() == [0, 2, 4, 6, 8, 10, 12, 14]


def test_the_images_of_a_patient_are_one_sequence(make_sequence, visits):
    X, _ = visits
    images, present = make_sequence(sequence="patient", normalize=None)._inputs(X, reset=True)[np.array([1, 2, 3])]
    np.testing.assert_array_equal(images[0], images[1])
    np.testing.assert_allclose(images[0, :3, ..., 0], [case.load().image for case in X[:3]], rtol=1e-6)
    assert present.sum(axis=1).tolist() == [3, 3, 3]


def test_a_folder_tells_sequences_of_patients_apart(make_sequence, visits, tmp_path):
    X, _ = visits
    at_once = make_sequence(sequence="patient")._inputs(X, reset=True)[np.array([0, 3])]
    for _ in range(2):
        inputs = make_sequence(sequence="patient", memory=tmp_path)._inputs(X, reset=True)
        np.testing.assert_array_equal(inputs[np.array([0, 3])][0], at_once[0])


def test_images_of_one_sequence_are_changed_alike(make_sequence):
    images, present = np.random.default_rng(0).normal(size=(2, 8, 12, 10, 1)).astype(np.float32), np.ones((2, 8))
    seen = []

    def flip(channels, random_state):
        seen.append(channels.shape)
        return channels[:, ::-1]

    changed, still = make_sequence(augment=flip)._augmentation()((images, present), None)
    assert seen == [(2, 12, 10, 8)]
    np.testing.assert_array_equal(changed, images[:, :, ::-1])
    np.testing.assert_array_equal(still, present)


def test_a_patient_is_trained_on_once(make_sequence, visits):
    X, y = visits
    assert make_sequence(sequence="patient")._training_positions(X, y).tolist() == list(range(0, 48, 3))


def test_classes_are_balanced_by_patients_however_many_images_they_have(make_sequence, visits):
    X, y = visits
    chosen = (y == 1) | (np.arange(48) % 3 == 0)  # as many patients of each class, but three times the images
    given, balanced = (
        make_sequence(sequence="patient", epochs=2, class_weight=weight).fit(X[chosen], y[chosen]).predict_proba(X)
        for weight in (None, "balanced")
    )
    np.testing.assert_array_equal(balanced, given)


def test_labels_of_one_patient_must_agree(make_sequence, visits):
    X, _ = visits
    with pytest.raises(CohortError, match="cases '0-0' and '0-1' of one patient have different labels"):
        make_sequence(sequence="patient").fit(X, np.arange(48) % 2)


@pytest.mark.parametrize(
    ("sequence", "shape", "remedy"),
    [("slices", (12, 12), 'for 2-D images choose sequence="patient"'), ("patient", (4, 12, 12), 'sequence="slices"')],
)
def test_cases_of_the_other_kind_are_refused(make_sequence, sequence, shape, remedy):
    X = Cohort([Case(np.eye(12) * np.ones(shape), id=str(n)) for n in range(4)])
    with pytest.raises(GeometryError, match=f"SequenceClassifier takes .*{remedy}"):
        make_sequence(sequence=sequence).fit(X, [0, 1, 0, 1])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"memory_cell": "lstn"}, "did you mean 'lstm'"),
        ({"sequence": "slice"}, "did you mean 'slices'"),
        ({"length": 0}, "length must be at least 1"),
        ({"input_shape": (8, 8, 8)}, r"input_shape must be \(rows, columns\) of each image"),
    ],
)
def test_parameters_are_checked_when_fitting(make_sequence, volumes, parameters, message):
    with pytest.raises(ValueError, match=message):
        make_sequence(**parameters).fit(*volumes)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value"), [("length", 3), ("sequence", "patient"), ("normalize", None), ("input_shape", (10, 10))]
)
def test_sequences_are_made_as_in_training(make_sequence, volumes, name, value):
    model = make_sequence(epochs=1).fit(*volumes).set_params(**{name: value})
    with pytest.raises(ValueError, match=f"{name} is .* the network was trained with .*fit SequenceClassifier again"):
        model.predict(volumes[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    "parameters", [{"memory_cell": "lstm", "bidirectional": True}, {"memory_cell": "gru"}, {"memory_cell": "attention"}]
)
def test_it_finds_the_slice_that_tells(make_sequence, volumes, parameters):
    assert make_sequence(**parameters).fit(*volumes).score(*make_volumes(32, first=100)) > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("memory_cell", ["lstm", "attention"])
def test_fillings_change_nothing(make_sequence, volumes, memory_cell):
    model = make_sequence(memory_cell=memory_cell, epochs=1).fit(*volumes).model_
    rng = np.random.default_rng(0)
    images, present = rng.normal(size=(1, 8, 12, 12, 1)).astype(np.float32), np.float32([[1, 1, 1, 0, 0, 0, 0, 0]])
    others = images.copy()
    others[:, 3:] = rng.normal(size=(1, 5, 12, 12, 1))
    np.testing.assert_allclose(model.predict_on_batch((images, present)), model.predict_on_batch((others, present)))


@pytest.mark.slow
def test_all_cases_of_a_patient_get_one_answer(make_sequence, visits):
    X, y = visits
    model = make_sequence(sequence="patient", augment=Augment(noise=0.1), validation_fraction=0.25).fit(X, y)
    probabilities = model.predict_proba(X).reshape(16, 3, 2)
    np.testing.assert_array_equal(probabilities, probabilities[:, :1].repeat(3, axis=1))
    assert model.score(X, y) > 0.85
